// Package report writes what a run found in the formats that people and
// programs read. It knows no rule and decides nothing.
//
// A repository is hostile input to a report too: names and lines from it can
// hold terminal escapes, workflow commands, markup. Every format neutralises
// them in its own way; what people look at goes through visible.
package report

import (
	"io"
	"slices"
	"time"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Report is what one run found.
type Report struct {
	Tool Tool
	// Findings are sorted and complete: hidden and suppressed ones are marked.
	// All their places are valid.
	Findings []rule.Finding
	// Fingerprints identify the findings, one each, where they are known from
	// elsewhere, as in a report that was read back. Nil: to be computed.
	Fingerprints []string
	// Base is the commit that the findings were compared with, a full hash;
	// empty: none. Those that it has too are marked as known.
	Base string
	// Unjudged are the places that could not be decided.
	Unjudged []rule.Unjudged
	// Rules are all that ran, sorted by ID.
	Rules []*rule.Rule
	// Files is the number of files found, Judged that of inputs.
	Files, Judged int
	// Page returns the page of a rule in Markdown. It may be nil.
	Page func(id string) string
}

// Tool names the program that made a report.
type Tool struct {
	Name      string
	Version   string
	Knowledge string // date of the knowledge tables, YYYY-MM-DD
	Resolve   string // where packages outside the repository were looked for: cache or go; empty for nowhere
}

// Writer writes a report in one format. The only errors are those of w.
type Writer func(w io.Writer, r Report) error

// Options say how to write. Every format takes what concerns it.
type Options struct {
	// Color and Width are for text: whether to use ANSI colours, and after how
	// many columns a line of source is cut (0: 120).
	Color bool
	Width int
	// Elapsed is shown by text where it is not zero.
	Elapsed time.Duration
	// Prefer says which files come first where a format must leave something
	// out, as the files changed by a pull request. It may be nil.
	Prefer func(path string) bool
	// Changed reports whether a line is changed by what is under review, as
	// GitHub shows it. Nil: that is not known.
	Changed func(path string, line int) bool
	// Uploaded says that the SARIF of the run goes to code scanning, which
	// annotates too: findings all of whose lines are changed. github leaves those
	// out and places others on a changed line of their evidence.
	Uploaded bool
	// Token is the word that ends what github wraps against being read as a
	// command. It must be unguessable; empty: a random one.
	Token string
	// Server, Repository (owner/name) and Commit make the links of the summary:
	// https://github.com, example/app, a full hash. Without them it has none.
	Server, Repository, Commit string
	// Category tells several SARIF uploads of one commit apart; empty: the
	// uploader chooses.
	Category string
}

// Format is one way to write a report.
type Format struct {
	Name        string
	Description string // half a line, for lists
	Writer      func(Options) Writer
}

// Formats returns all formats, those that matter most first.
func Formats() []Format {
	plain := func(w Writer) func(Options) Writer { return func(Options) Writer { return w } }
	return []Format{
		{"text", "for people: every step of the evidence with its source", Text},
		{"concise", "one line a finding: path:line:col: severity: message [rule]", plain(Concise)},
		{"json", "everything, for programs; docs/schema/seaworthy-1.json describes it", plain(JSON)},
		{"sarif", "SARIF 2.1.0, for code scanning", SARIF},
		{"github", "annotations of GitHub Actions", GitHub},
		{"summary", "Markdown, for the summary of a GitHub Actions job", Summary},
		{"gitlab", "code quality report of GitLab", plain(GitLab)},
		{"rdjsonl", "diagnostics of reviewdog, with suggestions", plain(RDJSONL)},
		{"junit", "JUnit XML, for the test tab of CI systems", plain(JUnit)},
		{"checkstyle", "Checkstyle XML", plain(Checkstyle)},
	}
}

// Lookup returns the format with the name.
func Lookup(name string) (Format, bool) {
	formats := Formats()
	i := slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return formats[i], true
}

// Counts are the numbers of a report.
type Counts struct {
	Errors     int `json:"errors"`     // shown
	Warnings   int `json:"warnings"`   // shown
	Notes      int `json:"notes"`      // shown
	Hidden     int `json:"hidden"`     // below the profile's threshold
	Suppressed int `json:"suppressed"` // silenced by an ignore or a baseline
	Known      int `json:"known"`      // in the base that is compared with too
	Unjudged   int `json:"unjudged"`   // places not judged
	Files      int `json:"files"`      // found
	Judged     int `json:"judged"`     // read as an input
}

// Counts counts the findings by what becomes of them.
func (r Report) Counts() Counts {
	c := Counts{Unjudged: len(r.Unjudged), Files: r.Files, Judged: r.Judged}
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Suppression != nil:
			c.Suppressed++
		case f.Hidden:
			c.Hidden++
		case f.Known:
			c.Known++
		case level(f) == rule.Error:
			c.Errors++
		case level(f) == rule.Warning:
			c.Warnings++
		default:
			c.Notes++
		}
	}
	return c
}

// shown returns the findings that are not hidden, suppressed or known.
func (r Report) shown() []*rule.Finding {
	var shown []*rule.Finding
	for i := range r.Findings {
		if f := &r.Findings[i]; isShown(f) {
			shown = append(shown, f)
		}
	}
	return shown
}

func isShown(f *rule.Finding) bool { return !f.Hidden && f.Suppression == nil && !f.Known }

// level returns the severity of a finding: its own, else that of its rule.
func level(f *rule.Finding) rule.Severity {
	if f.Severity != rule.Default {
		return f.Severity
	}
	return f.Rule.Severity
}

// worstFirst sorts findings by severity and, within one, those with evidence in
// a preferred file first; otherwise it keeps the order.
func worstFirst(findings []*rule.Finding, prefer func(path string) bool) {
	preferred := func(f *rule.Finding) int {
		if prefer == nil || prefer(f.At.File.Path) {
			return 0
		}
		for _, n := range f.Path {
			if prefer(n.At.File.Path) {
				return 0
			}
		}
		return 1
	}
	slices.SortStableFunc(findings, func(a, b *rule.Finding) int {
		if c := int(level(b)) - int(level(a)); c != 0 {
			return c
		}
		return preferred(a) - preferred(b)
	})
}

// visiblePlace moves a span that starts behind the final newline to the end of
// the last line: viewers show nothing for a line that a file does not have.
func visiblePlace(s source.Span) source.Span {
	if last := s.File.Lines(); s.Begin().Line > last {
		end := s.File.Line(last).End
		return source.Span{File: s.File, Start: end, End: end}
	}
	return s
}

// home is where the project lives.
const home = "https://github.com/goseaworthy/seaworthy"

// pageURL returns the address of the page of a rule.
func pageURL(id string) string { return home + "/blob/main/docs/rules/" + id + ".md" }
