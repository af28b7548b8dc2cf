package module_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// TestGoScripts judges the repositories of the go command's own tests, which
// are there to be difficult. Wherever a rule reports an error, the command that
// it names must fail. The modules that the tests require come from the same
// folder.
func TestGoScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command some hundred times")
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("the go command is not there")
	}
	data := filepath.Join(strings.TrimSpace(string(out)), "src", "cmd", "go", "testdata")
	scripts, _ := filepath.Glob(filepath.Join(data, "script", "*.txt"))
	if len(scripts) == 0 {
		t.Skip("this Go comes without its tests")
	}
	w := newWorld(t)
	modules, _ := filepath.Glob(filepath.Join(data, "mod", "*.txt"))
	for _, name := range modules {
		w.publishArchive(t, name)
	}
	sums := &summary{byRule: map[string]int{}, missed: map[string][]string{}}
	t.Run("scripts", func(t *testing.T) {
		for _, script := range scripts {
			t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
				t.Parallel()
				w.judgeScript(t, script, sums)
			})
		}
	})
	judged := 0
	for id, n := range sums.byRule {
		t.Logf("%4d errors of %s", n, id)
		judged += n
	}
	if judged < 100 {
		t.Errorf("only %d errors in %d scripts: are they read?", judged, len(scripts))
	}
}

// publishArchive adds a module of testdata/mod to the proxy: the name of the
// file is path_version, with underscores for slashes.
func (w *world) publishArchive(t *testing.T, name string) {
	base := strings.TrimSuffix(filepath.Base(name), ".txt")
	i := strings.LastIndex(base, "_v")
	a, err := txtar.ParseFile(name)
	if i < 0 || err != nil {
		return
	}
	m := publishedModule{path: strings.ReplaceAll(base[:i], "_", "/"), version: base[i+1:], files: tree{}}
	for _, f := range a.Files {
		switch f.Name {
		case ".mod":
			m.files["go.mod"] = string(f.Data)
		case ".info":
		default:
			if !strings.HasPrefix(f.Name, ".") {
				m.files[f.Name] = string(f.Data)
			}
		}
	}
	m.publish(t, filepath.Join(w.root, "proxy"))
}

func (w *world) judgeScript(t *testing.T, script string, sums *summary) {
	a, err := txtar.ParseFile(script)
	if err != nil {
		t.Fatal(err)
	}
	files, b := tree{}, base{}
	for _, f := range a.Files {
		if filepath.IsLocal(f.Name) && !strings.Contains(f.Name, "$") {
			files[filepath.ToSlash(filepath.Clean(f.Name))] = string(f.Data)
		}
	}
	for name := range files {
		if filepath.Base(name) == "go.mod" {
			b.dirs = append(b.dirs, filepath.ToSlash(filepath.Dir(name)))
		}
	}
	findings := judge(t, files)
	var dir string
	for _, f := range findings {
		claim := claims[f.Rule.ID]
		if claim == "" || f.Severity != rule.Error {
			continue
		}
		if claim == "build" && strings.Contains(f.Message, "go vet") {
			claim = "vet"
		}
		if dir == "" {
			if dir, err = os.MkdirTemp(w.root, "script"); err != nil {
				t.Fatal(err)
			}
			write(t, dir, files)
		}
		sums.claim(f.Rule.ID)
		w.confirm(t, dir, f, claim, placesOf(b, files, f))
	}
}
