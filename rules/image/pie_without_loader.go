package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// PieWithoutLoader reports a position-independent program without cgo in an
// image that has no dynamic loader.
//
// # Why
//
// CGO_ENABLED=0 does not make every program static. With -buildmode=pie the
// linker names a dynamic loader in the file, although no library is needed: the
// loader moves the program to its place. In scratch, in distroless/static and,
// for a program built in Debian, in Alpine that loader is missing, and the
// kernel refuses to start the program.
//
// # Fix
//
// Leave -buildmode=pie out, or run the program on an image with a C library:
// gcr.io/distroless/base-debian12, or Alpine for a program built in Alpine.
//
// # When it is not a problem
//
// A program that is built in an Alpine variant of the golang image names the
// loader of musl, which Alpine has. With `-linkmode external -extldflags
// -static-pie`, which needs cgo, the file is position-independent and static.
//
// # Severity
//
//   - error: when ENTRYPOINT or CMD starts the program
//   - warning: when it only stands in the image
//
// # References
//
//   - cmd/link/internal/ld/elf.go: the loader that is written
//   - internal/platform/supported.go, InternalLinkPIESupported
var PieWithoutLoader = &rule.Rule{
	ID:       "image/pie-without-loader",
	Title:    "-buildmode=pie needs a loader that the image does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			loader := s.stage.HasLoader(s.link)
			if s.link.Value.Kind != link.LoaderOnly || !loader.Is(missing) {
				continue
			}
			p.Report(rule.Finding{
				At:       s.at(),
				Message:  fmt.Sprintf("%s is built with -buildmode=pie and so needs a loader, but %s", s.Path, hasInstead(s.stage)),
				Severity: s.severity(),
				Proof:    fact.Because(s.proof("names a dynamic loader in the file"), loader, s.arrives()),
				Result:   s.notFound(),
				Fixes:    s.dropFlag("buildmode"),
			})
		}
	},
}
