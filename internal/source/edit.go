package source

import (
	"bytes"
	"fmt"
	"slices"
)

// Edit replaces the bytes of a span. An empty span inserts.
type Edit struct {
	Span
	New string
}

// Apply returns the contents of f after the edits, which may come in any order.
// Insertions at one place are applied in the order given. Edits of another
// file, and edits that overlap, are an error.
func Apply(f *File, edits []Edit) ([]byte, error) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return a.End - b.End // an insertion goes before a replacement at its place
	})
	var out bytes.Buffer
	data, done := f.Data(), 0
	for _, e := range sorted {
		if e.File != f {
			return nil, fmt.Errorf("editing %s: an edit is of another file, %s", f.Path, e.Span)
		}
		if e.Start < done {
			return nil, fmt.Errorf("editing %s: edits overlap at %s", f.Path, e.Span)
		}
		out.Write(data[done:e.Start])
		out.WriteString(e.New)
		done = e.End
	}
	out.Write(data[done:])
	return out.Bytes(), nil
}
