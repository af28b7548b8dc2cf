// Package envfile reads files of NAME=value lines, with a place in the file for
// every byte of a value. The programs that read such files do not agree on what
// they mean, so a file is read in the dialect of its reader.
package envfile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Dialect is the grammar of a reader.
type Dialect uint8

const (
	// Systemd is EnvironmentFile= of units (src/basic/env-file.c of systemd
	// 257.13). Comments start with # or ; at the start of a line and nowhere
	// else. There is no export and nothing is expanded. Quotes group, and may
	// span lines; a backslash takes the next character as it is, within double
	// quotes only before one of "\`$. A backslash at the end of a line joins it
	// with the next one. A byte that is not UTF-8 makes the whole file
	// unusable; a name that is none loses the line.
	//
	// Until systemd 253 a backslash at the end of a comment continued it.
	Systemd Dialect = iota
	// Compose is .env and env_file: of Docker Compose (package dotenv of
	// compose-go v2.9.1). export is skipped, ":" will do for "=", " #" starts
	// a comment behind an unquoted value, double quotes know C escapes, and
	// $NAME and ${NAME} are expanded outside of single quotes. A name alone on
	// its line is taken from the environment. Any error makes the whole file
	// unusable.
	Compose
	// Docker is docker run --env-file, and env_file: of Compose with
	// "format: raw" (pkg/kvfile of docker/cli v28.5.2). Behind the "=" the line
	// is the value as it stands: quotes, comments, blanks and all. A name alone
	// is taken from the environment. Any error makes the whole file unusable.
	Docker
)

func (d Dialect) String() string {
	switch d {
	case Systemd:
		return "systemd"
	case Compose:
		return "compose"
	}
	return "docker"
}

// File is what a reader makes of a file.
type File struct {
	Source    *source.File
	Dialect   Dialect
	Variables []Variable // in the order of the file; a later one of a name wins
	Problems  []Problem
	// Refused is the problem that makes the file unusable, or nil. No reader
	// takes a part of such a file; Variables holds what stands before it.
	Refused *Problem
}

// Problem is something in the file that its reader drops, or at which it fails.
type Problem struct {
	source.Problem
	Fatal bool // the whole file is unusable
}

// Variable is one assignment.
type Variable struct {
	At     source.Span // from the name, or export, to the end of the value
	Name   string
	NameAt source.Span
	// Value is what the variable is set to, nil where it is taken from the
	// environment of the reader.
	Value   *source.Joined
	ValueAt source.Span // as written, with quotes; of an empty value its place
	// Expands says that the value holds references, $NAME or ${…}, which the
	// reader expands. Value then holds them as written.
	Expands bool
}

// Parse reads a file in a dialect. It never fails.
func Parse(f *source.File, d Dialect) *File {
	out := &File{Source: f, Dialect: d}
	switch d {
	case Systemd:
		(&systemdParser{scanner{out, f.Data()}}).run()
	case Compose:
		(&composeParser{scanner: scanner{out, f.Data()}}).run()
	case Docker:
		(&dockerParser{scanner{out, f.Data()}}).run()
	}
	return out
}

// Last returns the variable of a name that wins, or nil.
func (f *File) Last(name string) *Variable {
	for i := len(f.Variables) - 1; i >= 0; i-- {
		if f.Variables[i].Name == name {
			return &f.Variables[i]
		}
	}
	return nil
}

// scanner is what the parsers share.
type scanner struct {
	file *File
	data []byte
}

func (s *scanner) span(start, end int) source.Span { return s.file.Source.Span(start, end) }

func (s *scanner) warn(at source.Span, text string) {
	s.file.Problems = append(s.file.Problems, Problem{Problem: source.Problem{At: at, Text: text}})
}

// refuse reports a problem that makes the file unusable; nothing is read after
// the first one.
func (s *scanner) refuse(at source.Span, text string) {
	s.file.Problems = append(s.file.Problems, Problem{Problem: source.Problem{At: at, Text: text}, Fatal: true})
	s.file.Refused = &s.file.Problems[len(s.file.Problems)-1]
}

// add keeps a variable whose name is data[start:nameEnd] and whose value is
// written in data[from:to].
func (s *scanner) add(start, nameEnd int, value *source.Joined, from, to int) *Variable {
	s.file.Variables = append(s.file.Variables, Variable{
		At:      s.span(start, max(to, nameEnd)),
		Name:    string(s.data[start:nameEnd]),
		NameAt:  s.span(start, nameEnd),
		Value:   value,
		ValueAt: s.span(from, to),
	})
	return &s.file.Variables[len(s.file.Variables)-1]
}

// joiner collects a value byte by byte.
type joiner struct {
	scanner  *scanner
	joined   source.Joined
	from, to int // bytes not yet in joined
}

// keep adds data[i] as it stands.
func (j *joiner) keep(i int) {
	if j.to != i {
		j.flush()
		j.from = i
	}
	j.to = i + 1
}

// put adds what data[from:to] stands for.
func (j *joiner) put(text string, from, to int) {
	j.flush()
	j.joined.AppendAs(text, j.scanner.span(from, to))
}

func (j *joiner) flush() {
	if j.from < j.to {
		j.joined.Append(j.scanner.span(j.from, j.to))
	}
	j.from, j.to = 0, 0
}

// size returns the number of bytes collected.
func (j *joiner) size() int { return len(j.joined.Text) + j.to - j.from }

// value returns the first n bytes of what was collected.
func (j *joiner) value(n int) *source.Joined {
	j.flush()
	if n == len(j.joined.Text) {
		return &j.joined
	}
	return j.joined.Slice(0, n)
}

func isOneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }
