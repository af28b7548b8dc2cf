package envfile

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// composeParser follows package dotenv of compose-go.
type composeParser struct {
	scanner
	pos int
}

func (p *composeParser) run() {
	if bytes.HasPrefix(p.data, []byte(byteOrderMark)) {
		p.pos = len(byteOrderMark)
	}
	for p.file.Refused == nil && p.skip() {
		p.statement()
	}
}

// skip moves to the next statement, over blank lines and comments.
func (p *composeParser) skip() bool {
	for p.pos < len(p.data) {
		r, size := utf8.DecodeRune(p.data[p.pos:])
		switch {
		case unicode.IsSpace(r):
			p.pos += size
		case r == '#':
			p.pos = p.lineEnd(p.pos)
		default:
			return true
		}
	}
	return false
}

func (p *composeParser) lineEnd(i int) int {
	if n := bytes.IndexByte(p.data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(p.data)
}

// isBlank is a space of dotenv that does not end a line.
func isBlank(r rune) bool {
	return r == '\t' || r == '\v' || r == '\f' || r == '\r' || r == ' ' || r == 0x85 || r == 0xA0
}

// blanksFrom returns the offset of the first byte from i on that is no blank.
func (p *composeParser) blanksFrom(i int) int {
	for i < len(p.data) {
		r, size := utf8.DecodeRune(p.data[i:])
		if !isBlank(r) {
			break
		}
		i += size
	}
	return i
}

func (p *composeParser) statement() {
	start := p.pos
	if rest, ok := bytes.CutPrefix(p.data[p.pos:], []byte("export")); ok && len(rest) > 0 && isOneOf(rest[0], " \t\n\f\r") {
		p.pos = p.blanksFrom(p.pos + len("export"))
	}
	name := p.pos
	end, sign := p.name()
	if p.file.Refused != nil {
		return
	}
	nameEnd := name + len(bytes.TrimRightFunc(p.data[name:end], unicode.IsSpace))
	switch {
	case sign == 0 && name == len(p.data):
		p.refuse(p.span(start, name), "zero length string")
		return
	case sign == 0: // the reader takes it for the value of a variable without a name
		p.warn(p.span(name, nameEnd), "the last line has no value and no newline: it is skipped")
		p.pos = len(p.data)
		return
	}
	if bytes.IndexByte(p.data[name:nameEnd], ' ') >= 0 {
		p.refuse(p.span(name, nameEnd), "key cannot contain a space")
		return
	}
	p.pos = p.blanksFrom(end + 1)
	var v *Variable
	if sign == '\n' {
		v = p.add(name, nameEnd, nil, nameEnd, nameEnd)
	} else {
		v = p.value(name, nameEnd)
	}
	switch {
	case v == nil:
	case name == nameEnd:
		p.warn(p.span(start, v.At.End), "there is no name before the value")
		p.file.Variables = p.file.Variables[:len(p.file.Variables)-1]
	default:
		v.At = p.span(start, v.At.End)
	}
}

// name returns where the name ends, and the character that ends it: '=', ':',
// '\n', or 0 at the end of the file.
func (p *composeParser) name() (int, rune) {
	for i := p.pos; i < len(p.data); {
		r, size := utf8.DecodeRune(p.data[i:])
		switch {
		case r == '=' || r == ':' || r == '\n':
			return i, r
		case isBlank(r), unicode.IsLetter(r), unicode.IsNumber(r), strings.ContainsRune("_.-[]", r):
		default:
			p.refuse(p.span(i, i+size), fmt.Sprintf("unexpected character %q in variable name %q",
				string(r), p.data[p.pos:p.lineEnd(p.pos)]))
			return i, r
		}
		i += size
	}
	return len(p.data), 0
}

// value reads the value at the position. It returns nil where it is refused.
func (p *composeParser) value(name, nameEnd int) *Variable {
	from := p.pos
	if from < len(p.data) && (p.data[from] == '"' || p.data[from] == '\'') {
		return p.quoted(name, nameEnd)
	}
	end := p.lineEnd(from)
	p.pos = min(end+1, len(p.data))
	written := p.data[from:end]
	if i := bytes.Index(written, []byte(" #")); i >= 0 {
		written = written[:i]
	}
	to := from + len(bytes.TrimRightFunc(written, unicode.IsSpace))
	value := &source.Joined{}
	value.Append(p.span(from, to))
	return p.addExpanded(name, nameEnd, value, from, to)
}

// quoted reads a quoted value, which may span lines.
func (p *composeParser) quoted(name, nameEnd int) *Variable {
	from, quote := p.pos, p.data[p.pos]
	end := from + 1
	for end < len(p.data) && p.data[end] != quote {
		if p.data[end] == '\\' && end+1 < len(p.data) {
			end++
		}
		end++
	}
	if end >= len(p.data) {
		p.refuse(p.span(from, p.lineEnd(from)), fmt.Sprintf("unterminated quoted value %s", p.data[from:p.lineEnd(from)]))
		return nil
	}
	j := joiner{scanner: &p.scanner}
	for i := from + 1; i < end; i++ {
		switch {
		case p.data[i] == '\\' && p.data[i+1] == quote:
			j.put(string(rune(quote)), i, i+2)
			i++
		case p.data[i] == '\\' && quote == '"':
			text, n := p.escape(i)
			if text == "" {
				for k := range n {
					j.keep(i + k)
				}
			} else {
				j.put(text, i, i+n)
			}
			i += n - 1
		case p.data[i] == '\\' && p.data[i+1] == '\\':
			j.keep(i)
			j.keep(i + 1)
			i++
		default:
			j.keep(i)
		}
	}
	p.pos = end + 1
	value := j.value(j.size())
	if quote == '\'' {
		return p.add(name, nameEnd, value, from, end+1)
	}
	return p.addExpanded(name, nameEnd, value, from, end+1)
}

// escape reads the escape at i within double quotes and returns its length and
// what it stands for, "" for itself. \$ becomes $$, which expansion makes a
// dollar sign.
func (p *composeParser) escape(i int) (string, int) {
	c := p.data[i+1]
	if c == '0' { // up to three octal digits behind \0, of which Go wants three
		n := 2
		for n < 5 && p.data[i+n] >= '0' && p.data[i+n] <= '9' {
			n++
		}
		if v, err := strconv.ParseUint(string(p.data[i+2:i+n]), 8, 8); err == nil && n == 5 {
			return string(rune(v)), n
		}
		return "", n
	}
	if c == '$' {
		return "$$", 2
	}
	const letters, meaning = "abfnrtv\\", "\a\b\f\n\r\t\v\\"
	if k := strings.IndexByte(letters, c); k >= 0 {
		return meaning[k : k+1], 2
	}
	return "", 2
}

// addExpanded adds a variable whose value may hold references.
func (p *composeParser) addExpanded(name, nameEnd int, value *source.Joined, from, to int) *Variable {
	out, expands, bad := dollars(value)
	if bad {
		p.refuse(p.span(from, to), fmt.Sprintf("Invalid template: %q", value.Text))
		return nil
	}
	v := p.add(name, nameEnd, out, from, to)
	v.Expands = expands
	return v
}

// dollars finds the references in a value and makes $$ a dollar sign. bad says
// that there is a "${" which is no reference (package template of compose-go).
func dollars(value *source.Joined) (out *source.Joined, expands, bad bool) {
	if !strings.Contains(value.Text, "$") {
		return value, false, false
	}
	out = &source.Joined{}
	s, done := value.Text, 0
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		switch c := s[i+1]; {
		case c == '$':
			out.AppendPart(value, done, i)
			out.AppendAs("$", value.Span(i, i+2))
			i++
			done = i + 1
		case isNameStart(c):
			expands = true
		case c == '{':
			if !isBraced(s[i+2:]) {
				return value, false, true
			}
			expands = true
		}
	}
	if expands {
		return value, true, false // $$ among references stays as written, too
	}
	out.AppendPart(value, done, len(s))
	return out, false, false
}

func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// isBraced reports whether s, behind "${", is a reference: NAME} or NAME with
// one of :- - :+ + :? ? and a text before a brace.
func isBraced(s string) bool {
	i := 0
	for i < len(s) && (isNameStart(s[i]) || i > 0 && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if i == 0 || i == len(s) {
		return false
	}
	if s[i] == '}' {
		return true
	}
	rest := strings.TrimPrefix(s[i:], ":")
	if rest == "" || !isOneOf(rest[0], "-+?") {
		return false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Contains(line, "}")
}
