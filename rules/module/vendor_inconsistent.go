package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// VendorInconsistent reports a line for which go.mod and vendor/modules.txt
// disagree.
//
// # Why
//
// From go 1.14 in go.mod on, a folder named vendor beside go.mod is where
// packages come from, and the go command first compares vendor/modules.txt with
// go.mod, line by line: every requirement must be marked as explicit in the same
// version, indirect ones too, and every replacement must be recorded as it is
// written. One line that differs stops every build. Any folder of that name
// counts, even one without Go code: then modules.txt is missing. In a workspace
// (from go 1.22 on) the folder beside go.work is compared with all members.
//
// # Fix
//
// Run "go mod vendor" ("go work vendor" in a workspace) and commit the folder. A
// folder named vendor that does not belong to Go needs another name.
//
// # Severity
//
//   - error: every build fails
//   - warning: a file of the repository sets -mod=mod for builds
//
// # When it is not a problem
//
// Before go 1.14, without a go line, where modules.txt was written for a
// workspace and there is none (or the other way round), the folder is not used
// and not compared. A folder that git ignores, or that is a submodule, is not
// judged.
//
// # References
//
// https://go.dev/ref/mod#vendoring, cmd/go/internal/modload/vendor.go,
// checkVendorConsistency
var VendorInconsistent = &rule.Rule{
	ID:       "module/vendor-inconsistent",
	Title:    "go.mod and vendor/modules.txt disagree",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "vendor"},
	Run: func(p *rule.Pass) {
		for _, m := range vendored(p.Repo) {
			subcommand := "mod"
			if m.Mode == gomodule.VendoredWorkspace {
				subcommand = "work"
			}
			vendor, dir := m.VendorFile()
			for _, d := range m.Disagreements() {
				p.Report(rule.Finding{
					At:      d.At,
					Message: d.Text,
					Proof:   because(readonly(p.Repo), d.Why...),
					Result:  fmt.Sprintf("go: inconsistent vendoring:\n\t%s", d.Said),
					Fixes:   advice("run go %s vendor%s and commit the vendor folder", subcommand, inFolder(dir)),
				})
				if vendor == nil {
					break // what is not there disagrees with every line
				}
			}
		}
	},
}
