package report

import (
	"bytes"
	"io"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// The Reviewdog Diagnostic Format (reviewdog, proto/rdf). Columns are bytes.

type rdDiagnostic struct {
	Message     string         `json:"message"`
	Location    rdLocation     `json:"location"`
	Severity    string         `json:"severity"`
	Source      rdSource       `json:"source"`
	Code        rdCode         `json:"code"`
	Suggestions []rdSuggestion `json:"suggestions,omitempty"`
	Related     []rdRelated    `json:"related_locations,omitempty"`
}

type rdLocation struct {
	Path  string  `json:"path"`
	Range rdRange `json:"range"`
}

type rdRange struct {
	Start rdPosition `json:"start"`
	End   rdPosition `json:"end"`
}

type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type rdSource struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url"`
}

type rdSuggestion struct {
	Range rdRange `json:"range"`
	Text  string  `json:"text"`
}

type rdRelated struct {
	Message  string     `json:"message"`
	Location rdLocation `json:"location"`
}

// RDJSONL writes a diagnostic of reviewdog on each line.
func RDJSONL(w io.Writer, r Report) error {
	severity := map[rule.Severity]string{rule.Error: "ERROR", rule.Warning: "WARNING", rule.Note: "INFO"}
	var b bytes.Buffer
	for _, f := range r.shown() {
		d := rdDiagnostic{
			Message:     visible(f.Message),
			Location:    rdPlace(visiblePlace(f.At)),
			Severity:    severity[level(f)],
			Source:      rdSource{"seaworthy", home},
			Code:        rdCode{f.Rule.ID, pageURL(f.Rule.ID)},
			Suggestions: suggestions(f),
		}
		for _, n := range append(f.Path[:len(f.Path):len(f.Path)], f.Related...) {
			if n.At != f.At {
				d.Related = append(d.Related, rdRelated{visible(n.Text), rdPlace(visiblePlace(n.At))})
			}
		}
		if err := writeJSON(&b, d, ""); err != nil {
			return err
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func rdPlace(at source.Span) rdLocation { return rdLocation{at.File.Path, rdRangeOf(at)} }

func rdRangeOf(at source.Span) rdRange {
	begin, end := at.Begin(), at.Finish()
	return rdRange{rdPosition{begin.Line, begin.Column}, rdPosition{end.Line, end.Column}}
}

// suggestions returns the first fix that a reviewer can accept by itself: one
// edit, in the file of the finding. reviewdog offers edits one by one, and half
// of a fix may be worse than none.
func suggestions(f *rule.Finding) []rdSuggestion {
	for _, fix := range f.Fixes {
		if len(fix.Edits) == 1 && fix.Edits[0].File == f.At.File {
			return []rdSuggestion{{rdRangeOf(fix.Edits[0].Span), fix.Edits[0].New}}
		}
	}
	return nil
}
