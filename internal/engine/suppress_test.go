package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// TestCommentReach shows on which line a comment counts, by format. In each
// text "HERE" stands where the finding is.
func TestCommentReach(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		silenced   bool
	}{
		"above":                       {"Dockerfile", "# seaworthy:ignore image/x fine\nFROM HERE\n", true},
		"above, indented, no blank":   {"Dockerfile", "  #seaworthy:ignore image/x fine\nFROM HERE\n", true},
		"above, other comments after": {"Dockerfile", "# seaworthy:ignore image/x fine\n# more\nFROM HERE\n", true},
		"above, a blank line between": {"Dockerfile", "# seaworthy:ignore image/x fine\n\nFROM HERE\n", false},
		"two above":                   {"Dockerfile", "# seaworthy:ignore image/x fine\nFROM a\nFROM HERE\n", false},
		"below":                       {"Dockerfile", "FROM HERE\n# seaworthy:ignore image/x fine\n", false},
		"no trailing ones":            {"Dockerfile", "FROM HERE # seaworthy:ignore image/x fine\n", false},
		"a continuation":              {"Dockerfile", "# seaworthy:ignore image/x fine\nRUN a \\\n  && b \\ \n  && HERE\n", true},
		"past a continuation":         {"Dockerfile", "# seaworthy:ignore image/x fine\nRUN a \\\n  && b\nRUN HERE\n", false},
		"inside a continuation":       {"Dockerfile", "RUN a \\\n# seaworthy:ignore image/x fine\n  HERE \\\n b\n", true},
		"inside, two lines above":     {"Dockerfile", "RUN a \\\n# seaworthy:ignore image/x fine\n b \\\n  HERE\n", false},
		"comments in a continuation":  {"Dockerfile", "# seaworthy:ignore image/x fine\nRUN a \\\n# c\n  HERE\n", true},
		"another escape":              {"Dockerfile", "# escape=`\n# seaworthy:ignore image/x fine\nRUN a `\n  HERE\n", true},
		"a file that does not parse":  {"Dockerfile", "FRUM \x00\xff\n# seaworthy:ignore image/x fine\nFROM HERE\n", true},
		"CRLF":                        {"Dockerfile", "# seaworthy:ignore image/x fine\r\nFROM HERE\r\n", true},
		"BOM":                         {"Dockerfile", "\ufeff# seaworthy:ignore image/x fine\nFROM HERE\n", true},
		"an inner word":               {"Dockerfile", "# note: seaworthy:ignore image/x fine\nFROM HERE\n", false},
		"a longer word":               {"Dockerfile", "# seaworthy:ignored image/x fine\nFROM HERE\n", false},
		"go.mod, above":               {"go.mod", "// seaworthy:ignore image/x fine\nmodule HERE\n", true},
		"go.mod, trailing":            {"go.mod", "module HERE // seaworthy:ignore image/x fine\n", true},
		"go.mod, trailing counts for its line only": {"go.mod", "module a // seaworthy:ignore image/x fine\ngo HERE\n", false},
		"go.mod, hash":             {"go.mod", "# seaworthy:ignore image/x fine\nmodule HERE\n", false},
		"go.work":                  {"go.work", "use HERE // seaworthy:ignore image/x fine\n", true},
		"Go, trailing":             {"a.go", "package HERE //seaworthy:ignore image/x fine\n", true},
		"Go, a string":             {"a.go", "package a\n\nvar s = `\n// seaworthy:ignore image/x fine\nHERE`\n", false},
		"Go, broken":               {"a.go", "package '\nvar \"x\n// seaworthy:ignore image/x fine\nHERE\n", true},
		"unit, semicolon":          {"a.service", "[Service]\n; seaworthy:ignore image/x fine\nExecStart=HERE\n", true},
		"unit, no trailing ones":   {"a.service", "[Service]\nExecStart=HERE # seaworthy:ignore image/x fine\n", false},
		"unit, continued":          {"a.service", "[Service]\n# seaworthy:ignore image/x fine\nExecStart=a \\\n; c\n  HERE\n", true},
		"drop-in":                  {"a.service.d/a.conf", "[Service]\n# seaworthy:ignore image/x fine\nExecStart=HERE\n", true},
		"YAML, trailing":           {"compose.yaml", "a: HERE # seaworthy:ignore image/x fine\n", true},
		"YAML, no comment":         {"compose.yaml", "a: HERE# seaworthy:ignore image/x fine\n", false},
		"YAML, in a script":        {".github/workflows/a.yml", "run: |\n  # seaworthy:ignore image/x fine\n  go HERE\n", true},
		"Makefile":                 {"Makefile", "a:\n\tgo HERE # seaworthy:ignore image/x fine\n", true},
		"script":                   {"a.sh", "# seaworthy:ignore image/x fine\ngo build \\\n  HERE\n", true},
		"env file":                 {"a.env", "# seaworthy:ignore image/x fine\nGOGC=HERE\n", true},
		"env file, no trailing":    {"a.env", "GOGC=HERE # seaworthy:ignore image/x fine\n", false},
		"bake":                     {"docker-bake.hcl", "a = HERE // seaworthy:ignore image/x fine\n", true},
		"JSON has none":            {"docker-bake.json", "// seaworthy:ignore image/x fine\nHERE\n", false},
		"go.sum has none":          {"go.sum", "// seaworthy:ignore image/x fine\nHERE\n", false},
		"several rules":            {"Dockerfile", "# seaworthy:ignore image/y, image/x fine\nFROM HERE\n", true},
		"several rules, no blanks": {"Dockerfile", "# seaworthy:ignore image/y,image/x fine\nFROM HERE\n", true},
		"another rule":             {"Dockerfile", "# seaworthy:ignore image/y fine\nFROM HERE\n", false},
		"a dash before the reason": {"Dockerfile", "# seaworthy:ignore image/x -- fine\nFROM HERE\n", true},
		"no reason":                {"Dockerfile", "# seaworthy:ignore image/x\nFROM HERE\n", false},
		"only a dash":              {"Dockerfile", "# seaworthy:ignore image/x --\nFROM HERE\n", false},
		"until today":              {"Dockerfile", "# seaworthy:ignore image/x until=2026-06-15 fine\nFROM HERE\n", true},
		"until yesterday":          {"Dockerfile", "# seaworthy:ignore image/x until=2026-06-14 fine\nFROM HERE\n", false},
		"until some day":           {"Dockerfile", "# seaworthy:ignore image/x until=soon fine\nFROM HERE\n", false},
		"all of a family":          {"Dockerfile", "# seaworthy:ignore image/* fine\nFROM HERE\n", false},
	} {
		p := newProject(t, map[string]string{c.file: c.text})
		p.rule("image/x", rule.Error, finding("found", p.note(c.file, "HERE"))).rule("image/y", rule.Error)
		r := Run(p.repo, Options{Rules: p.rules, Now: time.Date(2026, 6, 15, 23, 0, 0, 0, time.Local)})
		silenced := false
		for _, f := range r.Findings {
			silenced = silenced || f.Suppression != nil && f.Suppression.Reason == "fine"
		}
		if silenced != c.silenced {
			t.Errorf("%s: silenced is %v\n%s", name, silenced, strings.Join(show(r), "\n"))
		}
	}
}

func TestCommentAtAnyStep(t *testing.T) {
	p := newProject(t, map[string]string{
		"Dockerfile": "FROM a\nCOPY x y\n",
		"go.mod":     "module m\n\ngo 1.25 // seaworthy:ignore image/x the builder is newer\n",
	})
	p.rule("image/x", rule.Error, finding("found", p.note("go.mod", "1.25"), p.note("Dockerfile", "x")))
	check(t, "evidence", p.run(Options{}), `Dockerfile:2:6 error image/x found silenced [image/x] "the builder is newer"`)
}

func TestMisuse(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": strings.Join([]string{
		"# seaworthy:ignore image/x nothing is here",
		"FROM a",
		"# seaworthy:ignore image/ex, image/x meant the other",
		"FROM b",
		"# seaworthy:ignore image/x",
		"FROM c",
		"# seaworthy:ignore image/x until=2026-01-31 in January",
		"FROM d",
		"# seaworthy:ignore",
		"FROM e",
		"# seaworthy:ignore seaworthy/unparseable for once",
		"FROM f",
		"# seaworthy:ignore image/x twice",
		"# seaworthy:ignore image/x twice",
		"FROM g",
		"# seaworthy:ignore image/off it does not run",
		"FROM h",
	}, "\n")})
	p.rule("image/x", rule.Error, finding("found", p.note("Dockerfile", "b\n")), finding("found", p.note("Dockerfile", "g\n")))
	p.rule("image/off", rule.Error)
	got := p.run(Options{Config: parse(t, "disable = ['image/off']")})
	check(t, "misuse", got,
		"Dockerfile:1:20 warning seaworthy/ignore-unused image/x finds nothing here",
		"Dockerfile:3:20 warning seaworthy/ignore-unknown-rule there is no rule image/ex (did you mean image/x?)",
		`Dockerfile:4:6 error image/x found silenced [image/ex image/x] "meant the other"`,
		"Dockerfile:5:3 warning seaworthy/ignore-without-reason the ignore does not say why, so it does not count",
		"Dockerfile:7:3 warning seaworthy/ignore-expired the ignore of image/x ended with 2026-01-31 (today is 2026-06-15)",
		"Dockerfile:9:3 warning seaworthy/ignore-unknown-rule the comment names no rule",
		"Dockerfile:11:20 warning seaworthy/ignore-unused seaworthy/unparseable cannot be silenced by a comment, only disabled in .seaworthy.toml",
		"Dockerfile:14:20 warning seaworthy/ignore-unused image/x finds nothing here",
		`Dockerfile:15:6 error image/x found silenced [image/x] "twice"`,
	)
	check(t, "nobody asks", p.run(Options{Config: parse(t, `disable = ["image/x", "image/off", "seaworthy/ignore-unused", "seaworthy/ignore-expired",
		"seaworthy/ignore-unknown-rule", "seaworthy/ignore-without-reason"]`)}))
}

func TestConfigIgnores(t *testing.T) {
	p := newProject(t, map[string]string{"a/go.sum": "a\n", "b/go.sum": "b\n", "Dockerfile": "FROM c\n"})
	p.rule("module/x", rule.Error,
		finding("at", p.note("a/go.sum", "a")),
		finding("through", p.note("a/go.sum", "a"), p.note("Dockerfile", "c")),
		finding("other", p.note("b/go.sum", "b")))
	check(t, "ignored", p.run(Options{Config: parse(t, `disable = ["module/y"]
severity = { "module/z" = "error" }
[[ignore]]
rule = "module/x"
path = "a/**"
reason = "built elsewhere"
[[ignore]]
rule = "module/x"
path = "c/go.sum"
reason = "gone"
[[ignore]]
rule = "module/x"
path = "b/*"
reason = "old"
until = 2026-06-14
[[ignore]]
rule = "module/x"
path = "b/*"
`)}),
		`.seaworthy.toml:1:12 warning seaworthy/ignore-unknown-rule there is no rule module/y (did you mean module/x?)`,
		`.seaworthy.toml:2:14 warning seaworthy/ignore-unknown-rule there is no rule module/z (did you mean module/x?)`,
		`.seaworthy.toml:8:8 warning seaworthy/ignore-unused module/x finds nothing in c/go.sum`,
		`.seaworthy.toml:11:3 warning seaworthy/ignore-expired the ignore of module/x ended with 2026-06-14 (today is 2026-06-15)`,
		`.seaworthy.toml:16:3 warning seaworthy/ignore-without-reason the ignore does not say why, so it does not count`,
		`Dockerfile:1:6 error module/x through silenced [module/x] "built elsewhere"`,
		`a/go.sum:1:1 error module/x at silenced [module/x] "built elsewhere"`,
		`b/go.sum:1:1 error module/x other`,
	)
}

// FuzzComments checks that comments are found inside their files, on lines that
// exist, whatever the file holds.
func FuzzComments(f *testing.F) {
	f.Add("Dockerfile", "# escape=`\nRUN a `\n# seaworthy:ignore image/x,image/y until=2026-01-01 because\n b\n")
	f.Add("a.go", "package a // seaworthy:ignore image/x \"\n")
	f.Add("go.mod", "module m // seaworthy:ignore")
	f.Add("a.service", "\ufeff;seaworthy:ignore ,\\\n")
	kinds := map[string]repo.Kind{"Dockerfile": repo.Dockerfile, "a.go": repo.GoSource, "go.mod": repo.GoMod, "a.service": repo.Unit}
	f.Fuzz(func(t *testing.T, name, text string) {
		file := source.New(name, []byte(text))
		comments, first := commentsIn(file, kinds[name])
		for _, c := range comments {
			if !file.Whole().Contains(c.at) || !strings.HasPrefix(c.at.Text(), marker) || strings.Contains(c.at.Text(), "\n") {
				t.Errorf("comment %q", c.at.Text())
			}
			if c.target < 0 || c.target > file.Lines() {
				t.Errorf("target %d of %d lines", c.target, file.Lines())
			}
			for _, n := range c.names {
				if !c.at.Contains(n.At) || n.At.Text() != n.Value {
					t.Errorf("name %q at %q", n.Value, n.At.Text())
				}
			}
		}
		for n, at := range first {
			if at > n {
				t.Errorf("line %d begins at %d", n, at)
			}
		}
	})
}
