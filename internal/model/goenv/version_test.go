package goenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// TestOlder compares releases with go lines.
func TestOlder(t *testing.T) {
	for _, c := range []struct {
		minor, patch, line string
		want               bool
	}{
		{"1.24", "", "1.25", true},
		{"1.24", "", "1.25.0", true},
		{"1.24", "", "1.25rc1", true},
		{"1.24", "", "1.24.99", false}, // the tag moves on
		{"1.24", "", "1.24", false},
		{"1.24", "", "1.9", false},
		{"1.9", "", "1.10", true},
		{"1.24", "1.24.9", "1.24.10", true},
		{"1.24", "1.24.10", "1.24.9", false},
		{"1.24", "1.24.0", "1.24", false},
		{"1.25", "1.25rc1", "1.25", false},
		{"1.25", "1.25rc1", "1.25.0", true},
		{"1.25", "1.25rc1", "1.25rc2", true},
		{"1.24", "", "1.26.1rc1", false}, // no version at all
		{"1.24", "", "", false},
		{"1.24", "", "2.0", true},
	} {
		if got := older(knowledge.GoVersion{Minor: c.minor, Patch: c.patch}, c.line); got != c.want {
			t.Errorf("Go %s %s older than %q: %v, want %v", c.minor, c.patch, c.line, got, c.want)
		}
	}
}

// TestDemandIsTrue builds modules with real toolchains of other releases and
// compares what happens with the verdict on the image of that release.
func TestDemandIsTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads two toolchains")
	}
	mods := []string{
		"go 1.18", "go 1.20", "go 1.20.5", "go 1.21", "go 1.21rc1", "go 1.21.0", "go 1.24", "go 1.24.0", "go 1.24.13", "go 1.24.14", "go 1.25",
		"go 1.25rc1", "go 1.25.0", "", "go 1.18\n\ntoolchain go1.24.1", "go 1.20\n\ngodebug default=go1.20", "go 1.20\n\ntool example.com/m",
		"go 1.24\n\nignore ./node_modules", "go 1.24\n\ntoolchain go1.99.0",
	}
	settings := []string{"path", "go1.24.13", "go1.24.13+path", "auto", "go1.24.13+auto", "local+auto"}
	for _, release := range []string{"1.20.14", "1.24.13"} {
		bin := toolchain(t, release)
		for _, mod := range mods {
			for i, setting := range append([]string{"local"}, settings...) {
				if i > 0 && (release == "1.20.14" || !strings.Contains("go 1.24.13 go 1.24.14 go 1.25", mod)) {
					continue // GOTOOLCHAIN only matters around its own release, and since Go 1.21
				}
				text, failed := build(t, bin, mod, setting)
				d := verdict(t, release, mod, setting)
				want := Fits
				switch {
				case strings.Contains(text, "toolchain not available"):
					want = Switches
				case strings.Contains(text, "requires go >=") || strings.Contains(text, "in PATH"):
					want = Refuses
				case strings.Contains(text, "errors parsing go.mod"):
					want = Unreadable
				case strings.Contains(text, "cannot compile Go"):
					want = Declines
				case failed && !strings.Contains(mod, "ignore") && !strings.Contains(mod, "go1.99"):
					t.Errorf("%s %q GOTOOLCHAIN=%s fails otherwise: %s", release, mod, setting, text)
				}
				if d.Verdict == Tries && want == Fits {
					want = Tries // the program has nothing that is new
				}
				if strings.Contains(mod, "ignore") && release == "1.24.13" || strings.Contains(mod, "go1.99") && setting != "local" {
					continue // not about the go line: a directive newer than the release, a toolchain that is suggested
				}
				if d.Verdict != want {
					t.Errorf("%s %q GOTOOLCHAIN=%s: verdict %d, want %d: %s", release, mod, setting, d.Verdict, want, text)
				}
			}
		}
	}
}

// toolchain returns the go command of a release, from the default Go proxy.
func toolchain(t *testing.T, release string) string {
	t.Helper()
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=go"+release)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("NOT CHECKED: the toolchain of Go %s cannot be downloaded: %v", release, err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "bin", "go")
}

func build(t *testing.T, bin, mod, setting string) (text string, failed bool) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{"go.mod": "module example.com/m\n\n" + mod + "\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(bin, "build", "-o", os.DevNull, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+setting, "GOPROXY=off", "GOFLAGS=", "GOROOT=", "GOWORK=", "PATH=/usr/bin:/bin")
	out, err := cmd.CombinedOutput()
	return string(out), err != nil
}

func verdict(t *testing.T, release, mod, setting string) Demand {
	t.Helper()
	docker := fmt.Sprintf("FROM golang:%s\nENV GOTOOLCHAIN=%s\nWORKDIR /src\nCOPY . .\nRUN go build .\n", release, setting)
	r, err := repo.Open(fstest.MapFS{
		"go.mod":     {Data: []byte("module example.com/m\n\n" + mod + "\n")},
		"main.go":    {Data: []byte("package main\n\nfunc main() {}\n")},
		"Dockerfile": {Data: []byte(docker)},
	}, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runs := Runs.Of(r)
	if len(runs) != 1 {
		t.Fatalf("%d runs of the go command, want 1", len(runs))
	}
	d := runs[0].Demand()
	if !d.Known() {
		t.Errorf("%s %q GOTOOLCHAIN=%s: not known", release, mod, setting)
	}
	return d.Value
}
