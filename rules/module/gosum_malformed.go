package module

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// GosumMalformed reports a line of go.sum or go.work.sum at which the go
// command gives up: one that is neither empty nor three words.
//
// # Why
//
// Such a line is what a merge leaves ("<<<<<<< HEAD", "======="), a comment, or
// half a line. The go command reads the whole file before it loads the first
// module, and stops at the first bad line. In a workspace it reads the files of
// all members.
//
// # Fix
//
// Remove the line, or take both sides of a merge and run "go mod tidy": it is
// the only command that passes over such lines.
//
// # Severity
//
//   - error: nothing that needs a module can be built
//   - warning: the vendor folder is in effect, so that only "go mod" commands
//     read the file, or nothing is required
//
// # When it is not a problem
//
// Empty lines, blanks around a line, carriage returns and lines that are there
// twice do no harm. Nothing is checked about the three words of a line.
//
// # References
//
// cmd/go/internal/modfetch/fetch.go, readGoSum
var GosumMalformed = &rule.Rule{
	ID:       "module/gosum-malformed",
	Title:    "go.sum holds a line that the go command refuses",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.sum"},
	Run: func(p *rule.Pass) {
		for _, s := range sums(p.Repo) {
			if len(s.Problems) == 0 {
				continue
			}
			p.Report(malformed(s, severityOf(s, gomodule.Modules.Of(p.Repo))))
		}
	},
}

func malformed(s *gomod.Sum, severity rule.Severity) rule.Finding {
	problem := s.Problems[0]
	at := trimmed(problem.At)
	message := fmt.Sprintf("%q is no line of %s: %s, not 3", shorten(at.Text()), s.Source.Path, problem.Text)
	if n := len(s.Problems); n > 1 {
		message += fmt.Sprintf(", and %d more such lines", n-1)
	}
	return rule.Finding{
		At: at, Severity: severity, Message: message,
		Proof:  fact.Note{At: at, Text: "the go command stops here"}.Proof(),
		Result: fmt.Sprintf("malformed go.sum:\n%s:%d: %s", s.Source.Path, at.Begin().Line, problem.Text),
		Fixes:  withoutMarkers(s),
	}
}

// severityOf is that of a bad line: nothing reads the file where the modules it
// serves are vendored or require nothing.
func severityOf(s *gomod.Sum, modules []*gomodule.Module) rule.Severity {
	for _, m := range modules {
		if m.Sum == s && (m.Mode == gomodule.Alone || m.Mode == gomodule.Workspace) && len(m.Mod.Requires) > 0 {
			return rule.Error
		}
		if m.Work != nil && m.Work.Sum == s && m.Mode == gomodule.Workspace && len(m.Mod.Requires) > 0 {
			return rule.Error
		}
	}
	return rule.Warning
}

// withoutMarkers removes the markers of a merge, where they are all that is
// wrong: the order of lines means nothing, and hashes of versions that are not
// used do no harm. It is not offered where two hashes of one key would remain.
func withoutMarkers(s *gomod.Sum) []rule.Fix {
	var edits []source.Edit
	for _, problem := range s.Problems {
		if !isMarker(problem.At.Text()) {
			return nil
		}
		edits = append(edits, deleteLine(problem.At))
	}
	if len(s.Conflicts) > 0 {
		return nil
	}
	for _, e := range s.Entries {
		if strings.HasPrefix(e.Path, "<<<<<<<") || strings.HasPrefix(e.Path, ">>>>>>>") {
			return nil
		}
	}
	return []rule.Fix{{Title: "keep both sides of the merge", Safe: true, Edits: edits}}
}

func isMarker(line string) bool {
	return slices.ContainsFunc([]string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"}, func(m string) bool { return strings.HasPrefix(line, m) })
}

func trimmed(at source.Span) source.Span {
	text := at.Text()
	start := len(text) - len(strings.TrimLeft(text, " \t"))
	return at.Sub(start, len(strings.TrimRight(text, " \t\r")))
}

// shorten keeps messages readable where a line is not.
func shorten(text string) string {
	if len(text) > 40 {
		return text[:37] + "..."
	}
	return text
}
