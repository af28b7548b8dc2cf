// Package engine runs rules over a repository and settles what they report:
// levels set, overlaps resolved, suppressed, filtered, sorted, each finding
// once.
package engine

import (
	"time"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Options say what to run and what to show.
type Options struct {
	Rules  []*rule.Rule   // all that exist: those that the configuration disables do not run
	Config *config.Config // nil: none
	Audit  bool           // show notes and low confidence too
	Now    time.Time      // the day on which ignores expire
	Under  string         // only what has evidence in this file or folder, relative to the root; "" for all
}

// Result is what a run found.
type Result struct {
	// Findings are sorted by path, offset and rule. Suppressed and hidden ones
	// are marked. Severity is never rule.Default.
	Findings []rule.Finding
	Unjudged []rule.Unjudged
	// Ran are the rules that were asked, sorted as they were given.
	Ran []*rule.Rule
	// Failures are the rules that panicked: bugs of ours.
	Failures []Failure
}

// Run runs the rules, in parallel, and settles their findings.
func Run(r *repo.Repo, o Options) Result {
	if o.Config == nil {
		o.Config = &config.Config{}
	}
	result := Result{Ran: enabled(o.Rules, o.Config)}
	raw := ask(r, result.Ran)
	result.Failures = raw.failures

	findings := dropUnproved(raw.findings)
	findings = dropExcluded(findings, o.Config)
	setLevels(findings, o)
	findings = dropLessSpecific(findings)
	findings = append(findings, suppress(r, findings, o, result)...)
	findings = dropElsewhere(findings, o.Under)
	result.Findings = once(findings)
	result.Unjudged = settleUnjudged(raw.unjudged, o)
	return result
}

// enabled returns the rules that the configuration does not disable.
func enabled(rules []*rule.Rule, c *config.Config) []*rule.Rule {
	var on []*rule.Rule
	for _, r := range rules {
		if !c.Disabled(r.ID) {
			on = append(on, r)
		}
	}
	return on
}
