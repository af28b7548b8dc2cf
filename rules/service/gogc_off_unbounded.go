package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GOGCOffUnbounded reports a service whose garbage collector never runs.
//
// # Why
//
// GOGC=off, or a negative number, switches the garbage collector off. It runs
// only when the memory comes near GOMEMLIMIT; without that the heap grows until
// the kernel kills the process.
//
// # Fix
//
// Set GOMEMLIMIT to eight tenths of the memory that the service may use.
//
// # When it is not a problem
//
// For a program that ends soon it can be right. Workflows and scripts are not
// judged, and neither are programs that are known to set a limit themselves.
//
// # Severity
//
//   - error: for a server of this repository with a memory limit
//   - warning: for other servers
//   - note: for jobs that run to their end, and for the ENV of an image, which
//     whoever starts it can add to
//
// # References
//
//   - https://go.dev/doc/gc-guide#GOGC
var GOGCOffUnbounded = &rule.Rule{
	ID:       "service/gogc-off-unbounded",
	Title:    "garbage collector is off, and nothing bounds the heap",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "memory"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			gc, limit := s.Getenv(goruntime.GCPercentVar), s.Getenv(goruntime.MemoryLimitVar)
			if !gcOff(gc) || !limit.Known() || limit.Value.Set && limit.Value.Text != "off" && limit.Value.Text != "" || boundsItself(s) {
				continue
			}
			severity := jobSeverity(s, rule.Warning)
			premises := []fact.Premise{limit, gc}
			if hasMemoryLimit(s) && s.Program.Known() && severity == rule.Warning {
				severity = rule.Error
				premises = []fact.Premise{s.Program, s.Memory.Max, limit, gc}
			}
			if s.Kind == workload.Image {
				severity = rule.Note
			}
			p.Report(rule.Finding{
				At:       gc.Value.At,
				Message:  fmt.Sprintf("GOGC=%s switches the garbage collector off, and no GOMEMLIMIT bounds the heap", gc.Value.Text),
				Severity: severity,
				Proof:    fact.Because(premises...),
				Fixes:    bound(s),
			})
		}
	},
}

// boundsItself reports whether the program of a service sets, or may set, a
// memory limit.
func boundsItself(s *workload.Service) bool {
	if !s.Program.Known() {
		return false
	}
	program := s.Program.Value
	return !program.AutoMemLimit().Is(not) || len(program.SetsMemoryLimit()) > 0
}

// bound is the fix that sets GOMEMLIMIT where the limit is known.
func bound(s *workload.Service) []rule.Fix {
	if !hasMemoryLimit(s) || s.Getenv(goruntime.MemoryLimitVar).Value.Set {
		return nil
	}
	return addVariable(s, place(s.Memory.Max), goruntime.MemoryLimitVar, goruntime.FormatLimit(goruntime.Headroom(s.Memory.Max.Value, true)))
}
