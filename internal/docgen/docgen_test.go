package docgen

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "write what is generated to testdata/golden")

// slack is the rule whose source stands in testdata/slack.go.txt.
var slack = &rule.Rule{ID: "harbour/slack", Title: "mooring is slack", Severity: rule.Warning, Since: "v0.1.0", Tags: []string{"rope"},
	Run: func(p *rule.Pass) {
		for _, f := range p.Repo.Of("dockerfile") {
			i := strings.Index(string(f.Data()), "slack")
			if i < 0 {
				continue
			}
			at := f.Span(i, i+len("slack"))
			p.Report(rule.Finding{At: at, Message: "slack is not taut", Result: "the boat drifts",
				Proof: fact.Because(fact.Note{At: at, Text: "the rope gives"}),
				Fixes: []rule.Fix{{Title: "haul it taut", Safe: true, Edits: []source.Edit{{Span: at, New: "taut"}}}}})
		}
	}}

func root(t *testing.T) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	for p, name := range map[string]string{
		"rules/harbour/slack.go":           "slack.go.txt",
		"fixtures/harbour/slack/bad.txtar": "bad.txtar",
		"README.md":                        "README.md",
	} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		tree[p] = &fstest.MapFile{Data: data}
	}
	return tree
}

// TestGenerate compares with testdata/golden, a copy of what was read by eye.
func TestGenerate(t *testing.T) {
	files, err := Generate(root(t), []*rule.Rule{slack})
	if err != nil {
		t.Fatal(err)
	}
	for p, got := range files {
		name := filepath.Join("testdata", "golden", strings.ReplaceAll(p, "/", "-"))
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || got != string(want) {
			t.Errorf("%s (see -update, and read what it changes): %v\n%s\nwant\n%s", p, err, got, want)
		}
	}
	if len(files) != 3 {
		t.Errorf("%d files are generated, want 3", len(files))
	}
}

func TestGenerateErrors(t *testing.T) {
	tests := []struct{ path, old, new, want string }{
		{"rules/harbour/slack.go", "# Why", "# Because", `harbour/slack: the comment has a heading "Because"`},
		{"rules/harbour/slack.go", "// Haul.", "//", `harbour/slack: the comment says nothing under "# Fix"`},
		{"rules/harbour/slack.go", "Haul.", "(The smallest edit.)", `harbour/slack: the comment is not written under "# Fix"`},
		{"rules/harbour/slack.go", "- note:", "- error:", "harbour/slack: # Severity speaks of error, the rule gives warning at most"},
		{"rules/harbour/slack.go", "- warning:", "- note:", "harbour/slack: # Severity does not say when a finding is of severity warning"},
		{"rules/harbour/slack.go", "- warning:", "* warning:", `harbour/slack: "  * warning: in a storm," under # Severity is no item of a list such as "  - warning: when …"`},
		{"rules/harbour/slack.go", "ID:", "Name:", `harbour/slack: the comment says nothing under "# "`},
		{"rules/harbour/slack.go", "// Package harbour holds the rules about boats: how\n// they are moored.\n", "", "rules/harbour: the package has no comment"},
		{"fixtures/harbour/slack/bad.txtar", "FROM slack", "FROM taut", "harbour/slack: nothing is found in bad.txtar"},
		{"fixtures/harbour/slack/bad.txtar", "-- fixed/Dockerfile --", "-- other --", "harbour/slack: open fixtures/harbour/slack/good.txtar: file does not exist"},
		{"README.md", "harbour/slack", "harbour/tide", "README.md: open fixtures/harbour/tide/bad.txtar: file does not exist"},
		{"README.md", "<!-- end", "<!-- stop", "README.md: there is no <!-- end of example -->\n"},
		{"README.md", "<!-- example", "<!-- sample", "README.md: there is no <!-- example RULE -->"},
	}
	for _, test := range tests {
		tree := root(t)
		before := string(tree[test.path].Data)
		after := strings.Replace(before, test.old, test.new, 1)
		if before == after {
			t.Fatalf("%q is not in %s", test.old, test.path)
		}
		tree[test.path] = &fstest.MapFile{Data: []byte(after)}
		if _, err := Generate(tree, []*rule.Rule{slack}); err == nil || err.Error() != test.want {
			t.Errorf("%s with %q:\ngot  %v\nwant %s", test.path, test.new, err, test.want)
		}
	}
}

func TestDeclarations(t *testing.T) {
	tree := fstest.MapFS{
		"f/a.go": {Data: []byte(`package f
// A is.
var A = &rule.Rule{ID: "f/a"}
var b = &rule.Rule{ID: "f/b"}
var C = &rule.Rule{Title: "c"}
var Rules = []*rule.Rule{A}
`)},
		"f/a_test.go": {Data: []byte("package f\nvar D = &rule.Rule{}\n")},
	}
	got, err := Declarations(tree, "f")
	if err != nil {
		t.Fatal(err)
	}
	want := []Declaration{{ID: "f/a", Name: "A", File: "f/a.go", Doc: "A is.\n"}, {Name: "C", File: "f/a.go"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{"mooring is slack": "Mooring is slack", "go.mod is torn": "go.mod is torn", "GOGC is off": "GOGC is off"} {
		if got := title(in); got != want {
			t.Errorf("title(%q) = %q, want %q", in, got, want)
		}
	}
}
