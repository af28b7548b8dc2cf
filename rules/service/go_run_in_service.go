package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GoRunInService reports a service that is started with go run.
//
// # Why
//
// go run compiles the program at every start, which needs the toolchain, the
// sources, the modules and a build cache where the service runs, and then starts
// it as a child. The go command handles SIGINT and SIGQUIT only: SIGTERM ends
// it, and the program lives on without having heard of it. Whatever exit code
// the program has becomes 1. systemd takes READY=1 from the main process only,
// which is the go command, so that a unit with Type=notify never gets ready.
//
// # Fix
//
// Build the program beforehand and start the file.
//
// # When it is not a problem
//
// For development it is convenient: what is only run by hand is not a service.
//
// # Severity
//
//   - error: in a unit
//   - warning: in a unit that runs to its end, in Compose files, manifests and
//     images
//
// # References
//
//   - cmd/go/internal/base/signal.go
//   - https://pkg.go.dev/cmd/go#hdr-Compile_and_run_Go_program
var GoRunInService = &rule.Rule{
	ID:       "service/go-run-in-service",
	Title:    "service is started with go run",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			for _, run := range s.Runs {
				if !isGoCommand(run) || len(run.Words) < 2 || run.Words[1].Text != "run" || run.Conditional {
					continue
				}
				severity := rule.Warning
				if s.Kind == workload.Unit && !s.OneShot.Is(is) {
					severity = rule.Error
				}
				at := commandAt(run)
				p.Report(rule.Finding{
					At:       at,
					Message:  fmt.Sprintf("%s %s is started with go run, which passes no signals on", s.Kind, s.Name),
					Severity: severity,
					Proof:    fact.Note{At: at, Text: "starts the program as a child"}.Proof(),
				})
			}
		}
	},
}

// isGoCommand reports whether a command is the go command.
func isGoCommand(run commands.Ran) bool { return run.Name() == "go" }

// commandAt is the place of the go command and its verb.
func commandAt(run commands.Ran) source.Span {
	at := run.Words[0].At
	if verb := run.Words[1].At; verb.File == at.File {
		return at.Cover(verb)
	}
	return at
}
