package compose

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// interpolate returns n with the variables in its values replaced. Keys are
// left as they are. What depends on a variable that is not set in the
// repository becomes unknown, unless it has a default.
func (r *reader) interpolate(n *yamlfile.Node) *yamlfile.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yamlfile.Scalar:
		return r.interpolateScalar(n)
	}
	c := *n
	changed := false
	c.Pairs = append([]yamlfile.Pair(nil), n.Pairs...)
	for i, p := range c.Pairs {
		c.Pairs[i].Value = r.interpolate(p.Value)
		changed = changed || c.Pairs[i].Value != p.Value
	}
	c.Items = append([]*yamlfile.Node(nil), n.Items...)
	for i, item := range c.Items {
		c.Items[i] = r.interpolate(item)
		changed = changed || c.Items[i] != item
	}
	if !changed {
		return n
	}
	return &c
}

func (r *reader) interpolateScalar(n *yamlfile.Node) *yamlfile.Node {
	if !strings.Contains(n.Value, "$") {
		return n
	}
	e := expansion{text: n.Joined(), env: r.options.Env}
	e.expand(0, len(n.Value), 0)
	c := n.WithText(e.out)
	switch {
	case e.invalid:
		r.Problem(n.At, "invalid interpolation format: %q; you may need to escape any $ with another $", n.Value)
		c = n.WithText(e.text)
		c.Unknown = true
	case e.unknown:
		c = n.WithText(e.text)
		c.Unknown = true
	}
	c.Overridable = n.Overridable || e.overridable
	return c
}

// expansion is the interpolation of one text.
type expansion struct {
	text source.Joined
	env  func(string) (yamlfile.Value, bool)
	out  source.Joined

	unknown, overridable, invalid bool
	grown                         int // bytes that variables have added
}

// The limits: how deep defaults in defaults are followed, and how much the
// variables in one text may add to it, in bytes.
const (
	maxNesting = 20
	maxGrown   = 4096
)

// expand appends the text from i to end with its variables replaced.
func (e *expansion) expand(i, end, depth int) {
	text, done := e.text.Text, i
	for i < end && depth < maxNesting {
		dollar := strings.IndexByte(text[i:end], '$')
		if dollar < 0 || i+dollar+1 >= end {
			break
		}
		i += dollar
		switch c := text[i+1]; {
		case c == '$':
			e.out.AppendPart(&e.text, done, i+1)
			i += 2
		case nameLen(text[i+1:end]) > 0:
			e.out.AppendPart(&e.text, done, i)
			next := i + 1 + nameLen(text[i+1:end])
			e.variable(text[i+1:next], i, next)
			i = next
		case c == '{':
			e.out.AppendPart(&e.text, done, i)
			next := e.braced(i, end, depth)
			if next < 0 {
				e.invalid = true
				return
			}
			i = next
		default:
			i++
			continue
		}
		done = i
	}
	e.unknown = e.unknown || depth >= maxNesting
	e.out.AppendPart(&e.text, done, end)
}

// variable appends the value of a variable in place of the text from i to end.
func (e *expansion) variable(name string, i, end int) {
	if v, ok := e.lookup(name); ok {
		e.out.AppendAs(v.Text, e.text.Span(i, end))
		return
	}
	e.unknown = true
}

func (e *expansion) lookup(name string) (yamlfile.Value, bool) {
	if e.env == nil {
		return yamlfile.Value{}, false
	}
	v, ok := e.env(name)
	e.overridable = e.overridable || ok
	e.grown += len(v.Text)
	return v, ok && v.Known && e.grown <= maxGrown
}

// braced appends the value of the ${...} at i and returns its end, or -1.
func (e *expansion) braced(i, end, depth int) int {
	text := e.text.Text
	name := i + 2 + nameLen(text[i+2:end])
	if name == i+2 {
		return -1
	}
	if name < end && text[name] == '}' {
		e.variable(text[i+2:name], i, name+1)
		return name + 1
	}
	last := closing(text[:end], i)
	op := name
	if op < end && text[op] == ':' {
		op++
	}
	if last < 0 || op >= last || !strings.ContainsRune("-+?", rune(text[op])) {
		return -1
	}
	v, known := e.lookup(text[i+2 : name])
	set := known && (op == name || v.Text != "")
	switch {
	case text[op] == '-' && !set:
		e.overridable = true
		e.expand(op+1, last, depth+1)
	case text[op] == '+' && set:
		e.expand(op+1, last, depth+1)
	case text[op] == '+', !set:
		e.unknown = true
	default:
		e.out.AppendAs(v.Text, e.text.Span(i, last+1))
	}
	return last + 1
}

// closing returns the brace that closes the one behind the $ at i, or -1.
func closing(text string, i int) int {
	open := 0
	for i++; i < len(text); i++ {
		switch text[i] {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				return i
			}
		case '\n':
			return -1
		}
	}
	return -1
}

// nameLen returns the length of the variable name that text starts with.
func nameLen(text string) int {
	n := 0
	for n < len(text) && (text[n] == '_' || text[n]|0x20 >= 'a' && text[n]|0x20 <= 'z' || n > 0 && text[n] >= '0' && text[n] <= '9') {
		n++
	}
	return n
}
