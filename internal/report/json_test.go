package report

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate checks a document against a JSON schema.
func validate(t testing.TB, schema, doc string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiled, err := compiler.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%v in\n%.2000s", err, doc)
	}
}

var ownSchema = filepath.Join("..", "..", "docs", "schema", "seaworthy-1.json")

func TestJSONFollowsItsSchema(t *testing.T) {
	for name, r := range map[string]Report{"sample": sample(), "nothing": {}, "hostile": hostile()} {
		t.Run(name, func(t *testing.T) { validate(t, ownSchema, render(t, "json", r, Options{})) })
	}
}

func TestSchemaRejects(t *testing.T) {
	good := render(t, "json", sample(), Options{})
	compiled, err := jsonschema.NewCompiler().Compile(ownSchema)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"seaworthy/1"`:         `"seaworthy/2"`,
		`"severity": "error"`:   `"severity": "info"`,
		`"path": "Dockerfile"`:  `"path": "/Dockerfile"`,
		`"line": 9`:             `"line": 0`,
		`"confidence": "high",`: ``,
		`"findings": [`:         `"findings": null, "x": [`,
	} {
		bad := strings.Replace(good, from, to, 1)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil || bad == good {
			t.Fatal(from, err)
		}
		if compiled.Validate(value) == nil {
			t.Errorf("the schema allows %s", to)
		}
	}
}

// sampleOrigin has the files and rules of the sample.
func sampleOrigin() Origin {
	files := map[string]*source.File{}
	for _, f := range []*source.File{dockerfile, mainGo, unit, goMod, empty, long, multi} {
		files[f.Path] = source.New(f.Path, f.Data())
	}
	return Origin{
		File: func(path string) *source.File { return files[path] },
		Rule: func(id string) *rule.Rule {
			for _, r := range allRules {
				if r.ID == id {
					return r
				}
			}
			return nil
		},
	}
}

func readBack(t *testing.T, r Report, from Origin) Report {
	t.Helper()
	back, err := ReadJSON(strings.NewReader(render(t, "json", r, Options{})), from)
	if err != nil {
		t.Fatal(err)
	}
	back.Page = r.Page
	return back
}

// TestReadJSONKeepsAll checks that a report read back gives every format the
// same bytes where the files are at hand.
func TestReadJSONKeepsAll(t *testing.T) {
	back := readBack(t, sample(), sampleOrigin())
	for _, f := range Formats() {
		if got, want := render(t, f.Name, back, options), render(t, f.Name, sample(), options); got != want {
			t.Errorf("%s differs: %s", f.Name, firstDifference(want, got))
		}
	}
}

// TestReadJSONWithoutFiles checks that without the files all places stay.
func TestReadJSONWithoutFiles(t *testing.T) {
	from := sampleOrigin()
	changed := sampleOrigin()
	changed.File = func(path string) *source.File {
		if path == empty.Path {
			return nil // its only place, the start, is in every file
		}
		return source.New(path, []byte("something else\n"))
	}
	from.File = nil
	for _, origin := range []Origin{from, changed} {
		back := readBack(t, sample(), origin)
		for _, format := range []string{"json", "concise", "github", "gitlab", "rdjsonl", "checkstyle"} {
			got, want := render(t, format, back, options), render(t, format, sample(), options)
			if format != "json" && format != "concise" {
				// What is behind the final newline is moved before it only if that is known.
				got, want = without(got, "toolchain"), without(want, "toolchain")
			}
			if got != want {
				t.Errorf("%s differs: %s", format, firstDifference(want, got))
			}
		}
		golden(t, "text-without-files", render(t, "text", back, options))
		if strings.Contains(render(t, "sarif", back, options), "primaryLocationLineHash") {
			t.Error("SARIF hashes lines that nobody has read")
		}
	}
	back := readBack(t, sample(), Origin{})
	if r := back.Findings[2].Rule; r.ID != libcMismatch.ID || len(back.Rules) != len(allRules) {
		t.Errorf("a rule nobody knows is read as %+v", r)
	}
}

// without returns the lines of s that do not hold a word, nor the line after.
func without(s, word string) string {
	var kept []string
	for _, line := range strings.Split(s, "\n") {
		if !strings.Contains(line, word) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestReadJSONRefuses(t *testing.T) {
	good := render(t, "json", sample(), Options{})
	for from, to := range map[string]string{
		`"seaworthy/1"`:          `"seaworthy/2"`,
		`"path": "Dockerfile"`:   `"path": "../Dockerfile"`,
		`"severity": "error"`:    `"severity": "fatal"`,
		`"confidence": "medium"`: `"confidence": "unknown"`,
		`"offset": 0`:            `"offset": 99999999999`,
		`"line": 9`:              `"line": 0`,
		`"message"`:              `"message": 1, "x"`,
		`"location": {`:          `"location": null, "x": {`,
	} {
		bad := strings.Replace(good, from, to, 1)
		if _, err := ReadJSON(strings.NewReader(bad), Origin{}); err == nil || bad == good {
			t.Errorf("a report with %s is read", to)
		}
	}
}

// FuzzReadJSON checks that what can be read can be written in every format, and
// that JSON is then stable.
func FuzzReadJSON(f *testing.F) {
	f.Add(render(f, "json", sample(), Options{}))
	f.Add(render(f, "json", hostile(), Options{}))
	f.Fuzz(func(t *testing.T, doc string) {
		r, err := ReadJSON(strings.NewReader(doc), Origin{})
		if err != nil {
			return
		}
		for _, format := range Formats() {
			render(t, format.Name, r, options)
		}
		once := render(t, "json", r, Options{})
		again, err := ReadJSON(strings.NewReader(once), Origin{})
		if err != nil {
			t.Fatal(err)
		}
		if twice := render(t, "json", again, Options{}); once != twice {
			t.Errorf("reading changes a report: %s", firstDifference(once, twice))
		}
	})
}
