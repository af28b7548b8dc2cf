// Package source holds the text everything else points into: immutable files,
// half-open byte spans, the one conversion from bytes to lines and columns,
// text assembled from pieces of a file, and edits.
package source

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
	"weak"
)

// ErrTooLarge is the cause of a read that was refused because of its size.
var ErrTooLarge = errors.New("file is larger than the limit")

// File is one immutable file of the repository. Its bytes are read once, at
// first use; it is safe for concurrent use.
type File struct {
	// Path is relative to the root of the repository, with slashes.
	Path string

	load    func() ([]byte, error)
	loading sync.Once
	loaded  atomic.Bool
	data    []byte
	err     error

	counting sync.Once
	starts   []int // offset at which each line starts

	parsed sync.Map // key → weak.Pointer of what Parsed returned
}

// New returns a file with the given contents.
func New(path string, data []byte) *File {
	return Lazy(path, func() ([]byte, error) { return data, nil })
}

// Lazy returns a file that calls load at first use, and never again.
func Lazy(path string, load func() ([]byte, error)) *File {
	return &File{Path: path, load: load}
}

func (f *File) read() ([]byte, error) {
	f.loading.Do(func() {
		f.loaded.Store(true)
		f.data, f.err = f.load()
		f.load = nil
	})
	return f.data, f.err
}

func (f *File) lines() []int {
	f.counting.Do(func() { f.starts = lineStarts(f.Data()) })
	return f.starts
}

// Data returns the bytes of the file, which must not be changed. They are
// empty when the file cannot be read: Err says why.
func (f *File) Data() []byte {
	data, _ := f.read()
	return data
}

// Err returns why the file could not be read, or nil. It reads the file.
func (f *File) Err() error {
	_, err := f.read()
	return err
}

// Loaded reports whether the bytes were asked for. It does not read the file.
func (f *File) Loaded() bool { return f.loaded.Load() }

// Parsed returns what parse makes of the file, which must depend on nothing but
// the file and the key, and must not be changed. A format has a key of its own.
// It is parsed again once the memory was needed for something else: trees take
// many times the memory of their text, and a repository may have any number of
// files.
func Parsed[T any](f *File, key any, parse func() *T) *T {
	if p, ok := f.parsed.Load(key); ok {
		if tree := p.(weak.Pointer[T]).Value(); tree != nil {
			return tree
		}
	}
	tree := parse()
	f.parsed.Store(key, weak.Make(tree))
	return tree
}

// Span returns the bytes from start up to, not including, end. Offsets outside
// the file are moved to its nearest edge, so that a span is always readable.
func (f *File) Span(start, end int) Span {
	n := len(f.Data())
	start = min(max(start, 0), n)
	return Span{File: f, Start: start, End: min(max(end, start), n)}
}

// Whole returns the span of all bytes.
func (f *File) Whole() Span { return f.Span(0, len(f.Data())) }

// Lines returns the number of lines. A final newline does not start another.
func (f *File) Lines() int {
	starts, data := f.lines(), f.Data()
	if n := len(starts); n > 1 && starts[n-1] == len(data) {
		return n - 1
	}
	return len(starts)
}

// Line returns line n, counted from 1, without its line ending. A line beyond
// the file is the empty span at its end.
func (f *File) Line(n int) Span {
	starts, data := f.lines(), f.Data()
	if n < 1 {
		return f.Span(0, 0)
	}
	if n > len(starts) {
		return f.Span(len(data), len(data))
	}
	start, end := starts[n-1], len(data)
	if n < len(starts) {
		end = starts[n] - 1 // the newline
		if end > start && data[end-1] == '\r' {
			end--
		}
	}
	return f.Span(start, end)
}

// Position returns the line and columns of a byte offset.
func (f *File) Position(offset int) Position {
	starts, data := f.lines(), f.Data()
	offset = min(max(offset, 0), len(data))
	line := sort.SearchInts(starts, offset+1) // first line that starts behind offset
	start := starts[line-1]
	return Position{
		Offset: offset,
		Line:   line,
		Column: offset - start + 1,
		UTF16:  utf16Len(data[start:offset]) + 1,
	}
}

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// utf16Len counts UTF-16 code units. A byte that is not UTF-8 counts as one,
// as the replacement character that a decoder puts in its place does.
func utf16Len(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		n++
		if r >= 0x10000 {
			n++
		}
		b = b[size:]
	}
	return n
}

// Position is a place in a file as people and formats count it.
type Position struct {
	Offset int // bytes from the start of the file, from 0
	Line   int // from 1
	Column int // bytes from the start of the line, from 1
	UTF16  int // UTF-16 code units from the start of the line, from 1 (SARIF's columnKind)
}

// Span is a half-open range of bytes of one file. The zero Span is no place.
// Spans are comparable: equal spans are the same bytes of the same file.
type Span struct {
	File       *File
	Start, End int
}

// Valid reports whether the span is a place.
func (s Span) Valid() bool { return s.File != nil }

// Text returns the bytes of the span.
func (s Span) Text() string {
	if s.File == nil {
		return ""
	}
	return string(s.File.Data()[s.Start:s.End])
}

// Len returns the number of bytes.
func (s Span) Len() int { return s.End - s.Start }

// Begin returns the position of the first byte.
func (s Span) Begin() Position { return s.File.Position(s.Start) }

// Finish returns the position behind the last byte.
func (s Span) Finish() Position { return s.File.Position(s.End) }

// Sub returns the part of the span from start up to end, counted from its
// first byte.
func (s Span) Sub(start, end int) Span {
	return s.File.Span(s.Start+start, min(s.Start+end, s.End))
}

// Contains reports whether t lies within s.
func (s Span) Contains(t Span) bool {
	return s.File == t.File && s.Start <= t.Start && t.End <= s.End
}

// Cover returns the smallest span that holds both. Where one is no place, it
// returns the other; spans of different files cannot be covered: s is returned.
func (s Span) Cover(t Span) Span {
	switch {
	case s.File == nil:
		return t
	case t.File != s.File:
		return s
	}
	return Span{File: s.File, Start: min(s.Start, t.Start), End: max(s.End, t.End)}
}

// String returns path:line:column, as compilers print it.
func (s Span) String() string {
	if s.File == nil {
		return "-"
	}
	p := s.Begin()
	return fmt.Sprintf("%s:%d:%d", s.File.Path, p.Line, p.Column)
}

// Compare orders spans by path, then start, then end.
func (s Span) Compare(t Span) int {
	if s.File != t.File && s.File != nil && t.File != nil {
		if c := strings.Compare(s.File.Path, t.File.Path); c != 0 {
			return c
		}
	}
	if s.Start != t.Start {
		return s.Start - t.Start
	}
	return s.End - t.End
}
