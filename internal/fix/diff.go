package fix

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff writes the changes as a unified diff that "git apply" and "patch -p1"
// take.
func Diff(w io.Writer, changes []Change) error {
	var out bytes.Buffer
	for _, c := range changes {
		from, to := quoted("a/"+c.File.Path), quoted("b/"+c.File.Path)
		fmt.Fprintf(&out, "diff --git %s %s\n--- %s\n+++ %s\n", from, to, label(from), label(to))
		out.Write(hunks(c))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// hunks returns the diff without the three lines that name the files: the
// library does not quote names.
func hunks(c Change) []byte {
	rest := diff.Diff("a", c.File.Data(), "b", c.New)
	for range 3 {
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	return rest
}

// quoted writes a name as git does: in quotes, with escapes, if it has bytes
// that would be taken for something else.
func quoted(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return r < ' ' || r >= 0x7f || r == '"' || r == '\\' }) < 0 {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// label ends a name that holds blanks with a tab, which tells patch where it
// ends.
func label(name string) string {
	if strings.Contains(name, " ") && !strings.HasPrefix(name, `"`) {
		return name + "\t"
	}
	return name
}
