package bakefile

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// quoted reads a text in quotes.
func (p *parser) quoted() *yamlfile.Node {
	start := p.pos
	end := p.closingQuote(start + 1)
	if end < 0 {
		line := bytes.IndexByte(p.text[start:], '\n')
		if line < 0 {
			line = len(p.text) - start
		}
		p.problem(start, start+line, "unterminated string")
		p.pos = start + line
		n := p.scalar("", start, p.pos)
		n.Unknown = true
		return n
	}
	p.pos = end + 1
	t := template{parser: p}
	t.read(start+1, end, true)
	return t.node(start, end+1)
}

// closingQuote returns where the text from i ends: at the first quote that is
// not escaped and not inside of an interpolation, on the same line.
func (p *parser) closingQuote(i int) int {
	for open := 0; i < len(p.text) && p.text[i] != '\n'; i++ {
		switch c := p.text[i]; {
		case c == '\\' && open == 0:
			i++
		case hasPrefix(p.text[i:], "$${") || hasPrefix(p.text[i:], "%%{"):
			i += 2
		case hasPrefix(p.text[i:], "${") || hasPrefix(p.text[i:], "%{"):
			open++
			i++
		case c == '{' && open > 0:
			open++
		case c == '}' && open > 0:
			open--
		case c == '"' && open == 0:
			return i
		}
	}
	return -1
}

// heredoc reads a text between lines with a mark.
func (p *parser) heredoc() *yamlfile.Node {
	start := p.pos
	p.pos += 2
	flush := p.peek() == '-'
	if flush {
		p.pos++
	}
	mark := p.identifier()
	p.space(false)
	if mark == "" || p.peek() != '\n' {
		return nil
	}
	p.pos++
	first := p.pos
	for p.pos < len(p.text) {
		line := p.pos
		p.skipLine()
		if strings.TrimSpace(string(p.text[line:p.pos])) != mark {
			p.pos = min(p.pos+1, len(p.text))
			continue
		}
		if flush {
			return p.flush(first, line, start)
		}
		t := template{parser: p}
		t.read(first, line, false)
		return t.node(start, p.pos)
	}
	p.problem(start, first-1, "unterminated template string")
	return nil
}

// flush reads the lines of a heredoc without their common indentation.
func (p *parser) flush(first, last, start int) *yamlfile.Node {
	indent := -1
	for line := range bytes.Lines(p.text[first:last]) {
		if n := len(line) - len(bytes.TrimLeft(line, " \t")); len(bytes.TrimSpace(line)) > 0 && (indent < 0 || n < indent) {
			indent = n
		}
	}
	t := template{parser: p}
	for at := first; at < last; {
		end := at + bytes.IndexByte(p.text[at:last], '\n') + 1
		t.read(min(at+max(indent, 0), end-1), end, false)
		at = end
	}
	return t.node(start, p.pos)
}

// template is a text with interpolations.
type template struct {
	parser  *parser
	out     source.Joined
	unknown bool
	over    bool
	from    source.Span
}

func (t *template) node(start, end int) *yamlfile.Node {
	p := t.parser
	n := p.scalar("", start, end)
	n.Style = yamlfile.DoubleQuoted
	n.Unknown, n.Overridable, n.Anchored = t.unknown, t.over, t.from
	if t.unknown {
		t.out = source.Joined{}
		t.out.Append(p.file.Span(start, end))
	}
	return n.WithText(t.out)
}

// read appends the text from i to end, with escapes if it is in quotes.
func (t *template) read(i, end int, escapes bool) {
	p := t.parser
	run := i
	flush := func() { t.out.Append(p.file.Span(run, i)) }
	for i < end {
		rest := p.text[i:end]
		switch {
		case hasPrefix(rest, "$${") || hasPrefix(rest, "%%{"):
			flush()
			t.out.AppendAs(string(rest[1:3]), p.file.Span(i, i+3))
			i += 3
		case hasPrefix(rest, "${") || hasPrefix(rest, "%{"):
			flush()
			i = t.interpolation(i, end)
		case rest[0] == '\\' && escapes:
			flush()
			i = t.escape(i, end)
		default:
			i++
			continue
		}
		run = i
	}
	flush()
}

// interpolation appends the value of the ${name} at i and returns its end.
func (t *template) interpolation(i, end int) int {
	p := t.parser
	last := bytes.IndexByte(p.text[i:end], '}')
	if last < 0 {
		t.unknown = true
		return end
	}
	last += i + 1
	name := strings.TrimSpace(string(p.text[i+2 : last-1]))
	v := p.reference(name, i, last)
	p.grown += len(v.Value)
	if p.text[i] == '%' || p.grown > maxGrown || v.Unknown || v.Kind != yamlfile.Scalar || v.IsNull() {
		t.unknown = true
		return last
	}
	t.out.AppendAs(v.Value, p.file.Span(i, last))
	t.over = true
	t.from = v.Anchored
	return last
}

// escape appends what the escape at i means and returns its end.
func (t *template) escape(i, end int) int {
	p := t.parser
	if i+1 >= end {
		t.unknown = true
		return end
	}
	text, size := "", 2
	switch c := p.text[i+1]; c {
	case 'n':
		text = "\n"
	case 'r':
		text = "\r"
	case 't':
		text = "\t"
	case '"', '\\':
		text = string(c)
	case 'u', 'U':
		size = map[byte]int{'u': 6, 'U': 10}[c]
		if i+size <= end {
			if code, err := strconv.ParseUint(string(p.text[i+2:i+size]), 16, 32); err == nil {
				text = string(rune(code))
			}
		}
	}
	if text == "" {
		p.problem(i, i+2, "the symbol %q is not a valid escape sequence selector", string(p.text[i+1]))
		t.unknown = true
		return min(i+2, end)
	}
	t.out.AppendAs(text, p.file.Span(i, i+size))
	return i + size
}
