package buildplan

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Entry is what a container of a stage starts when nobody asks for something
// else.
type Entry struct {
	// Instruction is the ENTRYPOINT or, without one, the CMD.
	Instruction *dockerfile.Instruction
	// Shell says that it goes through the shell of the image.
	Shell bool
	// Runs are the commands that this leads to, through scripts of the repository.
	Runs []commands.Ran
	// Whole says that there are no others.
	Whole bool
	// Scripts are those of the repository among them.
	Scripts []Script
}

// Entry returns what containers of the stage start; ok is false where the stage
// does not say.
func (st *Stage) Entry() (e Entry, ok bool) { return deref(st.entry) }

// Health returns what the HEALTHCHECK runs; ok is false where there is none.
func (st *Stage) Health() (e Entry, ok bool) { return deref(st.health) }

func deref(e *Entry) (Entry, bool) {
	if e == nil {
		return Entry{}, false
	}
	return *e, true
}

// follow finds what containers of the stage start, once: it draws on what may be
// spent on the plan.
func (st *Stage) follow() {
	if ins := st.Last["HEALTHCHECK"]; ins != nil && ins.Command != nil {
		st.health = st.started(ins, nil)
	}
	ins, args := st.Last["ENTRYPOINT"], st.Last["CMD"]
	if ins == nil {
		image := st.Image.Value
		if args == nil || len(image.Entrypoint) > 0 || image.Entrypoint == nil && image.Configured {
			return
		}
		ins, args = args, nil
	}
	st.entry = st.started(ins, args)
}

// started follows an instruction as it runs in a container. Variables are not
// known there, since whoever starts it may set them; PATH is the image's.
func (st *Stage) started(ins, args *dockerfile.Instruction) *Entry {
	e := &Entry{Instruction: ins}
	if ins.Command == nil {
		return e
	}
	e.Shell = !ins.Command.JSON
	world := commands.World{
		Budget: st.Plan.work.commands,
		File:   func(p string) *source.File { return st.Tree.File(st.Plan.repo, p) },
		Names:  st.Tree.names,
		Ran:    func(c commands.Ran) { e.Runs = append(e.Runs, c) },
	}
	env := shell.NewEnv(shell.Anything(shell.Reason{At: ins.At, Text: "depends on how the container is started"}))
	state := shell.State{Env: env, Dir: st.directory(ins)}
	var trace commands.Trace
	switch dialect, readable := st.dialect(); {
	case ins.Command.JSON:
		words := execWords(ins.Command.Exec)
		if args != nil && args.Command != nil && args.Command.JSON {
			words = append(words, execWords(args.Command.Exec)...)
		}
		trace = world.Exec(st.found(words), state)
	case readable:
		trace = world.Shell(&ins.Command.Shell, dialect, state)
	default:
		return e
	}
	e.Whole = len(trace.Unknown) == 0
	e.startsScripts(st, e.Runs)
	return e
}

// found gives the script of the repository that a command finds in PATH by its
// place.
func (st *Stage) found(words []shell.Word) []shell.Word {
	if len(words) > 0 && !strings.Contains(words[0].Text, "/") {
		if at, origin := st.locate(words[0].Text, ""); origin.Kind == FromContext {
			words[0].Text = at
		}
	}
	return words
}

// path is PATH as programs of the image see it.
func (st *Stage) path() (dirs []string, known bool) {
	v := st.scope.Before(len(st.Syntax.Instructions)).Lookup("PATH")
	switch {
	case v != nil && v.Set && v.Known:
		return strings.Split(v.Text, ":"), true
	case v == nil && st.Image.Known() && st.Image.Value.Path != "":
		return strings.Split(st.Image.Value.Path, ":"), true
	case v == nil && st.Image.Known() && !st.Image.Value.Configured:
		return strings.Split(defaultPath, ":"), true
	}
	return nil, false
}

// defaultPath is what containers get where the image sets no PATH (moby,
// pkg/system), and what the distributions set.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Variable returns what containers of the stage see of a variable that an ENV
// sets.
func (st *Stage) Variable(name string) fact.Fact[string] {
	v := st.scope.Before(len(st.Syntax.Instructions)).Lookup(name)
	switch {
	case v == nil || !v.Set || !v.Known || !v.At.Valid() || st.argument(v.At):
		return fact.Not[string]()
	case v.Overridable:
		return fact.Of(v.Text, fact.Medium, fact.Note{At: v.At, Text: "sets " + name})
	}
	return fact.Of(v.Text, fact.High, fact.Note{At: v.At, Text: "sets " + name})
}

// argument reports whether an ARG stands at a place: containers do not see it.
func (st *Stage) argument(at source.Span) bool {
	for ; st != nil; st = st.Base {
		for _, ins := range st.Syntax.Instructions {
			if ins.Cmd == "ARG" && ins.At.Contains(at) {
				return true
			}
		}
	}
	return false
}

// Program says which file of the stage a command runs when a container is
// started: its absolute path, "" where that is not known. A name without a
// slash is looked for in PATH; the folder in which something is known to stand
// counts, since images hold no programs of the names that repositories build.
func (st *Stage) Program(c *shell.Command) (string, Origin) {
	if len(c.Words) == 0 || !c.Words[0].Exact() {
		return "", Origin{}
	}
	dir := ""
	if c.Dir.Known() {
		dir = c.Dir.Text
	}
	return st.locate(c.Words[0].Text, dir)
}

// Lookup is Program for a word of an ENTRYPOINT.
func (st *Stage) Lookup(name string) (string, Origin) { return st.locate(name, st.Workdir) }

func (st *Stage) locate(name, dir string) (string, Origin) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			if dir == "" {
				return "", Origin{}
			}
			name = path.Join(dir, name)
		}
		return path.Clean(name), st.Tree.Lookup(name)
	}
	dirs, known := st.path()
	absent := known
	for _, dir := range dirs {
		if !path.IsAbs(dir) {
			return "", Origin{}
		}
		p := path.Join(dir, name)
		switch o := st.Tree.Lookup(p); o.Kind {
		case Absent:
		case Unknown:
			absent = false
		default:
			return p, o
		}
	}
	if absent {
		return "", Origin{Kind: Absent}
	}
	return "", Origin{}
}

// Starts reports whether the entry of the stage leads to a program that stands
// at a path, at the first or a later step.
func (st *Stage) Starts(at string) bool {
	e, ok := st.Entry()
	if !ok {
		return false
	}
	for i := range e.Runs {
		if p, _ := st.Program(&e.Runs[i].Command); p == at {
			return true
		}
	}
	return false
}
