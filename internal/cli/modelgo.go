package cli

import (
	"io"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// printGo prints every go command: which Go it is, in which module it works,
// and what it sees of the variables of the go command.
func printGo(w io.Writer, r *repo.Repo) error {
	p := &printer{w: w}
	for _, run := range gorun.Runs.Of(r) {
		p.once(func(p *printer) { p.run(run) })
	}
	return p.err
}

func (p *printer) run(run *goenv.Run) {
	certain := ""
	if !run.Certain {
		certain = " (may not run, or may fail)"
	}
	p.line("go %s at %s%s", run.Verb, run.At, certain)
	p.why("    through ", run.Trail)
	if run.Module != nil {
		p.line("    module  %s", run.Module.Mod.Source.Path)
	}
	if run.Go.Known() {
		p.line("    Go      %s", goenv.Name(run.Go.Value))
		p.why("            ", run.Go.Why)
	}
	if d := run.Demand(); d.Known() {
		p.line("    go line %s", d.Value.Verdict)
	}
	for _, name := range goenv.Variables() {
		p.variable(name, run.Getenv(name))
	}
	p.line("")
}

func (p *printer) variable(name string, f fact.Fact[string]) {
	switch {
	case !f.Known():
		p.line("    %s is not known", name)
	case f.Value != "":
		p.line("    %s=%s", name, f.Value)
	default:
		return
	}
	p.why("            ", f.Why)
}
