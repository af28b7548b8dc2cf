package module

import (
	"fmt"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// ImportNotRequired reports an import of a package that no module required in
// go.mod can provide.
//
// # Why
//
// A package comes from the required module whose path is the import path or
// above it. Since Go 1.16 builds add no requirement to go.mod, so without one
// the build stops. That a dependency requires the module does not help: from the
// main module only what its own go.mod names may be imported.
//
// # Fix
//
// Run "go mod tidy" (or "go get" with the import path), and commit go.mod and
// go.sum.
//
// # Severity
//
//   - error: "go build ./..." fails; where the finding says so, only
//     "go vet ./..." and "go test ./..."
//   - warning: a file of the repository sets -mod=mod for builds
//
// # When it is not a problem
//
// In a workspace the modules behind the members provide packages too, and with
// a vendor folder in effect module/vendor-package-missing asks. Imports under
// build constraints that some builds for linux/amd64 do not meet are not
// counted, nor are packages below the path of the main module, which can be
// generated, unless their folder belongs to another module. A module whose folder
// another one of the repository puts in place of a dependency is built as a part
// of that one, and what that one requires counts. A go.mod below another module that
// has neither requirements nor a go.sum may only keep its folder out of that one.
//
// # References
//
// https://go.dev/ref/mod#resolve-pkg-mod, cmd/go/internal/modload/load.go
var ImportNotRequired = &rule.Rule{
	ID:       "module/import-not-required",
	Title:    "imported package is in no required module",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		uses := gomodule.Uses.Of(p.Repo)
		for _, m := range gomodule.Modules.Of(p.Repo) {
			for _, use := range m.Unprovided(p.Repo, uses[m.Module]) {
				if !m.ForAnother(p.Repo, use.Path) {
					p.Report(notRequired(p.Repo, m, use))
				}
			}
		}
	},
}

func notRequired(r *repo.Repo, m *gomodule.Module, use gomodule.Use) rule.Finding {
	where := fact.Note{At: gomodule.At(m.Mod), Text: "no line of this file requires a module that could hold it"}
	result := fmt.Sprintf("no required module provides package %s; to add it:\n\tgo get %[1]s", use.Path)
	for _, replace := range m.Mod.Replaces {
		if old := replace.Old.Text; old == use.Path || strings.HasPrefix(use.Path, old+"/") {
			where = fact.Note{At: line(replace), Text: "the module is replaced, but not required"}
			result = fmt.Sprintf("module %s provides package %s and is replaced but not required", old, use.Path)
		}
	}
	return rule.Finding{
		At:      use.At,
		Message: fmt.Sprintf("%s needs %s, but no module that %s requires can hold it", command(use.Test), use.Path, path.Join(m.Dir, "go.mod")),
		Proof:   because(readonly(r), used(use), where),
		Result:  result,
		Fixes:   advice("run go mod tidy%s and commit go.mod and go.sum", inFolder(m.Dir)),
	}
}
