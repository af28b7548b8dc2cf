package arch

import (
	"os"
	"slices"
	"testing"
	"testing/fstest"
)

func TestArchitecture(t *testing.T) {
	broken, err := Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
}

// TestCheckFinds shows that the check can fail.
func TestCheckFinds(t *testing.T) {
	const m = `"github.com/goseaworthy/seaworthy/`
	for name, c := range map[string]struct{ path, text, want string }{
		"upwards":     {"internal/model/buildplan/b.go", "package buildplan\nimport " + m + "internal/rule\"", "internal/model/buildplan must not import internal/rule"},
		"sideways":    {"rules/image/b.go", "package image\nimport " + m + "rules/module\"", "rules/image must not import rules/module"},
		"around":      {"internal/report/b.go", "package report\nimport " + m + "internal/engine\"", "internal/report must not import internal/engine"},
		"new":         {"internal/other/b.go", "package other\nimport " + m + "internal/source\"", "internal/other is in no layer"},
		"of new":      {"internal/cli/b.go", "package cli\nimport " + m + "internal/other\"", "internal/other is in no layer"},
		"os":          {"internal/source/b.go", "package source\nimport \"os\"", "internal/source must not import os"},
		"http":        {"internal/cli/b.go", "package cli\nimport \"net/http\"", "internal/cli must not import net/http"},
		"exec":        {"internal/repo/b.go", "package repo\nimport \"os/exec\"", "internal/repo must not import os/exec"},
		"print":       {"internal/cli/b.go", "package cli\nimport \"fmt\"\nfunc f() { fmt.Println() }", "internal/cli must not call fmt.Println"},
		"init":        {"rules/b.go", "package rules\nfunc init() {}", "rules must not have an init function"},
		"a test":      {"internal/source/b_test.go", "package source\nimport \"os\"", ""},
		"a generator": {"docs/gen/main.go", "//go:build ignore\n\npackage main\nimport \"os/exec\"", ""},
		"test data":   {"internal/x/testdata/b.go", "package source\nimport \"os\"", ""},
		"downwards":   {"internal/cli/b.go", "package cli\nimport " + m + "internal/engine\"\nimport \"os\"", ""},
		"peers":       {"internal/model/workload/b.go", "package workload\nimport " + m + "internal/model/buildplan\"", ""},
	} {
		broken, err := Check(fstest.MapFS{c.path: {Data: []byte(c.text)}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		if !slices.Equal(broken, want) {
			t.Errorf("%s: found %q, want %q", name, broken, want)
		}
	}
	if _, err := Check(fstest.MapFS{"rules/b.go": {Data: []byte("not Go")}}); err == nil {
		t.Error("a file that is not Go is no error")
	}
}
