package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// frames draws the evidence of one finding: each step in order under the line
// of source it speaks of. Consecutive steps in one file share its header, steps
// on one line share the line; the line of the primary place always has a header
// with the position of that place, so that it can be clicked and searched for.
type frames struct {
	b      *bytes.Buffer
	paint  palette
	limit  int    // columns of source
	gutter int    // columns of line numbers
	file   string // of the last header
	line   int    // last line drawn whole under that header
}

// step is one place to draw.
type step struct {
	at      source.Span
	label   string
	primary bool
}

// steps returns the evidence of a finding as it is drawn. Where there is more
// than one step they are numbered. A primary place that is no step comes last.
func steps(f *rule.Finding) []step {
	primary := primaryStep(f)
	var all []step
	for i, n := range f.Path {
		label := visible(n.Text)
		if len(f.Path) > 1 {
			label = strings.TrimRight(strconv.Itoa(i+1)+"  "+label, " ")
		}
		all = append(all, step{n.At, label, i == primary})
	}
	if primary < 0 {
		all = append(all, step{f.At, "", true})
	}
	return all
}

// primaryStep returns the index of the step at the primary place, the last one
// where there are several, or -1.
func primaryStep(f *rule.Finding) int {
	for i := len(f.Path) - 1; i >= 0; i-- {
		if f.Path[i].At == f.At {
			return i
		}
	}
	return -1
}

// draw draws the steps.
func (d *frames) draw(all []step) {
	for _, s := range all {
		d.gutter = max(d.gutter, len(strconv.Itoa(lastLine(s.at))))
	}
	for i, s := range all {
		d.header(all[i:])
		if s.at.File.Err() != nil {
			d.note(s)
			continue
		}
		d.snippet(s)
	}
}

// header names the place of the first step, unless the header above does.
func (d *frames) header(steps []step) {
	at := steps[0].at
	line := at.Begin().Line
	sameFile := d.file == at.File.Path && line >= d.line
	if sameFile && line == d.line {
		return
	}
	primary := false
	for _, s := range steps {
		if s.at.File != at.File || s.at.Begin().Line != line {
			break
		}
		if s.primary {
			primary, at = true, s.at
		}
	}
	if sameFile && !primary {
		return
	}
	d.file, d.line = at.File.Path, 0
	fmt.Fprintf(d.b, "%*s %s %s\n", d.gutter, "", d.paint.frame("┌─"), visible(at.String()))
}

// note draws a step whose source is not at hand.
func (d *frames) note(s step) {
	at := strconv.Itoa(s.at.Begin().Line)
	fmt.Fprintf(d.b, "%s %s\n", d.paint.frame(fmt.Sprintf("%*s │", d.gutter, at)), d.mark(s, "", s.label))
}

// snippet draws the first line of a step and, if it has more, the last one.
func (d *frames) snippet(s step) {
	first, last := s.at.Begin().Line, lastLine(s.at)
	line := s.at.File.Line(first)
	if first == last {
		d.source(s, first, s.at.Start-line.Start, s.at.End-line.Start, s.label)
		return
	}
	d.source(s, first, s.at.Start-line.Start, line.Len(), "…")
	if last > first+1 {
		fmt.Fprintln(d.b, d.paint.frame(fmt.Sprintf("%*s ┆", d.gutter, "")))
	}
	line = s.at.File.Line(last)
	text := line.Text()
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	end := min(s.at.End-line.Start, line.Len())
	d.source(s, last, min(indent, end), end, s.label)
}

// lastLine returns the line of the last byte of a span; a newline belongs to
// the line it ends.
func lastLine(at source.Span) int {
	if at.Len() == 0 {
		return at.Begin().Line
	}
	return at.File.Position(at.End - 1).Line
}

// source draws one line with the bytes from start to end marked.
func (d *frames) source(s step, n, start, end int, label string) {
	text := s.at.File.Line(n).Text()
	cut := newStrip(text, min(start, len(text)), min(end, len(text)), d.limit)
	if cut.cut || d.line != n {
		number := d.paint.frame(fmt.Sprintf("%*d │", d.gutter, n))
		d.b.WriteString(strings.TrimRight(number+" "+cut.text, " ") + "\n")
		d.line = n
	}
	mark := "-"
	if s.primary {
		mark = "^"
	}
	indent := strings.Repeat(" ", cut.from)
	marks := strings.Repeat(mark, cut.to-cut.from)
	if label != "…" {
		label = strings.TrimRight(" "+label, " ")
	}
	fmt.Fprintf(d.b, "%s %s%s\n", d.paint.frame(fmt.Sprintf("%*s │", d.gutter, "")), indent, d.mark(s, marks, label))
}

// mark paints what belongs to a step.
func (d *frames) mark(s step, marks, label string) string {
	if s.primary {
		return d.paint.primary(marks + label)
	}
	return d.paint.frame(marks) + label
}
