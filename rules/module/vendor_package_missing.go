package module

import (
	"fmt"
	"path"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// VendorPackageMissing reports an import of a package that the vendor folder
// does not hold.
//
// # Why
//
// With a vendor folder in effect, packages come from there and from nowhere
// else: the module cache and the network are not asked. A package that was
// imported after the last "go mod vendor" is missing, and so is one that an
// ignore file took out of the folder ("lib/", "bin/", "build/" in .gitignore
// also match below vendor). From go 1.23 on a package must also be listed in
// vendor/modules.txt; a folder that was copied in by hand is passed over.
//
// # Fix
//
// Run "go mod vendor" ("go work vendor" in a workspace) and commit the folder;
// if git ignores a part of it, add "!vendor/**" to .gitignore.
//
// # Severity
//
//   - error: "go build ./..." fails; where the finding says so, only
//     "go vet ./..." and "go test ./..."
//   - warning: a file of the repository sets -mod=mod for builds
//
// # When it is not a problem
//
// Imports under build constraints that some builds for linux/amd64 do not meet
// are not counted, nor those of tests of dependencies, nor packages below the
// path of a main module, which can be generated. See
// module/vendor-inconsistent for when the folder counts.
//
// # References
//
// https://go.dev/ref/mod#vendoring, cmd/go/internal/modload/import.go
var VendorPackageMissing = &rule.Rule{
	ID:       "module/vendor-package-missing",
	Title:    "imported package is not in the vendor folder",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "vendor"},
	Run: func(p *rule.Pass) {
		uses := gomodule.Uses.Of(p.Repo)
		for _, m := range gomodule.Modules.Of(p.Repo) {
			for _, use := range m.Unvendored(p.Repo, m.Reach(p.Repo, uses[m.Module])) {
				p.Report(packageMissing(p.Repo, m, use))
			}
		}
	},
}

func packageMissing(r *repo.Repo, m *gomodule.Module, use gomodule.Use) rule.Finding {
	vendor, dir := m.VendorFile()
	folder := path.Join(dir, "vendor", use.Path)
	state := "is not in the repository"
	switch {
	case r.Has(folder) == repo.Ignored:
		state = "is left out of the repository by .gitignore"
	case r.Has(folder) == repo.IsDir && !gomodule.HoldsGo(r, folder):
		state = "holds no Go files"
	case r.Has(folder) == repo.IsDir && vendor == nil:
		state = "is there, but vendor/modules.txt is not"
	case r.Has(folder) == repo.IsDir:
		state = fmt.Sprintf("is not listed in %s", vendor.Source.Path)
	}
	subcommand, line := "mod", gomodule.At(m.Mod)
	if m.Mode == gomodule.VendoredWorkspace {
		subcommand, line = "work", gomodule.At(m.Work.File)
	}
	return rule.Finding{
		At:      use.At,
		Message: fmt.Sprintf("%s needs %s, but %s %s", command(use.Test), use.Path, folder, state),
		Proof:   because(readonly(r), used(use), fact.Note{At: line, Text: "with this go line the vendor folder is in effect"}),
		Result:  fmt.Sprintf("cannot find module providing package %s: import lookup disabled by -mod=vendor", use.Path),
		Fixes:   advice("run go %s vendor%s and commit the vendor folder", subcommand, inFolder(dir)),
	}
}

// vendored are the modules of which the vendor folder is in effect, one for
// each folder.
func vendored(r *repo.Repo) []*gomodule.Module {
	var found []*gomodule.Module
	seen := map[string]bool{}
	for _, m := range gomodule.Modules.Of(r) {
		_, dir := m.VendorFile()
		if (m.Mode == gomodule.Vendored || m.Mode == gomodule.VendoredWorkspace) && !seen[dir] {
			seen[dir] = true
			found = append(found, m)
		}
	}
	return found
}
