package cli

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAddedLines(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          []int
	}{
		{"", "", nil},
		{"a\n", "a\n", nil},
		{"a\r\nb\r\n", "a\nb\n", nil},
		{"", "a\nb\n", []int{1, 2}},
		{"a\nb\n", "", nil},
		{"a\nb\nc\n", "a\nx\nc\n", []int{2}},
		{"a\nb\nc\n", "a\nb\nc\nd", []int{4}},
		{"a\nb", "a\nb\n", []int{2}},
		{"+a\n-b\n@@ -1 +1 @@\n", "+a\n@@ -9 +9 @@\n-b\n", []int{2}},
	} {
		got := addedLines([]byte(c.before), []byte(c.after))
		if !slices.Equal(slices.Sorted(maps.Keys(got)), c.want) {
			t.Errorf("%q, %q: added %v, want %v", c.before, c.after, got, c.want)
		}
	}
}

// TestAddedLinesApply: whatever is not added was there before, in this order, as
// git takes a diff too.
func TestAddedLinesApply(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range random.IntN(30) {
			fmt.Fprintf(&b, "%c%d\n", "+-@ \\a"[random.IntN(6)], random.IntN(4))
		}
		return b.String()
	}
	for range 2000 {
		before, after := text(), text()
		added := addedLines([]byte(before), []byte(after))
		rest := strings.SplitAfter(before, "\n")
		for i, line := range strings.SplitAfter(after, "\n") {
			if added[i+1] || line == "" {
				continue
			}
			at := slices.Index(rest, line)
			if at < 0 {
				t.Fatalf("line %d of %q is not in what is left of %q", i+1, after, before)
			}
			rest = rest[at+1:]
		}
	}
}

// TestAddedLinesAsGit compares with git on changes of the usual kind.
func TestAddedLinesAsGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	var lines []string
	for n := range 60 {
		lines = append(lines, fmt.Sprintf("RUN step %d\n", n))
	}
	before := strings.Join(lines, "")
	for name, edit := range map[string]func([]string) []string{
		"a line above":  func(l []string) []string { return slices.Insert(l, 0, "# above\n") },
		"a line amid":   func(l []string) []string { return slices.Insert(l, 30, "# amid\n", "# amid too\n") },
		"a line less":   func(l []string) []string { return slices.Delete(l, 10, 12) },
		"a line edited": func(l []string) []string { l[40] = "RUN other\n"; return l },
		"all of it":     func(l []string) []string { slices.Reverse(l); return append(l[:1], "x\n", "y\n", "z\n") },
	} {
		after := strings.Join(edit(slices.Clone(lines)), "")
		keep(t, dir, "before", []byte(before))
		keep(t, dir, "after", []byte(after))
		c := exec.Command("git", "diff", "--no-index", "--no-color", "-U0", "before", "after")
		c.Dir = dir
		c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		out, _ := c.Output() // 1 says that there are differences
		want := 0
		for _, line := range strings.Split(string(out), "\n") {
			if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++") {
				want++
			}
		}
		if got := addedLines([]byte(before), []byte(after)); len(got) != want {
			t.Errorf("%s: added %v, git says %d\n%s", name, got, want, out)
		}
	}
}
