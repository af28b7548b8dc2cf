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
		value := shell.Known(v.text, v.at)
		if v.recursive && strings.Contains(v.text, "$") {
			value = shell.Unknown(v.at, "is expanded when it is used")
		}
		kept = append(kept, shell.Assign{Name: name, Value: value, At: v.at, Expanded: mk.mentions(name)})
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
