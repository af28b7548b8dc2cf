package image

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// ArchHardcoded reports a fixed GOARCH in the build of an image that can be
// built for several platforms.
//
// # Why
//
// The image for each platform gets the program that the build makes. With
// GOARCH=amd64 that is a program for amd64, also in the image for arm64, where
// the kernel does not run it.
//
// # Fix
//
// Take the architecture from the builder: `ARG TARGETARCH` and
// `GOARCH=$TARGETARCH`. A stage that runs on the target's platform needs no
// GOARCH at all.
//
// # When it is not a problem
//
// The rule speaks only where the repository is seen to build the image for
// another architecture too. It is silent where --platform pins the image, where
// FROM picks a stage by TARGETARCH, and where COPY picks the program, which then
// is named for its architecture.
//
// # References
//
//   - https://docs.docker.com/build/building/multi-platform/
var ArchHardcoded = &rule.Rule{
	ID:       "image/arch-hardcoded",
	Title:    "fixed GOARCH in an image for several platforms",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "platform"},
	Run: func(p *rule.Pass) {
		for _, s := range ships(p.Repo) {
			goarch := s.Binary.Go.Call.Variable("GOARCH")
			at, written := s.Binary.Go.Written("GOARCH")
			if s.link.Value.Kind == link.Foreign || s.oneOfSeveral(goarch.Value) {
				continue // such as a program for the browser
			}
			if goarch.Confidence != fact.High || goarch.Value == "" || !written || pinned(s.stage) || s.Binary.Go.Call.Conditional || selects(s.stage.Plan) {
				continue
			}
			other := otherArch(s.stage.Plan, goarch.Value)
			if other == "" {
				continue
			}
			p.Report(rule.Finding{
				At:      at,
				Message: fmt.Sprintf("%s is built for %s whatever platform the image is for", s.Path, goarch.Value),
				Result:  "exec " + s.Path + ": exec format error",
				Proof:   fact.Because(fact.Note{At: at, Text: "GOARCH=" + goarch.Value}, fact.Note{At: s.Binary.Go.At(), Text: "builds for " + goarch.Value}, s.arrives()),
				Related: []fact.Note{{At: s.stage.Plan.Call.At.At, Text: "builds the image for " + other + " too"}},
			})
		}
	},
}

// oneOfSeveral reports whether a program is one of those for several
// architectures: its path names it, or a variable picks it for the image. A COPY
// that spells the architecture out, and drops it from the name, picks the same
// program for every image.
func (s ship) oneOfSeveral(goarch string) bool {
	from := s.at().Text()
	picked := strings.Contains(from, goarch) && !strings.Contains(s.Path, goarch)
	return strings.Contains(s.Binary.Path, goarch) && !picked || strings.Contains(from, "$")
}

// pinned reports whether --platform fixes what an image is for.
func pinned(st *buildplan.Stage) bool {
	for ; st != nil; st = st.Base {
		if from := st.Syntax.From.From; from.Platform.Given() && !strings.Contains(from.Platform.Text, "TARGETPLATFORM") {
			return true
		}
	}
	return false
}

// selects reports whether a FROM picks its image or stage by platform.
func selects(plan *buildplan.Plan) bool {
	for _, st := range plan.Needed() {
		if platformArg.MatchString(st.Syntax.From.From.Image.Text) {
			return true
		}
	}
	return false
}

// otherArch returns a platform that the image is built for and that is of
// another architecture than a program.
func otherArch(plan *buildplan.Plan, goarch string) string {
	for _, p := range plan.Call.Platforms {
		if _, arch, ok := strings.Cut(p, "/"); ok && arch != goarch && !strings.HasPrefix(arch, goarch+"/") {
			return p
		}
	}
	return ""
}
