package module_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/rules/module"
)

// large is a module with n requirements, one imported package of each tenth,
// and four lines of go.sum for each.
func large(n int) tree {
	var mod, sum, code strings.Builder
	mod.WriteString("module corp.example/app\n\ngo 1.25.0\n\nrequire (\n")
	code.WriteString("package app\n\nimport (\n")
	for i := range n {
		fmt.Fprintf(&mod, "\tcorp.example/module%d/part v1.%d.0\n", i, i)
		for patch := range 2 {
			fmt.Fprintf(&sum, "corp.example/module%d/part v1.%d.%d h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", i, i, patch)
			fmt.Fprintf(&sum, "corp.example/module%d/part v1.%d.%d/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", i, i, patch)
		}
		if i%10 == 0 {
			fmt.Fprintf(&code, "\t_ \"corp.example/module%d/part/pkg\"\n", i)
		}
	}
	return tree{"go.mod": mod.String() + ")\n", "go.sum": sum.String(), "app.go": code.String() + ")\n"}
}

// BenchmarkJudge is to stay below 5 ms: a go.mod of 1,000 requirements and a
// go.sum of 4,000 lines, from bytes to findings.
func BenchmarkJudge(b *testing.B) {
	files := fstest.MapFS{}
	for name, text := range large(1000) {
		files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, "module90/part v1.90.0", "module90/part v1.90.5", 1))}
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := repo.Open(files, repo.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if found := engine.Run(r, engine.Options{Rules: module.Rules, Now: time.Unix(0, 0)}).Findings; len(found) == 0 {
			b.Fatal("nothing was judged")
		}
	}
}

// TestBadInput gives the rules what no repository should hold: there must be a
// finding or silence, and an end.
func TestBadInput(t *testing.T) {
	nested, cyclic, members := tree{}, tree{}, tree{}
	var uses strings.Builder
	for i := range 3000 {
		nested[fmt.Sprintf("m%d/go.mod", i)] = fmt.Sprintf("module corp.example/m%d\n\ngo 1.22\n\nrequire corp.example/m%d v1.0.0\n\nreplace corp.example/m%[2]d => ../m%[2]d\n", i, (i+1)%3000)
		nested[fmt.Sprintf("m%d/m.go", i)] = fmt.Sprintf("package m\n\nimport _ \"corp.example/m%d\"\n", (i+1)%3000)
		fmt.Fprintf(&uses, "use ./m%d\n", i)
	}
	for name, text := range nested {
		members[name] = text
	}
	members["go.work"] = "go 1.22\n" + uses.String()
	cyclic["a/go.mod"] = "module corp.example/a\n\ngo 1.22\n\nrequire corp.example/b v1.0.0\n\nreplace corp.example/b => ../b\n"
	cyclic["a/a.go"] = "package a\n\nimport _ \"corp.example/b\"\n"
	cyclic["b/go.mod"] = "module corp.example/b\n\ngo 1.22\n\nrequire corp.example/a v1.0.0\n\nreplace corp.example/a => ../a\n"
	cyclic["b/b.go"] = "package b\n\nimport _ \"corp.example/a\"\n"
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+"\n", i)
		}
		return b.String()
	}
	for name, test := range map[string]struct {
		files tree
		want  string // a rule that speaks, or ""
	}{
		"nested modules":         {nested, ""},
		"members":                {members, ""},
		"cyclic replacements":    {cyclic, ""},
		"go.work uses itself":    {tree{"go.work": "go 1.22\n\nuse ./go.work\n", "go.mod": "module a.b\n"}, "module/work-invalid"},
		"go.work uses its above": {tree{"w/go.work": "go 1.22\n\nuse ..\n", "go.mod": "module a.b\n", "w/go.mod": "module a.b/w\n"}, ""},
		"replaced by itself":     {tree{"go.mod": "module a.b/c\n\ngo 1.22\n\nrequire a.b/d v1.0.0\n\nreplace a.b/d => .\n", "c.go": "package c\n\nimport _ \"a.b/d\"\n"}, ""},
		"conflict markers":       {tree{"go.mod": "<<<<<<< HEAD\nmodule a.b\n=======\nmodule a.c\n>>>>>>> x\n", "go.sum": "<<<<<<< HEAD\n"}, "module/gomod-invalid"},
		"markers in go.sum":      {tree{"go.mod": "module a.b\n\nrequire a.c v1.0.0\n", "go.sum": "<<<<<<< HEAD\n=======\n>>>>>>> x\n"}, "module/gosum-malformed"},
		"binary go.sum":          {tree{"go.mod": "module a.b\n\nrequire a.c v1.0.0\n", "go.sum": strings.Repeat("\x00\xff\x01\n \x80", 10_000)}, "module/gosum-malformed"},
		"binary go.mod":          {tree{"go.mod": strings.Repeat("\x00\xff\x01\n \x80", 10_000)}, "module/gomod-invalid"},
		"binary modules.txt":     {tree{"go.mod": "module a.b\n\ngo 1.22\n\nrequire a.c v1.0.0\n", "vendor/modules.txt": strings.Repeat("\x00\xff# \n \x80", 10_000)}, "module/vendor-inconsistent"},
		"go.sum of 100 MB":       {tree{"go.mod": "module a.b\n\nrequire a.c v1.0.0\n", "c.go": "package c\n\nimport _ \"a.c\"\n", "go.sum": strings.Repeat("a.c v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", 100<<20/60)}, ""},
		"long go.sum":            {tree{"go.mod": "module a.b\n\nrequire a.c v1.0.0\n", "go.sum": lines(100_000, "a.d v1.0.0 h1:%d")}, "module/gosum-conflicting-hash"},
		"many requirements":      {tree{"go.mod": "module a.b\n\ngo 1.22\n" + lines(20_000, "require a.c/m%d v1.0.0") + lines(20_000, "replace a.c/m%d => ./gone") + lines(20_000, "exclude a.c/m%d v1.0.0"), "c.go": "package c\n"}, "module/exclude-required"},
		"many replacements":      {tree{"go.mod": "module a.b\n\ngo 1.22\n" + lines(20_000, "replace a.c => ./m%d")}, "module/replace-conflict"},
		"many vendored":          {tree{"go.mod": "module a.b\n\ngo 1.22\n" + lines(20_000, "require a.c/m%d v1.0.0"), "vendor/modules.txt": lines(20_000, "# a.c/x%d v1.0.0\n## explicit\na.c/y")}, "module/vendor-inconsistent"},
		"deep import":            {tree{"go.mod": "module a.b\n\ngo 1.22\n", "c.go": "package c\n\nimport _ \"a.c" + strings.Repeat("/x", 20_000) + "\"\n"}, "module/import-not-required"},
		"deep module":            {tree{"go.mod": "module a.b" + strings.Repeat("/x", 20_000) + "\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := judge(t, test.files)
			ids := map[string]bool{}
			for _, f := range found {
				ids[f.Rule.ID] = true
			}
			if test.want != "" && !ids[test.want] || test.want == "" && len(ids) > 0 {
				t.Errorf("got %v, want %q", ids, test.want)
			}
		})
	}
}

// TestOncePerFile holds that a rule which speaks of a whole file does so once,
// however much is wrong with it.
func TestOncePerFile(t *testing.T) {
	found := judge(t, tree{"go.mod": "module a.b\n\ngo 1.22\n\nrequire a.c v1.0.0\n", "go.sum": strings.Repeat("x\n", 1000), "vendor/x": ""})
	count := map[*rule.Rule]int{}
	for _, f := range found {
		if count[f.Rule]++; count[f.Rule] > 1 {
			t.Errorf("%s speaks twice: %s", f.Rule.ID, f.Message)
		}
	}
	if len(found) == 0 {
		t.Error("nothing is found")
	}
}
