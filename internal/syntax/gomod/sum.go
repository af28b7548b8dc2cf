package gomod

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Sum is a go.sum or go.work.sum file, read as the go command reads it
// (cmd/go/internal/modfetch, readGoSum): a line has no word or three, and
// nothing about the three is checked.
type Sum struct {
	Source  *source.File
	Entries []SumEntry
	// Problems are the lines at which the go command gives up, in its words.
	Problems []source.Problem

	// Conflicts are the pairs of entries that have different h1: hashes for one
	// key: the first of the key, and each that differs from it.
	Conflicts [][2]SumEntry

	first map[SumKey]int // index of the first of Entries with an h1: hash
}

// SumKey names what a hash is of: a module's zip file or only its go.mod.
type SumKey struct {
	Path, Version string
	GoMod         bool
}

// String returns the key as go.sum writes it.
func (k SumKey) String() string {
	if k.GoMod {
		return k.Path + " " + k.Version + "/go.mod"
	}
	return k.Path + " " + k.Version
}

// SumEntry is one line.
type SumEntry struct {
	SumKey
	Hash string
	Line int
}

// emptyGoMod is the hash of an empty go.mod, which the go command drops on
// reading: versions of Go before 1.12 wrote it by mistake.
const emptyGoMod = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY="

// ParseSum reads a go.sum or go.work.sum file.
func ParseSum(f *source.File) *Sum {
	lines := bytes.Count(f.Data(), []byte("\n")) + 1
	sum := &Sum{Source: f, first: make(map[SumKey]int, lines)}
	sum.Entries = make([]SumEntry, 0, lines)
	rest, n := string(f.Data()), 0
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		n++
		var words [3]string
		switch k := split(line, &words); k {
		case 0:
		case 3:
			sum.add(words, n)
		default:
			sum.Problems = append(sum.Problems, source.Problem{At: f.Line(n), Text: fmt.Sprintf("wrong number of fields %d", k)})
		}
	}
	return sum
}

// split is strings.Fields into an array: it returns the number of words, and
// the first three. go.sum files have thousands of lines.
func split(line string, words *[3]string) int {
	n := 0
	for line = strings.TrimSpace(line); line != ""; n++ {
		i := strings.IndexFunc(line, isSpace)
		if i < 0 {
			i = len(line)
		}
		if n < len(words) {
			words[n] = line[:i]
		}
		line = strings.TrimSpace(line[i:])
	}
	return n
}

func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\v', '\f', '\r', 0x85, 0xa0:
		return true
	}
	return r > 0xff && strings.TrimSpace(string(r)) == ""
}

func (s *Sum) add(words [3]string, line int) {
	key := SumKey{Path: words[0], Version: words[1]}
	if v, ok := strings.CutSuffix(words[1], "/go.mod"); ok {
		key.Version, key.GoMod = v, true
	}
	if words[2] == emptyGoMod {
		return
	}
	entry := SumEntry{SumKey: key, Hash: words[2], Line: line}
	if strings.HasPrefix(entry.Hash, "h1:") {
		if i, ok := s.first[key]; !ok {
			s.first[key] = len(s.Entries)
		} else if s.Entries[i].Hash != entry.Hash {
			s.Conflicts = append(s.Conflicts, [2]SumEntry{s.Entries[i], entry})
		}
	}
	s.Entries = append(s.Entries, entry)
}

// Has reports whether there is an h1: hash for the key. Other algorithms do
// not count (cmd/go/internal/modfetch.HaveSum).
func (s *Sum) Has(key SumKey) bool {
	if s == nil {
		return false
	}
	_, ok := s.first[key]
	return ok
}

// First returns the first entry with an h1: hash for the key.
func (s *Sum) First(key SumKey) (SumEntry, bool) {
	i, ok := s.first[key]
	if !ok {
		return SumEntry{}, false
	}
	return s.Entries[i], true
}

// At returns the line of an entry.
func (s *Sum) At(e SumEntry) source.Span {
	line := s.Source.Line(e.Line)
	text := line.Text()
	start := len(text) - len(strings.TrimLeft(text, " \t"))
	return line.Sub(start, len(strings.TrimRight(text, " \t\r")))
}
