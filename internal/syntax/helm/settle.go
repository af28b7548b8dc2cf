package helm

import (
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// maxNodes is how many nodes of values.yaml one template may repeat.
const maxNodes = 50_000

// settle returns a node of the masked template with what its actions print.
func (t *template) settle(n *yamlfile.Node) *yamlfile.Node {
	r := t.regionAt(n.At.Start)
	switch n.Kind {
	case yamlfile.Mapping:
		return t.mapping(n)
	case yamlfile.Sequence:
		return t.sequence(n)
	}
	out := t.scalar(n)
	if r.conditional || r.presence == unsure {
		c := *out
		c.Overridable = true
		c.Unknown = c.Unknown || r.presence == unsure
		out = &c
	}
	return out
}

// regionOf returns the region of a key or item, and the action that it is the
// placeholder of, if any.
func (t *template) regionOf(n *yamlfile.Node) (*region, *action) {
	if a := t.places[n.At.Start]; a != nil && n.Kind == yamlfile.Scalar {
		return a.region, a
	}
	return t.regionAt(n.At.Start), nil
}

// mapping settles a mapping. One that only holds placeholders is what they
// print, whatever that is.
func (t *template) mapping(n *yamlfile.Node) *yamlfile.Node {
	c := *n
	c.Pairs, c.Open = nil, n.Open || t.lost
	var only *yamlfile.Node // what the placeholders print
	others := 0
	around := t.regionAt(n.At.Start) // whoever settles what is around n marks all of it
	for _, p := range n.Pairs {
		r, a := t.regionOf(p.Key)
		if a == nil {
			others++
		}
		if a != nil || r.presence == absent {
			c.Open = c.Open || !r.dead
		}
		if r.presence == absent {
			continue
		}
		if a != nil {
			only = t.printed(a, r)
			if only.IsMapping() {
				c.Pairs = append(c.Pairs, only.Pairs...)
			}
			continue
		}
		key, value := t.settle(p.Key), withKey(t.settle(p.Value), p.Value.KeyAt)
		value.Open = value.Open || t.opened(p)
		if r.presence == unsure && around.presence != unsure {
			value = t.deep(value, true, source.Span{})
		}
		c.Open = c.Open || key.Unknown
		c.Pairs = append(c.Pairs, yamlfile.Pair{Key: key, Value: value})
	}
	switch {
	case others > 0 || len(n.Pairs) == 0:
		return &c
	case only != nil && len(n.Pairs) == 1:
		return withKey(only, n.KeyAt)
	}
	unknown := yamlfile.NewScalar(n.At.Text(), n.At)
	unknown.Unknown = true
	return withKey(unknown, n.KeyAt)
}

// opened reports whether an action prints more of the value of a pair.
func (t *template) opened(p yamlfile.Pair) bool {
	if len(t.moved) == 0 {
		return false
	}
	for _, a := range t.within(t.file.Span(p.Key.At.End, p.Value.At.Start)) {
		if t.moved[a] {
			return true
		}
	}
	return false
}

// withKey returns a copy of a node as the value of a key.
func withKey(n *yamlfile.Node, key source.Span) *yamlfile.Node {
	c := *n
	c.KeyAt = key
	return &c
}

// sequence settles a sequence.
func (t *template) sequence(n *yamlfile.Node) *yamlfile.Node {
	c := *n
	c.Items, c.Open = nil, n.Open || t.lost
	around := t.regionAt(n.At.Start)
	for _, item := range n.Items {
		r, a := t.regionOf(item)
		if a != nil || r.presence != present {
			c.Open = c.Open || !r.dead
		}
		switch {
		case r.presence == absent:
		case a != nil:
			if value := t.printed(a, r); value.IsSequence() {
				c.Items = append(c.Items, value.Items...)
			}
		default:
			item = t.settle(item)
			if r.presence == unsure && around.presence != unsure {
				item = t.deep(item, true, source.Span{})
			}
			c.Items = append(c.Items, item)
		}
	}
	return &c
}

// printed returns what an action prints, reached through it, or nil.
func (t *template) printed(a *action, r *region) *yamlfile.Node {
	if r.presence == unsure {
		return nil
	}
	value, text := t.resolve(a.words, r.dot)
	if value == nil || text || value.IsNull() {
		return nil
	}
	at := t.file.Span(a.start, a.end)
	out := t.deep(value, false, at)
	if !out.At.Valid() {
		out.At = at // a literal
	}
	return out
}

// deep returns a copy of a node in which everything can be overridden, and is
// unknown or reached through an action.
func (t *template) deep(n *yamlfile.Node, unknown bool, via source.Span) *yamlfile.Node {
	c := *n
	c.Overridable = true
	c.Unknown = c.Unknown || unknown
	if via.Valid() {
		c.Via = via
	}
	if t.copied++; t.copied > maxNodes {
		c.Unknown, c.Pairs, c.Items = true, nil, nil
		return &c
	}
	c.Pairs = append([]yamlfile.Pair(nil), n.Pairs...)
	for i, p := range c.Pairs {
		c.Pairs[i].Value = t.deep(p.Value, unknown, via)
	}
	c.Items = append([]*yamlfile.Node(nil), n.Items...)
	for i, item := range c.Items {
		c.Items[i] = t.deep(item, unknown, via)
	}
	return &c
}

// scalar returns a scalar with what the actions in it print. If one of them
// computes anything, the scalar is unknown, and its text is that of the file.
func (t *template) scalar(n *yamlfile.Node) *yamlfile.Node {
	actions := t.within(n.At)
	if len(actions) == 0 || n.At.Len() == 0 {
		return n
	}
	start, end := n.At.Start, n.At.End
	if n.Style == yamlfile.SingleQuoted || n.Style == yamlfile.DoubleQuoted {
		start, end = start+1, end-1
	}
	r := actions[0].region
	if len(actions) == 1 && actions[0].start == start && actions[0].end == end {
		if value, text := t.resolve(actions[0].words, r.dot); value != nil {
			return t.alone(n, value, text)
		}
	}
	out, from, ok := t.joined(n, actions, start, end)
	c := n.WithText(out)
	c.Overridable = true
	c.Anchored = from
	c.Unknown = !ok
	if n.Style == yamlfile.Plain {
		c.Tag = yamlfile.PlainTag(c.Value)
	}
	return c
}

// alone returns what a scalar is that only holds one action, which prints value.
func (t *template) alone(n, value *yamlfile.Node, text bool) *yamlfile.Node {
	if value.Kind != yamlfile.Scalar {
		return t.deep(value, false, n.At)
	}
	c := n.WithText(value.Joined())
	c.Anchored = value.At
	c.Overridable = true
	switch {
	case text:
		c.Style, c.Tag = yamlfile.DoubleQuoted, "!!str"
	case n.Style == yamlfile.Plain:
		c.Tag = yamlfile.PlainTag(c.Value)
	}
	return c
}

// joined returns the text of a scalar with what its actions print, and the
// first place of values.yaml that it takes.
func (t *template) joined(n *yamlfile.Node, actions []*action, start, end int) (out source.Joined, from source.Span, ok bool) {
	at := start
	ok = n.Style <= yamlfile.DoubleQuoted && len(n.Value) == end-start // no escapes, no folded lines
	for _, a := range actions {
		value, text := t.resolve(a.words, a.region.dot)
		if !ok || a.start < at || a.end > end || text || value.IsNull() || value.Kind != yamlfile.Scalar || len(out.Text) > maxText {
			ok = false
			break
		}
		out.Append(t.file.Span(at, a.start))
		out.AppendAs(value.Value, t.file.Span(a.start, a.end))
		if !from.Valid() {
			from = value.At
		}
		at = a.end
	}
	if !ok {
		out = source.Joined{}
		out.Append(n.At)
		return out, source.Span{}, false
	}
	out.Append(t.file.Span(at, end))
	return out, from, true
}

// maxText is how long a text with values in it may become, in bytes.
const maxText = 4096
