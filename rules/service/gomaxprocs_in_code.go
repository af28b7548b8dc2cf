package service

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GOMAXPROCSInCode reports a call of runtime.GOMAXPROCS with a constant or with
// runtime.NumCPU().
//
// # Why
//
// The call overrides the GOMAXPROCS variable, by which those who run the program
// set it, and what the runtime chooses by the CPU limit from Go 1.25 on. It also
// ends the runtime's following of that limit when it changes.
// runtime.NumCPU() is what every release since Go 1.5 starts with; under a CPU
// limit it is the number of CPUs of the machine.
//
// # Fix
//
// Remove the call.
//
// # When it is not a problem
//
// The rule is silent where the file looks at the GOMAXPROCS variable itself, for
// calls in a branch or whose result is used, to set it back for example, and for
// calls that only ask, with 0 or less.
//
// # Severity
//
//   - warning: a service that runs the program has a CPU limit
//   - note: else
//
// # References
//
//   - https://pkg.go.dev/runtime#GOMAXPROCS
var GOMAXPROCSInCode = &rule.Rule{
	ID:       "service/gomaxprocs-in-code",
	Title:    "program sets GOMAXPROCS itself",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "cpu"},
	Run: func(p *rule.Pass) {
		seen := map[source.Span]bool{}
		for _, program := range workload.Programs.Of(p.Repo).All() {
			for _, c := range program.SetsMaxProcs() {
				if seen[c.Whole] || len(c.Args) != 1 || !c.Plain || !fixed(c.Args[0]) || asksEnvironment(c.At.File) {
					continue
				}
				seen[c.Whole] = true
				f := rule.Finding{
					At:       c.Whole,
					Message:  fmt.Sprintf("%s overrides the environment and what the runtime chooses by the CPU limit", c.Whole.Text()),
					Severity: rule.Note,
					Proof:    fact.Note{At: c.Whole, Text: "sets it"}.Proof(),
				}
				if quota, ok := limitOf(p, program); ok {
					f.Severity = rule.Warning
					f.Proof = fact.Because(quota, fact.Note{At: c.Whole, Text: "sets it"})
				}
				p.Report(f)
			}
		}
	},
}

// fixed reports whether an argument is a number or the number of CPUs.
func fixed(a goprogram.Arg) bool {
	_, err := strconv.Atoi(a.At.Text())
	return err == nil || a.At.Text() == "runtime.NumCPU()"
}

// asksEnvironment reports whether a file looks at the variable.
func asksEnvironment(f *source.File) bool { return bytes.Contains(f.Data(), []byte(`"GOMAXPROCS"`)) }

// limitOf is the CPU limit of a service that runs a program.
func limitOf(p *rule.Pass, program *workload.Program) (fact.Fact[float64], bool) {
	for _, s := range workload.Services.Of(p.Repo) {
		if s.Program.Known() && s.Program.Value == program {
			if quota, ok := limit(s); ok && !math.IsInf(quota.Value, 1) && s.Program.Confidence >= fact.Medium {
				return quota, true
			}
		}
	}
	return fact.Fact[float64]{}, false
}
