package docgen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Declaration is an exported variable that holds a rule, as it is written.
type Declaration struct {
	ID   string // "" where the literal has none
	Name string // of the variable
	File string
	Doc  string // the comment, without its leaders
}

// Declarations returns the rules that the Go files in dir declare, in the
// order of the files.
func Declarations(fsys fs.FS, dir string) ([]Declaration, error) {
	files, err := parseDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var all []Declaration
	for _, f := range files {
		for _, decl := range f.ast.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				v := spec.(*ast.ValueSpec)
				if len(v.Names) != 1 || len(v.Values) != 1 || !v.Names[0].IsExported() {
					continue
				}
				if id, ok := ruleID(v.Values[0]); ok {
					all = append(all, Declaration{ID: id, Name: v.Names[0].Name, File: f.name, Doc: d.Doc.Text()})
				}
			}
		}
	}
	return all, nil
}

// packageDoc returns the package comment of the Go files in dir.
func packageDoc(fsys fs.FS, dir string) (string, error) {
	files, err := parseDir(fsys, dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if f.ast.Doc != nil {
			return f.ast.Doc.Text(), nil
		}
	}
	return "", fmt.Errorf("%s: the package has no comment", dir)
}

type goFile struct {
	name string
	ast  *ast.File
}

func parseDir(fsys fs.FS, dir string) ([]goFile, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []goFile
	for _, name := range slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") }) {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, goFile{name, f})
	}
	return files, nil
}

// ruleID reports whether e is &rule.Rule{…} and returns the ID in it.
func ruleID(e ast.Expr) (string, bool) {
	ref, ok := e.(*ast.UnaryExpr)
	if !ok || ref.Op != token.AND {
		return "", false
	}
	lit, ok := ref.X.(*ast.CompositeLit)
	if !ok {
		return "", false
	}
	sel, ok := lit.Type.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Rule" {
		return "", false
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if name, ok := kv.Key.(*ast.Ident); ok && name.Name == "ID" {
			if value, ok := kv.Value.(*ast.BasicLit); ok {
				id, err := strconv.Unquote(value.Value)
				return id, err == nil
			}
		}
	}
	return "", true
}
