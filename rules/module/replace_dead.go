package module

import (
	"fmt"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// ReplaceDead reports a replace line for a module, or for a version of it, that
// nothing requires. It has no effect on builds.
//
// # Why
//
// The requirement was removed or has moved on, and the line stayed: "go mod
// tidy" does not remove it. It looks like a pin or a patch that is in force, and
// it is not. It also keeps "go install module@version" from working.
//
// # Fix
//
// Delete the line, or mend the version on its left side.
//
// # When it is not a problem
//
// Before go 1.17 go.mod does not name all modules of the graph, so nothing is
// said there, nor where go.sum holds the replacement. Replacements for a family
// of modules (k8s.io and its staging repositories) are often kept complete on
// purpose: three or more of one family are reported once.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-replace
var ReplaceDead = &rule.Rule{
	ID:       "module/replace-dead",
	Title:    "nothing requires what is replaced",
	Severity: rule.Note,
	Since:    "v0.1.0",
	Tags:     []string{"module", "replace"},
	Run: func(p *rule.Pass) {
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if m.Mode == gomodule.Unsettled || m.InWorkspace() || !m.Pruned() {
				continue
			}
			reportDead(p, m, deadReplaces(m))
		}
	},
}

// deadReplaces are the replace lines of a module whose left sides it does not
// require, in order.
func deadReplaces(m *gomodule.Module) []gomod.Replace {
	if len(m.Mod.Replaces) == 0 {
		return nil
	}
	required, paths := map[module.Version]bool{}, map[string]bool{}
	for _, r := range m.Mod.Requires {
		required[module.Version{Path: r.Path.Text, Version: r.Version.Text}] = true
		paths[r.Path.Text] = true
	}
	summed := map[module.Version]bool{}
	if m.Sum != nil {
		for _, e := range m.Sum.Entries {
			summed[module.Version{Path: e.Path, Version: e.Version}] = true
			summed[module.Version{Path: e.Path}] = true
		}
	}
	var dead []gomod.Replace
	for _, r := range m.Mod.Replaces {
		old := module.Version{Path: r.Old.Text, Version: r.OldVersion.Text}
		to := module.Version{Path: r.New.Text, Version: r.NewVersion.Text}
		alive := paths[old.Path] && !r.OldVersion.Valid() || required[old] || old.Path == m.Path()
		inGraph := summed[old] || !r.Local() && summed[to]
		if !alive && !inGraph {
			dead = append(dead, r)
		}
	}
	return dead
}

func reportDead(p *rule.Pass, m *gomodule.Module, dead []gomod.Replace) {
	members := map[string]int{}
	for _, r := range dead {
		members[family(r.Old.Text)]++
	}
	reported := map[string]bool{}
	for _, r := range dead {
		message := fmt.Sprintf("%s replaces %s, which nothing requires", m.Mod.Source.Path, left(r))
		if name := family(r.Old.Text); members[name] >= 3 {
			if reported[name] {
				continue
			}
			reported[name] = true
			message = fmt.Sprintf("%s replaces %s and %d more modules of %s, which nothing requires", m.Mod.Source.Path, left(r), members[name]-1, name)
		}
		about := fact.Note{At: gomodule.At(m.Mod), Text: "from Go 1.17 on this file names every module that builds need"}
		if root := m.Root(r.Old.Text); root != nil {
			about = fact.Note{At: spec(root.Require), Text: "required here, in another version"}
		}
		p.Report(rule.Finding{
			At:      line(r),
			Message: message,
			Proof:   because(fact.Medium, about, fact.Note{At: line(r), Text: "this line has no effect on builds"}),
		})
	}
}

// family is the host and the first element of a module path, or the host alone
// where modules stand directly below it (k8s.io/api).
func family(modPath string) string {
	parts := strings.SplitN(modPath, "/", 3)
	if len(parts) == 3 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// left writes the left side of a replace line.
func left(r gomod.Replace) string {
	if r.OldVersion.Valid() {
		return r.Old.Text + " " + r.OldVersion.Text
	}
	return r.Old.Text
}
