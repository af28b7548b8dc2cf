package module

import (
	"fmt"
	"go/version"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// VendorFlagWithoutVendor reports -mod=vendor, on the command line or in
// GOFLAGS, for a module that has requirements but no vendor folder.
//
// # Why
//
// With -mod=vendor the go command takes all packages from the vendor folder and
// first compares vendor/modules.txt with go.mod. Without the folder every
// requirement is missing there.
//
// # Fix
//
// Delete the flag: without it the go command uses a vendor folder where there
// is one. Or commit the folder, or run go mod vendor before.
//
// # When it is not a problem
//
// Where an earlier command, cache or artifact of the same stage, job or script
// may have made the folder, and where git ignores it, so that it may be there.
// Go lines before 1.14 are left out.
//
// # References
//
//   - https://go.dev/ref/mod#vendoring
//   - cmd/go/internal/modload/vendor.go of Go 1.26 (checkVendorConsistency)
var VendorFlagWithoutVendor = &rule.Rule{
	ID:       "module/vendor-flag-without-vendor",
	Title:    "-mod=vendor is set, but there is no vendor folder",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "image", "ci"},
	Run: func(p *rule.Pass) {
		found := map[source.Span]bool{}
		for _, certain := range []bool{true, false} {
			for _, r := range gorun.Runs.Of(p.Repo) {
				flag, _, _ := r.Flag("mod")
				if r.Certain != certain || !needsVendor(r) || found[flag.At] {
					continue
				}
				found[flag.At] = true
				required := r.Module.Mod.Requires[0]
				folder := fact.Note{At: required.At, Text: "is required, and there is no vendor folder"}
				f := rule.Finding{At: flag.At, Severity: rule.Error}
				f.Message = fmt.Sprintf("-mod=vendor, but %s has no vendor folder", r.Module.Mod.Source.Path)
				f.Result = fmt.Sprintf("go: inconsistent vendoring in %s:\n\t%s@%s: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt",
					r.Module.Dir, required.Path.Text, required.Version.Text)
				f = atRun(f, fact.Because(folder, fact.Note{At: flag.At, Text: "takes packages from the vendor folder"}, notes(r.Arrived)), r, "fails")
				if r.Place != goenv.Image && r.Place != goenv.Job {
					f.Confidence = min(f.Confidence, fact.Medium)
				}
				p.Report(f)
			}
		}
	},
}

// needsVendor reports whether a command fails for want of the vendor folder.
func needsVendor(r *goenv.Run) bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet", "list", "generate", "fmt":
	default:
		return false
	}
	return mode(r) == "vendor" && r.Module != nil && r.Work == nil && r.VendorMissing && !foreign(r) && len(r.Problems) == 0 &&
		len(r.Module.Mod.Requires) > 0 && len(r.Module.Mod.Problems) == 0 &&
		version.Compare("go"+r.Module.Mod.Go.Text, "go1.14") >= 0
}
