package link

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
)

// sources are the programs of the live test. lib is a cgo package of another
// module, in vendor.
func sources() map[string]string {
	main := func(imports ...string) string {
		text := "package main\n\n"
		for _, i := range imports {
			text += "import _ \"" + i + "\"\n"
		}
		return text + "\nfunc main() {}\n"
	}
	return map[string]string{
		"go.mod":                        "module example.com/m\n\ngo 1.25.0\n\nrequire example.com/lib v1.0.0\n",
		"vendor/modules.txt":            "# example.com/lib v1.0.0\n## explicit; go 1.25.0\nexample.com/lib\n",
		"vendor/example.com/lib/lib.go": "package lib\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc Three() int { return int(C.three()) }\n",
		"fmt/main.go":                   main("fmt"),
		"net/main.go":                   main("net"),
		"user/main.go":                  main("os/user"),
		"tar/main.go":                   main("archive/tar"),
		"url/main.go":                   main("net/url"),
		"plugin/main.go":                main("plugin"),
		"vendored/main.go":              main("example.com/lib"),
		"c/main.go":                     "package main\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc main() { println(C.three()) }\n",
		"cpp/main.go":                   "package main\n\n// int three(void);\nimport \"C\"\n\nfunc main() { println(C.three()) }\n",
		"cpp/three.cc":                  "#include <iostream>\nextern \"C\" int three(void) { std::cout << 3; return 3; }\n",
		"twin/main.go":                  "package main\n\nfunc main() { println(three()) }\n",
		"twin/three_cgo.go":             "package main\n\n// int three(void) { return 3; }\nimport \"C\"\n\nfunc three() int { return int(C.three()) }\n",
		"twin/three_nocgo.go":           "//go:build !cgo\n\npackage main\n\nfunc three() int { return 3 }\n",
		"sub/go.mod":                    "module example.com/sub\n\ngo 1.25.0\n",
		"sub/main.go":                   main("net"),
		"shared/main.go":                "package main\n\nimport \"C\"\n\n//export Three\nfunc Three() int { return 3 }\n\nfunc main() {}\n",
	}
}

func liveClosure(program string) Closure {
	all := programs()
	switch program {
	case "user", "tar":
		return all["user"]
	case "url":
		return all["fmt"]
	case "vendored", "c", "shared":
		return all["c"]
	case "twin":
		return all["cfallback"]
	case "sub":
		return all["net"]
	}
	return all[program]
}

type liveCase struct {
	program string
	env     string // NAME=value ..., values without blanks
	goflags string
	args    []string
	noGCC   bool
}

func liveCases() []liveCase {
	ld := func(s string) []string { return []string{"-ldflags=" + s} }
	return []liveCase{
		{program: "fmt"},
		{program: "fmt", noGCC: true},
		{program: "fmt", env: "CGO_ENABLED=0", args: []string{"-buildmode=pie"}},
		{program: "fmt", args: []string{"-buildmode=pie"}},
		{program: "fmt", args: []string{"-race"}},
		{program: "fmt", env: "CGO_ENABLED=0", args: []string{"-race"}},
		{program: "fmt", args: []string{"-race"}, noGCC: true},
		{program: "fmt", args: ld("-linkmode=external")},
		{program: "fmt", args: ld("-linkmode external -extldflags -static")},
		{program: "fmt", env: "CGO_ENABLED=0", args: ld("-linkmode external")},
		{program: "fmt", env: "CGO_ENABLED=0", args: ld("-s -w -buildmode=pie")},
		{program: "fmt", env: "GO_EXTLINK_ENABLED=1"},
		{program: "fmt", env: "CGO_ENABLED=0", args: []string{"-buildmode=plugin"}},
		{program: "url"},
		{program: "net"},
		{program: "net", noGCC: true},
		{program: "net", env: "CGO_ENABLED=0"},
		{program: "net", env: "CGO_ENABLED=1", noGCC: true},
		{program: "net", env: "CC=gcc", noGCC: true},
		{program: "net", env: "CGO_ENABLED=false"},
		{program: "net", env: "GOARCH=arm64"},
		{program: "net", env: "GOARCH=" + runtime.GOARCH},
		{program: "net", args: []string{"-tags", "netgo"}},
		{program: "net", goflags: "-tags=netgo", args: []string{"-tags", "osusergo"}},
		{program: "net", args: ld(`-extldflags "-static"`)},
		{program: "net", args: ld(`-linkmode external -extldflags "-static"`)},
		{program: "net", args: []string{"-ldflags=-linkmode=external", "-ldflags=-extldflags=-static"}},
		{program: "net", goflags: "-ldflags=-linkmode=external -trimpath", args: ld("-s")},
		{program: "net", goflags: `'-ldflags=-linkmode external -extldflags -static' -trimpath`},
		{program: "net", goflags: "-buildmode=pie -trimpath", env: "CGO_ENABLED=0"},
		{program: "net", goflags: "-buildmode=pie", args: []string{"-buildmode=exe"}, env: "CGO_ENABLED=0"},
		{program: "net", args: []string{"-buildmode=pie", "-ldflags=-linkmode external -extldflags -static-pie"}},
		{program: "net", args: ld(`-linkmode external -extldflags "-static -pie"`)},
		{program: "net", args: ld(`-linkmode=external -extldflags="-static"`)},
		{program: "net", args: ld("-linkmode=external -extldflags=-static -extldflags=-Wl,-z,now")},
		{program: "net", env: "CGO_LDFLAGS=-static"},
		{program: "net", args: ld("-d")},
		{program: "net", args: ld("-I /lib/ld-other.so.1")},
		{program: "sub", args: []string{"-C", "sub"}},
		{program: "sub", args: []string{"-C", "sub", "-tags=netgo"}},
		{program: "user"},
		{program: "user", args: []string{"-tags", "netgo"}},
		{program: "user", args: []string{"-tags", "osusergo"}},
		{program: "tar"},
		{program: "plugin", args: ld("-extldflags -static")},
		{program: "c"},
		{program: "c", env: "CGO_ENABLED=0"},
		{program: "c", noGCC: true},
		{program: "c", args: ld(`-extldflags "-static"`)},
		{program: "c", args: ld("-linkmode=internal")},
		{program: "c", args: ld("-d")},
		{program: "c", env: "CGO_LDFLAGS=-static"},
		{program: "c", args: []string{"-tags", "netgo,osusergo"}},
		{program: "vendored"},
		{program: "vendored", env: "CGO_ENABLED=0"},
		{program: "vendored", args: ld("-extldflags=-static")},
		{program: "twin"},
		{program: "twin", noGCC: true},
		{program: "twin", args: ld(`-extldflags "-static"`)},
		{program: "cpp"},
		{program: "shared", args: []string{"-buildmode=c-shared"}},
	}
}

// TestLive builds programs with the go command of this machine and reads what
// came out.
func TestLive(t *testing.T) {
	machine := liveMachine(t)
	dir := t.TempDir()
	for name, text := range sources() {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	slots := make(chan bool, 2) // builds at a time
	for n, c := range liveCases() {
		t.Run(fmt.Sprintf("%d-%s", n, c.program), func(t *testing.T) {
			t.Parallel()
			slots <- true
			defer func() { <-slots }()
			out := filepath.Join(dir, fmt.Sprintf("out%d", n))
			text, err := c.build(dir, out)
			v := Decide(c.input(machine))
			checkLive(t, c, v, out, text, err)
		})
	}
}

// TestLiveSeveral builds two programs into one directory: each is linked by
// its own imports.
func TestLiveSeveral(t *testing.T) {
	machine := liveMachine(t)
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "vendor/modules.txt", "vendor/example.com/lib/lib.go", "fmt/main.go", "net/main.go"} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(sources()[name]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "bin") + "/"
	cmd := exec.Command("go", "build", "-o", out, "./fmt", "./net")
	cmd.Dir = dir
	cmd.Env = liveEnv(liveCase{})
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, program := range []string{"fmt", "net"} {
		c := liveCase{program: program}
		checkLive(t, c, Decide(c.input(machine)), out+program, "", nil)
	}
}

// liveMachine describes this machine, or skips.
func liveMachine(t *testing.T) Input {
	t.Helper()
	if testing.Short() {
		t.Skip("builds programs")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the expectations are those of linux/amd64")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("needs gcc: ", err)
	}
	version, err := exec.Command("getconf", "GNU_LIBC_VERSION").Output()
	if err != nil {
		t.Skip("needs glibc: ", err)
	}
	goVersion, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Skip("needs the go command: ", err)
	}
	var minor int
	if _, err := fmt.Sscanf(string(goVersion), "go1.%d", &minor); err != nil {
		t.Skipf("go version %q", goVersion)
	}
	return Input{
		Go: minor, Host: Platform{"linux", runtime.GOARCH}, GCC: knowledge.Yes, CC: knowledge.Yes,
		Libc: knowledge.Glibc, LibcVersion: strings.TrimPrefix(strings.TrimSpace(string(version)), "glibc "),
	}
}

// liveEnv is the environment of a build: this one without what decides the
// link.
func liveEnv(c liveCase) []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains([]string{"CGO_ENABLED", "GOOS", "GOARCH", "CC", "CXX", "CGO_LDFLAGS", "GO_EXTLINK_ENABLED", "GOFLAGS", "GOWORK", "GOEXPERIMENT"}, name)
	})
	env = append(env, "GOFLAGS="+c.goflags, "GOWORK=off", "GOTOOLCHAIN=local", "GOPROXY=off")
	if c.noGCC {
		env = append(env, "PATH=/nonexistent")
	}
	return append(env, strings.Fields(c.env)...)
}

// line is the command line of a case, without the name of the go command.
func (c liveCase) line(out string) []string {
	args := []string{"build"}
	if len(c.args) > 1 && c.args[0] == "-C" {
		return append(append(args, c.args...), "-o", out, ".")
	}
	return append(append(args, c.args...), "-o", out, "./"+c.program)
}

func (c liveCase) build(dir, out string) (string, error) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return "", err
	}
	cmd := exec.Command(goCommand, c.line(out)...)
	cmd.Dir, cmd.Env = dir, liveEnv(c)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// input turns a case into the input of the model, flags by way of gocmd.
func (c liveCase) input(machine Input) Input {
	in := machine
	in.Closure = liveClosure(c.program)
	if c.noGCC {
		in.GCC, in.CC = knowledge.No, knowledge.No
	}
	env := environment(c.env)
	in.Env = Env{
		CGOEnabled: Text(env["CGO_ENABLED"]), GOOS: Text(env["GOOS"]), GOARCH: Text(env["GOARCH"]), CC: Text(env["CC"]),
		CGOLDFlags: Text(env["CGO_LDFLAGS"]), ExtLink: Text(env["GO_EXTLINK_ENABLED"]),
	}
	var words []gocmd.Word
	for _, w := range c.line("out") {
		words = append(words, gocmd.Word{Text: w, Known: true})
	}
	cmd := gocmd.Parse(words, gocmd.Word{Text: c.goflags, Known: true})
	in.Flags.LDFlags.List, _, _ = cmd.PerPackage("ldflags")
	in.Flags.Tags.List, _ = cmd.Tags()
	mode, _ := cmd.Text("buildmode")
	in.Flags.BuildMode = Text(mode)
	if race, _ := cmd.Bool("race"); race {
		in.Flags.Race = On
	}
	return in
}

func checkLive(t *testing.T, c liveCase, v Verdict, out, text string, err error) {
	t.Helper()
	if v.Kind == Unknown {
		t.Logf("no verdict for %+v; the build gave %v %s", c, err, firstLine(text))
		return
	}
	if err != nil {
		if v.Kind != Fails || !strings.Contains(text, v.Error) {
			t.Errorf("%+v: the build fails with %q, the model says %s %q", c, text, v.Kind, v.Error)
		}
		return
	}
	f, err := elf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	interp, needed := readELF(t, f)
	kind := "static"
	switch {
	case c.program == "shared":
		kind = "object"
	case interp != "":
		kind = "dynamic"
	case f.Type == elf.ET_DYN:
		kind = "static-pie"
	}
	if got := outcome(v); got != kind {
		t.Fatalf("%+v: the file is %s (%s), the model says %s %q", c, kind, interp, got, v.Error)
	}
	checkLibraries(t, c, v, f, interp, needed)
}

func checkLibraries(t *testing.T, c liveCase, v Verdict, f *elf.File, interp string, needed []string) {
	t.Helper()
	if v.NeedsLoader() != knowledge.Yes {
		return
	}
	in := c.input(Input{Host: Platform{"linux", runtime.GOARCH}})
	if want := interpreter(knowledge.Default(), in, v); interp != want {
		t.Errorf("%+v: loader %s, the model says %s", c, interp, want)
	}
	if v.Kind == LoaderOnly != (len(needed) == 0) {
		t.Errorf("%+v: needs %q, the model says %s", c, needed, v.Kind)
	}
	if v.CXX != slices.Contains(needed, "libstdc++.so.6") {
		t.Errorf("%+v: needs %q, the model says C++ %t", c, needed, v.CXX)
	}
	if v.Kind != Glibc {
		return
	}
	newest := newestGlibc(f)
	if older(newest, v.GlibcFloor) || older(v.GlibcCeiling, newest) {
		t.Errorf("%+v: needs glibc %s, the model says %s to %s", c, newest, v.GlibcFloor, v.GlibcCeiling)
	}
}

func readELF(t *testing.T, f *elf.File) (interp string, needed []string) {
	t.Helper()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			data := make([]byte, p.Filesz)
			if _, err := p.ReadAt(data, 0); err != nil {
				t.Fatal(err)
			}
			interp = strings.TrimRight(string(data), "\x00")
		}
	}
	needed, _ = f.DynString(elf.DT_NEEDED)
	return interp, needed
}

// newestGlibc returns the newest glibc version that a symbol asks for.
func newestGlibc(f *elf.File) string {
	newest := ""
	symbols, _ := f.ImportedSymbols()
	for _, s := range symbols {
		if v, ok := strings.CutPrefix(s.Version, "GLIBC_"); ok && (newest == "" || older(newest, v)) {
			newest = v
		}
	}
	return newest
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
