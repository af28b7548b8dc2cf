package repo

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// ignores decides what git would leave out: the .gitignore files met on the
// way down, .git/info/exclude, and the index, since a tracked file is part of
// the repository whatever the patterns say. git itself is never run: it
// executes what the configuration of the checkout names (core.fsmonitor).
type ignores struct {
	fsys    fs.FS
	tracked map[string]bool // files of the index and their folders; nil until asked for
	loaded  bool
}

// level is the list of patterns in force in one folder, outermost first.
type level []gitignore.Pattern

// enter adds the patterns of dir's own .gitignore.
func (g *ignores) enter(outer level, dir string, name string) level {
	data, err := fs.ReadFile(g.fsys, name)
	if err != nil || len(data) > maxSize {
		return outer
	}
	var domain []string
	if dir != "." {
		domain = strings.Split(dir, "/")
	}
	inner := outer[:len(outer):len(outer)]
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" || text[0] == '#' {
			continue
		}
		inner = append(inner, gitignore.ParsePattern(trimBlanks(text), domain))
	}
	return inner
}

// trimBlanks removes trailing blanks that are not quoted with a backslash
// (gitignore(5)).
func trimBlanks(s string) string {
	trimmed := strings.TrimRight(s, " ")
	if trimmed != s && strings.HasSuffix(trimmed, `\`) {
		return trimmed + " "
	}
	return trimmed
}

// match reports whether p is ignored and not tracked.
func (g *ignores) match(l level, p string, dir bool) bool {
	if len(l) == 0 {
		return false
	}
	parts := strings.Split(p, "/")
	for i := len(l) - 1; i >= 0; i-- {
		switch l[i].Match(parts, dir) {
		case gitignore.Exclude:
			return !g.isTracked(p)
		case gitignore.Include:
			return false
		}
	}
	return false
}

// isTracked reports whether the index holds p or, for a folder, something
// below it. The index is read when the first pattern matches.
func (g *ignores) isTracked(p string) bool {
	if !g.loaded {
		g.loaded = true
		g.tracked = readIndex(g.fsys)
	}
	return g.tracked[p]
}

// readIndex returns nothing where there is no index that can be read: a work
// tree whose .git is a file keeps it outside the root.
func readIndex(fsys fs.FS) map[string]bool {
	data, err := fs.ReadFile(fsys, ".git/index")
	if err != nil {
		return nil
	}
	var idx index.Index
	if index.NewDecoder(bytes.NewReader(data)).Decode(&idx) != nil {
		return nil
	}
	tracked := make(map[string]bool, len(idx.Entries))
	for _, e := range idx.Entries {
		for p := path.Clean(e.Name); p != "." && p != "/" && !tracked[p]; p = path.Dir(p) {
			tracked[p] = true
		}
	}
	return tracked
}
