package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ReplaceInInstallableCmd reports a replace or exclude line in the go.mod of a
// program that people are told to install with "go install program@version".
//
// # Why
//
// "go install" and "go run" with a version build as if the program were the
// main module, and refuse go.mod files that mean something else as main module
// than as a dependency: those with replace or exclude lines, whether or not the
// lines have an effect. The command in the documentation fails for everybody
// from the next release on; builds of a checkout work, so tests do not notice.
//
// # Fix
//
// Release what the line replaces under its own path, or require the fork by its
// own path; or tell people to clone and build.
//
// # When it is not a problem
//
// Documents that name a fixed version ("@v1.2.3") tell of a release that has its
// own go.mod, and so do change logs: only @latest, @main, @master and @HEAD
// count.
//
// # References
//
// https://go.dev/ref/mod#go-install, cmd/go/internal/load/pkg.go,
// PackagesAndErrorsOutsideModule
var ReplaceInInstallableCmd = &rule.Rule{
	ID:       "module/replace-in-installable-cmd",
	Title:    "go install refuses the go.mod of a program that people are told to install",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "replace"},
	Run: func(p *rule.Pass) {
		told := map[*goprogram.Module]gomodule.Install{}
		hindered := false
		for _, m := range judged(p.Repo) {
			at, _, _ := hindrance(m.Module)
			hindered = hindered || at.Valid()
		}
		if !hindered {
			return // do not read the documents
		}
		for _, i := range gomodule.Installs.Of(p.Repo) {
			if _, ok := told[i.Module]; !ok {
				told[i.Module] = i
			}
		}
		for _, m := range judged(p.Repo) {
			install, ok := told[m.Module]
			at, word, n := hindrance(m.Module)
			if !ok || !at.Valid() {
				continue
			}
			message := fmt.Sprintf("%s tells people to install %s, which fails because of this %s line", install.At.File.Path, install.At.Text(), word)
			if n > 1 {
				message += fmt.Sprintf(" and %d more such lines", n-1)
			}
			p.Report(rule.Finding{
				At: at, Message: message,
				Proof: because(fact.Medium,
					fact.Note{At: install.At, Text: "people are told to run this"},
					fact.Note{At: at, Text: "the go command refuses to install a module with such a line"}),
				Result: "The go.mod file for the module providing named packages contains one or more " + word +
					" directives. It must not contain directives that would cause it to be interpreted differently than if it were the main module.",
			})
		}
	},
}

// hindrance returns the first replace line of a module, or else the first
// exclude line, and how many lines of both there are.
func hindrance(m *goprogram.Module) (at source.Span, word string, n int) {
	n = len(m.Mod.Replaces) + len(m.Mod.Excludes)
	switch {
	case len(m.Mod.Replaces) > 0:
		return line(m.Mod.Replaces[0]), "replace", n
	case len(m.Mod.Excludes) > 0:
		return spec(m.Mod.Excludes[0]), "exclude", n
	}
	return source.Span{}, "", 0
}
