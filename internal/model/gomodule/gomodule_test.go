package gomodule

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

func open(t *testing.T, files map[string]string) *repo.Repo {
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

func TestModes(t *testing.T) {
	r := open(t, map[string]string{
		"alone/go.mod":            "module a.b/alone\n\ngo 1.22\n",
		"broken/go.mod":           "module a.b/broken\n\nharbour x\n",
		"future/go.mod":           "module a.b/future\n\ngo 1.99\n",
		"vendored/go.mod":         "module a.b/vendored\n\ngo 1.22\n",
		"vendored/vendor/x":       "",
		"old/go.mod":              "module a.b/old\n\ngo 1.13\n",
		"old/vendor/x":            "",
		"work/go.work":            "go 1.22\n\nuse ./m\n",
		"work/m/go.mod":           "module a.b/m\n\ngo 1.22\n",
		"work/m/vendor/x":         "",
		"work/n/go.mod":           "module a.b/n\n\ngo 1.22\n",
		"wv/go.work":              "go 1.22\n\nuse ./m\n",
		"wv/m/go.mod":             "module a.b/m\n\ngo 1.22\n",
		"wv/vendor/modules.txt":   "## workspace\n",
		"half/go.work":            "go 1.22\n\nuse ./m\nuse ./o\n",
		"half/m/go.mod":           "module a.b/m\n\ngo 1.22\n",
		"half/o/go.mod":           "module a.b/o\n\nharbour x\n",
		".gitmodules":             "[submodule \"v\"]\n\tpath = sub/vendor\n",
		"sub/go.mod":              "module a.b/sub\n\ngo 1.22\n",
		"sub/vendor/modules.txt":  "",
		"huge/go.mod":             "module a.b/huge\n\ngo 1.22\n",
		"huge/go.sum":             string(make([]byte, 17<<20)),
		"fixtures/example/go.mod": "module a.b/example\n",
	})
	want := map[string]Mode{
		"alone": Alone, "broken": Unsettled, "future": Unsettled, "vendored": Vendored, "old": Alone, "work/m": Workspace, "work/n": Alone,
		"wv/m": VendoredWorkspace, "half/m": Unsettled, "half/o": Unsettled, "sub": Unsettled, "huge": Unsettled,
	}
	for _, m := range Modules.Of(r) {
		if m.Mode != want[m.Dir] {
			t.Errorf("%s: mode %d, want %d", m.Dir, m.Mode, want[m.Dir])
		}
		delete(want, m.Dir)
	}
	if len(want) > 0 {
		t.Errorf("no modules: %v", want)
	}
}

func TestCandidates(t *testing.T) {
	r := open(t, map[string]string{"go.mod": `module a.b/app

go 1.22

require (
	a.b v1.0.0
	a.b/c v1.0.0
	a.b/c v1.1.0
	a.b/c/d/e v1.0.0
	go v1.0.0
	a.b/app v1.0.0
	a.b/no v1
	a.b/out v1.0.0
)

exclude a.b/out v1.0.0
`})
	m := Modules.Of(r)[0]
	for importPath, want := range map[string]string{
		"a.b/c":           "[a.b/c@v1.1.0 a.b@v1.0.0]",
		"a.b/c/d":         "[a.b/c@v1.1.0 a.b@v1.0.0]",
		"a.b/c/d/e/f/g":   "[a.b/c/d/e@v1.0.0 a.b/c@v1.1.0 a.b@v1.0.0]",
		"a.b/c/d/efghijk": "[a.b/c@v1.1.0 a.b@v1.0.0]",
		"a.b/cd":          "[a.b@v1.0.0]",
		"a.bc":            "[]",
		"go/ast":          "[]",
		"a.b/no/x":        "[a.b@v1.0.0]",
		"a.b/out":         "[a.b@v1.0.0]",
		"a.b/app/x":       "[a.b@v1.0.0]",
	} {
		var got []string
		for _, root := range m.Candidates(importPath) {
			got = append(got, root.Version().String())
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", importPath, got, want)
		}
	}
}

func TestLocate(t *testing.T) {
	r := open(t, map[string]string{
		"in/go.mod":       "module a.b/in\n",
		"no/x.go":         "package x\n",
		"file":            "",
		".gitignore":      "/ignored\n",
		"ignored/go.mod":  "module a.b/ignored\n",
		".gitmodules":     "[submodule \"s\"]\n\tpath = third/s\n",
		"third/s/.keep":   "",
		"testdata/go.mod": "module a.b/testdata\n",
	})
	for target, want := range map[string]Place{
		"./in": HasModule, "in/../in/": HasModule, "./no": NoModule, "./file": Missing, "./gone": Missing, "./ignored": Ignored,
		"./third/s": Unknown, "./third/s/deep": Unknown, "./testdata": HasModule,
		"../x": Outside, "in/../../x": Outside, "..": Outside, "/x": Absolute, `C:\x`: Absolute, "C:/x": Absolute, `..\x`: Absolute, `\x`: Absolute,
	} {
		if _, got := Locate(r, ".", target); got != want {
			t.Errorf("%s: %d, want %d", target, got, want)
		}
	}
	if p, got := Locate(r, "no", "../in"); got != HasModule || p != "in" {
		t.Errorf("../in of no: %s, %d", p, got)
	}
}

func TestMentions(t *testing.T) {
	r := open(t, map[string]string{
		"Makefile":                   "all:\n\tgit clone https://example.com/shared ../shared\n\tgo build -mod=mod ./...\n",
		".github/workflows/test.yml": "jobs:\n  x:\n    steps:\n      - run: cd third/party/x && make\n",
		"README.md":                  "See other.\n",
	})
	for target, want := range map[string]string{
		"../shared": "Makefile:2:2", "shared": "Makefile:2:2", "hared": "", "./third/party/x": ".github/workflows/test.yml:4:7", "third/party": ".github/workflows/test.yml:4:7",
		"other": "", "..": "", ".": "", "/": "",
	} {
		note, ok := Mentions(r, target)
		if ok != (want != "") || ok && note.At.String() != want {
			t.Errorf("%s: %v %s, want %q", target, ok, note.At, want)
		}
	}
	if at := Rewrites.Of(r).At; at.Text() != "go build -mod=mod ./..." {
		t.Errorf("-mod=mod is found in %q", at.Text())
	}
}

func TestInstalls(t *testing.T) {
	r := open(t, map[string]string{
		"go.mod":           "module a.b/boat\n",
		"cmd/boat/main.go": "package main\n",
		"README.md":        "`go install -ldflags \"-s\" a.b/boat/cmd/boat@latest`, go install a.b/boat/cmd/...@main\ngo run a.b/boat@v1.0.0; go install a.b/boats@latest; go install a.b/boat/gone@latest\n",
		"CHANGELOG.md":     "go install a.b/boat/cmd/boat@latest\n",
		"vendor/x/doc.md":  "go install a.b/boat/cmd/boat@latest\n",
		"Dockerfile":       "FROM golang\nRUN go install a.b/boat/cmd/boat@HEAD\n",
	})
	var got []string
	for _, i := range Installs.Of(r) {
		got = append(got, i.At.String()+" "+i.At.Text())
	}
	if want := "[Dockerfile:2:16 a.b/boat/cmd/boat@HEAD README.md:1:27 a.b/boat/cmd/boat@latest README.md:1:65 a.b/boat/cmd/...@main]"; fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}
