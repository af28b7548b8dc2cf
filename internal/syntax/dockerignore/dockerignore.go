// Package dockerignore reads .dockerignore files: what a build context leaves
// out, and which line says so. github.com/moby/patternmatcher, the builders'
// own matcher, is the authority on meaning.
package dockerignore

import (
	"cmp"
	"errors"
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// File is a .dockerignore file. It is safe for concurrent use.
type File struct {
	Source   *source.File
	Patterns []Pattern
	Problems []source.Problem

	mu      sync.Mutex     // patternmatcher compiles lazily
	decided map[string]int // by path: the pattern that decides, -1 for none
}

// Pattern is one line.
type Pattern struct {
	Text   string // cleaned, without !
	Invert bool   // starts with !: takes files back in
	At     source.Span

	matcher *patternmatcher.PatternMatcher
	part    string // what every path that matches contains
}

// maxDecided bounds what is remembered.
const maxDecided = 1 << 16

// maxPatterns bounds a file: matching a path costs a regular expression each.
const maxPatterns = 1000

// Parse reads a .dockerignore file.
func Parse(f *source.File) *File {
	file := &File{Source: f, decided: map[string]int{}}
	for n := range f.Lines() {
		line := f.Line(n + 1)
		patterns, err := ignorefile.ReadAll(strings.NewReader(strings.TrimPrefix(line.Text(), "\ufeff")))
		if err != nil || len(patterns) == 0 {
			continue
		}
		if len(file.Patterns) == maxPatterns {
			file.Problems = append(file.Problems, source.Problem{At: line, Text: "too many patterns"})
			break
		}
		raw := line.Text()
		start := len(raw) - len(strings.TrimLeft(raw, " \t\ufeff"))
		at := line.Sub(start, len(strings.TrimRight(raw, " \t\r")))
		text, invert := strings.CutPrefix(patterns[0], "!")
		matcher, err := compile(patterns[0], text)
		if err != nil {
			file.Problems = append(file.Problems, source.Problem{At: at, Text: err.Error()})
			continue
		}
		for _, cleaned := range matcher.Patterns() { // none for blanks behind a slash
			file.Patterns = append(file.Patterns, Pattern{text, invert, at, matcher, part(cleaned.String())})
		}
	}
	return file
}

// compile returns a matcher for pattern, the part of line behind "!"; line must
// be valid as a whole too. It tries the matcher once, since patternmatcher
// compiles at the first match and, where that fails, panics at the second. What
// is not text patternmatcher would print to stderr.
func compile(line, pattern string) (*patternmatcher.PatternMatcher, error) {
	if !utf8.ValidString(line) || strings.Contains(line, "\x00") {
		return nil, errors.New("the pattern is not UTF-8 text")
	}
	_, err := patternmatcher.New([]string{line})
	matcher, inner := patternmatcher.New([]string{pattern})
	if err := cmp.Or(err, inner); err != nil {
		return nil, err
	}
	_, err = matcher.MatchesOrParentMatches("name")
	return matcher, err
}

// part returns the longest run of a pattern that is literal: where a path does
// not hold it, neither it nor a folder above it matches. It is "" where there is
// none, or the pattern has what patternmatcher leaves to regular expressions.
func part(pattern string) string {
	longest := ""
	if strings.ContainsAny(pattern, `[\^|{}`) {
		return ""
	}
	for run := range strings.FieldsFuncSeq(pattern, func(r rune) bool { return r == '*' || r == '?' }) {
		if run = strings.Trim(run, "/"); len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}

// Cost returns how many matches Ignores may make for p: each pattern is asked of
// p and of all folders above it.
func (f *File) Cost(p string) int {
	if f == nil {
		return 0
	}
	return len(f.Patterns) * (1 + strings.Count(p, "/"))
}

// Ignores reports whether the context leaves out p, a path relative to the
// context, and the pattern that decides: the last that matches p or a folder
// above it. A nil File leaves out nothing.
func (f *File) Ignores(p string) (ignored bool, by Pattern) {
	if f == nil {
		return false, Pattern{}
	}
	p = path.Clean(strings.TrimLeft(p, "/"))
	if p == "." || strings.HasPrefix(p, "../") {
		return false, Pattern{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := f.decided[p]
	if !ok {
		if i = f.decide(p); len(f.decided) < maxDecided {
			f.decided[p] = i
		}
	}
	if i < 0 {
		return false, Pattern{}
	}
	return !f.Patterns[i].Invert, f.Patterns[i]
}

func (f *File) decide(p string) int {
	for i := len(f.Patterns) - 1; i >= 0; i-- {
		if !strings.Contains(p, f.Patterns[i].part) {
			continue
		}
		if match, err := f.Patterns[i].matcher.MatchesOrParentMatches(p); err == nil && match {
			return i
		}
	}
	return -1
}
