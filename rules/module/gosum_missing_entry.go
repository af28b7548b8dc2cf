package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GosumMissingEntry reports a required module of which go.sum lacks a hash that
// the build needs.
//
// # Why
//
// Since Go 1.16 builds do not write go.sum (-mod=readonly is the default). A
// missing hash is an error, on every machine, whatever its module cache holds.
// This is what is left when go.mod was edited, merged or bumped by a robot and
// go.sum was not committed with it. Not every requirement needs its hashes, only
//
//   - the module itself (its zip file), where its path is that of an imported
//     package or above it, even if a module with a longer path provides the
//     package
//   - its go.mod, where it is the only such module
//   - before go 1.17 in go.mod: the go.mod files of all requirements
//
// Where a replacement is in effect, its hashes count; one that is a folder
// needs none. "go mod verify" does not notice: it compares the module cache
// with itself. "go mod download" adds only the hashes of go.mod files.
//
// # Fix
//
// Run "go mod tidy" and commit go.mod and go.sum together.
//
// # Severity
//
//   - error: "go build ./..." fails; where the finding says so, only
//     "go vet ./..." and "go test ./..."
//   - warning: a file of the repository sets -mod=mod for builds
//
// # When it is not a problem
//
// In a workspace, where the go command adds to go.work.sum, and with a vendor
// folder in effect, go.sum is not asked. Imports under build constraints that
// some builds for linux/amd64 do not meet are not counted. Hashes that only the
// module graph behind the requirements needs cannot be known from the
// repository.
//
// # References
//
// https://go.dev/ref/mod#go-sum-files, cmd/go/internal/modload/import.go
var GosumMissingEntry = &rule.Rule{
	ID:       "module/gosum-missing-entry",
	Title:    "go.sum lacks a hash that the build needs",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.sum"},
	Run: func(p *rule.Pass) {
		uses := gomodule.Uses.Of(p.Repo)
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if m.Sum == nil {
				continue // module/gosum-not-committed
			}
			for _, need := range m.Needs(m.Reach(p.Repo, uses[m.Module])) {
				p.Report(missingEntry(p, m, need))
			}
		}
	},
}

func missingEntry(p *rule.Pass, m *gomodule.Module, need gomodule.Need) rule.Finding {
	what := fmt.Sprintf("%s has no hash for %s", m.Sum.Source.Path, need.SumKey)
	notes := []fact.Note{{At: spec(need.Root.Require), Text: "required here"}}
	if need.Root.Replace != nil {
		notes = append(notes, fact.Note{At: line(*need.Root.Replace), Text: "replaced here: the hashes of the replacement count"})
	}
	result := fmt.Sprintf("%s@%s: missing go.sum entry for go.mod file; to add it:\n\tgo mod download %[1]s", need.Path, need.Version)
	if need.Use == nil {
		notes = append(notes, fact.Note{At: gomodule.At(m.Mod), Text: "before Go 1.17 the go.mod files of all requirements are read first"})
	} else {
		notes = append(notes, used(*need.Use))
		what += fmt.Sprintf(", which %s needs for %s", command(need.Tests()), need.Use.Path)
		result = fmt.Sprintf("missing go.sum entry for module providing package %s; to add:\n\tgo mod download %s", need.Use.Path, need.Path)
	}
	notes = append(notes, nearestEntry(m, need))
	return rule.Finding{
		At:      spec(need.Root.Require),
		Message: what,
		Proof:   because(readonly(p.Repo), notes...),
		Result:  result,
		Fixes:   advice("run go mod tidy%s and commit %s", inFolder(m.Dir), m.Sum.Source.Path),
	}
}

// nearestEntry is the line of go.sum that holds what comes nearest to what is
// missing.
func nearestEntry(m *gomodule.Module, need gomodule.Need) fact.Note {
	for _, e := range m.Sum.Entries {
		if e.Path == need.Path {
			return fact.Note{At: m.Sum.At(e), Text: "the module is here in another version or with one of its two hashes only"}
		}
	}
	if n := len(m.Sum.Entries); n > 0 {
		return fact.Note{At: m.Sum.At(m.Sum.Entries[n-1]), Text: "no line of this file names the module"}
	}
	return fact.Note{At: m.Sum.Source.Whole(), Text: "no line of this file names the module"}
}
