package service

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
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
// it as a child. The go command passes no signals on. In a container, where it is
// the first process, SIGTERM ends it, and the program is killed with it without
// having heard of the signal. systemd sends SIGTERM to all processes of a unit,
// but the main process, to which ExecReload= sends its signal, is the go command.
// It is also the only one from which systemd takes READY=1, so that a unit with
// Type=notify never gets ready. Whatever exit code the program has becomes 1.
//
// # Fix
//
// Build the program beforehand and start the file.
//
// # When it is not a problem
//
// For development it is convenient: what is only run by hand is not a service. The
// rule is silent for images into which nothing is copied, since their sources are
// mounted, and for those whose Dockerfile has dev, test, e2e, ci, local or debug in
// its name. What lies below .github is only run by workflows.
//
// # Severity
//
//   - warning: always
//
// # References
//
//   - cmd/go/internal/base/signal.go
//   - https://pkg.go.dev/cmd/go#hdr-Compile_and_run_Go_program
var GoRunInService = &rule.Rule{
	ID:       "service/go-run-in-service",
	Title:    "service is started with go run",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			if s.Kind == workload.Image && forDevelopment(s.Stage) || strings.HasPrefix(s.At.File.Path, ".github/") {
				continue
			}
			for _, run := range s.Runs {
				if !isGoCommand(run) || len(run.Words) < 2 || run.Words[1].Text != "run" || run.Conditional {
					continue
				}
				at := commandAt(run)
				p.Report(rule.Finding{
					At:      at,
					Message: started(s) + " is started with go run, which passes no signals on",
					Proof:   fact.Note{At: at, Text: "starts the program as a child"}.Proof(),
				})
			}
		}
	},
}

// forDevelopment reports whether an image is only for those who work on the
// program.
func forDevelopment(st *buildplan.Stage) bool {
	copies := false
	for base := st; base != nil; base = base.Base {
		copies = copies || len(base.Transfers) > 0 || len(base.Opaque) > 0
	}
	return !copies || development.MatchString(strings.ToLower(path.Base(st.Plan.File.Source.Path)))
}

var development = regexp.MustCompile(`\b(dev|devel|development|tests?|testing|e2e|ci|local|debug)\b`)

// started names a service for a message.
func started(s *workload.Service) string {
	if s.Kind == workload.Image {
		return "the image of " + s.Stage.Plan.File.Source.Path
	}
	return fmt.Sprint(s.Kind, " ", s.Name)
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
