package goprogram

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
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Call is a call of a function of another package, or a composite literal of one
// of its types.
type Call struct {
	Func  string      // net/http.Get, or net/http.Client
	At    source.Span // the callee or the type: http.Get
	Whole source.Span // with the arguments or the fields
	Args  []Arg
	// Plain says that it is a statement of its own, and in no branch of its
	// function.
	Plain bool
}

// Arg is an argument, or a field of a composite literal.
type Arg struct {
	Field string // "" of an argument
	At    source.Span
	// Text is what a string is, or begins with where Known is false: a variable
	// may have been given another value, and a format ends with others.
	Text  string
	Known bool
}

// Calls returns the calls of some functions of a package, and the literals of
// some of its types, in a build for t, by file and place. It reads files that
// import the package, and parses those in which one of the names stands behind
// a dot. Files that import it as "." are left out, and those that do not parse.
func (p *Package) Calls(t Target, importPath string, names ...string) []Call {
	var calls []Call
	query := importPath + " " + strings.Join(names, " ")
	for _, f := range p.Files {
		if f.Test || !f.imports(importPath) || !f.Match(t) {
			continue
		}
		find, _ := f.calls.LoadOrStore(query, sync.OnceValue(func() []Call { return findCalls(p.File(f), importPath, names) }))
		calls = append(calls, find.(func() []Call)()...)
	}
	return calls
}

func (f *File) imports(importPath string) bool {
	return slices.ContainsFunc(f.Imports, func(i Import) bool { return i.Path == importPath })
}

// findCalls is Calls for one file, which may be nil.
func findCalls(file *source.File, importPath string, names []string) []Call {
	if file == nil || !slices.ContainsFunc(names, func(name string) bool { return selects(file.Data(), name) }) {
		return nil
	}
	c := callFinder{file: file, names: names, fset: token.NewFileSet()}
	tree, err := parser.ParseFile(c.fset, "", file.Data(), 0)
	if err != nil {
		return nil
	}
	if c.local = localName(tree, importPath); c.local == "" {
		return nil
	}
	c.path = importPath
	ast.Inspect(tree, c.visit)
	return c.calls
}

// selects reports whether a name stands behind a dot, with nothing between them
// but white space.
func selects(data []byte, name string) bool {
	for {
		i := bytes.Index(data, []byte(name))
		if i < 0 {
			return false
		}
		before := bytes.TrimRight(data[:i], " \t\r\n")
		next, _ := utf8.DecodeRune(data[i+len(name):])
		if bytes.HasSuffix(before, []byte(".")) && next != '_' && !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return true
		}
		data = data[i+len(name):]
	}
}

// localName is the name under which a file knows a package, "" for none.
func localName(tree *ast.File, importPath string) string {
	for _, spec := range tree.Imports {
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

// callFinder collects the calls of one file.
type callFinder struct {
	file        *source.File
	path, local string // of the package
	names       []string
	fset        *token.FileSet
	above       []ast.Node // those that the visited one stands in
	calls       []Call
}

func (c *callFinder) visit(n ast.Node) bool {
	if n == nil {
		c.above = c.above[:len(c.above)-1]
		return true
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		if name := c.member(n.Fun); name != "" {
			found := Call{Func: c.path + "." + name, At: c.span(n.Fun), Whole: c.span(n), Plain: plain(c.above)}
			for _, a := range n.Args {
				found.Args = append(found.Args, c.arg("", a))
			}
			c.calls = append(c.calls, found)
		}
	case *ast.CompositeLit:
		if name := c.member(n.Type); name != "" {
			c.calls = append(c.calls, Call{Func: c.path + "." + name, At: c.span(n.Type), Whole: c.span(n), Args: c.fields(n)})
		}
	}
	c.above = append(c.above, n)
	return true
}

// member returns the name behind the package's, where it is one of those that
// are looked for and the package is meant, not a variable of that name.
func (c *callFinder) member(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || !slices.Contains(c.names, sel.Sel.Name) {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == c.local && x.Obj == nil {
		return sel.Sel.Name
	}
	return ""
}

// fields are the named fields of a composite literal.
func (c *callFinder) fields(lit *ast.CompositeLit) []Arg {
	var all []Arg
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				all = append(all, c.arg(key.Name, kv.Value))
			}
		}
	}
	return all
}

func (c *callFinder) arg(field string, e ast.Expr) Arg {
	a := Arg{Field: field, At: c.span(e)}
	a.Text, a.Known = text(e, 0)
	return a
}

func (c *callFinder) span(n ast.Node) source.Span {
	offset := func(p token.Pos) int { return c.fset.PositionFor(p, false).Offset }
	return c.file.Span(offset(n.Pos()), offset(n.End()))
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

// maxDepth bounds how deep expressions are read.
const maxDepth = 20

// text returns what a string expression is, or begins with.
func text(e ast.Expr, depth int) (s string, known bool) {
	if depth > maxDepth {
		return "", false
	}
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	case *ast.ParenExpr:
		return text(e.X, depth+1)
	case *ast.Ident:
		if value := declared(e); value != nil {
			s, known := text(value, depth+1)
			return s, known && e.Obj.Kind == ast.Con
		}
	case *ast.BinaryExpr:
		left, known := text(e.X, depth+1)
		if !known || e.Op != token.ADD {
			return left, false
		}
		right, known := text(e.Y, depth+1)
		return left + right, known
	case *ast.CallExpr:
		// fmt.Sprintf and the like begin as their format does.
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Sprint") && len(e.Args) > 0 {
			format, _ := text(e.Args[0], depth+1)
			begin, _, _ := strings.Cut(format, "%")
			return begin, false
		}
	}
	return "", false
}

// declared is the value in the declaration of a constant or variable of the same
// file, nil where there is none.
func declared(id *ast.Ident) ast.Expr {
	if id.Obj == nil {
		return nil
	}
	spec, ok := id.Obj.Decl.(*ast.ValueSpec)
	if !ok {
		return nil
	}
	i := slices.IndexFunc(spec.Names, func(name *ast.Ident) bool { return name.Name == id.Name })
	if i < 0 || i >= len(spec.Values) {
		return nil
	}
	return spec.Values[i]
}
