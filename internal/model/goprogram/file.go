package goprogram

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// File is what the head of a Go file says: everything up to the end of its
// imports.
type File struct {
	Path     string
	Package  string // name of the package clause
	Test     bool   // name ends in _test.go
	Imports  []Import
	Cgo      bool     // imports "C"
	CgoLines []string // the #cgo lines above import "C", without "#cgo "
	Debug    []Import // //go:debug lines: key=value
	Broken   bool     // the head does not parse

	constraint   constraint.Expr // of the //go:build line
	plus         constraint.Expr // of the +build lines, which count without one
	goos, goarch string          // of the name: x_linux_arm64.go
	calls        sync.Map        // what Calls found, by query
}

// Import is an import with the bytes of its path, quotes included.
type Import struct {
	Path       string
	Start, End int
}

// headSize is what is read of a Go file first. The imports of nearly all files
// end before it.
const headSize = 4 << 10

// parseHead reads the head of a Go file. ok is false when data, which is not
// the whole file, does not hold all imports.
func parseHead(name string, data []byte, whole bool) (f *File, ok bool) {
	if f, ok = scanHead(name, data, whole); ok {
		return f, true
	}
	return parseAny(name, data, whole)
}

func newFile(name string) *File {
	f := &File{Path: name, Test: strings.HasSuffix(name, "_test.go")}
	f.goos, f.goarch = nameTarget(path.Base(name))
	return f
}

// parseAny is parseHead for whatever a file may hold.
func parseAny(name string, data []byte, whole bool) (f *File, ok bool) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, data, parser.ImportsOnly|parser.ParseComments|parser.SkipObjectResolution)
	if !whole && (err != nil || !endsBefore(fset, tree, data)) {
		return nil, false
	}
	f = newFile(name)
	f.Broken = err != nil
	if tree == nil {
		return f, true
	}
	if tree.Name != nil {
		f.Package = tree.Name.Name
	}
	offset := func(p token.Pos) int { return fset.PositionFor(p, false).Offset }
	f.readComments(tree, offset)
	for _, decl := range tree.Decls {
		if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.IMPORT {
			f.readImports(group, offset)
		}
	}
	return f, true
}

// endsBefore reports whether something follows the imports inside data, so
// that no further import can be cut off.
func endsBefore(fset *token.FileSet, tree *ast.File, data []byte) bool {
	end := tree.Name.End()
	if n := len(tree.Decls); n > 0 {
		end = tree.Decls[n-1].End()
	}
	for _, group := range tree.Comments {
		if group.End() > end {
			end = group.End()
		}
	}
	rest := strings.TrimLeft(string(data[fset.PositionFor(end, false).Offset:]), " \t\r\n;")
	return len(rest) > len("import") && !strings.HasPrefix(rest, "/")
}

func (f *File) readImports(group *ast.GenDecl, offset func(token.Pos) int) {
	for _, spec := range group.Specs {
		s, ok := spec.(*ast.ImportSpec)
		if !ok || s.Path == nil {
			continue
		}
		text, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		f.Imports = append(f.Imports, Import{text, offset(s.Path.Pos()), offset(s.Path.End())})
		if text == "C" {
			f.Cgo = true
			doc := s.Doc
			if doc == nil && len(group.Specs) == 1 {
				doc = group.Doc
			}
			f.CgoLines = append(f.CgoLines, cgoLines(doc)...)
		}
	}
}

// cgoLines returns the directives of a preamble.
func cgoLines(doc *ast.CommentGroup) []string {
	var lines []string
	for line := range strings.Lines(doc.Text()) {
		if words, ok := strings.CutPrefix(strings.TrimSpace(line), "#cgo "); ok {
			lines = append(lines, words)
		}
	}
	return lines
}

// readComments reads what stands above the package clause.
func (f *File) readComments(tree *ast.File, offset func(token.Pos) int) {
	for _, group := range tree.Comments {
		for _, c := range group.List {
			if c.Pos() > tree.Package {
				return
			}
			f.readComment(c.Text, offset(c.Pos()), offset(c.End()))
		}
	}
}

// readComment reads a build constraint or a //go:debug line. A +build line
// counts where there is no //go:build.
func (f *File) readComment(text string, start, end int) {
	switch {
	case constraint.IsGoBuild(text) && f.constraint == nil:
		f.constraint, _ = constraint.Parse(text)
	case constraint.IsPlusBuild(text):
		if x, err := constraint.Parse(text); err == nil {
			f.plus = and(f.plus, x)
		}
	case strings.HasPrefix(text, "//go:debug "):
		n := len("//go:debug ")
		f.Debug = append(f.Debug, Import{strings.TrimSpace(text[n:]), start + n, end})
	}
}

func and(x, y constraint.Expr) constraint.Expr {
	if x == nil {
		return y
	}
	return &constraint.AndExpr{X: x, Y: y}
}

// At returns the place of an import of the file. It does not read the file.
func (i Import) At(f *source.File) source.Span {
	return source.Span{File: f, Start: i.Start, End: i.End}
}
