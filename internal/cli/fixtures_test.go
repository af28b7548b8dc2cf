package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/goseaworthy/seaworthy/internal/fixture"
	"github.com/goseaworthy/seaworthy/rules"
)

// TestFixtureReports: the reports about every fixture, and about all of them in
// one repository, are valid by the schemas of their formats. With
// SEAWORTHY_REPORTS set to a folder those about all are kept there, for .ci/clients.
func TestFixtureReports(t *testing.T) {
	sarif := compileSchema(t, "../report/testdata/schema/sarif-2.1.0.json")
	own := compileSchema(t, "../../docs/schema/seaworthy-1.json")
	fixtures := os.DirFS("../../fixtures")
	all := t.TempDir()
	results := 0
	for _, family := range []string{"image", "module", "service", "seaworthy", "projects"} {
		err := fs.WalkDir(fixtures, family, func(name string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".txtar" {
				return nil // a family may have no rules
			}
			c, err := fixture.Load(fixtures, name)
			if err != nil {
				return err
			}
			dir := t.TempDir()
			unpack(t, dir, c.Files())
			unpack(t, filepath.Join(all, strings.ReplaceAll(strings.TrimSuffix(name, ".txtar"), "/", "-")), c.Files())
			doc := reportAbout(t, dir, "sarif", sarif)
			reportAbout(t, dir, "json", own)
			results += strings.Count(string(doc), `"ruleIndex":`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if results == 0 {
		t.Error("no fixture has a result")
	}
	doc := reportAbout(t, all, "sarif", sarif)
	if out := os.Getenv("SEAWORTHY_REPORTS"); out != "" {
		keep(t, out, "all.sarif", doc)
		keep(t, out, "all.rdjsonl", reportAbout(t, all, "rdjsonl", nil))
	}
}

func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// unpack writes files without the marks that a fixture can give them: what
// cannot be read is told elsewhere.
func unpack(t *testing.T, dir string, files []fixture.File) {
	t.Helper()
	for _, f := range files {
		if f.Link == "" {
			keep(t, dir, f.Path, f.Data)
		}
	}
}

func keep(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// reportAbout runs all rules over a folder and validates the report.
func reportAbout(t *testing.T, dir, format string, schema *jsonschema.Schema) []byte {
	t.Helper()
	var out, log bytes.Buffer
	code := run(Env{
		Args:   []string{"--profile", "audit", "--now", "2026-11-01", "--fail-on", "never", "--format", format},
		Stdout: &out, Stderr: &log, Dir: dir,
		Getenv: func(string) string { return "" },
	}, rules.All())
	if code != exitClean && code != exitNothing {
		t.Errorf("%s: it ends with %d: %s", dir, code, log.String())
		return out.Bytes()
	}
	if schema != nil {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Errorf("%s: %s: %v", dir, format, err)
		}
	}
	return out.Bytes()
}
