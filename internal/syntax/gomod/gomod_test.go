package gomod

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/goseaworthy/seaworthy/internal/source"
)

const example = `// a comment (with parens)
module "example.com/app" // Deprecated: no

go 1.25.0
toolchain go1.26.1

require example.com/a v1.2.3 // indirect; why
require (
	example.com/b/v2 v2.0.0 //indirect
	// alone
	"example.com/c" v0.0.0-20200101000000-abcdefabcdef
	example.com/d v1 // not indirect
)
replace (
	example.com/a => ./a
	example.com/a v1.2.3 => "../a b"
	example.com/b/v2 v2.0.0 => example.com/fork/v2 v2.0.1
)
exclude example.com/a v1.0.0
retract [v1.0.0, v1.1.0] // bad
tool example.com/a/cmd/x
ignore ./node
godebug (
 default=go1.21
 panicnil=1
)
require ()
`

func TestParseMod(t *testing.T) {
	f := ParseMod(source.New("go.mod", []byte(example)))
	var got []string
	for _, r := range f.Requires {
		got = append(got, fmt.Sprint(r.Path.Text, "@", r.Version.Text, " ", r.Indirect))
	}
	for _, r := range f.Replaces {
		got = append(got, fmt.Sprint(r.Old.Text, "@", r.OldVersion.Text, "=>", r.New.Text, "@", r.NewVersion.Text, " ", r.Local()))
	}
	want := []string{
		"example.com/a@v1.2.3 true", "example.com/b/v2@v2.0.0 true",
		"example.com/c@v0.0.0-20200101000000-abcdefabcdef false", "example.com/d@v1 false",
		"example.com/a@=>./a@ true", "example.com/a@v1.2.3=>../a b@ true", "example.com/b/v2@v2.0.0=>example.com/fork/v2@v2.0.1 false",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if f.Module.Text != "example.com/app" || f.Module.At.Text() != `"example.com/app"` || f.Go.Text != "1.25.0" || f.Toolchain.Text != "go1.26.1" {
		t.Errorf("module %q go %q toolchain %q", f.Module, f.Go, f.Toolchain)
	}
	if len(f.Excludes) != 1 || len(f.Retracts) != 1 || f.Tools[0].Text != "example.com/a/cmd/x" || f.Ignores[0].Text != "./node" {
		t.Errorf("exclude, retract, tool or ignore: %+v", f)
	}
	if len(f.Godebugs) != 2 || f.Godebugs[1].Key != "panicnil" {
		t.Errorf("godebug: %+v", f.Godebugs)
	}
	if len(f.Problems) != 0 {
		t.Errorf("problems: %+v", f.Problems)
	}
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"module m\ngo 1.x\n":                           "go.mod:2:1 invalid go version '1.x': must match format 1.23.0",
		"module m\n\nrequire (\n\ta.b/c v2.0.0\n)\n":   "go.mod:4:2 require a.b/c: version \"v2.0.0\" invalid: should be v0 or v1, not v2",
		"module m\nrequier a v1\n":                     "go.mod:2:1 unknown directive: requier",
		"\ufeffmodule m\n":                             "go.mod:1:1 unexpected input character '\\ufeff'",
		"module m\nrequire (\n":                        "go.mod:3:1 syntax error (unterminated block started at go.mod:2:1)",
		"module m\nreplace a.b/c => a.b/d@v1\n":        "go.mod:2:1 replacement module must match format 'path version', not 'path@version'",
		"module m\nrequire `a.b/c` v1.0.0\n":           "go.mod:2:1 invalid quoted string",
		"module m\ngodebug ( a=1\n)\n":                 "go.mod:2:1 usage: godebug key=value",
		"module m\nrequire a.b/c latest\n":             "",
		"module m\nrequire a.b/c v1.2\ngo 1.21\r\n":    "",
		"module m\n<<<<<<< HEAD\ngo 1.21\n=======\n\n": "go.mod:2:1 unknown directive: <<<<<<<",
	} {
		f := ParseMod(source.New("go.mod", []byte(text)))
		got := ""
		if len(f.Problems) > 0 {
			got = f.Problems[0].At.String() + " " + f.Problems[0].Text
		}
		if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// agree holds our statements against modfile's.
func agree(t *testing.T, data []byte) {
	t.Helper()
	f := source.New("go.mod", data)
	theirs, err := modfile.Parse("go.mod", data, resolve)
	ours := ParseMod(f)
	for _, s := range ours.Statements {
		for _, a := range append([]Token{s.Verb}, s.Args...) {
			if a.At.Len() == 0 || a.At.File != f {
				t.Fatalf("no place for %q", a.Text)
			}
		}
	}
	if (err != nil) != (len(ours.Problems) > 0) {
		t.Fatalf("modfile says %v, we say %v", err, ours.Problems)
	}
	if err != nil {
		return
	}
	if len(ours.Requires) != len(theirs.Require) || len(ours.Replaces) != len(theirs.Replace) || len(ours.Godebugs) != len(theirs.Godebug) {
		t.Fatalf("ours %d %d %d, theirs %d %d %d", len(ours.Requires), len(ours.Replaces), len(ours.Godebugs), len(theirs.Require), len(theirs.Replace), len(theirs.Godebug))
	}
	for i, r := range theirs.Require {
		if o := ours.Requires[i]; o.Path.Text != r.Mod.Path || o.Indirect != r.Indirect || o.At.Start != r.Syntax.Start.Byte && r.Syntax.InBlock || o.At.End != r.Syntax.End.Byte {
			t.Fatalf("require %v: %+v", r.Mod, o)
		}
	}
	for i, r := range theirs.Replace {
		if o := ours.Replaces[i]; o.Old.Text != r.Old.Path || o.New.Text != r.New.Path || o.Local() != (r.New.Version == "") {
			t.Fatalf("replace %v: %+v", r, o)
		}
	}
}

func FuzzParseMod(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("module m\r\ngo 1.25\r\nrequire ( a.b/c v1.0.0 )\n"))
	f.Add([]byte("module \"a\\\"b\"\nrequire(\na.b/c v1.0.0//x\n)\n"))
	f.Fuzz(agree)
}

func TestParseSum(t *testing.T) {
	text := "a.b/c v1.0.0 h1:x=\r\n\n  a.b/c v1.0.0/go.mod h1:y=  \n# a comment of five words\na.b/d v1.0.0 h2:z\na.b/d v1 " + emptyGoMod + "\nlast v1 h1:q"
	s := ParseSum(source.New("go.sum", []byte(text)))
	if !s.Has(SumKey{"a.b/c", "v1.0.0", false}) || !s.Has(SumKey{"a.b/c", "v1.0.0", true}) || s.Has(SumKey{"a.b/d", "v1.0.0", false}) || !s.Has(SumKey{"last", "v1", false}) {
		t.Errorf("entries: %+v", s.Entries)
	}
	if len(s.Entries) != 4 || s.At(s.Entries[1]).Text() != "a.b/c v1.0.0/go.mod h1:y=" {
		t.Errorf("entries: %+v", s.Entries)
	}
	if len(s.Problems) != 1 || s.Problems[0].Text != "wrong number of fields 6" || s.Problems[0].At.Begin().Line != 4 {
		t.Errorf("problems: %+v", s.Problems)
	}
}

func FuzzParseSum(f *testing.F) {
	f.Add([]byte("a.b/c v1.0.0 h1:x=\n\u0085\u00a0 x\u2003y z\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := ParseSum(source.New("go.sum", data))
		entries, problems := 0, 0
		for line := range strings.SplitSeq(string(data), "\n") {
			switch words := strings.Fields(line); {
			case len(words) == 3 && words[2] != emptyGoMod:
				entries++
			case len(words) != 0 && len(words) != 3:
				problems++
			}
		}
		if len(s.Entries) != entries || len(s.Problems) != problems {
			t.Errorf("%d entries and %d problems, want %d and %d", len(s.Entries), len(s.Problems), entries, problems)
		}
		for _, e := range s.Entries {
			s.At(e).Text()
		}
	})
}

func TestParseVendor(t *testing.T) {
	v := ParseVendor(source.New("vendor/modules.txt", []byte(`## workspace
# a.b/c v1.2.3 => ./c
## explicit; go 1.21
a.b/c
a.b/c/sub
# a.b/d => a.b/e v1.0.0
# garbage here
a.b/lost
`)))
	if !v.Workspace || len(v.Modules) != 2 || v.Packages["a.b/c/sub"] != 0 || len(v.Packages) != 2 {
		t.Fatalf("%+v", v)
	}
	if m := v.Modules[0]; !m.Explicit || m.GoVersion != "1.21" || !m.Replaced || m.NewPath != "./c" || m.NewVersion != "" {
		t.Errorf("%+v", m)
	}
	if m := v.Modules[1]; m.Version != "" || m.NewPath != "a.b/e" || m.NewVersion != "v1.0.0" {
		t.Errorf("%+v", m)
	}
}

// TestRealFiles reads every go.mod in the module cache of this machine.
func TestRealFiles(t *testing.T) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("the go command is not there:", err)
	}
	names, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "cache", "download", "*", "*", "@v", "*.mod"))
	for _, name := range names {
		agree(t, readFile(t, name))
	}
	t.Logf("%d files", len(names))
}

func BenchmarkParse(b *testing.B) {
	var mod, sum strings.Builder
	mod.WriteString("module m\n\ngo 1.25\n\nrequire (\n")
	for i := range 1000 {
		fmt.Fprintf(&mod, "\texample.com/module%d/part v1.%d.0\n", i, i)
	}
	mod.WriteString(")\n")
	for i := range 2000 {
		fmt.Fprintf(&sum, "example.com/module%d/part v1.%d.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", i, i)
		fmt.Fprintf(&sum, "example.com/module%d/part v1.%d.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", i, i)
	}
	m, s := []byte(mod.String()), []byte(sum.String())
	b.Run("mod", func(b *testing.B) {
		for b.Loop() {
			ParseMod(source.New("go.mod", m))
		}
	})
	b.Run("sum", func(b *testing.B) {
		for b.Loop() {
			ParseSum(source.New("go.sum", s))
		}
	})
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
