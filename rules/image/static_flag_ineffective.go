package image

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// StaticFlagIneffective reports -extldflags "-static" for a program that the Go
// linker links by itself and that stays dynamic.
//
// # Why
//
// -extldflags are the flags for the external linker, the C compiler. Go calls
// it only for programs with cgo code outside the standard library, or when
// -linkmode=external asks for it. A program whose only cgo packages are net and
// os/user is linked by cmd/link, which does not look at -extldflags and says
// nothing: the file stays dynamic. This was the same for all releases from Go
// 1.19 to 1.27.
//
// # Fix
//
// Set CGO_ENABLED=0 for the build: the file is static and the flag is not
// needed. To keep the resolver of glibc, use `-linkmode external -extldflags
// "-static"`.
//
// # When it is not a problem
//
// With cgo off the flag does nothing and the file is static all the same. With
// a package that uses cgo outside the standard library, the flag works.
//
// # Severity
//
//   - error: when the image that the program runs in has no loader for it
//   - warning: otherwise
//
// # References
//
//   - cmd/link/internal/ld/config.go, determineLinkMode
//   - cmd/link/internal/ld/lib.go, internalpkg: the packages linked internally
var StaticFlagIneffective = &rule.Rule{
	ID:       "image/static-flag-ineffective",
	Title:    `-extldflags "-static" has no effect on the program`,
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, b := range binaries(p.Repo) {
			l := b.Link()
			flag, _, _ := b.Go.Flag("ldflags")
			if l.Input.Flags.Race == link.On || !ineffectiveStatic(l) || !flag.At.Valid() {
				continue
			}
			f := rule.Finding{
				At:       flag.At,
				Message:  fmt.Sprintf(`-extldflags "-static" does not make %s static: the Go linker links it and does not look at the flag`, b.Path),
				Severity: rule.Warning,
				Fixes:    cgoOff(b.Binary),
			}
			inert := fact.Note{At: flag.At, Text: "asks the C linker for a static file, but the C linker is not called"}
			premises := []fact.Premise{except(l, flag.At), inert, fact.Note{At: b.Go.At(), Text: "links " + l.Value.Kind.String() + " all the same"}}
			if s, loader, ok := stranded(p.Repo, b); ok {
				f.Severity, f.Result = rule.Default, s.notFound()
				f.Related = append(slices.Clone(loader.Why), s.arrives())
			}
			f.Proof = fact.Because(premises...)
			p.Report(f)
		}
	},
}

// stranded returns an image in which the loader of a binary is missing.
func stranded(r *repo.Repo, b made) (s ship, loader fact.Fact[bool], ok bool) {
	target := b.plan.Target
	for _, placed := range target.Binaries {
		s := ship{Placed: placed, stage: target, link: b.Link()}
		loader := target.HasLoader(s.link)
		if placed.Binary == b.Binary && !carrier(r, target) && loader.Is(missing) {
			return s, loader, true
		}
	}
	return ship{}, loader, false
}

// ineffectiveStatic reports whether the flags ask for a static file in vain:
// cmd/link links by itself and does not look at -extldflags.
func ineffectiveStatic(l buildplan.Linked) bool {
	v := l.Value
	if !l.Known() || v.NeedsLoader() != knowledge.Yes || !v.InternalLink || v.Kind == link.LoaderOnly {
		return false
	}
	return slices.ContainsFunc(l.Input.Flags.LDFlags.List, func(w string) bool {
		return slices.Contains(strings.Fields(w), "-static") || strings.HasSuffix(w, "=-static")
	})
}
