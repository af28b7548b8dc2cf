package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// FuzzRun checks the laws: no panic, every place within the file, the same
// result twice, and no more commands than the bound.
func FuzzRun(f *testing.F) {
	for _, s := range []string{
		"CGO_ENABLED=0 go build -o /app ./cmd/app", "export V=1 && cd d && make", "for i in a b; do go build $i; done",
		"f() { local x=1; f; }; f", "set -e; [ -f x ] || exit 1; case $V in a*) go vet;; *) :;; esac", "sh -c 'go build' <<E\nx $y\nE\n",
		"eval \"$X\"; V=${V:-x}; env -i V=1 sudo -E xargs go test", "while read -r x; do V=$x; done <f", "a\\\nb \"c\\\nd\" `e \\`f\\``", "A=(1 2); echo ${A[@]} {a,b} $((x=1))",
		"cat <<-'E' | sh\n\tgo build\n\tE\n", "echo ${a#${b%%c}} ${!x} $'a\\n' [[ a == b* ]]",
	} {
		for d := range 3 {
			f.Add(s, byte(d))
		}
	}
	f.Fuzz(func(t *testing.T, text string, d byte) {
		file := source.New("script", []byte(text))
		whole := file.Whole()
		r := &Runner{File: func(string) *source.File { return file }}
		trace := r.Run(ParseFile(file, Dialect(d%3)), State{Dir: Value{Text: "/w"}, Env: NewEnv(Var{})})
		inside := func(what string, s source.Span) {
			if s.Valid() && !whole.Contains(s) {
				t.Errorf("%s is outside the file: %d-%d", what, s.Start, s.End)
			}
		}
		for _, c := range trace.Commands {
			if len(c.Words) == 0 {
				t.Error("a command without words")
			}
			inside("a command", c.At)
			for _, w := range c.Words {
				inside("a word", w.At)
				inside("a reason", w.Why.At)
				if w.Exact() && strings.Contains(w.Text, Hole) {
					t.Error("an exact word with a hole")
				}
			}
			c.Getenv("V")
		}
		for _, a := range trace.Dead() {
			inside("an assignment", a.At)
		}
		again := r.Run(ParseFile(file, Dialect(d%3)), State{Dir: Value{Text: "/w"}, Env: NewEnv(Var{})})
		if len(again.Commands) != len(trace.Commands) || len(again.Commands) > maxCommands+1 {
			t.Errorf("%d commands, then %d", len(trace.Commands), len(again.Commands))
		}
	})
}

// TestHostileScripts checks that bounds hold; each would take very long or
// overflow the stack without them.
func TestHostileScripts(t *testing.T) {
	n := maxSize / 4
	for name, text := range map[string]string{
		"subshells":     strings.Repeat("(", n),
		"substitutions": strings.Repeat("$(", n),
		"conditions":    strings.Repeat("a && V=1 && ", n/3) + "b || c",
		"functions":     strings.Repeat("a(){ b;};", n/3),
		"recursion":     "f() { f; f; f; }; f; f",
		"loops":         strings.Repeat("for i in $x; do ", 60) + "V=$i; W=$V" + strings.Repeat("; done", 60),
		"literal loops": strings.Repeat("for i in 1 2 3 4 5 6 7 8 9; do ", 20) + "a $i" + strings.Repeat("; done", 20),
		"doubling":      "V=aaaaaaaa; " + strings.Repeat("V=$V$V; ", 1000) + "a $V",
		"variables":     many("A%d=1; a\n", 9000),
		"branches":      strings.Repeat("if a; then V=1; else V=2; fi;", n/8),
		"cases":         "case $x in " + strings.Repeat("a) V=1;; ", 8000) + "esac",
		"long pipe":     strings.Repeat("a|", n/2) + "a",
		"words":         "a " + strings.Repeat("$V ", n),
		"self":          "sh ./self; . ./self",
	} {
		t.Run(name, func(t *testing.T) {
			file := source.New("self", []byte(text))
			r := &Runner{File: func(string) *source.File { return file }}
			done := make(chan *Trace)
			go func() { done <- r.Run(ParseFile(file, Bash), State{Dir: Value{Text: "/w"}}) }()
			select {
			case <-done:
			case <-time.After(time.Minute): // it takes a second at most
				t.Fatal("not done after a minute")
			}
		})
	}
}

func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "%d", strings.Repeat("x", i%7)+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676))))
	}
	return b.String()
}

func BenchmarkRun(b *testing.B) {
	text := "set -eu\nexport GOFLAGS=-trimpath\ncd \"$(dirname \"$0\")/..\"\nfor os in linux darwin; do\n  for arch in amd64 arm64; do\n" +
		"    CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -ldflags \"-s -X main.v=$(git describe)\" -o bin/app-$os-$arch ./cmd/app\n  done\ndone\n"
	file := source.New("build.sh", []byte(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var r Runner
		if trace := r.Run(ParseFile(file, POSIX), State{Dir: Value{Text: "/src"}, Name: Value{Text: "./hack/build.sh"}}); len(trace.Commands) < 8 {
			b.Fatal(len(trace.Commands))
		}
	}
}
