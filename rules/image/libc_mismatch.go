package image

import (
	"fmt"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// LibcMismatch reports a dynamically linked program in an image that does not
// have the loader of its C library.
//
// # Why
//
// With cgo on, a Go program that imports net, os/user or another package that
// uses cgo, directly or not, is linked to the C library of the machine that
// builds it. Such a file names a dynamic loader:
// `/lib64/ld-linux-x86-64.so.2` for glibc,
// `/lib/ld-musl-x86_64.so.1` for musl. Where the image does not have that file
// the kernel refuses to start the program, and says that the program itself is
// not there.
//
// cgo is on by default where a C compiler named gcc is in PATH (cmd/go since
// Go 1.20; before, always). It is in the Debian variants of the golang image,
// and not in the Alpine variants. ko switches it off, unless its environment or
// .ko.yaml switches it on.
//
// # Fix
//
// Build without cgo, unless the program needs a C library of its own:
//
//	RUN CGO_ENABLED=0 go build -o /out/app .
//
// Else run the program on what it was built on: golang:1.26-alpine with
// `apk add gcc musl-dev` for an Alpine image, golang:1.26-bookworm for
// debian:bookworm-slim or gcr.io/distroless/base-debian12.
//
// # When it is not a problem
//
// The rule is silent where the imports of the program are not known and would
// decide, where a package that may bring the loader is installed (gcompat,
// libc6-compat), and where libraries are copied into the image.
//
// # Severity
//
//   - error: when ENTRYPOINT or CMD starts the program
//   - warning: when it only stands in the image
//
// # References
//
//   - cmd/go/internal/cfg/cfg.go, defaultContext: when cgo is on
//   - cmd/link/internal/ld/elf.go: the loader that is written
var LibcMismatch = &rule.Rule{
	ID:       "image/libc-mismatch",
	Title:    "program needs a loader that its image does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			unjudged(p, s)
			v := s.link.Value
			if v.Kind == link.LoaderOnly || s.link.Input.Flags.Race == link.On || ineffectiveStatic(s.link) || idleCgoOff(s.Binary) {
				continue // rules of their own
			}
			loader := s.stage.HasLoader(s.link)
			if !loader.Is(missing) {
				continue
			}
			p.Report(rule.Finding{
				At:       s.at(),
				Message:  fmt.Sprintf("%s needs %s, but %s", s.Path, loaderOf(v), hasInstead(s.stage)),
				Severity: s.severity(),
				Proof:    fact.Because(s.proof("links "+v.Kind.String()), loader, s.arrives()),
				Result:   s.notFound(),
				Fixes:    s.cgoOff(),
			})
		}
	},
}

// unjudged says what hinders to know whether a program starts in its image.
func unjudged(p *rule.Pass, s ship) {
	from := s.stage.Syntax.From.From.Image.At
	builder, here := s.Binary.Go.Stage.Image, s.stage.Image
	switch {
	case !here.Known() && s.stage.Base == nil && mayNeedLoader(s.link.Value) && s.stage.Ref.Known():
		p.Unjudged(rule.Unjudged{At: from, Text: "what " + s.stage.Ref.Value.Text + " holds is not known", Hint: "describe it under [images] in .seaworthy.toml"})
	case s.link.Known() || !here.Known() || !builder.Known() || builder.Value.Libc == here.Value.Loader || s.link.Closure == nil || s.link.Closure.Complete():
	case slices.Contains(s.link.Value.Missing, link.Net) || slices.Contains(s.link.Value.Missing, link.Cgo):
		p.Unjudged(rule.Unjudged{At: s.Binary.Go.At(), Text: "whether " + s.Path + " needs a C library depends on modules that are not in the repository", Hint: "--resolve=cache"})
	}
}

// mayNeedLoader reports whether a program for Linux is not known to be static.
func mayNeedLoader(v link.Verdict) bool {
	return v.Kind != link.Static && v.Kind != link.Foreign && v.Kind != link.Object
}

func missing(there bool) bool { return !there }

// loaderOf names the loader that a program needs.
func loaderOf(v link.Verdict) string {
	switch {
	case v.Kind == link.Glibc, v.Kind == link.Musl:
		return "the " + v.Kind.String() + " loader"
	}
	return "a dynamic loader"
}

// hasInstead says what loader an image has.
func hasInstead(st *buildplan.Stage) string {
	image := st.Image.Value
	switch libc := image.Loader.String(); libc {
	case "glibc", "musl":
		return image.Ref.Text + " has only " + libc
	}
	return image.Ref.Text + " has none"
}
