package module

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// GosumConflictingHash reports two different hashes of one module version. One
// of them is wrong.
//
// # Why
//
// A version never changes its contents, so two "h1:" hashes of one key cannot
// both be right: a merge or an edit went wrong, a tag was moved and the module
// fetched around the checksum database, or somebody tampered with the file. The
// go command looks at the lines in order and stops with a security error if the
// wrong one comes first. If the right one comes first the build passes, and the
// wrong line waits for the next sorting. In a workspace the files of all members
// count together, in any order.
//
// # Fix
//
// Delete both lines, run "go mod tidy" with the checksum database on, and look
// at which of the two came back.
//
// # When it is not a problem
//
// Hashes of another algorithm ("h2:") beside an "h1:" do not conflict.
//
// # References
//
// cmd/go/internal/modfetch/fetch.go, haveModSumLocked
var GosumConflictingHash = &rule.Rule{
	ID:       "module/gosum-conflicting-hash",
	Title:    "go.sum holds two hashes of one module version",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.sum", "supply-chain"},
	Run: func(p *rule.Pass) {
		for _, s := range sums(p.Repo) {
			for _, pair := range s.Conflicts {
				p.Report(conflict(s, pair[0], s, pair[1]))
			}
		}
		for _, w := range goprogram.Tree.Of(p.Repo).Spaces {
			conflictsAmong(p, sumsOf(w))
		}
	},
}

// sums are the go.sum and go.work.sum files of all modules and workspaces,
// sorted by module.
func sums(r *repo.Repo) []*gomod.Sum {
	var all []*gomod.Sum
	tree := goprogram.Tree.Of(r)
	for _, m := range tree.All {
		if m.Sum != nil {
			all = append(all, m.Sum)
		}
	}
	for _, w := range tree.Spaces {
		if w.Sum != nil {
			all = append(all, w.Sum)
		}
	}
	return all
}

func sumsOf(w *goprogram.Workspace) []*gomod.Sum {
	var all []*gomod.Sum
	if w.Sum != nil {
		all = append(all, w.Sum)
	}
	for _, m := range w.Members {
		if m.Sum != nil {
			all = append(all, m.Sum)
		}
	}
	return all
}

// conflictsAmong reports the keys of which the files of a workspace hold
// different hashes. What stands in one file is reported for that file alone.
func conflictsAmong(p *rule.Pass, files []*gomod.Sum) {
	if len(files) < 2 {
		return
	}
	holder := map[gomod.SumKey]*gomod.Sum{}
	for _, s := range files {
		for _, e := range s.Entries {
			if !strings.HasPrefix(e.Hash, "h1:") {
				continue
			}
			other := holder[e.SumKey]
			if other == nil {
				holder[e.SumKey] = s
				continue
			}
			if first, _ := other.First(e.SumKey); other != s && first.Hash != e.Hash {
				p.Report(conflict(other, first, s, e))
			}
		}
	}
}

func conflict(a *gomod.Sum, one gomod.SumEntry, b *gomod.Sum, two gomod.SumEntry) rule.Finding {
	message := fmt.Sprintf("%s holds two hashes of %s: %s and %s", b.Source.Path, two.SumKey, shorten(one.Hash), shorten(two.Hash))
	if a != b {
		message = fmt.Sprintf("%s holds another hash of %s than %s, a file of the same workspace: %s, not %s",
			b.Source.Path, two.SumKey, a.Source.Path, shorten(two.Hash), shorten(one.Hash))
	}
	return rule.Finding{
		At:      b.At(two),
		Message: message,
		Proof: fact.Because(
			fact.Note{At: a.At(one), Text: "one hash"},
			fact.Note{At: b.At(two), Text: "another hash of the same"},
		),
		Result: "verifying " + strings.Replace(two.SumKey.String(), " ", "@", 1) + ": checksum mismatch",
		Fixes:  advice("delete both lines, run go mod tidy, and see which one comes back"),
	}
}
