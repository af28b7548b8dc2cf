package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Concise writes one line a finding, as compilers do.
func Concise(w io.Writer, r Report) error {
	var b bytes.Buffer
	for _, f := range r.shown() {
		b.WriteString(conciseLine(f))
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

func conciseLine(f *rule.Finding) string {
	return fmt.Sprintf("%s: %s: %s [%s]", visible(f.At.String()), level(f), visible(f.Message), f.Rule.ID)
}
