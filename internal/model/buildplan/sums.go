package buildplan

import (
	"path"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
)

// WithoutSum is a build of a program that does not find the go.sum of its
// module, which the repository has.
type WithoutSum struct {
	Dir string // in which go.mod stands, in the stage
	// GoMod is what brought go.mod there, last the COPY.
	GoMod []fact.Note
	// LeftOut is the line of .dockerignore that keeps go.sum away, if it does.
	LeftOut dockerignore.Pattern
}

// WithoutSum reports whether g certainly does not find a go.sum, or one with
// the hashes of go.mod files only, which is what "go mod download" writes, and
// neither makes one nor is told to do without. Measured with Go 1.26: the build
// then fails.
func (g *GoCommand) WithoutSum() (w WithoutSum, ok bool) {
	if g.Module == nil || g.Module.Sum == nil || g.Outside || len(g.Problems) > 0 || len(g.Command.Opaque) > 0 || g.Module.InWorkspace() {
		return w, false
	}
	if _, set, known := g.Flag("mod"); set || !known || !g.checksSums() || g.downloaded() {
		return w, false
	}
	w.Dir = path.Dir(g.GoMod)
	if g.Call.Tree.Lookup(path.Join(w.Dir, "go.sum")).Kind != Absent {
		return w, false
	}
	w.GoMod = g.Call.Tree.Lookup(g.GoMod).Why
	if c := g.Plan.Context; c != nil {
		if at, in := belowDir(c.Dir, path.Join(g.Module.Dir, "go.sum")); in {
			if by, left := g.Plan.LeftOut(at); left {
				w.LeftOut = by
			}
		}
	}
	return w, len(w.GoMod) > 0
}

// checksSums reports whether the Go of the stage is one that does not write
// go.sum on its own: 1.16 or later.
func (g *GoCommand) checksSums() bool {
	version := g.Stage.Image.Value.Go.Minor
	if g.Stage.Go.Known() {
		version = g.Stage.Go.Value
	}
	minor, ok := goprogram.Minor(version)
	return ok && minor >= 16
}

// downloaded reports whether a go command before g names the modules that it
// downloads, whose hashes it then notes.
func (g *GoCommand) downloaded() bool {
	return slices.ContainsFunc(g.Stage.Commands, func(c *Command) bool {
		return c.Go != nil && c.Go.Verb == "mod download" && len(c.Go.Args) > 0
	})
}
