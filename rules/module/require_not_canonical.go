package module

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
	"golang.org/x/mod/module"
)

// RequireNotCanonical reports a version in a require, exclude, replace or
// retract line that is a query, not a version: "v1", "v1.2", "latest", a branch,
// a commit, or a version with build metadata.
//
// # Why
//
// The go command asks the network what such a word stands for now, and would
// write the answer into go.mod. Since Go 1.16 builds do not write go.mod: they
// stop, with "updates to go.mod needed" if there is an answer, and with another
// error if there is none. The answer may be another one tomorrow.
//
// # Fix
//
// Run "go mod tidy", which writes the version that the word stands for.
//
// # When it is not a problem
//
// Pseudo-versions (v0.0.0-20240102030405-abcdefabcdef) and versions that end in
// +incompatible are versions.
//
// # References
//
// https://go.dev/ref/mod#version-queries, cmd/go/internal/modload/init.go,
// fixVersion
var RequireNotCanonical = &rule.Rule{
	ID:       "module/require-not-canonical",
	Title:    "go.mod names a version that has to be looked up",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			for _, r := range m.Mod.Requires {
				notCanonical(p, m, "requires", r.Path, r.Version)
			}
			for _, x := range m.Mod.Excludes {
				notCanonical(p, m, "excludes", x.Path, x.Version)
			}
			for _, s := range m.Mod.Retracts {
				for _, arg := range s.Args {
					if !strings.ContainsAny(arg.Text, "[],") {
						notCanonical(p, m, "retracts", m.Mod.Module, arg)
					}
				}
			}
			for _, r := range m.Mod.Replaces {
				if r.OldVersion.Valid() {
					notCanonical(p, m, "replaces", r.Old, r.OldVersion)
				}
				if r.NewVersion.Valid() {
					notCanonical(p, m, "replaces "+r.Old.Text+" by", r.New, r.NewVersion)
				}
			}
		}
	},
}

func notCanonical(p *rule.Pass, m *gomodule.Module, verb string, path, version gomod.Token) {
	if gomodule.Canonical(version.Text) || strings.HasPrefix(path.Text, "gopkg.in/") && strings.Contains(version.Text, "-gopkgin-") {
		return
	}
	f := rule.Finding{
		At:      version.At,
		Message: fmt.Sprintf("%s %s %s %s, which is no version but a query", m.Mod.Source.Path, verb, path.Text, version.Text),
		Proof:   because(fact.High, fact.Note{At: version.At, Text: "has to be looked up, and go.mod to be changed"}),
		Result:  "go: updates to go.mod needed",
		Fixes:   advice("run go mod tidy%s", inFolder(m.Dir)),
	}
	if without, _, ok := strings.Cut(version.Text, "+"); ok && module.CanonicalVersion(version.Text) == without {
		f.Fixes = []rule.Fix{{Title: "remove the build metadata", Edits: []source.Edit{{Span: version.At, New: without}}}}
	}
	p.Report(f)
}
