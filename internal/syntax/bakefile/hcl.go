package bakefile

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// parser reads HCL into the tree that the JSON form of the same file would
// have: blocks become mappings below their labels. It reads literals, lists,
// objects and references to variables; every other expression is unknown.
//
// The grammar is that of github.com/hashicorp/hcl/v2/hclsyntax/spec.md.
type parser struct {
	file *source.File
	text []byte
	pos  int
	vars func(name string) *yamlfile.Node
	out  *yamlfile.File

	kinds map[string]*yamlfile.Node // labelled blocks by their kind
	grown int                       // bytes that references have added
}

// The limits: how deep blocks and expressions may be nested, the bytes of a
// file, and the bytes that references to variables may add to its texts.
const (
	maxDepth = 100
	maxSize  = 1 << 20
	maxGrown = 1 << 20
)

func parseHCL(f *source.File, vars func(string) *yamlfile.Node) *yamlfile.File {
	p := &parser{file: f, text: f.Data(), vars: vars, out: &yamlfile.File{Source: f}, kinds: map[string]*yamlfile.Node{}}
	if len(p.text) > maxSize {
		p.problem(0, 0, "larger than %d bytes", maxSize)
		return p.out
	}
	if strings.HasPrefix(string(p.text[:min(3, len(p.text))]), "\ufeff") {
		p.pos = 3
	}
	p.out.Docs = []*yamlfile.Node{p.body(0, 0)}
	return p.out
}

func (p *parser) problem(start, end int, format string, args ...any) {
	p.out.Problems = append(p.out.Problems, source.Problem{At: p.file.Span(start, end), Text: fmt.Sprintf(format, args...)})
}

// space skips blanks and comments, and line breaks if lines is set.
func (p *parser) space(lines bool) {
	for p.pos < len(p.text) {
		rest := p.text[p.pos:]
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\r':
			p.pos++
		case c == '\n':
			if !lines {
				return
			}
			p.pos++
		case c == '#' || hasPrefix(rest, "//"):
			for p.pos < len(p.text) && p.text[p.pos] != '\n' {
				p.pos++
			}
		case hasPrefix(rest, "/*"):
			end := strings.Index(string(rest), "*/")
			if end < 0 {
				p.problem(p.pos, p.pos+2, "unterminated comment")
				p.pos = len(p.text)
				return
			}
			p.pos += end + 2
		default:
			return
		}
	}
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// identifier reads a name, or returns "".
func (p *parser) identifier() string {
	start := p.pos
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf
		if !letter && (p.pos == start || c != '-' && (c < '0' || c > '9')) {
			break
		}
		p.pos++
	}
	return string(p.text[start:p.pos])
}

// body reads attributes and blocks up to the end of the file or, below the top,
// a closing brace, which it leaves.
func (p *parser) body(start, depth int) *yamlfile.Node {
	b := yamlfile.NewMapping(p.file.Span(start, start))
	for {
		p.space(true)
		at := p.pos
		if at >= len(p.text) || depth > 0 && p.peek() == '}' {
			break
		}
		name := p.identifier()
		if name == "" {
			p.problem(at, at+1, "an argument or block definition is required here")
			p.skipLine()
			continue
		}
		key := p.scalar(name, at, p.pos)
		p.space(false)
		if p.peek() == '=' {
			p.pos++
			p.space(false)
			b.Pairs = append(b.Pairs, pair(key, p.expression(false, depth+1)))
			continue
		}
		if !p.block(b, key, depth) {
			p.problem(at, p.pos, "an argument or block definition is required here")
			p.skipLine()
		}
	}
	b.At = p.file.Span(start, p.pos)
	return b
}

func pair(key, value *yamlfile.Node) yamlfile.Pair {
	value.KeyAt = key.At
	return yamlfile.Pair{Key: key, Value: value}
}

func (p *parser) skipLine() {
	for p.pos < len(p.text) && p.text[p.pos] != '\n' {
		p.pos++
	}
}

// block reads the label and body of a block and adds it to b.
func (p *parser) block(b, key *yamlfile.Node, depth int) bool {
	var label *yamlfile.Node
	if at := p.pos; p.peek() == '"' {
		if label = p.quoted(); label.Unknown {
			return false
		}
	} else if name := p.identifier(); name != "" {
		label = p.scalar(name, at, p.pos)
	}
	p.space(false)
	start := p.pos
	if p.peek() != '{' {
		return false
	}
	if depth >= maxDepth {
		p.problem(start, start+1, "nested deeper than %d", maxDepth)
		p.pos = len(p.text)
		return true
	}
	p.pos++
	content := p.body(start, depth+1)
	if p.peek() != '}' {
		p.problem(start, start+1, "unclosed configuration block")
	} else {
		p.pos++
	}
	content.At = p.file.Span(start, p.pos)
	if label == nil || depth > 0 {
		b.Pairs = append(b.Pairs, pair(key, content))
		return true
	}
	kind := p.kinds[key.Value]
	if kind == nil {
		kind = yamlfile.NewMapping(content.At)
		p.kinds[key.Value] = kind
		b.Pairs = append(b.Pairs, pair(key, kind))
	}
	kind.Pairs = append(kind.Pairs, pair(label, content))
	return true
}

// scalar returns a text that stands as it is from start to end.
func (p *parser) scalar(text string, start, end int) *yamlfile.Node {
	return yamlfile.NewScalar(text, p.file.Span(start, end))
}

// expression reads an expression. Inside brackets it ends at a comma, too.
func (p *parser) expression(inside bool, depth int) *yamlfile.Node {
	start := p.pos
	n := p.conditional(p.term(depth), inside, depth)
	p.space(inside)
	if n == nil || !p.ended(inside) {
		p.pos = start
		p.skipExpression(inside)
		n = p.scalar(strings.TrimSpace(string(p.text[start:p.pos])), start, p.pos)
		n.Unknown = true
	}
	return n
}

// conditional reads what may follow a term: "== x ? yes : no". It returns the
// value that is chosen with the defaults of the variables, or nil where that is
// not known.
func (p *parser) conditional(first *yamlfile.Node, inside bool, depth int) *yamlfile.Node {
	p.space(inside)
	equal := hasPrefix(p.text[p.pos:], "==")
	if first == nil || depth > maxDepth || !equal && !hasPrefix(p.text[p.pos:], "!=") {
		return first
	}
	p.pos += len("==")
	terms := []*yamlfile.Node{first}
	for _, end := range []byte{'?', ':', 0} {
		p.space(inside)
		terms = append(terms, p.term(depth+1))
		p.space(inside)
		if end != 0 && p.peek() != end || terms[len(terms)-1] == nil {
			return nil
		}
		if end != 0 {
			p.pos++
		}
	}
	second, chosen := terms[1], terms[3]
	if first.Unknown || second.Unknown || first.Kind != yamlfile.Scalar || second.Kind != yamlfile.Scalar {
		return nil
	}
	if (first.IsNull() == second.IsNull() && first.Value == second.Value) == equal {
		chosen = terms[2]
	}
	value := *chosen
	value.Overridable = value.Overridable || first.Overridable || second.Overridable
	return &value
}

// ended reports whether an expression ends here.
func (p *parser) ended(inside bool) bool {
	switch p.peek() {
	case 0, '}':
		return true
	case ',', ']':
		return inside
	case '\n':
		return true
	}
	if !inside {
		return false
	}
	// Members of an object may be divided by a line break alone, which the
	// blanks before this place may hold.
	for i := p.pos - 1; i >= 0 && strings.IndexByte(" \t\r\n", p.text[i]) >= 0; i-- {
		if p.text[i] == '\n' {
			return true
		}
	}
	return false
}

// skipExpression moves behind an expression that is not understood.
func (p *parser) skipExpression(inside bool) {
	open := 0
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case '"':
			if end := p.closingQuote(p.pos + 1); end >= 0 {
				p.pos = end
			}
		case '(', '[', '{':
			open++
		case ')', ']', '}':
			if open--; open < 0 {
				return
			}
		case '\n':
			if open == 0 {
				return
			}
		case ',':
			if open == 0 && inside {
				return
			}
		}
		p.pos++
	}
}

// term reads a literal, a list, an object or a reference; nil is anything else.
func (p *parser) term(depth int) *yamlfile.Node {
	start := p.pos
	if depth > maxDepth {
		return nil
	}
	switch c := p.peek(); {
	case c == '"':
		return p.quoted()
	case c == '[':
		return p.list(depth)
	case c == '{':
		return p.object(depth)
	case hasPrefix(p.text[p.pos:], "<<"):
		return p.heredoc()
	case c >= '0' && c <= '9' || c == '-':
		for p.pos++; p.pos < len(p.text) && strings.IndexByte("0123456789.eE", p.text[p.pos]) >= 0; {
			p.pos++
		}
		n := p.scalar(string(p.text[start:p.pos]), start, p.pos)
		n.Tag = "!!float"
		return n
	}
	name := p.identifier()
	switch name {
	case "":
		return nil
	case "true", "false", "null":
		n := p.scalar(name, start, p.pos)
		n.Tag = map[string]string{"null": "!!null"}[name]
		if n.Tag == "" {
			n.Tag = "!!bool"
		}
		return n
	}
	return p.reference(name, start, p.pos)
}

// reference returns the value of a variable at the place where it is used.
func (p *parser) reference(name string, start, end int) *yamlfile.Node {
	n := p.scalar(name, start, end)
	n.Unknown = true
	if p.vars == nil {
		return n
	}
	if v := p.vars(name); v != nil && !v.Unknown {
		c := *v
		c.At, c.Anchored, c.Overridable = n.At, v.At, true
		return &c
	}
	return n
}

func (p *parser) list(depth int) *yamlfile.Node {
	start := p.pos
	n := &yamlfile.Node{Kind: yamlfile.Sequence, Style: yamlfile.Flow, Tag: "!!seq"}
	p.pos++
	for {
		p.space(true)
		if c := p.peek(); c == ']' || c == 0 {
			break
		}
		n.Items = append(n.Items, p.expression(true, depth+1))
		p.space(true)
		switch p.peek() {
		case ',':
			p.pos++
		case ']', 0:
		default:
			return nil // a for expression, or what is not HCL
		}
	}
	return p.closed(n, start, ']')
}

func (p *parser) object(depth int) *yamlfile.Node {
	start := p.pos
	n := &yamlfile.Node{Kind: yamlfile.Mapping, Style: yamlfile.Flow, Tag: "!!map"}
	p.pos++
	for {
		p.space(true)
		at := p.pos
		if c := p.peek(); c == '}' || c == 0 {
			break
		}
		var key *yamlfile.Node
		if p.peek() == '"' {
			key = p.quoted()
		} else if name := p.identifier(); name != "" && name != "for" {
			key = p.scalar(name, at, p.pos)
		}
		p.space(false)
		if key == nil || p.peek() != '=' && p.peek() != ':' {
			return nil
		}
		p.pos++
		p.space(false)
		n.Pairs = append(n.Pairs, pair(key, p.expression(true, depth+1)))
		n.Open = n.Open || key.Unknown
		p.space(true)
		if p.peek() == ',' {
			p.pos++
		}
	}
	return p.closed(n, start, '}')
}

// closed ends a list or object, or reports that it is not closed.
func (p *parser) closed(n *yamlfile.Node, start int, bracket byte) *yamlfile.Node {
	if p.peek() != bracket {
		p.problem(start, start+1, "missing %q", string(bracket))
		return nil
	}
	p.pos++
	n.At = p.file.Span(start, p.pos)
	return n
}
