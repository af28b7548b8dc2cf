package makefile

import (
	"bytes"
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

// mentions reports whether the makefiles expand a variable, or give its name to
// the shell.
func (mk *Makefile) mentions(name string) bool {
	if mk.mentioned == nil {
		mk.mentioned = map[string]bool{}
		for _, f := range mk.Files {
			collectNames(f.Data(), mk.mentioned)
		}
	}
	return mk.mentioned[name]
}

// collectNames adds the names of $(NAME), ${NAME} and $$NAME in a text.
func collectNames(text []byte, names map[string]bool) {
	for {
		i := bytes.IndexByte(text, '$')
		if i < 0 || i+1 == len(text) {
			return
		}
		opening := text[i+1]
		if text = text[i+1:]; opening != '(' && opening != '{' && opening != '$' {
			continue
		}
		ends := notInName
		if opening == '$' {
			ends = notInShellName
		}
		end := bytes.IndexFunc(text[1:], ends)
		if end < 0 {
			end = len(text) - 1
		}
		rest := text[1+end:]
		switch {
		case opening == '$', opening == '(' && bytes.HasPrefix(rest, []byte(")")), opening == '{' && bytes.HasPrefix(rest, []byte("}")):
			names[string(text[1:1+end])] = true
		}
	}
}

// notInName and notInShellName report whether a character ends the name of a
// variable of make, or of the shell.
func notInName(r rune) bool { return strings.ContainsRune(" \t\r\n$(){}:#=", r) }
func notInShellName(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
