package yamlfile

import (
	"fmt"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

const (
	nullTag  = "!!null"
	mergeTag = "!!merge"

	mergeProblem = "map merge requires map or sequence of maps as the value"
)

// builder makes nodes with byte spans from the nodes of the library.
type builder struct {
	file   *File
	text   []byte
	end    int // of the document
	clones *int

	anchors map[*yaml.Node]*Node

	// The place that was asked for last: asking goes forward, so that finding
	// all places takes one pass over the text.
	line, column, offset int
	starts               []int // offset at which each line of the document starts
}

func newBuilder(file *File, text []byte, c chunk, clones *int) *builder {
	b := &builder{file: file, text: text[:c.end], end: c.end, clones: clones, anchors: map[*yaml.Node]*Node{}}
	for i := c.start; i < c.end; i = nextLine(b.text, i) {
		b.starts = append(b.starts, i)
	}
	b.starts = append(b.starts, c.end)
	return b
}

// place returns the offset of a line and a column, which the library counts in
// characters, both from 1.
func (b *builder) place(line, column int) int {
	if line < 1 || line > len(b.starts) {
		return b.end
	}
	if line != b.line || column < b.column {
		b.line, b.column, b.offset = line, 1, b.starts[line-1]
	}
	for b.column < column && b.offset < b.end {
		_, size := utf8.DecodeRune(b.text[b.offset:])
		b.offset += size
		b.column++
	}
	return b.offset
}

// columnOf returns the number of characters between the start of the line and an offset.
func (b *builder) columnOf(offset int) int {
	start := offset
	for start > b.starts[0] && breakEndsAt(b.text, start) == 0 {
		start--
	}
	return utf8.RuneCount(b.text[start:offset])
}

func breakEndsAt(text []byte, i int) int {
	for n := 1; n <= 3 && n <= i; n++ {
		if breakLen(text[:i], i-n) == n {
			return n
		}
	}
	return 0
}

// node makes a node. The key is that of the pair it is the value of, indent the
// column of the innermost block collection around it, or -1.
func (b *builder) node(n *yaml.Node, key *Node, indent, depth int) *Node {
	out := &Node{Tag: n.ShortTag(), Anchor: n.Anchor}
	if key != nil {
		out.KeyAt = key.At
	}
	start := b.place(n.Line, n.Column)
	if n.Kind == yaml.AliasNode {
		out.At = b.file.Source.Span(start, start+1+len(n.Value))
		return b.alias(n, out)
	}
	start = b.content(n, start)
	if depth > maxDepth {
		out.Unknown, out.At = true, b.file.Source.Span(start, start)
		b.file.problem(out.At, fmt.Sprintf("nested deeper than %d", maxDepth))
		return out
	}
	switch n.Kind {
	case yaml.MappingNode, yaml.SequenceNode:
		b.collection(n, out, start, indent, depth)
	default:
		b.scalar(n, out, start, indent)
	}
	b.anchors[n] = out
	return out
}

// content returns where the token of a node starts, behind its anchor and tag.
func (b *builder) content(n *yaml.Node, i int) int {
	properties := 0
	if n.Anchor != "" {
		properties++
	}
	if n.Style&yaml.TaggedStyle != 0 {
		properties++
	}
	// The tag "!" is not reported. What follows a block collection's own
	// anchor and tag is of its first key.
	unmarked := n.Kind == yaml.ScalarNode || n.Style&yaml.FlowStyle != 0
	empty := n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&^yaml.TaggedStyle == 0
	for i < b.end && (properties > 0 && b.text[i] == '&' || (properties > 0 || unmarked) && b.text[i] == '!') {
		i = b.property(i)
		if properties--; properties <= 0 && empty {
			return i // nothing follows
		}
		i = skipSpace(b.text, i)
	}
	return i
}

// property returns the end of the anchor or tag at i.
func (b *builder) property(i int) int {
	anchor := b.text[i] == '&'
	for i++; i < b.end && !blank(b.text[i]) && breakLen(b.text, i) == 0 && (!anchor || anchorByte(b.text[i])); {
		i++
	}
	return i
}

func anchorByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// skipSpace returns the offset of the next byte that is no blank, line break or
// part of a comment.
func skipSpace(text []byte, i int) int {
	for i < len(text) {
		switch n := breakLen(text, i); {
		case n > 0:
			i += n
		case blank(text[i]):
			i++
		case text[i] == '#':
			for i < len(text) && breakLen(text, i) == 0 {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// collection completes a mapping or sequence whose token starts at start.
func (b *builder) collection(n *yaml.Node, out *Node, start, indent, depth int) {
	out.Style = Block
	bracket := false
	if n.Style&yaml.FlowStyle != 0 {
		out.Style = Flow
		bracket = start < b.end && (b.text[start] == '[' || b.text[start] == '{') && !b.single(n, start)
	} else {
		indent = b.columnOf(start)
	}
	end := start
	if n.Kind == yaml.SequenceNode {
		out.Kind = Sequence
		if out.Style == Block {
			end = min(start+1, b.end) // the dash
		}
		for _, m := range n.Content {
			item := b.node(m, nil, indent, depth+1)
			out.Items = append(out.Items, item)
			end = max(end, item.At.End)
		}
	} else {
		out.Kind = Mapping
		end = max(end, b.pairs(n, out, indent, depth))
	}
	if bracket {
		end = b.closing(end, start)
	}
	out.At = b.file.Source.Span(start, end)
}

// pairs reads the members of a mapping and returns where the last one ends.
func (b *builder) pairs(n *yaml.Node, out *Node, indent, depth int) (end int) {
	var merges []*Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := b.node(n.Content[i], nil, indent, depth+1)
		value := b.node(n.Content[i+1], key, indent, depth+1)
		end = max(end, key.At.End, value.At.End)
		if isMerge(n.Content[i]) {
			merges = append(merges, value)
		} else {
			out.Pairs = append(out.Pairs, Pair{key, value})
		}
	}
	seen := b.duplicates(out)
	for _, m := range merges {
		b.merge(out, m, seen)
	}
	out.index = newIndex(out.Pairs)
	return end
}

// single reports whether a flow mapping is a pair without braces in a flow
// sequence, whose key starts where it does.
func (b *builder) single(n *yaml.Node, start int) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) > 0 && b.place(n.Content[0].Line, n.Content[0].Column) == start
}

// closing returns the offset behind the bracket that closes the flow collection
// at start, whose last member ends at i.
func (b *builder) closing(i, start int) int {
	for i = skipSpace(b.text, max(i, start+1)); i < b.end; i = skipSpace(b.text, i+1) {
		if c := b.text[i]; c == ']' || c == '}' {
			return i + 1
		}
	}
	return i
}

func isMerge(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "<<" && n.ShortTag() == mergeTag
}

// duplicates reports keys that are given twice, and returns all keys.
func (b *builder) duplicates(m *Node) map[string]*Node {
	seen := make(map[string]*Node, len(m.Pairs))
	for _, p := range m.Pairs {
		if p.Key.Kind != Scalar {
			continue
		}
		if first := seen[p.Key.Value]; first != nil {
			b.file.problem(p.Key.At, fmt.Sprintf("mapping key %q already defined at line %d", p.Key.Value, first.At.Begin().Line))
			continue
		}
		seen[p.Key.Value] = p.Key
	}
	return seen
}

// alias completes a node that stands for the anchored one.
func (b *builder) alias(n *yaml.Node, out *Node) *Node {
	target := b.anchors[n.Alias]
	if target == nil {
		b.file.problem(out.At, fmt.Sprintf("anchor '%s' value contains itself", n.Value))
		out.Unknown = true
		return out
	}
	at, keyAt := out.At, out.KeyAt
	out = b.clone(target, at)
	out.At, out.KeyAt, out.Anchored, out.Via, out.Anchor = at, keyAt, target.At, source.Span{}, ""
	if target.Anchored.Valid() {
		out.Anchored = target.Anchored
	}
	return out
}

// clone copies a node for its use through an alias.
func (b *builder) clone(n *Node, via source.Span) *Node {
	if *b.clones--; *b.clones <= 0 {
		if *b.clones == 0 {
			b.file.problem(via, "document contains excessive aliasing")
		}
		return &Node{Unknown: true, At: n.At, KeyAt: n.KeyAt}
	}
	c := *n
	c.Via = via
	if n.Pairs != nil {
		c.Pairs = make([]Pair, len(n.Pairs))
		for i, p := range n.Pairs {
			c.Pairs[i] = Pair{b.clone(p.Key, via), b.clone(p.Value, via)}
		}
	}
	if n.Items != nil {
		c.Items = make([]*Node, len(n.Items))
		for i, item := range n.Items {
			c.Items[i] = b.clone(item, via)
		}
	}
	return &c
}

// merge adds to m the pairs of a merge key's value whose keys it does not have.
func (b *builder) merge(m, value *Node, have map[string]*Node) {
	switch {
	case value.Kind == Mapping:
		for _, p := range value.Pairs {
			if p.Key.Kind == Scalar {
				if have[p.Key.Value] != nil {
					continue
				}
				have[p.Key.Value] = p.Key
			}
			m.Pairs = append(m.Pairs, p)
		}
		m.Open = m.Open || value.Open
	case value.Kind == Sequence && !value.Anchored.Valid():
		for _, item := range value.Items {
			if item.Kind != Mapping {
				b.file.problem(item.Pos(), mergeProblem)
				continue
			}
			b.merge(m, item, have)
		}
	case value.Unknown:
		m.Open = true
	default:
		b.file.problem(value.Pos(), mergeProblem)
	}
}
