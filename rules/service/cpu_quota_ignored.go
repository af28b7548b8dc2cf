package service

import (
	"fmt"
	"math"
	"strconv"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// CPUQuotaIgnored reports a CPU limit that the Go runtime does not look at, so
// that the program runs as many threads as the machine has CPUs.
//
// # Why
//
// From Go 1.25 on the runtime chooses GOMAXPROCS by the CPU quota of its cgroup,
// but only for programs whose go line is 1.25 or higher: for older ones cmd/go
// writes containermaxprocs=0 into the binary, whatever release builds it. Such a
// program runs on all CPUs of the machine. With 64 CPUs and a quota of 2 a burst
// of work uses up the quota of a period of 100 ms in 3 ms, and then the whole
// process stands still for the other 97 ms. Requests take that much longer; a
// program that is mostly idle does not notice.
//
// # Fix
//
// Set GOMAXPROCS to the limit, rounded up, or raise the go line to 1.25.
//
// # When it is not a problem
//
// The rule is silent where the program sets GOMAXPROCS itself, uses
// go.uber.org/automaxprocs, or can run on no more CPUs than the limit is for.
// Kubernetes requests, CPUWeight= and cpu_shares are no limits.
//
// # Severity
//
//   - warning: for a server
//   - note: for a job that runs to its end, and for limits of 32 CPUs or more
//
// # References
//
//   - https://go.dev/doc/go1.25#container-aware-gomaxprocs
//   - cmd/go/internal/load/godebug.go, defaultGODEBUG; internal/godebugs/table.go
var CPUQuotaIgnored = &rule.Rule{
	ID:       "service/cpu-quota-ignored",
	Title:    "Go program does not look at its CPU limit",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		var found repeats
		for _, s := range workload.Services.Of(p.Repo) {
			quota, limited := limit(s)
			aware := s.Aware()
			if !limited || !aware.Is(not) || s.SwitchedOff() || !setsNothing(p, s, quota) || fewCPUs(s, quota.Value) {
				continue
			}
			severity := jobSeverity(s, rule.Warning)
			if quota.Value >= 32 {
				severity = rule.Note
			}
			found.add(s, quota.Value, rule.Finding{
				At: place(quota),
				Message: fmt.Sprintf("%s runs on all CPUs of the machine: its Go version does not look at this limit of %s",
					programName(s), workload.CPUs(quota.Value)),
				Severity: severity,
				Proof:    fact.Because(s.Program, aware, s.Getenv(goruntime.MaxProcsVar), quota),
				Fixes:    append(addVariable(s, place(quota), goruntime.MaxProcsVar, ceil(quota.Value)), raiseGoLine(s)...),
			})
		}
		found.report(p)
	},
}

// setsNothing reports whether nothing sets GOMAXPROCS: not the environment, not
// automaxprocs, not the program itself. What is not known is said.
func setsNothing(p *rule.Pass, s *workload.Service, quota fact.Fact[float64]) bool {
	env := s.Getenv(goruntime.MaxProcsVar)
	if !env.Known() {
		return false
	}
	if env.Value.Set {
		if _, _, ok := goruntime.MaxProcs(env.Value.Text); ok {
			return false
		}
	}
	auto := s.Program.Value.AutoMaxProcs()
	if !auto.Known() {
		p.Unjudged(rule.Unjudged{At: place(quota), Text: "whether " + programName(s) + " uses automaxprocs is not known", Hint: "--resolve=cache"})
	}
	return auto.Is(not) && len(s.Program.Value.SetsMaxProcs()) == 0
}

// fewCPUs reports whether a service can run on no more CPUs than the runtime
// would choose for a quota.
func fewCPUs(s *workload.Service, quota float64) bool {
	return !s.CPU.Set.Known() || s.CPU.Set.Value <= float64(goruntime.Fit(quota))
}

func ceil(quota float64) string { return strconv.Itoa(max(1, int(math.Ceil(quota)))) }

// raiseGoLine is the fix that makes a program look at its quota.
func raiseGoLine(s *workload.Service) []rule.Fix {
	m := s.Program.Value.Main.Module
	if m == nil || m.InWorkspace() || !m.Mod.Go.Valid() || len(m.Mod.Godebugs) > 0 {
		return nil
	}
	return []rule.Fix{{
		Title: "Raise the go line to 1.25.0",
		Edits: []source.Edit{{Span: m.Mod.Go.At, New: "1.25.0"}},
	}}
}
