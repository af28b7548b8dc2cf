// Package makefile reads makefiles as GNU make 4.3 does and works out, without
// running anything, which recipe lines a target runs, with which text,
// environment and directory. What is not known is a shell.Hole and says why.
//
// Conditionals depend on variables, so that a makefile is always read for one
// call of make: its directory, its NAME=value arguments, its environment.
//
// Unknown on purpose: $(realpath), $(file), $(guile) and the output of $(shell)
// except what the shell package knows; !=; built-in
// implicit rules; timestamps (a target whose file exists may be up to date);
// names that only a generated rule has. An include that cannot be read and
// $(eval) of unknown text make every variable of the makefile unknown that is
// not given on the command line.
//
// Sources: the GNU make 4.3 manual, variable.c (target_environment,
// do_variable_definition), read.c (eval), implicit.c, job.c; and the tests
// that run make.
package makefile

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Call is one call of make.
type Call struct {
	Dir  shell.Value // where make starts, before -C
	Env  *shell.Env  // what make sees; only exported variables count
	Args Args

	// File returns the file of the repository at an absolute path, nil where
	// there is none or it is not known.
	File func(path string) *source.File
	// Exists reports whether a file or directory stands at an absolute path
	// before make runs. A nil func asks File.
	Exists func(path string) shell.Answer
	// Names returns what is in the folder at an absolute path before make runs;
	// all is false where there may be more. A nil func knows no folder.
	Names func(dir string) (names []string, all bool)
	// Prints is asked for what commands in $(shell …) print; see shell.Runner.
	Prints func(c *shell.Command) (text string, known bool)
}

// Makefile is what make knows after it has read its makefiles.
type Makefile struct {
	Files    []*source.File // in the order in which they were read
	Problems []source.Problem
	// Stop is set where reading ended early or there is nothing to read.
	Stop shell.Reason

	call        Call
	dir         shell.Value
	exported    *shell.Env // of the call, what programs see; nil until it is asked for
	vars        map[string]*variable
	rest        shell.Reason    // set when a variable that was never mentioned is not known to be unset
	flagVars    []shell.Binding // of the command line and the one of the make above
	exportAll   bool
	rules       []*rule
	byTarget    map[string][]*rule
	patterns    []*rule
	targetVars  map[string]map[string]*variable
	patternVars []patternVariable
	phony       map[string]bool
	special     map[string]bool // .ONESHELL, .SILENT and so on, without prerequisites
	ignored     map[string]bool // prerequisites of .IGNORE
	silent      map[string]bool
	unknown     []shell.Reason  // what may add rules that are not known
	stops       shell.Reason    // set by the expansion of a variable that refers to itself
	goal        string          // the first target
	missing     []string        // included files that are not there
	prefix      byte            // .RECIPEPREFIX
	mentioned   map[string]bool // names of variables that the files expand; nil until it is asked for
	work        int
	planning    bool // all is read, recipes run
}

// Bounds of reading. Beyond them reading stops and the rest is unknown.
const (
	maxSize    = 1 << 20  // bytes of one makefile
	maxInclude = 32       // nested includes
	maxFiles   = 200      // makefiles read
	maxDepth   = 64       // nested expansions
	maxText    = 64 << 10 // bytes of one value
	maxWork    = 4 << 20  // bytes of all expansions, about
	maxLines   = 20_000   // recipe lines of one plan
)

// defaultNames are the makefiles make looks for, in order.
var defaultNames = [...]string{"GNUmakefile", "makefile", "Makefile"}

// Load reads the makefiles of a call.
func Load(call Call) *Makefile {
	if call.Env == nil {
		call.Env = shell.NewEnv(shell.Var{})
	}
	mk := &Makefile{
		call: call, dir: call.Args.dir(call.Dir), vars: map[string]*variable{}, byTarget: map[string][]*rule{},
		targetVars: map[string]map[string]*variable{},
		phony:      map[string]bool{}, special: map[string]bool{}, ignored: map[string]bool{}, silent: map[string]bool{}, prefix: '\t',
	}
	mk.builtins()
	mk.environment()
	mk.arguments()
	if call.Args.Unknown.Text != "" {
		mk.Stop = call.Args.Unknown
		return mk
	}
	r := &reader{mk: mk}
	for _, name := range mk.fileNames() {
		r.includeFile(name)
	}
	mk.generatedIncludes()
	for _, r := range mk.byTarget[".EXPORT_ALL_VARIABLES"] {
		mk.exportAll = true // whatever "unexport" said
		if r.maybe {
			mk.poison(shell.Reason{At: r.at, Text: "it is not known whether all variables are exported"})
		}
	}
	if rest := call.Env.Rest().Environment(); mk.call.Args.EnvFirst && rest.Set != shell.No {
		mk.poison(shell.Reason{Text: "make -e: which variables the environment overrides is not followed"})
	}
	return mk
}

// callEnv is the environment of the call as make gets it.
func (mk *Makefile) callEnv() *shell.Env {
	if mk.exported == nil {
		mk.exported = mk.call.Env.Exported()
	}
	return mk.exported
}

// fileNames returns the makefiles to start with.
func (mk *Makefile) fileNames() []string {
	if mk.call.File == nil || !mk.dir.Known() {
		mk.Stop = shell.Reason{At: mk.dir.At, Text: "the directory of make is not known"}
		return nil
	}
	var names []string
	for _, w := range mk.call.Args.Files {
		if !w.Exact() {
			mk.Stop = shell.Reason{At: w.At, Text: "the name of the makefile is not known"}
			return nil
		}
		names = append(names, w.Text)
	}
	if len(names) > 0 {
		for _, name := range names {
			if mk.file(name) == nil {
				mk.Stop = shell.Reason{Text: "the makefile " + name + " is not in the repository"}
			}
		}
		return names
	}
	for _, name := range defaultNames {
		if mk.file(name) != nil {
			return []string{name}
		}
	}
	mk.Stop = shell.Reason{Text: "there is no makefile in " + mk.dir.Text}
	return nil
}

// path returns the absolute path of a name in the directory of make.
func (mk *Makefile) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(mk.dir.Text, name)
}

func (mk *Makefile) file(name string) *source.File {
	if mk.call.File == nil || strings.Contains(name, shell.Hole) {
		return nil
	}
	return mk.call.File(mk.path(name))
}

func (mk *Makefile) exists(name string) shell.Answer {
	if strings.Contains(name, shell.Hole) {
		return shell.Maybe
	}
	if mk.call.Exists != nil {
		return mk.call.Exists(mk.path(name))
	}
	if mk.file(name) != nil {
		return shell.Yes
	}
	return shell.No
}

// generatedIncludes gives up where an included file is made by a rule.
func (mk *Makefile) generatedIncludes() {
	for _, name := range mk.missing {
		if len(mk.byTarget[name]) > 0 {
			mk.poison(shell.Reason{At: mk.byTarget[name][0].at, Text: "the included file " + name + " is generated"})
		}
	}
}

// poison forgets all variables that are not given on the command line. That
// make and the shell are the usual ones is kept.
func (mk *Makefile) poison(why shell.Reason) {
	copies := make([]variable, 0, len(mk.vars))
	for name, v := range mk.vars {
		strong := v.origin == commandLine || v.origin == override && !mk.call.Args.EnvFirst || v.origin == automatic
		if strong || name == "MAKE" || name == "MAKE_COMMAND" || name == "SHELL" || name == ".SHELLFLAGS" {
			continue
		}
		copies = append(copies, *v)
		lost := &copies[len(copies)-1]
		lost.lost, lost.exported = why, exportMaybe
		mk.vars[name] = lost
	}
	for _, set := range mk.targetVars {
		for name, v := range set {
			lost := *v
			lost.lost, lost.exported = why, exportMaybe
			set[name] = &lost
		}
	}
	mk.rest = why
	mk.unknown = append(mk.unknown, why)
}

func (mk *Makefile) problem(at source.Span, text string) {
	mk.Problems = append(mk.Problems, source.Problem{At: at, Text: text})
}
