package shell

import (
	"maps"
	"slices"
)

// Env is an immutable set of variables; With returns a changed one. It is a
// list of changes: a snapshot for every command costs nothing, and two states
// that come from one are compared by looking at their changes only.
//
// Every tableEvery changes a table gathers the last ones, every second table
// those of twice as many, every fourth those of four times as many, and so on.
// So n changes take memory of n log n, and a variable is found in log n steps.
type Env struct {
	parent *Env
	name   string
	value  Var
	depth  int
	table  map[string]Var // the variables that changed after below; nil for most
	below  *Env           // where to look for what the table does not hold
	rest   Var            // every variable that was never mentioned
}

const tableEvery = 32

// NewEnv returns an environment in which every variable is rest: Var{} where
// all that is not set is known to be unset, Anything where it is not.
func NewEnv(rest Var) *Env { return EnvOf(map[string]Var{}, rest) }

// EnvOf returns an environment of many variables, in which every other one is
// rest. The map is the environment's from then on.
func EnvOf(vars map[string]Var, rest Var) *Env { return &Env{rest: rest, table: vars} }

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
	for n := e; n != nil; {
		if n.table != nil {
			if v, ok := n.table[name]; ok {
				return v, true
			}
			n = n.below
			continue
		}
		if n.name == name {
			return n.value, true
		}
		n = n.parent
	}
	return e.rest, false
}

// Getenv returns a variable as a program that is started sees it.
func (e *Env) Getenv(name string) Var { return e.Get(name).Environment() }

// With returns the environment with one variable changed.
func (e *Env) With(name string, v Var) *Env {
	n := &Env{parent: e, name: name, value: v, depth: e.depth + 1, rest: e.rest}
	if n.depth%tableEvery == 0 {
		nth := n.depth / tableEvery
		n.table, n.below = n.changes(n.depth - tableEvery*(nth&-nth))
	}
	return n
}

// Export returns the environment with a variable set and exported.
func (e *Env) Export(name string, v Value) *Env {
	return e.With(name, Var{Value: v, Set: Yes, Exported: Yes})
}

// changes returns the variables that changed after the environment of a depth,
// and that environment. The depth must be one at which a table ends.
func (e *Env) changes(depth int) (map[string]Var, *Env) {
	changed := map[string]Var{}
	add := func(name string, v Var) {
		if _, later := changed[name]; !later {
			changed[name] = v
		}
	}
	n := e
	for n != nil && n.depth > depth {
		if n.table == nil {
			add(n.name, n.value)
			n = n.parent
			continue
		}
		for name, v := range n.table {
			add(name, v)
		}
		n = n.below
	}
	return changed, n
}

// all returns the variables that were mentioned, which must not be changed.
func (e *Env) all() map[string]Var {
	if e.depth == 0 {
		return e.table
	}
	table, _ := e.changes(-1)
	return table
}

// Names returns the variables that were mentioned, sorted.
func (e *Env) Names() []string { return slices.Sorted(maps.Keys(e.all())) }

// Vars returns a copy of the variables that were mentioned.
func (e *Env) Vars() map[string]Var { return maps.Clone(e.all()) }

// Exported returns the environment that a program sees.
func (e *Env) Exported() *Env {
	all := e.all()
	seen := make(map[string]Var, len(all))
	for name, v := range all {
		seen[name] = v.Environment()
	}
	return EnvOf(seen, e.rest.Environment())
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
