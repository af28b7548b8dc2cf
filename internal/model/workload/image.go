package workload

import (
	"path"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// images adds the final stage of every build.
func (b *builder) images() {
	for _, plan := range buildplan.Plans.Of(b.repo) {
		st := plan.Target
		if st == nil {
			continue
		}
		entry, ok := st.Entry()
		if !ok {
			continue
		}
		s := &Service{Kind: Image, Name: path.Dir(plan.File.Source.Path), At: startedAt(entry.Instruction), Stage: st}
		s.OneShot = fact.Of(false, fact.Medium)
		s.User = st.User
		s.CPU, s.Memory = noCPU(), noMemory()
		b.imageEnvironment(s, st, fact.High)
		s.Runs = entry.Runs
		s.Program = b.stageProgram(st, entry.Runs)
		for _, w := range entryWords(entry.Instruction) {
			s.Argv = append(s.Argv, w)
		}
		b.add(s)
	}
}

func noCPU() CPU {
	none := fact.Of(goruntime.Unlimited(), fact.Medium)
	return CPU{Quota: none, Parent: none, Set: none}
}

func noMemory() Memory {
	none := fact.Of[int64](goruntime.NoLimit, fact.Medium)
	return Memory{Max: none, High: none}
}

// startedAt is the program of an ENTRYPOINT or CMD.
func startedAt(ins *dockerfile.Instruction) source.Span {
	switch c := ins.Command; {
	case c == nil:
		return ins.Keyword
	case c.JSON && len(c.Exec) > 0:
		return c.Exec[0].At
	case c.JSON || c.Shell.Text == "":
		return ins.Keyword
	default:
		return c.Shell.Whole()
	}
}

func entryWords(ins *dockerfile.Instruction) []Word {
	if ins.Command == nil || !ins.Command.JSON {
		return nil
	}
	var all []Word
	for _, w := range ins.Command.Exec {
		all = append(all, Word{Text: w.Text, Known: true, At: w.At})
	}
	return all
}

// stageProgram is the one program of the repository among the commands that a
// container starts.
func (b *builder) stageProgram(st *buildplan.Stage, runs []commands.Ran) fact.Fact[*Program] {
	var found []fact.Fact[*Program]
	for i := range runs {
		_, origin := st.Program(&runs[i].Command)
		if origin.Kind != buildplan.Output || !origin.Output.Main.Known() {
			continue
		}
		main := origin.Output.Main
		p := fact.Then(main, b.programs.of(main.Value), origin.Why...)
		p.Why = append(p.Why, fact.Note{At: runs[i].At, Text: "starts it"})
		if !slices.ContainsFunc(found, func(f fact.Fact[*Program]) bool { return f.Value == p.Value }) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return fact.Not[*Program]()
	}
	return found[0]
}

// imageEnvironment gives a process the ENV of a stage, of which confidence says
// how sure it is that this stage is the image.
func (b *builder) imageEnvironment(s *Service, st *buildplan.Stage, c fact.Confidence) {
	vars := st.Variables()
	for _, name := range vars.Names() {
		v := vars.Lookup(name)
		if v == nil || !v.Set || isArg(st, v.At) {
			continue
		}
		if !v.Known {
			s.setenv(name, fact.Not[Variable](fact.Note{At: v.At, Text: "the value of " + name + " is not known"}))
			continue
		}
		at := v.At
		sure := c
		if v.Overridable {
			sure = min(sure, fact.Medium)
		}
		s.setenv(name, fact.Of(Variable{Set: true, Text: v.Text, At: at}, sure,
			fact.Note{At: at, Text: "sets " + name + " to " + quoted(v.Text)}))
	}
}

// isArg reports whether a variable is an ARG, which is gone when a container
// starts.
func isArg(st *buildplan.Stage, at source.Span) bool {
	for _, ins := range st.Plan.File.Instructions {
		if ins.Cmd == "ARG" && ins.At.Contains(at) {
			return true
		}
	}
	return false
}
