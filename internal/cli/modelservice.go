package cli

import (
	"fmt"
	"io"
	"math"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// printServices prints every service: the program that it runs, what it is
// limited to, and what the runtime makes of that.
func printServices(w io.Writer, r *repo.Repo) error {
	p := &printer{w: w}
	for _, s := range workload.Services.Of(r) {
		p.once(func(p *printer) { p.service(s) })
	}
	return p.err
}

func (p *printer) service(s *workload.Service) {
	program := "program not known"
	if s.Program.Known() {
		program = fmt.Sprintf("%s (%s)", s.Program.Value.Main.Path, s.Program.Confidence)
	}
	p.line("service %s (%s %s) -> %s", s.At, s.Kind, s.Name, program)
	p.why("  ", s.Program.Why)
	printLimit(p, "CPU", s.CPU.Quota, goruntime.Unlimited(), workload.CPUs)
	printLimit(p, "CPU above it", s.CPU.Parent, goruntime.Unlimited(), workload.CPUs)
	printLimit(p, "runs on", s.CPU.Set, goruntime.Unlimited(), workload.CPUs)
	printLimit(p, "memory", s.Memory.Max, goruntime.NoLimit, workload.Bytes)
	printLimit(p, "memory throttled", s.Memory.High, goruntime.NoLimit, workload.Bytes)
	for _, name := range []string{goruntime.MaxProcsVar, goruntime.MemoryLimitVar, goruntime.GCPercentVar, goruntime.DebugVar} {
		p.serviceVariable(name, s.Getenv(name))
	}
	p.line("  GOMAXPROCS: %s", procs(s))
	if f := s.Procs(1 << 10); !f.Known() {
		p.why("    ", f.Why)
	}
	p.line("")
}

// printLimit prints a limit that is there, or not known.
func printLimit[T float64 | int64](p *printer, name string, f fact.Fact[T], none T, text func(T) string) {
	switch {
	case !f.Known():
		p.line("  %s not known", name)
	case f.Value != none:
		p.line("  %s %s (%s)", name, text(f.Value), f.Confidence)
		p.why("    ", f.Why)
	}
}

func (p *printer) serviceVariable(name string, f fact.Fact[workload.Variable]) {
	switch {
	case !f.Known():
		p.line("  %s not known", name)
	case f.Value.Set:
		p.line("  %s=%s (%s)", name, f.Value.Text, f.Confidence)
		p.why("    ", f.Why)
	}
}

// procs says what GOMAXPROCS comes to: a number where that is the same on every
// larger machine.
func procs(s *workload.Service) string {
	few, many := s.Procs(1<<10), s.Procs(1<<20)
	switch {
	case !few.Known() || !many.Known():
		return "not known"
	case few.Value == many.Value:
		return fmt.Sprintf("%d at most", few.Value)
	case s.CPU.Quota.Known() && !math.IsInf(s.CPU.Quota.Value, 1):
		return "the number of CPUs of the machine, whatever the limit"
	}
	return "the number of CPUs of the machine"
}
