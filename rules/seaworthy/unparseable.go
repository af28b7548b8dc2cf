package seaworthy

import (
	"regexp"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Unparseable reports a file that does not follow its format, once, at the
// first place that does not. What stands behind that place may not have been
// understood, so nothing is said about it; the rest of the run goes on.
//
// go.mod, go.work and go.sum have rules of their own (module/gomod-invalid,
// module/work-invalid, module/gosum-malformed), because the go command refuses
// the whole module for them.
//
// # Why
//
// A file that seaworthy cannot read is usually one that its own program cannot
// read either: a build or a deployment fails on it, or a part of it is ignored
// without a word. Where seaworthy is wrong about a format, that is a bug of
// seaworthy, and the finding is how it comes to light.
//
// # Fix
//
// Mend the place. A file that only looks like the format its name promises can
// be left out in .seaworthy.toml:
//
//	exclude = ["docs/Dockerfile.example"]
//
// # When it is not a problem
//
// Where the first such place is what a program fills in, such as ${LABELS} on a
// line of its own, the file is a template, and nothing is said.
var Unparseable = &rule.Rule{
	ID:       "seaworthy/unparseable",
	Title:    "file does not follow its format",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Run: func(p *rule.Pass) {
		seen := map[*source.File]bool{}
		for _, problem := range repo.Problems.Of(p.Repo) {
			f := problem.At.File
			if seen[f] || ownRule(p.Repo.KindOf(f.Path)) {
				continue
			}
			seen[f] = true
			if filledIn.MatchString(problem.At.Text()) {
				continue
			}
			p.Report(finding(problem.At, problem.Text, "the rest of the file may not be judged"))
		}
	},
}

// filledIn matches what a program replaces before the file is read.
var filledIn = regexp.MustCompile(`^(\$\{?[A-Za-z_]|\{\{|\{%|<%|@[A-Za-z_]+@|__[A-Z])`)

func ownRule(k repo.Kind) bool {
	return k == repo.GoMod || k == repo.GoWork || k == repo.GoSum || k == repo.GoWorkSum
}

// finding returns a finding that is its own proof.
func finding(at source.Span, message, note string) rule.Finding {
	return rule.Finding{At: at, Message: message, Proof: fact.Note{At: at, Text: note}.Proof()}
}
