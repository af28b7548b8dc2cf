// Package yamlfile reads YAML with the exact bytes of every token.
//
// What a document means is decided by go.yaml.in/yaml/v3, the library that
// Compose, GoReleaser and, through forks of it, kubectl and Helm read their
// files with. It reports where a node starts, in lines and characters; this
// package finds the bytes and where the token ends by scanning the token again
// and comparing what it reads with the value that the library reports.
package yamlfile

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Kind says what a node is.
type Kind uint8

// The kinds of nodes. An alias has the kind of the node it stands for.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// String returns the kind as messages name it.
func (k Kind) String() string {
	return [...]string{"scalar", "mapping", "sequence"}[k]
}

// Style says how a node is written.
type Style uint8

// The styles: of scalars the first five, of collections the last two.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
	Block
	Flow // {} and []
)

// Node is a value of a document: a scalar, a mapping or a sequence. Methods of
// the nil Node answer as for a value that is not there.
type Node struct {
	Kind  Kind
	Style Style
	// Tag is the type after resolution in its short form: !!str, !!int,
	// !!float, !!bool, !!null, !!timestamp, !!map, !!seq, or the tag given.
	Tag   string
	Value string  // content of a scalar
	Pairs []Pair  // of a mapping, in order; what merge keys bring comes last
	Items []*Node // of a sequence

	// At is the token without anchor and tag, with quotes or the block
	// indicator and all lines that belong to the value. Of an alias it is the
	// *name. A value left out is an empty span. A block collection reaches from
	// its first key or dash to the end of its last value.
	At source.Span
	// KeyAt is the key of the pair that the node is the value of.
	KeyAt source.Span
	// Anchor is the name behind & that stands before the node.
	Anchor string
	// Anchored is, of an alias, the token that the anchor names.
	Anchored source.Span
	// Via is the alias (of a merge key or elsewhere) through which the
	// collection that holds the node is reached; no place for a node that is
	// used where it stands.
	Via source.Span

	// The rest is false in what Parse returns. Readers of templates set it.

	// Unknown says that the value, or that it is there, is not decided by the
	// repository.
	Unknown bool
	// Open says that a collection may have more members than are listed.
	Open bool
	// Overridable says that the value is a default which something outside the
	// repository can replace.
	Overridable bool

	text  *source.Joined // content of a scalar that is not its token byte by byte
	index *index         // of a mapping with many pairs as Parse returns it
}

// Pair is a member of a mapping.
type Pair struct{ Key, Value *Node }

// Get returns the value found by going down the keys, or nil. Of keys given
// twice the last counts, as for parsers that accept them.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		n = n.member(key)
	}
	return n
}

func (n *Node) member(key string) *Node {
	if n == nil || n.Kind != Mapping {
		return nil
	}
	if n.index.of(n.Pairs) {
		if i, ok := n.index.last[key]; ok {
			return n.Pairs[i].Value
		}
		return nil
	}
	for i := len(n.Pairs) - 1; i >= 0; i-- {
		if k := n.Pairs[i].Key; k.Kind == Scalar && k.Value == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// index finds the pairs of a mapping with many, such as the values of a chart,
// each of which its templates may ask for.
type index struct {
	pairs []Pair
	last  map[string]int // key → place in pairs
}

// indexFrom is the number of pairs from which on a mapping has an index.
const indexFrom = 64

func newIndex(pairs []Pair) *index {
	if len(pairs) < indexFrom {
		return nil
	}
	x := &index{pairs, make(map[string]int, len(pairs))}
	for i, p := range pairs {
		if p.Key.Kind == Scalar {
			x.last[p.Key.Value] = i
		}
	}
	return x
}

// of reports whether x is the index of these pairs: those of a copy of the node
// may be others.
func (x *index) of(pairs []Pair) bool {
	return x != nil && len(x.pairs) == len(pairs) && &x.pairs[0] == &pairs[0]
}

// IsNull reports whether the node is missing or null.
func (n *Node) IsNull() bool {
	return n == nil || n.Kind == Scalar && n.Tag == nullTag && !n.Unknown
}

// IsMapping reports whether the node is a mapping.
func (n *Node) IsMapping() bool { return n != nil && n.Kind == Mapping }

// IsSequence reports whether the node is a sequence.
func (n *Node) IsSequence() bool { return n != nil && n.Kind == Sequence }

// IsScalar reports whether the node is a scalar other than null, known or not.
func (n *Node) IsScalar() bool { return n != nil && n.Kind == Scalar && !n.IsNull() }

// Quoted reports whether a scalar is text whatever it looks like, because of
// quotes or of its block style.
func (n *Node) Quoted() bool {
	return n != nil && n.Kind == Scalar && n.Style != Plain
}

// Joined returns the content of a scalar, traced back to the bytes it is
// written with. Of an alias these are the bytes of the anchored token.
func (n *Node) Joined() source.Joined {
	if n == nil || n.Kind != Scalar || n.Value == "" {
		return source.Joined{}
	}
	if n.text != nil {
		return *n.text
	}
	var j source.Joined
	at := n.At
	if n.Anchored.Valid() {
		at = n.Anchored
	}
	j.AppendAs(n.Value, at)
	return j
}

// Pos returns the place to name for the node: its token, or the key of a value
// that is left out.
func (n *Node) Pos() source.Span {
	switch {
	case n == nil:
		return source.Span{}
	case n.At.Len() == 0 && n.KeyAt.Valid():
		return n.KeyAt
	}
	return n.At
}

// WithText returns a copy of the node as a scalar with another text, for
// readers that resolve references in it.
func (n *Node) WithText(text source.Joined) *Node {
	c := *n
	c.Kind, c.Pairs, c.Items = Scalar, nil, nil
	c.Value, c.text = text.Text, &text
	return &c
}

// Part returns the text of a scalar from start to end as a node of its own, at
// the bytes it comes from: one side of NAME=value.
func (n *Node) Part(start, end int) *Node {
	c := &Node{Tag: "!!str", KeyAt: n.KeyAt, Anchored: n.Anchored, Via: n.Via, Unknown: n.Unknown, Overridable: n.Overridable}
	whole := n.Joined()
	c.text = whole.Slice(start, end)
	c.Value, c.At = c.text.Text, whole.Span(start, end)
	if !c.At.Valid() {
		c.At = n.At
	}
	return c
}

// Computed returns a copy of n in which scalars that hold a text are unknown:
// what marks the expressions of a format.
func (n *Node) Computed(marker string) *Node {
	if n == nil || n.Kind == Scalar && !strings.Contains(n.Value, marker) {
		return n
	}
	c := *n
	if n.Kind == Scalar {
		c.Unknown = true
		return &c
	}
	c.Pairs = make([]Pair, len(n.Pairs))
	for i, p := range n.Pairs {
		c.Pairs[i] = Pair{Key: p.Key, Value: p.Value.Computed(marker)}
	}
	c.Items = make([]*Node, len(n.Items))
	for i, item := range n.Items {
		c.Items[i] = item.Computed(marker)
	}
	return &c
}

// NewMapping returns a mapping that stands for what is written in another form
// at a place.
func NewMapping(at source.Span, pairs ...Pair) *Node {
	return &Node{Kind: Mapping, Style: Block, Tag: "!!map", At: at, Pairs: pairs}
}

// NewScalar returns a text that stands for what is written otherwise at a place.
func NewScalar(text string, at source.Span) *Node {
	n := &Node{Tag: "!!str", Value: text, At: at, text: &source.Joined{}}
	n.text.AppendAs(text, at)
	return n
}

// PlainTag returns the type that a plain scalar with a text has.
func PlainTag(text string) string {
	return (&yaml.Node{Kind: yaml.ScalarNode, Value: text}).ShortTag()
}
