// Package rule holds the vocabulary of rules: what a rule is, what it reports,
// and how a finding can be mended.
package rule

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Severity says how bad a hazard is.
type Severity uint8

// The severities, in order. The zero value means "the rule's own".
const (
	Default Severity = iota
	Note             // worth knowing
	Warning          // it degrades, or breaks under a condition the repository does not settle
	Error            // it does not build, start or stay up, or a security check is broken
)

// String returns the severity as reports and options write it.
func (s Severity) String() string {
	return [...]string{"default", "note", "warning", "error"}[s]
}

// ParseSeverity is the inverse of String, without "default".
func ParseSeverity(s string) (Severity, error) {
	for _, sev := range []Severity{Note, Warning, Error} {
		if s == sev.String() {
			return sev, nil
		}
	}
	return Default, fmt.Errorf("%q is not a severity: error, warning or note", s)
}

// Rule names one hazard and finds it.
type Rule struct {
	ID       string   // family/name in kebab-case, names the hazard
	Title    string   // one line, no full stop
	Severity Severity // the highest it can give
	Since    string   // the version that brought it
	Tags     []string
	// Run reports every instance of the hazard. It returns no error: all it
	// touches is in memory, syntax problems are findings, bugs panic. The engine
	// itself reports the rules that have no Run (those about ignores).
	Run func(*Pass)
}

// Family returns the part of the ID before the slash.
func (r *Rule) Family() string {
	family, _, _ := strings.Cut(r.ID, "/")
	return family
}

// Pass is one run of one rule over one repository.
type Pass struct {
	Repo *repo.Repo
	// Report takes a finding. One whose confidence is unknown is dropped: an
	// unknown premise never fires a rule.
	Report func(Finding)
	// Unjudged takes what could not be decided and what would let us decide it.
	// Silence must never look like approval.
	Unjudged func(Unjudged)
}

// Finding is a hazard at a place, with its proof.
type Finding struct {
	At       source.Span // the token whose edit or failure the message names
	Message  string      // what is wrong here, with the names in it; no rule ID, no advice, no full stop
	Severity Severity    // zero: the rule's; otherwise lower than the rule's
	fact.Proof
	// Result is what people will see when it goes wrong, with the error text they
	// will search for; empty where there is none.
	Result  string
	Related []fact.Note // worth a look, not part of the proof
	Fixes   []Fix       // alternatives, first preferred

	Rule        *Rule        // set by the engine
	Suppression *Suppression // set by the engine
	Hidden      bool         // set by the engine: below the profile's threshold
	Known       bool         // set by the command line: the base that is compared with has it too
}

// Fix is a set of edits that go together, all or none, over one or more files.
type Fix struct {
	Title string // an imperative
	Safe  bool   // it removes the hazard and changes nothing else that is known
	Edits []source.Edit
}

// Suppression says who silenced a finding and why.
type Suppression struct {
	At     source.Span // the comment, or the entry of the configuration; zero for a baseline
	Rules  []string
	Reason string
}

// Unjudged is a place that seaworthy could not judge.
type Unjudged struct {
	At   source.Span
	Text string // what is unknown
	Hint string // what would settle it; may be empty
}
