package shell

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Hole stands in the text of a value for a part that is not known: the output
// of a command, a variable set outside the repository. It is U+FFFF, which is
// no character; a file that contains it is read as not knowing that part.
const Hole = "\uFFFF"

// Reason says what hinders to know something.
type Reason struct {
	At   source.Span
	Text string
}

// Value is a string that may be known in part only. Text holds a Hole for each
// part that is not known, so that "-X main.v=" + Hole + " -s" still shows -s.
type Value struct {
	Text string
	At   source.Span // where it was written; of a value from outside no place
	Why  Reason      // of a value that is not known: what hinders
}

// Known returns a known value. A Hole in text makes it unknown all the same.
func Known(text string, at source.Span) Value { return Value{Text: text, At: at} }

// Unknown returns a value of which nothing is known.
func Unknown(at source.Span, why string) Value {
	return Value{Text: Hole, At: at, Why: Reason{At: at, Text: why}}
}

// Known reports whether all of the value is known.
func (v Value) Known() bool { return !strings.Contains(v.Text, Hole) }

// Is reports whether the value is known to be text.
func (v Value) Is(text string) bool { return v.Text == text && v.Known() }

// Prefix returns the text in front of the first part that is not known.
func (v Value) Prefix() string {
	head, _, _ := strings.Cut(v.Text, Hole)
	return head
}

// nonEmpty reports whether the value holds at least one byte.
func (v Value) nonEmpty() Answer {
	switch {
	case v.Text == "":
		return No
	case strings.Trim(v.Text, Hole) == "":
		return Maybe
	}
	return Yes
}

// Answer is what is known about a question.
type Answer uint8

// The answers. The zero value is No.
const (
	No Answer = iota
	Maybe
	Yes
)

// both returns a where the two agree, else Maybe.
func both(a, b Answer) Answer {
	if a == b {
		return a
	}
	return Maybe
}

// Use is a reference to a variable within a word.
type Use struct {
	Name  string
	Ref   source.Span // the reference
	Value Value       // what it held; Value.At is the definition
}

// Word is one word of a command after all expansions. Its At is the place of
// the word in the script; where the parts of its text come from, Uses say.
type Word struct {
	Value
	Many bool  // stands for any number of words, none included
	Uses []Use // variables that went into it, in order
}

// Exact reports whether the word is one word with known text.
func (w Word) Exact() bool { return !w.Many && w.Known() }

// Var is a variable of the shell.
type Var struct {
	Value
	Set      Answer
	Exported Answer

	odd  bool      // an array, integer or read-only variable: assignments do not do the usual thing
	defs []*Assign // the assignments in this script that gave the value
}

// Environment returns the variable as a program that the shell starts sees it:
// one that is not exported is not set.
func (v Var) Environment() Var {
	if v.Set == No || v.Exported == No {
		return Var{}
	}
	if v.Exported == Maybe || v.Set == Maybe {
		why := v.Why
		if why.Text == "" {
			why = Reason{At: v.At, Text: "it is not certain that the variable is exported"}
		}
		return Var{Value: Value{Text: Hole, At: v.At, Why: why}, Set: Maybe, Exported: Maybe}
	}
	return v
}

// merge returns what is known of a variable that is a or b.
func (v Var) merge(b Var, at source.Span) Var {
	m := Var{Set: both(v.Set, b.Set), Exported: both(v.Exported, b.Exported), odd: v.odd || b.odd, defs: v.defs}
	for _, d := range b.defs {
		m.addDef(d)
	}
	switch {
	case m.Set == No:
	case v.Text == b.Text && m.Set == Yes:
		m.Value = v.Value
	default:
		m.Value = Unknown(at, "it depends on which branch was taken")
	}
	return m
}

// maxDefs bounds how many assignments one value is traced to.
const maxDefs = 16

func (v *Var) addDef(d *Assign) {
	for _, have := range v.defs {
		if have == d {
			return
		}
	}
	if len(v.defs) >= maxDefs {
		d.exported, d.Expanded = true, true // not traced any more: claim nothing
		return
	}
	v.defs = append(v.defs[:len(v.defs):len(v.defs)], d)
}
