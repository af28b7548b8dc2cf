package goenv

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

// open returns a repository of a go.mod and the files given.
func open(t *testing.T, files map[string]string) *repo.Repo {
	t.Helper()
	tree := fstest.MapFS{
		"go.mod":  {Data: []byte("module example.com/m\n\ngo 1.24.0\n")},
		"main.go": {Data: []byte("package main\n\nfunc main() {}\n")},
	}
	for name, data := range files {
		tree[name] = &fstest.MapFile{Data: []byte(data)}
	}
	r, err := repo.Open(tree, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestStepEnvironment checks which setting wins, as the runner has it: the
// step, then what earlier steps wrote to the environment file, then the job,
// then the workflow.
func TestStepEnvironment(t *testing.T) {
	for _, c := range []struct{ name, workflow, job, steps, want string }{
		{"nothing", "", "", "", ""},
		{"workflow", "A", "", "", "A"},
		{"job over workflow", "A", "B", "", "B"},
		{"file over job", "A", "B", `- run: echo "GOFLAGS=-v=C" >> $GITHUB_ENV`, "C"},
		{"file of one name", "A", "B", `- run: echo "OTHER=C" >> $GITHUB_ENV`, "B"},
		{"here-document", "A", "", "- run: |\n          cat >> \"$GITHUB_ENV\" <<EOF\n          X=1\n          GOFLAGS=-v=D\n          EOF", "D"},
		{"printf", "A", "", `- run: printf 'GOFLAGS=-v=E\n' >> $GITHUB_ENV`, "E"},
		{"computed", "A", "", `- run: echo "GOFLAGS=$(cat flags)" >> $GITHUB_ENV`, "?"},
		{"not understood", "A", "", `- run: ./flags.py | tee -a $GITHUB_ENV`, "?"},
		{"multi-line value", "A", "", "- run: |\n          echo 'GOFLAGS<<X' >> $GITHUB_ENV\n          echo '-v=F' >> $GITHUB_ENV\n          echo X >> $GITHUB_ENV", "?"},
		{"go env -w", "", "", "- run: go env -w GOFLAGS=-v=G", "G"},
		{"environment over go env -w", "A", "", "- run: go env -w GOFLAGS=-v=G", "A"},
		{"go env -u", "", "", "- run: go env -w GOFLAGS=-v=G && go env -u GOFLAGS", ""},
		{"export ends with the step", "A", "", "- run: export GOFLAGS=-v=H", "A"},
		{"another action", "A", "", "- uses: example/setup-nix@v1", "?"},
		{"an action of no meaning", "A", "", "- uses: actions/setup-node@v4", "A"},
		{"expression", "${{ vars.FLAGS }}", "", "", "?"},
	} {
		text := "on: push\n" + envBlock("", c.workflow) + "jobs:\n  j:\n    runs-on: ubuntu-latest\n" + envBlock("    ", c.job) +
			"    steps:\n      - uses: actions/checkout@v5\n      " + c.steps + "\n      - run: go build .\n"
		r := open(t, map[string]string{".github/workflows/ci.yml": text})
		if got := flagsOf(t, r, "build"); got != c.want {
			t.Errorf("%s: GOFLAGS is %q, want %q", c.name, got, c.want)
		}
	}
}

func envBlock(indent, value string) string {
	switch {
	case value == "":
		return ""
	case strings.HasPrefix(value, "$"):
		return indent + "env:\n" + indent + "  GOFLAGS: " + value + "\n"
	}
	return indent + "env:\n" + indent + "  GOFLAGS: -v=" + value + "\n"
}

// flagsOf returns GOFLAGS of the one run of a verb, without its -v=.
func flagsOf(t *testing.T, r *repo.Repo, verb string) string {
	t.Helper()
	for _, run := range Runs.Of(r) {
		if run.Verb != verb || run.Place != Job {
			continue
		}
		f := run.Getenv("GOFLAGS")
		if !f.Known() {
			return "?"
		}
		return strings.TrimPrefix(f.Value, "-v=")
	}
	t.Error("no run of go " + verb)
	return ""
}

// TestSetupGo checks which Go a job gets, and GOTOOLCHAIN behind setup-go.
func TestSetupGo(t *testing.T) {
	const pinned = "actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e"
	for _, c := range []struct{ uses, with, release, toolchain string }{
		{"actions/setup-go@v5", "go-version: '1.24'", "1.24", ""},
		{"actions/setup-go@v5", "go-version: '1.24.3'", "1.24.3", ""},
		{"actions/setup-go@v5", "go-version: 1.24.x", "1.24", ""},
		{"actions/setup-go@v5", "go-version: ~1.24.1", "1.24", ""},
		{"actions/setup-go@v5", "go-version: go1.24.3", "?", ""}, // no version of semver
		{"actions/setup-go@v5", "go-version: 1.24", "1.24", ""},
		{"actions/setup-go@v5", "go-version: 1.20", "?", ""}, // the number 1.2
		{"actions/setup-go@v5", "go-version: '1.20'", "1.20", ""},
		{"actions/setup-go@v5", "go-version: ^1.24", "?", ""},
		{"actions/setup-go@v5", "go-version: '>=1.24'", "?", ""},
		{"actions/setup-go@v5", "go-version: 1.x", "?", ""},
		{"actions/setup-go@v5", "go-version: stable", "?", ""},
		{"actions/setup-go@v5", "go-version: 1.25.0-rc.1", "?", ""},
		{"actions/setup-go@v5", "go-version: ${{ env.GO }}", "?", ""},
		{"actions/setup-go@v5", "go-version: ${{ matrix.go }}", "1.22 1.23", ""},
		{"actions/setup-go@v5", "check-latest: true", "?", ""},
		{"actions/setup-go@v5", "go-version-file: go.mod", "1.24.0", ""},
		{"actions/setup-go@v5", "go-version-file: with/go.mod", "1.23.0", ""},
		{"actions/setup-go@v6", "go-version-file: with/go.mod", "1.24.5", "local"},
		{"actions/setup-go@v5", "go-version-file: .go-version", "1.22.1", ""},
		{"actions/setup-go@v5", "go-version-file: .tool-versions", "?", ""},
		{"actions/setup-go@v6", "go-version-file: .tool-versions", "1.21.9", "local"},
		{"actions/setup-go@v6", "go-version-file: missing/go.mod", "?", "local"},
		{"actions/setup-go@v7.0.0", "go-version: '1.24'", "1.24", "local"},
		{pinned + " # v7.0.0", "go-version: '1.24'", "1.24", "local"},
		{pinned, "go-version: '1.24'", "1.24", "?"},
		{"actions/setup-go@main", "go-version: '1.24'", "1.24", "?"},
	} {
		text := "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    strategy:\n      matrix:\n        go: ['1.22', '1.23']\n    steps:\n" +
			"      - uses: actions/checkout@v5\n      - uses: " + c.uses + "\n        with:\n          " + c.with + "\n      - run: go build .\n"
		r := open(t, map[string]string{
			".github/workflows/ci.yml": text,
			"with/go.mod":              "module example.com/with\n\ngo 1.23.0\n\ntoolchain go1.24.5\n",
			".go-version":              "1.22.1\n",
			".tool-versions":           "nodejs 20.0.0\ngolang 1.21.9\n",
		})
		var releases []string
		toolchain := "?"
		for _, run := range Runs.Of(r) {
			name := "?"
			if run.Go.Known() {
				name = Name(run.Go.Value)
			}
			releases = append(releases, name)
			if f := run.Getenv("GOTOOLCHAIN"); f.Known() {
				toolchain = f.Value
			}
		}
		if got := strings.Join(releases, " "); got != c.release || toolchain != c.toolchain {
			t.Errorf("%s with %s: Go %s and GOTOOLCHAIN %q, want %s and %q", c.uses, c.with, got, toolchain, c.release, c.toolchain)
		}
	}
}

// TestCheckout checks in which folder of the repository a step works.
func TestCheckout(t *testing.T) {
	for _, c := range []struct{ checkout, dir, want string }{
		{"actions/checkout@v5", ".", "."},
		{"actions/checkout@v5", "sub", "sub"},
		{"actions/checkout@v5\n        with: {path: src/app}", "src/app/sub", "sub"},
		{"actions/checkout@v5\n        with: {path: src/app}", ".", "-"},
		{"actions/checkout@v5\n        with: {path: src/app}", "src/application", "-"},
		{"actions/checkout@v5\n        with: {repository: example/other}", ".", "-"},
		{"actions/checkout@v5\n        with: {ref: v1.2.3}", ".", "-"},
		{"actions/checkout@v5\n        with: {ref: '${{ github.head_ref }}'}", ".", "."},
		{"actions/cache@v4", ".", "-"},
		{"actions/checkout@v5\n      - uses: actions/checkout@v5\n        with: {repository: example/other, path: other}", "other", "-"},
		{"actions/checkout@v5\n      - uses: actions/checkout@v5\n        with: {repository: example/other, path: other}", "sub", "sub"},
		{"actions/checkout@v5\n      - run: git checkout main", ".", "-"},
		{"actions/checkout@v5\n      - run: sed -i s/1.24/1.20/ go.mod", ".", "-"},
	} {
		text := "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: " + c.checkout +
			"\n      - run: go build .\n        working-directory: " + c.dir + "\n"
		r := open(t, map[string]string{".github/workflows/ci.yml": text, "sub/go.mod": "module example.com/sub\n\ngo 1.24.0\n"})
		got := "no run"
		for _, run := range Runs.Of(r) {
			if got = "-"; run.Module != nil {
				got = run.Module.Dir
			}
		}
		if got != c.want {
			t.Errorf("%s in %s: module %s, want %s", c.checkout, c.dir, got, c.want)
		}
	}
}

// TestRunsAreListedOnce checks that a recipe which a workflow runs is not
// listed again as one that nobody runs, and that hostile calls end.
func TestRunsAreListedOnce(t *testing.T) {
	r := open(t, map[string]string{
		".github/workflows/ci.yml": "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n      - run: make\n      - uses: ./loop\n",
		"loop/action.yml":          "runs:\n  using: composite\n  steps:\n" + strings.Repeat("    - uses: ./loop\n", 200) + "    - run: go vet .\n      shell: bash\n",
		"Makefile":                 "all:\n\tgo build .\n\t./build.sh\n",
		"build.sh":                 "#!/bin/sh\ngo test .\n",
		"alone.sh":                 "#!/bin/sh\ngo list .\n",
	})
	var got []string
	for _, run := range Runs.Of(r) {
		if run.Verb != "vet" {
			got = append(got, fmt.Sprint(run.Place, " ", run.Verb))
		}
	}
	if want := "1 build, 1 test, 3 list"; strings.Join(got, ", ") != want {
		t.Errorf("runs are %s, want %s", strings.Join(got, ", "), want)
	}
}
