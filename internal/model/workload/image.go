package workload

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
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
		name := path.Dir(plan.File.Source.Path)
		if plan.Ko != nil {
			name = plan.Ko.Main.Path
		}
		s := &Service{Kind: Image, Name: name, At: startedAt(entry.Instruction), Stage: st}
		s.OneShot = fact.Of(false, fact.Medium)
		s.User = st.User
		s.CPU, s.Memory = noCPU(), noMemory()
		b.imageEnvironment(s, st, fact.High)
		s.Runs = entry.Runs
		s.Program = b.stageProgram(st, entry.Runs)
		s.Argv = entryWords(entry.Instruction)
		b.add(s)
	}
}

// builtAs returns the final stage of the build whose result an image is: of those
// that a build of the repository names so, with the same tag or as the only one
// of its name. Tags can tell the programs of one repository apart.
func (b *builder) builtAs(image yamlfile.Value) (*buildplan.Stage, []fact.Note) {
	if !image.Given() || !image.Known {
		return nil, nil
	}
	if _, ok := buildplan.KoPath(image.Text); ok {
		return b.koStage(image.At), nil
	}
	var found *buildplan.Stage
	var why []fact.Note
	for _, plan := range buildplan.Plans.Of(b.repo) {
		for _, tag := range plan.Call.Tags {
			if plan.Target == nil || buildplan.Repository(tag.Text) != buildplan.Repository(image.Text) {
				continue
			}
			note := []fact.Note{{At: tag.At, Text: "names the image"}}
			switch {
			case tag.Text == image.Text:
				return plan.Target, note
			case found == nil:
				found, why = plan.Target, note
			case !b.startSame(found, plan.Target):
				return nil, nil
			case !b.entryProgram(found).Known():
				found, why = plan.Target, note
			}
		}
	}
	return found, why
}

// startSame reports whether two stages are builds of one stage that start the
// same program, as far as that is known.
func (b *builder) startSame(x, y *buildplan.Stage) bool {
	if x.Syntax != y.Syntax {
		return false
	}
	p, q := b.entryProgram(x), b.entryProgram(y)
	// A package of named files is another each time.
	return !p.Known() || !q.Known() || p.Value.Main.Dir == q.Value.Main.Dir
}

func (b *builder) entryProgram(st *buildplan.Stage) fact.Fact[*Program] {
	entry, _ := st.Entry()
	return b.stageProgram(st, entry.Runs)
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
		binary, why, sure := started(st, runs[i])
		if binary == nil || !binary.Main.Known() {
			continue
		}
		p := fact.Then(binary.Main, b.programs.of(binary.Main.Value), why...).AtMost(sure)
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

// started returns the program of a stage that a command starts. Where PATH is not
// known, it is the only one of the name.
func started(st *buildplan.Stage, run commands.Ran) (*buildplan.Binary, []fact.Note, fact.Confidence) {
	at, origin := st.Program(&run.Command)
	if origin.Kind == buildplan.Output {
		return origin.Output, origin.Why, fact.High
	}
	var found []buildplan.Placed
	for _, p := range st.Binaries {
		if at == "" && path.Base(p.Path) == run.Name() && !strings.Contains(run.Words[0].Text, "/") {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return nil, nil, fact.Unknown
	}
	return found[0].Binary, found[0].Why, fact.Medium
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
		at := valueAt(st, v.At)
		sure := c
		if v.Overridable {
			sure = min(sure, fact.Medium)
		}
		s.setenv(name, fact.Of(Variable{Set: true, Text: v.Text, At: at}, sure,
			fact.Note{At: at, Text: "sets " + name + " to " + quoted(v.Text)}))
	}
}

// valueAt is the value of a NAME=value of ENV.
func valueAt(st *buildplan.Stage, pair source.Span) source.Span {
	if ins := instructionAt(st, pair); ins != nil {
		for i := range ins.Pairs {
			if p := &ins.Pairs[i]; p.At == pair && p.Value.At.Len() > 0 {
				return p.Value.At
			}
		}
	}
	return pair
}

// isArg reports whether a variable is an ARG, which is gone when a container
// starts.
func isArg(st *buildplan.Stage, at source.Span) bool {
	ins := instructionAt(st, at)
	return ins != nil && ins.Cmd == "ARG"
}

// instructionAt returns the instruction that holds a place, or nil.
func instructionAt(st *buildplan.Stage, at source.Span) *dockerfile.Instruction {
	all := st.Plan.File.Instructions
	i := sort.Search(len(all), func(i int) bool { return all[i].At.Start > at.Start })
	if i == 0 || !all[i-1].At.Contains(at) {
		return nil
	}
	return all[i-1]
}
