package module

import (
	"fmt"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// ExcludeRequired reports a module version that go.mod requires and excludes.
//
// # Why
//
// The go command passes over a requirement on an excluded version, and so go.mod
// counts as out of date. Since Go 1.16 builds do not write it: every build stops
// with "updates to go.mod needed", even if nothing imports the module.
//
// # Fix
//
// Require another version ("go get" with the module path takes the next one), or
// delete the exclude line.
//
// # When it is not a problem
//
// In a workspace go.mod files are not compared with what they should be.
// Excluding any other version does no harm.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-exclude,
// cmd/go/internal/modload/init.go, rootsFromModFile
var ExcludeRequired = &rule.Rule{
	ID:       "module/exclude-required",
	Title:    "go.mod requires a version that it excludes",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if m.Mode != gomodule.Alone && m.Mode != gomodule.Vendored {
				continue
			}
			excluded := map[module.Version]gomod.Require{}
			for _, x := range m.Mod.Excludes {
				excluded[module.Version{Path: x.Path.Text, Version: x.Version.Text}] = x
			}
			for _, r := range m.Mod.Requires {
				x, ok := excluded[module.Version{Path: r.Path.Text, Version: r.Version.Text}]
				if !ok || !gomodule.Canonical(r.Version.Text) {
					continue
				}
				p.Report(rule.Finding{
					At:      spec(x),
					Message: fmt.Sprintf("%s excludes %s %s, which it requires", m.Mod.Source.Path, x.Path.Text, x.Version.Text),
					Proof: because(readonly(p.Repo),
						fact.Note{At: spec(r), Text: "required here"},
						fact.Note{At: spec(x), Text: "excluded here"}),
					Result: fmt.Sprintf("go: ignoring requirement on excluded version %s %s\ngo: updates to go.mod needed", x.Path.Text, x.Version.Text),
					Fixes:  withoutStatement(m.Mod, x.At, "delete the exclude line"),
				})
			}
		}
	},
}
