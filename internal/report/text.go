package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// After how many columns a line of source is cut: where nothing is said, and at
// most.
const (
	defaultWidth = 120
	maxWidth     = 1000
)

// maxUnjudged is how many lines "not judged" takes at most.
const maxUnjudged = 20

// Text returns the writer for people: each finding with every step of its
// evidence, what they will see, how to mend it; then the counts, and what could
// not be judged.
func Text(o Options) Writer {
	return func(w io.Writer, r Report) error {
		var b bytes.Buffer
		for _, f := range r.shown() {
			textFinding(&b, f, o)
		}
		textCounts(&b, r, o.Elapsed)
		textUnjudged(&b, r.Unjudged)
		_, err := w.Write(b.Bytes())
		return err
	}
}

func textFinding(b *bytes.Buffer, f *rule.Finding, o Options) {
	paint := palette{on: o.Color, level: level(f)}
	limit := min(o.Width, maxWidth)
	if limit <= 0 {
		limit = defaultWidth
	}
	title := paint.primary(fmt.Sprintf("%s[%s]", level(f), f.Rule.ID))
	fmt.Fprintf(b, "%s: %s\n", title, paint.strong(visible(f.Message)))
	d := &frames{b: b, paint: paint, limit: limit}
	d.draw(steps(f))
	for _, line := range textNotes(f) {
		fmt.Fprintf(b, "%*s %s %s\n", d.gutter, "", paint.frame("="), line)
	}
	b.WriteByte('\n')
}

// textNotes returns what stands below the evidence of a finding.
func textNotes(f *rule.Finding) []string {
	var notes []string
	for _, line := range strings.Split(f.Result, "\n") {
		if line != "" {
			notes = append(notes, "you see: "+visible(line))
		}
	}
	for _, n := range f.Related {
		notes = append(notes, "see also: "+noteLine(n))
	}
	for i, fix := range f.Fixes {
		notes = append(notes, textFix(fix, i == 0))
	}
	return append(notes, "more: seaworthy explain "+f.Rule.ID)
}

// textFix says how a finding can be mended, with the command for the fix that
// the command applies: the first.
func textFix(fix rule.Fix, first bool) string {
	label, safety, command := "or: ", "unsafe", "seaworthy fix --unsafe"
	if first {
		label = "fix: "
	}
	if fix.Safe {
		safety, command = "safe", "seaworthy fix"
	}
	line := label + visible(fix.Title)
	if len(fix.Edits) == 0 {
		return line
	}
	line += " (" + safety + ")"
	if first {
		line += "   " + command
	}
	return line
}

// textCounts writes the line that sums up.
func textCounts(b *bytes.Buffer, r Report, elapsed time.Duration) {
	c := r.Counts()
	line := countWords(c)
	if files := filesWithFindings(r); files > 0 {
		line += " in " + plural(files, "file")
	}
	parts := []string{line}
	if c.Files > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s judged", c.Judged, plural(c.Files, "file")))
	}
	if r.Tool.Resolve != "" {
		parts = append(parts, "with --resolve="+r.Tool.Resolve)
	}
	if elapsed > 0 {
		parts = append(parts, fmt.Sprintf("%.2f s", elapsed.Seconds()))
	}
	if c.Hidden > 0 {
		parts = append(parts, fmt.Sprintf("%d hidden (--profile audit)", c.Hidden))
	}
	if c.Suppressed > 0 {
		parts = append(parts, fmt.Sprintf("%d suppressed", c.Suppressed))
	}
	if r.Base != "" {
		parts = append(parts, fmt.Sprintf("%d known from %.12s", c.Known, r.Base))
	}
	b.WriteString(strings.Join(parts, " · ") + "\n")
}

// countWords says how many findings are shown, as "2 errors, 1 warning".
func countWords(c Counts) string {
	var words []string
	for _, n := range []struct {
		count int
		noun  string
	}{{c.Errors, "error"}, {c.Warnings, "warning"}, {c.Notes, "note"}} {
		if n.count > 0 {
			words = append(words, plural(n.count, n.noun))
		}
	}
	if len(words) == 0 {
		return "no findings"
	}
	return strings.Join(words, ", ")
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func filesWithFindings(r Report) int {
	files := map[string]bool{}
	for _, f := range r.shown() {
		files[f.At.File.Path] = true
	}
	return len(files)
}

// textUnjudged lists what could not be judged: each matter once, with its first
// places and what would settle it.
func textUnjudged(b *bytes.Buffer, unjudged []rule.Unjudged) {
	matters := groupUnjudged(unjudged)
	for i, m := range matters {
		if i == maxUnjudged {
			fmt.Fprintf(b, "not judged: %d more, listed by --format json\n", len(matters)-i)
			return
		}
		b.WriteString("not judged: " + m.String() + "\n")
	}
}

// matter is something unknown and the places where it matters.
type matter struct {
	text, hint string
	places     []string
}

// groupUnjudged gathers the places of each matter, in order of appearance.
func groupUnjudged(unjudged []rule.Unjudged) []*matter {
	type key struct{ text, hint string }
	seen := map[key]*matter{}
	var matters []*matter
	for _, u := range unjudged {
		k := key{u.Text, u.Hint}
		if seen[k] == nil {
			seen[k] = &matter{text: u.Text, hint: u.Hint}
			matters = append(matters, seen[k])
		}
		if u.At.Valid() {
			seen[k].places = append(seen[k].places, u.At.String())
		}
	}
	return matters
}

// String returns the matter on one line.
func (m *matter) String() string {
	const most = 3
	var line string
	for i, place := range m.places {
		if i == most {
			line += fmt.Sprintf(" and %s", plural(len(m.places)-i, "other place"))
			break
		}
		if i > 0 {
			line += ", "
		}
		line += visible(place)
	}
	if line != "" {
		line += ": "
	}
	line += visible(m.text)
	if m.hint != "" {
		line += " (" + visible(m.hint) + ")"
	}
	return line
}

// palette paints text for a terminal, or leaves it as it is.
type palette struct {
	on    bool
	level rule.Severity
}

func (p palette) sgr(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p palette) strong(s string) string { return p.sgr("1", s) }
func (p palette) frame(s string) string  { return p.sgr("34", s) }

// primary paints in the colour of the severity.
func (p palette) primary(s string) string {
	switch p.level {
	case rule.Error:
		return p.sgr("1;31", s)
	case rule.Warning:
		return p.sgr("1;33", s)
	}
	return p.sgr("1;36", s)
}
