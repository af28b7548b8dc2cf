// Package gocmd reads a command line of the go command: the verb, the flags
// with those of GOFLAGS merged in, and the arguments. It knows flags as
// cmd/go of Go 1.27 declares them and reads words as cmd/go does; it runs
// nothing and knows no repository.
package gocmd

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Word is one word of a command line, after the shell.
type Word struct {
	Text string // of a word that is not known: what it certainly begins with
	// Known says that Text is the whole word. Many says of an unknown word
	// that it may be no word or several: an unquoted $VAR.
	Known, Many bool
	At          source.Span
}

// Flag is one flag as written.
type Flag struct {
	Name  string // without dashes
	Value Value
	At    source.Span // the flag, its value included if that is another word of the same file
	// Bare says that the value is not written: -race.
	Bare bool
	// FromGOFLAGS says that it stands in GOFLAGS.
	FromGOFLAGS bool
}

// Value is the value of a flag, or the whole of a text, and where it stands.
type Value struct {
	Text  string // of a value that is not known: what it certainly begins with
	Known bool
	At    source.Span
}

// Command is a command line taken apart.
type Command struct {
	Verb   string // build, mod download, list ...; empty if not known
	VerbAt source.Span
	// Flags are those of GOFLAGS that the command has, then those of the
	// command line, in order. Of two with one name the last counts.
	Flags []Flag
	// Args are the packages, modules or other operands. For run they end with
	// the package; ProgramArgs are what the program gets. For test
	// and vet ProgramArgs are what the test binary or the vet tool gets.
	Args, ProgramArgs []Word
	// Opaque are words that may hide flags or arguments. If there are any, a
	// flag that is not in Flags may be set nevertheless.
	Opaque []Word
	// Problems are what the go command refuses, in its words. A command with
	// problems does nothing.
	Problems []source.Problem
}

// Parse reads the words behind the name of the go command. goflags is the
// value of GOFLAGS in its environment, known and empty if there is none.
func Parse(words []Word, goflags Word) Command {
	var c Command
	rest := c.verb(words)
	if c.Verb == "" {
		return c
	}
	c.goflags(goflags)
	c.line(rest)
	return c
}

// verb reads one word, or two for the families mod, work and telemetry.
func (c *Command) verb(words []Word) (rest []Word) {
	if len(words) == 0 {
		return nil
	}
	if !words[0].Known {
		c.Opaque = words
		return nil
	}
	c.Verb, c.VerbAt = words[0].Text, words[0].At
	if c.Verb != "mod" && c.Verb != "work" && c.Verb != "telemetry" {
		return words[1:]
	}
	if len(words) > 1 && words[1].Known && !strings.HasPrefix(words[1].Text, "-") {
		c.Verb += " " + words[1].Text
		c.VerbAt = c.VerbAt.Cover(words[1].At)
		return words[2:]
	}
	if len(words) > 1 && !words[1].Known {
		c.Verb, c.Opaque = "", words[1:]
		return nil
	}
	return words[1:]
}

// goflags reads GOFLAGS (cmd/go/internal/base/goflags.go): words as Split
// makes them, each a flag of some command; those the command lacks are passed
// over.
func (c *Command) goflags(w Word) {
	if !w.Known {
		c.Opaque = append(c.Opaque, w)
	}
	words, err := split(w.Text, w.At)
	if err != nil {
		if w.Known {
			c.problem(w.At, "go: parsing $GOFLAGS: "+err.Error())
		}
		return
	}
	if !w.Known && len(words) > 0 {
		words = words[:len(words)-1] // the last may go on
	}
	for _, f := range words {
		if text := refused(f.Text); text != "" {
			c.problem(f.At, "go: parsing $GOFLAGS: "+text)
			return
		}
	}
	for _, f := range words {
		c.goflag(f)
	}
}

// refused says why a word cannot stand in GOFLAGS.
func refused(word string) string {
	name, _, _ := strings.Cut(word, "=")
	name, ok := flagName(name)
	switch {
	case !ok:
		return "non-flag " + strconv.Quote(word)
	case !anyFlag(name):
		return "unknown flag -" + name
	}
	return ""
}

func (c *Command) goflag(w Word) {
	name, value, hasValue := strings.Cut(w.Text, "=")
	name, _ = flagName(name)
	kind := kindOf(c.Verb, name)
	if kind == noFlag {
		return
	}
	f := Flag{Name: name, At: w.At, FromGOFLAGS: true, Bare: !hasValue}
	f.Value = Value{Text: value, Known: true, At: sub(w.At, len(w.Text)-len(value), len(w.Text))}
	if !hasValue {
		if kind == needsValue {
			c.problem(w.At, "go: flag needs an argument: -"+name+" (from $GOFLAGS)")
			return
		}
		f.Value = Value{Text: "true", Known: true, At: w.At}
	}
	c.Flags = append(c.Flags, f)
}

// flagName takes the dashes off; false if the word cannot be a flag.
func flagName(s string) (string, bool) {
	name, ok := strings.CutPrefix(s, "-")
	name = strings.TrimPrefix(name, "-")
	return name, ok && name != "" && name[0] != '-' && name[0] != '='
}

// line reads the words of the command line as package flag does: flags up to
// the first word that is none. test looks for flags behind it too.
func (c *Command) line(words []Word) {
	first := true
	for len(words) > 0 {
		w := words[0]
		name, _, _ := strings.Cut(w.Text, "=")
		name, isFlag := flagName(name)
		switch {
		case w.Known && w.Text == "--":
			c.operands(words[1:])
			return
		case !w.Known && !isFlag:
			if !c.opaque(w) {
				c.operands(words)
				return
			}
			words = words[1:]
		case !isFlag:
			if c.Verb != "test" {
				c.operands(words)
				return
			}
			words = c.testPackages(words)
		default:
			if name == "C" && !first {
				c.problem(w.At, "-C flag must be first flag on command line")
			}
			n := c.flag(name, words)
			if n == 0 {
				return
			}
			words = words[n:]
		}
		first = false
	}
}

// opaque takes note of an unknown word. It reports whether flags may follow:
// the word may be a flag, or nothing.
func (c *Command) opaque(w Word) bool {
	c.Opaque = append(c.Opaque, w)
	certain := w.Text != "" && w.Text[0] != '-' // an operand, such as ./cmd/$NAME
	if certain {
		c.Opaque = c.Opaque[:len(c.Opaque)-1]
	}
	return !certain
}

// flag reads one flag and returns how many words it took; 0 ends the reading.
func (c *Command) flag(name string, words []Word) int {
	w := words[0]
	kind := kindOf(c.Verb, name)
	prefix, value, hasValue := strings.Cut(w.Text, "=")
	f := Flag{Name: name, At: w.At, Bare: !hasValue}
	if !w.Known && !hasValue {
		// -race$X: not even the name is known.
		c.Opaque = append(c.Opaque, w)
		return 1
	}
	if kind == noFlag {
		return c.unknownFlag(name, words)
	}
	if hasValue {
		f.Value = Value{Text: value, Known: w.Known, At: sub(w.At, len(prefix)+1, len(w.Text))}
		if !w.Known {
			f.Value.At = w.At
		}
		if w.Many {
			c.Opaque = append(c.Opaque, w)
		}
		c.Flags = append(c.Flags, f)
		return 1
	}
	if kind == mayHaveValue {
		f.Value = Value{Text: "true", Known: true, At: w.At}
		c.Flags = append(c.Flags, f)
		return 1
	}
	if len(words) == 1 {
		c.problem(w.At, "flag needs an argument: -"+name)
		return 0
	}
	v := words[1]
	f.Bare = false
	f.Value = Value{Text: v.Text, Known: v.Known, At: v.At}
	f.At = w.At.Cover(v.At)
	if v.Many && !v.Known {
		c.Opaque = append(c.Opaque, v)
	}
	c.Flags = append(c.Flags, f)
	return 2
}

// unknownFlag handles a flag that the command does not have.
func (c *Command) unknownFlag(name string, words []Word) int {
	switch {
	case c.Verb == "test" && name == "args":
		c.ProgramArgs = append(c.ProgramArgs, words[1:]...)
		return 0
	case c.Verb == "test":
		// For the test binary; a word behind it may be its value.
		c.ProgramArgs = append(c.ProgramArgs, words[0])
		if !strings.Contains(words[0].Text, "=") && len(words) > 1 && !strings.HasPrefix(words[1].Text, "-") && len(c.Args) > 0 {
			c.ProgramArgs = append(c.ProgramArgs, words[1])
			return 2
		}
		return 1
	case c.Verb == "vet":
		// A flag of an analyzer, which only the vet tool knows: its name is
		// boolean, analyzer.option mostly has a value.
		n := 1
		if strings.Contains(name, ".") && !strings.Contains(words[0].Text, "=") {
			n = min(2, len(words))
		}
		c.ProgramArgs = append(c.ProgramArgs, words[:n]...)
		return n
	case !knownVerb(c.Verb):
		c.Opaque = append(c.Opaque, words...)
		return 0
	}
	c.problem(words[0].At, "flag provided but not defined: -"+name)
	return 0
}

// testPackages takes the run of operands at the start of words. A second run
// belongs to the test binary.
func (c *Command) testPackages(words []Word) (rest []Word) {
	if len(c.Args) > 0 {
		c.ProgramArgs = append(c.ProgramArgs, words...)
		return nil
	}
	n := 1 // the first is known to be one; it may be a lone dash
	for n < len(words) && words[n].Text != "" && words[n].Text[0] != '-' {
		n++
	}
	c.Args = append(c.Args, words[:n]...)
	return words[n:]
}

// operands takes the words behind the flags.
func (c *Command) operands(words []Word) {
	if c.Verb != "run" {
		c.Args = append(c.Args, words...)
		return
	}
	n := 0
	for n < len(words) && words[n].Known && strings.HasSuffix(words[n].Text, ".go") {
		n++
	}
	if n == 0 {
		n = min(1, len(words))
	}
	c.Args, c.ProgramArgs = words[:n], words[n:]
}

func (c *Command) problem(at source.Span, text string) {
	c.Problems = append(c.Problems, source.Problem{At: at, Text: text})
}

// Flag returns the flag of a name that counts, the last. known is false where
// words that are not known may set it too.
func (c Command) Flag(name string) (f Flag, set, known bool) {
	known = len(c.Opaque) == 0
	for _, g := range slices.Backward(c.Flags) {
		if g.Name == name {
			return g, true, known
		}
	}
	return Flag{}, false, known
}

// All returns every flag of a name, in order.
func (c Command) All(name string) []Flag {
	var list []Flag
	for _, f := range c.Flags {
		if f.Name == name {
			list = append(list, f)
		}
	}
	return list
}
