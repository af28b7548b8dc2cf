// Package shell reads shell scripts and works out, without running them, which
// commands they run: with which words, in which directory and environment, and
// whether that is certain. Where it is not, the value is unknown and says why.
//
// The trace describes the run in which every command succeeds that is not a
// condition: in "apt-get update && go build" the build runs, in
// "[ -f go.mod ] && go build" it may run, in "make || go build" it may run.
//
// Not followed on purpose, and unknown: output of commands (except echo,
// printf, pwd, dirname and basename of known words), file name patterns,
// arithmetic, arrays, brace expansion, aliases, traps, and shells other than
// POSIX sh, bash and mksh.
package shell

import (
	"bytes"
	"errors"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Dialect is the language a script is written in.
type Dialect uint8

// The dialects. POSIX is /bin/sh, whichever shell that is.
const (
	POSIX Dialect = iota
	Bash
	MirBSDKorn
)

func (d Dialect) variant() syntax.LangVariant {
	return [...]syntax.LangVariant{syntax.LangPOSIX, syntax.LangBash, syntax.LangMirBSDKorn}[d]
}

// DialectOf returns the dialect of a shell by the name or path of its program,
// and false for what is no shell that this package can read.
func DialectOf(program string) (Dialect, bool) {
	switch path.Base(program) {
	case "sh", "dash", "ash":
		return POSIX, true
	case "bash":
		return Bash, true
	case "mksh":
		return MirBSDKorn, true
	}
	return 0, false
}

// Script is a parsed script.
type Script struct {
	Text     *source.Joined
	Dialect  Dialect
	Problems []source.Problem

	file     *syntax.File // nil when it does not parse
	path     string       // of the file that it is, absolute; empty where it is none, or not known
	flags    string       // of the #! line, such as -e
	pipefail bool
}

// Bounds of what is parsed. The parser recurses with every opening token; 8192
// levels take a few megabytes of stack.
const (
	maxSize  = 128 << 10
	maxOpens = 8192
)

// Parse reads a script. A script that is not valid has Problems and no
// commands. What is only valid in bash is read as bash, since some /bin/sh
// understand it, and is a Problem as well.
func Parse(text *source.Joined, dialect Dialect) *Script {
	s := &Script{Text: text, Dialect: dialect}
	if why := tooComplex(text.Text); why != "" {
		s.Problems = append(s.Problems, source.Problem{At: text.Whole(), Text: why})
		return s
	}
	file, err := parse(text.Text, dialect)
	var feature syntax.LangError
	if dialect != Bash && errors.As(err, &feature) {
		s.problem(err)
		s.Dialect = Bash
		file, err = parse(text.Text, Bash)
	}
	if err != nil {
		s.problem(err)
		return s
	}
	s.file = file
	return s
}

func parse(text string, d Dialect) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(d.variant())).Parse(strings.NewReader(text), "")
}

func tooComplex(text string) string {
	if len(text) > maxSize {
		return "the script is too long to be read"
	}
	opens := 0
	for i := range len(text) {
		switch text[i] {
		case '(', '{', '[', '`', '!':
			opens++
		}
	}
	for _, word := range []string{"if", "while", "until", "for", "case", "select", "time", "function", "coproc"} {
		opens += strings.Count(text, word)
	}
	if opens > maxOpens {
		return "the script is too deeply nested to be read"
	}
	return ""
}

func (s *Script) problem(err error) {
	var parse syntax.ParseError
	var lang syntax.LangError
	switch {
	case errors.As(err, &parse):
		s.addProblem(parse.Pos, parse.Text)
	case errors.As(err, &lang):
		s.addProblem(lang.Pos, lang.Feature+" is not in the POSIX shell language")
	default:
		s.Problems = append(s.Problems, source.Problem{At: s.Text.Whole(), Text: err.Error()})
	}
}

func (s *Script) addProblem(pos syntax.Pos, text string) {
	at := int(pos.Offset())
	s.Problems = append(s.Problems, source.Problem{At: s.Text.Span(at, at+1), Text: text})
}

// span returns the place of a node; of a statement without the semicolon.
func (s *Script) span(n syntax.Node) source.Span {
	if st, ok := n.(*syntax.Stmt); ok && st.Semicolon.IsValid() {
		start, end := int(st.Pos().Offset()), min(int(st.Semicolon.Offset()), len(s.Text.Text))
		if start <= end {
			return s.Text.Span(start, start+len(strings.TrimRight(s.Text.Text[start:end], " \t")))
		}
	}
	return s.Text.Span(int(n.Pos().Offset()), int(n.End().Offset()))
}

// ParseFile reads a file of the repository as a script. Many jobs and recipes run
// the same ones.
func ParseFile(f *source.File, dialect Dialect) *Script {
	s := *source.Parsed(f, dialect, func() *Script { return Parse(textOf(f), dialect) })
	return &s // who runs it notes how it was called
}

func textOf(f *source.File) *source.Joined {
	text := &source.Joined{}
	text.Append(f.Whole())
	return text
}

// Shebang returns the dialect of a script by its first line and the options
// that the line gives, and false for a script of another language. A script
// without such a line is run by the shell that was asked to.
func Shebang(data []byte) (d Dialect, flags string, ok bool) {
	line, isScript := strings.CutPrefix(string(data[:min(len(data), 128)]), "#!")
	if !isScript {
		return POSIX, "", len(data) > 0 && !bytes.Contains(data[:min(len(data), 512)], []byte{0})
	}
	line, _, _ = strings.Cut(line, "\n")
	words := strings.Fields(line)
	if len(words) > 0 && path.Base(words[0]) == "env" {
		words = words[1:]
		if len(words) > 0 && words[0] == "-S" {
			words = words[1:]
		}
	}
	if len(words) == 0 {
		return 0, "", false
	}
	d, ok = DialectOf(words[0])
	if len(words) > 1 && strings.HasPrefix(words[1], "-") {
		flags = words[1]
	}
	return d, flags, ok
}

// Hashbang is the first line of a script as the kernel reads it
// (fs/binfmt_script.c).
type Hashbang struct {
	Length  int    // of the line without its end, in bytes
	Program string // the path behind #!; "" where there is none
	// Name is what env is to look for: bash of "/usr/bin/env bash".
	Name string
	// Return says that a carriage return ends the program or name, and so is
	// part of it.
	Return bool
}

// HashbangOf reads the first line of a script.
func HashbangOf(data []byte) Hashbang {
	line, _, _ := strings.Cut(string(data[:min(len(data), 256)]), "\n")
	h := Hashbang{Length: len(line)}
	rest, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return h
	}
	words := strings.FieldsFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(words) == 0 {
		return h
	}
	h.Program = words[0]
	last := words[0]
	if path.Base(words[0]) == "env" && len(words) > 1 {
		if words = words[1:]; words[0] == "-S" && len(words) > 1 {
			h.Name = strings.TrimRight(words[1], "\r") // -S takes blanks of all kinds for separators
			return h
		}
		if len(words) == 1 && !strings.ContainsAny(words[0], "-=") {
			h.Name, last = words[0], words[0]
		}
	} else if len(words) > 1 {
		return h
	}
	h.Return = strings.HasSuffix(last, "\r")
	return h
}
