package repo

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// parsers lists, a line for each parser, the models of what it found wrong.
var parsers = []*Model[[]source.Problem]{
	problems(Dockerfiles, func(f *dockerfile.File) []source.Problem { return f.Problems }),
	problems(Dockerignores, func(f *dockerignore.File) []source.Problem { return f.Problems }),
	problems(Bakes, yamlProblems),
	problems(Units, refused),
	problems(DropIns, refused),
	problems(Composes, yamlProblems),
	problems(Manifests, yamlProblems),
	problems(Kustomizations, yamlProblems),
	problems(HelmCharts, yamlProblems),
	problems(HelmValueFiles, yamlProblems),
	problems(Workflows, yamlProblems),
	problems(Actions, yamlProblems),
	problems(GoReleasers, yamlProblems),
	problems(Kos, yamlProblems),
	problems(NFPMs, yamlProblems),
}

func yamlProblems(f *yamlfile.File) []source.Problem { return f.Problems }

// refused is the line at which systemd stops reading. Lines that it only drops
// are for rules of their own.
func refused(f *systemd.File) []source.Problem {
	if f.Refused == nil {
		return nil
	}
	return []source.Problem{f.Refused.Problem}
}

// problems is the model of what is wrong with the parsed files of one format.
func problems[T any](files *Model[map[string]T], of func(T) []source.Problem) *Model[[]source.Problem] {
	return NewModel(func(r *Repo) []source.Problem {
		var all []source.Problem
		for _, f := range files.Of(r) {
			all = append(all, of(f)...)
		}
		return all
	})
}

// Problems are the places at which files do not follow their formats, sorted.
var Problems = NewModel(func(r *Repo) []source.Problem {
	var all []source.Problem
	for _, p := range parsers {
		all = append(all, p.Of(r)...)
	}
	slices.SortStableFunc(all, func(a, b source.Problem) int { return a.At.Compare(b.At) })
	return all
})
