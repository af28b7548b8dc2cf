package buildplan

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
)

// NeedsCgo is a package that a build without cgo imports and that does not work
// without it.
type NeedsCgo struct {
	knowledge.CgoPackage
	Import fact.Fact[string] // its path, with the way to it
}

// NeedsCgo returns the packages outside the repository that do not work without
// cgo, where b is built without: none where that is not known.
func (b *Binary) NeedsCgo() []NeedsCgo {
	l := b.Link()
	if !l.Known() || l.Value.Cgo != knowledge.No || l.Pure == nil {
		return nil
	}
	base := b.Go.Plan.repo.Knowledge()
	var needs []NeedsCgo
	for _, name := range sortedKeys(l.Pure.Missing) {
		p, ok := base.CgoPackage(name)
		if !ok || !b.broken(p, l.Pure.Missing[name]) || p.Effect == knowledge.CgoStub && !mentioned(l.Pure, p.Package) {
			continue
		}
		p.Error = strings.TrimPrefix(p.Error, "run: ")
		way := goprogram.Notes(l.Pure.Missing[name], "imports "+name+", which needs cgo")
		needs = append(needs, NeedsCgo{p, fact.Of(name, fact.Medium, way...)})
	}
	return needs
}

// mentioned reports whether the sources at hand speak of what a package is for
// anywhere but in its import: a driver that is registered and never opened does
// no harm. What "github.com/mattn/go-sqlite3" is for is sqlite.
func mentioned(c *goprogram.Closure, importPath string) bool {
	name := []byte(strings.TrimRight(strings.TrimPrefix(path.Base(importPath), "go-"), "0123456789"))
	for _, pkg := range c.Packages {
		for _, f := range pkg.Files {
			if f.Test || !f.Match(goprogram.Linux) {
				continue
			}
			text := bytes.ReplaceAll(pkg.File(f).Data(), []byte(importPath), nil)
			if bytes.Contains(bytes.ToLower(text), name) {
				return true
			}
		}
	}
	return false
}

// broken reports whether a package without cgo breaks the program that imports
// it.
func (b *Binary) broken(p knowledge.CgoPackage, way []goprogram.Step) bool {
	switch p.Effect {
	case knowledge.CgoFails:
		return true
	case knowledge.CgoStub:
		return len(p.Missing) > 0 // else it says at run time that it can do nothing
	case knowledge.CgoAPI:
		return len(way) > 0 && uses(way[len(way)-1], p)
	}
	return false
}

// uses reports whether the importing file names something that the package does
// not have without cgo.
func uses(step goprogram.Step, p knowledge.CgoPackage) bool {
	file, err := parser.ParseFile(token.NewFileSet(), "", step.At.File.Data(), parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	name := ""
	for _, imp := range file.Imports {
		if strings.Trim(imp.Path.Value, "`\"") != p.Package {
			continue
		}
		name = programName(p.Package) // by convention
		if imp.Name != nil {
			name = imp.Name.Name
		}
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			x, isName := sel.X.(*ast.Ident)
			found = found || isName && x.Name == name && slices.Contains(p.Missing, sel.Sel.Name)
		}
		return !found
	})
	return found
}
