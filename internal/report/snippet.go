package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// tabStop is the distance of tab stops in snippets, in columns.
const tabStop = 4

// cell is one character of a line of source as a terminal shows it.
type cell struct {
	text  string
	at    int // offset in the line
	size  int // bytes
	width int // columns
}

// strip is a line of source, made fit to be shown, with one part of it marked.
type strip struct {
	text     string
	from, to int  // columns of the mark; at least one
	cut      bool // the line was too long: text is the part around the mark
}

// newStrip lays out a line and marks its bytes from start to end. A line of
// more than limit columns is cut around the start of the mark.
func newStrip(line string, start, end, limit int) strip {
	cells, total := layout(line)
	from, to := total, total
	column := 0
	for _, c := range cells {
		if c.at < end && c.at+c.size > start {
			from = min(from, column)
			to = column + c.width
		}
		if start == end && c.at == start {
			from = column
		}
		column += c.width
	}
	if start == end || to <= from {
		to = from + 1
	}
	if total <= limit {
		return strip{text: strings.TrimRight(join(cells), " "), from: from, to: to}
	}
	return cutStrip(cells, from, to, limit)
}

// cutStrip keeps the cells around the mark, a fifth of them before it.
func cutStrip(cells []cell, from, to, limit int) strip {
	first := 0
	if to > limit {
		first = max(0, from-limit/5)
	}
	s := strip{cut: true}
	var kept []cell
	column, start, end := 0, -1, 0
	for _, c := range cells {
		if column >= first && column+c.width <= first+limit {
			if start < 0 {
				start = column
			}
			kept = append(kept, c)
			end = column + c.width
		}
		column += c.width
	}
	s.text = join(kept)
	s.from, s.to = from-start, min(to, max(end, from+1))-start
	if start > 0 {
		s.text = "…" + s.text
		s.from, s.to = s.from+1, s.to+1
	}
	if end < column {
		s.text += "…"
	}
	return s
}

// layout splits a line into cells: tabs become blanks up to the next stop, what
// cannot be shown an escape.
func layout(line string) (cells []cell, total int) {
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		c := cell{at: at, size: size}
		if r == '\t' {
			c.text = strings.Repeat(" ", tabStop-total%tabStop)
			c.width = len(c.text)
		} else {
			c.text = visible(line[at : at+size])
			c.width = columns(c.text)
		}
		cells = append(cells, c)
		total += c.width
		at += size
	}
	return cells, total
}

func join(cells []cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.text)
	}
	return b.String()
}

// columns returns how many columns of a terminal a text takes: two for a wide
// character, none for a combining one.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			if !unicode.In(r, unicode.Mn, unicode.Me) {
				n++
			}
		}
	}
	return n
}
