package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// run does a RUN: every command that it leads to, and what that leaves behind.
func (st *Stage) run(scope dockerfile.Scope, ins *dockerfile.Instruction) {
	if ins.Command == nil {
		return
	}
	before := st.Tree
	st.checkUser()
	lost := st.mount(scope, ins)
	st.form(ins)
	world := commands.World{
		File:  func(p string) *source.File { return st.Tree.File(st.Plan.repo, p) },
		Names: func(dir string) ([]string, bool) { return st.Tree.names(dir) }, Platform: st.Platform.Value, Budget: st.Plan.work.commands,
	}
	state := shell.State{Env: st.environment(scope), Dir: st.directory(ins), Opts: st.shellOptions()}
	// The files change while the commands run, so that each is looked at when
	// it comes.
	world.Ran = func(c commands.Ran) { st.ran(ins, c) }
	var trace commands.Trace
	if ins.Command.JSON {
		trace = world.Exec(execWords(ins.Command.Exec), state)
	} else {
		dialect, ok := st.dialect()
		if script := ins.Command.Script; script != nil && strings.HasPrefix(ins.Command.Shell.Text, "#!") {
			dialect, _, ok = shell.Shebang([]byte(ins.Command.Shell.Text))
		}
		if !ok {
			st.opaque(fact.Note{At: ins.Keyword, Text: "runs in a shell that is not read"})
			return
		}
		trace = world.Shell(&ins.Command.Shell, dialect, state)
	}
	st.Dead = append(st.Dead, trace.Dead...)
	st.Left = append(st.Left, trace.Left...)
	st.Kept = append(st.Kept, trace.Kept...)
	for _, n := range trace.Unknown {
		if !slices.Contains(st.Opaque, n) {
			st.opaque(n)
		}
	}
	st.unmount(before, lost)
}

// mount puts the mounts of a RUN into the tree and returns the folders in which
// nothing that the commands write is kept.
func (st *Stage) mount(scope dockerfile.Scope, ins *dockerfile.Instruction) (lost []mounted) {
	if ins.Run == nil {
		return nil
	}
	for i := range ins.Run.Mounts {
		m := &ins.Run.Mounts[i]
		target, err := scope.Expand(&m.Target)
		if err != nil || !target.Known {
			continue
		}
		at := path.Clean(target.Text)
		if !path.IsAbs(at) {
			at = path.Join(st.Workdir, at)
		}
		l := layer{kind: opaque, dest: at, note: fact.Note{At: m.At, Text: "is mounted at " + at}}
		lost = append(lost, mounted{at, l.note})
		source, err := scope.Expand(&m.Source)
		known := err == nil && source.Known
		origin := st.Plan.File.MountOrigin(&m.From)
		switch {
		case m.Type != "bind" || !known:
		case m.From.Given() && origin.Stage != nil && origin.Stage.Index < st.Syntax.Index:
			l.kind, l.tree, l.src = fromTree, st.Plan.Stages[origin.Stage.Index].Tree, path.Clean("/"+source.Text)
		case !m.From.Given() && st.Plan.Context != nil:
			l.kind, l.context, l.src = fromContext, st.Plan.Context, path.Clean(strings.TrimLeft(source.Text, "/"))
		}
		st.Tree = st.Tree.add(l)
	}
	return lost
}

// unmount replays what the commands wrote outside the mounts.
func (st *Stage) unmount(before *Tree, lost []mounted) {
	if len(lost) == 0 {
		return
	}
	var layers []layer
	for t := st.Tree; t != before && t != nil; t = t.below {
		layers = append(layers, t.layer)
	}
	st.Tree = before
	for i := len(layers) - 1; i >= 0; i-- {
		switch m := mountOf(lost, layers[i].dest); {
		case m == nil:
			st.Tree = st.Tree.add(layers[i])
		case layers[i].kind == output:
			st.Lost = append(st.Lost, Lost{Binary: layers[i].binary, Mount: m.note})
		}
	}
}

// mounted is a folder in which nothing that the commands write is kept.
type mounted struct {
	dir  string
	note fact.Note
}

// Lost is a program that a go command writes into a mount: no later instruction
// finds it.
type Lost struct {
	Binary *Binary
	Mount  fact.Note
}

// LostAt returns what was to be at a path and was written into a mount.
func (st *Stage) LostAt(p string) (Lost, bool) {
	for _, l := range st.Lost {
		if _, ok := under(path.Clean("/"+p), l.Binary.Path); ok {
			return l, true
		}
	}
	return Lost{}, false
}

func mountOf(list []mounted, p string) *mounted {
	for i := range list {
		if _, ok := under(list[i].dir, p); ok {
			return &list[i]
		}
	}
	return nil
}

// environment is what the first command of a RUN sees. It is that of the RUN
// before with what ENV and ARG have changed since.
func (st *Stage) environment(scope dockerfile.Scope) *shell.Env {
	var names []string
	if st.env == nil {
		st.env, names = st.imageEnv(), scope.Names()
	} else {
		names = scope.Since(st.envAt)
	}
	st.envAt = scope
	for _, name := range names {
		v := scope.Lookup(name)
		if v == nil || !v.Set && v.Known {
			continue
		}
		if v.Known {
			st.env = st.env.Export(name, shell.Known(v.Text, v.At))
		} else {
			st.env = st.env.With(name, shell.Var{Value: shell.Unknown(v.At, "depends on a build argument"), Set: shell.Maybe, Exported: shell.Maybe})
		}
	}
	return st.env
}

// imageEnv is the environment that the image brings.
func (st *Stage) imageEnv() *shell.Env {
	if !st.Image.Known() {
		return shell.NewEnv(shell.Anything(shell.Reason{At: st.Syntax.From.At, Text: "what the image sets is not known"}))
	}
	env := shell.NewEnv(shell.Var{})
	image := st.Image.Value
	for _, v := range [][2]string{{"PATH", image.Path}, {"GOPATH", image.GOPATH}, {"GOTOOLCHAIN", image.GOTOOLCHAIN}} {
		if v[1] != "" {
			env = env.Export(v[0], shell.Known(v[1], source.Span{}))
		}
	}
	// HOME is set by the runtime from the user's entry.
	return env.With("HOME", shell.Anything(shell.Reason{Text: "depends on the user"}))
}

func (st *Stage) directory(ins *dockerfile.Instruction) shell.Value {
	if st.Workdir == "" {
		return shell.Unknown(ins.At, "the working directory of the image is not known")
	}
	return shell.Known(st.Workdir, source.Span{})
}

// dialect is the language of shell form.
func (st *Stage) dialect() (shell.Dialect, bool) {
	if st.Shell == nil {
		return shell.POSIX, true
	}
	if len(st.Shell) == 0 {
		return 0, false
	}
	return shell.DialectOf(st.Shell[0])
}

// shellOptions are those that SHELL gives: ["/bin/bash", "-eo", "pipefail", "-c"].
func (st *Stage) shellOptions() shell.Options {
	var o shell.Options
	for _, word := range st.Shell {
		switch {
		case word == "pipefail":
			o.PipeFail = shell.Yes
		case strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.Contains(word, "e"):
			o.ErrExit = shell.Yes
		}
	}
	return o
}

func execWords(words []dockerfile.Word) []shell.Word {
	out := make([]shell.Word, len(words))
	for i := range words {
		out[i] = shell.Word{Value: shell.Known(words[i].Text, words[i].At)}
	}
	return out
}

// maxOpaque bounds the reasons that are kept for what is not known of a stage.
const maxOpaque = 100

// opaque notes that something ran which we cannot follow.
func (st *Stage) opaque(n fact.Note) {
	if len(st.Opaque) < maxOpaque {
		st.Opaque = append(st.Opaque, n)
	}
	st.Tree = st.Tree.add(layer{kind: opaque, dest: "/", note: n})
}
