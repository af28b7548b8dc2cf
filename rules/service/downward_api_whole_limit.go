package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// DownwardAPIWholeLimit reports a GOMEMLIMIT that a resourceFieldRef sets to the
// whole memory limit of the container.
//
// # Why
//
// GOMEMLIMIT makes the garbage collector work harder before the memory of the
// process reaches it. The limit of the container also counts the program file,
// memory of C libraries and of the kernel. With GOMEMLIMIT at the limit itself
// the kernel kills the process first. The downward API can divide by whole
// numbers only, so that it cannot leave a tenth.
//
// # Fix
//
// Write nine tenths of the limit as a literal value, take requests.memory where
// that is lower, or import github.com/KimMachineGun/automemlimit.
//
// # Severity
//
//   - warning: for programs of the repository
//   - note: for images of others
//
// # When it is not a problem
//
// requests.memory is not reported: where it is below the limit it leaves room.
//
// # References
//
//   - https://go.dev/doc/gc-guide#Memory_limit
//   - k8s.io/kubernetes/pkg/api/v1/resource/helpers.go
var DownwardAPIWholeLimit = &rule.Rule{
	ID:       "service/downward-api-whole-limit",
	Title:    "GOMEMLIMIT is the whole memory limit of the container",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "kubernetes", "memory"},
	Run: func(p *rule.Pass) {
		for _, v := range downward(p.Repo) {
			if !undivided(v) || !v.Name.Is(goruntime.MemoryLimitVar) || !v.From.Resource.Is("limits.memory") {
				continue
			}
			severity := rule.Default
			if notOurs(v.service) {
				severity = rule.Note
			}
			p.Report(rule.Finding{
				At:       v.From.Resource.At,
				Severity: severity,
				Message:  "limits.memory makes GOMEMLIMIT the whole memory limit, which leaves no room for what it does not count",
				Proof:    fact.Because(fact.Note{At: v.Name.At, Text: "sets GOMEMLIMIT"}, fact.Note{At: v.From.Resource.At, Text: "to the limit"}),
			})
		}
	},
}

// notOurs reports whether a container runs an image of someone else: one with a
// full name that is not built here and whose program is none of the repository.
func notOurs(s *workload.Service) bool {
	image := s.Pack.Image
	return s.Stage == nil && !s.Program.Known() && image.Known && strings.Contains(image.Text, "/")
}
