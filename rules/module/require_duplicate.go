package module

import (
	"fmt"

	"golang.org/x/mod/semver"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// RequireDuplicate reports a module that go.mod requires in two versions.
//
// # Why
//
// The higher version is what counts, so the go command would remove the other
// line. Since Go 1.16 builds do not write go.mod: every build stops with
// "updates to go.mod needed". This is what a merge of two updates leaves.
//
// # Fix
//
// Delete the line with the lower version, and run "go mod tidy".
//
// # When it is not a problem
//
// The same version twice does no harm. In a workspace go.mod files are not
// compared with what they should be.
//
// # References
//
// cmd/go/internal/modload/buildlist.go, hasRedundantRoot
var RequireDuplicate = &rule.Rule{
	ID:       "module/require-duplicate",
	Title:    "go.mod requires a module in two versions",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			if m.InWorkspace() {
				continue
			}
			seen := map[string]gomod.Require{}
			for _, r := range m.Mod.Requires {
				other, ok := seen[r.Path.Text]
				if !ok {
					seen[r.Path.Text] = r
					continue
				}
				if other.Version.Text != r.Version.Text {
					p.Report(duplicate(m, other, r))
				}
			}
		}
	},
}

func duplicate(m *gomodule.Module, first, second gomod.Require) rule.Finding {
	lower := first
	if semver.Compare(second.Version.Text, first.Version.Text) < 0 {
		lower = second
	}
	f := rule.Finding{
		At: spec(second),
		Message: fmt.Sprintf("%s requires %s in two versions, %s and %s",
			m.Mod.Source.Path, second.Path.Text, first.Version.Text, second.Version.Text),
		Proof: because(fact.High,
			fact.Note{At: spec(first), Text: "required here"},
			fact.Note{At: spec(second), Text: "required again, in another version"}),
		Result: "go: updates to go.mod needed",
		Fixes:  advice("run go mod tidy%s", inFolder(m.Dir)),
	}
	if alone(lower.At) {
		f.Fixes = []rule.Fix{{Title: fmt.Sprintf("delete the requirement on %s", lower.Version.Text), Edits: []source.Edit{deleteLine(lower.At)}}}
	}
	return f
}
