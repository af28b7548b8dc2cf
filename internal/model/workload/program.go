package workload

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
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
	trees sync.Map // *goprogram.File → func() *syntaxFile
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

// Call is a call of a function of another package, or a composite literal of one
// of its types.
type Call struct {
	Func string      // runtime.GOMAXPROCS, net/http.Server
	At   source.Span // from the name of the package to the end
	Args []Arg
	// Plain says that it is a statement of its own, and in no branch of its
	// function.
	Plain bool
	// Steps are the imports on the way from the program to the calling package.
	Steps []goprogram.Step
	File  *source.File
}

// Arg is an argument, or a field of a composite literal.
type Arg struct {
	Field string // "" of an argument
	At    source.Span
	Text  string // of a string literal: what it means; else as written
	Lit   bool   // it is a literal
}

// Notes is the way to a call, as evidence, with the call last.
func (c *Call) Notes(text string) []fact.Note {
	var notes []fact.Note
	for _, s := range c.Steps {
		notes = append(notes, fact.Note{At: s.At, Text: "imports " + s.Path})
	}
	return append(notes, fact.Note{At: c.At, Text: text})
}

// syntaxFile is a Go file that was read as a whole.
type syntaxFile struct {
	source *source.File
	fset   *token.FileSet
	tree   *ast.File // nil where it does not parse
}

func (p *programs) tree(pkg *goprogram.Package, f *goprogram.File) *syntaxFile {
	load, _ := p.trees.LoadOrStore(f, sync.OnceValue(func() *syntaxFile {
		s := &syntaxFile{source: pkg.File(f), fset: token.NewFileSet()}
		if tree, err := parser.ParseFile(s.fset, f.Path, s.source.Data(), 0); err == nil {
			s.tree = tree
		}
		return s
	}))
	return load.(func() *syntaxFile)()
}

func (s *syntaxFile) span(n ast.Node) source.Span {
	base := s.fset.File(s.tree.FileStart).Base()
	return s.source.Span(int(n.Pos())-base, int(n.End())-base)
}

// Calls returns the calls of functions of a package, and the literals of its
// types, in the sources at hand.
func (p *Program) Calls(importPath string, names ...string) []Call {
	var all []Call
	for _, pkg := range p.Closure.Packages {
		for _, f := range pkg.Files {
			if f.Test || !f.Match(goprogram.Linux) || !imports(f, importPath) {
				continue
			}
			if s := p.shared.tree(pkg, f); s.tree != nil {
				for _, c := range s.calls(importPath, names) {
					c.Steps = p.Closure.To(pkg)
					all = append(all, c)
				}
			}
		}
	}
	return all
}

func imports(f *goprogram.File, importPath string) bool {
	return slices.ContainsFunc(f.Imports, func(i goprogram.Import) bool { return i.Path == importPath })
}

// localName is the name under which a file knows a package, "" for none.
func (s *syntaxFile) localName(importPath string) string {
	for _, spec := range s.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != importPath {
			continue
		}
		if spec.Name == nil {
			return path.Base(importPath)
		}
		if spec.Name.Name != "_" && spec.Name.Name != "." {
			return spec.Name.Name
		}
	}
	return ""
}

func (s *syntaxFile) calls(importPath string, names []string) []Call {
	local := s.localName(importPath)
	if local == "" {
		return nil
	}
	var all []Call
	var above []ast.Node
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		switch n := n.(type) {
		case *ast.CallExpr:
			if name := member(n.Fun, local, names); name != "" {
				c := Call{Func: importPath + "." + name, At: s.span(n), File: s.source, Plain: plain(above)}
				for _, a := range n.Args {
					c.Args = append(c.Args, s.arg("", a))
				}
				all = append(all, c)
			}
		case *ast.CompositeLit:
			if name := member(n.Type, local, names); name != "" {
				all = append(all, Call{Func: importPath + "." + name, At: s.span(n), File: s.source, Args: s.fields(n)})
			}
		}
		above = append(above, n)
		return true
	})
	return all
}

// member returns the name behind "local.", where it is one of those that are
// looked for and local is the import and not a variable of that name.
func member(e ast.Expr, local string, names []string) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || !slices.Contains(names, sel.Sel.Name) {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && x.Obj == nil {
		return sel.Sel.Name
	}
	return ""
}

// fields are the named fields of a composite literal.
func (s *syntaxFile) fields(lit *ast.CompositeLit) []Arg {
	var all []Arg
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				all = append(all, s.arg(key.Name, kv.Value))
			}
		}
	}
	return all
}

// plain reports whether what stands below these nodes is a statement of the body
// of a function.
func plain(above []ast.Node) bool {
	n := len(above)
	if n < 3 {
		return false
	}
	_, statement := above[n-1].(*ast.ExprStmt)
	_, block := above[n-2].(*ast.BlockStmt)
	switch above[n-3].(type) {
	case *ast.FuncDecl, *ast.FuncLit:
		return statement && block
	}
	return false
}

func (s *syntaxFile) arg(field string, e ast.Expr) Arg {
	a := Arg{Field: field, At: s.span(e)}
	a.Text = a.At.Text()
	if lit, ok := e.(*ast.BasicLit); ok {
		a.Lit = true
		if text, err := strconv.Unquote(lit.Value); err == nil && lit.Kind == token.STRING {
			a.Text = text
		}
	}
	return a
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
