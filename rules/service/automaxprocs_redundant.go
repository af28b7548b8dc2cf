package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// AutomaxprocsRedundant reports an import of automaxprocs in a program whose
// runtime looks at the CPU limit by itself.
//
// # Why
//
// From Go 1.25 on the runtime chooses GOMAXPROCS by the CPU quota, for programs
// with a go line of 1.25 or higher. go.uber.org/automaxprocs does the same once,
// at the start, and less well: it rounds a limit of 2.5 CPUs down to 2, does not
// look at the CPUs that the process may run on, and switches off the runtime's
// following of a limit that changes.
//
// # Fix
//
// Remove the import, and the requirement with `go mod tidy`.
//
// # When it is not a problem
//
// A library that is also used by modules with older go lines may want it; the
// rule looks at programs only.
//
// # References
//
//   - https://go.dev/doc/go1.25#container-aware-gomaxprocs
//   - https://github.com/uber-go/automaxprocs
var AutomaxprocsRedundant = &rule.Rule{
	ID:       "service/automaxprocs-redundant",
	Title:    "automaxprocs does what the runtime does by itself",
	Severity: rule.Note,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		seen := map[source.Span]bool{}
		for _, program := range workload.Programs.Of(p.Repo).All() {
			steps, ok := program.Imports(workload.AutoMaxProcs)
			aware := program.Aware()
			if !ok || !program.Direct(steps) || !aware.Is(is) {
				continue
			}
			at := steps[len(steps)-1].At
			if seen[at] {
				continue
			}
			seen[at] = true
			f := rule.Finding{
				At:      at,
				Message: "automaxprocs sets what the runtime chooses by itself, and keeps it from following a limit that changes",
				Proof:   fact.Because(aware, fact.Note{At: at, Text: "imports it"}),
			}
			if l := lines(at); strings.TrimSpace(l.Text()) == "_ "+at.Text() || strings.TrimSpace(l.Text()) == "import _ "+at.Text() {
				f.Fixes = []rule.Fix{{Title: "Remove the import", Edits: []source.Edit{{Span: l}}}}
			}
			p.Report(f)
		}
	},
}
