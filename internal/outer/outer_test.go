// Package outer checks the files around the program that others start it by:
// README, action, hooks, image, CI.
package outer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/report"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/rules"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestReadmeCommands: the two commands that the README names are those that CI
// runs.
func TestReadmeCommands(t *testing.T) {
	readme, ci := read(t, "README.md"), read(t, ".ci/run")
	for _, command := range []string{"go run ./cmd/seaworthy", "go test ./..."} {
		if !strings.Contains(readme, "\n"+command) {
			t.Errorf("README.md does not name %q", command)
		}
		if !strings.Contains(ci, "\n"+command) {
			t.Errorf(".ci/run does not run %q", command)
		}
	}
}

// TestConfigurationPage: the configuration that the page shows is one, and names
// rules that exist.
func TestConfigurationPage(t *testing.T) {
	page := read(t, "docs/configuration.md")
	examples := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(examples) == 0 {
		t.Fatal("there is no example")
	}
	for _, example := range examples {
		c, err := config.Read(source.New(config.Name, []byte(example[1])))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Base(fstest.MapFS{}); err != nil {
			t.Error(err)
		}
	}
	ids := map[string]bool{}
	for _, r := range rules.All() {
		ids[r.ID] = true
	}
	for _, id := range regexp.MustCompile(`\b(image|module|service|seaworthy)/[a-z-]+[a-z]\b`).FindAllString(page, -1) {
		if !ids[id] {
			t.Errorf("there is no rule %s", id)
		}
	}
}

// samples are files of every kind that is judged, by path.
var samples = map[string]struct {
	kind repo.Kind
	text string
}{
	"go.mod":                           {repo.GoMod, ""},
	"a/go.sum":                         {repo.GoSum, ""},
	"go.work":                          {repo.GoWork, ""},
	"go.work.sum":                      {repo.GoWorkSum, ""},
	"vendor/modules.txt":               {repo.VendorModules, ""},
	"main.go":                          {repo.GoSource, ""},
	".go-version":                      {repo.GoVersion, ""},
	".tool-versions":                   {repo.ToolVersions, ""},
	".gitmodules":                      {repo.Gitmodules, ""},
	"Dockerfile":                       {repo.Dockerfile, ""},
	"build/dockerfile.dev":             {repo.Dockerfile, ""},
	"api.Dockerfile":                   {repo.Dockerfile, ""},
	"Containerfile":                    {repo.Dockerfile, ""},
	".dockerignore":                    {repo.Dockerignore, ""},
	"api.Dockerfile.dockerignore":      {repo.Dockerignore, ""},
	"docker-bake.hcl":                  {repo.Bake, ""},
	"compose.yaml":                     {repo.Compose, ""},
	"docker-compose.prod.yml":          {repo.Compose, ""},
	"deploy/app.service":               {repo.Unit, "[Service]\n"},
	"deploy/app.service.d/limits.conf": {repo.DropIn, ""},
	"deploy/app.yaml":                  {repo.Kubernetes, "apiVersion: v1\nkind: Pod\n"},
	"deploy/kustomization.yaml":        {repo.Kustomization, ""},
	"Kustomization":                    {repo.Kustomization, ""},
	"chart/Chart.yaml":                 {repo.HelmChart, ""},
	"chart/values.yaml":                {repo.HelmValues, ""},
	"chart/templates/app.yaml":         {repo.HelmTemplate, ""},
	".github/workflows/ci.yml":         {repo.Workflow, ""},
	"action.yml":                       {repo.Action, ""},
	".goreleaser.yaml":                 {repo.GoReleaser, ""},
	".ko.yaml":                         {repo.Ko, ""},
	"nfpm.yaml":                        {repo.NFPM, ""},
	"Makefile":                         {repo.Makefile, ""},
	"rules.mk":                         {repo.Makefile, ""},
	"build.sh":                         {repo.Script, "go build\n"},
	"prod.env":                         {repo.EnvFile, ""},
	".env.local":                       {repo.EnvFile, ""},
}

// TestHookFiles: the hook wakes for every file that is judged, and for those
// that say what is, but not for the rest.
func TestHookFiles(t *testing.T) {
	tree := fstest.MapFS{}
	for p, s := range samples {
		tree[p] = &fstest.MapFile{Data: []byte(s.text)}
	}
	r, err := repo.Open(tree, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := hookPattern(t)
	for p, s := range samples {
		if got := r.KindOf(p); got != s.kind {
			t.Errorf("%s is read as %q, want %q", p, got, s.kind)
		}
		if !files.MatchString(p) {
			t.Errorf("the hook sleeps when %s changes", p)
		}
	}
	for _, p := range []string{".gitignore", ".seaworthy.toml"} {
		if !files.MatchString(p) {
			t.Errorf("the hook sleeps when %s changes", p)
		}
	}
	for _, p := range []string{"README.md", "docs/image.png", "LICENSE", "web/app.ts", "ago.mod", "main.go.txt"} {
		if files.MatchString(p) {
			t.Errorf("the hook wakes when %s changes", p)
		}
	}
}

// hookPattern returns the pattern of the first hook, as Python reads it with
// (?x): without blanks.
func hookPattern(t *testing.T) *regexp.Regexp {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, ".pre-commit-hooks.yaml"), "(?x)")
	if !ok {
		t.Fatal("the hook has no verbose pattern")
	}
	pattern, _, _ := strings.Cut(rest, "\n#")
	re, err := regexp.Compile(strings.Join(strings.Fields(pattern), ""))
	if err != nil {
		t.Fatal(err)
	}
	return re
}

// TestActionIsDocumented: the page names every input, output and format, and the
// workflow to call passes on inputs that exist.
func TestActionIsDocumented(t *testing.T) {
	type keys = map[string]struct{ Default string }
	var action struct{ Inputs, Outputs keys }
	if err := yaml.Unmarshal([]byte(read(t, "action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	page := read(t, "docs/integrations.md")
	for name, in := range action.Inputs {
		def := ""
		if in.Default != "" {
			def = " `" + in.Default + "`"
		}
		if name != "token" && !strings.Contains(page, "| `"+name+"` |"+def+" |") {
			t.Errorf("the input %s, by default %q, is not documented", name, in.Default)
		}
	}
	for name := range action.Outputs {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the output %s is not documented", name)
		}
	}
	for _, f := range report.Formats() {
		if !strings.Contains(page, "| `"+f.Name+"` |") {
			t.Errorf("the format %s is not documented", f.Name)
		}
	}
	var called struct {
		Jobs map[string]struct {
			Steps []struct{ With map[string]string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, ".github/workflows/seaworthy.yml")), &called); err != nil {
		t.Fatal(err)
	}
	steps := called.Jobs["seaworthy"].Steps
	for name := range steps[len(steps)-1].With {
		if _, ok := action.Inputs[name]; !ok {
			t.Errorf("the workflow to call passes on %s, which is no input", name)
		}
	}
}

// TestMatcher: what the format concise writes is found by the matchers.
func TestMatcher(t *testing.T) {
	var doc struct {
		ProblemMatcher []struct {
			Owner, Severity string
			Pattern         []struct {
				Regexp                                      string
				File, Line, Column, Severity, Message, Code int
			}
		}
	}
	if err := json.Unmarshal([]byte(read(t, ".github/seaworthy-matcher.json")), &doc); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	file := source.New("deploy/a b: c.service", []byte("[Service]\nGOMEMLIMIT=x\n"))
	shown := report.Report{}
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Note} {
		shown.Findings = append(shown.Findings, rule.Finding{
			Rule: &rule.Rule{ID: "service/some-rule", Severity: s}, At: file.Line(2), Severity: s, Message: "x: 1:2: [y]"})
	}
	if err := report.Concise(&log, shown); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		for _, m := range doc.ProblemMatcher {
			p := m.Pattern[0]
			part := regexp.MustCompile(p.Regexp).FindStringSubmatch(line)
			if part == nil {
				continue
			}
			severity := m.Severity
			if p.Severity > 0 {
				severity = part[p.Severity]
			}
			got = append(got, strings.Join([]string{severity, part[p.File], part[p.Line], part[p.Column], part[p.Message], part[p.Code]}, "|"))
		}
	}
	const rest = "|deploy/a b: c.service|2|1|x: 1:2: [y]|service/some-rule"
	if want := []string{"error" + rest, "warning" + rest, "notice" + rest}; !slices.Equal(got, want) {
		t.Errorf("found %q in\n%s", got, log.String())
	}
}

// TestOneVersion: what says a version, a toolchain or flags again says the same.
func TestOneVersion(t *testing.T) {
	find := func(name, pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(read(t, name))
		if m == nil {
			t.Fatalf("%s: nothing like %s", name, pattern)
		}
		return m[1]
	}
	version := strings.TrimSuffix(find("internal/cli/version.go", `(?m)^const version = "(v[0-9.]+(?:-dev)?)"$`), "-dev")
	if got := find(".pre-commit-hooks.yaml", `entry: ghcr\.io/goseaworthy/seaworthy:(\S+)`); got != version {
		t.Errorf("the hook has the image of %s, not %s", got, version)
	}
	if got, want := "go"+find("Dockerfile", `golang:([0-9.]+)-`), find(".ci/release", `(?m)^toolchain=(\S+)$`); got != want {
		t.Errorf("the image is built with %s, a release with %s", got, want)
	}
	if got, want := find("Dockerfile", `go build (.*) -o`), strings.ReplaceAll(find(".ci/release", `(?m)^flags=\((.*)\)$`), `"-ldflags=-s -w"`, `-ldflags="-s -w"`); got != want {
		t.Errorf("the image is built with %s, a release with %s", got, want)
	}
}

func readFile(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
