package service

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ReloadKillsService reports an ExecReload= that sends SIGHUP to a program which
// does not handle it.
//
// # Why
//
// A Go program that does not ask for SIGHUP with signal.Notify is ended by it.
// systemctl reload succeeds, the service is gone, and Restart=on-failure does
// not bring it back, since systemd takes death by SIGHUP for a clean exit.
//
// # Fix
//
// Remove ExecReload=, or handle the signal.
//
// # When it is not a problem
//
// The rule is silent where the program asks for all signals, for signals that
// are not written in the call, or ignores SIGHUP. Packages whose sources are not
// at hand may handle it; where the program itself asks for other signals that is
// taken as unlikely.
//
// # Severity
//
//   - warning: always, since the sources alone do not prove it
//
// # References
//
//   - https://pkg.go.dev/os/signal#hdr-Default_behavior_of_signals_in_Go_programs
//   - systemd.service(5), SuccessExitStatus=
var ReloadKillsService = &rule.Rule{
	ID:       "service/reload-kills-service",
	Title:    "reload sends a signal that ends the program",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "systemd"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind != workload.Unit || !s.Program.Known() || s.Script != nil {
				continue
			}
			for _, set := range s.Unit.All("Service", "ExecReload") {
				commands, _ := s.Unit.Scope.Exec("ExecReload", set.Value, set.ValueAt)
				for _, c := range commands {
					if deaf := doesNotHear(s.Program.Value); sendsHUP(c) && deaf.Known() {
						p.Report(rule.Finding{
							At:      c.At,
							Message: fmt.Sprintf("reload sends SIGHUP, which ends %s", programName(s)),
							Proof:   fact.Because(s.Program, deaf, fact.Note{At: c.At, Text: "sends SIGHUP"}),
							Fixes:   []rule.Fix{{Title: "Remove the line", Edits: []source.Edit{{Span: lines(set.At)}}}},
						})
					}
				}
			}
		}
	},
}

// sendsHUP reports whether a command is kill with SIGHUP for the main process.
func sendsHUP(c systemd.Command) bool {
	if !strings.HasSuffix("/"+c.Path.Text, "/kill") {
		return false
	}
	hup, main := false, false
	for i, a := range c.Args {
		switch a.Text {
		case "-HUP", "-SIGHUP", "-1", "--signal=HUP", "--signal=SIGHUP", "-sHUP":
			hup = true
		case "HUP", "SIGHUP":
			hup = hup || i > 0 && (c.Args[i-1].Text == "-s" || c.Args[i-1].Text == "--signal")
		case "$MAINPID", "${MAINPID}":
			main = true
		}
	}
	return hup && main
}

// doesNotHear is known where a program does not ask for SIGHUP.
func doesNotHear(program *workload.Program) fact.Fact[bool] {
	calls := program.Calls("os/signal", "Notify", "NotifyContext", "Ignore")
	for _, c := range calls {
		if len(c.Args) < 2 && !strings.HasSuffix(c.Func, ".Ignore") || len(c.Args) == 0 {
			return fact.Not[bool]() // all signals
		}
		for i, a := range c.Args {
			if i == 0 && !strings.HasSuffix(c.Func, ".Ignore") {
				continue
			}
			if strings.HasSuffix(a.At.Text(), ".SIGHUP") || !namesSignal(a.At.Text()) {
				return fact.Not[bool]()
			}
		}
	}
	if len(calls) > 0 {
		sure := fact.High
		if !program.Closure.Complete() {
			sure = fact.Medium
		}
		return fact.Of(true, sure, calls[0].Notes("asks for other signals only")...)
	}
	sure := fact.High
	if !program.Closure.Complete() {
		sure = fact.Low
	}
	return fact.Of(true, sure, fact.Note{At: program.Entry(), Text: "asks for no signals"})
}

// namesSignal reports whether an argument is a signal by its name.
func namesSignal(text string) bool {
	for _, prefix := range []string{"syscall.SIG", "unix.SIG", "os.Interrupt", "os.Kill"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}
