package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// RaceOnStaticBase reports a program with the race detector in an image that
// does not have the loader it needs.
//
// # Why
//
// The race detector is C++ code that -race links into the program. Whatever the
// program imports, it then needs the C library of the machine that builds it and
// the loader of that library. In scratch, in distroless/static and, for a
// program built in Debian, in Alpine that loader is missing.
//
// # Fix
//
// Build the image without -race, which also makes the program several times
// slower and larger. To look for races in a container, run the program on
// debian:bookworm-slim.
//
// # When it is not a problem
//
// The rule is silent where the loader is there, or may be.
//
// # Severity
//
//   - error: when ENTRYPOINT or CMD starts the program
//   - warning: when it only stands in the image
//
// # References
//
//   - https://go.dev/doc/articles/race_detector
var RaceOnStaticBase = &rule.Rule{
	ID:       "image/race-on-static-base",
	Title:    "-race needs a loader that the image does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			loader := s.stage.HasLoader(s.link)
			if s.link.Input.Flags.Race != link.On || !loader.Is(missing) {
				continue
			}
			p.Report(rule.Finding{
				At:       s.at(),
				Message:  fmt.Sprintf("%s is built with -race and so needs %s, but %s", s.Path, loaderOf(s.link.Value), hasInstead(s.stage)),
				Severity: s.severity(),
				Proof:    fact.Because(s.proof("links "+s.link.Value.Kind.String()), loader, s.arrives()),
				Result:   s.notFound(),
				Fixes:    s.dropFlag("race"),
			})
		}
	},
}
