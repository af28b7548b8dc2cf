package cli

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

var update = flag.Bool("update", false, "write the want sections of testdata")

// TestPrintImages compares what is printed of small repositories.
func TestPrintImages(t *testing.T) {
	for _, name := range []string{"testdata/images.txtar", "testdata/ko.txtar"} {
		t.Run(name, func(t *testing.T) { testPrintImages(t, name) })
	}
}

func testPrintImages(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys, want := fstest.MapFS{}, ""
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := printImages(&got, r); err != nil {
		t.Fatal(err)
	}
	if got.String() == want {
		return
	}
	if !*update {
		t.Fatalf("got\n%s\nwant\n%s", got.String(), want)
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: got.Bytes()})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
