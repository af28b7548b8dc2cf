// Package buildplan models what a Dockerfile or ko makes of a repository: the stages
// with their files, users and packages, every command that really runs in them
// (through make and scripts), the programs that go commands write, how each is
// linked, and where it lands.
package buildplan

import (
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// Plan is one build of one Dockerfile, or what ko does as the Dockerfile that it
// amounts to.
type Plan struct {
	File     *dockerfile.File
	Ko       *Ko // nil for one of a Dockerfile
	Call     Call
	Context  *Context // nil where it is not known
	Platform string   // what the image is built for: linux/amd64
	Stages   []*Stage // as in File.Stages
	// Target is the stage that becomes the image; nil in a file without stages.
	Target *Stage

	repo   *repo.Repo
	scopes *dockerfile.Scopes
	memo   map[*Tree][]Placed
	work   work
	// edits says that a command changed the text of files that are not known.
	edits bool
}

// Plans is the model of all builds, sorted by Dockerfile, behind them those of ko.
var Plans = repo.NewModel(func(r *repo.Repo) []*Plan {
	files := repo.Dockerfiles.Of(r)
	names := slices.Sorted(maps.Keys(files))
	perFile := make([][]*Plan, len(names))
	repo.Parallel(len(names), func(i int) {
		for _, call := range calls(r, files[names[i]]) {
			perFile[i] = append(perFile[i], newPlan(r, files[names[i]], call, planWork(len(names))))
		}
	})
	return append(slices.Concat(perFile...), koPlans(r)...)
})

// newPlan evaluates the stages of a Dockerfile for one call.
func newPlan(r *repo.Repo, file *dockerfile.File, call Call, w work) *Plan {
	p := &Plan{File: file, Call: call, Platform: call.platform(), repo: r, memo: map[*Tree][]Placed{}, work: w}
	p.Context = newContext(r, file, call)
	p.scopes = file.Evaluate(dockerfile.Inputs{Args: call.Args, Platform: platformArgs(p.Platform), Base: p.baseEnv})
	for i, st := range file.Stages {
		p.Stages = append(p.Stages, p.evaluate(st, p.scopes.Stages[i]))
	}
	if st := file.Target(call.Target); st != nil {
		p.Target = p.Stages[st.Index]
	}
	for _, st := range p.Stages {
		st.follow()
	}
	p.memo = nil
	w.visits.off = true
	return p
}

// arch is the architecture of the platform.
func (p *Plan) arch() string {
	_, arch, _ := strings.Cut(p.Platform, "/")
	arch, _, _ = strings.Cut(arch, "/")
	return arch
}

// Needed returns the stages that the target is built from, itself included:
// the others are not built.
func (p *Plan) Needed() []*Stage {
	if p.Target == nil {
		return nil
	}
	needed := map[*Stage]bool{}
	var visit func(st *Stage)
	visit = func(st *Stage) {
		if needed[st] {
			return
		}
		needed[st] = true
		if st.Base != nil {
			visit(st.Base)
		}
		for _, ins := range st.Syntax.Instructions {
			for _, from := range origins(p.File, ins) {
				if from.Index < st.Syntax.Index {
					visit(p.Stages[from.Index])
				}
			}
		}
	}
	visit(p.Target)
	return slices.DeleteFunc(slices.Clone(p.Stages), func(st *Stage) bool { return !needed[st] })
}

// origins are the stages that an instruction reads.
func origins(f *dockerfile.File, ins *dockerfile.Instruction) []*dockerfile.Stage {
	var stages []*dockerfile.Stage
	if ins.Copy != nil && ins.Copy.From.Given() {
		if st := f.CopyOrigin(&ins.Copy.From).Stage; st != nil {
			stages = append(stages, st)
		}
	}
	if ins.Run != nil {
		for i := range ins.Run.Mounts {
			if m := &ins.Run.Mounts[i]; m.From.Given() {
				if st := f.MountOrigin(&m.From).Stage; st != nil {
					stages = append(stages, st)
				}
			}
		}
	}
	return stages
}
