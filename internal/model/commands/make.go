package commands

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/syntax/makefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// make follows a call of make into the recipes of its targets.
func (k *walk) make(call Ran) {
	c, ok := makefile.CallOf(&call.Command, k.File)
	if !ok {
		k.Ran(call)
		return
	}
	if k.depth >= maxDepth {
		k.unknown(fact.Note{At: call.At, Text: "make calls itself too deeply"})
		return
	}
	c.Prints, c.Names = k.prints, k.Names
	mk := makefile.Load(c)
	size := 0
	for _, f := range mk.Files {
		size += len(f.Data())
	}
	if !k.spend(size/100, call.At) {
		return
	}
	plan := mk.Plan()
	k.spend(plan.Work/workEach, call.At)
	for _, why := range plan.Unknown {
		k.unknown(note(why, call))
	}
	if c.Args.DryRun {
		return
	}
	trail, maybe := k.trail, k.maybe
	k.depth++
	k.trail = append(trail[:len(trail):len(trail)], fact.Note{At: call.At, Text: "runs " + callText(call)})
	for _, line := range plan.Lines {
		k.maybe = maybe || call.Conditional || line.Conditional
		k.line(line)
	}
	k.trace.Kept = append(k.trace.Kept, mk.Kept()...)
	k.depth--
	k.trail, k.maybe = trail, maybe
}

// workEach is the work of make that counts as one command. Of 64 real
// repositories none has a plan of more than 210,000, or all of them together
// more than 11,000,000.
const workEach = 250

// line gives a line of a recipe to its shell.
func (k *walk) line(line makefile.Line) {
	dialect, ok := dialectOf(line.Shell.Text)
	switch {
	case !line.Shell.Known(): // something in the makefile may have set SHELL
		dialect, k.maybe = shell.POSIX, true
	case !ok:
		k.unknown(fact.Note{At: line.At, Text: "the recipe runs in a shell that is not read"})
		return
	}
	uses, sh, kept := k.uses, k.sh, k.kept
	k.uses, k.sh, k.kept = line.Uses, line.Shell, line.Kept
	k.shell(line.Text, dialect, shell.State{Env: line.Env, Dir: line.Dir, Opts: options(line.Flags)})
	k.uses, k.sh, k.kept = uses, sh, kept
}

// dialectOf reads SHELL of make: a program, or "/usr/bin/env bash -o pipefail".
func dialectOf(text string) (shell.Dialect, bool) {
	words := strings.Fields(text)
	for len(words) > 1 && (path.Base(words[0]) == "env" || words[0] == "-S") {
		words = words[1:]
	}
	if len(words) == 0 {
		return 0, false
	}
	return shell.DialectOf(words[0])
}

// options reads .SHELLFLAGS: -eu -o pipefail -c.
func options(flags shell.Value) shell.Options {
	var o shell.Options
	for word := range strings.FieldsSeq(flags.Text) {
		switch {
		case word == "pipefail":
			o.PipeFail = shell.Yes
		case len(word) > 1 && word[0] == '-' && word[1] != '-' && strings.Contains(word, "e"):
			o.ErrExit = shell.Yes
		}
	}
	return o
}

// note says what hinders, at the call where the makefile has no place for it.
func note(why shell.Reason, call Ran) fact.Note {
	if !why.At.Valid() {
		why.At = call.At
	}
	return fact.Note{At: why.At, Text: why.Text}
}

// callText is "make" with the words that are known.
func callText(call Ran) string {
	text := "make"
	for _, w := range call.Words[1:] {
		if w.Exact() {
			text += " " + w.Text
		}
	}
	return text
}
