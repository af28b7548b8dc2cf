package shell

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
	"mvdan.cc/sh/v3/syntax"
)

// State is what a script starts with and what it leaves behind.
type State struct {
	Env  *Env    // nil: no variable is set
	Dir  Value   // working directory, an absolute path with slashes
	Name Value   // $0
	Args []Word  // $1 and so on
	Opts Options // as "set" changes them

	funcs  *functions
	locals *locals  // what "local" hides in the function that runs
	temps  []string // variables assigned in front of the functions that run
	dirs   []Value  // pushd
	left   leave    // how the script was left before its end
	maybe  leave    // how it may have been left
}

// Options are the shell options that matter here.
type Options struct {
	ErrExit   Answer // set -e
	AllExport Answer // set -a
	PipeFail  Answer // set -o pipefail
}

// leave is a set of ways to leave a list of commands early.
type leave uint8

const (
	leftBreak leave = 1 << iota
	leftContinue
	leftReturn
	leftExit
	leftFailing // exit with an error: what follows is the run without it
)

type function struct {
	body   *syntax.Stmt // nil: not known
	script *Script
	at     source.Span
}

// locals is an immutable list of variables as they were outside a function. An
// entry without a name is where a function begins.
type locals struct {
	parent *locals
	name   string
	outer  Var
}

func (st *State) fork() *State {
	c := *st
	return &c
}

func (st *State) set(name string, v Var) { st.Env = st.Env.With(name, v) }

// havoc forgets everything: anything may have been done to the state.
func (st *State) havoc(why Reason) {
	unknown := Value{Text: Hole, At: why.At, Why: why}
	st.Env = NewEnv(Anything(why))
	st.Dir = unknown
	st.Args = []Word{{Value: unknown, Many: true}}
	st.Opts = Options{Maybe, Maybe, Maybe}
	if st.funcs != nil {
		st.funcs = &functions{byName: st.funcs.byName, lost: true}
	}
	st.dirs = nil
}

// join makes st what is known when either a or b happened. Both come from
// fork, the environment in which they began.
func (m *machine) join(st, a, b *State, fork *Env, at source.Span) {
	switch {
	case a.left != 0:
		maybe := a.maybe | a.left
		*st = *b
		st.maybe |= maybe &^ leftFailing
		if b.left != 0 {
			st.left = joinLeft(a.left, b.left)
		}
		return
	case b.left != 0:
		maybe := b.maybe | b.left
		*st = *a
		st.maybe |= maybe &^ leftFailing
		return
	}
	env, compared := joinEnv(a.Env, b.Env, fork, at)
	m.steps += 1 + compared + len(a.Args)/8
	joined := *a
	joined.Env = env
	joined.maybe |= b.maybe
	joined.Dir = joinValue(a.Dir, b.Dir, at)
	joined.Name = joinValue(a.Name, b.Name, at)
	joined.Opts = Options{
		ErrExit:   both(a.Opts.ErrExit, b.Opts.ErrExit),
		AllExport: both(a.Opts.AllExport, b.Opts.AllExport),
		PipeFail:  both(a.Opts.PipeFail, b.Opts.PipeFail),
	}
	if !slices.EqualFunc(a.Args, b.Args, sameWord) {
		joined.Args = []Word{{Value: Unknown(at, "the arguments depend on which branch was taken"), Many: true}}
	}
	if !slices.EqualFunc(a.dirs, b.dirs, func(x, y Value) bool { return x.Text == y.Text }) {
		joined.dirs = nil
	}
	joined.funcs = joinFunctions(a.funcs, b.funcs)
	if a.funcs != b.funcs {
		m.steps += a.funcs.size() + b.funcs.size()
	}
	joined.locals = joinLocals(a.locals, b.locals, at)
	*st = joined
}

// joinLeft keeps a failing exit only where both fail.
func joinLeft(a, b leave) leave {
	if a == b {
		return a
	}
	return (a | b) &^ leftFailing
}

func joinEnv(a, b, fork *Env, at source.Span) (*Env, int) {
	if a == b {
		return a, 0
	}
	fromA, okA := a.since(fork)
	fromB, okB := b.since(fork)
	if !okA || !okB {
		return NewEnv(Anything(Reason{At: at, Text: "the environment depends on which branch was taken"})), 1
	}
	names := append(fromA, fromB...)
	compared := len(names)
	slices.Sort(names)
	names = slices.Compact(names)
	out := a
	for _, name := range names {
		out = out.With(name, a.Get(name).merge(b.Get(name), at))
	}
	return out, compared
}

func joinValue(a, b Value, at source.Span) Value {
	if a.Text == b.Text {
		return a
	}
	return Unknown(at, "it depends on which branch was taken")
}

func sameWord(a, b Word) bool { return a.Text == b.Text && a.Many == b.Many }

// functions is an immutable set of functions; nil is the empty one.
type functions struct {
	byName map[string]*function
	lost   bool // none of them is known to be what it was
}

func (fs *functions) get(name string) *function {
	if fs == nil {
		return nil
	}
	f := fs.byName[name]
	if f != nil && fs.lost {
		return &function{at: f.at}
	}
	return f
}

func (fs *functions) size() int {
	if fs == nil {
		return 0
	}
	return len(fs.byName)
}

// with returns the set with one function changed, or without it where f is nil.
func (fs *functions) with(name string, f *function) *functions {
	out := &functions{byName: make(map[string]*function, fs.size()+1)}
	if fs != nil {
		for k := range fs.byName {
			out.byName[k] = fs.get(k)
		}
	}
	if f == nil {
		delete(out.byName, name)
	} else {
		out.byName[name] = f
	}
	return out
}

// joinFunctions keeps the functions that are the same in both; of the others
// it is not known what they do.
func joinFunctions(a, b *functions) *functions {
	if a == b {
		return a
	}
	out := &functions{byName: map[string]*function{}}
	for _, from := range []*functions{a, b} {
		if from == nil {
			continue
		}
		for name, f := range from.byName {
			if a.get(name) == b.get(name) {
				out.byName[name] = f
			} else {
				out.byName[name] = &function{at: f.at}
			}
		}
	}
	return out
}

// joinLocals handles "local" in one branch only: what the variable is outside
// is not known from here on.
func joinLocals(a, b *locals, at source.Span) *locals {
	if a == b || a == nil || b == nil {
		return a
	}
	var entries []*locals
	tails := [2]*locals{a, b}
	for i, l := range tails {
		for l != nil && l.name != "" {
			entries = append(entries, l)
			l = l.parent
		}
		tails[i] = l
	}
	list := tails[0]
	if tails[0] != tails[1] && tails[0] != nil && tails[1] != nil {
		list = &locals{parent: joinLocals(tails[0].parent, tails[1].parent, at)}
	}
	for i, l := range entries {
		if !slices.ContainsFunc(entries[:i], func(e *locals) bool { return e.name == l.name }) {
			list = &locals{list, l.name, Anything(Reason{At: at, Text: "it is local in one branch only"})}
		}
	}
	return list
}

// endFunction gives the local variables back their outer values.
func (st *State) endFunction() {
	l := st.locals
	for ; l != nil && l.name != ""; l = l.parent {
		st.set(l.name, l.outer)
	}
	st.locals = nil
	if l != nil {
		st.locals = l.parent
	}
}

// temporary reports whether a variable has another one behind it: one outside
// a function that declares it local or that it is assigned in front of.
func (st *State) temporary(name string) bool {
	for l := st.locals; l != nil; l = l.parent {
		if l.name == name {
			return true
		}
	}
	return slices.Contains(st.temps, name)
}

// unsetLocal notes that a local variable was unset: bash and mksh show the
// outer one from then on.
func (l *locals) unsetLocal(name string, outer Var) *locals {
	if l == nil {
		return nil
	}
	c := *l
	if l.name == name {
		c.outer = outer
	}
	c.parent = l.parent.unsetLocal(name, outer)
	return &c
}
