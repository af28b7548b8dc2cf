package module_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/rules/module"
)

// TestDifferential breaks healthy modules in named ways and compares what the
// rules say with what the go command does. Each rule names the command that
// fails where it reports an error (claims); none may succeed. What the go
// command refuses and no rule reports has to be explained (misses).
//
// SEAWORTHY_DIFFERENTIAL=all breaks every module in every way, which takes some
// minutes.
func TestDifferential(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command some hundred times")
	}
	w := newWorld(t)
	all := os.Getenv("SEAWORTHY_DIFFERENTIAL") == "all"
	sums := &summary{byRule: map[string]int{}, missed: map[string][]string{}}
	t.Run("trees", func(t *testing.T) {
		for _, b := range w.bases(t) {
			for _, m := range slices.Concat(mutations, sumMutations(b)) {
				if all || m.on(b.name) {
					tree := maps.Clone(b.files)
					if m.edit(tree); !maps.Equal(tree, b.files) || m.name == "none" {
						t.Run(b.name+"/"+m.name, func(t *testing.T) {
							t.Parallel()
							w.compare(t, b, m.name, tree, sums)
						})
					}
				}
			}
		}
	})
	sums.report(t, all)
}

// A tree is the files of a repository.
type tree = map[string]string

// world is what the go command sees of the outside: a proxy made of files.
type world struct {
	root string
	env  []string
}

func newWorld(t *testing.T) *world {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not there")
	}
	root, err := os.MkdirTemp("", "seaworthy")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{root: root}
	t.Cleanup(func() { removeAll(t, root) })
	proxy := filepath.Join(root, "proxy")
	for _, m := range published {
		m.publish(t, proxy)
	}
	w.env = append([]string{
		"HOME=" + root, "PATH=" + os.Getenv("PATH"), "GOPROXY=file://" + filepath.ToSlash(proxy), "GOSUMDB=off",
		"GOMODCACHE=" + filepath.Join(root, "mod"), "GOCACHE=" + filepath.Join(root, "cache"), "GOPATH=" + filepath.Join(root, "gopath"),
		"GOTOOLCHAIN=local", "GOFLAGS=", "GOENV=off", "GOWORK=", "GO111MODULE=", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64",
	}, slices.DeleteFunc(os.Environ(), func(e string) bool { return !strings.HasPrefix(e, "GOROOT=") && !strings.HasPrefix(e, "SYSTEMROOT=") })...)
	return w
}

// removeAll removes a folder with a module cache in it, which is read-only.
func removeAll(t *testing.T, root string) {
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(p, 0o755)
		}
		return err
	})
	if err == nil {
		err = os.RemoveAll(root)
	}
	if err != nil {
		t.Error(err)
	}
}

// run runs the go command and returns what it prints when it fails.
func (w *world) run(dir string, args ...string) (said string, ok bool) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, w.env
	var errors bytes.Buffer
	cmd.Stderr = &errors
	err := cmd.Run()
	return errors.String(), err == nil
}

// publishedModule is a module version of the proxy, as the go.mod and the other
// files of its zip file.
type publishedModule struct {
	path, version string
	files         tree
}

// publish writes the files that a proxy serves (https://go.dev/ref/mod#goproxy-protocol).
func (m publishedModule) publish(t *testing.T, proxy string) {
	dir := filepath.Join(proxy, filepath.FromSlash(m.path), "@v")
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		f, err := z.Create(m.path + "@" + m.version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, tree{
		m.version + ".info": fmt.Sprintf(`{"Version":%q,"Time":"2024-01-02T03:04:05Z"}`, m.version),
		m.version + ".mod":  m.files["go.mod"],
		m.version + ".zip":  archive.String(),
	})
	list, err := os.OpenFile(filepath.Join(dir, "list"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(list, m.version)
	if err := list.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir string, files tree) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir string) tree {
	t.Helper()
	files := tree{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// base is a healthy repository.
type base struct {
	name  string
	dirs  []string // in which the go command is run
	setup []string // commands that complete it
	files tree
}

// bases completes the healthy repositories with the go command itself, and
// makes sure that they are healthy.
func (w *world) bases(t *testing.T) []base {
	var done []base
	for _, b := range healthy {
		dir := filepath.Join(w.root, "base", b.name)
		write(t, dir, b.files)
		for _, setup := range b.setup {
			where, command, _ := strings.Cut(setup, ": ")
			if said, ok := w.run(filepath.Join(dir, where), strings.Fields(command)...); !ok {
				t.Fatalf("%s: go %s: %s", b.name, command, said)
			}
		}
		b.files = read(t, dir)
		done = append(done, b)
	}
	return done
}

// claims says for each rule which command fails where it reports an error. A
// finding that speaks of go vet is about tests only.
var claims = map[string]string{
	"module/exclude-required":            "build",
	"module/godebug-unknown":             "build",
	"module/gomod-invalid":               "build",
	"module/gosum-conflicting-hash":      "", // about the file itself: the order of its lines decides
	"module/gosum-malformed":             "", // about the file itself: not read where no module is loaded
	"module/gosum-missing-entry":         "build",
	"module/gosum-not-committed":         "build",
	"module/import-not-required":         "build",
	"module/replace-conflict":            "build",
	"module/replace-dead":                "", // a note
	"module/replace-in-installable-cmd":  "", // see TestGoInstallRefuses
	"module/replace-outside-repo":        "download",
	"module/replace-target-missing":      "download",
	"module/require-duplicate":           "build",
	"module/require-not-canonical":       "build",
	"module/tool-path-invalid":           "build",
	"module/toolchain-line-breaks-build": "build",
	"module/vendor-inconsistent":         "build",
	"module/vendor-package-missing":      "build",
	"module/work-invalid":                "build",
}

// fails reports whether a command fails. go build and go vet fail where go list
// does, because they load packages in the same way; only where go list succeeds
// they are run, without compiling anything (-n): what the rules claim fails
// before that.
func (w *world) fails(dir, claim string) (said string, failed bool) {
	var steps [][]string
	switch claim {
	case "build":
		steps = [][]string{{"list", "-deps", "./..."}, {"build", "-n", "./..."}}
	case "vet":
		steps = [][]string{{"list", "-deps", "-test", "./..."}, {"vet", "-n", "./..."}}
	case "download":
		steps = [][]string{{"mod", "download"}}
	}
	for _, args := range steps {
		if said, ok := w.run(dir, args...); !ok {
			return said, true
		}
	}
	return "", false
}

func (w *world) compare(t *testing.T, b base, mutation string, files tree, sums *summary) {
	dir, err := os.MkdirTemp(w.root, "tree")
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "repository")
	write(t, dir, files)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	findings := judge(t, files)
	judged := false
	for _, f := range findings {
		judged = judged || f.Severity >= rule.Warning
		claim, known := claims[f.Rule.ID]
		if !known {
			t.Fatalf("%s names no claim", f.Rule.ID)
		}
		if claim == "" || f.Severity != rule.Error {
			continue
		}
		if claim == "build" && strings.Contains(f.Message, "go vet") {
			claim = "vet"
		}
		sums.claim(f.Rule.ID)
		w.confirm(t, dir, f, claim, placesOf(b, files, f))
	}
	if judged {
		return
	}
	for _, where := range b.dirs {
		for _, args := range [][]string{{"list", "-deps", "./..."}, {"list", "-deps", "-test", "./..."}} {
			if said, ok := w.run(filepath.Join(dir, filepath.FromSlash(where)), args...); !ok {
				if why := reason(mutation, b.name); why != "" {
					sums.miss(why, b.name+"/"+mutation)
				} else {
					t.Errorf("nothing is reported, but go %s in %s says: %s", strings.Join(args, " "), where, said)
				}
				return
			}
		}
	}
}

// confirm fails the test unless the command fails in all of the folders. What is
// missing in a vendor folder of a workspace is missing for one of them.
func (w *world) confirm(t *testing.T, dir string, f rule.Finding, claim string, places []string) {
	failed := 0
	for _, where := range places {
		if _, fails := w.fails(filepath.Join(dir, filepath.FromSlash(where)), claim); fails {
			failed++
		}
	}
	one := strings.HasPrefix(f.At.File.Path, "vendor/") && failed > 0
	if failed < len(places) && !one {
		t.Errorf("%s: %s %s\n    but go %s succeeds in one of %v", f.At, f.Rule.ID, f.Message, claim, places)
	}
}

// placesOf returns the folders in which a finding claims that a command fails:
// that of the module which it is about; of go.work, all below it.
func placesOf(b base, files tree, f rule.Finding) []string {
	dir := path.Dir(f.At.File.Path)
	if path.Base(f.At.File.Path) == "go.work" {
		below := slices.DeleteFunc(slices.Clone(b.dirs), func(d string) bool { return dir != "." && d != dir && !strings.HasPrefix(d, dir+"/") })
		if len(below) == 0 {
			return []string{dir}
		}
		return below
	}
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := files[path.Join(dir, "go.mod")]; ok {
			return []string{dir}
		}
	}
	if _, ok := files["go.mod"]; ok {
		return []string{"."}
	}
	return b.dirs
}

// judge runs the rules of the family.
func judge(t *testing.T, files tree) []rule.Finding {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result := engine.Run(r, engine.Options{Rules: module.Rules, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	for _, failure := range result.Failures {
		t.Errorf("%s panicked: %s", failure.Rule.ID, failure.Cause)
	}
	return slices.DeleteFunc(result.Findings, func(f rule.Finding) bool { return f.Hidden })
}

// summary counts what was compared.
type summary struct {
	sync.Mutex
	byRule map[string]int
	missed map[string][]string // by reason
}

func (s *summary) claim(id string) {
	s.Lock()
	defer s.Unlock()
	s.byRule[id]++
}

func (s *summary) miss(why, tree string) {
	s.Lock()
	defer s.Unlock()
	s.missed[why] = append(s.missed[why], tree)
}

// report logs the table, and fails for rules that claimed nothing and for
// reasons that explain nothing.
func (s *summary) report(t *testing.T, all bool) {
	for _, id := range slices.Sorted(maps.Keys(claims)) {
		if claims[id] != "" {
			t.Logf("%4d errors of %s, each with its command", s.byRule[id], id)
			if s.byRule[id] == 0 {
				t.Errorf("nothing was compared with %s", id)
			}
		}
	}
	for _, why := range slices.Sorted(maps.Keys(s.missed)) {
		slices.Sort(s.missed[why])
		t.Logf("%4d not reported: %s\n\t%s", len(s.missed[why]), why, strings.Join(s.missed[why], "\n\t"))
	}
	for _, m := range misses {
		if len(s.missed[m.why]) == 0 && all {
			t.Errorf("nothing is missed because %s", m.why)
		}
	}
}

// TestGoInstallRefuses holds what module/replace-in-installable-cmd claims: a
// program with a replace or exclude line cannot be installed by its version.
func TestGoInstallRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	w := newWorld(t)
	for version, line := range map[string]string{
		"v1.0.0": "",
		"v1.1.0": "replace corp.example/a => corp.example/fork v1.0.5",
		"v1.2.0": "replace corp.example/unused v1.0.0 => ./gone",
		"v1.3.0": "exclude corp.example/a v1.0.0",
	} {
		files := tree{"go.mod": "module corp.example/boat\n\ngo 1.22\n\n" + line + "\n", "boat.go": "package main\n\nfunc main() {}\n"}
		publishedModule{"corp.example/boat", version, files}.publish(t, filepath.Join(w.root, "proxy"))
		said, ok := w.run(w.root, "install", "-n", "corp.example/boat@"+version)
		if ok != (line == "") {
			t.Errorf("%q: go install says %s", line, said)
		}
		files["README.md"] = "go install corp.example/boat@latest\n"
		found := slices.DeleteFunc(judge(t, files), func(f rule.Finding) bool { return f.Rule.ID != "module/replace-in-installable-cmd" })
		if len(found) == 1 != (line != "") {
			t.Errorf("%q: %d findings", line, len(found))
		}
		if len(found) == 1 && !strings.Contains(strings.Join(strings.Fields(said), " "), found[0].Result) {
			t.Errorf("we say\n%s\ngo install says\n%s", found[0].Result, said)
		}
	}
}
