package repo

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// parsers lists, a line for each parser, the models of what it found wrong.
var parsers = []*Model[[]source.Problem]{
	problems(Dockerfiles, func(f *dockerfile.File) []source.Problem { return f.Problems }),
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
