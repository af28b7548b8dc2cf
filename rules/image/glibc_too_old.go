package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GlibcTooOld reports a program that needs a newer glibc than its image has.
//
// # Why
//
// A program that uses cgo is linked to the glibc of the machine that builds it
// and asks for the newest version of each symbol it uses. The C code of net and
// os/user asks for GLIBC_2.34 when it is compiled on Debian bookworm or later,
// since that release moved the threads into libc; compiled on bullseye, for
// 2.3.2. Before Go 1.20 these packages came compiled, and asked for 2.3.2
// everywhere. C code of modules can ask for anything up to the glibc of the
// builder.
//
// The tag of the builder decides, and a tag without a suite moves: golang:1.20
// went from bullseye to bookworm, golang:1.24 from bookworm to trixie.
//
// # Fix
//
// Build without cgo, or on the release that the image has, such as
// golang:1.26-bookworm for debian:bookworm-slim.
//
// # When it is not a problem
//
// A newer builder alone is none: what net and os/user need did not change from
// bookworm to trixie. The rule is silent where glibc or the sources of packages
// are changed in the image.
//
// # Severity
//
//   - error: when the program cannot start
//   - warning: when the program is not what the image starts, and, with low
//     confidence, when C code of a module might need more than the image has
//
// # References
//
//   - https://sourceware.org/glibc/wiki/Release/2.34: libpthread in libc
//   - https://go.dev/doc/go1.20#cgo: net and os/user are not precompiled any more
var GlibcTooOld = &rule.Rule{
	ID:       "image/glibc-too-old",
	Title:    "program needs a newer glibc than its image has",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			glibc := s.stage.Glibc()
			v := s.link.Value
			if !s.link.Known() || !glibc.Known() {
				continue
			}
			f := rule.Finding{At: s.at(), Severity: s.severity(), Fixes: s.cgoOff()}
			image := s.stage.Image.Value.Ref.Text
			switch {
			case older(glibc.Value, v.GlibcFloor):
				f.Message = fmt.Sprintf("%s needs glibc %s, but %s has %s", s.Path, v.GlibcFloor, image, glibc.Value)
				f.Result = fmt.Sprintf("%s: %s: version `GLIBC_%s' not found (required by %[1]s)", s.Path, libcPath(s.stage), v.GlibcFloor)
			case older(glibc.Value, v.GlibcCeiling):
				f.Message = fmt.Sprintf("%s may need glibc %s, but %s has %s", s.Path, v.GlibcCeiling, image, glibc.Value)
				f.Severity = rule.Warning
				glibc = glibc.AtMost(fact.Low)
			default:
				continue
			}
			f.Proof = fact.Because(s.proof("links glibc"), glibc, s.arrives())
			p.Report(f)
		}
	},
}
