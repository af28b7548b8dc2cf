package module

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// GodebugUnknown reports a godebug line of go.mod or go.work, or a //go:debug
// line of a program, with a setting that the go command does not accept.
//
// # Why
//
// Such lines may only name settings that keep the behaviour of an earlier Go
// release; the go command has a list of them and refuses every other name.
// Variables for looking into the runtime (gctrace, schedtrace, asyncpreemptoff,
// madvdontneed, inittrace) are not on it: they work in the environment variable
// GODEBUG only. Some settings are removed after a few releases.
//
// # Fix
//
// Delete the line, or set the variable in the environment of the program:
//
//	GODEBUG=gctrace=1 ./app
//
// # When it is not a problem
//
// A setting that one of the releases from the go line on accepts is not
// reported: which of them builds is not settled by this file. In a workspace the
// godebug lines of members are not looked at.
//
// # References
//
// https://go.dev/doc/godebug, internal/godebugs/table.go,
// cmd/go/internal/modload/init.go, CheckGodebug
var GodebugUnknown = &rule.Rule{
	ID:       "module/godebug-unknown",
	Title:    "the go command does not accept a debug setting",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "godebug"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			if !m.InWorkspace() {
				debugLines(p, m.Mod)
			}
		}
		for _, w := range soundWorkspaces(p.Repo) {
			debugLines(p, w.File)
		}
		for _, program := range goprogram.Packages.Of(p.Repo).Mains() {
			if program.Module != nil && program.Module.Mod.Module.Valid() {
				debugComments(p, program)
			}
		}
	},
}

// debugLines judges the godebug lines of go.mod or go.work.
func debugLines(p *rule.Pass, f *gomod.File) {
	for _, d := range f.Godebugs {
		why, ok := badSetting(p.Repo.Knowledge(), d.Key, d.Value, f.Go.Text, 23)
		if !ok {
			continue
		}
		p.Report(rule.Finding{
			At:      d.At,
			Message: fmt.Sprintf("%s sets %s, %s", f.Source.Path, d.At.Text(), why),
			Proof:   because(fact.High, fact.Note{At: d.At, Text: "the go command refuses this"}),
			Result:  fmt.Sprintf("error loading %s:\n%[1]s:%d: unknown godebug %q", f.Source.Path, d.At.Begin().Line, d.Key),
			Fixes:   withoutStatement(f, d.At, "delete the godebug line"),
		})
	}
}

// debugComments judges the //go:debug lines of a program.
func debugComments(p *rule.Pass, program *goprogram.Package) {
	for _, file := range program.Files {
		if file.Test || p.Repo.KindOf(file.Path) != repo.GoSource || !file.Match(goprogram.Linux) || file.Package != "main" {
			continue
		}
		for _, d := range file.Debug {
			key, value, _ := strings.Cut(d.Path, "=")
			why, ok := badSetting(p.Repo.Knowledge(), key, value, program.Module.Mod.Go.Text, 21)
			if !ok {
				continue
			}
			at := d.At(program.File(file))
			p.Report(rule.Finding{
				At:      at,
				Message: fmt.Sprintf("//go:debug sets %s, %s", d.Path, why),
				Proof:   because(fact.High, fact.Note{At: at, Text: "the go command refuses this"}),
				Result:  fmt.Sprintf("%s: invalid //go:debug: unknown //go:debug setting %q", file.Path, key),
				Fixes:   []rule.Fix{{Title: "delete the line", Edits: []source.Edit{deleteLine(at)}}},
			})
		}
	}
}

// badSetting says why all known releases that can build with the go line refuse
// a setting. since is the first release that reads such lines.
func badSetting(known *knowledge.Base, key, value, goLine string, since int) (why string, bad bool) {
	oldest, newest := known.GodebugRange()
	line, _ := goprogram.Minor(goLine)
	oldest = max(oldest, since, line)
	if oldest > newest {
		return "", false
	}
	if key == "default" {
		_, ok := goprogram.Minor(strings.TrimPrefix(value, "go"))
		return "but a default is a version of Go such as go1.21", !strings.HasPrefix(value, "go") || !ok && value != "go1"
	}
	g, ok := known.Godebug(key)
	switch {
	case !ok:
		return "which is no setting that Go knows" + nearest.DidYouMean(key, known.GodebugNames()), true
	case g.Runtime:
		return "which only the environment variable GODEBUG can set", true
	case g.Removed > 0 && g.Removed <= oldest:
		return fmt.Sprintf("which Go 1.%d removed", g.Removed), slices.Contains(g.RemovedOld, value)
	}
	return "", false
}

// soundWorkspaces are those whose go.work the go command reads as we do.
func soundWorkspaces(r *repo.Repo) []*goprogram.Workspace {
	var sound []*goprogram.Workspace
	for _, w := range goprogram.Tree.Of(r).Spaces {
		if gomodule.Sound(r, w.File) {
			sound = append(sound, w)
		}
	}
	return sound
}

// withoutStatement is the unsafe fix that deletes the line of a statement, where
// it has a line of its own.
func withoutStatement(f *gomod.File, at source.Span, title string) []rule.Fix {
	if s := statementAt(f, at); s.Valid() && alone(s) {
		return []rule.Fix{{Title: title, Edits: []source.Edit{deleteLine(s)}}}
	}
	return nil
}
