// Package gorun lists the go commands that run anywhere, in builds (goenv) and
// as services, and the places at which the variables that they read are set.
package gorun

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/compose"
)

// Runs is the model of all runs of the go command: those of goenv.Runs, and the
// services that are one.
var Runs = repo.NewModel(func(r *repo.Repo) []*goenv.Run {
	return append(slices.Clip(goenv.Runs.Of(r)), serviceRuns(r)...)
})

// serviceRuns returns the services that are a go command: go run in a unit, a
// Compose file, a manifest or an image.
func serviceRuns(r *repo.Repo) []*goenv.Run {
	var runs []*goenv.Run
	for _, s := range workload.Services.Of(r) {
		if len(s.Argv) < 2 || !s.Argv[0].Known || !goenv.IsGo(path.Base(s.Argv[0].Text)) {
			continue
		}
		vars := func(name string) fact.Fact[string] { return serviceVariable(s, name) }
		words := make([]gocmd.Word, len(s.Argv)-1)
		for i, w := range s.Argv[1:] {
			words[i] = gocmd.Word{Text: w.Text, Known: w.Known, Many: !w.Known, At: w.At}
		}
		run := &goenv.Run{Command: gocmd.Parse(words, goenv.Flags(vars("GOFLAGS"))), At: s.Argv[0].At, Place: goenv.Service, Certain: true, Vars: vars}
		if run.Verb == "" || !run.At.Valid() {
			continue
		}
		if run.VerbAt.Valid() && run.VerbAt.File == run.At.File {
			run.At = run.At.Cover(run.VerbAt)
		}
		if c := s.Compose; c != nil && c.Build == nil && c.Image.Known {
			mounted(r, run, c)
		}
		runs = append(runs, run)
	}
	return runs
}

func serviceVariable(s *workload.Service, name string) fact.Fact[string] {
	v := s.Getenv(name)
	switch {
	case !v.Known():
		return fact.Not[string](v.Why...)
	case !v.Value.Set:
		return fact.Of("", v.Confidence)
	}
	return fact.Of(v.Value.Text, v.Confidence, noteAt(v.Value.At, name+"="+v.Value.Text))
}

// mounted finds the module of a service that runs in an image with the sources
// mounted into it, and the Go of that image.
func mounted(r *repo.Repo, run *goenv.Run, c *compose.Service) {
	ref, err := knowledge.ParseRef(c.Image.Text)
	if err != nil {
		return
	}
	image := r.Knowledge().Image(ref)
	dir := image.WorkDir
	if c.WorkingDir.Given() {
		if dir = c.WorkingDir.Text; !c.WorkingDir.Known {
			return
		}
	}
	for _, v := range c.Volumes {
		rest, inside := strings.CutPrefix(dir+"/", v.Target.Text+"/")
		if !v.Source.Known || !v.Target.Known || !inside || !strings.HasPrefix(v.Source.Text, ".") {
			continue
		}
		p := path.Join(path.Dir(c.Node.At.File.Path), v.Source.Text, rest)
		tree := goprogram.Tree.Of(r)
		if run.Module = tree.Of(p); run.Module == nil {
			return
		}
		run.Work = tree.WorkspaceOf(p)
		run.Arrived = []fact.Note{noteAt(v.Source.At, "is mounted at "+v.Target.Text)}
	}
	if image.Known && image.Go.Known() {
		run.Go = fact.Of(image.Go, fact.High, noteAt(c.Image.At, c.Image.Text+" has Go "+goenv.Name(image.Go)))
		env := run.Vars
		run.Vars = func(name string) fact.Fact[string] {
			f := env(name)
			if name == "GOTOOLCHAIN" && f.Known() && f.Value == "" {
				return fact.Of(image.GOTOOLCHAIN, fact.Medium)
			}
			return f
		}
	}
}

func noteAt(at source.Span, text string) fact.Note { return fact.Note{At: at, Text: text} }
