package bakefile

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

const hcl = `# how images are built
variable "GO_VERSION" {
  default = "1.25"
}
variable "BASE" { default = "golang:${GO_VERSION}" }
variable "SECRET" {}
TAG = "v1"

group "default" { targets = ["app", "db"] }

target "_common" {
  context = "."
  args = {
    GO_VERSION = GO_VERSION // a reference
    CGO_ENABLED = "0"
  }
  platforms = ["linux/amd64", "linux/arm64"]
}

target "app" {
  inherits   = ["_common"]
  dockerfile = "build/Dockerfile"
  target     = "prod"
  args = {
    BASE   = BASE, "QUOTED" = "a\tb"
    TOKEN  = SECRET
    SUM    = 1 + 2
    CALL   = upper("x}")
    EMPTY  = null
    N      = 3
    COND   = GO_VERSION != "1.25" ? "no" : BASE
    NULL   = GO_VERSION == null ? "no" : "yes"
    VAGUE  = SECRET == "" ? "no" : "yes"
    ESC    = "$${X}"
  }
  tags = ["app:${TAG}", TAG == "x" ? "a" : "b", "${SECRET}"]
  dockerfile-inline = <<-EOT
    FROM ${BASE}
      RUN x
  EOT
  output = [for x in y : x]
}
target "db" { inherits = ["nothing"] /* c */ }
`

func read(t *testing.T, name, text string) *Project {
	t.Helper()
	file := Parse(source.New(name, []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("problems %v", file.Problems)
	}
	return Read([]*yamlfile.File{file})
}

func find(p *Project, name string) *Target {
	for _, target := range p.Targets {
		if target.Name == name {
			return target
		}
	}
	return nil
}

func TestHCL(t *testing.T) {
	p := read(t, "docker-bake.hcl", hcl)
	if len(p.Targets) != 3 || len(p.Groups) != 1 || len(p.Variables) != 3 || p.Groups[0].Targets.Texts()[1] != "db" {
		t.Fatalf("%+v", p)
	}
	app := find(p, "app")
	if !app.Context.Is(".") || !app.Dockerfile.Is("build/Dockerfile") || !app.Stage.Is("prod") || len(app.Platforms.Items) != 2 || app.Open {
		t.Errorf("%+v", app)
	}
	for name, want := range map[string]struct {
		text        string
		known, over bool
	}{
		"GO_VERSION":  {"1.25", true, true},
		"CGO_ENABLED": {"0", true, false},
		"BASE":        {"golang:1.25", true, true},
		"QUOTED":      {"a\tb", true, false},
		"TOKEN":       {"SECRET", false, false},
		"SUM":         {"1 + 2", false, false},
		"CALL":        {`upper("x}")`, false, false},
		"EMPTY":       {"", false, false},
		"N":           {"3", true, false},
		"COND":        {"golang:1.25", true, true},
		"NULL":        {"yes", true, true},
		"VAGUE":       {`SECRET == "" ? "no" : "yes"`, false, false},
		"ESC":         {"${X}", true, false},
	} {
		v, ok := app.Args.Get(name)
		if !ok || v.Value.Text != want.text || v.Value.Known != want.known || v.Value.Overridable != want.over {
			t.Errorf("%s is %+v", name, v.Value)
		}
	}
	if v, _ := app.Args.Get("GO_VERSION"); v.Value.At.Begin().Line != 14 || v.Value.From.Text() != `"1.25"` {
		t.Errorf("GO_VERSION at %v from %v", v.Value.At, v.Value.From)
	}
	if !app.Tags.Items[0].Is("app:v1") || !app.Tags.Items[1].Is("b") || app.Tags.Items[2].Known {
		t.Errorf("tags %+v", app.Tags)
	}
	if got := app.Inline; got.Text != "FROM golang:1.25\n  RUN x\n" || !got.Known || got.Span(5, 16).Text() != "${BASE}" {
		t.Errorf("inline %q", got.Text)
	}
	db := find(p, "db")
	if !db.Open || len(p.Problems) != 1 || p.Problems[0].Text != "failed to find target nothing" {
		t.Errorf("%+v %v", db, p.Problems)
	}
}

func TestJSON(t *testing.T) {
	p := read(t, "docker-bake.json", `{
  "variable": {"GO": {"default": "1.26"}},
  "group": {"default": {"targets": ["a"]}},
  "target": {"a": {"context": "x", "args": {"GO": "${GO}", "V": null, "E": "a\"${GO}"}, "inherits": ["b"]}, "b": {"target": "s", "inherits": ["a"]}}
}`)
	a := find(p, "a")
	if v, _ := a.Args.Get("GO"); !v.Value.Is("1.26") || !v.Value.Overridable || v.Value.From.Text() != `"1.26"` {
		t.Errorf("GO %+v", v.Value)
	}
	if v, ok := a.Args.Get("V"); !ok || v.Value.Given() || !a.Context.Is("x") || !a.Stage.Is("s") || !find(p, "b").Open {
		t.Errorf("%+v", a)
	}
	if v, _ := a.Args.Get("E"); v.Value.Known {
		t.Errorf("E %+v", v.Value)
	}
}

func TestOverride(t *testing.T) {
	base := Parse(source.New("docker-bake.hcl", []byte("target a {\n args = { A = \"1\", B = \"2\" }\n platforms = [\"x\"]\n}")))
	over := Parse(source.New("docker-bake.override.hcl", []byte("target \"a\" {\n args = { B = \"3\" }\n platforms = []\n}")))
	a := Read([]*yamlfile.File{base, over}).Targets[0]
	for name, want := range map[string]string{"A": "1", "B": "3"} {
		if v, _ := a.Args.Get(name); !v.Value.Is(want) {
			t.Errorf("%s is %+v", name, v)
		}
	}
	if !a.Platforms.Given() || len(a.Platforms.Items) > 0 {
		t.Errorf("platforms %+v", a.Platforms)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"target \"a\" {\n", "{", "unclosed configuration block"},
		{"a = \"x\nb = 1\n", "\"x", "unterminated string"},
		{"= 1\n", "=", "an argument or block definition is required here"},
		{"a = [1\n", "[", `missing "]"`},
		{"/* x", "/*", "unterminated comment"},
		{"a = \"\\q\"\n", `\q`, `the symbol "q" is not a valid escape sequence selector`},
		{"a b c {}\n", "a b ", "an argument or block definition is required here"},
	} {
		file := Parse(source.New("docker-bake.hcl", []byte(c.text)))
		if len(file.Problems) != 1 || file.Problems[0].Text != c.want || file.Problems[0].At.Text() != c.at {
			t.Errorf("%q: %v", c.text, file.Problems)
		}
	}
}

func TestNames(t *testing.T) {
	if got := strings.Join(Default([]string{"docker-bake.hcl", "x", "docker-bake.json"}), " "); got != "docker-bake.json docker-bake.hcl" {
		t.Errorf("default files %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(hcl), false)
	f.Add([]byte(`{"target": {"a": {"inherits": ["a"], "args": {"b": "${c}"}}}}`), true)
	f.Fuzz(func(t *testing.T, data []byte, json bool) {
		name := "docker-bake.hcl"
		if json {
			name = "docker-bake.json"
		}
		file := Parse(source.New(name, data))
		var check func(n *yamlfile.Node)
		check = func(n *yamlfile.Node) {
			if n.At.File != file.Source || n.At.Start > n.At.End {
				t.Errorf("%v outside the file", n.At)
			}
			if j := n.Joined(); j.Text != n.Value {
				t.Errorf("%v is %q, traced as %q", n.At, n.Value, j.Text)
			}
			for _, p := range n.Pairs {
				check(p.Key)
				check(p.Value)
			}
			for _, item := range n.Items {
				check(item)
			}
		}
		for _, doc := range file.Docs {
			check(doc)
		}
		for _, p := range append(file.Problems, Read([]*yamlfile.File{file}).Problems...) {
			if p.At.File != file.Source {
				t.Errorf("problem %v outside the file", p)
			}
		}
	})
}
