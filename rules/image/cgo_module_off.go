package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// CgoModuleOff reports a build without cgo of a program that imports a package
// which needs it.
//
// # Why
//
// A package whose files all import "C" is not there without cgo, and the build
// fails. Some packages have files for both cases that cannot do the same:
// go-sqlite3 builds without cgo, registers its driver, and fails every query.
//
// cgo is off with CGO_ENABLED=0, for another platform than that of the builder,
// and, since Go 1.20, where no C compiler is in PATH: in the Alpine variants of
// the golang image. ko sets CGO_ENABLED=0, unless its environment or .ko.yaml says
// otherwise.
//
// # Fix
//
// Build with cgo: install gcc and musl-dev (Alpine) and set CGO_ENABLED=1. Or
// use a package that is written in Go, such as modernc.org/sqlite.
//
// For ko, that is an entry under builds in .ko.yaml with CGO_ENABLED=1 in env, and a
// defaultBaseImage that has the C library of the machine on which ko runs.
//
// # When it is not a problem
//
// Packages that do the same without cgo, in another way, are not reported, nor
// are imports in files that are left out of a build without cgo, nor drivers that
// the sources import and nowhere speak of.
//
// # Severity
//
//   - error: when the build fails
//   - warning: when the program starts and the package fails in use
//
// # References
//
//   - https://pkg.go.dev/cmd/cgo
//   - https://github.com/mattn/go-sqlite3/blob/master/static_mock.go
var CgoModuleOff = &rule.Rule{
	ID:       "image/cgo-module-off",
	Title:    "program is built without cgo, but a package needs it",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, b := range everyBinary(p.Repo) {
			l := b.Link()
			g := b.Go
			if l.Known() && l.Value.Kind == link.Fails && fails(l.Value, link.CgoOnly) {
				p.Report(rule.Finding{
					At:      g.At(),
					Message: fmt.Sprintf("%s is built without cgo, but a package that it imports has no other files", b.name),
					Proof:   fact.Because(l, fact.Note{At: g.At(), Text: "fails"}),
					Result:  l.Value.Error,
				})
			}
			for _, need := range b.NeedsCgo() {
				f := rule.Finding{
					At:      g.At(),
					Message: fmt.Sprintf("%s is built without cgo, but %s needs it", b.name, need.Package),
					Proof:   fact.Because(l, need.Import, fact.Note{At: g.At(), Text: "builds without cgo"}),
					Result:  need.Error,
				}
				if need.Effect == knowledge.CgoStub {
					f.Severity = rule.Warning
				}
				p.Report(f)
			}
		}
	},
}

// fails reports whether a build fails for a reason.
func fails(v link.Verdict, on link.Part) bool {
	return len(v.Steps) > 0 && v.Steps[len(v.Steps)-1].On == on
}
