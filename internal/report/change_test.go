package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// crossFile is a finding at a line of the Dockerfile that rests on main.go.
func crossFile() rule.Finding {
	place := at(dockerfile, "alpine:3.22")
	return rule.Finding{Rule: libcMismatch, At: place, Message: "no loader", Proof: fact.Because(
		fact.Note{At: at(mainGo, `"net"`), Text: "uses cgo"},
		fact.Note{At: place, Text: "has no loader"})}
}

// TestBesideUpload: what is annotated while code scanning annotates too.
func TestBesideUpload(t *testing.T) {
	place := regexp.MustCompile(`file=([^,]*),line=([0-9]+)`)
	r := Report{Tool: Tool{Name: "seaworthy", Version: "v0.1.0"}, Rules: allRules, Findings: []rule.Finding{crossFile()}}
	for name, c := range map[string]struct {
		changed  []string // path:line
		uploaded bool
		want     string // where the annotation stands
	}{
		"not uploaded":                {nil, false, "Dockerfile:8"},
		"the place is changed":        {[]string{"Dockerfile:8"}, true, ""},
		"the place and a step are":    {[]string{"Dockerfile:8", "cmd/relay/main.go:5"}, true, ""},
		"a step of the evidence is":   {[]string{"cmd/relay/main.go:5"}, true, "cmd/relay/main.go:5"},
		"another line of the file is": {[]string{"cmd/relay/main.go:4", "Dockerfile:7"}, true, ""},
		"nothing is known":            {nil, true, ""},
	} {
		o := Options{Uploaded: c.uploaded, Token: "token"}
		if c.changed != nil {
			o.Changed = func(path string, line int) bool { return slices.Contains(c.changed, fmt.Sprintf("%s:%d", path, line)) }
		}
		got := ""
		if m := place.FindStringSubmatch(render(t, "github", r, o)); m != nil {
			got = m[1] + ":" + m[2]
		}
		if got != c.want {
			t.Errorf("%s: annotated at %q, want %q", name, got, c.want)
		}
	}
}

// TestKnown: what the base has too is counted, kept in JSON and in SARIF, and
// left out of the rest.
func TestKnown(t *testing.T) {
	known := crossFile()
	known.Known, known.Confidence, known.Severity = true, fact.High, rule.Error
	r := Report{Tool: Tool{Name: "seaworthy", Version: "v0.1.0"}, Rules: allRules, Findings: []rule.Finding{known}, Base: strings.Repeat("ab", 20)}
	for _, f := range Formats() {
		doc := render(t, f.Name, r, options)
		want := f.Name == "json" || f.Name == "sarif"
		if got := strings.Contains(doc, "no loader"); got != want {
			t.Errorf("%s holds the finding: %v\n%s", f.Name, got, doc)
		}
	}
	if text := render(t, "text", r, Options{}); !strings.Contains(text, "no findings · 1 known from abababababab\n") {
		t.Errorf("text is %q", text)
	}
	if doc := render(t, "sarif", r, Options{}); !strings.Contains(doc, `"baselineState":"unchanged"`) {
		t.Errorf("SARIF is %s", doc)
	}
	r.Findings[0].Known = false
	if doc := render(t, "sarif", r, Options{}); !strings.Contains(doc, `"baselineState":"new"`) {
		t.Errorf("SARIF is %s", doc)
	}
	r.Findings[0].Known = true
	var first, second bytes.Buffer
	if err := JSON(&first, r); err != nil {
		t.Fatal(err)
	}
	back, err := ReadJSON(bytes.NewReader(first.Bytes()), Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if err := JSON(&second, back); err != nil || first.String() != second.String() {
		t.Errorf("read back: %v\n%s\n%s", err, first.String(), second.String())
	}
	var doc struct {
		Counts   map[string]int
		Findings []struct{ Known, Shown bool }
	}
	if err := json.Unmarshal(first.Bytes(), &doc); err != nil || doc.Counts["known"] != 1 || !doc.Findings[0].Known || doc.Findings[0].Shown {
		t.Errorf("%v, %+v", err, doc)
	}
}
