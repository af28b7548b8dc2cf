// Package report writes what a run found in the formats that people and
// programs read. It knows no rule and decides nothing.
package report

import (
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Report is what one run found.
type Report struct {
	Tool Tool
	// Findings are sorted and complete: hidden and suppressed ones are marked.
	Findings []rule.Finding
	// Unjudged are the places that could not be decided.
	Unjudged []rule.Unjudged
	// Rules are all that ran, sorted by ID.
	Rules []*rule.Rule
	// Files is the number of files found, Judged that of inputs.
	Files, Judged int
	// Page returns the page of a rule in Markdown.
	Page func(id string) string
}

// Tool names the program that made a report.
type Tool struct {
	Name      string
	Version   string
	Knowledge string // date of the knowledge tables, YYYY-MM-DD
}
