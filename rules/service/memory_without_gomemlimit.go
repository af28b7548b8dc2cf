package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// MemoryWithoutGOMEMLIMIT reports a memory limit that the garbage collector does
// not know of.
//
// # Why
//
// No release of Go looks at the memory limit of its cgroup. Without GOMEMLIMIT
// the collector lets the heap grow to twice what is in use, whatever the limit
// is: a program whose live heap is half of the limit is killed. Measured with
// limits of 64 MiB, 256 MiB and 1 GiB, such a program was killed in every case
// without GOMEMLIMIT, and in none with 70 to 85 % of the limit; with 90 % it was
// killed at 64 MiB only.
//
// # Fix
//
// Set GOMEMLIMIT to nine tenths of the limit, and at least 16 MiB below it, or
// import github.com/KimMachineGun/automemlimit.
//
// Manifests that run one program under one name with one limit, as those of
// several releases do, are reported together, at the first.
//
// # When it is not a problem
//
// A program whose memory stays far below its limit does not need it. The rule is
// silent where the program uses automemlimit or debug.SetMemoryLimit, and for go
// lines below 1.19, whose runtime may not know the variable.
//
// # Severity
//
//   - warning: for a server with less than 512 MiB
//   - note: for others
//
// # References
//
//   - https://go.dev/doc/gc-guide#Memory_limit
//   - https://go.dev/issue/75164
var MemoryWithoutGOMEMLIMIT = &rule.Rule{
	ID:       "service/memory-without-gomemlimit",
	Title:    "memory limit without GOMEMLIMIT",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "memory"},
	Run: func(p *rule.Pass) {
		var found repeats
		for _, s := range workload.Services.Of(p.Repo) {
			limit := s.Memory.Max
			env := s.Getenv(goruntime.MemoryLimitVar)
			if !hasMemoryLimit(s) || !s.Program.Known() || !env.Known() || env.Value.Set || gcOff(s.Getenv(goruntime.GCPercentVar)) {
				continue
			}
			program := s.Program.Value
			if !program.AutoMemLimit().Is(not) || len(program.SetsMemoryLimit()) > 0 || !program.Release().Is(knowsMemoryLimit) {
				continue
			}
			severity := jobSeverity(s, rule.Warning)
			if limit.Value >= 512<<20 {
				severity = rule.Note
			}
			var fixes []rule.Fix
			if limit.Value >= 64<<20 { // below, what room the runtime needs is not measured
				fixes = addVariable(s, place(limit), goruntime.MemoryLimitVar, goruntime.FormatLimit(goruntime.Headroom(limit.Value, false)))
			}
			found.add(s, limit.Value, rule.Finding{
				At:       place(limit),
				Message:  fmt.Sprintf("the garbage collector of %s does not know of this limit of %s", programName(s), workload.Bytes(limit.Value)),
				Severity: severity,
				Proof:    fact.Because(s.Program, env, limit),
				Fixes:    fixes,
			})
		}
		found.report(p)
	},
}

func knowsMemoryLimit(minor int) bool { return minor >= 19 }
