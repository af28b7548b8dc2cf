package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GOMAXPROCSOverQuota reports a GOMAXPROCS that is larger than the CPU limit of
// the service.
//
// # Why
//
// The runtime takes a number in GOMAXPROCS as it is. With more threads than the
// limit is for, a burst of work uses up the quota of a period of 100 ms early,
// and then the whole process stands still until the next one begins: GOMAXPROCS=8
// under a limit of 2 CPUs can stand still for three quarters of the time.
//
// # Fix
//
// Set it to the limit, rounded up. From Go 1.25 on the runtime does that by
// itself if the variable is not set.
//
// # When it is not a problem
//
// Two threads are not reported under any limit: the runtime itself goes no
// lower.
//
// # Severity
//
//   - warning: for a server
//   - note: for a job that runs to its end
//
// # References
//
//   - runtime/proc.go, schedinit
//   - https://docs.kernel.org/scheduler/sched-bwc.html
var GOMAXPROCSOverQuota = &rule.Rule{
	ID:       "service/gomaxprocs-over-quota",
	Title:    "GOMAXPROCS is larger than the CPU limit",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			quota, limited := limit(s)
			env := s.Getenv(goruntime.MaxProcsVar)
			if !limited || !env.Known() || !env.Value.Set || env.Value.Computed {
				continue
			}
			n, _, ok := goruntime.MaxProcs(env.Value.Text)
			if !ok || n <= goruntime.Fit(quota.Value) {
				continue
			}
			p.Report(rule.Finding{
				At:       env.Value.At,
				Message:  fmt.Sprintf("GOMAXPROCS=%d is more than the limit of %s", n, workload.CPUs(quota.Value)),
				Severity: jobSeverity(s, rule.Warning),
				Proof:    fact.Because(quota, env),
				Fixes:    setTo(env.Value, ceil(quota.Value)),
			})
		}
	},
}

// setTo is the fix that gives a variable another value.
func setTo(v workload.Variable, text string) []rule.Fix {
	edits, ok := replace(v, text)
	if !ok {
		return nil
	}
	return []rule.Fix{{Title: "Write " + text, Safe: true, Edits: edits}}
}
