package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// SetupGoMismatch reports a use of actions/setup-go that sets up another Go than
// it seems to: a version that YAML reads as a number, or one beside a
// go-version-file.
//
// # Why
//
// Without quotes `go-version: 1.20` is the number 1.2, and setup-go looks for Go
// 1.2. With go-version and go-version-file together the first wins, and the file
// is not read.
//
// # Severity
//
//   - error: the version loses a digit
//   - warning: both are given
//
// # Fix
//
// Put the version into quotes; delete one of the two inputs.
//
// # When it is not a problem
//
// A version such as 1.24 is the same as a number. Beside a go-version-file only
// a version that is written down counts, since an expression may be empty.
//
// # References
//
//   - https://github.com/actions/setup-go#readme
//   - src/main.ts of actions/setup-go (resolveVersionInput)
var SetupGoMismatch = &rule.Rule{
	ID:       "module/setup-go-mismatch",
	Title:    "setup-go does not set up the Go that is written",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "ci"},
	Run: func(p *rule.Pass) {
		found := map[source.Span]bool{}
		for _, s := range goenv.Setups.Of(p.Repo) {
			if found[s.Version] {
				continue
			}
			found[s.Version] = true
			f := rule.Finding{At: s.Version}
			if s.Number != "" {
				note := fact.Note{At: s.Version, Text: "is the number " + s.Number}
				f.Severity, f.Proof = rule.Error, fact.Because(note)
				f.Message = fmt.Sprintf("go-version %s without quotes is the number %s, and setup-go looks for Go %s", s.Text, s.Number, s.Number)
				f.Fixes = []rule.Fix{{Title: "put it into quotes", Safe: true, Edits: []source.Edit{{Span: s.Version, New: `"` + s.Text + `"`}}}}
			} else {
				f.Severity = rule.Warning
				f.Proof = fact.Because(fact.Note{At: s.Version, Text: "wins"}, fact.Note{At: s.File, Text: "is not read"})
				f.Message = fmt.Sprintf("go-version %s beside go-version-file: setup-go does not read the file", s.Text)
			}
			p.Report(f)
		}
	},
}
