package goprogram

import (
	"fmt"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Step is one import on the way from a program to a package.
type Step struct {
	At   source.Span // the import path in the importing file
	From *Package
	Path string
}

// Closure is what a program is built from.
type Closure struct {
	Main *Package
	// Packages are those whose sources are at hand, in breadth-first order.
	Packages []*Package
	// Std and Missing are the imports of the standard library, and of packages
	// whose sources are not at hand, each with the shortest way to it.
	Std, Missing map[string][]Step

	from map[*Package]origin // how each of Packages was met first
}

// origin is an import by a package; the zero origin is that of the program.
type origin struct {
	by   *Package
	edge edge
}

// To returns the shortest way from the program to one of Packages: none for
// the program itself.
func (c *Closure) To(p *Package) []Step {
	if o := c.from[p]; o.by != nil {
		return c.way(o)
	}
	return nil
}

// way returns the shortest way that ends with an import.
func (c *Closure) way(o origin) []Step {
	var steps []Step
	for ; o.by != nil; o = c.from[o.by] {
		imp := o.edge.imp
		steps = append(steps, Step{At: imp.At(o.by.File(o.edge.file)), From: o.by, Path: imp.Path})
	}
	slices.Reverse(steps)
	return steps
}

// Complete reports whether all sources are at hand.
func (c *Closure) Complete() bool { return len(c.Missing) == 0 }

// Notes returns the steps as evidence, the last with the text given.
func Notes(steps []Step, last string) []fact.Note {
	notes := make([]fact.Note, len(steps))
	for i, s := range steps {
		notes[i] = fact.Note{At: s.At, Text: "imports " + s.Path}
	}
	if n := len(notes); n > 0 && last != "" {
		notes[n-1].Text = last
	}
	return notes
}

// Closure follows the imports of a program in a build for t. Of a program
// without a module only those of the standard library are found.
func (g *Graph) Closure(main *Package, t Target) *Closure {
	c := &Closure{Main: main, Std: map[string][]Step{}, Missing: map[string][]Step{}, from: map[*Package]origin{main: {}}}
	c.Packages = []*Package{main}
	target := fmt.Sprint(t)
	for i := 0; i < len(c.Packages); i++ {
		p := c.Packages[i]
		for _, e := range g.imports(edgeKey{main.Module, p, target}, t) {
			c.follow(origin{p, e})
		}
	}
	return c
}

func (c *Closure) follow(o origin) {
	next := o.edge.to
	if next == nil {
		ways := c.Missing
		if o.edge.std {
			ways = c.Std
		}
		if _, ok := ways[o.edge.imp.Path]; !ok {
			ways[o.edge.imp.Path] = c.way(o)
		}
		return
	}
	if _, ok := c.from[next]; !ok {
		c.from[next] = o
		c.Packages = append(c.Packages, next)
	}
}

// edge is an import of a package.
type edge struct {
	file *File
	imp  *Import
	to   *Package // nil where its sources are not at hand
	std  bool     // of the standard library
}

// edgeKey is a package in a build. Programs share most of what they are built
// from, so that its imports are resolved once for all of them.
type edgeKey struct {
	m      *Module // the main module, or nil
	p      *Package
	target string
}

// imports returns the imports of a package, each path once, where it is met
// first.
func (g *Graph) imports(key edgeKey, t Target) []edge {
	if edges, ok := g.edges.Load(key); ok {
		return edges.([]edge)
	}
	seen := map[string]bool{"C": true, "unsafe": true}
	var edges []edge
	for _, f := range key.p.Files {
		if f.Test || !f.Match(t) {
			continue
		}
		for i := range f.Imports {
			if imp := &f.Imports[i]; !seen[imp.Path] {
				seen[imp.Path] = true
				edges = append(edges, g.edge(key.m, f, imp))
			}
		}
	}
	g.edges.Store(key, edges)
	return edges
}

// edge finds what an import leads to when m is the main module.
func (g *Graph) edge(m *Module, f *File, imp *Import) edge {
	e := edge{file: f, imp: imp}
	if m != nil {
		e.to = g.inMain(m, imp.Path)
	}
	if e.to == nil {
		e.std = g.repo.Knowledge().IsStd(imp.Path)
		if !e.std && m != nil {
			e.to = g.Find(m, imp.Path)
		}
	}
	return e
}
