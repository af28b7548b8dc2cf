package workflow

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Matrix is strategy.matrix.
type Matrix struct {
	At      source.Span
	Axes    []Axis
	Include []*yamlfile.Node // mappings, each of one more combination or more keys of one
	Exclude []*yamlfile.Node
	// Open says that the matrix, or its include, is computed.
	Open bool
}

// Axis is a variable of a matrix.
type Axis struct {
	Name   yamlfile.Value
	Values []*yamlfile.Node
	Open   bool
}

func (r *reader) matrix(n *yamlfile.Node) Matrix {
	if n.IsNull() {
		return Matrix{}
	}
	m := Matrix{At: n.Pos(), Open: n.Unknown}
	if n = r.Mapping(n, "matrix"); n == nil {
		return m
	}
	for _, p := range n.Pairs {
		open := p.Value.Kind != yamlfile.Sequence
		switch p.Key.Value {
		case "include":
			m.Include = p.Value.Items
			m.Open = m.Open || open
		case "exclude":
			m.Exclude = p.Value.Items
		default:
			m.Axes = append(m.Axes, Axis{p.Key.Scalar(), p.Value.Items, open})
		}
	}
	return m
}

// maxJobs is how many jobs GitHub makes of a matrix at most.
const maxJobs = 256

// maxText is how much text a value with all its candidates may have, in bytes.
const maxText = 1 << 20

// Values returns what a value can be. A known one can only be itself. A text in
// which all expressions name the same variable of the matrix can be made with
// each of its values (exclude is not considered). It fails for all others, and
// if the variable has values that are computed.
func (j *Job) Values(v yamlfile.Value) (candidates []yamlfile.Value, ok bool) {
	if v.Known {
		return []yamlfile.Value{v}, true
	}
	parts, name := expressions(v.Text)
	if name == "" {
		return nil, false
	}
	values, ok := j.Matrix.lookup(strings.Split(name, "."))
	if !ok || len(values) == 0 || len(values) > maxJobs || len(values)*len(v.Text) > maxText {
		return nil, false
	}
	for _, value := range values {
		candidates = append(candidates, substitute(v, parts, value))
	}
	return candidates, true
}

// substitute returns v with its expressions replaced by value.
func substitute(v yamlfile.Value, parts [][2]int, value yamlfile.Value) yamlfile.Value {
	out, done := v, 0
	out.Joined = source.Joined{}
	for _, p := range parts {
		out.AppendPart(&v.Joined, done, p[0])
		if len(parts) == 1 && p == [2]int{0, len(v.Text)} {
			out.AppendJoined(&value.Joined) // all of it: the text is where the matrix has it
			out.Tag, out.Quoted = value.Tag, value.Quoted
		} else {
			out.AppendAs(value.Text, v.Span(p[0], p[1]))
		}
		done = p[1]
	}
	out.AppendPart(&v.Joined, done, len(v.Text))
	out.From, out.Known = value.At, true
	return out
}

// expressions returns where the expressions of a text stand, and the variable
// of the matrix that all of them name, if they do.
func expressions(text string) (parts [][2]int, name string) {
	for i := 0; ; {
		start := strings.Index(text[i:], "${{")
		if start < 0 {
			return parts, name
		}
		start += i
		end := strings.Index(text[start:], "}}")
		if end < 0 {
			return nil, ""
		}
		end += start + 2
		variable, ok := strings.CutPrefix(strings.TrimSpace(text[start+3:end-2]), "matrix.")
		if !ok || !plainName(variable) || name != "" && name != variable {
			return nil, ""
		}
		name = variable
		parts = append(parts, [2]int{start, end})
		i = end
	}
}

// plainName reports whether a text is a name or names joined by dots.
func plainName(text string) bool {
	for _, c := range text {
		if !(c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z') {
			return false
		}
	}
	return text != ""
}

// lookup returns the values of a variable, and whether they are all.
func (m Matrix) lookup(name []string) ([]yamlfile.Value, bool) {
	var values []yamlfile.Value
	if m.Open {
		return nil, false
	}
	add := func(n *yamlfile.Node) bool {
		v := n.Get(name[1:]...).Scalar()
		if v.Given() {
			values = append(values, v)
		}
		return v.Known
	}
	for _, axis := range m.Axes {
		if !strings.EqualFold(axis.Name.Text, name[0]) {
			continue
		}
		if axis.Open {
			return nil, false
		}
		for _, n := range axis.Values {
			if !add(n) {
				return nil, false
			}
		}
	}
	for _, n := range m.Include {
		if n.Unknown {
			return nil, false
		}
		if value := n.Get(name[0]); value != nil && !add(value) {
			return nil, false
		}
	}
	return values, true
}
