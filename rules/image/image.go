package image

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ship is a program on its way from the go command to the image it runs in.
type ship struct {
	buildplan.Placed
	stage *buildplan.Stage // the image
	link  buildplan.Linked
}

// ships returns the programs of all images that are built to run. An empty image
// that starts nothing is none: it carries files to --output.
func ships(r *repo.Repo) []ship {
	var all []ship
	for _, plan := range buildplan.Plans.Of(r) {
		if plan.Target == nil || carrier(plan.Target) {
			continue
		}
		for _, b := range plan.Target.Binaries {
			all = append(all, ship{Placed: b, stage: plan.Target, link: b.Binary.Link()})
		}
	}
	return all
}

func carrier(st *buildplan.Stage) bool {
	_, starts := st.Entry()
	return !starts && st.Image.Value.Ref.Name() == "scratch"
}

// at is where the program arrives in the image: the source of the last COPY, or
// the go command itself.
func (s ship) at() source.Span {
	if last := s.Why[len(s.Why)-1].At; len(s.Why) > 1 && last.Valid() {
		return last
	}
	return s.Binary.Go.At()
}

// proof is what makes the program the kind of file it is, up to the go command,
// of which says is a predicate, and the copies on the way.
func (s ship) proof(says string) fact.Proof {
	premises := []fact.Premise{s.link, fact.Note{At: s.Binary.Go.At(), Text: says}}
	for _, n := range s.moves() {
		premises = append(premises, n)
	}
	return fact.Because(premises...)
}

// moves are the commands that carried the program between the go command and
// its last place.
func (s ship) moves() []fact.Note {
	if len(s.Why) < 3 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Why[1:len(s.Why)-1]), func(n fact.Note) bool { return !n.At.Valid() })
}

// arrives is the last step.
func (s ship) arrives() fact.Note { return fact.Note{At: s.at(), Text: "the program arrives here"} }

// severity is error for a program that the image starts.
func (s ship) severity() rule.Severity {
	if s.stage.Starts(s.Path) {
		return rule.Default
	}
	return rule.Warning
}

// notFound is what people see when the loader of the program is missing.
func (s ship) notFound() string {
	if e, ok := s.stage.Entry(); ok && e.Shell && s.stage.Starts(s.Path) {
		return "/bin/sh: " + s.Path + ": not found"
	}
	return "exec " + s.Path + ": no such file or directory"
}

// cgoOff returns the fix that builds without cgo, where nothing asks for cgo
// and the go command is written out. It is safe when the whole closure is known
// to need no cgo of its own.
func (s ship) cgoOff() []rule.Fix {
	g := s.Binary.Go
	at := g.Call.Words[0].At
	v := g.Call.Getenv("CGO_ENABLED")
	via := g.Call.Via
	if v.At.Valid() || at.Text() != "go" || s.link.Input.Closure.Cgo == knowledge.Yes || len(via) > 0 && via[len(via)-1] != "env" {
		return nil
	}
	c := s.link.Input.Closure
	return []rule.Fix{{
		Title: "set CGO_ENABLED=0 for the build",
		Safe:  s.link.Closure != nil && s.link.Closure.Complete() && c.Cgo == knowledge.No && c.Plugin == knowledge.No,
		Edits: []source.Edit{{Span: at.Sub(0, 0), New: "CGO_ENABLED=0 "}},
	}}
}

// ineffectiveStatic reports whether the flags ask for a static file in vain:
// cmd/link links by itself and does not look at -extldflags.
func ineffectiveStatic(l buildplan.Linked) bool {
	v := l.Value
	if !l.Known() || v.NeedsLoader() != knowledge.Yes || !v.InternalLink || v.Kind == link.LoaderOnly {
		return false
	}
	return slices.ContainsFunc(l.Input.Flags.LDFlags.List, func(w string) bool {
		return slices.Contains(strings.Fields(w), "-static") || strings.HasSuffix(w, "=-static")
	})
}
