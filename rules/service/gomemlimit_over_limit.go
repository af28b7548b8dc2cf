package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GOMEMLIMITOverLimit reports a GOMEMLIMIT that is not below the memory limit of
// the service.
//
// # Why
//
// GOMEMLIMIT makes the garbage collector work harder before the memory of the
// process reaches it. It has to leave room: the limit of the cgroup also counts
// the program file, memory of C libraries and of the kernel. Where it is the
// limit itself, or above, the kernel kills the process before the collector
// does anything about it.
//
// # Fix
//
// Set it to nine tenths of the limit, and at least 16 MiB below it; with GOGC=off
// to eight tenths.
//
// # When it is not a problem
//
// A limit that is a share of the machine's memory is not known.
//
// # Severity
//
//   - error: it is not below the hard limit (MemoryMax=, limits.memory, mem_limit)
//   - warning: only below MemoryHigh= it is not, where the kernel throttles
//     instead of killing
//
// # References
//
//   - https://go.dev/doc/gc-guide#Memory_limit
var GOMEMLIMITOverLimit = &rule.Rule{
	ID:       "service/gomemlimit-over-limit",
	Title:    "GOMEMLIMIT is not below the memory limit",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "memory"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			env := s.Getenv(goruntime.MemoryLimitVar)
			if !env.Known() || !env.Value.Set || env.Value.Computed {
				continue
			}
			n, _, ok := goruntime.MemoryLimit(env.Value.Text)
			if !ok || n == goruntime.NoLimit {
				continue
			}
			limit, severity := s.Memory.Max, rule.Error
			if !limit.Known() || n < limit.Value {
				limit, severity = s.Memory.High, rule.Warning
			}
			if !limit.Known() || n < limit.Value {
				continue
			}
			off := s.Getenv(goruntime.GCPercentVar)
			p.Report(rule.Finding{
				At:       env.Value.At,
				Message:  fmt.Sprintf("GOMEMLIMIT=%s is not below the limit of %s", env.Value.Text, workload.Bytes(limit.Value)),
				Severity: severity,
				Proof:    fact.Because(limit, env),
				Fixes:    setTo(env.Value, goruntime.FormatLimit(goruntime.Headroom(limit.Value, gcOff(off)))),
			})
		}
	},
}

// gcOff reports whether GOGC is known to switch the collector off.
func gcOff(f fact.Fact[workload.Variable]) bool {
	if !f.Known() || !f.Value.Set {
		return false
	}
	n, _, ok := goruntime.GCPercent(f.Value.Text)
	return ok && n < 0
}
