package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/k8s"
)

// DownwardAPIDivisor reports a resourceFieldRef whose divisor makes a number
// that the Go runtime takes for something else.
//
// # Why
//
// Kubernetes writes the limit divided by the divisor into the variable, as a
// number without a unit. The runtime reads GOMEMLIMIT without a unit as bytes:
// with a divisor of 1Mi, 512 MiB become 512 bytes, and the garbage collector
// never stops. GOMAXPROCS with a divisor of 1m becomes 250 for a quarter of a
// CPU.
//
// # Fix
//
// Leave the divisor out: 1 is the default. For GOMEMLIMIT prefer a literal value
// of nine tenths of the limit.
//
// # When it is not a problem
//
// Other variables may want any divisor, and requests without one are exact. A
// divisor of 0 is what the API server writes for the default.
//
// # References
//
//   - https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
//   - k8s.io/kubernetes/pkg/api/v1/resource/helpers.go
var DownwardAPIDivisor = &rule.Rule{
	ID:       "service/downward-api-divisor",
	Title:    "divisor makes a limit a number that Go misreads",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "kubernetes"},
	Run: func(p *rule.Pass) {
		for _, v := range downward(p.Repo) {
			divisor := v.From.Divisor
			if !divisor.Known || !divisor.Valid || undivided(v) {
				continue
			}
			var message string
			switch {
			case v.Name.Is(goruntime.MemoryLimitVar) && memoryField(v):
				message = fmt.Sprintf("a divisor of %s makes GOMEMLIMIT a number of bytes that is far too small", divisor.Text)
			case v.Name.Is(goruntime.MaxProcsVar) && cpuField(v) && divisor.Quantity.Milli() < 1000:
				message = fmt.Sprintf("a divisor of %s makes GOMAXPROCS a multiple of the CPUs that are meant", divisor.Text)
			default:
				continue
			}
			p.Report(rule.Finding{
				At:      divisor.At,
				Message: message,
				Proof: fact.Because(fact.Note{At: v.Name.At, Text: "sets " + v.Name.Text},
					fact.Note{At: v.From.Resource.At, Text: "to " + v.From.Resource.Text}, fact.Note{At: divisor.At, Text: "divided by " + divisor.Text}),
				Fixes: []rule.Fix{{Title: `Write "1"`, Edits: []source.Edit{{Span: divisor.At, New: `"1"`}}}},
			})
		}
	},
}

// undivided reports whether a variable holds the amount itself: 0, which the API
// server writes where no divisor is given, means 1.
func undivided(v resourceVar) bool {
	d := v.From.Divisor
	return !d.Given() || d.Known && d.Valid && (d.Quantity.Milli() == 0 || d.Quantity.Milli() == 1000)
}

// resourceVar is a variable of a container that holds a resource.
type resourceVar struct {
	k8s.Var
	service *workload.Service
}

// downward returns the variables of containers that hold a resource.
func downward(r *repo.Repo) []resourceVar {
	var all []resourceVar
	for _, s := range workload.Services.Of(r) {
		if s.Kind != workload.Container {
			continue
		}
		for _, v := range s.Pack.Env.Vars {
			if v.From != nil && v.From.Kind.Is("resourceFieldRef") && v.Name.Known && v.From.Resource.Known {
				all = append(all, resourceVar{v, s})
			}
		}
	}
	return all
}

func memoryField(v resourceVar) bool {
	return v.From.Resource.Is("limits.memory") || v.From.Resource.Is("requests.memory")
}

func cpuField(v resourceVar) bool {
	return v.From.Resource.Is("limits.cpu") || v.From.Resource.Is("requests.cpu")
}
