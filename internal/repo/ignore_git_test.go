package repo

import (
	"fmt"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestIgnoredAsGitDoes compares what is listed with what git lists, over random
// trees and random .gitignore files in several folders.
func TestIgnoredAsGitDoes(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	r := rand.New(rand.NewSource(7))
	wrong := 0
	for i := range 25 {
		dir := t.TempDir()
		git(t, dir, "init", "-q")
		rules := writeIgnoredTree(t, r, dir)
		if i%2 == 0 {
			trackSome(t, r, dir)
		}
		var want []string
		for name := range strings.SplitSeq(git(t, dir, "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
			if name != "" {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		if got := listed(t, dir); !slices.Equal(got, want) {
			wrong++
			if wrong < 8 {
				t.Errorf("tree %d, with\n%s\nlisted more: %v\nlisted less: %v", i, rules, without(got, want), without(want, got))
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d trees differ", wrong)
	}
}

// TestIndexAsGitWritesIt reads indexes of all versions.
func TestIndexAsGitWritesIt(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	for name, setup := range map[string][]string{
		"version 2":     {"init -q", "config index.version 2"},
		"version 4":     {"init -q", "config index.version 4"},
		"without hash":  {"init -q", "config index.skipHash true"},
		"SHA-256":       {"init -q --object-format=sha256"},
		"SHA-256 and 4": {"init -q --object-format=sha256", "config index.version 4"},
	} {
		dir := t.TempDir()
		for _, args := range setup {
			git(t, dir, strings.Fields(args)...)
		}
		r := rand.New(rand.NewSource(3))
		writeIgnoredTree(t, r, dir)
		deep := filepath.Join(dir, strings.Repeat("d", 200), strings.Repeat("e", 250), strings.Repeat("f", 250))
		must(t, os.MkdirAll(deep, 0o755))
		for i := range 300 {
			must(t, os.WriteFile(filepath.Join(deep, fmt.Sprint("file", i)), []byte{byte(i)}, 0o644))
		}
		git(t, dir, "add", "-f", ".")
		must(t, os.WriteFile(filepath.Join(dir, "later"), nil, 0o644))
		git(t, dir, "add", "-N", "later") // an extended entry, version 3
		want := strings.Split(strings.TrimRight(git(t, dir, "ls-files", "-z"), "\x00"), "\x00")
		got := readIndex(os.DirFS(dir))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d names, want %d", name, len(got), len(want))
		}
		if !got.has("later") || !got.has(strings.Repeat("d", 200)) || got.has("late") || got.has("zzz") {
			t.Errorf("%s: has is wrong", name)
		}
	}
}

var (
	ignoreNames = []string{"a", "b", "ab", "a.log", "b.log", "build", "sub", "#x", "!y", "{a,b}", ".env", "ä", "a b"}
	ignoreParts = []string{"a", "b", "*", "a*", "*.log", "**", "sub", "build", "?", "[ab]", "[!a]", "[^b]*", `\#x`, `\!y`, "{a,b}", "a**", ".*", "ä", `a\ b`, "[a", "*b", "[a-b]", `\a`, "!y", "#x"}
)

func writeIgnoredTree(t *testing.T, r *rand.Rand, dir string) string {
	var shown strings.Builder
	dirs := []string{"."}
	for range 4 {
		dirs = append(dirs, filepath.Join(dirs[r.Intn(len(dirs))], ignoreNames[r.Intn(len(ignoreNames))]))
	}
	for _, d := range dirs {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	for _, d := range dirs {
		for _, n := range ignoreNames {
			if p := filepath.Join(dir, d, n); r.Intn(2) == 0 {
				if _, err := os.Lstat(p); err != nil {
					must(t, os.WriteFile(p, nil, 0o644))
				}
			}
		}
		if d == "." || r.Intn(3) == 0 {
			text := ignoreFile(r)
			fmt.Fprintf(&shown, "%s/.gitignore: %q\n", d, text)
			must(t, os.WriteFile(filepath.Join(dir, d, ".gitignore"), []byte(text), 0o644))
		}
	}
	return shown.String()
}

// trackSome adds a few files to the index, ignored or not.
func trackSome(t *testing.T, r *rand.Rand, dir string) {
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if d.Name() == ".git" {
			return fs.SkipDir
		}
		if d.Type().IsRegular() && r.Intn(6) == 0 {
			git(t, dir, "--literal-pathspecs", "add", "-f", "--", p)
		}
		return err
	})
	must(t, err)
}

func ignoreFile(r *rand.Rand) string {
	var text strings.Builder
	for range 1 + r.Intn(5) {
		if r.Intn(4) == 0 {
			text.WriteString("!")
		}
		if r.Intn(4) == 0 {
			text.WriteString("/")
		}
		for i := range 1 + r.Intn(3)*r.Intn(2) {
			if i > 0 {
				text.WriteString("/")
			}
			text.WriteString(ignoreParts[r.Intn(len(ignoreParts))])
		}
		text.WriteString([]string{"", "", "/", " ", "/**", "\t"}[r.Intn(6)] + "\n")
	}
	// git compares what stands before the first wildcard apart from the rest, so
	// that in "a**/**" the first two stars come to stand at the start and match
	// nothing. Nobody means that.
	return strings.ReplaceAll(text.String(), "a**/", "a*/")
}

func listed(t *testing.T, dir string) []string {
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	r, err := Open(Disk(root), Options{})
	must(t, err)
	var files []string
	for p, e := range r.entries {
		if !e.Dir {
			files = append(files, p)
		}
	}
	slices.Sort(files)
	return files
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "core.excludesFile=", "-c", "core.hooksPath=/dev/null"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return string(out)
}
