// Package fix chooses which fixes to apply, shows them as a diff, and writes
// them to disk: the edits of a fix all together or not at all.
package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Plan is what fixing findings would do.
type Plan struct {
	Accepted []Choice
	Dropped  []Choice // with the reason in Why
	Changes  []Change // sorted by path
}

// Choice is a finding and the fix that was considered for it.
type Choice struct {
	Finding *rule.Finding
	Fix     rule.Fix
	Why     string // why it is dropped
}

// Change is a file and its new contents.
type Change struct {
	File *source.File
	New  []byte
}

// Choose takes the preferred fix of every finding that is shown: the first
// that has edits, if it is safe or unsafe ones are wanted. A fix that meets the
// edits of one taken before is dropped, unless they are the same.
func Choose(findings []rule.Finding, unsafe bool) Plan {
	var p Plan
	taken := map[*source.File][]source.Edit{}
	for i := range findings {
		f := &findings[i]
		if f.Hidden || f.Suppression != nil {
			continue
		}
		chosen, ok := preferred(f.Fixes)
		if !ok {
			continue
		}
		c := Choice{Finding: f, Fix: chosen}
		if !chosen.Safe && !unsafe {
			c.Why = "unsafe: applied with --unsafe only"
		} else {
			c.Why = take(taken, adapted(chosen.Edits))
		}
		if c.Why == "" {
			p.Accepted = append(p.Accepted, c)
		} else {
			p.Dropped = append(p.Dropped, c)
		}
	}
	p.Changes = changes(taken)
	return p
}

func preferred(fixes []rule.Fix) (rule.Fix, bool) {
	i := slices.IndexFunc(fixes, func(f rule.Fix) bool { return len(f.Edits) > 0 })
	if i < 0 {
		return rule.Fix{}, false
	}
	return fixes[i], true
}

// take adds the edits of one fix, all or none, and returns why not.
func take(taken map[*source.File][]source.Edit, edits []source.Edit) string {
	var fresh []source.Edit
	for _, e := range edits {
		if !e.Valid() || e.File.Err() != nil {
			return "its edits are of a file that cannot be read"
		}
		near := around(taken[e.File], e)
		switch {
		case slices.Contains(near, e):
			continue // another finding asks for the same
		case slices.ContainsFunc(near, func(o source.Edit) bool { return meets(e, o) }):
			return "it overlaps a fix that is applied; run again"
		case slices.ContainsFunc(fresh, func(o source.Edit) bool { return meets(e, o) }):
			return "its own edits overlap"
		}
		fresh = append(fresh, e)
	}
	for _, e := range fresh {
		i, _ := slices.BinarySearchFunc(taken[e.File], e.Start, byStart)
		taken[e.File] = slices.Insert(taken[e.File], i, e)
	}
	return ""
}

func byStart(e source.Edit, start int) int { return e.Start - start }

// around returns those of the edits of a file that can meet another: there can
// be very many. They are sorted and meet none of their own, so that it is the
// one before and those that start within.
func around(edits []source.Edit, e source.Edit) []source.Edit {
	first, _ := slices.BinarySearchFunc(edits, e.Start, byStart)
	end := first
	for end < len(edits) && edits[end].Start <= e.End {
		end++
	}
	return edits[max(0, first-1):end]
}

// meets reports whether two edits share bytes, or one inserts where the other
// begins or ends: there the order would matter.
func meets(e, o source.Edit) bool {
	switch {
	case o.File != e.File:
		return false
	case o.Len() == 0 || e.Len() == 0:
		return o.Start <= e.End && e.Start <= o.End
	}
	return o.Start < e.End && e.Start < o.End
}

// adapted returns edits in the manner of their files: line endings as the file
// has them, and nothing before a byte order mark, which only an edit of itself
// removes.
func adapted(edits []source.Edit) []source.Edit {
	edits = slices.Clone(edits)
	for i := range edits {
		e := &edits[i]
		if !e.Valid() {
			continue
		}
		data := e.File.Data()
		removesMark := e.End == 3 && e.New == ""
		if bytes.HasPrefix(data, []byte("\ufeff")) && e.Start == 0 && !removesMark {
			e.Start, e.End = 3, max(e.End, 3)
		}
		if endsInCRLF(data) {
			e.New = strings.ReplaceAll(strings.ReplaceAll(e.New, "\r\n", "\n"), "\n", "\r\n")
		}
	}
	return edits
}

// endsInCRLF reports whether the first line does.
func endsInCRLF(data []byte) bool {
	i := bytes.IndexByte(data, '\n')
	return i > 0 && data[i-1] == '\r'
}

// changes applies the edits.
func changes(taken map[*source.File][]source.Edit) []Change {
	var all []Change
	for f, edits := range taken {
		data, err := source.Apply(f, edits)
		if err != nil {
			panic(fmt.Sprintf("edits that were checked: %v", err))
		}
		if !bytes.Equal(data, f.Data()) {
			all = append(all, Change{File: f, New: data})
		}
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Compare(a.File.Path, b.File.Path) })
	return all
}
