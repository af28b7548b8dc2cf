package service

import (
	"fmt"
	"strconv"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// CPUQuotaOnParent reports a CPU limit that stands on a slice or pod, where the
// Go runtime does not see it.
//
// # Why
//
// From Go 1.25 on the runtime chooses GOMAXPROCS by the CPU quota of the cgroup
// that the process is in. It does not look at the cgroups above, to whose quotas
// the process is held all the same: a unit in a slice with CPUQuota=200% and
// without one of its own runs on all CPUs of the machine. Its bursts are
// throttled then.
//
// # Fix
//
// Give the service the limit as well, or set GOMAXPROCS.
//
// # When it is not a problem
//
// The rule is silent where the program sets GOMAXPROCS itself or can run on no
// more CPUs than the limit is for. With the older hierarchy of cgroups (v1)
// systemd gives the limit of a slice to the units in it, and the runtime sees it.
// A program with a go line below 1.25 does not look at any limit, which
// service/cpu-quota-ignored reports.
//
// # Severity
//
//   - warning: for a server
//   - note: for a job that runs to its end
//
// # References
//
//   - runtime/cgroup_linux.go: "only the leaf cgroup"
//   - https://go.dev/issue/81180
var CPUQuotaOnParent = &rule.Rule{
	ID:       "service/cpu-quota-on-parent",
	Title:    "CPU limit stands where the Go runtime does not see it",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		for _, s := range workload.Services.Of(p.Repo) {
			parent, limited := limit(s)
			aware := s.Aware()
			if !limited || s.CPU.Quota.Value <= parent.Value || !aware.Is(is) || !setsNothing(p, s, parent) || fewCPUs(s, parent.Value) {
				continue
			}
			if goruntime.Fit(s.CPU.Quota.Value) <= goruntime.Fit(parent.Value) {
				continue // rounding hides the difference
			}
			p.Report(rule.Finding{
				At: place(parent),
				Message: fmt.Sprintf("%s does not see this limit of %s, which is on a cgroup above its own",
					programName(s), workload.CPUs(parent.Value)),
				Severity: jobSeverity(s, rule.Warning),
				Proof:    fact.Because(s.Program, aware, s.Getenv(goruntime.MaxProcsVar), parent),
				Fixes:    addVariable(s, place(parent), goruntime.MaxProcsVar, strconv.Itoa(goruntime.Fit(parent.Value))),
			})
		}
	},
}
