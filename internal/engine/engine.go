// Package engine runs rules over a repository and settles what they report:
// suppressed, configured, filtered, sorted, each finding once.
package engine

import (
	"time"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Options say what to run and what to show.
type Options struct {
	Rules []*rule.Rule
	Audit bool      // show notes and low confidence too
	Now   time.Time // the day on which ignores expire
	Under string    // show only what has evidence below this folder; "" for all
}

// Result is what a run found.
type Result struct {
	Findings []rule.Finding
	Unjudged []rule.Unjudged
}

// Run runs the rules, in parallel, and settles their findings.
func Run(r *repo.Repo, o Options) Result {
	panic("to be written")
}
