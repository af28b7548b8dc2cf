package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// git runs git as if nobody had configured it.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	c := exec.Command("git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sample makes a repository with two branches, a merge of them and tags.
//
//	main:  one - two - four - merge
//	            \           /
//	topic:       three -----
func sample(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	day := 0
	commit := func(message string) {
		day++
		t.Setenv("GIT_COMMITTER_DATE", fmt.Sprintf("2027-03-%02dT12:00:00Z", day))
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-qm", message)
	}
	git(t, dir, "init", "-q", "-b", "main")
	put(t, dir, "go.mod", "module example.com/app\n")
	put(t, dir, "deploy/Dockerfile", "FROM scratch\n")
	put(t, dir, "scripts/build", "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(dir, "scripts", "build"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"Dockerfile": "deploy/Dockerfile", "out": "../out", "abs": "/etc/passwd", "self": "self", "dir": "deploy", "deploy/up": "../go.mod"} {
		if err := os.Symlink(target, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	commit("one")
	git(t, dir, "tag", "light")
	git(t, dir, "tag", "-a", "-m", "annotated", "v1")
	put(t, dir, "go.mod", "module example.com/app\n\ngo 1.25.0\n")
	commit("two")
	git(t, dir, "branch", "topic")
	git(t, dir, "checkout", "-q", "topic")
	put(t, dir, "three", "3\n")
	commit("three")
	git(t, dir, "checkout", "-q", "main")
	put(t, dir, "four", "4\n")
	commit("four")
	t.Setenv("GIT_COMMITTER_DATE", "2027-03-09T12:00:00Z")
	git(t, dir, "merge", "-q", "--no-edit", "topic")
	return dir
}

func open(t *testing.T, dir string) *Clone {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestResolve compares with git rev-parse, loose and packed.
func TestResolve(t *testing.T) {
	dir := sample(t)
	short := git(t, dir, "rev-parse", "--short=7", "topic")
	names := []string{
		"HEAD", "main", "topic", "light", "v1", "heads/main", "refs/heads/topic", "tags/v1", "refs/tags/light",
		"HEAD^", "HEAD^1", "HEAD^2", "HEAD~1", "HEAD~2", "HEAD^2^", "HEAD^0", "v1^0", "main~1^1", short, git(t, dir, "rev-parse", "main^2"),
	}
	for _, packed := range []bool{false, true} {
		if packed {
			git(t, dir, "gc", "-q", "--aggressive", "--prune=now")
		}
		c := open(t, dir)
		for _, name := range names {
			got, err := c.Resolve(name)
			if want := git(t, dir, "rev-parse", name+"^{commit}"); err != nil || got.ID() != want {
				t.Errorf("%s is %s, %v; want %s", name, got.ID(), err, want)
			}
		}
		for name, want := range map[string]error{
			"nowhere": ErrNotHere, "../../etc/passwd": ErrNotHere, "-x": ErrNotHere, "": ErrNotHere, "@{u}": ErrNotHere, "a b": ErrNotHere,
			"0000000000000000000000000000000000000000": ErrNotHere, "HEAD^3": nil, "HEAD~99": nil, "main:go.mod": ErrNotHere,
		} {
			if got, err := c.Resolve(name); err == nil || want != nil && !errors.Is(err, want) {
				t.Errorf("%q is %v, %v", name, got, err)
			}
		}
		head, branch, err := c.Head()
		if err != nil || branch != "refs/heads/main" || head.ID() != git(t, dir, "rev-parse", "HEAD") {
			t.Errorf("HEAD is %s on %s, %v", head.ID(), branch, err)
		}
	}
}

// TestTree compares with what git checks out.
func TestTree(t *testing.T) {
	dir := sample(t)
	c := open(t, dir)
	commit, err := c.Resolve("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	tree := commit.Tree()
	if err := fstest.TestFS(fs.FS(noLinks{tree}), "go.mod", "deploy/Dockerfile", "scripts/build", "three", "four"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"go.mod": "module example.com/app\n\ngo 1.25.0\n", "Dockerfile": "FROM scratch\n", "dir/Dockerfile": "FROM scratch\n",
		"deploy/up": "module example.com/app\n\ngo 1.25.0\n",
	} {
		if data, err := fs.ReadFile(tree, name); err != nil || string(data) != want {
			t.Errorf("%s holds %q, %v", name, data, err)
		}
	}
	for _, name := range []string{"out", "abs", "self", "nowhere", "go.mod/x", "../go.mod", "/go.mod"} {
		if _, err := fs.Stat(tree, name); err == nil {
			t.Errorf("%s is there", name)
		}
	}
	info, err := fs.Stat(tree, "scripts/build")
	if err != nil || info.Mode() != 0o755 || info.Size() != 10 {
		t.Errorf("scripts/build is %v, %v", info, err)
	}
	if err := tree.Missing(); err != nil {
		t.Error(err)
	}
	old, err := c.Resolve("v1")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := fs.ReadFile(old.Tree(), "go.mod"); err != nil || string(data) != "module example.com/app\n" {
		t.Errorf("go.mod of v1 holds %q, %v", data, err)
	}
}

// noLinks hides links, which fstest would want to follow out of the tree.
type noLinks struct{ *Tree }

func (n noLinks) Open(name string) (fs.File, error) {
	f, err := n.Tree.Open(name)
	if x, ok := f.(*file); ok && x.isDir() {
		list, err := n.ReadDir(name)
		if err != nil {
			return nil, err
		}
		x.list, x.read = list, true
	}
	return f, err
}

func (n noLinks) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := n.Tree.ReadDir(name)
	var out []fs.DirEntry
	for _, e := range list {
		if e.Type()&fs.ModeSymlink == 0 {
			out = append(out, e)
		}
	}
	return out, err
}

// TestMergeBase compares with git merge-base.
func TestMergeBase(t *testing.T) {
	dir := sample(t)
	git(t, dir, "checkout", "-q", "--orphan", "alone")
	git(t, dir, "commit", "-qm", "alone")
	c := open(t, dir)
	resolve := func(name string) Commit {
		commit, err := c.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		return commit
	}
	for _, pair := range [][2]string{{"main", "topic"}, {"main^1", "topic"}, {"topic", "main^1"}, {"main", "v1"}, {"v1", "main"}, {"main", "main"}} {
		got, err := c.MergeBase(resolve(pair[0]), resolve(pair[1]))
		if want := git(t, dir, "merge-base", pair[0], pair[1]); err != nil || got.ID() != want {
			t.Errorf("%v: %s, %v; want %s", pair, got.ID(), err, want)
		}
	}
	if _, err := c.MergeBase(resolve("main"), resolve("alone")); err == nil || errors.Is(err, ErrNotHere) {
		t.Errorf("histories that never met: %v", err)
	}
}

// TestShallow: what a shallow clone does not hold is said, never guessed.
func TestShallow(t *testing.T) {
	origin := sample(t)
	for depth, want := range map[string]error{"1": ErrNotHere, "2": nil} {
		dir := t.TempDir()
		git(t, dir, "clone", "-q", "--depth", depth, "file://"+filepath.ToSlash(origin), "c")
		c := open(t, filepath.Join(dir, "c"))
		if len(c.shallow) == 0 {
			t.Error("the clone is not shallow")
		}
		head, err := c.Resolve("HEAD")
		if err != nil {
			t.Fatal(err)
		}
		first, err := c.Resolve("HEAD^1")
		if !errors.Is(err, want) {
			t.Errorf("depth %s: HEAD^1 is %v", depth, err)
		}
		if want != nil {
			continue
		}
		if base, err := c.MergeBase(head, first); err != nil || base.ID() != first.ID() {
			t.Errorf("the merge base is %v, %v", base, err)
		}
		second, err := c.Resolve("HEAD^2")
		if err != nil {
			t.Fatal(err)
		}
		if base, err := c.MergeBase(first, second); !errors.Is(err, ErrNotHere) {
			t.Errorf("the merge base behind the cut is %v, %v", base, err)
		}
	}
}

// TestPartial: files that were never fetched are missing, not absent.
func TestPartial(t *testing.T) {
	origin := sample(t)
	git(t, origin, "config", "uploadpack.allowFilter", "true")
	dir := t.TempDir()
	git(t, dir, "clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+filepath.ToSlash(origin), "c")
	commit, err := open(t, filepath.Join(dir, "c")).Resolve("v1")
	if err != nil {
		t.Fatal(err)
	}
	tree := commit.Tree()
	if _, err := fs.ReadFile(tree, "go.mod"); !errors.Is(err, ErrNotHere) {
		t.Errorf("reading: %v", err)
	}
	if err := tree.Missing(); !errors.Is(err, ErrNotHere) || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("missing: %v", err)
	}
}

// TestKindsOfClones: linked work trees, submodules, clones with alternates.
func TestKindsOfClones(t *testing.T) {
	origin := sample(t)
	dir := t.TempDir()
	git(t, origin, "worktree", "add", "-q", filepath.Join(dir, "linked"), "topic")
	git(t, dir, "clone", "-q", "--shared", origin, "shared")
	outer := filepath.Join(dir, "outer")
	git(t, dir, "init", "-q", outer)
	git(t, outer, "submodule", "--quiet", "add", origin, "sub")
	for _, where := range []string{filepath.Join(dir, "linked"), filepath.Join(dir, "shared"), filepath.Join(outer, "sub")} {
		c := open(t, where)
		head, _, err := c.Head()
		if want := git(t, where, "rev-parse", "HEAD"); err != nil || head.ID() != want {
			t.Errorf("%s: HEAD is %v, want %s", where, err, want)
			continue
		}
		if data, err := fs.ReadFile(head.Tree(), "go.mod"); err != nil || !strings.HasPrefix(string(data), "module") {
			t.Errorf("%s: %q, %v", where, data, err)
		}
	}
	if _, err := Open(dir); !errors.Is(err, ErrNoClone) {
		t.Errorf("a folder without history: %v", err)
	}
	put(t, dir, "broken/.git", "nonsense")
	if _, err := Open(filepath.Join(dir, "broken")); !errors.Is(err, ErrNoClone) {
		t.Errorf("a .git that names nothing: %v", err)
	}
	git(t, dir, "init", "-q", "--object-format=sha256", "sha256")
	if _, err := Open(filepath.Join(dir, "sha256")); err == nil || !strings.Contains(err.Error(), "extensions.objectformat = sha256") {
		t.Errorf("a clone with SHA-256: %v", err)
	}
}

// TestNothingRuns: hooks and commands of the configuration do not run.
func TestNothingRuns(t *testing.T) {
	dir := sample(t)
	mark := filepath.Join(t.TempDir(), "ran")
	put(t, dir, ".git/run.sh", "#!/bin/sh\ntouch "+mark+"\n")
	if err := os.Chmod(filepath.Join(dir, ".git", "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"core.fsmonitor", "core.sshCommand", "core.gitProxy", "diff.external", "core.alternateRefsCommand"} {
		git(t, dir, "config", key, filepath.Join(dir, ".git", "run.sh"))
	}
	commit, err := open(t, dir).Resolve("HEAD^2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.ReadFile(commit.Tree(), "three"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a command of the configuration ran")
	}
}
