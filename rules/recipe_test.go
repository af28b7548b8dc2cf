package rules_test

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/docgen"
	"github.com/goseaworthy/seaworthy/internal/fixture"
	"github.com/goseaworthy/seaworthy/rules"
)

func TestFixtures(t *testing.T) {
	fixture.Test(t, rules.All(), os.DirFS("../fixtures"))
}

func TestProjects(t *testing.T) {
	fixture.TestProjects(t, rules.All(), os.DirFS("../fixtures/projects"))
}

// TestRecipe holds together what belongs to a rule: its ID, its variable in
// its file, its place in the list of its family, its fixtures and its page.
func TestRecipe(t *testing.T) {
	var listed []string
	for _, r := range rules.All() {
		listed = append(listed, r.ID)
		if docs.Page(r.ID) == "" {
			t.Errorf("%s has no page: run go generate ./docs", r.ID)
		}
	}
	declared := map[string]bool{}
	for _, family := range subdirs(t, ".") {
		found, err := docgen.Declarations(os.DirFS("."), family)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range found {
			declared[d.ID] = true
			checkDeclaration(t, family, d)
			if !slices.Contains(listed, d.ID) {
				t.Errorf("%s: %s is not in the Rules of its family", d.File, d.Name)
			}
		}
	}
	for _, id := range listed {
		if !declared[id] {
			t.Errorf("%s: no exported variable is &rule.Rule{ID: %[1]q, …}", id)
		}
	}
	checkFolders(t, listed)
}

// checkDeclaration checks the names of a variable and its file.
func checkDeclaration(t *testing.T, family string, d docgen.Declaration) {
	name, ok := strings.CutPrefix(d.ID, family+"/")
	if !ok {
		t.Errorf("%s: %s has the ID %q, which does not start with %s/", d.File, d.Name, d.ID, family)
		return
	}
	if want := path.Join(family, strings.ReplaceAll(name, "-", "_")+".go"); d.File != want {
		t.Errorf("%s: %s is to stand in %s", d.File, d.ID, want)
	}
	if !strings.EqualFold(d.Name, strings.ReplaceAll(name, "-", "")) {
		t.Errorf("%s: the variable of %s is called %s", d.File, d.ID, d.Name)
	}
}

// checkFolders looks for fixtures and pages of rules that do not exist.
func checkFolders(t *testing.T, ids []string) {
	for _, family := range subdirs(t, "../fixtures") {
		if family == "cli" || family == "projects" {
			continue
		}
		for _, name := range subdirs(t, filepath.Join("../fixtures", family)) {
			if !slices.Contains(ids, family+"/"+name) {
				t.Errorf("fixtures/%s/%s belongs to no rule", family, name)
			}
		}
	}
}

func subdirs(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" {
			names = append(names, e.Name())
		}
	}
	return names
}
