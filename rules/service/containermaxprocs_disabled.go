package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// ContainerMaxProcsDisabled reports a GODEBUG setting that keeps the Go runtime
// from looking at the CPU limit that the service has.
//
// # Why
//
// From Go 1.25 on the runtime chooses GOMAXPROCS by the CPU quota of its cgroup.
// `containermaxprocs=0` switches that off, in the environment, in a godebug line
// of go.mod or go.work, or in a //go:debug line of the main package. So does a
// default of an older release, `godebug default=go1.24`. The program then runs on
// all CPUs of the machine, and its bursts are throttled.
//
// # Fix
//
// Remove the setting, or set GOMAXPROCS to the limit.
//
// # When it is not a problem
//
// The rule is silent where the program sets GOMAXPROCS itself, uses
// go.uber.org/automaxprocs, or can run on no more CPUs than the limit is for.
//
// # Severity
//
//   - warning: for a server
//   - note: for a job that runs to its end
//
// # References
//
//   - https://go.dev/doc/godebug#go-125
//   - cmd/go/internal/load/godebug.go, defaultGODEBUG
var ContainerMaxProcsDisabled = &rule.Rule{
	ID:       "service/containermaxprocs-disabled",
	Title:    "GODEBUG keeps the Go runtime from looking at the CPU limit",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			quota, limited := limit(s)
			if !limited || !s.SwitchedOff() || !setsNothing(p, s, quota) || fewCPUs(s, quota.Value) {
				continue
			}
			aware := s.Aware()
			p.Report(rule.Finding{
				At: place(aware),
				Message: fmt.Sprintf("%s keeps %s from looking at its limit of %s",
					place(aware).Text(), programName(s), workload.CPUs(quota.Value)),
				Severity: jobSeverity(s, rule.Warning),
				Proof:    fact.Because(s.Program, quota, s.Getenv(goruntime.MaxProcsVar), aware),
			})
		}
	},
}
