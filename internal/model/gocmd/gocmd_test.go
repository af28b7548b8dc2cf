package gocmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// words makes known words of a command line, with places.
func words(args ...string) []Word {
	f := source.New("line", []byte(strings.Join(args, " ")))
	var list []Word
	at := 0
	for _, a := range args {
		list = append(list, Word{Text: a, Known: true, At: f.Span(at, at+len(a))})
		at += len(a) + 1
	}
	return list
}

func goflags(s string) Word {
	f := source.New("GOFLAGS", []byte(s))
	return Word{Text: s, Known: true, At: f.Whole()}
}

func texts(ws []Word) []string {
	list := []string{}
	for _, w := range ws {
		list = append(list, w.Text)
	}
	return list
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		line  []string
		verb  string
		flags string // name=value ...
		args  []string
		prog  []string
	}{
		{[]string{"build"}, "build", "", nil, nil},
		{[]string{"build", "-o", "/app", "-v", "./cmd/app"}, "build", "o=/app v=true", []string{"./cmd/app"}, nil},
		{[]string{"build", "--o=/app", "--race=false", "."}, "build", "o=/app race=false", []string{"."}, nil},
		{[]string{"build", "-C", "sub", "./...", "-race"}, "build", "C=sub", []string{"./...", "-race"}, nil},
		{[]string{"build", "-ldflags=-s -w", "-tags", "a,b", "--", "-x"}, "build", "ldflags=-s -w tags=a,b", []string{"-x"}, nil},
		{[]string{"run", "-race", "main.go", "util.go", "-x"}, "run", "race=true", []string{"main.go", "util.go"}, []string{"-x"}},
		{[]string{"run", "./cmd/x", "y.go"}, "run", "", []string{"./cmd/x"}, []string{"y.go"}},
		{[]string{"test", "-race", "./...", "-run", "X", "-count=1"}, "test", "race=true run=X count=1", []string{"./..."}, nil},
		{[]string{"test", "./...", "-update", "x", "-v"}, "test", "v=true", []string{"./..."}, []string{"-update", "x"}},
		{[]string{"test", ".", "-args", "-race"}, "test", "", []string{"."}, []string{"-race"}},
		{[]string{"vet", "-printf=false", "./..."}, "vet", "", []string{"./..."}, []string{"-printf=false"}},
		{[]string{"mod", "download", "-x"}, "mod download", "x=true", nil, nil},
		{[]string{"mod", "vendor", "-o", "v"}, "mod vendor", "o=v", nil, nil},
		{[]string{"list", "-json", "-m", "all"}, "list", "json=true m=true", []string{"all"}, nil},
		{[]string{"install", "example.com/x@v1.2.3"}, "install", "", []string{"example.com/x@v1.2.3"}, nil},
		{[]string{"build", "-buildvcs", "-trimpath", "-pgo", "off"}, "build", "buildvcs=true trimpath=true pgo=off", nil, nil},
	} {
		got := Parse(words(c.line...), goflags(""))
		var flags []string
		for _, f := range got.Flags {
			flags = append(flags, f.Name+"="+f.Value.Text)
			if !strings.HasPrefix(f.At.Text(), "-") || !strings.Contains(f.At.Text(), f.Name) {
				t.Errorf("%q: the span of %s is %q", c.line, f.Name, f.At.Text())
			}
			if !f.Bare && f.Value.At.Text() != f.Value.Text {
				t.Errorf("%q: the value of %s is at %q", c.line, f.Name, f.Value.At.Text())
			}
		}
		if got.Verb != c.verb || strings.Join(flags, " ") != c.flags || len(got.Problems) > 0 || len(got.Opaque) > 0 ||
			!slices.Equal(texts(got.Args), append([]string{}, c.args...)) || !slices.Equal(texts(got.ProgramArgs), append([]string{}, c.prog...)) {
			t.Errorf("%q:\n got %q %q %q %q %v\nwant %q %q %q %q", c.line, got.Verb, flags, texts(got.Args), texts(got.ProgramArgs), got.Problems, c.verb, c.flags, c.args, c.prog)
		}
	}
}

func TestUnknownWords(t *testing.T) {
	unknown := func(text string, many bool) Word { return Word{Text: text, Many: many} }
	known := func(text string) Word { return Word{Text: text, Known: true} }
	for _, c := range []struct {
		name  string
		line  []Word
		race  string // on, off or ?
		value string // of -ldflags: text or ?
		args  int
	}{
		{"unquoted variable", []Word{known("build"), unknown("", true), known(".")}, "?", "?", 1},
		{"value of a flag", []Word{known("build"), unknown("-ldflags=-X main.v=", false), known(".")}, "off", "?", 1},
		{"operand with a known start", []Word{known("build"), known("-race"), unknown("./cmd/", false)}, "on", "", 1},
		{"variable behind the packages", []Word{known("build"), known("-race"), known("."), unknown("", true)}, "on", "", 2},
		{"known behind unknown", []Word{known("build"), unknown("", true), known("-race")}, "?", "?", 0},
		{"value in the next word", []Word{known("build"), known("-ldflags"), unknown("", false), known(".")}, "off", "?", 1},
	} {
		got := Parse(c.line, Word{Known: true})
		race := "?"
		if on, known := got.Bool("race"); known {
			race = map[bool]string{true: "on", false: "off"}[on]
		}
		value := "?"
		if text, known := got.Text("ldflags"); known {
			value = text
		}
		if race != c.race || value != c.value || len(got.Args) != c.args {
			t.Errorf("%s: -race %s, -ldflags %q, %d operands; want %s, %q, %d", c.name, race, value, len(got.Args), c.race, c.value, c.args)
		}
	}
	if c := Parse([]Word{unknown("", false), known("-race")}, Word{Known: true}); c.Verb != "" || len(c.Opaque) != 2 {
		t.Errorf("unknown verb: %+v", c)
	}
	if c := Parse(words("build"), Word{Text: "-race -ta"}); len(c.Opaque) != 1 || len(c.Flags) != 1 {
		t.Errorf("GOFLAGS with an unknown end: %+v", c.Flags)
	}
}

func TestSplit(t *testing.T) {
	for s, want := range map[string][]string{
		``:                       nil,
		` a  b `:                 {"a", "b"},
		`'a b' "c d"`:            {"a b", "c d"},
		`-X main.v="x y"`:        {"-X", `main.v="x`, `y"`},
		`"-ldflags=-s -w" -race`: {"-ldflags=-s -w", "-race"},
		`"a"b`:                   {"a", "b"},
		`a"b`:                    {`a"b`},
	} {
		if got, err := Split(s); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Split(%q) = %q, %v; want %q", s, got, err, want)
		}
	}
	if _, err := Split(`'a`); err == nil || err.Error() != "unterminated ' string" {
		t.Errorf("Split of an open quote: %v", err)
	}
}

// project writes a module with one program.
func project(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.25\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(dir, flags string, env []string, args ...string) (string, error) {
	c := exec.Command("go", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), append([]string{"GOFLAGS=" + flags, "GOTOOLCHAIN=local", "GOWORK=off", "CGO_ENABLED=0"}, env...)...)
	out, err := c.CombinedOutput()
	return string(out), err
}

// TestLinkerWords compares the words that the linker would get with
// PerPackage, for flags in GOFLAGS and on the command line.
func TestLinkerWords(t *testing.T) {
	dir := project(t)
	for _, c := range []struct {
		goflags string
		line    []string
	}{
		{"", []string{"-ldflags=-s -w"}},
		{"", []string{"-ldflags", `-X "main.v=a b" -s`}},
		{"", []string{"-ldflags", `-X main.v="a b" -s`}},
		{"", []string{"-ldflags", "-s", "-ldflags", "-w"}},
		{"-ldflags=-s", nil},
		{"-ldflags=-s", []string{"-ldflags", "-w"}},
		{`"-ldflags=-s -w" -v`, nil},
		{`'-ldflags=-X main.v=1'`, []string{"-v"}},
		{"-ldflags=-s -w", nil},
		{"", []string{"-ldflags=all=-s"}},
		{"", []string{"-ldflags=-s", "-ldflags=std=-w"}},
		{"-ldflags=-s", []string{"-ldflags="}},
		{"-mod=mod -tags=x --ldflags=-w", nil},
		{"", []string{"--ldflags=  -s  "}},
	} {
		args := append(append([]string{"build", "-n"}, c.line...), ".")
		text, err := run(dir, c.goflags, nil, args...)
		cmd := Parse(words(args...), goflags(c.goflags))
		want, _, known := cmd.PerPackage("ldflags")
		if got := linkerWords(text); err != nil || !known || len(cmd.Problems) > 0 || !slices.Equal(got, append([]string{}, want...)) {
			t.Errorf("GOFLAGS=%s go %q: the linker gets %q (%v), Parse says %q (known %t, %v)", c.goflags, args, got, err, want, known, cmd.Problems)
		}
	}
}

// linkerWords takes what -ldflags adds out of the commands that -n prints: it
// stands between -buildid and -extld.
func linkerWords(commands string) []string {
	_, rest, _ := strings.Cut(commands, "-buildmode=exe ")
	rest, _, _ = strings.Cut(rest, "-extld=")
	_, rest, _ = strings.Cut(rest, " ") // -buildid
	words := []string{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		word, tail, _ := strings.Cut(rest, " ")
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			word, _ = strconv.Unquote(quoted)
			tail = rest[len(quoted):]
		}
		words, rest = append(words, word), tail
	}
	return words
}

// TestTags compares the build tags in force with Tags.
func TestTags(t *testing.T) {
	dir := project(t)
	for _, c := range []struct {
		goflags string
		line    []string
	}{
		{"-tags=a,b", nil},
		{"-tags=a", []string{"-tags=b"}},
		{"", []string{"-tags", "a b"}},
		{"", []string{"-tags", "a,,b,"}},
		{"", []string{"-tags='a'"}},
		{`"-tags=a b"`, nil},
		{"-tags=a", []string{"-tags="}},
	} {
		args := append(append([]string{"list", "-f", "{{range context.BuildTags}}{{.}} {{end}}"}, c.line...), ".")
		text, err := run(dir, c.goflags, nil, args...)
		cmd := Parse(words(args...), goflags(c.goflags))
		tags, known := cmd.Tags()
		if want := strings.Join(tags, " "); err != nil || !known || strings.TrimSpace(text) != want {
			t.Errorf("GOFLAGS=%s go %q: %q (%v), Tags says %q", c.goflags, args, text, err, want)
		}
	}
}

// TestRefused compares what the go command refuses with Problems.
func TestRefused(t *testing.T) {
	dir := project(t)
	for _, c := range []struct {
		goflags string
		line    []string
	}{
		{"-mod vendor", []string{"build"}},
		{"-nosuch", []string{"build"}},
		{"'-mod=mod", []string{"build"}},
		{"-mod", []string{"build"}},
		{"-", []string{"build"}},
		{"-mod=mod -json", []string{"version"}},
		{"-race", []string{"mod", "verify"}},
		{"-ldflags=-s", []string{"mod", "verify"}},
		{"-insecure", []string{"list"}},
		{"", []string{"build", "-nosuch"}},
		{"", []string{"build", "-v", "-C", "."}},
		{"", []string{"build", "-C", "."}},
		{"", []string{"list", "-o", "x"}},
		{"", []string{"build", "-ldflags"}},
		{"", []string{"mod", "download", "-race"}},
		{"", []string{"list", "-race=x"}},
		{"-i", []string{"list"}},
		{"-w", []string{"list"}},
	} {
		text, err := run(dir, c.goflags, nil, c.line...)
		cmd := Parse(words(c.line...), goflags(c.goflags))
		if _, known := cmd.Bool("race"); !known && strings.Contains(text, "invalid boolean") {
			continue // a value that is no boolean is not known
		}
		if (err != nil) != (len(cmd.Problems) > 0) {
			t.Errorf("GOFLAGS=%s go %q: %v %q, Problems are %v", c.goflags, c.line, err, text, cmd.Problems)
			continue
		}
		for _, p := range cmd.Problems {
			if !strings.Contains(text, p.Text) {
				t.Errorf("GOFLAGS=%s go %q: %q is not in %q", c.goflags, c.line, p.Text, text)
			}
		}
	}
}

// TestFlagTables holds the flags of this package against those that the help
// of the go command and its refusals show.
func TestFlagTables(t *testing.T) {
	dir := project(t)
	var names []string
	for _, group := range []string{buildFlags, testFlags, editFlags, "use dropuse module mod"} {
		for f := range strings.FieldsSeq(group) {
			names = append(names, strings.TrimPrefix(f, "b:"))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, verb := range []string{"build", "list", "mod download", "mod tidy", "mod verify", "mod why", "env", "version", "fmt", "work sync", "clean", "generate", "run", "install", "get", "mod vendor", "mod graph", "mod edit", "tool", "work use", "work edit"} {
		for _, name := range names {
			if name == "C" || name == "i" { // -i went with Go 1.20; the table still lets it pass
				continue
			}
			// A flag that exists with a value that nothing accepts, and a flag
			// that stops the command behind it.
			text, _ := run(dir, "", nil, append(strings.Fields(verb), "-"+name+"=?", "-nosuchflag")...)
			has := !strings.Contains(text, "flag provided but not defined: -"+name+"\n")
			if got := kindOf(verb, name) != noFlag; got != has {
				first, _, _ := bytes.Cut([]byte(text), []byte("\n"))
				t.Errorf("go %s has -%s: the table says %t, the go command %s", verb, name, got, first)
			}
		}
		if testing.Verbose() {
			t.Logf("%s: %d flags tried", verb, len(names))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("build -o /app -ldflags=-s .", `-race "-tags=a b"`, uint8(0))
	f.Add("test ./... -run X -args y", "-mod", uint8(3))
	f.Add("mod vendor -v", "'", uint8(1))
	f.Fuzz(func(t *testing.T, line, flags string, unknown uint8) {
		list := words(strings.Fields(line)...)
		if n := int(unknown); n > 0 && n <= len(list) {
			list[n-1].Known, list[n-1].Many = false, n%2 == 0
		}
		c := Parse(list, goflags(flags))
		for _, flag := range c.Flags {
			if flag.Name == "" || flag.At.Valid() && (flag.At.Start < 0 || flag.At.End > len(flag.At.File.Data())) {
				t.Errorf("flag %+v", flag)
			}
		}
		if len(c.Args)+len(c.ProgramArgs) > len(list) {
			t.Errorf("%d operands of %d words", len(c.Args)+len(c.ProgramArgs), len(list))
		}
		c.Tags()
		c.PerPackage("ldflags")
		c.Bool("race")
	})
}
