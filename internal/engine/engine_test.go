package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/rules/seaworthy"
)

// project is a repository and rules of the test's own.
type project struct {
	t     *testing.T
	repo  *repo.Repo
	rules []*rule.Rule
}

func newProject(t *testing.T, files map[string]string) *project {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &project{t: t, repo: r, rules: slices.Clone(seaworthy.Rules)}
}

// at returns the place of the first occurrence of text in a file.
func (p *project) at(file, text string) source.Span {
	p.t.Helper()
	f := p.repo.File(file)
	i := strings.Index(string(f.Data()), text)
	if i < 0 {
		p.t.Fatalf("%s holds no %q", file, text)
	}
	return f.Span(i, i+len(text))
}

// note returns a step of a path.
func (p *project) note(file, text string) fact.Note {
	p.t.Helper()
	return fact.Note{At: p.at(file, text), Text: "is " + text}
}

// rule adds a rule that reports the findings.
func (p *project) rule(id string, s rule.Severity, findings ...rule.Finding) *project {
	p.rules = append(p.rules, &rule.Rule{ID: id, Severity: s, Run: func(pass *rule.Pass) {
		for _, f := range findings {
			pass.Report(f)
		}
	}})
	return p
}

// finding is at the last of the notes, and proved by them.
func finding(message string, notes ...fact.Note) rule.Finding {
	var premises []fact.Premise
	for _, n := range notes {
		premises = append(premises, n)
	}
	return rule.Finding{At: notes[len(notes)-1].At, Message: message, Proof: fact.Because(premises...)}
}

func (p *project) run(o Options) []string {
	p.t.Helper()
	o.Rules = p.rules
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	}
	return show(Run(p.repo, o))
}

// show writes findings one a line, with what became of them.
func show(r Result) []string {
	lines := []string{}
	for _, f := range r.Findings {
		line := fmt.Sprintf("%s %s %s %s", f.At, f.Severity, f.Rule.ID, f.Message)
		if f.Hidden {
			line += " hidden"
		}
		if f.Suppression != nil {
			line += fmt.Sprintf(" silenced %v %q", f.Suppression.Rules, f.Suppression.Reason)
		}
		lines = append(lines, line)
	}
	return lines
}

func check(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := config.Read(source.New(config.Name, []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func low(f rule.Finding) rule.Finding { f.Confidence = fact.Low; return f }

func as(s rule.Severity, f rule.Finding) rule.Finding { f.Severity = s; return f }

func TestLevels(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": "FROM a\n"})
	from := p.note("Dockerfile", "FROM")
	unknown := finding("unproved", from)
	unknown.Confidence = fact.Unknown
	p.rule("image/x", rule.Error, finding("own", from), as(rule.Note, finding("lower", from)), low(finding("inferred", from)), unknown)
	p.rule("image/y", rule.Warning, as(rule.Error, finding("higher", from)))
	p.rule("image/z", rule.Error, rule.Finding{Message: "nowhere", Proof: from.Proof()})
	check(t, "default", p.run(Options{}),
		"Dockerfile:1:1 warning image/x inferred hidden",
		"Dockerfile:1:1 note image/x lower hidden",
		"Dockerfile:1:1 error image/x own",
		"Dockerfile:1:1 warning image/y higher",
	)
	check(t, "audit, configured", p.run(Options{Audit: true, Config: parse(t, "disable=['image/y']\n[severity]\n'image/x'='error'\n")}),
		"Dockerfile:1:1 warning image/x inferred",
		"Dockerfile:1:1 error image/x lower",
		"Dockerfile:1:1 error image/x own",
	)
}

func TestFilters(t *testing.T) {
	p := newProject(t, map[string]string{"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n", "ab/Dockerfile": "FROM c\n"})
	a, b, ab := p.note("a/Dockerfile", "FROM"), p.note("b/Dockerfile", "FROM"), p.note("ab/Dockerfile", "FROM")
	p.rule("image/x", rule.Error, finding("b", b), finding("a to b", a, b), finding("ab", ab), finding("b", b))
	check(t, "all", p.run(Options{}), "ab/Dockerfile:1:1 error image/x ab", "b/Dockerfile:1:1 error image/x a to b", "b/Dockerfile:1:1 error image/x b")
	check(t, "under a", p.run(Options{Under: "a"}), "b/Dockerfile:1:1 error image/x a to b")
	check(t, "one file", p.run(Options{Under: "ab/Dockerfile"}), "ab/Dockerfile:1:1 error image/x ab")
	check(t, "excluded", p.run(Options{Config: parse(t, "exclude=['b/**']")}), "ab/Dockerfile:1:1 error image/x ab")
}

func TestOverlaps(t *testing.T) {
	p := newProject(t, map[string]string{"a.service": "[Service]\nMemoryMax=1 # one\nCPUQuota=y\n"})
	value, comment, other := p.note("a.service", "1 # one"), p.note("a.service", "# one"), p.note("a.service", "y\n")
	p.rule("service/limit-ignored-by-systemd", rule.Error, finding("bad size", value), finding("bad quota", other))
	p.rule("service/value-ignored-by-systemd", rule.Error, finding("bad value", other))
	p.rule("service/inline-comment", rule.Warning, finding("comment", comment))
	p.rule("service/other", rule.Error, finding("no rival", value))
	check(t, "the most specific wins", p.run(Options{}),
		"a.service:2:11 error service/other no rival",
		"a.service:2:13 warning service/inline-comment comment",
		"a.service:3:10 error service/limit-ignored-by-systemd bad quota",
	)
	check(t, "a hidden one does not win", p.run(Options{Config: parse(t, "[severity]\n'service/inline-comment'='note'")}),
		"a.service:2:11 error service/limit-ignored-by-systemd bad size",
		"a.service:2:11 error service/other no rival",
		"a.service:2:13 note service/inline-comment comment hidden",
		"a.service:3:10 error service/limit-ignored-by-systemd bad quota",
	)
}

func TestSameFindingTwice(t *testing.T) {
	p := newProject(t, map[string]string{
		"Dockerfile": "FROM a\nCOPY x y\n",
		"go.mod":     "module m // seaworthy:ignore image/x looked at\n",
	})
	mod, from, place := p.note("go.mod", "module"), p.note("Dockerfile", "FROM"), p.note("Dockerfile", "x")
	p.rule("image/x", rule.Error, finding("same", mod, place), finding("same", from, place))
	check(t, "one that is not silenced is shown", p.run(Options{}), "Dockerfile:2:6 error image/x same")
}

func TestFailure(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": "# seaworthy:ignore image/broken it will work\nFROM a\n"})
	from := p.note("Dockerfile", "FROM")
	broken := repo.NewModel(func(*repo.Repo) int { panic("out of luck") })
	p.rule("image/x", rule.Error, finding("found", from))
	for _, id := range []string{"image/broken", "image/broken-too"} {
		p.rules = append(p.rules, &rule.Rule{ID: id, Severity: rule.Error, Run: func(pass *rule.Pass) {
			pass.Report(finding("before", from))
			broken.Of(pass.Repo)
		}})
	}
	r := Run(p.repo, Options{Rules: p.rules})
	check(t, "the others count", show(r),
		`Dockerfile:2:1 error image/broken before silenced [image/broken] "it will work"`,
		"Dockerfile:2:1 error image/broken-too before",
		"Dockerfile:2:1 error image/x found",
	)
	if len(r.Failures) != 2 {
		t.Fatalf("failures: %v", r.Failures)
	}
	for i, id := range []string{"image/broken", "image/broken-too"} {
		if f := r.Failures[i]; f.Rule.ID != id || f.Cause != "out of luck" || !strings.Contains(f.Where, "engine_test.go:") {
			t.Errorf("failure %d: %s %q %q", i, f.Rule.ID, f.Cause, f.Where)
		}
	}
}

func TestUnjudged(t *testing.T) {
	p := newProject(t, map[string]string{"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n"})
	a, b := p.at("a/Dockerfile", "a"), p.at("b/Dockerfile", "b")
	p.rules = append(p.rules, &rule.Rule{ID: "image/x", Run: func(pass *rule.Pass) {
		for _, at := range []source.Span{{}, b, a, b} {
			pass.Unjudged(rule.Unjudged{At: at, Text: "image unknown"})
		}
	}})
	for under, want := range map[string][]source.Span{"": {a, b, {}}, "b": {b, {}}} {
		var got []source.Span
		for _, u := range Run(p.repo, Options{Rules: p.rules, Under: under}).Unjudged {
			got = append(got, u.At)
		}
		if !slices.Equal(got, want) {
			t.Errorf("under %q: %v, want %v", under, got, want)
		}
	}
}

// TestOrder runs many rules that report in all orders: the result is one.
func TestOrder(t *testing.T) {
	p := newProject(t, map[string]string{"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n"})
	notes := []fact.Note{p.note("b/Dockerfile", "b"), p.note("a/Dockerfile", "a"), p.note("a/Dockerfile", "FROM")}
	for i := range 20 {
		var findings []rule.Finding
		for j := range 3 {
			findings = append(findings, finding(fmt.Sprint("m", j%2), notes[(i+j)%3]))
		}
		p.rule(fmt.Sprintf("image/r%02d", i), rule.Error, findings...)
	}
	first := p.run(Options{})
	if len(first) != 60 {
		t.Errorf("%d findings", len(first))
	}
	for range 20 {
		if got := p.run(Options{}); !reflect.DeepEqual(got, first) {
			t.Fatal("two runs differ")
		}
	}
}

func TestTooManyFindings(t *testing.T) {
	p := newProject(t, map[string]string{"Dockerfile": "FROM a\n"})
	at := p.note("Dockerfile", "a")
	var findings []rule.Finding
	for i := range maxFindings + 7 {
		findings = append(findings, finding(fmt.Sprint(i), at))
	}
	p.rule("image/x", rule.Error, findings...)
	result := Run(p.repo, Options{Rules: p.rules})
	if len(result.Findings) != maxFindings {
		t.Errorf("%d findings", len(result.Findings))
	}
	if len(result.Unjudged) != 1 || result.Unjudged[0].Text != "image/x has 7 more findings than the 10000 that are kept" {
		t.Errorf("not judged: %v", result.Unjudged)
	}
}
