package makefile

import (
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
	target    bool // specific to a target
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
		if mk.call.Args.EnvFirst {
			e.origin = environmentOverride
		}
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
		for _, b := range flagVariables(flags.Value) {
			mk.argument(b)
		}
	}
	for _, b := range mk.call.Args.Vars {
		mk.argument(b)
	}
}

func (mk *Makefile) argument(b shell.Binding) {
	v := &variable{name: b.Name, text: b.Value.Text, recursive: true, origin: commandLine, exported: exportDefault, at: b.Value.At, why: b.Value.Why}
	switch name := strings.TrimRight(b.Name, ":"); {
	case strings.HasSuffix(b.Name, "+"), strings.HasSuffix(b.Name, "?"), strings.HasSuffix(b.Name, "!"):
		v.name = b.Name[:len(b.Name)-1]
		v.lost = shell.Reason{At: b.Value.At, Text: "this assignment on the command line is not followed"}
	case name != b.Name:
		x := mk.expander(nil)
		v.name, v.recursive, v.text, v.why = name, false, x.expand(b.Value.Text), x.firstWhy(b.Value.Why)
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

// makeFlags is MAKEFLAGS as recipes see it, as far as it matters here.
func (mk *Makefile) makeFlags(names []string) string {
	var b strings.Builder
	for _, name := range names {
		v := mk.vars[name]
		if v.origin != commandLine {
			continue
		}
		op := "="
		text := v.text
		if !v.recursive {
			op, text = ":=", strings.ReplaceAll(text, "$", "$$")
		}
		if v.lost.Text != "" {
			text = shell.Hole
		}
		b.WriteString(" " + name + op + strings.NewReplacer("\\", "\\\\", " ", "\\ ", "\t", "\\\t").Replace(text))
	}
	if b.Len() == 0 {
		return ""
	}
	return " --" + b.String()
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

// scope is where an assignment goes and where names are looked up: the
// makefile's variables, below them those of a target.
type scope struct {
	vars  map[string]*variable
	outer *scope
	own   bool // of a target

	// hidden are the private variables of the targets around this one. Versions
	// of make differ in whether they are exported to it.
	hidden []string
}

func (s *scope) get(name string) *variable {
	for ; s != nil; s = s.outer {
		if v := s.vars[name]; v != nil {
			return v
		}
	}
	return nil
}

// assign does what make's do_variable_definition does.
func (mk *Makefile) assign(a assignment, s *scope, from origin) {
	x := mk.expander(s)
	name := strings.TrimSpace(x.expand(a.name))
	if strings.Contains(name, shell.Hole) {
		mk.poison(shell.Reason{At: a.at, Text: "the name of the variable is not known"})
		return
	}
	old := s.get(name)
	if a.override {
		from = override
	}
	v := &variable{name: name, text: a.value, recursive: true, origin: from, at: a.at, private: a.private, target: s.own}
	if old != nil {
		v.exported = old.exported
	}
	if a.export != exportDefault {
		v.exported = a.export
	}
	if old != nil && mk.protected(old, from) {
		if a.export != exportDefault {
			kept := *old
			kept.exported = a.export
			s.vars[name] = &kept
		}
		return
	}
	switch a.op {
	case ":=", "::=", ":::=":
		v.text, v.recursive = x.expand(a.value), false
		v.why = x.firstWhy(shell.Reason{})
	case "?=":
		if old != nil {
			if old.lost.Text == "" {
				if a.export != exportDefault {
					kept := *old
					kept.exported = a.export
					s.vars[name] = &kept
				}
				return
			}
			v.lost = old.lost // it may be set or not
		} else if mk.rest.Text != "" {
			v.lost, v.exported = mk.rest, exportMaybe
		}
	case "!=":
		v.text, v.recursive, v.why = shell.Hole, false, shell.Reason{At: a.at, Text: "the output of a command is not known"}
	case "+=":
		mk.appended(v, old, a, x)
	}
	if a.op != "?=" && old == nil && mk.rest.Text != "" && v.exported == exportDefault {
		v.exported = exportMaybe // exported if it is in the environment
	}
	s.vars[name] = v
}

// protected reports whether an assignment has no effect because the variable
// comes from a stronger place.
func (mk *Makefile) protected(old *variable, from origin) bool {
	return (old.origin == commandLine || old.origin == environmentOverride || old.origin == override) && from != override && from < commandLine
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
	switch {
	case old.text == "":
		v.text = more
	case more == "":
		v.text = old.text
	default:
		v.text = old.text + " " + more
	}
	if len(v.text) > maxText {
		v.lost = shell.Reason{At: a.at, Text: "the value is too long"}
	}
}
