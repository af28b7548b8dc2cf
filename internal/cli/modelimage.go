package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// printImages prints every build: its stages, the programs, how they are
// linked, and what they land in.
func printImages(w io.Writer, r *repo.Repo) error {
	p := &printer{w: w}
	for _, plan := range buildplan.Plans.Of(r) {
		p.plan(plan)
	}
	return p.err
}

// printer keeps the first error of a writer.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// why prints reasons, one a line.
func (p *printer) why(indent string, notes []fact.Note) {
	for _, n := range notes {
		if n.At.Valid() {
			p.line("%s%s  %s", indent, n.At, n.Text)
		}
	}
}

func (p *printer) plan(plan *buildplan.Plan) {
	context := "not known"
	if plan.Context != nil {
		context = plan.Context.Dir
	}
	p.line("image %s (context %s, %s)", plan.File.Source.Path, context, plan.Platform)
	for _, st := range plan.Needed() {
		p.stage(plan, st)
	}
	p.line("")
}

func (p *printer) stage(plan *buildplan.Plan, st *buildplan.Stage) {
	name := st.Syntax.Name
	if name == "" {
		name = fmt.Sprint(st.Syntax.Index)
	}
	what := "from stage"
	if st.Base == nil {
		what = "image not known"
		if st.Image.Known() {
			what = st.Image.Value.Why
		}
	}
	if st == plan.Target {
		what += " (the image)"
	}
	p.line("  stage %s: %s", name, what)
	for _, n := range st.Opaque {
		p.line("    not followed: %s  %s", n.At, n.Text)
	}
	for _, c := range st.Commands {
		if c.Go != nil && len(c.Go.Binaries) > 0 {
			p.goCommand(c.Go)
		}
	}
	if st == plan.Target {
		for _, b := range st.Binaries {
			p.placed(st, b)
		}
	}
}

func (p *printer) goCommand(g *buildplan.GoCommand) {
	p.line("    go %s  %s", g.Verb, g.At())
	p.why("      through ", g.Call.Trail)
	for _, b := range g.Binaries {
		main := "program not known"
		switch {
		case b.Main.Known():
			main = b.Main.Value.Path
		case b.Foreign != "":
			main = b.Foreign
		}
		l := b.Link()
		verdict := "not known: " + strings.TrimPrefix(noteTexts(l.Why), "how the binary is linked is not known: ")
		if l.Known() {
			verdict = fmt.Sprintf("%s (%s)", l.Value.Kind, l.Confidence)
		}
		p.line("      %s <- %s: %s", b.Path, main, verdict)
		if l.Known() {
			p.why("        ", l.Why)
		}
	}
}

func noteTexts(notes []fact.Note) string {
	var texts []string
	for _, n := range notes {
		texts = append(texts, n.Text)
	}
	return strings.Join(texts, "; ")
}

func (p *printer) placed(st *buildplan.Stage, b buildplan.Placed) {
	loader := st.HasLoader(b.Binary.Link())
	state := "loader not known"
	switch {
	case loader.Known() && loader.Value:
		state = "its loader is there"
	case loader.Known():
		state = "its loader is missing"
	}
	if l := b.Binary.Link(); l.Known() && !buildplan.Dynamic(l.Value) {
		state = "needs no loader"
	}
	p.line("    %s: %s", b.Path, state)
}
