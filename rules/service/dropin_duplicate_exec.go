package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// DropinDuplicateExec reports a second ExecStart= in a service that is not
// Type=oneshot, most often in a drop-in that was meant to replace the first.
//
// # What you see
//
//	app.service: Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.
//	Unit app.service has a bad unit file setting.
//
// # Why
//
// ExecStart= is a list, and a drop-in is read after the unit: its ExecStart= is
// added to the one that is there. An empty ExecStart= empties the list.
//
// # Fix
//
// Put an empty ExecStart= in front of the new one.
//
// # Severity
//
// - error: both lines are in the repository
// - warning: only the drop-in is, and what the service itself has is inferred (low confidence)
//
// # When it is not a problem
//
// Type=oneshot runs all commands one after another.
//
// # References
//
// systemd.service(5), ExecStart=; service_verify in src/core/service.c.
var DropinDuplicateExec = &rule.Rule{
	ID:       "service/dropin-duplicate-exec",
	Title:    "a second ExecStart= is added, not replaced",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, u := range judgedUnits(p) {
			if systemd.TypeOf(u.Name) == "service" && u.Refused == nil {
				duplicateExec(p, u)
			}
		}
	},
}

// execStart is a command of ExecStart= that counts.
type execStart struct {
	setting *systemd.Setting
	at      source.Span
}

func duplicateExec(p *rule.Pass, u *systemd.Unit) {
	kind := u.Last("Service", "Type")
	if kind != nil && (kind.Value.Text == "oneshot" || kind.Verdict.Outcome != systemd.Accepted) {
		return
	}
	var all []execStart
	for _, s := range u.All("Service", "ExecStart") {
		commands, _ := u.Scope.Exec("ExecStart", s.Value, s.ValueAt)
		for _, c := range commands {
			all = append(all, execStart{s, c.At})
		}
	}
	switch {
	case len(all) > 1:
		p.Report(secondExec(u, kind, all[0], all[1]))
	case len(all) == 1 && u.Main == nil && kind == nil && !isReset(u) && strings.Contains(u.Name, ".") && !strings.HasSuffix(u.Name, "-.service"):
		f := onLine(all[0].at, "the service that this belongs to is not in the repository; it most likely has an ExecStart= already",
			"ExecStart= adds to the one of %s, which must be emptied first", u.Name)
		f.Confidence = fact.Low
		f.Fixes = reset(all[0].setting)
		p.Report(f)
	}
}

// isReset reports whether an empty ExecStart= stands in front of the others.
func isReset(u *systemd.Unit) bool {
	for _, s := range u.History("Service", "ExecStart") {
		if s.Value.Text == "" {
			return true
		}
	}
	return false
}

func secondExec(u *systemd.Unit, kind *systemd.Setting, first, second execStart) rule.Finding {
	premises := []fact.Premise{fact.Note{At: first.at, Text: "the service has a command already"}}
	if kind != nil {
		premises = append(premises, fact.Note{At: kind.At, Text: "a service of this type can have one only"})
	}
	premises = append(premises, fact.Note{At: second.at, Text: "this one is added"})
	f := rule.Finding{
		At:      second.at,
		Message: "ExecStart= of " + u.Name + " has a second command, for which systemd refuses the service",
		Result:  u.Name + ": Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.",
		Proof:   fact.Because(premises...),
	}
	if second.setting.File != first.setting.File {
		f.Fixes = reset(second.setting)
	}
	return f
}

// reset puts an empty ExecStart= in front of a setting.
func reset(s *systemd.Setting) []rule.Fix {
	return []rule.Fix{{Title: "Empty ExecStart= first", Safe: true, Edits: []source.Edit{insertBefore(s.At, "ExecStart=")}}}
}
