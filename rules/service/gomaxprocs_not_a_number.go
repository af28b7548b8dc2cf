package service

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GOMAXPROCSNotANumber reports a value of GOMAXPROCS that the Go runtime
// ignores.
//
// # Why
//
// The runtime takes GOMAXPROCS if it is a whole number from 1 to 2147483647 and
// nothing else. Any other value it ignores without a message, and chooses by
// itself: neither systemd nor Docker nor Kubernetes runs a command for it, so
// that `nproc` stays a word. The variable has no effect then, except that
// go.uber.org/automaxprocs does nothing where it is set at all.
//
// # Fix
//
// Remove the variable, or write a number.
//
// # When it is not a problem
//
// An empty value is not reported: it means that the variable is not set. Values
// with variables or placeholders in them are not judged. A sign in front counts
// from Go 1.26 on.
//
// # References
//
//   - runtime/proc.go, schedinit
//   - https://pkg.go.dev/runtime#hdr-Environment_Variables
var GOMAXPROCSNotANumber = &rule.Rule{
	ID:       "service/gomaxprocs-not-a-number",
	Title:    "GOMAXPROCS is no number, and so it is ignored",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		for _, a := range assignments(p.Repo, goruntime.MaxProcsVar) {
			v := a.Variable.Value
			_, signed, ok := goruntime.MaxProcs(v.Text)
			if v.Text == "" || ok && (!signed || builtSince(a, goruntime.SignSince)) {
				continue
			}
			why := "is no number from 1 on"
			if ok {
				why = "is ignored before Go 1.26, because of its sign"
			}
			f := rule.Finding{
				At:      v.At,
				Message: fmt.Sprintf("GOMAXPROCS=%s %s: the runtime ignores it", v.Text, why),
				Proof:   fact.Because(a.Variable),
			}
			if edits, ok := dropLine(v, goruntime.MaxProcsVar); ok {
				f.Fixes = []rule.Fix{{Title: "Remove the line", Safe: !usesAutoMaxProcs(a), Edits: edits}}
			}
			p.Report(f)
		}
	},
}

// usesAutoMaxProcs reports whether a program that gets a value may use
// automaxprocs, which does nothing where GOMAXPROCS is set, whatever it is.
func usesAutoMaxProcs(a *workload.Assignment) bool {
	for _, s := range a.Services {
		if s.Program.Known() && !s.Program.Value.AutoMaxProcs().Is(not) {
			return true
		}
	}
	return false
}

// dropLine is the edit that removes the line of a unit or environment file which
// gives a variable its value and says nothing else.
func dropLine(v workload.Variable, name string) ([]source.Edit, bool) {
	l := lines(v.At)
	text := strings.TrimSpace(l.Text())
	for _, form := range []string{"Environment=%s=%s", "Environment=\"%s=%s\"", "Environment='%s=%s'"} {
		if text == fmt.Sprintf(form, name, v.Text) {
			return []source.Edit{{Span: l}}, true
		}
	}
	return nil, false
}
