// Package arch holds the direction in which packages may import each other, and
// checks it. It is used by its test only.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// module is the path of this module.
const module = "github.com/goseaworthy/seaworthy"

// A layer may import those above it in the list, and those it names in also.
// Packages of one layer do not know each other, unless peers is set.
type layer struct {
	name     string
	packages []string // "x/..." is x and all below it
	not      []string // layers above that it must not import
	peers    bool
}

// layers is the architecture: docs and tests of a package may import anything.
var layers = []layer{
	{name: "text", packages: []string{"internal/source", "internal/nearest", "internal/symptom"}},
	{name: "history", packages: []string{"internal/history"}, not: []string{"text"}},
	{name: "fact", packages: []string{"internal/fact"}},
	{name: "syntax", packages: []string{"internal/syntax/..."}, not: []string{"fact"}, peers: true},
	{name: "knowledge", packages: []string{"internal/knowledge/..."}, not: []string{"fact", "syntax"}},
	{name: "repo", packages: []string{"internal/repo"}},
	{name: "model", packages: []string{"internal/model/..."}, peers: true},
	{name: "rule", packages: []string{"internal/rule"}, not: []string{"model", "syntax", "knowledge"}},
	{name: "rules of a family", packages: []string{"rules/image", "rules/module", "rules/seaworthy", "rules/service"}},
	{name: "configuration", packages: []string{"internal/config"}, not: []string{"rules of a family", "model", "repo"}},
	{name: "engine", packages: []string{"internal/engine"}, not: []string{"rules of a family", "model", "syntax"}},
	{name: "report", packages: []string{"internal/report/...", "internal/fix"}, not: []string{"rules of a family", "model", "syntax", "engine", "configuration"}},
	{name: "fixtures and pages", packages: []string{"internal/fixture/...", "internal/docgen/...", "docs/..."}, not: []string{"model"}, peers: true},
	{name: "rules", packages: []string{"rules"}, not: []string{"engine", "report", "configuration", "fixtures and pages"}},
	{name: "services", packages: []string{"internal/codescan/...", "internal/baseline", "internal/resolve/..."}, not: []string{"rules", "rules of a family", "model"}},
	{name: "command line", packages: []string{"internal/cli/..."}},
	{name: "programs", packages: []string{"cmd/..."}},
}

// bans lists packages of the standard library that only some may import.
var bans = map[string][]string{
	"os":       {"internal/repo", "internal/fix", "internal/cli/...", "cmd/..."},
	"os/exec":  {"internal/resolve/..."},
	"net/http": {"internal/codescan/..."},
	"net":      {"internal/codescan/..."},
	"syscall":  {"internal/repo", "internal/fix", "internal/cli/..."},
	"unsafe":   {},
	"context":  {"internal/codescan/...", "internal/resolve/...", "internal/cli/..."},
	"log":      {},
	"reflect":  {},
}

// Check reads the sources below fsys, the root of the module, and returns what
// breaks the rules, sorted. Tests and programs that are not built (go:build
// ignore) may do as they like.
func Check(fsys fs.FS) ([]string, error) {
	var broken []string
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata" || d.Name() == "fixtures"):
			return fs.SkipDir
		case d.IsDir() || path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || path.Dir(p) == "internal/arch":
			return nil
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		found, err := checkFile(p, data)
		broken = append(broken, found...)
		return err
	})
	slices.Sort(broken)
	return slices.Compact(broken), err
}

// checkFile returns what one file breaks.
func checkFile(p string, data []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), p, data, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("checking the architecture: %w", err)
	}
	if len(file.Comments) > 0 && strings.HasPrefix(file.Comments[0].List[0].Text, "//go:build ignore") {
		return nil, nil
	}
	pkg := path.Dir(p)
	broken := checkBody(pkg, file)
	for _, spec := range file.Imports {
		if why := checkImport(pkg, strings.Trim(spec.Path.Value, `"`)); why != "" {
			broken = append(broken, why)
		}
	}
	return broken, nil
}

func checkImport(pkg, imported string) string {
	if allowed, banned := bans[imported]; banned && !within(pkg, allowed) {
		return fmt.Sprintf("%s must not import %s", pkg, imported)
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return ""
	}
	from, to := layerOf(pkg), layerOf(target)
	switch {
	case from < 0:
		return pkg + " is in no layer"
	case to < 0:
		return target + " is in no layer"
	case to > from, to == from && !layers[from].peers, slices.Contains(layers[from].not, layers[to].name):
		return fmt.Sprintf("%s must not import %s", pkg, target)
	}
	return ""
}

// checkBody finds what no package may do.
func checkBody(pkg string, file *ast.File) []string {
	var broken []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && x.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Print") {
				broken = append(broken, pkg+" must not call fmt."+n.Sel.Name)
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				broken = append(broken, pkg+" must not have an init function")
			}
		}
		return true
	})
	return broken
}

func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(l layer) bool { return within(pkg, l.packages) })
}

func within(pkg string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		if dir, all := strings.CutSuffix(p, "/..."); all {
			return pkg == dir || strings.HasPrefix(pkg, dir+"/")
		}
		return pkg == p
	})
}
