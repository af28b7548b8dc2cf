package yamlfile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Value is a text that some program takes from a file, as far as the
// repository decides it. The zero Value is not given.
//
// The embedded Joined is what the program gets, traced back to the bytes it is
// written with; if the value is not Known, it is the text as it stands, with
// what is computed left in.
type Value struct {
	source.Joined
	// At is where the value is given: the token with its quotes, or the alias.
	At source.Span
	// From is another place that decides the value: the anchored token of an
	// alias, a line of values.yaml, the default of a variable.
	From source.Span
	// Via is the alias through which the collection that holds it is reached.
	Via source.Span
	// Tag is the YAML type (see Node.Tag); it is empty for values that do not
	// come from YAML.
	Tag string
	// Quoted says that the value is written as text whatever it looks like.
	Quoted bool
	// Known says that the text is what the program gets, unless Overridable.
	Known bool
	// Overridable says that the text is a default which something outside of
	// the repository can replace.
	Overridable bool
}

// Given reports whether the file says anything about the value.
func (v Value) Given() bool { return v.At.Valid() }

// Part returns the text from start to end as a value of its own, at the bytes
// it comes from.
func (v Value) Part(start, end int) Value {
	part := v
	part.Joined = *v.Slice(start, end)
	if at := v.Span(start, end); at.Valid() {
		part.At = at
	}
	return part
}

// Is reports whether the value is known and equals text.
func (v Value) Is(text string) bool { return v.Known && v.Text == text }

// Scalar returns the text of a scalar. It is not given for what is missing or
// null, and given but not known for a mapping or a sequence.
func (n *Node) Scalar() Value {
	if n.IsNull() {
		return Value{}
	}
	v := Value{
		Joined: n.Joined(), At: n.At, From: n.Anchored, Via: n.Via, Tag: n.Tag,
		Quoted: n.Quoted(), Known: n.Kind == Scalar && !n.Unknown, Overridable: n.Overridable,
	}
	return v
}

// List is a list of texts. The zero List is not given.
type List struct {
	At    source.Span
	Items []Value
	// Open says that there may be more members than are listed, or others.
	Open bool
}

// Given reports whether the file says anything about the list.
func (l List) Given() bool { return l.At.Valid() }

// Known reports whether the list is complete and every member is known.
func (l List) Known() bool {
	for _, v := range l.Items {
		if !v.Known {
			return false
		}
	}
	return !l.Open
}

// Texts returns the members as they stand.
func (l List) Texts() []string {
	texts := make([]string, len(l.Items))
	for i, v := range l.Items {
		texts[i] = v.Text
	}
	return texts
}

// List returns the members of a sequence as Scalar does; of a scalar, that one.
// Null members are left out. What is not given and null is no List, a mapping
// an open one without members.
func (n *Node) List() List {
	if n.IsNull() {
		return List{}
	}
	l := List{At: n.At, Open: n.Open || n.Unknown || n.Kind == Mapping}
	if n.Kind == Scalar && !n.Unknown {
		l.Items = []Value{n.Scalar()}
	}
	for _, item := range n.Items {
		if v := item.Scalar(); v.Given() {
			l.Items = append(l.Items, v)
		}
	}
	return l
}

// Named is a value under a name: a variable, a label, an argument.
type Named struct {
	Name  Value
	Value Value
}

// Dict is a set of named values, in the order of the file.
type Dict struct {
	At    source.Span
	Items []Named
	// Open says that there may be more names than are listed.
	Open bool
}

// Get returns the last value given under a name, and whether it is given: with
// ok and a Value that is not Given, the name stands without a value.
func (d Dict) Get(name string) (n Named, ok bool) {
	for i := len(d.Items) - 1; i >= 0; i-- {
		if d.Items[i].Name.Is(name) {
			return d.Items[i], true
		}
	}
	return Named{}, false
}

// Dict returns the pairs of a mapping. A missing node has none.
func (n *Node) Dict() Dict {
	if n.IsNull() {
		return Dict{}
	}
	d := Dict{At: n.At, Open: n.Kind != Mapping || n.Open || n.Unknown}
	for _, p := range n.Pairs {
		d.Items = append(d.Items, Named{Name: p.Key.Scalar(), Value: p.Value.Scalar()})
	}
	return d
}

// Assignments reads the members of a list as NAME=value. One without = stands
// with a value that is not given. Marker is what marks expressions: a name with
// one is not known, nor is a value. A missing node has none.
func (n *Node) Assignments(marker string) Dict {
	l := n.List()
	d := Dict{At: l.At, Open: l.Open}
	for _, v := range l.Items {
		name, value, found := strings.Cut(v.Text, "=")
		item := Named{Name: v.Part(0, len(name))}
		item.Name.Known = v.Known || !strings.Contains(name, marker)
		if found {
			item.Value = v.Part(len(name)+1, len(v.Text))
			item.Value.Known = v.Known || !strings.Contains(value, marker)
		}
		d.Open = d.Open || !item.Name.Known
		d.Items = append(d.Items, item)
	}
	return d
}
