// Package bakefile reads docker buildx bake files, in HCL or JSON, as far as
// they say how images are built.
//
// Names and meaning follow github.com/docker/buildx/bake. HCL is read by a
// parser of its own: hclsyntax would bring 5 modules and 4 MB, for expressions
// that are not evaluated here anyway.
package bakefile

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Project is what bake makes of its files. Paths are relative to the folder
// bake is called in, which is that of the files unless it is told otherwise.
type Project struct {
	Targets   []*Target
	Groups    []Group
	Variables []Variable
	Problems  []source.Problem
}

// Target is a target with what it inherits applied.
type Target struct {
	At         source.Span // its name
	Name       string
	Context    yamlfile.Value // not given: .
	Dockerfile yamlfile.Value // not given: Dockerfile
	Inline     yamlfile.Value // dockerfile-inline
	Stage      yamlfile.Value // target: the stage that is built
	Args       yamlfile.Dict  // null takes the default of the Dockerfile
	Contexts   yamlfile.Dict
	Platforms  yamlfile.List
	Tags       yamlfile.List
	Inherits   yamlfile.List
	Matrix     *yamlfile.Node // it stands for several targets
	// Open says that more may be given elsewhere: what it inherits is not known.
	Open bool
}

// Group is a list of targets and groups.
type Group struct {
	Name    yamlfile.Value
	Targets yamlfile.List
}

// Variable is a variable with its default, which the environment can replace.
type Variable struct{ Name, Default yamlfile.Value }

// fileNames are what bake reads when it is not told any file, in its order,
// besides Compose files, which come first.
func fileNames() []string {
	return []string{"docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"}
}

// Default returns, of the names in one folder, the files that bake merges, in
// its order.
func Default(names []string) []string {
	return slices.DeleteFunc(fileNames(), func(name string) bool { return !slices.Contains(names, name) })
}

// Parse reads a bake file without a look at what it means. Of variables the
// defaults of the same file are used.
func Parse(f *source.File) *yamlfile.File {
	vars := map[string]*yamlfile.Node{}
	lookup := func(name string) *yamlfile.Node { return vars[name] }
	var file *yamlfile.File
	// Defaults may use other variables: two passes to know them.
	for range 3 {
		if path.Ext(f.Path) == ".json" {
			file = yamlfile.Parse(f)
			for i, doc := range file.Docs {
				file.Docs[i] = resolveJSON(doc, f, lookup)
			}
		} else {
			file = parseHCL(f, lookup)
		}
		vars = map[string]*yamlfile.Node{}
		for _, doc := range file.Docs {
			defaults(doc, vars)
		}
		if len(vars) == 0 {
			break
		}
	}
	return file
}

// defaults collects the values of variables: of variable blocks, and attributes
// at the top of the file.
func defaults(doc *yamlfile.Node, vars map[string]*yamlfile.Node) {
	if !doc.IsMapping() {
		return
	}
	for _, p := range doc.Pairs {
		switch {
		case p.Key.Value == "variable" && p.Value.IsMapping():
			for _, v := range p.Value.Pairs {
				if value := v.Value.Get("default"); value != nil {
					vars[v.Key.Value] = value
				}
			}
		case !isBlock(p.Key.Value) && p.Value.IsScalar():
			vars[p.Key.Value] = p.Value
		}
	}
}

func isBlock(name string) bool {
	return name == "target" || name == "group" || name == "function" || name == "variable"
}

// resolveJSON replaces the interpolations in the texts of a JSON file.
func resolveJSON(n *yamlfile.Node, f *source.File, vars func(string) *yamlfile.Node) *yamlfile.Node {
	c := *n
	c.Pairs = slices.Clone(n.Pairs)
	for i, p := range c.Pairs {
		c.Pairs[i].Value = resolveJSON(p.Value, f, vars)
	}
	c.Items = slices.Clone(n.Items)
	for i, item := range c.Items {
		c.Items[i] = resolveJSON(item, f, vars)
	}
	if n.Kind != yamlfile.Scalar || !strings.Contains(n.Value, "${") && !strings.Contains(n.Value, "%{") {
		return &c
	}
	t := template{parser: &parser{file: f, text: f.Data(), vars: vars, out: &yamlfile.File{Source: f}}}
	if n.Style != yamlfile.DoubleQuoted || strings.Contains(n.At.Text(), `\`) {
		c.Unknown = true // escapes of JSON within those of HCL
		return &c
	}
	t.read(n.At.Start+1, n.At.End-1, false)
	out := t.node(n.At.Start, n.At.End)
	out.KeyAt = n.KeyAt
	return out
}

// Read reads parsed bake files, later ones on top of earlier ones.
func Read(files []*yamlfile.File) *Project {
	r := &reader{
		targets: map[string]*yamlfile.Node{}, names: map[string]*yamlfile.Node{}, inherited: map[string]*yamlfile.Node{},
	}
	p := &Project{}
	var order []string
	for _, f := range files {
		for _, doc := range f.Docs {
			doc = r.Mapping(doc, "bake file")
			for _, kv := range r.pairs(doc, "target") {
				if r.targets[kv.Key.Value] == nil {
					order = append(order, kv.Key.Value)
				}
				r.targets[kv.Key.Value] = merge(r.targets[kv.Key.Value], kv.Value)
				r.names[kv.Key.Value] = kv.Key
			}
			for _, kv := range r.pairs(doc, "group") {
				p.Groups = append(p.Groups, Group{kv.Key.Scalar(), kv.Value.Get("targets").List()})
			}
			for _, kv := range r.pairs(doc, "variable") {
				p.Variables = append(p.Variables, Variable{kv.Key.Scalar(), kv.Value.Get("default").Scalar()})
			}
		}
	}
	for _, name := range order {
		p.Targets = append(p.Targets, r.target(name))
	}
	p.Problems = r.Problems
	return p
}

type reader struct {
	yamlfile.Shapes
	targets map[string]*yamlfile.Node
	names   map[string]*yamlfile.Node // the keys of targets

	inherited map[string]*yamlfile.Node // targets with what they inherit
}

// pairs returns the named blocks of a kind.
func (r *reader) pairs(doc *yamlfile.Node, kind string) []yamlfile.Pair {
	n := r.Mapping(doc.Get(kind), kind)
	if n == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Pairs), func(p yamlfile.Pair) bool {
		return p.Key.Kind != yamlfile.Scalar || r.Mapping(p.Value, kind) == nil
	})
}

// merge returns a target with the keys of another on top.
func merge(base, over *yamlfile.Node) *yamlfile.Node {
	if base == nil {
		return over
	}
	merged := *base
	merged.Open = base.Open || over.Open
	merged.Pairs = nil
	overs := map[string]*yamlfile.Node{}
	for _, p := range over.Pairs {
		overs[p.Key.Value] = p.Value
	}
	for _, p := range base.Pairs {
		value := p.Value
		if o := overs[p.Key.Value]; o != nil {
			if o.IsMapping() && value.IsMapping() {
				o = merge(value, o) // args, contexts, labels
			}
			value = o
			delete(overs, p.Key.Value)
		}
		merged.Pairs = append(merged.Pairs, yamlfile.Pair{Key: p.Key, Value: value})
	}
	for _, p := range over.Pairs {
		if overs[p.Key.Value] == p.Value {
			merged.Pairs = append(merged.Pairs, p)
		}
	}
	return &merged
}

// inherit returns a target on top of those it inherits.
func (r *reader) inherit(name string) *yamlfile.Node {
	n, done := r.inherited[name]
	if done {
		return n // nil in a cycle
	}
	r.inherited[name] = nil
	n = r.targets[name]
	if parents := n.Get("inherits").List(); parents.Given() {
		n = r.onTop(n, parents)
	}
	r.inherited[name] = n
	return n
}

func (r *reader) onTop(n *yamlfile.Node, parents yamlfile.List) *yamlfile.Node {
	var below *yamlfile.Node
	open := !parents.Known()
	for _, parent := range parents.Items {
		if !parent.Known {
			continue
		}
		if r.targets[parent.Text] == nil {
			r.Problem(parent.At, "failed to find target %s", parent.Text)
			open = true
			continue
		}
		if p := r.inherit(parent.Text); p != nil {
			below = merge(below, p)
		} else {
			open = true
		}
	}
	merged := *merge(below, n)
	merged.Open = merged.Open || open
	return &merged
}

func (r *reader) target(name string) *Target {
	n := r.inherit(name)
	return &Target{
		At: r.names[name].At, Name: name, Open: n.Open,
		Context: n.Get("context").Scalar(), Dockerfile: n.Get("dockerfile").Scalar(), Inline: n.Get("dockerfile-inline").Scalar(),
		Stage: n.Get("target").Scalar(), Args: r.Mapping(n.Get("args"), "args").Dict(), Contexts: n.Get("contexts").Dict(),
		Platforms: n.Get("platforms").List(), Tags: n.Get("tags").List(),
		Inherits: r.targets[name].Get("inherits").List(), Matrix: n.Get("matrix"),
	}
}
