package service

import (
	"fmt"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ShellWrapperNoExec reports a unit whose shell stays above the program that it
// starts.
//
// # Why
//
// The shell is the main process then. On stop systemd sends SIGTERM to both; the
// shell dies at once, and systemd, which sees its main process gone, sends
// SIGTERM a second time. A program that drains on the first and dies of the
// second is cut off. With KillMode=process it goes on running after the stop.
// READY=1 of the program is refused, since it does not come from the main
// process.
//
// # Fix
//
// Put exec in front of the program.
//
// # When it is not a problem
//
// The rule is silent for bash -c, which executes the last command in its place,
// where the program is not the last command, and for
// units that run to their end. dash keeps running for -c as well.
//
// # Severity
//
//   - error: with Type=notify, unless NotifyAccess= lets others speak
//   - warning: else
//
// # References
//
//   - systemd.kill(5), systemd.service(5) NotifyAccess=
var ShellWrapperNoExec = &rule.Rule{
	ID:       "service/shell-wrapper-no-exec",
	Title:    "shell stays above the program that it starts",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "systemd"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || s.Script == nil || !s.Program.Known() || len(s.Runs) == 0 || s.OneShot.Is(is) {
				continue
			}
			last := s.Runs[len(s.Runs)-1]
			if slices.Contains(last.Via, "exec") || last.Conditional || last.PipedInto || last.Substituted || !starts(s, last) || replacesItself(s) {
				continue
			}
			at := last.Words[0].At
			p.Report(rule.Finding{
				At:       at,
				Message:  fmt.Sprintf("the shell of %s stays above %s, which it starts without exec", s.Name, programName(s)),
				Severity: wrapperSeverity(s.Unit),
				Proof:    fact.Because(s.Program, fact.Note{At: at, Text: "runs as a child of the shell"}),
				Fixes:    []rule.Fix{{Title: "Insert exec", Safe: true, Edits: []source.Edit{{Span: at.File.Span(at.Start, at.Start), New: "exec "}}}},
			})
		}
	},
}

// starts reports whether a command is the program of a service.
func starts(s *workload.Service, run commands.Ran) bool {
	why := s.Program.Why
	return len(why) > 0 && run.Words[0].At.Len() > 0 && why[len(why)-1].At.Contains(run.Words[0].At)
}

// replacesItself reports whether a shell may execute the program in its place
// without being told to: bash does for the last command behind -c.
func replacesItself(s *workload.Service) bool {
	return s.Script.Inline && s.Script.Dialect == shell.Bash
}

func wrapperSeverity(u *systemd.Unit) rule.Severity {
	kind, access := u.Last("Service", "Type"), u.Last("Service", "NotifyAccess")
	if kind != nil && (kind.Value.Text == "notify" || kind.Value.Text == "notify-reload") && (access == nil || access.Value.Text == "main") {
		return rule.Error
	}
	return rule.Warning
}
