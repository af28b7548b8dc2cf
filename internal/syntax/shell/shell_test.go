package shell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// show writes a trace as one line a command: the words, then what is unusual.
func show(trace *Trace, variables ...string) string {
	var b strings.Builder
	for _, c := range trace.Commands {
		b.WriteString(strings.Join(texts(c.Words), "|"))
		for _, v := range variables {
			switch e := c.Getenv(v); {
			case e.Set == Maybe:
				fmt.Fprintf(&b, " %s?", v)
			case e.Set == Yes:
				fmt.Fprintf(&b, " %s=%s", v, strings.ReplaceAll(e.Text, Hole, "◌"))
			}
		}
		if c.Dir.Text != "/w" {
			b.WriteString(" in " + strings.ReplaceAll(c.Dir.Text, Hole, "◌"))
		}
		for _, flag := range []struct {
			on   bool
			name string
		}{{c.Conditional, "maybe"}, {c.StatusIgnored, "ignored"}, {c.PipedInto, "piped"}, {c.Substituted, "substituted"}, {c.Opaque.Text != "", "opaque"}} {
			if flag.on {
				b.WriteString(" " + flag.name)
			}
		}
		b.WriteString("\n")
	}
	if trace.Stop.Text != "" {
		b.WriteString("stop: " + trace.Stop.Text + "\n")
	}
	return b.String()
}

func evaluate(text string, files map[string]string) *Trace {
	r := &Runner{File: func(path string) *source.File {
		if data, ok := files[path]; ok {
			return source.New(path, []byte(data))
		}
		return nil
	}}
	return r.Run(ParseFile(source.New("script", []byte(text)), POSIX), State{Dir: Value{Text: "/w"}, Env: NewEnv(Var{}).Export("E", Value{Text: "1"})})
}

func TestRun(t *testing.T) {
	files := map[string]string{
		"/w/build.sh": "#!/bin/sh -e\ncd \"$(dirname \"$0\")/cmd\"\ngo build -o \"$1\"\nV=2 go vet\n",
		"/w/env.sh":   "export V=3\n", "/w/tool.py": "#!/usr/bin/python3\nprint(1)\n",
		"/w/hack/where.sh": "#!/bin/bash\nsource hack/lib.sh\ncd \"$(dirname \"${BASH_SOURCE[0]}\")/..\" && go vet \"$lib\"\n",
		"/w/hack/lib.sh":   "lib=$BASH_SOURCE\n",
	}
	for _, c := range []struct{ script, want string }{
		{"V=0 go build", "go|build V=0\n"},
		{"export V=0 && go build", "go|build V=0\n"},
		{"V=0; go build", "go|build\n"},
		{"V=0 && go build", "go|build\n"},
		{"E=0; go build", "go|build\n"},
		{"(export V=0); go build", "go|build\n"},
		{"V=0 true && go build", "true V=0\ngo|build\n"},
		{"set -a; V=0; go build", "go|build V=0\n"},
		{"env -u E V=0 go build", "go|build V=0\n"},
		{"cd a && cd ../b && go build", "go|build in /w/b\n"},
		{"cd $(cat d) && go build", "cat|d substituted\ngo|build in ◌\n"},
		{"go build ./cmd/*", "go|build|◌…\n"},
		{"go build -ldflags \"-X v=$(git describe) -s\"", "git|describe substituted\ngo|build|-ldflags|-X v=◌ -s\n"},
		{"go build $F", "go|build\n"},
		{"F='-v -x'; go build $F \"$F\"", "go|build|-v|-x|-v -x\n"},
		{"[ -f go.mod ] && go build", "go|build maybe\n"},
		{"apt-get update && go build", "apt-get|update\ngo|build\n"},
		{"apt-get update; go build", "apt-get|update ignored\ngo|build\n"},
		{"set -e; apt-get update; go build", "apt-get|update\ngo|build\n"},
		{"go build || true", "go|build ignored\ntrue maybe\n"},
		{"go build || exit 1; go vet", "go|build ignored\ngo|vet\n"},
		{"[ -f x ] || exit 1; go vet", "go|vet\n"},
		{"[ -f x ] && exit 0; go vet", "go|vet maybe\n"},
		{"curl x | sh", "curl|x ignored\nsh piped opaque\n"},
		{"for i in a b; do go build ./$i; done", "go|build|./a ignored\ngo|build|./b\n"},
		{"for i in $(ls); do V=$i; done; export V; go vet", "ls substituted ignored\ngo|vet V?\n"},
		{"if [ \"$E\" = 1 ]; then V=a; else V=b; fi; export V; go vet", "go|vet V=a\n"},
		{"if [ -f x ]; then V=a; else V=a; fi; export V; go vet", "go|vet V=a\n"},
		{"case $E in [0-4]) go vet;; *) go test;; esac", "go|vet\n"},
		{"case $(uname) in L*) go vet;; *) go test;; esac", "uname substituted\ngo|vet maybe\ngo|test maybe\n"},
		{"./build.sh out", "dirname|./build.sh substituted\ngo|build|-o|out in /w/cmd\ngo|vet V=2 in /w/cmd\n"},
		{"sh build.sh $(x)", "x substituted\ndirname|build.sh substituted ignored\ngo|build|-o|◌ in /w/cmd ignored\ngo|vet V=2 in /w/cmd\n"},
		{". ./env.sh && go vet", "go|vet V=3\n"},
		{"./tool.py; ./none.sh", "./tool.py ignored\n./none.sh\n"},
		{"./hack/where.sh", "dirname|/w/hack/where.sh substituted\ngo|vet|/w/hack/lib.sh\n"},
		{"bash -ec 'go vet; go test'", "go|vet\ngo|test\n"},
		{"eval \"$(x)\"; go vet", "x substituted ignored\neval|◌ ignored opaque\ngo|vet V? in ◌\n"},
		{"sudo go vet", "go|vet V?\n"},
		{"sudo -E V=1 go vet", "go|vet V=1\n"},
		{"find . | xargs go vet", "find|. ignored\ngo|vet|◌… maybe piped\n"},
		{"find . -name '*.go' -exec go vet {} + -o -execdir rm x{} \\;", "find|.|-name|*.go|-exec|go|vet|{}|+|-o|-execdir|rm|x{}|;\ngo|vet|◌… maybe\nrm|◌ in ◌ maybe\n"},
		{"time nice -n 5 timeout 10m go test", "go|test\n"},
		{"$CC x", "x\n"},
		{"$(x) y", "x substituted\n◌…|y opaque\n"},
		{"if then", "stop: the script does not parse\n"},
	} {
		if got := show(evaluate(c.script, files), "V"); strings.ReplaceAll(got, "ignored substituted", "substituted ignored") != c.want {
			t.Errorf("%s\ngot\n%swant\n%s", c.script, got, c.want)
		}
	}
}

func TestDeadAssignments(t *testing.T) {
	for script, want := range map[string]string{
		"CGO_ENABLED=0 && go build":              "CGO_ENABLED=0 unused",
		"CGO_ENABLED=0 go build":                 "",
		"V=0; export V; go build":                "",
		"V=0; go build -o $V":                    "V=0 expanded",
		"E=0; go build":                          "", // exported already
		"V=1; eval \"$(x)\"; go build":           "",
		"if [ -f x ]; then V=1; fi; echo \"$V\"": "V=1 expanded",
		"for i in a b; do V=1; done":             "i=a unused,V=1 unused,i=b unused",
	} {
		var got []string
		for _, a := range evaluate(script, nil).Dead() {
			use := "unused"
			if a.Expanded {
				use = "expanded"
			}
			got = append(got, a.Name+"="+a.Value.Text+" "+use)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %v, want %s", script, got, want)
		}
	}
}

// TestPlaces checks what points where, through continuations and nested shells.
func TestPlaces(t *testing.T) {
	text := "V=./cmd/a && \\\n  sh -c 'go  build' && go vet \"$V\"\n"
	trace := evaluate(text, nil)
	if len(trace.Commands) != 2 {
		t.Fatal(show(trace))
	}
	build, vet := trace.Commands[0], trace.Commands[1]
	if got := build.Words[1].At.Text(); got != "build" {
		t.Errorf("the word in sh -c is traced to %q", got)
	}
	if !slices.Equal(build.Via, []string{"sh"}) {
		t.Errorf("via %v", build.Via)
	}
	use := vet.Words[2].Uses[0]
	if use.Ref.Text() != "$V" || use.Value.At.Text() != "V=./cmd/a" {
		t.Errorf("the use of V is %q, defined at %q", use.Ref.Text(), use.Value.At.Text())
	}
	either := evaluate("if [ -f x ]; then a; else b; fi", nil).Commands
	if x, y := either[0].Branches[0], either[1].Branches[0]; x.At != y.At || x.Arm == y.Arm || x.At.Text() != "[ -f x ]" {
		t.Errorf("the arms are %v and %v", x, y)
	}
}

// TestFilter checks the pipelines by which scripts name platforms.
func TestFilter(t *testing.T) {
	for script, want := range map[string]string{
		"x=$(echo Linux | tr '[:upper:]' '[:lower:]')":                    "linux",
		"x=$(echo x86_64 | sed 's/x86_64/amd64/' | sed s,aarch64,arm64,)": "amd64",
		"x=$(echo a a | sed -e s/a/b/g -e 's|b|c|')":                      "c b",
		"x=$(echo a | tr a-z A-Z 2>e)":                                    Hole,
		"x=$(echo abc | sed s/a.c/b/)":                                    Hole,
		"x=$(unknown | tr a-z A-Z)":                                       Hole,
		"x=$(echo a | tr -d a)":                                           Hole,
		"x=$(echo a | y && tr a-z A-Z)":                                   Hole,
	} {
		r := Runner{}
		trace := r.Run(ParseFile(source.New("s", []byte(script)), POSIX), State{Env: NewEnv(Var{})})
		if got := trace.End.Env.Get("x").Text; got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}
