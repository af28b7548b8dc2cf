// Package dockerfile parses Dockerfiles as BuildKit does and knows of every
// word where it stands.
//
// The source of all rules is BuildKit v0.34.2, frontend/dockerfile: parser (lines,
// flags, words, heredocs), instructions (arguments and their errors), shell
// (expansion) and dockerfile2llb (stages, scope of ARG and ENV). The nested
// module oracle compares this package with it. Where BuildKit stops at the
// first error, this package notes a Problem and goes on. Bytes that are not
// UTF-8 stay as they are; BuildKit puts U+FFFD in their place.
package dockerfile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// File is a parsed Dockerfile.
type File struct {
	Source       *source.File
	Escape       byte // the escape character: \ or `
	Directives   []Directive
	Meta         []*Instruction // the ARG instructions before the first FROM
	Stages       []*Stage
	Instructions []*Instruction // all known instructions in order
	Comments     []source.Span  // from # to the end of the line, directives included
	Problems     []source.Problem

	names map[string][]int // indexes of the stages with a name, rising
}

// Directive is a parser directive, such as `# syntax=docker/dockerfile:1`.
type Directive struct {
	Name  string // lower case: syntax, escape or check
	Value Word
	At    source.Span // from # to the end of the value
}

// Stage is a build stage: a FROM and what follows up to the next.
type Stage struct {
	Index        int
	Name         string // lower case; empty when it has none
	From         *Instruction
	Instructions []*Instruction // those behind FROM
}

// Instruction is one instruction. Which of the fields behind Heredocs are set
// depends on Cmd. They hold what could be read also where a Problem says that
// BuildKit rejects the instruction.
type Instruction struct {
	Cmd      string        // upper case, such as RUN
	At       source.Span   // from the keyword to the last byte, heredocs included
	Keyword  source.Span   // as written
	Flags    []Flag        // in order
	Args     source.Joined // what follows the flags, lines joined, blanks around it removed
	Heredocs []*Heredoc    // of RUN, COPY and ADD, in order
	Stage    *Stage        // nil before the first FROM

	From    *From        // FROM
	Command *Command     // RUN, CMD, ENTRYPOINT, SHELL, and HEALTHCHECK CMD
	Run     *Run         // RUN
	Health  *Health      // HEALTHCHECK
	Copy    *Copy        // COPY and ADD
	Pairs   []Pair       // ENV, LABEL and ARG
	Words   []Word       // EXPOSE and VOLUME; one for USER, WORKDIR, STOPSIGNAL and MAINTAINER
	Trigger *Instruction // ONBUILD; nil when it has no argument
}

// Flag returns the first flag of that name, or nil.
func (i *Instruction) Flag(name string) *Flag {
	for n := range i.Flags {
		if i.Flags[n].Name == name {
			return &i.Flags[n]
		}
	}
	return nil
}

// flagValue returns the value of the first flag of that name, or no word.
func (i *Instruction) flagValue(name string) Word {
	if f := i.Flag(name); f != nil {
		return f.Value
	}
	return Word{}
}

// Word is an argument. Its text is what BuildKit's parser hands on: the quotes,
// escapes and variables in it are still to be expanded, except that JSON is
// decoded and that flags have lost their quotes and escapes.
type Word struct {
	source.Joined
	At source.Span // as written, the quotes of a JSON string included; zero when there is no such word
}

// Given reports whether the word was written, even if it is empty.
func (w *Word) Given() bool { return w.At.Valid() }

// Flag is an option such as --from=build.
type Flag struct {
	Name     string // without the dashes
	HasValue bool   // there is an equals sign
	Value    Word
	At       source.Span
}

// On reports whether a boolean flag is switched on.
func (f *Flag) On() bool {
	return f != nil && !strings.EqualFold(f.Value.Text, "false")
}

// From is what a FROM says.
type From struct {
	Image    Word // the base: an image or an earlier stage; variables of Meta are expanded
	Name     Word // behind AS, as written
	Platform Word // of --platform; variables of Meta are expanded
}

// Command is a command line in exec or shell form.
type Command struct {
	JSON    bool          // exec form, even an empty one
	Exec    []Word        // the exec form; never expanded by the Dockerfile
	Shell   source.Joined // what the shell is given in shell form, heredocs included
	Bracket bool          // starts with [ and is shell form all the same, since it is not JSON
	Script  *Heredoc      // the heredoc that is the whole command of a RUN, and then is Shell
}

// Run holds the options of a RUN.
type Run struct {
	Mounts   []Mount
	Network  string // default, none or host
	Security string // sandbox or insecure
}

// Health is the kind of a HEALTHCHECK. The command of CMD is in Command, the
// intervals are in Flags.
type Health struct {
	Type Word // as written: CMD or NONE in any case
	None bool
}

// Copy is what a COPY or ADD says. Its words are expanded.
type Copy struct {
	JSON    bool
	Sources []Word     // paths, patterns and, for ADD, addresses
	Files   []*Heredoc // sources that are heredocs
	Dest    Word
	From    Word // of --from; variables are not expanded
	Chown   Word
	Chmod   Word
	Link    bool
	Parents bool
	Exclude []Word
}

// Pair is one NAME=value.
type Pair struct {
	At       source.Span
	Key      Word
	Value    Word
	HasValue bool // false only for an ARG without default
	Legacy   bool // `ENV name value`
}

// Heredoc is a here-document.
type Heredoc struct {
	Name   string      // the delimiter without quotes: for COPY the file's name
	At     source.Span // the operator and the delimiter as written
	Body   source.Span // its lines, with the last newline
	End    source.Span // the closing delimiter; zero when there is none
	Strip  bool        // <<-: leading tabs are dropped
	Expand bool        // no part of the delimiter is quoted
}

// Text returns the content: the body without what <<- drops.
func (h *Heredoc) Text() source.Joined {
	var j source.Joined
	if !h.Body.Valid() {
		return j
	}
	text := h.Body.Text()
	if !h.Strip {
		j.Append(h.Body)
		return j
	}
	for i := 0; i < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
			end = i + n + 1
		}
		start := i
		for start < end && text[start] == '\t' {
			start++
		}
		j.Append(h.Body.Sub(start, end))
		i = end
	}
	return j
}
