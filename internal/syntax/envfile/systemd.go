package envfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

const (
	blanks   = " \t\n\r"
	newlines = "\n\r"
)

// systemdParser follows the states of parse_env_file_internal.
type systemdParser struct{ scanner }

func (p *systemdParser) run() {
	if i := bytes.IndexByte(p.data, 0); i >= 0 {
		p.refuse(p.span(i, i+1), "the file holds a NUL byte")
		return
	}
	for i := 0; i < len(p.data) && p.file.Refused == nil; {
		switch c := p.data[i]; {
		case isOneOf(c, blanks):
			i++
		case c == '#' || c == ';':
			i = p.lineEnd(i)
		default:
			i = p.assignment(i)
		}
	}
}

func (p *systemdParser) lineEnd(i int) int {
	for i < len(p.data) && !isOneOf(p.data[i], newlines) {
		i++
	}
	return i
}

// assignment reads the line at start and returns where it ends. A value may
// take it over several lines.
func (p *systemdParser) assignment(start int) int {
	end := p.lineEnd(start)
	eq := start + 1 + bytes.IndexByte(p.data[start+1:end], '=') // the first character belongs to the name
	if eq == start {
		p.warn(p.span(start, trimRight(p.data, start, end)), "Missing '=', the line is skipped")
		return end
	}
	nameEnd := trimRight(p.data, start, eq)
	value, from, to, next := p.value(eq + 1)
	p.push(start, nameEnd, value, from, to)
	return next
}

// value reads a value. It is written in data[from:to]; next is the end of the
// line.
func (p *systemdParser) value(i int) (value *source.Joined, from, to, next int) {
	j := joiner{scanner: &p.scanner}
	from, to = -1, -1
	for ; i < len(p.data); i++ {
		c := p.data[i]
		if isOneOf(c, newlines) {
			break
		}
		if isOneOf(c, blanks) {
			continue
		}
		if from < 0 {
			from = i
		}
		if c != '\'' && c != '"' {
			return p.plain(&j, i, from)
		}
		i = p.quoted(&j, i)
		to = min(i+1, len(p.data))
	}
	if from < 0 {
		from, to = i, i
	}
	return j.value(j.size()), from, to, i
}

// quoted reads a quoted part and returns the offset of the closing quote.
func (p *systemdParser) quoted(j *joiner, start int) int {
	quote := p.data[start]
	i := start + 1
	for ; i < len(p.data) && p.data[i] != quote; i++ {
		if quote == '\'' || p.data[i] != '\\' {
			j.keep(i)
			continue
		}
		if i++; i == len(p.data) {
			break
		}
		switch c := p.data[i]; {
		case isOneOf(c, "\"\\`$"):
			j.put(string(rune(c)), i-1, i+1)
		case c != '\n':
			j.keep(i - 1)
			j.keep(i)
		}
	}
	if i == len(p.data) {
		p.warn(p.span(start, start+1), "the quote is never closed: the rest of the file is the value")
	}
	return i
}

// plain reads the rest of a value from its first character outside of quotes:
// from there on quotes are text. Blanks at the end are not.
func (p *systemdParser) plain(j *joiner, i, from int) (value *source.Joined, _, to, next int) {
	n := j.size() // of the value without blanks at its end
	to = i
	for ; i < len(p.data); i++ {
		c := p.data[i]
		if isOneOf(c, newlines) {
			break
		}
		if c == '\\' {
			if i++; i == len(p.data) {
				n = j.size()
				break
			}
			if !isOneOf(p.data[i], newlines) {
				j.put(string(p.data[i:i+1]), i-1, i+1)
			}
			n, to = j.size(), i+1
			continue
		}
		j.keep(i)
		if !isOneOf(c, blanks) {
			n, to = j.size(), i+1
		}
	}
	return j.value(n), from, min(to, len(p.data)), min(i, len(p.data))
}

// push keeps an assignment that systemd keeps.
func (p *systemdParser) push(start, nameEnd int, value *source.Joined, from, to int) {
	name := string(p.data[start:nameEnd])
	switch {
	case !validUTF8(name):
		p.refuse(p.span(start, nameEnd), fmt.Sprintf("invalid UTF-8 in key '%s'", strings.ToValidUTF8(name, "\uFFFD")))
	case !validUTF8(value.Text):
		p.refuse(p.span(from, to), fmt.Sprintf("invalid UTF-8 value for key %s", name))
	case !isName(name):
		p.warn(p.span(start, max(to, nameEnd)), fmt.Sprintf("Ignoring invalid environment assignment '%s=%s'", name, value.Text))
	default:
		p.add(start, nameEnd, value, from, to)
	}
}

// isName is env_name_is_valid of src/basic/env-util.c.
func isName(s string) bool {
	const chars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	return s != "" && (s[0] < '0' || s[0] > '9') && strings.Trim(s, chars) == ""
}

// validUTF8 is utf8_is_valid of src/basic/utf8.c, which refuses noncharacters
// too.
func validUTF8(s string) bool {
	for _, r := range s {
		if r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE {
			return false
		}
	}
	return utf8.ValidString(s)
}

// trimRight returns the end of data[start:end] without blanks.
func trimRight(data []byte, start, end int) int {
	for end > start && isOneOf(data[end-1], blanks) {
		end--
	}
	return end
}
