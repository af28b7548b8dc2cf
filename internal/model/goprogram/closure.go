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

	steps map[*Package][]Step
}

// To returns the shortest way from the program to one of Packages: none for
// the program itself.
func (c *Closure) To(p *Package) []Step { return c.steps[p] }

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

// Closure follows the imports of a program in a build for t. isStd tells the
// standard library's packages. Of a program without a module only those are
// found.
func (g *Graph) Closure(main *Package, t Target, isStd func(string) bool) *Closure {
	c := &Closure{Main: main, Std: map[string][]Step{}, Missing: map[string][]Step{}, steps: map[*Package][]Step{main: nil}}
	c.Packages = []*Package{main}
	target := fmt.Sprint(t)
	for i := 0; i < len(c.Packages); i++ {
		p := c.Packages[i]
		for _, e := range g.imports(edgeKey{main.Module, p, target}, t) {
			g.follow(c, p, e, isStd)
		}
	}
	return c
}

// edge is an import of a package.
type edge struct {
	file *File
	imp  Import
	to   *Package // in a main module, else nil
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
		for _, imp := range f.Imports {
			if seen[imp.Path] {
				continue
			}
			seen[imp.Path] = true
			e := edge{file: f, imp: imp}
			if key.m != nil {
				e.to = g.inMain(key.m, imp.Path)
			}
			edges = append(edges, e)
		}
	}
	g.edges.Store(key, edges)
	return edges
}

func (g *Graph) follow(c *Closure, p *Package, e edge, isStd func(string) bool) {
	next := e.to
	if next == nil {
		std := isStd(e.imp.Path)
		if !std && c.Main.Module != nil {
			next = g.Find(c.Main.Module, e.imp.Path)
		}
		if next == nil {
			c.leave(p, e, std)
			return
		}
	}
	if _, ok := c.steps[next]; !ok {
		c.steps[next] = c.way(p, e)
		c.Packages = append(c.Packages, next)
	}
}

// leave notes an import whose sources are not followed.
func (c *Closure) leave(p *Package, e edge, std bool) {
	ways := c.Missing
	if std {
		ways = c.Std
	}
	if _, ok := ways[e.imp.Path]; !ok {
		ways[e.imp.Path] = c.way(p, e)
	}
}

func (c *Closure) way(p *Package, e edge) []Step {
	return append(slices.Clip(c.steps[p]), Step{At: e.imp.At(p.File(e.file)), From: p, Path: e.imp.Path})
}
