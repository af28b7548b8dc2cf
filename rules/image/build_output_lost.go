package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// BuildOutputLost reports a program that is written into a mount and copied
// later.
//
// # Why
//
// What a RUN writes below the target of a --mount is not part of the image: a
// cache mount keeps it for itself, a bind mount with rw throws it away. A COPY
// --from finds nothing there.
//
// # Fix
//
// Write the program to a folder that is no mount, such as /out, or copy it there
// in the same RUN.
//
// # When it is not a problem
//
// The rule is silent where the program is copied or moved out of the mount.
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#run---mount
var BuildOutputLost = &rule.Rule{
	ID:       "image/build-output-lost",
	Title:    "program is written into a mount, so that COPY does not find it",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, t := range st.Transfers {
				if t.From == nil || !t.Known || t.From.Tree.Lookup(t.Source).Kind != buildplan.Absent {
					continue
				}
				if lost, ok := t.From.LostAt(t.Source); ok {
					p.Report(rule.Finding{
						At:      t.At,
						Message: fmt.Sprintf("%s is not there: it was written into a mount", t.Source),
						Proof: fact.Because(lost.Mount, fact.Note{At: lost.Binary.Go.At(), Text: "writes " + lost.Binary.Path + " into the mount"},
							fact.Note{At: t.At, Text: "is not in any layer"}),
						Result: notInLayers(t.Source),
					})
				}
			}
		}
	},
}

// notInLayers is what the builder says of a COPY --from that finds nothing.
func notInLayers(path string) string {
	return fmt.Sprintf("failed to compute cache key: %q not found: not found", path)
}
