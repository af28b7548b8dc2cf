package newrule

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/docgen"
	"github.com/goseaworthy/seaworthy/internal/fixture"
)

const family = `package image

import "github.com/goseaworthy/seaworthy/internal/rule"

// Rules are the rules of the family, sorted by ID.
var Rules = []*rule.Rule{
	NoShell,
	WrongArch,
}
`

// TestNewRule runs the program as its users do.
func TestNewRule(t *testing.T) {
	root := t.TempDir()
	list := filepath.Join(root, "rules", "image", "family.go")
	if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, []byte(family), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(id string) (string, error) {
		out, err := exec.Command("go", "run", "main.go", "-C", root, id).CombinedOutput()
		return string(out), err
	}
	if out, err := run("image/user-unknown"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(family, "\tWrongArch", "\tUserUnknown,\n\tWrongArch", 1); string(data) != want {
		t.Errorf("family.go is now\n%s", data)
	}
	fsys := os.DirFS(root)
	declared, err := docgen.Declarations(fsys, "rules/image")
	if err != nil {
		t.Fatal(err)
	}
	if len(declared) != 1 || declared[0].ID != "image/user-unknown" || declared[0].Name != "UserUnknown" || declared[0].File != "rules/image/user_unknown.go" {
		t.Errorf("declared: %+v", declared)
	}
	for _, name := range []string{"bad", "good"} {
		const unwritten = "the caption is not a sentence"
		if _, err := fixture.Load(fsys, "fixtures/image/user-unknown/"+name+".txtar"); err == nil || !strings.HasSuffix(err.Error(), unwritten) {
			t.Errorf("%s.txtar: %v, want %q", name, err, unwritten)
		}
	}
	for id, want := range map[string]string{
		"image/user-unknown": "user_unknown.go: ",
		"image":              `"image" is not FAMILY/NAME`,
		"image/No_Shell":     `"image/No_Shell" is not FAMILY/NAME`,
		"harbour/slack":      "family.go: ",
	} {
		if out, err := run(id); err == nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v\n%s\nwant %s", id, err, out, want)
		}
	}
}
