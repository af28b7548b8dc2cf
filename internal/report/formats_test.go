package report

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/haya14busa/go-checkstyle/checkstyle"
	"github.com/joshdk/go-junit"
)

// TestRDJSONL validates each line against reviewdog's own schema.
func TestRDJSONL(t *testing.T) {
	schema := filepath.Join("testdata", "schema", "reviewdog-Diagnostic.json")
	for _, r := range []Report{sample(), hostile()} {
		lines := strings.Split(strings.TrimSuffix(render(t, "rdjsonl", r, Options{}), "\n"), "\n")
		if len(lines) != len(r.shown()) {
			t.Errorf("%d lines for %d findings", len(lines), len(r.shown()))
		}
		for _, line := range lines {
			validate(t, schema, line)
		}
	}
}

// TestReviewdog lets reviewdog read what it can read, and say what it read.
func TestReviewdog(t *testing.T) {
	tool, err := exec.LookPath("reviewdog")
	if err != nil {
		t.Skip("NOT CHECKED: reviewdog is not installed")
	}
	for _, format := range []string{"rdjsonl", "checkstyle", "sarif"} {
		cmd := exec.Command(tool, "-f="+format, "-reporter=rdjson", "-filter-mode=nofilter", "-fail-level=none", "-diff=true")
		cmd.Stdin = strings.NewReader(render(t, format, sample(), Options{}))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", format, err, out)
		}
		var read struct{ Diagnostics []rdDiagnostic }
		if err := json.Unmarshal(out, &read); err != nil {
			t.Fatal(err)
		}
		for _, f := range sample().shown() {
			p := visiblePlace(f.At).Begin()
			found := slices.ContainsFunc(read.Diagnostics, func(d rdDiagnostic) bool {
				return strings.Contains(d.Message, f.Message) && d.Location.Path == f.At.File.Path &&
					d.Location.Range.Start.Line == p.Line && (format == "sarif" || d.Location.Range.Start.Column == p.Column)
			})
			if !found {
				t.Errorf("%s: reviewdog does not say %s: %s", format, f.At, f.Message)
			}
		}
	}
}

// TestGitLab checks what docs.gitlab.com demands of a code quality report.
func TestGitLab(t *testing.T) {
	for _, r := range []Report{sample(), hostile(), {}} {
		var issues []map[string]any
		if err := json.Unmarshal([]byte(render(t, "gitlab", r, Options{})), &issues); err != nil || issues == nil {
			t.Fatalf("no array: %v", err)
		}
		if len(issues) != len(r.shown()) {
			t.Errorf("%d issues for %d findings", len(issues), len(r.shown()))
		}
		seen := map[any]bool{}
		for _, issue := range issues {
			location := issue["location"].(map[string]any)
			begin := location["lines"].(map[string]any)["begin"].(float64)
			if issue["description"] == "" || seen[issue["fingerprint"]] || strings.HasPrefix(location["path"].(string), "./") || begin < 1 ||
				!slices.Contains([]any{"info", "minor", "major", "critical", "blocker"}, issue["severity"]) {
				t.Errorf("%v", issue)
			}
			seen[issue["fingerprint"]] = true
		}
	}
}

// TestJUnit reads the report with a library that CI tools use.
func TestJUnit(t *testing.T) {
	suites, err := junit.Ingest([]byte(render(t, "junit", sample(), Options{})))
	if err != nil || len(suites) != 1 {
		t.Fatal(suites, err)
	}
	if totals := suites[0].Totals; totals.Tests != 7 || totals.Failed != 7 {
		t.Errorf("%+v", totals)
	}
	first := suites[0].Tests[0]
	if first.Name != "image/libc-mismatch" || first.Classname != "Dockerfile" || first.Message != sample().Findings[2].Message ||
		!strings.Contains(first.Error.Error(), "/relay is there twice") {
		t.Errorf("%+v", first)
	}
	clean, err := junit.Ingest([]byte(render(t, "junit", Report{Rules: allRules}, Options{})))
	if err != nil || clean[0].Totals.Passed != len(allRules) || clean[0].Totals.Failed != 0 {
		t.Errorf("%+v, %v", clean, err)
	}
}

// TestCheckstyle reads the report with the library of reviewdog.
func TestCheckstyle(t *testing.T) {
	var result checkstyle.Result
	if err := xml.Unmarshal([]byte(render(t, "checkstyle", sample(), Options{})), &result); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range result.Files {
		for _, e := range f.Errors {
			got = append(got, f.Name+": "+e.Message)
		}
	}
	var want []string
	for _, f := range sample().shown() {
		want = append(want, f.At.File.Path+": "+f.Message)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestXMLLint reads the XML formats with libxml2, which most readers use.
func TestXMLLint(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("NOT CHECKED: xmllint is not installed")
	}
	for _, format := range []string{"junit", "checkstyle"} {
		for _, r := range []Report{sample(), hostile(), {}} {
			path := filepath.Join(t.TempDir(), "report.xml")
			if err := os.WriteFile(path, []byte(render(t, format, r, Options{})), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(lint, "--noout", path).CombinedOutput(); err != nil {
				t.Errorf("%s: %s", format, out)
			}
		}
	}
}
