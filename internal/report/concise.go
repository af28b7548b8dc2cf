package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Concise writes one line a finding, as compilers do.
func Concise(w io.Writer, r Report) error { return writeConcise(w, r.shown()) }

func writeConcise(w io.Writer, findings []*rule.Finding) error {
	var b bytes.Buffer
	for _, f := range findings {
		b.WriteString(conciseLine(f))
		b.WriteByte('\n')
	}
	_, err := w.Write(b.Bytes())
	return err
}

func conciseLine(f *rule.Finding) string {
	return fmt.Sprintf("%s: %s: %s [%s]", visible(f.At.String()), level(f), visible(f.Message), f.Rule.ID)
}

// noteLine returns a place and what it contributes, on one line.
func noteLine(n fact.Note) string {
	if n.Text == "" {
		return visible(n.At.String())
	}
	return visible(n.At.String()) + ": " + visible(n.Text)
}
