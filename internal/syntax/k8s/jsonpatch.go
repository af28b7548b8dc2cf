package k8s

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// maxOperations bounds the operations of one patch.
const maxOperations = 200

// JSONPatch returns base with a list of operations applied (RFC 6902). Nodes keep
// the places they come from. It gives up, with ok false, where an operation does
// not fit, moves or copies, or is not known; a test counts as passed.
func JSONPatch(base, operations *yamlfile.Node) (patched *yamlfile.Node, ok bool) {
	if !operations.IsSequence() || operations.Open || len(operations.Items) > maxOperations {
		return base, false
	}
	patched = base
	for _, item := range operations.Items {
		op, path := item.Get("op").Scalar(), item.Get("path").Scalar()
		if !op.Known || !path.Known || !strings.HasPrefix(path.Text, "/") {
			return base, false
		}
		if op.Is("test") {
			continue
		}
		e := edit{op: op.Text, key: item.Get("path"), value: item.Get("value")}
		if patched, ok = e.apply(patched, strings.Split(path.Text[1:], "/")); !ok {
			return base, false
		}
	}
	return patched, true
}

// edit is one operation.
type edit struct {
	op         string
	key, value *yamlfile.Node // key stands for the member that the operation adds
}

var pointer = strings.NewReplacer("~1", "/", "~0", "~")

// apply returns a copy of a node in which the member that a path leads to is
// changed.
func (e edit) apply(n *yamlfile.Node, path []string) (*yamlfile.Node, bool) {
	if n == nil || n.Unknown {
		return nil, false
	}
	token := pointer.Replace(path[0])
	switch {
	case n.IsMapping():
		return e.mapping(n, token, path[1:])
	case n.IsSequence() && !n.Open:
		return e.sequence(n, token, path[1:])
	}
	return nil, false
}

func (e edit) mapping(n *yamlfile.Node, name string, rest []string) (*yamlfile.Node, bool) {
	c := *n
	c.Pairs = slices.Clone(n.Pairs)
	i := slices.IndexFunc(c.Pairs, func(p yamlfile.Pair) bool { return p.Key.Value == name })
	ok := i >= 0
	switch {
	case len(rest) > 0 && ok:
		c.Pairs[i].Value, ok = e.apply(c.Pairs[i].Value, rest)
	case len(rest) > 0:
	case e.op == "remove" && ok:
		c.Pairs = slices.Delete(c.Pairs, i, i+1)
	case e.value == nil:
		ok = false
	case e.op == "add" && !ok && !n.Open:
		key := *e.key
		key.Value, ok = name, true
		c.Pairs = append(c.Pairs, yamlfile.Pair{Key: &key, Value: e.value})
	case e.op == "add" || e.op == "replace":
		if ok {
			c.Pairs[i].Value = e.value
		}
	default:
		ok = false
	}
	return &c, ok
}

func (e edit) sequence(n *yamlfile.Node, index string, rest []string) (*yamlfile.Node, bool) {
	c := *n
	c.Items = slices.Clone(n.Items)
	i, err := strconv.Atoi(index)
	if index == "-" {
		i, err = len(c.Items), nil
	}
	ok := err == nil && i >= 0 && i < len(c.Items)
	switch {
	case len(rest) > 0 && ok:
		c.Items[i], ok = e.apply(c.Items[i], rest)
	case len(rest) > 0:
	case e.op == "remove" && ok:
		c.Items = slices.Delete(c.Items, i, i+1)
	case e.value == nil:
		ok = false
	case e.op == "add" && err == nil && i >= 0 && i <= len(c.Items):
		c.Items, ok = slices.Insert(c.Items, i, e.value), true
	case e.op == "replace" && ok:
		c.Items[i] = e.value
	default:
		ok = false
	}
	return &c, ok
}
