// Package commands finds the commands that really run: it follows a line of
// shell through scripts of the repository and through make, whichever way
// they call one another.
package commands

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/makefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Ran is a command that runs, or may run (see shell.Command.Conditional).
type Ran struct {
	shell.Command
	// Trail are the calls on the way to it, outermost first: make and its
	// targets.
	Trail []fact.Note
	// Uses are the variables of make in its recipe line, with where they are
	// defined.
	Uses []shell.Use
	// Shell is SHELL of make for the recipe in which it stands; no text outside of
	// recipes.
	Shell shell.Value
	// Kept are the variables of the target that make does not pass on to the recipe.
	Kept []shell.Assign
}

// Name returns the base name of the program, "" where it is not known.
func (r Ran) Name() string {
	if !r.Words[0].Exact() {
		return ""
	}
	return path.Base(r.Words[0].Text)
}

// World is the machine on which commands run, as far as we know it.
type World struct {
	// File returns the file of the repository that stands at an absolute path,
	// or nil.
	File func(path string) *source.File
	// Names returns what is in the folder at an absolute path; all is false
	// where there may be more. A nil func knows no folder.
	Names func(dir string) (names []string, all bool)
	// Ran is called with each command, in order.
	Ran func(Ran)
	// Budget is shared with other texts; nil where there is none.
	Budget *Budget
	// Platform is what the commands run on, as linux/amd64; Root is the checkout
	// that they run in. Both are empty where they are not known.
	Platform, Root string
}

// Trace is what is left to say after all commands.
type Trace struct {
	Unknown []fact.Note    // places at which commands may run that we do not see
	Dead    []shell.Assign // assignments that are not exported, so that no command sees them
	Left    []shell.Assign // assignments that are exported when the shell that made them ends
	Kept    []shell.Assign // variables that make does not pass on to recipes
	End     shell.State
}

// maxDepth bounds how deep make and scripts call one another, maxCommands how
// many commands one text leads to.
const (
	maxDepth    = 12
	maxCommands = 20_000
)

// Budget bounds what several texts lead to together, in commands. A makefile
// counts as one for each 100 bytes each time that it is read, and so do ten
// steps of a shell and what make expands in 250 bytes.
type Budget struct{ left int }

// NewBudget returns a budget of so many commands.
func NewBudget(commands int) *Budget { return &Budget{commands} }

type walk struct {
	World
	trace Trace
	trail []fact.Note
	uses  []shell.Use
	sh    shell.Value // of the recipe
	kept  []shell.Assign
	maybe bool // what runs now may not run
	depth int
	left  int // of maxCommands
	spent bool
}

// Shell follows a script.
func (w World) Shell(text *source.Joined, dialect shell.Dialect, st shell.State) Trace {
	k := &walk{World: w, left: maxCommands}
	k.trace.End = k.shell(text, dialect, st)
	return k.trace
}

// Exec follows one command given as words, which are known.
func (w World) Exec(words []shell.Word, st shell.State) Trace {
	// To a shell, words in quotes are what they are to execve.
	var text source.Joined
	for i, word := range words {
		if i > 0 {
			text.AppendAs(" ", word.At.Sub(0, 0))
		}
		text.AppendAs("'"+strings.ReplaceAll(word.Text, "'", `'\''`)+"'", word.At)
	}
	return w.Shell(&text, shell.POSIX, st)
}

func (k *walk) shell(text *source.Joined, dialect shell.Dialect, st shell.State) shell.State {
	runner := shell.Runner{File: k.File, Prints: k.prints}
	t := runner.Run(shell.Parse(text, dialect), st)
	if t.Stop.Text != "" {
		k.unknown(fact.Note{At: t.Stop.At, Text: t.Stop.Text})
	}
	k.spend(t.Steps/10, text.Whole())
	for i := range t.Commands {
		k.command(&t.Commands[i])
	}
	k.trace.Dead = append(k.trace.Dead, t.Dead()...)
	for _, a := range t.Assigns {
		if v := t.End.Env.Getenv(a.Name); v.Set == shell.Yes && v.At == a.At {
			k.trace.Left = append(k.trace.Left, *a)
		}
	}
	return t.End
}

func (k *walk) command(c *shell.Command) {
	if !k.spend(1, c.At) {
		return
	}
	if c.Opaque.Text != "" {
		k.unknown(fact.Note{At: c.At, Text: c.Opaque.Text})
	}
	ran := Ran{Command: *c, Trail: k.trail, Uses: k.uses, Shell: k.sh, Kept: k.kept}
	ran.Conditional = ran.Conditional || k.maybe
	if k.maybe {
		for _, call := range ran.Scripts {
			call.Conditional = true
		}
	}
	if makefile.IsMake(ran.Name()) {
		k.make(ran)
		return
	}
	k.Ran(ran)
}

// spend reports whether there is work left for as much as n commands.
func (k *walk) spend(n int, at source.Span) bool {
	k.left -= n
	left := k.left
	if k.Budget != nil {
		k.Budget.left -= n
		left = min(left, k.Budget.left)
	}
	if left < 0 && !k.spent {
		k.spent = true
		k.unknown(fact.Note{At: at, Text: "too many commands"})
	}
	return left >= 0
}

func (k *walk) unknown(n fact.Note) { k.trace.Unknown = append(k.trace.Unknown, n) }
