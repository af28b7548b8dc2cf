package fix

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

func edit(f *source.File, start, end int, text string) source.Edit {
	return source.Edit{Span: f.Span(start, end), New: text}
}

func finding(fixes ...rule.Fix) rule.Finding { return rule.Finding{Fixes: fixes} }

func safe(title string, edits ...source.Edit) rule.Fix {
	return rule.Fix{Title: title, Safe: true, Edits: edits}
}

func unsafe(title string, edits ...source.Edit) rule.Fix {
	return rule.Fix{Title: title, Edits: edits}
}

func TestChoose(t *testing.T) {
	a, b := source.New("a", []byte("0123456789")), source.New("b", []byte("0123456789"))
	lost := source.Lazy("lost", func() ([]byte, error) { return nil, errors.New("lost") })
	hidden, silenced := finding(safe("x", edit(a, 0, 1, "x"))), finding(safe("x", edit(a, 0, 1, "x")))
	hidden.Hidden, silenced.Suppression = true, &rule.Suppression{}
	const overlaps = "it overlaps a fix that is applied; run again"
	for name, c := range map[string]struct {
		findings []rule.Finding
		unsafe   bool
		want     string
	}{
		"nothing to do":         {[]rule.Finding{hidden, silenced, finding(), finding(safe("advice"))}, true, ""},
		"two files, one fix":    {[]rule.Finding{finding(safe("s", edit(b, 0, 1, "B"), edit(a, 9, 10, "A")))}, false, "+s a:012345678A b:B123456789"},
		"advice, then edits":    {[]rule.Finding{finding(safe("advice"), safe("s", edit(a, 0, 1, "")))}, false, "+s a:123456789"},
		"unsafe is not applied": {[]rule.Finding{finding(unsafe("u", edit(a, 0, 1, "x")), safe("s", edit(a, 2, 3, "y")))}, false, "-u: unsafe: applied with --unsafe only"},
		"unsafe is wanted":      {[]rule.Finding{finding(unsafe("u", edit(a, 0, 1, "x")))}, true, "+u a:x123456789"},
		"all or none": {[]rule.Finding{finding(safe("1", edit(a, 2, 4, "x"))), finding(safe("2", edit(b, 0, 1, "B"), edit(a, 3, 5, "y")))}, false,
			"+1 -2: " + overlaps + " a:01x456789"},
		"side by side":        {[]rule.Finding{finding(safe("1", edit(a, 2, 4, "x"))), finding(safe("2", edit(a, 4, 5, "y")))}, false, "+1 +2 a:01xy56789"},
		"insert at an edge":   {[]rule.Finding{finding(safe("1", edit(a, 2, 4, "x"))), finding(safe("2", edit(a, 4, 4, "y")))}, false, "+1 -2: " + overlaps + " a:01x456789"},
		"insert inside":       {[]rule.Finding{finding(safe("1", edit(a, 3, 3, "x"))), finding(safe("2", edit(a, 2, 4, "y")))}, false, "+1 -2: " + overlaps + " a:012x3456789"},
		"two inserts":         {[]rule.Finding{finding(safe("1", edit(a, 2, 2, "x"))), finding(safe("2", edit(a, 2, 2, "y")))}, false, "+1 -2: " + overlaps + " a:01x23456789"},
		"the same twice":      {[]rule.Finding{finding(safe("1", edit(a, 2, 2, "x"))), finding(safe("2", edit(a, 2, 2, "x"), edit(a, 5, 6, "y")))}, false, "+1 +2 a:01x234y6789"},
		"at odds with itself": {[]rule.Finding{finding(safe("1", edit(a, 2, 4, "x"), edit(a, 3, 5, "y")))}, false, "-1: its own edits overlap"},
		"an unreadable file":  {[]rule.Finding{finding(safe("1", edit(lost, 0, 0, "x")))}, false, "-1: its edits are of a file that cannot be read"},
		"no change":           {[]rule.Finding{finding(safe("1", edit(a, 0, 1, "0")))}, false, "+1"},
	} {
		if got := describe(Choose(c.findings, c.unsafe)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func describe(p Plan) string {
	var words []string
	for _, c := range p.Accepted {
		words = append(words, "+"+c.Fix.Title)
	}
	for _, c := range p.Dropped {
		words = append(words, fmt.Sprintf("-%s: %s", c.Fix.Title, c.Why))
	}
	for _, c := range p.Changes {
		words = append(words, fmt.Sprintf("%s:%s", c.File.Path, c.New))
	}
	return strings.Join(words, " ")
}

func TestMannerOfTheFile(t *testing.T) {
	for name, c := range map[string]struct{ before, after string }{
		"LF":           {"a\nb\n", "new\nline\na\nb\n"},
		"CRLF":         {"a\r\nb\r\n", "new\r\nline\r\na\r\nb\r\n"},
		"BOM":          {"\ufeffa\n", "\ufeffnew\nline\na\n"},
		"BOM and CRLF": {"\ufeffa\r\n", "\ufeffnew\r\nline\r\na\r\n"},
		"empty":        {"", "new\nline\n"},
	} {
		f := source.New("f", []byte(c.before))
		p := Choose([]rule.Finding{finding(safe("s", edit(f, 0, 0, "new\nline\n")))}, false)
		if got := string(p.Changes[0].New); got != c.after {
			t.Errorf("%s: %q, want %q", name, got, c.after)
		}
	}
}

// TestDiffIsTakenByGit applies the diff with git and compares.
func TestDiffIsTakenByGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	before := strings.Repeat("line\n", 20)
	var changes []Change
	for name, texts := range map[string][2]string{
		"plain":             {before, "first\n" + before},
		"a b/with blanks":   {before, before + "last\n"},
		"no newline":        {"a\nb", "a\nc"},
		"crlf":              {"a\r\nb\r\n", "a\r\nc\r\n"},
		"\"quoted\"\\\tä":   {before, strings.Replace(before, "line\n", "", 3)},
		"line\nbreak":       {"a\n", "b\n"},
		"-- /dev/null":      {"a\n", "b\n"},
		"newline appears":   {"a", "a\n"},
		"everything is new": {"a\n", "b\nc\nd\n"},
	} {
		must(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(texts[0]), 0o644))
		changes = append(changes, Change{File: source.New(name, []byte(texts[0])), New: []byte(texts[1])})
	}
	var diff bytes.Buffer
	must(t, Diff(&diff, changes))
	cmd := exec.Command("git", "apply", "-p1", "-")
	cmd.Dir, cmd.Stdin = dir, &diff
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	text := diff.String()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, text)
	}
	for _, c := range changes {
		got, err := os.ReadFile(filepath.Join(dir, c.File.Path))
		must(t, err)
		if !bytes.Equal(got, c.New) {
			t.Errorf("%q: %q, want %q\n%s", c.File.Path, got, c.New, text)
		}
	}
}

// disk is a folder with files, and what they hold as a run has read them.
type disk struct {
	t    *testing.T
	dir  string
	root *os.Root
}

func newDisk(t *testing.T, files ...string) *disk {
	d := &disk{t: t, dir: t.TempDir()}
	for _, name := range files {
		must(t, os.MkdirAll(filepath.Dir(d.path(name)), 0o755))
		must(t, os.WriteFile(d.path(name), []byte("old"), 0o640))
	}
	root, err := os.OpenRoot(d.dir)
	must(t, err)
	t.Cleanup(func() { root.Close() })
	d.root = root
	return d
}

func (d *disk) path(name string) string { return filepath.Join(d.dir, name) }

// write writes "new" to the files.
func (d *disk) write(names ...string) error {
	var changes []Change
	for _, name := range names {
		changes = append(changes, Change{File: source.New(name, []byte("old")), New: []byte("new")})
	}
	return Write(d.root, changes)
}

// holds compares all files below the folder, those left behind included.
func (d *disk) holds(want string) {
	d.t.Helper()
	r, err := repo.Open(repo.Disk(d.root), repo.Options{})
	must(d.t, err)
	var got []string
	for _, e := range append(r.Dir("."), r.Dir("sub")...) {
		if !e.Dir {
			got = append(got, e.Path+"="+string(r.File(e.Path).Data()))
		}
	}
	if text := strings.Join(got, " "); text != want {
		d.t.Errorf("the folder holds %s, want %s", text, want)
	}
}

func TestWrite(t *testing.T) {
	d := newDisk(t, "a", "sub/b", "c")
	must(t, d.write("a", "sub/b"))
	d.holds("a=new c=old sub/b=new")
	info, err := os.Stat(d.path("a"))
	must(t, err)
	if info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestWriteRefuses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	for name, c := range map[string]struct {
		spoil func(d *disk) error
		want  string
	}{
		"a file that has changed": {func(d *disk) error { return os.WriteFile(d.path("b"), []byte("OLD"), 0o640) }, "writing b: it has changed since it was read"},
		"a file that has grown":   {func(d *disk) error { return os.WriteFile(d.path("b"), []byte("older"), 0o640) }, "writing b: it has changed since it was read"},
		"a file that has shrunk":  {func(d *disk) error { return os.WriteFile(d.path("b"), []byte("ol"), 0o640) }, "writing b: it has changed since it was read"},
		"a file that is gone":     {func(d *disk) error { return os.Remove(d.path("b")) }, "writing b: no such file or directory"},
		"a link": {func(d *disk) error {
			return errors.Join(os.Remove(d.path("b")), os.Symlink("c", d.path("b")))
		}, "writing b: it is a symbolic link or no regular file"},
		"a folder": {func(d *disk) error { return errors.Join(os.Remove(d.path("b")), os.Mkdir(d.path("b"), 0o755)) },
			"writing b: it is a symbolic link or no regular file"},
	} {
		d := newDisk(t, "a", "b", "c")
		must(t, c.spoil(d))
		if err := d.write("a", "b"); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if data, err := os.ReadFile(d.path("a")); err != nil || string(data) != "old" {
			t.Errorf("%s: the other file holds %q", name, data)
		}
		left, err := filepath.Glob(d.path(".seaworthy-*"))
		must(t, err)
		if len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
}

// TestWriteOutside shows that a folder which has become a link out of the root
// is not followed.
func TestWriteOutside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	outside := newDisk(t, "b")
	d := newDisk(t, "sub/b")
	must(t, os.RemoveAll(d.path("sub")))
	must(t, os.Symlink(outside.dir, d.path("sub")))
	if err := d.write("sub/b"); err == nil {
		t.Error("written outside of the root")
	}
	outside.holds("b=old")
}

// TestWriteProtected needs a user whom modes bind.
func TestWriteProtected(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("modes do not bind this user")
	}
	d := newDisk(t, "a", "b")
	must(t, os.Chmod(d.path("b"), 0o440))
	if err := d.write("a", "b"); !errors.Is(err, os.ErrPermission) {
		t.Errorf("err = %v", err)
	}
	d.holds("a=old b=old")
}

func TestRestore(t *testing.T) {
	d := newDisk(t, "a", "b")
	c := Change{File: source.New("a", []byte("old")), New: []byte("new")}
	must(t, Write(d.root, []Change{c}))
	must(t, restore(d.root, []staged{{Change: c, mode: 0o640}}))
	d.holds("a=old b=old")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
