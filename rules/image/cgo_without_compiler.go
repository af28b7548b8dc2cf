package image

import (
	"fmt"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// CgoWithoutCompiler reports a build that needs a C compiler, or the headers of
// the C library, in a stage that does not have them.
//
// # Why
//
// With CGO_ENABLED=1, or with CC set, go calls the C compiler for every package
// that uses cgo, those of the standard library (net, os/user) included. The
// Alpine variants of the golang image have no compiler. `apk add gcc` alone
// does not bring the headers of musl, which are in musl-dev.
//
// Without CGO_ENABLED go takes a missing compiler for CGO_ENABLED=0 (since Go
// 1.20); -race then fails for want of cgo.
//
// # Fix
//
// Install the compiler in the stage that builds:
//
//	RUN apk add --no-cache gcc musl-dev
//
// or build without cgo, if no package needs it.
//
// # When it is not a problem
//
// The rule is silent where a package is installed that may bring a compiler, and
// where the program certainly uses no cgo package.
//
// # References
//
//   - cmd/go/internal/cfg/cfg.go, defaultContext: the compiler and the default
//   - cmd/go/internal/work/init.go, instrumentInit: -race requires cgo
var CgoWithoutCompiler = &rule.Rule{
	ID:       "image/cgo-without-compiler",
	Title:    "build needs a C compiler that its stage does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, b := range binaries(p.Repo) {
			g, l := b.Go, b.Link()
			f := rule.Finding{At: g.At(), Fixes: nil}
			headers := g.Headers()
			var there fact.Premise = g.Stage.Image
			switch {
			case lacksCompiler(l):
				f.Message = fmt.Sprintf("%s needs a C compiler, but %s has none", b.Path, g.Stage.Image.Value.Ref.Text)
				f.Result = l.Value.Error
			case callsCompiler(l) && headers.Is(missing):
				f.Message = fmt.Sprintf("%s needs the headers of musl, but gcc comes without them", b.Path)
				f.Result = "fatal error: stdlib.h: No such file or directory"
				there = headers
			default:
				continue
			}
			f.Proof = fact.Because(there, l, fact.Note{At: g.At(), Text: "fails"})
			p.Report(f)
		}
	},
}

// lacksCompiler reports whether the build fails because there is no C compiler.
func lacksCompiler(l buildplan.Linked) bool {
	return l.Known() && l.Value.Kind == link.Fails && slices.ContainsFunc(l.Value.Steps, func(s link.Step) bool {
		return s.Rule == "L6" && (s.On == link.GCC || s.On == link.CC) || s.Rule == "L1" && s.On == link.GCC && raceFails(l.Value)
	})
}

// raceFails reports whether -race, -msan or -asan ask for cgo in vain.
func raceFails(v link.Verdict) bool {
	return slices.ContainsFunc(v.Steps, func(s link.Step) bool {
		return s.Rule == "L2" && (s.On == link.Race || s.On == link.MSan || s.On == link.ASan)
	})
}

// callsCompiler reports whether cgo packages take part in the build.
func callsCompiler(l buildplan.Linked) bool {
	return l.Known() && l.Value.Kind != link.Fails && slices.ContainsFunc(l.Value.Steps, func(s link.Step) bool {
		return s.Rule == "L3" && s.On != link.Tags
	})
}
