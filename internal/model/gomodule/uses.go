package gomodule

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Use is the first import of a package in the files of a module.
type Use struct {
	Path string
	At   source.Span
	Test bool // only tests import it
}

// Uses are the imports that every build of ./... for linux/amd64 meets, for
// each module sorted by folder and file, each path once. Packages of the
// standard library are left out. A module without Go files has no list.
var Uses = repo.NewModel(func(r *repo.Repo) map[*goprogram.Module][]Use {
	graph := goprogram.Packages.Of(r)
	uses := map[*goprogram.Module]*collected{}
	for _, p := range graph.All() {
		c := uses[p.Module]
		if c == nil {
			c = &collected{list: []Use{}, at: map[string]int{}}
			uses[p.Module] = c
		}
		for _, f := range p.Files {
			if r.KindOf(f.Path) != repo.GoSource || f.Broken || f.Package == "documentation" || !always(f, p.Module) {
				continue
			}
			for _, i := range f.Imports {
				if isForeign(r, i.Path) {
					c.add(Use{i.Path, i.At(p.File(f)), f.Test})
				}
			}
		}
	}
	lists := map[*goprogram.Module][]Use{}
	for m, c := range uses {
		lists[m] = c.list
	}
	return lists
})

// Reach adds to the imports of a module those of the packages that it takes from
// the repository itself: from the vendor folder, or from folders that replace
// modules. Imports of their tests do not count.
func (m *Module) Reach(r *repo.Repo, uses []Use) []Use {
	if m.Mode == Unsettled || m.Mode == Workspace || m.Mode == Alone && !slices.ContainsFunc(m.Roots, (*Root).Local) {
		return uses
	}
	c := &collected{list: slices.Clone(uses), at: map[string]int{}}
	for i, u := range uses {
		c.at[u.Path] = i
	}
	visited := map[string]bool{}
	for _, test := range []bool{false, true} { // what is built goes before what is only tested
		var queue []Use
		for _, u := range c.list {
			if u.Test == test {
				queue = append(queue, u)
			}
		}
		for i := 0; i < len(queue); i++ {
			if visited[queue[i].Path] {
				continue
			}
			visited[queue[i].Path] = true
			for _, next := range m.importsOf(r, queue[i]) {
				c.add(next)
				queue = append(queue, next)
			}
		}
	}
	return c.list
}

// importsOf returns the imports of a package that comes from the vendor folder,
// or from a folder that replaces a module.
func (m *Module) importsOf(r *repo.Repo, u Use) []Use {
	if m.Mode == Alone {
		if roots := m.Candidates(u.Path); len(roots) != 1 || !roots[0].Local() {
			return nil
		}
	}
	p := goprogram.Packages.Of(r).Find(m.Module, u.Path)
	if p == nil || p.Module == m.Module {
		return nil
	}
	var uses []Use
	for _, f := range p.Files {
		if f.Test || f.Broken || f.Package == "documentation" || !always(f, m.Module) {
			continue
		}
		for _, i := range f.Imports {
			if isForeign(r, i.Path) {
				uses = append(uses, Use{i.Path, i.At(p.File(f)), u.Test})
			}
		}
	}
	return uses
}

// isForeign reports whether an import path is none of the standard library's,
// nor one that is not looked up.
func isForeign(r *repo.Repo, importPath string) bool {
	return importPath != "C" && !strings.HasPrefix(importPath, ".") && !r.Knowledge().IsStd(importPath)
}

// collected is a list without repetitions, in which what is built goes before
// what is only tested.
type collected struct {
	list []Use
	at   map[string]int
}

func (c *collected) add(u Use) {
	i, ok := c.at[u.Path]
	switch {
	case !ok:
		c.at[u.Path] = len(c.list)
		c.list = append(c.list, u)
	case c.list[i].Test && !u.Test:
		c.list[i] = u
	}
}

// always reports whether a file is part of a build for linux/amd64 whatever
// decides else: cgo on or off, and any release from the module's go line on.
func always(f *goprogram.File, m *goprogram.Module) bool {
	oldest, ok := goprogram.Minor(m.Mod.Go.Text)
	if !ok {
		oldest = 16
	}
	for _, minor := range []int{oldest, goprogram.Linux.Minor} {
		for _, cgo := range []bool{false, true} {
			t := goprogram.Linux
			t.Minor, t.Cgo = minor, cgo
			if !f.Match(t) {
				return false
			}
		}
	}
	return true
}
