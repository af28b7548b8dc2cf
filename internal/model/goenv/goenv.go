// Package goenv models under which conditions go commands run: which Go, in
// which module, and what each sees of the variables that the go command reads.
//
// A run is listed once for every place from which it is reached: a stage of a
// Dockerfile, a job of a workflow, a recipe, a script. What nobody runs has no
// environment and is not listed.
package goenv

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Run is a go command that runs, or may run.
type Run struct {
	gocmd.Command
	At    source.Span // from its name to its verb
	Trail []fact.Note // make targets and scripts on the way to it
	Place Place
	// Certain says that it runs whenever its scope does, and that the scope
	// fails with it.
	Certain bool

	// Module is the module of the repository that it works in, nil where there
	// is none or it is not known. Arrived says how the go.mod came there.
	Module  *goprogram.Module
	Arrived []fact.Note
	// Work is the workspace in effect; nil where there is none.
	Work *goprogram.Workspace

	// VendorMissing says that Module has no vendor folder when the command runs,
	// and that no command before it is seen to make one.
	VendorMissing bool

	// Go is the release that is started, before GOTOOLCHAIN is obeyed. The last
	// note is where the release is chosen.
	Go fact.Fact[knowledge.GoVersion]

	// Vars is what the run sees of a variable (see Getenv).
	Vars func(name string) fact.Fact[string]
}

// Place says what a run is part of.
type Place uint8

// The places.
const (
	Image   Place = iota // a RUN of a Dockerfile
	Job                  // a step of a workflow
	Recipe               // a makefile that nobody is seen to call
	Script               // a script that nobody is seen to call
	Release              // a build of GoReleaser
	Service              // go run as a service
)

// Getenv returns what the run sees of a variable: empty where it is not set,
// unknown where that is not known.
func (r *Run) Getenv(name string) fact.Fact[string] { return r.Vars(name) }

// Runs is the model of all runs of the go command but those as a service (see
// gorun), sorted by where they are reached from.
var Runs = repo.NewModel(func(r *repo.Repo) []*Run {
	runs := slices.Concat(imageRuns(r), jobRuns(r))
	reached := map[source.Span]bool{}
	for _, run := range runs {
		reached[run.At] = true
	}
	return append(runs, looseRuns(r, reached)...)
})
