package cli

import (
	"bytes"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/goseaworthy/seaworthy/internal/history"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// change is what is under review: what is on disk against a commit.
type change struct {
	base  history.Commit
	tree  *history.Tree
	repo  *repo.Repo
	lines map[string]map[int]bool // changed lines, by path
}

// changedFile reports whether a file is part of the change.
func (c *change) changedFile(path string) bool { return len(c.of(path)) > 0 }

// changedLine reports whether a line of a file is added or altered.
func (c *change) changedLine(path string, line int) bool { return c.of(path)[line] }

// of returns the lines of a file that are added or altered.
func (c *change) of(path string) map[int]bool {
	lines, known := c.lines[path]
	if !known {
		lines = c.compare(path)
		c.lines[path] = lines
	}
	return lines
}

func (c *change) compare(path string) map[int]bool {
	f := c.repo.File(path)
	if f == nil || f.Err() != nil {
		return nil
	}
	before, err := fs.ReadFile(c.tree, path)
	if err != nil {
		before = nil // it is new; where it only cannot be read, all of it counts as changed
	}
	return addedLines(before, f.Data())
}

var hunk = regexp.MustCompile(`^@@ -[0-9,]+ \+([0-9]+)`)

// addedLines returns the numbers of the lines of after that before has not.
// Checkouts may have other line ends than commits.
func addedLines(before, after []byte) map[int]bool {
	added := map[int]bool{}
	line := 0
	for text := range bytes.Lines(diff.Diff("before", unix(before), "after", unix(after))) {
		switch {
		case text[0] == '@':
			if m := hunk.FindSubmatch(text); m != nil {
				line, _ = strconv.Atoi(string(m[1])) // digits
			}
		case line == 0, text[0] == '-', text[0] == '\\':
			// the names of the files, what is gone, a note about the last line
		default:
			if text[0] == '+' {
				added[line] = true
			}
			line++
		}
	}
	return added
}

func unix(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }
