package goprogram

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Call is a call of a function that an imported package declares, or a value of
// a type of it that is written out, such as http.Client{}.
type Call struct {
	Package, Func string      // net/http and Get, or Client
	At            source.Span // the callee: http.Get
	Args          []Arg
	// Fields are the names that a value is written out with.
	Fields []string
}

// Arg is an argument of a call.
type Arg struct {
	At source.Span
	// Text is what a string argument is, or begins with where Known is false.
	Text  string
	Known bool
}

// Calls returns the calls of functions of the given packages in a build for t,
// by file and place. It reads the whole of each file that imports one of them.
func (p *Package) Calls(t Target, packages ...string) []Call {
	var calls []Call
	for _, f := range p.Files {
		wanted := slices.ContainsFunc(f.Imports, func(imp Import) bool { return slices.Contains(packages, imp.Path) })
		if !wanted || f.Test || !f.Match(t) {
			continue
		}
		c := &callFinder{file: p.File(f), packages: packages}
		if c.file != nil {
			calls = append(calls, c.find()...)
		}
	}
	return calls
}

type callFinder struct {
	file     *source.File
	packages []string

	fset  *token.FileSet
	names map[string]string   // import names of the packages
	texts map[string]ast.Expr // constants and variables of the file
	calls []Call
}

func (c *callFinder) find() []Call {
	c.fset = token.NewFileSet()
	tree, _ := parser.ParseFile(c.fset, "", c.file.Data(), parser.SkipObjectResolution)
	if tree == nil {
		return nil
	}
	c.names, c.texts = map[string]string{}, map[string]ast.Expr{}
	for _, imp := range tree.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil || !slices.Contains(c.packages, p) {
			continue
		}
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		c.names[name] = p
	}
	for _, decl := range tree.Decls {
		c.declared(decl)
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			c.call(n.Fun, n.Args, nil)
		case *ast.CompositeLit:
			c.call(n.Type, nil, fields(n))
		}
		return true
	})
	return c.calls
}

// declared keeps the values of a package's constants and variables.
func (c *callFinder) declared(decl ast.Decl) {
	group, ok := decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range group.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			for i, name := range v.Names {
				if i < len(v.Values) {
					c.texts[name.Name] = v.Values[i]
				}
			}
		}
	}
}

// fields are the names of the fields that a composite literal sets.
func fields(lit *ast.CompositeLit) []string {
	var names []string
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				names = append(names, key.Name)
			}
		}
	}
	return names
}

func (c *callFinder) call(callee ast.Expr, args []ast.Expr, fields []string) {
	sel, ok := callee.(*ast.SelectorExpr)
	if !ok {
		return
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || c.names[x.Name] == "" {
		return
	}
	found := Call{Package: c.names[x.Name], Func: sel.Sel.Name, At: c.span(sel), Fields: fields}
	for _, arg := range args {
		text, known := c.text(arg, 0)
		found.Args = append(found.Args, Arg{At: c.span(arg), Text: text, Known: known})
	}
	c.calls = append(c.calls, found)
}

func (c *callFinder) span(n ast.Node) source.Span {
	offset := func(p token.Pos) int { return c.fset.PositionFor(p, false).Offset }
	return c.file.Span(offset(n.Pos()), offset(n.End()))
}

// maxDepth bounds how deep expressions are read.
const maxDepth = 20

// text returns what a string expression is, or begins with.
func (c *callFinder) text(e ast.Expr, depth int) (text string, known bool) {
	if depth > maxDepth {
		return "", false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return c.text(e.X, depth+1)
	case *ast.Ident:
		if value := c.texts[e.Name]; value != nil {
			text, known := c.text(value, depth+1)
			return text, known
		}
	case *ast.BinaryExpr:
		left, known := c.text(e.X, depth+1)
		if !known || e.Op != token.ADD {
			return left, false
		}
		right, known := c.text(e.Y, depth+1)
		return left + right, known
	case *ast.CallExpr:
		// fmt.Sprintf and the like begin as their format does.
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Sprint") && len(e.Args) > 0 {
			format, _ := c.text(e.Args[0], depth+1)
			begin, _, _ := strings.Cut(format, "%")
			return begin, false
		}
	}
	return "", false
}
