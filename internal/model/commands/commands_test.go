package commands

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// run follows a script in /w, where the files are, and prints what it runs.
func run(script string, files map[string]string) string {
	var out strings.Builder
	w := World{
		Platform: "linux/arm64", Root: "/w",
		File: func(p string) *source.File {
			if data, ok := files[strings.TrimPrefix(p, "/w/")]; ok && strings.HasPrefix(p, "/w/") {
				return source.New(strings.TrimPrefix(p, "/w/"), []byte(data))
			}
			return nil
		},
		Ran: func(r Ran) {
			var words []string
			for _, word := range r.Words {
				words = append(words, strings.ReplaceAll(word.Text, shell.Hole, "??"))
			}
			fmt.Fprint(&out, strings.Join(words, " "))
			if v := r.Getenv("CGO_ENABLED"); v.Set == shell.Yes {
				fmt.Fprintf(&out, " [%s]", v.Text)
			}
			if r.Dir.Text != "/w" {
				fmt.Fprintf(&out, " in %s", path.Clean(r.Dir.Text))
			}
			for _, n := range r.Trail {
				fmt.Fprintf(&out, " < %s", n.Text)
			}
			if r.Conditional {
				fmt.Fprint(&out, " maybe")
			}
			fmt.Fprintln(&out)
		},
	}
	f := source.New("script", []byte(script))
	text := &source.Joined{}
	text.Append(f.Whole())
	t := w.Shell(text, shell.POSIX, shell.State{Env: shell.NewEnv(shell.Var{}), Dir: shell.Known("/w", source.Span{})})
	for _, n := range t.Unknown {
		fmt.Fprintf(&out, "not known: %s\n", n.Text)
	}
	return out.String()
}

func TestFollow(t *testing.T) {
	files := map[string]string{
		"Makefile": "export CGO_ENABLED ?= 0\nARCH := $(shell go env GOARCH)\nall: b\n\t$(MAKE) -C sub\nb:\n\tgo build -o bin/$(ARCH)\n" +
			"bash: SHELL := /usr/bin/env bash\nbash:\n\t[[ -n x ]] && go vet\nfish: SHELL = /usr/bin/fish\nfish:\n\tgo vet\n" +
			"sh:\n\t./hack/b.sh\nloop:\n\t$(MAKE) loop\nnone:\n\t$(X) y\n",
		"sub/Makefile": "x:\n\t@cd ../ && go test\n",
		"hack/b.sh":    "#!/bin/sh\nmake -s b CGO_ENABLED=1\n",
	}
	for script, want := range map[string]string{
		"make":                             "go build -o bin/arm64 [0] < runs make\ngo test [0] < runs make < runs make -C sub\n",
		"make b CGO_ENABLED=1":             "go build -o bin/arm64 [1] < runs make b CGO_ENABLED=1\n",
		"CGO_ENABLED=1 make b":             "go build -o bin/arm64 [1] < runs make b\n",
		"make bash":                        "go vet [0] < runs make bash\n",
		"make fish":                        "not known: the recipe runs in a shell that is not read\n",
		"make sh":                          "go build -o bin/arm64 [1] < runs make sh < runs make -s b CGO_ENABLED=1\n",
		"make -n b":                        "",
		"make b V=$(unknown)":              "unknown\ngo build -o bin/arm64 [0] < runs make b\n",
		"make nowhere":                     "not known: no rule to make target 'nowhere'\n",
		"make -C nowhere":                  "not known: there is no makefile in /w/nowhere\n",
		"if x; then make b; fi":            "x\ngo build -o bin/arm64 [0] < runs make b maybe\n",
		"find . -name x -exec make b \\;":  "find . -name x -exec make b ;\ngo build -o bin/arm64 [0] < runs make b maybe\n",
		"env CGO_ENABLED=0 make -C sub ||": "not known: the script does not parse\n",
	} {
		if got := run(script, files); got != want {
			t.Errorf("%s\ngot\n%swant\n%s", script, got, want)
		}
	}
	if got := run("make loop", files); !strings.Contains(got, "not known: make calls itself too deeply") {
		t.Errorf("loop: %s", got)
	}
}

func TestPrints(t *testing.T) {
	files := map[string]string{"VERSION": "1.2.3\n", "NOTES": "first\nsecond\n", "go.mod": "module example.com/m\n", "ws/go.work": "go 1.25\n"}
	for command, want := range map[string]string{
		"uname": "Linux", "uname -m": "aarch64", "arch": "aarch64", "dpkg --print-architecture": "arm64", "xx-info os": "linux",
		"go env GOOS": "linux", "GOOS=darwin go env GOOS": "darwin", "go env GOARCH": "arm64", "go env GOHOSTARCH": "arm64",
		"go env GOEXE": "", "go env GOPATH": "??", "go env GOVERSION": "??", "go list -m": "example.com/m", "cd sub && go list -m": "example.com/m",
		"cd ws && go list -m": "??", "cat VERSION": "1.2.3", "head -n 1 VERSION": "1.2.3", "head -1 NOTES": "first", "head -n 2 NOTES": "??", "cat VERSION VERSION": "1.2.3\n1.2.3", "cat none": "??", "cat -n VERSION": "??",
		"git rev-parse --show-toplevel": "/w", "git describe": "??", "readlink -f hack/..": "/w", "realpath hack": "/w/hack", "date": "??",
		"uname -r": "??", "which docker": "/usr/bin/docker", "which podman": "??",
		"command -v docker": "/usr/bin/docker", "command -v gcc": "??",
	} {
		got := run("echo \"$("+command+")\"", files)
		if i := strings.LastIndex(got, "echo "); strings.TrimSuffix(got[i+len("echo "):], "\n") != want {
			t.Errorf("%s prints %q, want %q", command, got, want)
		}
	}
}
