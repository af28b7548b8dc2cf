package gomodule

import (
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
// standard library are left out.
var Uses = repo.NewModel(func(r *repo.Repo) map[*goprogram.Module][]Use {
	graph, known := goprogram.Packages.Of(r), r.Knowledge()
	uses := map[*goprogram.Module]*collected{}
	for _, p := range graph.All() {
		c := uses[p.Module]
		if c == nil {
			c = &collected{at: map[string]int{}}
			uses[p.Module] = c
		}
		for _, f := range p.Files {
			if r.KindOf(f.Path) != repo.GoSource || f.Broken || f.Package == "documentation" || !always(f, p.Module) {
				continue
			}
			for _, i := range f.Imports {
				if !known.IsStd(i.Path) && i.Path != "C" && !strings.HasPrefix(i.Path, ".") {
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
