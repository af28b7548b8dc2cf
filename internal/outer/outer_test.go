// Package outer checks the files around the program that others start it by:
// README, action, hooks, image, CI.
package outer

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
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
