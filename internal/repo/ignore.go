package repo

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// ignores decides what git would leave out: the .gitignore files met on the
// way down, .git/info/exclude, and the index, since a tracked file is part of
// the repository whatever the patterns say. git itself is never run: it
// executes what the configuration of the checkout names (core.fsmonitor).
type ignores struct {
	fsys    fs.FS
	off     bool                // nothing is left out
	tracked func() trackedFiles // read when the first pattern matches
}

func newIgnores(fsys fs.FS, off bool) *ignores {
	return &ignores{fsys, off, sync.OnceValue(func() trackedFiles { return readIndex(fsys) })}
}

// level is the list of patterns in force in one folder, outermost first.
type level []pattern

// pattern is a line of a .gitignore file. What a folder holds that is ignored
// is never asked for, so a pattern has to match names exactly, not folders
// above them.
type pattern struct {
	glob    string // in the syntax of doublestar
	part    string // of a wild one, what every text that matches contains
	form    form
	skip    int  // bytes of the path that belong to the folder of the file, with a slash
	byName  bool // the last element of a path counts only
	dirOnly bool
	include bool
}

// form tells the patterns that need no matcher: most do not.
type form uint8

const (
	literal form = iota // glob is what it matches
	suffix              // glob is what a name ends with
	wild
)

// enter adds the patterns of dir's own .gitignore.
func (g *ignores) enter(outer level, dir string, name string) level {
	if g.off {
		return nil
	}
	data := readRegular(g.fsys, name, maxSize)
	skip := 0
	if dir != "." {
		skip = len(dir) + 1
	}
	inner := outer[:len(outer):len(outer)]
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		if p, ok := parsePattern(string(line)); ok {
			p.skip = skip
			inner = append(inner, p)
		}
	}
	return inner
}

// parsePattern reads a line as gitignore(5) describes it; ignore_git_test.go
// compares with git.
func parsePattern(line string) (pattern, bool) {
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if strings.HasPrefix(line, "#") {
		return pattern{}, false
	}
	var p pattern
	line, p.include = cutPrefix(trimBlanks(line), "!")
	if line, p.dirOnly = cutSuffix(line, "/"); line == "" {
		return pattern{}, false
	}
	p.byName = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	rest := strings.TrimPrefix(line, "*")
	switch {
	case !strings.ContainsAny(line, `*?[\`):
		p.form, p.glob = literal, line
	case p.byName && rest != line && !strings.ContainsAny(rest, `*?[\`):
		p.form, p.glob = suffix, rest
	default:
		p.form, p.glob, p.part = wild, globOf(line), longestPart(line)
	}
	return p, true
}

// longestPart returns the longest run of a pattern that is literal, "" where
// there may be classes of characters.
func longestPart(p string) string {
	longest := ""
	if strings.ContainsAny(p, `[\`) {
		return ""
	}
	for run := range strings.FieldsFuncSeq(p, func(r rune) bool { return r == '*' || r == '?' }) {
		if run = strings.Trim(run, "/"); len(run) > len(longest) {
			longest = run
		}
	}
	return longest
}

func cutPrefix(s, prefix string) (string, bool) {
	return strings.TrimPrefix(s, prefix), strings.HasPrefix(s, prefix)
}
func cutSuffix(s, suffix string) (string, bool) {
	return strings.TrimSuffix(s, suffix), strings.HasSuffix(s, suffix)
}

// globOf writes a pattern of git for doublestar: there braces are special,
// "a/**" matches a itself, and characters are not bytes.
func globOf(p string) string {
	if strings.HasSuffix(p, "/**") {
		p += "/*"
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			b.WriteByte(p[i])
			i++
		case p[i] == '{' || p[i] == '}':
			b.WriteByte('\\')
		}
		b.WriteByte(p[i])
	}
	return bytewise(b.String())
}

// bytewise returns s with every byte as a character of its own.
func bytewise(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// trimBlanks removes trailing blanks that are not quoted with a backslash.
func trimBlanks(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		}
		if i < len(s) && (s[i] != ' ' || s[max(i-1, 0)] == '\\') {
			end = i + 1
		}
	}
	return s[:end]
}

func (p pattern) match(name, path string, dir bool) bool {
	if p.dirOnly && !dir {
		return false
	}
	text := name
	if !p.byName {
		text = path[p.skip:]
	}
	switch p.form {
	case literal:
		return text == p.glob
	case suffix:
		return strings.HasSuffix(text, p.glob)
	}
	return strings.Contains(text, p.part) && doublestar.MatchUnvalidated(p.glob, bytewise(text))
}

// match reports whether the patterns say that p is ignored.
func (l level) match(p string, dir bool) bool {
	by := l.last(p, dir)
	return by != nil && !by.include
}

// last returns the pattern that decides about p, nil for none.
func (l level) last(p string, dir bool) *pattern {
	name := path.Base(p)
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].match(name, p, dir) {
			return &l[i]
		}
	}
	return nil
}

// leavesOut reports whether e, which the patterns in force name, is not part of
// the repository. Without an index, as in an export or in a work tree whose .git
// is a file, nobody says what is tracked: there a folder of Go sources stays
// where only its name is a pattern, which is meant for the program of that name
// that "go build" leaves (relay in .gitignore, and cmd/relay).
func (g *ignores) leavesOut(e Entry, l level) bool {
	tracked := g.tracked()
	if tracked != nil || !e.Dir {
		return !tracked.has(e.Path)
	}
	by := l.last(e.Path, true)
	return by == nil || by.form != literal || !by.byName || by.dirOnly || !g.holdsGo(e.Path)
}

func (g *ignores) holdsGo(dir string) bool {
	names, err := fs.ReadDir(g.fsys, dir)
	return err == nil && slices.ContainsFunc(names, func(d fs.DirEntry) bool { return path.Ext(d.Name()) == ".go" && d.Type().IsRegular() })
}

// readRegular returns nothing for what is no file, as a pipe on which a read
// would wait, and for what is larger than limit.
func readRegular(fsys fs.FS, name string, limit int64) []byte {
	info, err := fs.Stat(fsys, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > limit {
		return nil
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil
	}
	return data
}
