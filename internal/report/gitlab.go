package report

import (
	"io"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// gitlabIssue is one entry of a code quality report (docs.gitlab.com, "Code
// Quality", "Implement a custom tool").
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"` // of two equal ones GitLab shows the first
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// GitLab writes a code quality report, which GitLab shows in merge requests.
func GitLab(w io.Writer, r Report) error {
	severity := map[rule.Severity]string{rule.Error: "critical", rule.Warning: "major", rule.Note: "info"}
	issues := []gitlabIssue{}
	prints := r.fingerprints()
	for i := range r.Findings {
		f := &r.Findings[i]
		if !isShown(f) {
			continue
		}
		at := visiblePlace(f.At)
		issues = append(issues, gitlabIssue{
			Description: visible(f.Message),
			CheckName:   f.Rule.ID,
			Fingerprint: prints[i],
			Severity:    severity[level(f)],
			Location:    gitlabLocation{f.At.File.Path, gitlabLines{at.Begin().Line, lastLine(at)}},
		})
	}
	return writeJSON(w, issues, "  ")
}
