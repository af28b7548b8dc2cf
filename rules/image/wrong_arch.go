package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// WrongArch reports a build that runs on the platform of the builder and does
// not ask for the platform of the image.
//
// # Why
//
// With `FROM --platform=$BUILDPLATFORM` a stage runs natively while the image is
// built for another platform. go then builds for the platform it runs on, unless
// GOARCH says otherwise, and the image for arm64 gets a program for amd64.
//
// # Fix
//
// Declare `ARG TARGETOS TARGETARCH` in the stage and build with
// `GOOS=$TARGETOS GOARCH=$TARGETARCH`.
//
// # When it is not a problem
//
// The rule is silent where GOARCH is set or not known, with xx-go, and where
// the image is pinned to a platform as well.
//
// # References
//
//   - https://docs.docker.com/build/building/multi-platform/#cross-compilation
var WrongArch = &rule.Rule{
	ID:       "image/wrong-arch",
	Title:    "program is built for the platform of the builder",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"image", "platform"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			g := s.Binary.Go
			goarch := g.Call.Variable("GOARCH")
			if g.Stage.Syntax == nil || !pinned(g.Stage) || pinned(s.stage) || g.Cross || g.Stage.MayWrap() || !goarch.Known() || goarch.Value != "" || g.Call.Conditional || selects(s.stage.Plan) {
				continue
			}
			from, ok := g.Stage.Pin()
			if !ok {
				continue
			}
			call := fact.Note{At: g.At(), Text: "builds for the platform it runs on: no GOARCH"}
			p.Report(rule.Finding{
				At:      g.At(),
				Message: fmt.Sprintf("%s is built for the platform of the builder, not for that of the image", s.Path),
				Proof:   fact.Because(from, call, fact.Note{At: s.at(), Text: "the program arrives in an image for any platform"}),
				Result:  "exec " + s.Path + ": exec format error",
			})
		}
	},
}
