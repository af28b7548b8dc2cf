package makefile

import (
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Kept returns the variables that the makefile sets and that make does not pass
// on to recipes: those that are neither exported nor in the environment. They
// are sorted by name. Expanded is set where the makefiles mention $(NAME).
func (mk *Makefile) Kept() []shell.Assign {
	var kept []shell.Assign
	for _, name := range slices.Sorted(maps.Keys(mk.vars)) {
		v := mk.vars[name]
		if v.origin != fromFile || !v.at.Valid() || v.lost.Text != "" || (&planner{mk: mk}).isExported(v) != shell.No {
			continue
		}
		kept = append(kept, mk.kept(v))
	}
	return kept
}

// kept is a variable as it is assigned.
func (mk *Makefile) kept(v *variable) shell.Assign {
	value := shell.Known(v.text, v.at)
	if v.append || v.recursive && strings.Contains(v.text, "$") {
		value = shell.Unknown(v.at, "is expanded when it is used")
	}
	return shell.Assign{Name: v.name, Value: value, At: v.at, Expanded: mk.mentions(v.name)}
}

// kept returns the variables of targets in a scope that are not passed on, sorted
// by name.
func (p *planner) kept(s *scope) []shell.Assign {
	found := map[string]*variable{}
	for level := s; level.outer != nil; level = level.outer { // the outermost are those of the makefile
		for name, v := range level.vars {
			if v.target && v.origin == fromFile && v.at.Valid() && v.lost.Text == "" && s.get(name) == v && p.isExported(v) == shell.No {
				found[name] = v
			}
		}
		p.mk.work += len(level.vars)
	}
	var kept []shell.Assign
	for _, name := range slices.Sorted(maps.Keys(found)) {
		kept = append(kept, p.mk.kept(found[name]))
	}
	return kept
}

func (mk *Makefile) mentions(name string) bool {
	for _, f := range mk.Files {
		text := string(f.Data())
		if strings.Contains(text, "$("+name+")") || strings.Contains(text, "${"+name+"}") || strings.Contains(text, "$$"+name) {
			return true
		}
	}
	return false
}
