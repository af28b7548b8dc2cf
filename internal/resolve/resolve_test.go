package resolve

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackages asks about this module itself: what it imports lies in the
// module cache, or it could not be built.
func TestPackages(t *testing.T) {
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("the go command is not there:", err)
	}
	cache := strings.TrimSpace(string(out))
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// What is set for the user's own builds must not change the answer.
	environ := append(os.Environ(), "GOFLAGS=-mod=mod -tags=none", "GOPACKAGESDRIVER=/nowhere", "GOTOOLCHAIN=go9.9.9")
	found, err := Packages(context.Background(), root, cache, []string{"."}, environ)
	if err != nil {
		t.Fatal(err)
	}
	dir := found["."]["golang.org/x/mod/modfile"]
	if !strings.HasPrefix(dir, "golang.org/x/mod@v") || !strings.HasSuffix(dir, "/modfile") {
		t.Errorf("x/mod/modfile lies in %q", dir)
	}
	if _, err := os.Stat(filepath.Join(cache, dir, "rule.go")); err != nil {
		t.Error(err)
	}
	if dir, ok := found["."]["net/http"]; ok {
		t.Errorf("the standard library is of no module, but net/http lies in %q", dir)
	}
}

func TestWithoutGo(t *testing.T) {
	t.Setenv("PATH", "")
	if _, err := Packages(context.Background(), t.TempDir(), t.TempDir(), []string{"."}, nil); err == nil {
		t.Error("no error without a go command")
	}
}
