package goprogram

import (
	"encoding/json"
	"fmt"
	"go/build"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

func open(t testing.TB, files map[string]string) *repo.Repo {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClosure(t *testing.T) {
	r := open(t, map[string]string{
		"go.mod":                "module example.com/app\ngo 1.25\nrequire (\n\texample.com/lib v1.0.0\n\texample.com/far v1.0.0\n)\nreplace example.com/lib => ./third/lib\n",
		"cmd/app/main.go":       "package main\n\nimport (\n\t\"fmt\"\n\t\"example.com/app/internal/a\"\n\t_ \"example.com/lib/sub\"\n)\n",
		"cmd/app/main_test.go":  "package main\n\nimport \"testing\"\n",
		"cmd/app/win.go":        "//go:build windows\n\npackage main\n\nimport \"net/mail\"\n",
		"internal/a/a.go":       "package a\n\nimport \"net\"\n",
		"internal/a/a_plan9.go": "package a\n\nimport \"os/user\"\n",
		"third/lib/go.mod":      "module anything\n",
		"third/lib/sub/s.go":    "package sub\n\n// #cgo LDFLAGS: -lm\n// int f();\nimport \"C\"\nimport \"example.com/far/x\"\n",
		"third/lib/sub/s.cc":    "",
		"nested/go.mod":         "module example.com/app/nested\n",
		"nested/n.go":           "package nested\n",
	})
	g := Packages.Of(r)
	mains := g.Mains()
	if len(mains) != 1 || mains[0].Path != "example.com/app/cmd/app" {
		t.Fatalf("mains: %v", mains)
	}
	c := g.Closure(mains[0], Linux)
	if got := slices.Sorted(maps.Keys(c.Std)); fmt.Sprint(got) != "[fmt net]" {
		t.Errorf("std: %v", got)
	}
	if got := slices.Sorted(maps.Keys(c.Missing)); fmt.Sprint(got) != "[example.com/far/x]" {
		t.Errorf("missing: %v", got)
	}
	var way []string
	for _, s := range c.Std["net"] {
		way = append(way, s.At.String()+" "+s.At.Text())
	}
	if want := `[cmd/app/main.go:5:2 "example.com/app/internal/a" internal/a/a.go:3:8 "net"]`; fmt.Sprint(way) != want {
		t.Errorf("way to net: %s, want %s", way, want)
	}
	lib := c.Packages[len(c.Packages)-1]
	if f, imp, ok := lib.UsesCgo(Linux); !ok || imp.At(lib.File(f)).Text() != `"C"` || fmt.Sprint(f.CgoLines) != "[LDFLAGS: -lm]" || len(lib.Cxx) != 1 {
		t.Errorf("cgo of %s: %v %v", lib.Path, f, lib.Cxx)
	}
	if p := g.Find(mains[0].Module, "example.com/app/nested"); p != nil {
		t.Errorf("%s is of another module", p.Dir)
	}
}

func TestModules(t *testing.T) {
	r := open(t, map[string]string{
		"go.work":            "go 1.25\nuse (\n\t.\n\t./b\n\t./gone\n)\nreplace example.com/x => ./fork\n",
		"go.mod":             "module a\ngo 1.25\nreplace example.com/x v1.0.0 => example.com/y v2.0.0\nreplace example.com/z => ../z\n",
		"b/go.mod":           "module b\n",
		"c/go.mod":           "module c\ngo 1.14\nreplace example.com/x => ./q\nreplace example.com/x v1.0.0 => ./p\n",
		"c/vendor/x/x.go":    "package x\n",
		"vendor/modules.txt": "# m v1.0.0\n",
	})
	tree := Tree.Of(r)
	a, b, c := tree.At("."), tree.Of("b/sub/dir"), tree.At("c")
	if !a.InWorkspace() || !b.InWorkspace() || c.InWorkspace() || c.Work != tree.Spaces[0] {
		t.Error("membership is wrong")
	}
	if a.VendorInEffect() || b.VendorInEffect() || !c.VendorInEffect() {
		t.Error("vendor: a workspace needs one of its own")
	}
	for _, want := range []struct {
		m            *Module
		path, target string
	}{{a, "example.com/x", "./fork"}, {b, "example.com/z", "../z"}, {c, "example.com/x", "./p"}} {
		r, _, ok := want.m.Replacement(module.Version{Path: want.path, Version: "v1.0.0"})
		if !ok || r.New.Text != want.target {
			t.Errorf("%s: %s is replaced by %q, want %q", want.m.Dir, want.path, r.New.Text, want.target)
		}
	}
}

// TestMatchAgreesWithGoBuild asks go/build about all targets it knows of.
func TestMatchAgreesWithGoBuild(t *testing.T) {
	names := []string{"a.go", "linux.go", "a_linux.go", "a_arm64.go", "a_linux_arm64.go", "a_android.go", "a_linux_test.go", "a_b_windows.go", "a_unix.go", "a_linux.pb.go", "_windows.go"[1:], "x_amd64_linux.go", "a_zos_s390x.go"}
	heads := []string{"", "//go:build linux && !cgo\n\n", "//go:build unix || go1.21\n\n", "// +build linux,arm64 darwin\n// +build !foo\n\n", "//go:build foo\n\n", "//go:build go1.99\n\n", "// c\n\n/* x */\n//go:build (linux || solaris) && gc\n\n", "//go:build cgo\n// +build nope\n\n"}
	for _, goos := range []string{"linux", "windows", "android", "illumos", "ios", "plan9", "zos"} {
		for _, goarch := range []string{"amd64", "arm64", "s390x"} {
			for _, cgo := range []bool{false, true} {
				for _, name := range names {
					for _, head := range heads {
						text := head + "package p\n"
						target := Target{GOOS: goos, GOARCH: goarch, Cgo: cgo, Minor: 26, Tags: []string{"foo"}}
						ctx := build.Context{GOOS: goos, GOARCH: goarch, CgoEnabled: cgo, Compiler: "gc", BuildTags: target.Tags, ReleaseTags: releases(26), JoinPath: filepath.Join,
							OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
						want, err := ctx.MatchFile(".", name)
						if err != nil {
							t.Fatal(err)
						}
						f, _ := parseHead(name, []byte(text), true)
						if got := f.Match(target); got != want {
							t.Fatalf("%s/%s cgo=%v %s %q: %v, want %v", goos, goarch, cgo, name, head, got, want)
						}
					}
				}
			}
		}
	}
}

func releases(n int) (tags []string) {
	for i := range n {
		tags = append(tags, fmt.Sprintf("go1.%d", i+1))
	}
	return tags
}

// TestClosureAgreesWithGoList compares the closure of this program, with the
// module cache, with what go list says.
func TestClosureAgreesWithGoList(t *testing.T) {
	root := "../../.."
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports", "./internal/repo")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Skip("go list does not run here:", err)
	}
	want := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Standard   bool
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if !p.Standard {
			want[p.ImportPath] = true
		}
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	r, err := repo.Open(os.DirFS(root), repo.Options{ModuleCache: os.DirFS(strings.TrimSpace(string(cache)))})
	if err != nil {
		t.Fatal(err)
	}
	g := Packages.Of(r)
	target := Linux
	target.Minor = 26
	c := g.Closure(g.In("internal/repo"), target)
	got := map[string]bool{}
	for _, p := range c.Packages {
		got[p.Path] = true
	}
	for p := range want {
		if !got[p] {
			t.Errorf("%s is not found", p)
		}
	}
	for p := range got {
		if !want[p] {
			t.Errorf("%s is too much", p)
		}
	}
	if !c.Complete() {
		t.Errorf("missing: %v", c.Missing)
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add([]byte("//go:debug x=y\npackage p\nimport (\n\"a\"; b `c`)\nimport \"C\"\nvar x int\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, _ := parseHead("a.go", data, true)
		for _, i := range whole.Imports {
			if i.Start < 0 || i.End > len(data) || i.Start >= i.End {
				t.Fatalf("%+v is outside the file", i)
			}
		}
		// What is read of a part must be what is read of all, or nothing.
		part, ok := parseHead("a.go", data[:len(data)/2], false)
		if ok && !whole.Broken && fmt.Sprint(part.Imports) != fmt.Sprint(whole.Imports) {
			t.Fatalf("half the file gives %v, all of it %v", part.Imports, whole.Imports)
		}
	})
}
