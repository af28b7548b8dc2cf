package makefile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

func TestParseArgs(t *testing.T) {
	for line, want := range map[string]string{
		"-C d V=1 all":                 "dirs [d] files [] vars [V=1] targets [all]",
		"-Cd -fm.mk -j8 -j 4 x -s":     "dirs [d] files [m.mk] vars [] targets [x] silent",
		"--directory=d --file m -kBe":  "dirs [d] files [m] vars [] targets [] always env",
		"-j x -n":                      "dirs [] files [] vars [] targets [x] dry",
		"A:=b -- -x":                   "dirs [] files [] vars [A:=b] targets [-x]",
		"--eval=x a -Otarget -l 2.5 b": "dirs [] files [] vars [] targets [a b] unknown",
	} {
		a := ParseArgs(wordsOf(strings.Fields(line)...))
		list := func(words []shell.Word) (out []string) {
			for _, w := range words {
				out = append(out, w.Text)
			}
			return out
		}
		var vars []string
		for _, b := range a.Vars {
			vars = append(vars, b.Name+"="+b.Value.Text)
		}
		got := fmt.Sprintf("dirs %v files %v vars %v targets %v", list(a.Dirs), list(a.Files), vars, list(a.Targets))
		for _, f := range []struct {
			on   bool
			name string
		}{{a.Silent, "silent"}, {a.Always, "always"}, {a.EnvFirst, "env"}, {a.DryRun, "dry"}, {a.Unknown.Text != "", "unknown"}} {
			if f.on {
				got += " " + f.name
			}
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

// TestPlan checks what needs no make to know: places, reasons, what is
// conditional.
func TestPlan(t *testing.T) {
	text := "FLAGS := -s -X v=$(shell git describe)\nifeq ($(shell uname),Linux)\nX = 1\nendif\n\n.PHONY: all\nall: gen.go\n\t@go build -ldflags \"$(FLAGS)\" \\\n\t  ./cmd\n\tgo vet $(X)\n\ngen.go:\n\tgo generate\n"
	file := source.New("Makefile", []byte(text))
	call := callFor(file, "all")
	call.Exists = func(path string) shell.Answer {
		if path == "/w/gen.go" {
			return shell.Yes
		}
		return shell.No
	}
	plan := Load(call).Plan()
	if len(plan.Lines) != 2 || len(plan.Unknown) != 0 {
		t.Fatalf("%d lines, unknown %v: gen.go exists and has no prerequisite, so that it is up to date", len(plan.Lines), plan.Unknown)
	}
	build, vet := plan.Lines[0], plan.Lines[1]
	if !build.Silent || build.Conditional {
		t.Errorf("silent %v, conditional %v", build.Silent, build.Conditional)
	}
	var r shell.Runner
	commands := r.Run(shell.Parse(build.Text, shell.POSIX), shell.State{Env: build.Env, Dir: build.Dir}).Commands
	words := commands[0].Words
	if got := words[3]; got.Text != "-s -X v="+shell.Hole || got.At.Text() != "\"$(FLAGS)\"" {
		t.Errorf("the flags are %q at %q", got.Text, got.At.Text())
	}
	if got := words[4]; !got.Is("./cmd") || got.At.Text() != "./cmd" {
		t.Errorf("the package is %q at %q", got.Text, got.At.Text())
	}
	if use := build.Uses[0]; use.Name != "FLAGS" || use.Ref.Text() != "$(FLAGS)" || use.Value.At.Begin().Line != 1 {
		t.Errorf("the use of FLAGS is %v", use)
	}
	if why := vet.Uses[0].Value.Why; why.At.Begin().Line != 2 {
		t.Errorf("X is unknown because of %s: %s", why.At, why.Text)
	}
	call.Exists = nil
	call.Args = ParseArgs(wordsOf("gone"))
	if plan := Load(call).Plan(); len(plan.Unknown) != 1 || !strings.Contains(plan.Unknown[0].Text, "no rule to make target 'gone'") {
		t.Errorf("unknown: %v", plan.Unknown)
	}
}

// TestGlob checks which files patterns stand for. What a recipe does not find
// may have been made before it runs.
func TestGlob(t *testing.T) {
	files := map[string]string{
		"Makefile":  "include mk/*.mk\n-include none/*.mk\nD := $(wildcard gone)\nG = $(wildcard gone)\nU := $(wildcard made/*)\n",
		"mk/a.mk":   "A := $(wildcard cmd/*)\nall:\n\tprobe '$(A)' '$(B)' '$(D)' '$(G)' '$(U)' '$(wildcard ./cmd/?  Makefile)'\n",
		"mk/b.mk":   "B := $(patsubst cmd/%/main.go,%,$(wildcard cmd/*/main.go))\n",
		"mk/.c.mk":  "B := hidden\n",
		"cmd/x/a.c": "", "cmd/x/main.go": "", "cmd/yy/main.go": "", "cmd/README": "",
	}
	commands, unknown := follow(Call{
		Dir:  shell.Value{Text: "/w"},
		File: func(p string) *source.File { return memory(files, p) },
		Names: func(dir string) (names []string, all bool) {
			seen := map[string]bool{}
			for name := range files {
				if rest, ok := strings.CutPrefix("/w/"+name, strings.TrimSuffix(dir, "/")+"/"); ok {
					first, _, _ := strings.Cut(rest, "/")
					seen[first] = true
				}
			}
			return slices.Sorted(maps.Keys(seen)), dir != "/w/made"
		},
	}, 0)
	if len(unknown) > 0 || len(commands) != 1 {
		t.Fatalf("%d commands, unknown: %v", len(commands), unknown)
	}
	var got []string
	for _, w := range commands[0].Words[1:] {
		got = append(got, strings.ReplaceAll(w.Text, shell.Hole, "??"))
	}
	if want := []string{"cmd/README cmd/x cmd/yy", "x yy", "", "??", "??", "./cmd/x Makefile"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func memory(files map[string]string, p string) *source.File {
	name := strings.TrimPrefix(p, "/w/")
	if text, ok := files[name]; ok {
		return source.New(name, []byte(text))
	}
	return nil
}
