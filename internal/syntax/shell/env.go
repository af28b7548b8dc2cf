package shell

import (
	"slices"
)

// Env is an immutable set of variables; With returns a changed one. It is a
// list of changes with a full table every few entries: a snapshot for every
// command costs nothing, and two states that come from one are compared by
// looking at their changes only.
type Env struct {
	parent *Env
	name   string
	value  Var
	depth  int
	table  map[string]Var // all variables, at the root and every tableEvery entries
	rest   Var            // every variable that was never mentioned
}

const tableEvery = 32

// NewEnv returns an environment in which every variable is rest: Var{} where
// all that is not set is known to be unset, Anything where it is not.
func NewEnv(rest Var) *Env { return &Env{rest: rest, table: map[string]Var{}} }

// Anything returns a variable of which nothing is known, for the reason given.
func Anything(why Reason) Var {
	return Var{Value: Value{Text: Hole, At: why.At, Why: why}, Set: Maybe, Exported: Maybe}
}

// Get returns a variable as the shell sees it.
func (e *Env) Get(name string) Var {
	v, _ := e.find(name)
	return v
}

// find also reports whether the variable was ever mentioned.
func (e *Env) find(name string) (Var, bool) {
	for n := e; n != nil; n = n.parent {
		if n.parent != nil && n.name == name {
			return n.value, true
		}
		if n.table != nil {
			v, ok := n.table[name]
			if !ok {
				return e.rest, false
			}
			return v, true
		}
	}
	return e.rest, false
}

// Getenv returns a variable as a program that is started sees it.
func (e *Env) Getenv(name string) Var { return e.Get(name).Environment() }

// With returns the environment with one variable changed.
func (e *Env) With(name string, v Var) *Env {
	n := &Env{parent: e, name: name, value: v, depth: e.depth + 1, rest: e.rest}
	if n.depth%tableEvery == 0 {
		n.table = n.flatten()
	}
	return n
}

// Export returns the environment with a variable set and exported.
func (e *Env) Export(name string, v Value) *Env {
	return e.With(name, Var{Value: v, Set: Yes, Exported: Yes})
}

func (e *Env) flatten() map[string]Var {
	var path []*Env
	n := e
	for ; n.table == nil; n = n.parent {
		path = append(path, n)
	}
	table := make(map[string]Var, len(n.table)+len(path))
	for k, v := range n.table {
		table[k] = v
	}
	for _, c := range slices.Backward(path) {
		table[c.name] = c.value
	}
	return table
}

// Names returns the variables that were mentioned, sorted.
func (e *Env) Names() []string {
	table := e.flatten()
	names := make([]string, 0, len(table))
	for k := range table {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// Exported returns the environment that a program sees.
func (e *Env) Exported() *Env {
	out := NewEnv(e.rest.Environment())
	for _, k := range e.Names() {
		out.table[k] = e.Get(k).Environment()
	}
	return out
}

// since returns the names changed after fork, and false where e does not come
// from fork: then everything may differ.
func (e *Env) since(fork *Env) ([]string, bool) {
	var names []string
	for n := e; n != nil; n = n.parent {
		if n == fork {
			return names, true
		}
		names = append(names, n.name)
	}
	return nil, false
}

// Rest returns what a variable is that was never mentioned.
func (e *Env) Rest() Var { return e.rest }
