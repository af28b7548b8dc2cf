package repo

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// parsers lists, a line for each parser, the models of what it found wrong.
var parsers = []*Model[[]source.Problem]{}

// Problems are the places at which files do not follow their formats, sorted.
var Problems = NewModel(func(r *Repo) []source.Problem {
	var all []source.Problem
	for _, p := range parsers {
		all = append(all, p.Of(r)...)
	}
	slices.SortStableFunc(all, func(a, b source.Problem) int { return a.At.Compare(b.At) })
	return all
})
