package makefile

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// origin is where a variable comes from, as $(origin) names it.
type origin uint8

const (
	undefined origin = iota
	builtin
	environment
	fromFile
	environmentOverride
	commandLine
	override
	automatic
)

func (o origin) String() string {
	return [...]string{"undefined", "default", "environment", "file", "environment override", "command line", "override", "automatic"}[o]
}

// exporting is what a makefile says about exporting one variable.
type exporting uint8

const (
	exportDefault exporting = iota
	exportYes
	exportNo
	exportMaybe // an unknown conditional decides
)

// variable is never changed: an assignment replaces it.
type variable struct {
	name      string
	text      string // unexpanded when recursive; may hold holes
	recursive bool
	origin    origin
	exported  exporting
	at        source.Span
	why       shell.Reason // of a hole in text
	lost      shell.Reason // set when nothing is known of it
	private   bool
	unsure    bool // it is not known whether an assignment without override has an effect
	endless   bool // it refers to itself, or may: make stops where it is expanded
	hidden    bool // a private ?= of a target fell on it: whether it is seen is not known, whatever assigns it
	target    bool // specific to a target
	append    bool // of a target: its text comes behind the value from around the target
}

// unknownDefaults are variables that make defines itself and whose value is
// not worth knowing here.
var unknownDefaults = [...]string{"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKE_VERSION", "MAKE_HOST", ".VARIABLES", ".FEATURES", ".INCLUDE_DIRS",
	".LIBPATTERNS", "SUFFIXES", ".SUFFIXES", "MAKE_TERMOUT", "MAKE_TERMERR", "OUTPUT_OPTION", "AS", "CPP", "FC", "F77", "F77FLAGS", "GET", "LD", "LEX", "LINT",
	"M2C", "PC", "YACC", "MAKEINFO", "TEX", "TEXI2DVI", "WEAVE", "CWEAVE", "TANGLE", "CTANGLE", "CO", "COFLAGS", "CHECKOUT,v", "OBJC", "ARFLAGS", "TEXI2DVI"}

// builtins defines what make itself defines.
func (mk *Makefile) builtins() {
	for _, name := range unknownDefaults {
		mk.vars[name] = &variable{name: name, origin: builtin, lost: shell.Reason{Text: "make defines " + name}}
	}
	for name, text := range map[string]string{"CC": "cc", "CXX": "g++", "AR": "ar", "RM": "rm -f", "SHELL": "/bin/sh", ".SHELLFLAGS": "-c"} {
		mk.vars[name] = &variable{name: name, text: text, origin: builtin, recursive: true}
	}
	mk.vars["MAKE"] = &variable{name: "MAKE", text: "$(MAKE_COMMAND)", origin: builtin, recursive: true}
	mk.vars["MAKE_COMMAND"] = &variable{name: "MAKE_COMMAND", text: "make", origin: builtin}
	mk.vars["CURDIR"] = &variable{name: "CURDIR", text: mk.dir.Text, origin: fromFile, why: mk.dir.Why, at: mk.dir.At}
	mk.vars["MAKEFILE_LIST"] = &variable{name: "MAKEFILE_LIST", origin: fromFile}
	goals := make([]string, 0, len(mk.call.Args.Targets))
	for _, w := range mk.call.Args.Targets {
		goals = append(goals, w.Text)
	}
	mk.vars["MAKECMDGOALS"] = &variable{name: "MAKECMDGOALS", text: strings.Join(goals, " "), origin: automatic}
}

// environment makes a variable of each in the environment. Its text is
// expanded when it is used, as that of a recursive variable.
func (mk *Makefile) environment() {
	env := mk.call.Env
	for _, name := range env.Names() {
		v := env.Getenv(name)
		if v.Set == shell.No || name == "SHELL" || name == "MAKEFLAGS" || name == "MAKELEVEL" || name == "MFLAGS" {
			continue
		}
		e := &variable{name: name, text: v.Text, recursive: true, origin: environment, exported: exportYes, at: v.At, why: v.Why}
		if v.Set == shell.Maybe {
			e.lost, e.exported = v.Why, exportMaybe
		}
		mk.vars[name] = e
	}
	if rest := env.Rest().Environment(); rest.Set != shell.No {
		mk.rest = rest.Why
	}
}

// arguments defines the variables of the command line: first those that a make
// above passed down, then the own ones.
func (mk *Makefile) arguments() {
	flags := mk.call.Env.Getenv("MAKEFLAGS")
	if flags.Set == shell.Yes {
		letters, _, _ := strings.Cut(flags.Text, " ")
		for i := range len(letters) {
			if letters[0] != '-' {
				mk.call.Args.flag(letters[i])
			}
		}
		mk.flagVars = flagVariables(flags.Value)
	}
	mk.flagVars = append(mk.flagVars, mk.call.Args.Vars...)
	above := len(mk.flagVars) - len(mk.call.Args.Vars)
	for i, b := range mk.flagVars {
		mk.argument(b, i < above)
	}
}

func (mk *Makefile) argument(b shell.Binding, fromAbove bool) {
	v := &variable{name: b.Name, text: b.Value.Text, recursive: true, origin: commandLine, exported: exportDefault, at: b.Value.At, why: b.Value.Why}
	switch name := strings.TrimRight(b.Name, ":"); {
	case strings.HasSuffix(b.Name, "+"), strings.HasSuffix(b.Name, "?"), strings.HasSuffix(b.Name, "!"):
		v.name = b.Name[:len(b.Name)-1]
		v.lost = shell.Reason{At: b.Value.At, Text: "this assignment on the command line is not followed"}
	case name != b.Name:
		x := mk.expander(nil)
		v.name, v.recursive, v.text, v.why = name, false, x.expand(b.Value.Text), x.firstWhy(b.Value.Why)
	}
	if old := mk.vars[v.name]; old != nil {
		v.exported = old.exported
	}
	if v.text == shell.Hole && fromAbove {
		v.lost, v.exported = b.Value.Why, exportMaybe // the make above may not have passed it on
	}
	mk.vars[v.name] = v
}

// flagVariables returns the variable definitions in MAKEFLAGS, which stand
// behind "--" with their blanks and backslashes escaped and $ doubled.
func flagVariables(flags shell.Value) []shell.Binding {
	_, text, ok := strings.Cut(" "+flags.Text, " -- ")
	if !ok {
		return nil
	}
	var out []shell.Binding
	var word strings.Builder
	flush := func() {
		if name, value, ok := strings.Cut(word.String(), "="); ok {
			v := flags
			v.Text = value
			out = append(out, shell.Binding{Name: name, Value: v})
		}
		word.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		case c == ' ':
			flush()
		default:
			word.WriteByte(c)
		}
	}
	flush()
	return out
}

// makeFlags is MAKEFLAGS as recipes see it, as far as it matters here: the
// variables of the command line as they were given.
func (mk *Makefile) makeFlags() string {
	var b strings.Builder
	for i, f := range mk.flagVars {
		again := slices.ContainsFunc(mk.flagVars[i+1:], func(g shell.Binding) bool { return strings.TrimRight(g.Name, ":") == strings.TrimRight(f.Name, ":") })
		if again {
			continue
		}
		if mk.call.Args.EnvFirst {
			f.Value.Text = shell.Hole // make 4.3 does not always pass them on with -e
		}
		b.WriteString(" " + f.Name + "=" + strings.NewReplacer("\\", "\\\\", " ", "\\ ", "\t", "\\\t").Replace(f.Value.Text))
	}
	letters := ""
	for _, f := range []struct {
		letter string
		on     bool
	}{{"B", mk.call.Args.Always}, {"e", mk.call.Args.EnvFirst}, {"i", mk.call.Args.Ignore}, {"s", mk.call.Args.Silent}} {
		if f.on {
			letters += f.letter
		}
	}
	if b.Len() > 0 {
		return letters + " --" + b.String()
	}
	return letters
}

// assignment is one definition of a variable.
type assignment struct {
	name     string // unexpanded
	op       string // =, :=, ::=, ?=, +=, !=
	value    string // unexpanded
	at       source.Span
	export   exporting
	override bool
	private  bool
}

// scope is a set of variables: of the makefile, around it those of a target,
// around that those of the target that asks for it, in lookup order.
type scope struct {
	vars   map[string]*variable
	outer  *scope
	own    bool // of a target or pattern
	parent bool // outer belongs to another target: its private variables are not seen
}

func (s *scope) get(name string) *variable {
	v, _ := s.find(name)
	return v
}

// find returns a variable and the scope around the one that holds it.
func (s *scope) find(name string) (*variable, *scope) {
	inherited := false
	for ; s != nil; s = s.outer {
		if v := s.vars[name]; v != nil && !(inherited && v.private) {
			return v, s.outer
		}
		inherited = inherited || s.parent
	}
	return nil, nil
}

// assign does what make's do_variable_definition does.
func (mk *Makefile) assign(a assignment, s *scope, from origin) {
	x := mk.expander(s)
	name := strings.TrimSpace(x.expand(a.name))
	if strings.Contains(name, shell.Hole) {
		mk.poison(shell.Reason{At: a.at, Text: "the name of the variable is not known"})
		return
	}
	if a.override {
		from = override
	}
	old := s.get(name)
	if old != nil && old.origin == environment && mk.call.Args.EnvFirst && !s.own && a.op != "?=" {
		stronger := *old
		stronger.origin = environmentOverride
		old, mk.vars[name] = &stronger, &stronger
	}
	v := &variable{name: name, text: a.value, recursive: true, origin: from, at: a.at, private: a.private, target: s.own}
	if inSet := s.vars[name]; inSet != nil && !s.own {
		v.exported = inSet.exported
	}
	if a.export != exportDefault {
		v.exported = a.export
	}
	if s.own {
		if mk.assignTarget(v, old, a, s, x) {
			return
		}
	} else if old != nil && mk.protected(old, from) {
		mk.reexport(old, a, s)
		return
	}
	switch a.op {
	case ":=", "::=", ":::=":
		v.text, v.recursive = x.expand(a.value), false
		v.why = x.firstWhy(shell.Reason{})
	case "?=":
		if old != nil {
			if old.lost.Text == "" {
				mk.reexport(old, a, s)
				return
			}
			v.lost = old.lost // it may be set or not
		} else if mk.rest.Text != "" {
			v.lost, v.exported = mk.rest, exportMaybe
		}
	case "!=":
		v.text, v.recursive, v.why = shell.Hole, false, shell.Reason{At: a.at, Text: "the output of a command is not known"}
	case "+=":
		if old != nil && (a.value == "" || !old.recursive && x.expand(a.value) == "") { // not even the origin changes
			mk.reexport(old, a, s)
			return
		}
		mk.appended(v, old, a, x)
	}
	if old != nil && (old.unsure && from != override || old.hidden) {
		v.lost, v.unsure, v.hidden = shell.Reason{At: a.at, Text: "it is not known whether this assignment has an effect"}, true, old.hidden
	}
	if old != nil && old.hidden {
		v.exported = exportMaybe
	}
	v.endless = v.recursive && refersTo(v.text, name, 0)
	if a.op != "?=" && old == nil && !s.own && mk.rest.Text != "" && v.exported == exportDefault {
		v.exported = exportMaybe // exported if it is in the environment
	}
	s.vars[name] = v
	if old != nil && old.origin == commandLine {
		mk.overridden(name, a.at)
	}
}

// refersTo reports whether unexpanded text refers to a variable directly.
func refersTo(text, name string, depth int) bool {
	for rest := text; ; {
		i := strings.IndexByte(rest, '$')
		if i < 0 || i+1 >= len(rest) {
			return false
		}
		size, inner := reference(rest[i:])
		if size == 0 {
			return false
		}
		if whole, _, _ := strings.Cut(inner, ":"); whole == name || depth < maxDepth && strings.Contains(inner, "$") && refersTo(inner, name, depth+1) {
			return true
		}
		rest = rest[i+size:]
	}
}

// overridden notes that the makefile changed a variable of the command line:
// what a make below gets to see is not known.
func (mk *Makefile) overridden(name string, at source.Span) {
	why := shell.Unknown(at, "the makefile overrides a variable of the command line")
	for i, f := range mk.flagVars {
		if strings.TrimRight(f.Name, ":+?!") == name {
			mk.flagVars[i] = shell.Binding{Name: name, Value: why}
		}
	}
}

// reexport keeps a variable but for what an assignment without effect says
// about exporting it.
func (mk *Makefile) reexport(old *variable, a assignment, s *scope) {
	if a.export != exportDefault {
		kept := *old
		kept.exported = a.export
		s.vars[old.name] = &kept
	}
}

// assignTarget handles what is special about the variables of a target: the
// command line still wins, += is put off until the value around the target is
// known, and ?= on a variable that exists changes that one: make forgets that
// it was exported.
func (mk *Makefile) assignTarget(v, old *variable, a assignment, s *scope, x *expander) (done bool) {
	inSet := s.vars[v.name]
	if inSet != nil && inSet.origin == override && v.origin != override {
		kept := *inSet
		kept.exported, kept.private = v.exported, v.private
		s.vars[v.name] = &kept
		return true
	}
	global := mk.vars[v.name]
	if v.origin != override && global != nil && (global.origin == commandLine || global.origin == environmentOverride) && (a.op != "?=") {
		kept := *global
		kept.exported, kept.private, kept.target = v.exported, v.private, true
		if global.origin == environmentOverride {
			kept.exported = exportMaybe
		}
		s.vars[v.name] = &kept
		return true
	}
	switch a.op {
	case "+=":
		if inSet == nil || inSet.append {
			v.append = true
		}
		if v.origin == override {
			v.lost, v.exported = shell.Reason{At: a.at, Text: "what override += of a target is put behind is not followed"}, exportMaybe
		}
		if inSet == nil || v.lost.Text != "" {
			s.vars[v.name] = v
			return true
		}
		mk.appended(v, inSet, a, x)
		s.vars[v.name] = v
		return true
	case "?=":
		if old == nil {
			return false
		}
		changed := *old
		changed.private = a.private
		if changed.exported = a.export; a.export == exportDefault {
			changed.exported = exportMaybe // make forgets that it was exported in some cases
		}
		if a.private || old.lost.Text != "" {
			changed.lost, changed.exported = shell.Reason{At: a.at, Text: "it is not known whether ?= has an effect here"}, exportMaybe
			changed.private, changed.unsure, changed.hidden = false, true, a.private || old.hidden
			lost := changed
			lost.target, mk.vars[v.name] = true, &changed
			s.vars[v.name] = &lost
			return true
		}
		if s.vars[v.name] != nil {
			s.vars[v.name] = &changed
		} else {
			mk.vars[v.name] = &changed
		}
		return true
	}
	return false
}

// protected reports whether an assignment has no effect because the variable
// comes from a stronger place.
func (mk *Makefile) protected(old *variable, from origin) bool {
	return (old.origin == commandLine || old.origin == environmentOverride || old.origin == override) && from != override && from < commandLine
}

// appendText puts a blank between two texts unless one is empty. A hole that
// may be empty stands for the blank too.
func appendText(a, b string) string {
	if empty(a) != shell.No || empty(b) != shell.No {
		return a + b
	}
	return a + " " + b
}

// appended makes v the old variable with more text. The text of a recursive
// variable is appended unexpanded.
func (mk *Makefile) appended(v, old *variable, a assignment, x *expander) {
	if old == nil {
		v.lost = mk.rest
		return
	}
	v.lost, v.why, v.recursive = old.lost, old.why, old.recursive
	more := a.value
	if !old.recursive {
		more = x.expand(a.value)
		if v.why.Text == "" {
			v.why = x.firstWhy(shell.Reason{})
		}
	}
	v.text = appendText(old.text, more)
	if len(v.text) > maxText {
		v.text, v.lost = shell.Hole, shell.Reason{At: a.at, Text: "the value is too long"}
	}
	mk.work += len(v.text)
}
