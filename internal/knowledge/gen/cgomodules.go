//go:build ignore

// Cgomodules measures what packages that use cgo do without it.
//
//	go run internal/knowledge/gen/cgomodules.go internal/knowledge/data/cgo-packages.csv
//
// It reads the table for the packages and versions to look at, downloads each
// module with the go command, builds the package with CGO_ENABLED=0, compares
// the exported names that its files declare with cgo and without, and prints
// the table anew:
//
//   - fails: the package does not build without cgo (the error is recorded).
//   - api: it builds, but exported names are missing: a program that uses one
//     of them does not compile.
//   - pure: the package holds no cgo and none of its dependencies changes.
//   - stub, fallback: it builds, and programs use it without the missing names,
//     if any (a database driver is imported for its side effect). Which of the
//     two it is, a build cannot tell: the value in the table stands, and a new
//     row says fallback? until someone ran it.
//
// Missing names are those of functions and types: a program that uses such a
// package names at least one.
//
// Only Go and the default Go proxy are needed; C headers are not, since the
// build with cgo is never made. Modules that cannot be had are left out with a
// line on standard error.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

type row struct{ module, version, pkg, effect, missing, err, source string }

func main() {
	f, err := os.Open(os.Args[1])
	check(err)
	r := csv.NewReader(f)
	r.Comment = '#'
	records, err := r.ReadAll()
	check(err)
	fmt.Println("# source: measured with gen/cgomodules.go; error of a stub is what a run showed")
	w := csv.NewWriter(os.Stdout)
	check(w.Write(records[0]))
	for _, rec := range records[1:] {
		out := measure(row{rec[0], rec[1], rec[2], rec[3], rec[4], rec[5], rec[6]})
		check(w.Write([]string{out.module, out.version, out.pkg, out.effect, out.missing, out.err, out.source}))
		w.Flush()
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(r row) row {
	dir, err := os.MkdirTemp("", "cgomodules")
	check(err)
	defer os.RemoveAll(dir)
	check(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n\ngo 1.25.0\n\nrequire "+r.module+" "+r.version+"\n"), 0o666))
	check(os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport _ \""+r.pkg+"\"\n\nfunc main() {}\n"), 0o666))
	if _, err := gocmd(dir, "1", "mod", "tidy", "-e"); err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: cannot be had: %v\n", r.module, r.version, err)
	}
	with, without := list(dir, "1", r.pkg), list(dir, "0", r.pkg)
	text, err := gocmd(dir, "0", "build", r.pkg)
	sameDeps := strings.Join(with.Deps, " ") == strings.Join(without.Deps, " ")
	names := difference(exported(with), exported(without))
	if r.effect != "stub" {
		r.err = "" // of a stub it is what a run showed
	}
	r.missing = ""
	switch {
	case err != nil:
		r.effect, r.err = "fails", firstError(text, dir)
	case r.effect == "stub" || r.effect == "fallback":
		r.missing = strings.Join(names, " ")
	case len(names) > 0:
		r.effect, r.missing = "api", strings.Join(names, " ")
	case len(with.CgoFiles) == 0 && sameDeps && strings.Join(with.GoFiles, " ") == strings.Join(without.GoFiles, " "):
		r.effect = "pure"
	default:
		r.effect = "fallback?"
	}
	return r
}

type listed struct {
	Dir               string
	GoFiles, CgoFiles []string
	Deps              []string
}

func list(dir, cgo, pkg string) (l listed) {
	out, _ := gocmd(dir, cgo, "list", "-e", "-json=Dir,GoFiles,CgoFiles,Deps", pkg)
	if i := bytes.IndexByte(out, '{'); i >= 0 {
		json.NewDecoder(bytes.NewReader(out[i:])).Decode(&l)
	}
	l.Deps = keepForeign(l.Deps)
	return l
}

// keepForeign drops std, whose closure changes with cgo by itself.
func keepForeign(deps []string) (kept []string) {
	for _, d := range deps {
		if first, _, _ := strings.Cut(d, "/"); strings.Contains(first, ".") {
			kept = append(kept, d)
		}
	}
	return kept
}

func gocmd(dir, cgo string, args ...string) ([]byte, error) {
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOFLAGS=-mod=mod -modcacherw")
	return c.CombinedOutput()
}

func exported(l listed) map[string]bool {
	names := map[string]bool{}
	fset := token.NewFileSet()
	for _, name := range append(l.GoFiles, l.CgoFiles...) {
		f, _ := parser.ParseFile(fset, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
		if f == nil {
			continue
		}
		for _, d := range f.Decls {
			declared(d, names)
		}
	}
	return names
}

func declared(d ast.Decl, names map[string]bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			names[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok {
				names[s.Name.Name] = s.Name.IsExported()
			}
		}
	}
}

func difference(a, b map[string]bool) (names []string) {
	for n, exported := range a {
		if exported && !b[n] {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

// firstError returns the first message of a failed build without the paths of
// this machine.
func firstError(out []byte, dir string) string {
	for _, line := range strings.Split(string(out), "\n") {
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "go: ") || !strings.Contains(line, ": ") {
			continue
		}
		line = strings.TrimPrefix(strings.TrimSpace(strings.ReplaceAll(line, dir+"/", "")), "imports ")
		if i := strings.Index(line, "pkg/mod/"); i >= 0 {
			start := strings.LastIndexAny(line[:i], " \t") + 1
			line = line[:start] + line[i+len("pkg/mod/"):]
		}
		return line
	}
	return strings.TrimSpace(string(out))
}
