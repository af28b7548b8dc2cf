package workload

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// koStage is the image that ko makes of a reference; nil where it may be one of
// several bases.
func (b *builder) koStage(ref source.Span) *buildplan.Stage {
	var found *buildplan.Stage
	for _, plan := range buildplan.Plans.Of(b.repo) {
		if plan.Ko == nil || !slices.ContainsFunc(plan.Call.Tags, func(t buildplan.Tag) bool { return t.At == ref }) {
			continue
		}
		if found != nil && found.Ref.Value.Text != plan.Target.Ref.Value.Text {
			return nil
		}
		found = plan.Target
	}
	return found
}

// koProgram is the program of a container whose image is a reference for ko,
// which names it: no other of the repository is in the image.
func (b *builder) koProgram(s *Service, entrypoint bool, importPath string, at source.Span) fact.Fact[*Program] {
	main := buildplan.KoProgram(b.repo, strings.TrimSpace(importPath))
	if main == nil {
		return fact.Not[*Program](fact.Note{At: at, Text: "is no program of the repository"})
	}
	if entrypoint && (len(s.Argv) == 0 || !s.Argv[0].Known || path.Base(s.Argv[0].Text) != path.Base(main.Path)) {
		return fact.Not[*Program]()
	}
	return fact.Of(b.programs.of(main), fact.High, fact.Note{At: at, Text: "is the image that ko makes of " + main.Path})
}
