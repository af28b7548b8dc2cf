package workload

import (
	"bytes"
	"path"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Program is a program of the repository with what its sources say.
type Program struct {
	Main    *goprogram.Package
	Closure *goprogram.Closure

	shared *programs
}

// Programs is the model of the programs that services are joined with. They are
// read when they are asked for.
var Programs = repo.NewModel(func(r *repo.Repo) *programs { return &programs{repo: r} })

type programs struct {
	repo  *repo.Repo
	mains sync.Map // *goprogram.Package → func() *Program
}

// of returns the program of a main package.
func (p *programs) of(main *goprogram.Package) *Program {
	load, _ := p.mains.LoadOrStore(main, sync.OnceValue(func() *Program {
		closure := goprogram.Packages.Of(p.repo).Closure(main, goprogram.Linux)
		return &Program{Main: main, Closure: closure, shared: p}
	}))
	return load.(func() *Program)()
}

// All returns the programs of all main packages, sorted by folder.
func (p *programs) All() []*Program {
	var all []*Program
	for _, main := range goprogram.Packages.Of(p.repo).Mains() {
		all = append(all, p.of(main))
	}
	return all
}

// Name is what the go command calls the program.
func (p *Program) Name() string {
	if p.Main.Path == "" {
		return path.Base(p.Main.Dir)
	}
	return defaultName(p.Main.Path)
}

// Entry is a place to say of what the whole program does: the package clause
// line of its first file.
func (p *Program) Entry() source.Span {
	for _, f := range p.Main.Files {
		if f.Test || !f.Match(goprogram.Linux) {
			continue
		}
		src := p.Main.File(f)
		if i := bytes.Index(src.Data(), []byte("package main")); i >= 0 {
			return src.Span(i, i+len("package main"))
		}
	}
	return source.Span{}
}

// Call is a call in a program.
type Call struct {
	goprogram.Call
	// Steps are the imports on the way from the program to the calling package.
	Steps []goprogram.Step
}

// Notes is the way to a call, as evidence, with the call last.
func (c *Call) Notes(text string) []fact.Note {
	var notes []fact.Note
	for _, s := range c.Steps {
		notes = append(notes, fact.Note{At: s.At, Text: "imports " + s.Path})
	}
	return append(notes, fact.Note{At: c.Whole, Text: text})
}

// Calls returns the calls of functions of a package, and the literals of its
// types, in the sources at hand.
func (p *Program) Calls(importPath string, names ...string) []Call {
	var all []Call
	for _, pkg := range p.Closure.Packages {
		for _, c := range pkg.Calls(goprogram.Linux, importPath, names...) {
			all = append(all, Call{c, p.Closure.To(pkg)})
		}
	}
	return all
}

// Imports returns the way to the first import of a package whose path is prefix
// or lies below it; ok is false where the sources at hand import none.
func (p *Program) Imports(prefix string) (steps []goprogram.Step, ok bool) {
	matches := func(importPath string) bool {
		rest, found := strings.CutPrefix(importPath, prefix)
		return found && (rest == "" || rest[0] == '/')
	}
	for _, pkg := range p.Closure.Packages {
		if matches(pkg.Path) {
			return p.Closure.To(pkg), true
		}
	}
	var best string
	for importPath := range p.Closure.Missing {
		if matches(importPath) && (best == "" || importPath < best) {
			best = importPath
		}
	}
	if best == "" {
		return nil, false
	}
	return p.Closure.Missing[best], true
}

// Direct reports whether one of the main modules' own packages imports a
// package: the last step starts in the module of the program.
func (p *Program) Direct(steps []goprogram.Step) bool {
	return len(steps) > 0 && steps[len(steps)-1].From.Module != nil
}

// Mentions reports whether a text stands in the sources at hand.
func (p *Program) Mentions(text string) bool {
	for _, pkg := range p.Closure.Packages {
		for _, f := range pkg.Files {
			if !f.Test && f.Match(goprogram.Linux) && bytes.Contains(pkg.File(f).Data(), []byte(text)) {
				return true
			}
		}
	}
	return false
}

// Requires returns the requirement of the program's module, or of the other
// members of its workspace, for a module.
func (p *Program) Requires(modulePath string) (at source.Span, ok bool) {
	m := p.Main.Module
	if m == nil {
		return source.Span{}, false
	}
	members := []*goprogram.Module{m}
	if m.InWorkspace() {
		members = append(members, m.Work.Members...)
	}
	for _, m := range members {
		for _, req := range m.Mod.Requires {
			if req.Path.Text == modulePath {
				return req.At, true
			}
		}
	}
	return source.Span{}, false
}
