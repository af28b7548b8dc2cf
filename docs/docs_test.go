package docs_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/docgen"
	"github.com/goseaworthy/seaworthy/rules"
)

// TestDocsAreFresh compares what is generated with what is committed.
func TestDocsAreFresh(t *testing.T) {
	root := os.DirFS("..")
	files, err := docgen.Generate(root, rules.All())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := fs.ReadFile(root, name); err != nil || string(got) != want {
			t.Errorf("%s is stale: run go generate ./docs", name)
		}
	}
	err = fs.WalkDir(root, docgen.Dir, func(name string, d fs.DirEntry, err error) error {
		if _, ok := files[name]; !ok && err == nil && !d.IsDir() {
			t.Errorf("%s is left over: run go generate ./docs", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPage(t *testing.T) {
	for _, r := range rules.All() {
		if !strings.Contains(docs.Page(r.ID), "`"+r.ID+"`") {
			t.Errorf("%s has no page", r.ID)
		}
	}
	if page := docs.Page("module/no-such-rule"); page != "" {
		t.Errorf("a rule that is not there has a page: %q", page)
	}
}
