package image

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// DockerignoreExcludesCopied reports a file or folder that a build needs and
// that .dockerignore keeps away from it.
//
// # Why
//
// What .dockerignore matches does not reach the builder. A COPY of it fails, and
// a package or embedded file is missing for go build, although all is well
// outside of the image.
//
// # Fix
//
// Delete the line, or take the file back in with a line that starts with `!`.
//
// # When it is not a problem
//
// The rule is silent for a folder of which a later line may take something back
// in, and where the folder that is the context is not known. A file named like
// the Dockerfile with .dockerignore behind it replaces the one of the context.
//
// # References
//
//   - https://docs.docker.com/build/concepts/context/#dockerignore-files
var DockerignoreExcludesCopied = &rule.Rule{
	ID:       "image/dockerignore-excludes-copied",
	Title:    ".dockerignore leaves out what the build needs",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, t := range st.Transfers {
				reportLeftOut(p, st, t)
			}
		}
		for _, b := range binaries(p.Repo) {
			for _, o := range b.Omitted() {
				result := "package is not in std, or no required module provides it"
				if o.Embed {
					result = "pattern " + o.Path + ": no matching files found"
				}
				p.Report(rule.Finding{
					At:      o.Pattern.At,
					Message: fmt.Sprintf("%s leaves %s out of the context, but %s needs it", o.Pattern.At.File.Path, o.Path, b.Path),
					Proof:   fact.Because(fact.Note{At: o.Pattern.At, Text: "leaves out " + o.Path}, proofOf(o.Need), b.Go.Plan.Context.Why, fact.Note{At: b.Go.At(), Text: "fails"}),
					Result:  result,
				})
			}
		}
	},
}

// reportLeftOut reports a COPY or ADD of what the context does not hold.
func reportLeftOut(p *rule.Pass, st *buildplan.Stage, t buildplan.Transfer) {
	c := st.Plan.Context
	if t.From != nil || t.FromImage != "" || !t.Known || c == nil || strings.ContainsAny(t.Source, "*?[") || strings.Contains(t.Source, "://") {
		return
	}
	by, left := st.Plan.LeftOut(t.Source)
	if !left {
		return
	}
	p.Report(rule.Finding{
		At:      t.At,
		Message: fmt.Sprintf("%s copies %s, which %s leaves out of the context", t.Instruction.Cmd, t.Source, by.At.File.Path),
		Proof:   fact.Because(fact.Note{At: by.At, Text: "leaves out " + t.Source}, c.Why, fact.Note{At: t.At, Text: "is not in the context"}),
		Result:  notInLayers("/" + strings.TrimLeft(t.Source, "/")),
	})
}

// proofOf makes a premise of notes that stand written.
func proofOf(notes []fact.Note) fact.Proof { return fact.Proof{Path: notes, Confidence: fact.High} }
