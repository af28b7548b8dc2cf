// Package systemd reads unit files and drop-ins as systemd's own parser does,
// with a place in the file for every word. It knows which lines systemd drops
// with a warning, which make it refuse the file, and which values it rejects.
//
// What is encoded here was read in systemd 257.13 (src/shared/conf-parser.c,
// src/basic/extract-word.c, src/core/load-fragment.c and what they call), and
// tests compare it with `systemd-analyze verify`.
package systemd

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// blanks are the bytes that systemd strips from lines, keys and values.
const blanks = " \t\n\r"

// maxLine is the length in bytes at which systemd gives up on a line, and with
// it on the file. It holds for lines and for what continuations join.
const maxLine = 1 << 20

const byteOrderMark = "\xef\xbb\xbf"

// File is one unit file or drop-in, up to the line at which systemd stops.
type File struct {
	Source *source.File
	// Type is what the path says of the kind of unit: "service", "slice", ….
	// It is empty where the path says nothing.
	Type     string
	Sections []Section // as written; a name may come more than once
	Problems []Problem
	// Refused is the problem at which systemd stops reading, or nil. A unit
	// file that is refused does not load; of a drop-in that is refused what
	// stands before the place stays in force.
	Refused *Problem
}

// Problem is a line that systemd drops, or at which it gives up on the file.
type Problem struct {
	source.Problem      // in systemd's words
	Fatal          bool // systemd stops reading here
}

// Section is a header and the assignments up to the next one.
type Section struct {
	Name   string
	At     source.Span // the header with its brackets
	NameAt source.Span
	// Ignored says that units of this type have no such section: systemd
	// skips it, silently if the name starts with "X-".
	Ignored     bool
	Assignments []Assignment
}

// Assignment is one Key=value, which may stand on several lines.
type Assignment struct {
	Section string
	At      source.Span // from the key to the end of the value
	Key     string
	KeyAt   source.Span
	Value   *source.Joined // without blanks around it
	ValueAt source.Span    // of an empty value the place where it would stand
}

// Parse reads a unit file or drop-in. It never fails.
func Parse(f *source.File) *File {
	p := &parser{file: &File{Source: f, Type: TypeOf(f.Path)}, data: f.Data()}
	p.run()
	return p.file
}

type parser struct {
	file *File
	data []byte

	bom     bool           // a byte order mark was skipped
	pending *source.Joined // lines that end in a backslash so far
	section *Section       // nil before the first header
}

func (p *parser) run() {
	for pos := 0; pos < len(p.data) && p.file.Refused == nil; {
		end, next := lineEnd(p.data, pos)
		p.physical(pos, end, next)
		pos = next
	}
	if p.pending != nil && p.file.Refused == nil {
		p.logical(p.pending)
	}
}

// lineEnd returns where the line at pos ends and where the next one starts.
// systemd takes \n, \r and NUL for an end of line, and different ones in a row
// for one of them (read_line_full in src/basic/fileio.c).
func lineEnd(data []byte, pos int) (end, next int) {
	for end = pos; end < len(data) && !isLineEnd(data[end]); end++ {
	}
	seen := ""
	for next = end; next < len(data) && isLineEnd(data[next]); next++ {
		c := string(data[next])
		if strings.HasSuffix(seen, "\x00") || strings.Contains(seen, c) {
			break
		}
		seen += c
	}
	return end, next
}

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' || c == 0 }

// physical reads the line data[start:end]; the next one starts at next.
func (p *parser) physical(start, end, next int) {
	src := p.file.Source
	if end-start >= maxLine {
		p.refuse(src.Span(start, end), "Line too long")
		return
	}
	line := p.data[start:end]
	if first := bytes.TrimLeft(line, blanks); len(first) > 0 && (first[0] == '#' || first[0] == ';') {
		return // also within a continuation
	}
	if !p.bom && bytes.HasPrefix(line, []byte(byteOrderMark)) {
		p.bom = true
		start += len(byteOrderMark)
	}
	joined := p.pending
	if joined == nil {
		joined = &source.Joined{}
	} else if len(joined.Text)+end-start > maxLine {
		p.refuse(src.Span(start, end), "Continuation line too long")
		return
	}
	if continues(p.data[start:end]) {
		joined.Append(src.Span(start, end-1))
		joined.AppendAs(" ", src.Span(end-1, next))
		p.pending = joined
		return
	}
	joined.Append(src.Span(start, end))
	p.pending = nil
	p.logical(joined)
}

// continues reports whether a line ends in an odd number of backslashes.
func continues(line []byte) bool {
	n := 0
	for n < len(line) && line[len(line)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// logical reads a whole line, continuations joined.
func (p *parser) logical(j *source.Joined) {
	start, end := trim(j.Text, 0, len(j.Text))
	line := j.Text[start:end]
	switch {
	case line == "":
	case !validUTF8(line):
		p.refuse(j.Span(start, end), "String is not UTF-8 clean, ignoring assignment: "+replaceInvalid(line))
	case line[0] == '[':
		p.header(j, start, end)
	case p.section == nil:
		p.warn(j.Span(start, end), "Assignment outside of section. Ignoring.")
	default:
		p.assignment(j, start, end)
	}
}

func (p *parser) header(j *source.Joined, start, end int) {
	line, at := j.Text[start:end], j.Span(start, end)
	if line[len(line)-1] != ']' {
		p.refuse(at, fmt.Sprintf("Invalid section header '%s'", line))
		return
	}
	s := Section{Name: line[1 : len(line)-1], At: at, NameAt: j.Span(start+1, end-1)}
	if !isSafe(s.Name) {
		p.refuse(at, fmt.Sprintf("Bad characters in section header '%s'", line))
		return
	}
	if !slices.Contains(sectionsOf(p.file.Type), s.Name) {
		s.Ignored = true
		if !strings.HasPrefix(s.Name, "X-") {
			p.warn(s.NameAt, fmt.Sprintf("Unknown section '%s'. Ignoring.", s.Name))
		}
	}
	p.file.Sections = append(p.file.Sections, s)
	p.section = &p.file.Sections[len(p.file.Sections)-1]
}

func (p *parser) assignment(j *source.Joined, start, end int) {
	line := j.Text[start:end]
	eq := strings.IndexByte(line, '=')
	if eq <= 0 {
		if p.section.Ignored {
			return
		}
		text := "Missing '=', ignoring line."
		if eq == 0 {
			text = "Missing key name before '=', ignoring line."
		}
		p.warn(j.Span(start, end), text)
		return
	}
	eq += start
	_, keyEnd := trim(j.Text, start, eq)
	from, _ := trim(j.Text, eq+1, end)
	p.section.Assignments = append(p.section.Assignments, Assignment{
		Section: p.section.Name,
		At:      j.Span(start, end),
		Key:     j.Text[start:keyEnd],
		KeyAt:   j.Span(start, keyEnd),
		Value:   j.Slice(from, end),
		ValueAt: j.Span(from, end),
	})
}

func (p *parser) warn(at source.Span, text string) {
	p.file.Problems = append(p.file.Problems, Problem{Problem: source.Problem{At: at, Text: text}})
}

func (p *parser) refuse(at source.Span, text string) {
	p.file.Problems = append(p.file.Problems, Problem{Problem: source.Problem{At: at, Text: text}, Fatal: true})
	p.file.Refused = &p.file.Problems[len(p.file.Problems)-1]
}

// Comment returns the place of what looks like a comment at the end of a value:
// "#" or ";" with a blank in front of it and outside of quotes, to the end.
// systemd has no such comments; it takes them for a part of the value. A lone
// ";" is none, it separates commands.
func (a *Assignment) Comment() (source.Span, bool) {
	text, quote := a.Value.Text, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case i == 0 || strings.IndexByte(blanks, text[i-1]) < 0:
		case c == '#', c == ';' && strings.TrimLeft(text[i+1:], ";") != "":
			if lone := c == ';' && strings.IndexByte(blanks, text[i+1]) >= 0 && isCommand(a); !lone {
				return a.Value.Span(i, len(text)), true
			}
		}
	}
	return source.Span{}, false
}

// isCommand reports whether the value is a command line.
func isCommand(a *Assignment) bool {
	d, _ := LookUp(a.Section, a.Key)
	return d.Kind == "exec"
}

// trim returns the bounds of text[start:end] without the blanks around it.
func trim(text string, start, end int) (int, int) {
	for start < end && strings.IndexByte(blanks, text[start]) >= 0 {
		start++
	}
	for end > start && strings.IndexByte(blanks, text[end-1]) >= 0 {
		end--
	}
	return start, end
}
