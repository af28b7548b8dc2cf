package buildplan

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

// open returns the repository of some files. A name that ends in a slash is a
// folder.
func open(t testing.TB, files []txtar.File) *repo.Repo {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, f := range files {
		fsys[strings.TrimSuffix(f.Name, "/")] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
