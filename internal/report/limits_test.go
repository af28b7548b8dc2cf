package report

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// many returns a report with n findings, each on a line of its own with a proof
// of three steps. Every hundredth is an error, and these come late.
func many(n int) Report {
	r := Report{Tool: Tool{Name: "seaworthy", Version: "v0.1.0"}, Rules: allRules, Files: n}
	for len(r.Findings) < n {
		const lines = 500
		path := fmt.Sprintf("services/team-%d/Dockerfile", len(r.Findings)/lines)
		f := source.New(path, []byte(strings.Repeat("COPY --from=build /out/relay /relay\n", lines)))
		for line := 1; line <= lines && len(r.Findings) < n; line++ {
			at := f.Line(line).Sub(18, 28)
			finding := rule.Finding{Rule: quotaIgnored, At: at,
				Message: fmt.Sprintf("finding %d of many, with a message of a usual length about /relay", len(r.Findings)),
				Proof: fact.Because(
					fact.Note{At: at.File.Line(1), Text: "Debian trixie with gcc and no CGO_ENABLED: cgo is on"},
					fact.Note{At: at.File.Line(line).Sub(5, 17), Text: "from the stage above"},
					fact.Note{At: at, Text: "the binary arrives here"})}
			if len(r.Findings)%100 == 99 {
				finding.Rule = libcMismatch
			}
			r.Findings = append(r.Findings, finding)
		}
	}
	return r
}

func TestLimits(t *testing.T) {
	r := many(30_000)
	doc := render(t, "sarif", r, Options{})
	results, errors := strings.Count(doc, `"ruleIndex":`), strings.Count(doc, `"level":"error","message":{"text":"finding `)
	if results != maxResults || errors != 300 {
		t.Errorf("%d results, of them %d errors", results, errors)
	}
	if !strings.Contains(doc, `"5000 of 30000 results are left out`) {
		t.Error("it does not say what is left out")
	}
	if size := gzipped(doc); size > maxUpload {
		t.Errorf("the upload is %d bytes", size)
	}
	summary := render(t, "summary", r, options)
	if len(summary) > 1<<20 || !strings.Contains(summary, "findings not shown") || !strings.Contains(summary, "300 errors, 29700 warnings") {
		t.Errorf("the summary has %d bytes and ends with %.200q", len(summary), summary[len(summary)-200:])
	}
	for _, line := range strings.Split(summary, "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasSuffix(line, " |") {
			t.Errorf("a row is cut: %.80s", line)
		}
	}
	commands := runner(render(t, "github", r, options))
	if len(commands) != 20 || commands[0] != "error" || commands[10] != "warning" {
		t.Errorf("a runner obeys %q", commands)
	}
}

// TestSARIFSize checks the cut by size, with text that does not compress.
func TestSARIFSize(t *testing.T) {
	r := many(2_000)
	random := uint64(1)
	for i := range r.Findings {
		var b strings.Builder
		for range 2_000 {
			random = random*6364136223846793005 + 1442695040888963407
			fmt.Fprintf(&b, "%x", random>>40)
		}
		r.Findings[i].Message = b.String()
	}
	doc := render(t, "sarif", r, Options{})
	errors := strings.Count(doc, `"level":"error","message":`)
	if size := gzipped(doc); size > maxUpload || errors != 20 {
		t.Errorf("the upload is %d bytes with %d errors", size, errors)
	}
}

func gzipped(doc string) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, doc)
	_ = z.Close()
	return b.Len()
}

func BenchmarkFormats(b *testing.B) {
	r := many(1000)
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			write := f.Writer(options)
			for b.Loop() {
				if err := write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
