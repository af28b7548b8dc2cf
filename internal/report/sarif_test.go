package report

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

var sarifSchemaFile = filepath.Join("testdata", "schema", "sarif-2.1.0.json")

func decodeSARIF(t *testing.T, r Report, o Options) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, "sarif", r, o)), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

func TestSARIFFollowsTheSchema(t *testing.T) {
	for name, r := range map[string]Report{"sample": sample(), "nothing": {}, "hostile": hostile()} {
		t.Run(name, func(t *testing.T) {
			validate(t, sarifSchemaFile, render(t, "sarif", r, Options{Category: "go"}))
		})
	}
}

// TestSARIFMultitool asks the validator of SARIF's authors, with the rules for
// GitHub; `npm i @microsoft/sarif-multitool-linux` brings it.
func TestSARIFMultitool(t *testing.T) {
	tool, err := exec.LookPath("Sarif.Multitool")
	if err != nil {
		t.Skip("NOT CHECKED: Sarif.Multitool is not installed")
	}
	for name, r := range map[string]Report{"sample": sample(), "nothing": {Tool: sample().Tool}, "hostile": hostile()} {
		in, out := filepath.Join(t.TempDir(), "in.sarif"), filepath.Join(t.TempDir(), "out.sarif")
		if err := os.WriteFile(in, []byte(render(t, "sarif", r, Options{})), 0o644); err != nil {
			t.Fatal(err)
		}
		// It exits with 0 whatever it finds: the answer is in its own SARIF.
		if log, err := exec.Command(tool, "validate", in, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "--output", out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, log)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Runs []struct {
				Results []struct {
					RuleID  string
					Level   string
					Message any
				}
			}
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &answer); err != nil {
			t.Fatal(err)
		}
		for _, result := range answer.Runs[0].Results {
			t.Errorf("%s: %s %s %v", name, result.Level, result.RuleID, result.Message)
		}
	}
}

// TestSARIFRegions reads each region as a consumer does, in UTF-16 columns
// without the byte order mark, and compares the text with the span.
func TestSARIFRegions(t *testing.T) {
	r := sample()
	run := decodeSARIF(t, r, Options{})
	files := sampleOrigin().File
	var want []string
	seen := map[string]bool{}
	for _, f := range r.shown() {
		key := f.Rule.ID + visiblePlace(f.At).File.Path + visiblePlace(f.At).String()[:strings.LastIndexByte(visiblePlace(f.At).String(), ':')]
		if !seen[key] {
			want = append(want, strings.TrimPrefix(f.At.Text(), "\ufeff"))
		}
		seen[key] = true
	}
	for i, result := range run.Results {
		l := result.Locations[0].Physical
		path, err := url.PathUnescape(l.Artifact.URI)
		if err != nil || files(path) == nil {
			t.Fatalf("%s is no file", l.Artifact.URI)
		}
		if got := regionText(files(path), l.Region); got != want[i] {
			t.Errorf("the region of %s is %q, want %q", result.Message.Text, got, want[i])
		}
	}
	replaced := 0
	for _, result := range run.Results {
		for _, fix := range result.Fixes {
			for _, change := range fix.Changes {
				path, _ := url.PathUnescape(change.Artifact.URI)
				for _, e := range change.Replacements {
					d := e.DeletedRegion
					bytes := string(files(path).Data()[*d.ByteOffset : *d.ByteOffset+*d.ByteLength])
					if d.StartLine > 0 && regionText(files(path), d) != bytes {
						t.Errorf("a fix deletes %q or %q", bytes, regionText(files(path), d))
					}
					replaced++
				}
			}
		}
	}
	if replaced != 4 {
		t.Errorf("%d replacements, want 4", replaced)
	}
}

// regionText returns the text of a region by lines and UTF-16 columns.
func regionText(f *source.File, r sarifRegion) string {
	lines := strings.SplitAfter(strings.TrimPrefix(string(f.Data()), "\ufeff"), "\n")
	offset := func(line, column int) int {
		n := 0
		for _, l := range lines[:line-1] {
			n += len(utf16.Encode([]rune(l)))
		}
		return n + column - 1
	}
	units := utf16.Encode([]rune(strings.Join(lines, "")))
	return string(utf16.Decode(units[offset(r.StartLine, r.StartColumn):offset(r.EndLine, r.EndColumn)]))
}

func TestSARIFShape(t *testing.T) {
	r := sample()
	run := decodeSARIF(t, r, Options{Category: "services/api"})
	if run.AutomationDetails.ID != "services/api/" || decodeSARIF(t, r, Options{}).AutomationDetails != nil {
		t.Error("the category is not that of the options")
	}
	if run.Tool.Driver.SemanticVersion != "0.1.0" || len(run.Tool.Driver.Rules) != len(allRules) {
		t.Errorf("the driver is %+v", run.Tool.Driver)
	}
	for _, result := range run.Results {
		if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
			t.Errorf("ruleIndex %d is not %s", result.RuleIndex, result.RuleID)
		}
		if strings.Contains(result.Message.Text, "is not there") || strings.Contains(result.Message.Text, "runs as root") {
			t.Errorf("a suppressed or hidden finding is a result: %s", result.Message.Text)
		}
	}
	if first := run.Results[0]; len(first.CodeFlows) != 1 || len(first.CodeFlows[0].ThreadFlows[0].Locations) != 6 ||
		!strings.Contains(first.Message.Text, "/relay is there twice") {
		t.Errorf("the first result is %+v", first)
	}
	if strings.Contains(render(t, "sarif", Report{}, Options{}), "null") {
		t.Error("an empty report holds null")
	}
	later := r
	later.Tool.Version = "v0.0.0-unknown build"
	if v := decodeSARIF(t, later, Options{}).Tool.Driver.SemanticVersion; v != "" {
		t.Errorf("%q is no semantic version", v)
	}
}

// TestSARIFMerge checks that a line that several findings share has the level
// of the worst.
func TestSARIFMerge(t *testing.T) {
	span := at(dockerfile, "alpine:3.22")
	low := rule.Finding{Rule: libcMismatch, At: span, Message: "low", Severity: rule.Note, Proof: fact.Because(fact.Note{At: span})}
	high, other := low, low
	high.Severity, high.Message = rule.Error, "high"
	other.Rule, other.Message = rootUser, "other"
	run := decodeSARIF(t, Report{Findings: []rule.Finding{low, other, high}}, Options{})
	if len(run.Results) != 2 || run.Results[0].Level != "error" || !strings.Contains(run.Results[0].Message.Text, "high.") {
		t.Errorf("merged into %+v", run.Results)
	}
}

func TestDescribeRule(t *testing.T) {
	r := &rule.Rule{ID: "image/libc-mismatch", Title: strings.Repeat("é ", 600), Severity: rule.Warning, Tags: append(slices.Repeat([]string{"image"}, 3), strings.Fields("a b c d e f g h i j k")...)}
	d := describeRule(r, nil)
	if len(d.ShortDescription.Text) > maxShortText || len(d.Properties.Tags) != maxTags || d.Name != "ImageLibcMismatch" || d.Help.Text == "" {
		t.Errorf("%+v", d)
	}
	page := "# Title\n\n`id` · error\n\n```\ncode\n```\n\n- list\n\nThe first\nparagraph.\n\nThe second."
	if got := describeRule(r, func(string) string { return page }).FullDescription.Text; got != "The first paragraph." {
		t.Errorf("the full description is %q", got)
	}
}

func TestRelativeURI(t *testing.T) {
	for path, want := range map[string]string{
		"a b/c#d?e%f": "a%20b/c%23d%3Fe%25f",
		"c:/x":        "c%3A/x",
		"リ/\\\xff":    "%E3%83%AA/%5C%FF",
	} {
		u, err := url.Parse(relativeURI(path))
		if got := relativeURI(path); got != want || err != nil || u.Path != path {
			t.Errorf("relativeURI(%q) = %s, want %s", path, got, want)
		}
	}
}
