package image

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// UnknownGolangTag reports a tag of the official golang image that never
// existed.
//
// # Why
//
// The golang image has variants for the two newest Debian and Alpine releases
// at the time of each Go release, and no -slim or -debian variant. A tag made
// up of a version and a suffix need not exist.
//
// # Fix
//
// Use a tag that exists. `seaworthy facts golang:TAG` shows what is known of one.
//
// # When it is not a problem
//
// Versions newer than the table of seaworthy are not judged, nor are other
// registries, apart from mirrors of Docker Hub.
//
// # References
//
//   - https://github.com/docker-library/official-images/commits/master/library/golang
var UnknownGolangTag = &rule.Rule{
	ID:       "image/unknown-golang-tag",
	Title:    "tag of the golang image does not exist",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		base := p.Repo.Knowledge()
		for _, st := range stages(p.Repo) {
			ref := st.Ref.Value
			if st.Base != nil || !st.Ref.Known() || ref.Canonical() != "golang" || ref.Digest != "" || base.Image(ref).Configured {
				continue
			}
			tag := base.GolangTag(ref.EffectiveTag())
			if tag.Existence != knowledge.Never {
				continue
			}
			at := st.Syntax.From.From.Image.At
			f := rule.Finding{
				At:      at,
				Message: fmt.Sprintf("%s does not exist", ref.Text),
				Proof:   fact.Because(st.Ref),
				Result:  "docker.io/library/golang:" + ref.EffectiveTag() + ": not found",
			}
			if at.Text() == ref.Text && tag.Alternative != "" {
				f.Fixes = []rule.Fix{{Title: "use golang:" + tag.Alternative, Edits: []source.Edit{{Span: at.Sub(ref.TagAt.Start, ref.TagAt.End), New: tag.Alternative}}}}
			}
			p.Report(f)
		}
	},
}
