package image_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/fixture"
	"github.com/goseaworthy/seaworthy/rules/image"
)

// TestResults holds what findings say people will see against what this machine
// says: the kernel, the loaders of glibc and musl, the shell of busybox, git, and
// the go command. Programs are started in root file systems made for the test.
func TestResults(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" || os.Getuid() != 0 {
		t.Skip("NOT TESTED: starting programs in other root file systems needs root on linux/amd64")
	}
	m := newMachine(t)
	for _, c := range []struct {
		rule, fixture string
		real          func(t *testing.T, said string) string
	}{
		{"libc-mismatch", "bad", m.starts("musl", m.glibc)},
		{"libc-mismatch", "bad-make", m.starts("scratch", m.glibc)},
		{"libc-mismatch", "bad-musl", m.inShell("debian", m.musl)},
		{"pie-without-loader", "bad", m.starts("scratch", m.pie)},
		{"pie-without-loader", "bad-goflags", m.starts("musl", m.pie)},
		{"pie-without-loader", "bad-ldflags", m.starts("scratch", m.pieInside)},
		{"static-flag-ineffective", "bad", m.starts("scratch", m.staticFlag)},
		{"cgo-enabled-noop", "bad", m.starts("scratch", m.dead)},
		{"glibc-too-old", "bad", m.tooNew},
		{"arch-hardcoded", "bad", m.starts("debian", m.otherArch)},
		{"exec-json-invalid", "bad", m.shell("busybox", "['/relay', '-v']")},
		{"wrong-package-tool", "bad", m.shell("busybox", "apt-get update")},
		{"no-shell", "bad", m.noShell},
		{"no-ca-certs", "bad", m.prints("scratch", m.client)},
		{"no-tzdata", "bad", m.prints("scratch", m.client)},
		{"cgo-without-compiler", "bad", m.noCompiler},
		{"vcs-stamp", "bad", m.stamp(func(dir string) error { return os.RemoveAll(filepath.Join(dir, ".git/objects")) }, true)},
		{"vcs-stamp", "bad-owner", m.stamp(func(dir string) error { return os.Chown(filepath.Join(dir, ".git"), 1000, 1000) }, true)},
		{"vcs-stamp", "bad-forced", m.stamp(func(string) error { return nil }, false)},
		{"local-replace-missing", "bad", m.download("replace example.com/lib => ./lib\n", "")},
		{"local-replace-missing", "bad-work", m.download("", "go 1.25.0\n\nuse (\n\t.\n\t./lib\n)\n")},
	} {
		t.Run(c.rule+"/"+c.fixture, func(t *testing.T) {
			said := result(t, "image/"+c.rule, c.fixture)
			if got := c.real(t, said); !strings.Contains(got, said) {
				t.Errorf("the rule says\n\t%s\nthis machine\n\t%s", said, got)
			}
		})
	}
}

// result is what the first finding of a fixture says people will see.
func result(t *testing.T, id, name string) string {
	t.Helper()
	_, short, _ := strings.Cut(id, "/")
	c, err := fixture.Load(os.DirFS("../../fixtures/image"), short+"/"+name+".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range image.Rules {
		if r.ID != id {
			continue
		}
		found, err := c.Findings(r, image.Rules)
		if err != nil || len(found) == 0 || found[0].Result == "" {
			t.Fatalf("%s says nothing about %s: %v", id, name, err)
		}
		return found[0].Result
	}
	t.Fatalf("there is no rule %s", id)
	return ""
}

// machine makes programs and root file systems.
type machine struct {
	dir   string
	roots map[string]string
	path  string // PATH of builds

	glibc, musl, pie, pieInside, staticFlag, dead, otherArch, client program
}

// program is a file that is built when it is first asked for.
type program struct {
	source, shell string // shell is run by sh -c
}

const (
	netMain = "package main\n\nimport \"net\"\n\nfunc main() { net.LookupHost(\"example.invalid\") }\n"
	fmtMain = "package main\n\nfunc main() { println(\"hello\") }\n"
	// clientMain asks for a time zone, and itself over TLS.
	clientMain = `package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"
)

func main() {
	_, err := time.LoadLocation("Europe/Berlin")
	fmt.Println(err)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	_, err = http.Get(server.URL)
	fmt.Println(err)
}
`
)

func newMachine(t *testing.T) *machine {
	m := &machine{dir: t.TempDir(), roots: map[string]string{}, path: os.Getenv("PATH")}
	m.packages(t)
	m.glibc = program{netMain, "go build -o $OUT ."}
	m.musl = program{fmtMain, "CGO_ENABLED=0 go build -buildmode=pie -ldflags '-I /lib/ld-musl-x86_64.so.1' -o $OUT ."}
	m.pie = program{fmtMain, "CGO_ENABLED=0 go build -buildmode=pie -o $OUT ."}
	m.pieInside = program{fmtMain, "CGO_ENABLED=0 go build -ldflags='-s -w -buildmode=pie' -o $OUT ."}
	m.staticFlag = program{netMain, `go build -ldflags '-extldflags "-static"' -o $OUT .`}
	m.dead = program{netMain, "CGO_ENABLED=0 && go build -o $OUT ."}
	m.otherArch = program{fmtMain, "CGO_ENABLED=0 GOARCH=arm64 go build -o $OUT ."}
	m.client = program{clientMain, "CGO_ENABLED=0 go build -o $OUT ."}
	return m
}

// packages makes the root file systems: an empty one, one with the loader of
// musl, one with that of glibc, one with a shell only.
func (m *machine) packages(t *testing.T) {
	t.Helper()
	unpacked := filepath.Join(m.dir, "unpacked")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	get := exec.CommandContext(ctx, "sh", "-ec", "apt-get download musl busybox-static; for f in *.deb; do dpkg-deb -x $f unpacked; done")
	get.Dir = m.dir
	if out, err := get.CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: no packages musl and busybox-static: %v\n%s", err, out)
	}
	for name, files := range map[string]map[string]string{
		"scratch": {},
		"musl":    {"/lib/ld-musl-x86_64.so.1": filepath.Join(unpacked, "lib/x86_64-linux-musl/libc.so")},
		"debian":  {"/lib64/ld-linux-x86-64.so.2": "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6": "/lib/x86_64-linux-gnu/libc.so.6", "/bin/sh": filepath.Join(unpacked, "bin/busybox")},
		"busybox": {"/bin/sh": filepath.Join(unpacked, "bin/busybox")},
	} {
		m.roots[name] = filepath.Join(m.dir, "roots", name)
		for at, from := range files {
			copyFile(t, from, filepath.Join(m.roots[name], at))
		}
		if err := os.MkdirAll(m.roots[name], 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT TESTED: this machine has no %s", from)
	}
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}

// build returns the file of a program.
func (m *machine) build(t *testing.T, p program) string {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	text, err := m.run(t, dir, map[string]string{"main.go": p.source}, p.shell, "OUT="+out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// run runs a line of shell in a folder with files, and returns what it prints.
func (m *machine) run(t *testing.T, dir string, files map[string]string, shell string, env ...string) (string, error) {
	t.Helper()
	if files["go.mod"] == "" {
		files["go.mod"] = "module example.com/relay\n\ngo 1.25.0\n"
	}
	for name, text := range files {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", shell)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=" + m.path, "HOME=" + os.Getenv("HOME"), "GOCACHE=" + os.Getenv("GOCACHE"), "GOENV=off", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK="}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// put copies a program to where the finding says that it stands.
func (m *machine) put(t *testing.T, root string, p program, at string) {
	t.Helper()
	copyFile(t, m.build(t, p), filepath.Join(m.roots[root], at))
}

var absolute = regexp.MustCompile(`/[\w./-]*\w`)

// starts starts a program in a root file system as runc does, which says the
// same as we do: exec, the path, and the error of execve.
func (m *machine) starts(root string, p program) func(*testing.T, string) string {
	return func(t *testing.T, said string) string {
		at := absolute.FindString(said)
		m.put(t, root, p, at)
		_, err := m.chroot(root, nil, at)
		return execError(at, err)
	}
}

func execError(at string, err error) string {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return "started: " + errorText(err)
	}
	return "exec " + at + ": " + path.Err.Error()
}

func errorText(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

// chroot runs a program in a root file system.
func (m *machine) chroot(root string, env []string, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = "/", env
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: m.roots[root]}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// inShell starts a program through the shell of the image.
func (m *machine) inShell(root string, p program) func(*testing.T, string) string {
	return func(t *testing.T, said string) string {
		at := strings.TrimSuffix(strings.TrimPrefix(said, "/bin/sh: "), ": not found")
		m.put(t, root, p, at)
		return m.shell(root, at)(t, said)
	}
}

// shell gives a text to the shell of the image.
func (m *machine) shell(root, text string) func(*testing.T, string) string {
	return func(*testing.T, string) string {
		out, err := m.chroot(root, []string{"PATH=/usr/bin:/bin"}, "/bin/sh", "-c", text)
		// busybox prints the name it was called by, or where there is none "sh".
		return strings.ReplaceAll(out, "\nsh: ", "\n/bin/sh: ") + errorText(err)
	}
}

// prints runs a program that starts.
func (m *machine) prints(root string, p program) func(*testing.T, string) string {
	return func(t *testing.T, _ string) string {
		m.put(t, root, p, "/client")
		out, err := m.chroot(root, nil, "/client")
		return out + errorText(err)
	}
}

// noShell starts the shell of an image that has none. The builder says it in
// two words more.
func (m *machine) noShell(*testing.T, string) string {
	_, err := m.chroot("scratch", nil, "/bin/sh", "-c", "/relay")
	_, stat := os.Stat(filepath.Join(m.roots["scratch"], "/bin/sh"))
	text := execError("/bin/sh", err) + "; " + strings.ReplaceAll(stat.Error(), m.roots["scratch"], "")
	return strings.ReplaceAll(text, "exec /bin/sh: no such file or directory; ", `exec: "/bin/sh": `)
}

// tooNew starts a program whose glibc is too old. The program asks for a version
// that does not exist yet instead of GLIBC_2.34, so that the glibc of this
// machine is the old one.
func (m *machine) tooNew(t *testing.T, said string) string {
	at := absolute.FindString(said)
	data, err := os.ReadFile(m.build(t, m.glibc))
	if err != nil {
		t.Fatal(err)
	}
	const needs, never = "GLIBC_2.34", "GLIBC_2.94"
	if !bytes.Contains(data, []byte(needs)) {
		t.Skip("NOT TESTED: this machine has a glibc older than 2.34")
	}
	to := filepath.Join(m.roots["debian"], at)
	if err := os.WriteFile(to, bytes.ReplaceAll(data, []byte(needs), []byte(never)), 0o755); err != nil {
		t.Fatal(err)
	}
	out, _ := m.chroot("debian", nil, at)
	return strings.ReplaceAll(out, never, needs)
}

// noCompiler builds with cgo where no compiler is in PATH.
func (m *machine) noCompiler(t *testing.T, _ string) string {
	out, _ := m.run(t, t.TempDir(), map[string]string{"main.go": netMain}, "go build -o /dev/null .", "CGO_ENABLED=1", "PATH="+m.only(t, "go"), "GOFLAGS=-a")
	return out
}

// only returns a PATH with one program.
func (m *machine) only(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	at, err := exec.LookPath(name)
	if err == nil {
		at, err = filepath.EvalSymlinks(at)
	}
	if err := errors.Join(err, os.Symlink(at, filepath.Join(dir, name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// stamp builds in a repository after something was done to it, with or without
// git.
func (m *machine) stamp(change func(dir string) error, git bool) func(*testing.T, string) string {
	return func(t *testing.T, _ string) string {
		dir := t.TempDir()
		if out, err := m.run(t, dir, map[string]string{"main.go": fmtMain}, "git init -q . && git add . && git -c user.name=a -c user.email=a@example.com commit -qm x"); err != nil {
			t.Skipf("NOT TESTED: no repository: %v\n%s", err, out)
		}
		if err := change(dir); err != nil {
			t.Fatal(err)
		}
		env, flag := []string{"CGO_ENABLED=0"}, ""
		if !git {
			env, flag = append(env, "PATH="+m.only(t, "go")), "-buildvcs=true"
		}
		out, _ := m.run(t, dir, map[string]string{}, "go build "+flag+" -o /dev/null .", env...)
		return out
	}
}

// download downloads modules where a folder is missing.
func (m *machine) download(replace, work string) func(*testing.T, string) string {
	return func(t *testing.T, _ string) string {
		dir := t.TempDir()
		files := map[string]string{"go.mod": "module example.com/relay\n\ngo 1.25.0\n"}
		if replace != "" {
			files["go.mod"] += "\nrequire example.com/lib v0.0.0\n\n" + replace
		}
		if work != "" {
			files["go.work"] = work
		}
		out, _ := m.run(t, dir, files, "go mod download")
		return strings.ReplaceAll(out, dir, "/src")
	}
}
