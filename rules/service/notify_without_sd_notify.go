package service

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// NotifyWithoutSdNotify reports a unit of Type=notify whose program never says
// that it is ready.
//
// # Why
//
// With Type=notify systemd waits until the program writes READY=1 to the socket
// named by NOTIFY_SOCKET. A program that does not is killed after
// TimeoutStartSec=, 90 seconds by default, and with Restart= that goes on for
// ever.
//
// # Fix
//
// Use Type=exec, or send READY=1, with daemon.SdNotify of
// github.com/coreos/go-systemd/v22/daemon for example.
//
// # When it is not a problem
//
// The rule is silent where a source at hand mentions NOTIFY_SOCKET, where the
// program imports, or its module requires, a module for it, and where the unit
// or its scripts call systemd-notify.
//
// # References
//
//   - sd_notify(3), systemd.service(5)
var NotifyWithoutSdNotify = &rule.Rule{
	ID:       "service/notify-without-sd-notify",
	Title:    "unit waits for a program that never says it is ready",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "systemd"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || !s.Program.Known() {
				continue
			}
			kind := s.Unit.Last("Service", "Type")
			if kind == nil || kind.Value.Text != "notify" && kind.Value.Text != "notify-reload" || callsNotify(s) {
				continue
			}
			program := s.Program.Value
			if program.Mentions("NOTIFY_SOCKET") || notifyModule(program) {
				continue
			}
			sure := fact.High
			if !program.Closure.Complete() {
				sure = fact.Medium
			}
			silent := fact.Of(true, sure, fact.Note{At: program.Entry(), Text: "nothing that it imports sends READY=1"})
			p.Report(rule.Finding{
				At:      kind.ValueAt,
				Message: fmt.Sprintf("Type=%s waits for READY=1, which %s never sends", kind.Value.Text, programName(s)),
				Proof:   fact.Because(s.Program, silent, fact.Note{At: kind.ValueAt, Text: "waits for READY=1"}),
				Result:  s.Name + ": start operation timed out. Terminating.",
				Fixes:   []rule.Fix{{Title: "Write Type=exec", Safe: true, Edits: []source.Edit{{Span: kind.ValueAt, New: "exec"}}}},
			})
		}
	},
}

// callsNotify reports whether a unit itself leads to systemd-notify.
func callsNotify(s *workload.Service) bool {
	for _, set := range s.Unit.Settings() {
		if set.Section == "Service" && strings.Contains(set.Value.Text, "systemd-notify") {
			return true
		}
	}
	return s.Script != nil && strings.Contains(s.Script.Text.Text, "systemd-notify")
}

// notifyPath is what modules for the notification are called.
var notifyPath = regexp.MustCompile(`(?i)systemd|sd-?_?notify|sd-?_?daemon`)

// notifyModule reports whether a program imports, or its module requires, what
// may send the notification.
func notifyModule(program *workload.Program) bool {
	for importPath := range program.Closure.Missing {
		if notifyPath.MatchString(importPath) {
			return true
		}
	}
	for _, pkg := range program.Closure.Packages {
		if notifyPath.MatchString(pkg.Path) {
			return true
		}
	}
	m := program.Main.Module
	if m == nil {
		return true
	}
	for _, req := range m.Mod.Requires {
		if notifyPath.MatchString(req.Path.Text) {
			return true
		}
	}
	return false
}
