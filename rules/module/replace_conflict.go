package module

import (
	"fmt"
	"path"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// ReplaceConflict reports two replace lines for the same module, in the same
// version or both in all versions, with different right sides.
//
// # Why
//
// Neither line wins: the go command stops. The two lines may stand in one file,
// or in two members of a workspace, where folders are compared by where they
// lead, not by how they are spelled.
//
// # Fix
//
// Delete one of the lines. In a workspace, a replace line for the module in
// go.work beats those of all members:
//
//	go work edit -replace=example.com/x=../x
//
// # When it is not a problem
//
// A line for one version and one for all versions go together: the first wins
// for its version. The same line twice does no harm.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-replace,
// https://go.dev/ref/mod#workspaces, cmd/go/internal/modload/init.go,
// makeMainModules
var ReplaceConflict = &rule.Rule{
	ID:       "module/replace-conflict",
	Title:    "two replace lines for one module disagree",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "replace"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			conflictsIn(p, m.Mod)
		}
		for _, w := range soundWorkspaces(p.Repo) {
			conflictsIn(p, w.File)
			conflictsAcross(p, w)
		}
	},
}

// replaced is a replace line, compared by what it means.
type replaced struct {
	gomod.Replace
	to module.Version // folders relative to the root
}

func replacedIn(f *gomod.File, dir string) []replaced {
	all := make([]replaced, len(f.Replaces))
	for i, r := range f.Replaces {
		to := module.Version{Path: r.New.Text, Version: r.NewVersion.Text}
		if r.Local() && !path.IsAbs(to.Path) {
			to.Path = path.Join(dir, to.Path)
		}
		all[i] = replaced{r, to}
	}
	return all
}

func (r replaced) old() module.Version {
	return module.Version{Path: r.Old.Text, Version: r.OldVersion.Text}
}

// conflictsIn compares the lines of one file, as they are spelled.
func conflictsIn(p *rule.Pass, f *gomod.File) {
	first := map[module.Version]gomod.Replace{}
	for _, r := range f.Replaces {
		old := module.Version{Path: r.Old.Text, Version: r.OldVersion.Text}
		other, ok := first[old]
		switch {
		case !ok:
			first[old] = r
		case other.New.Text != r.New.Text || other.NewVersion.Text != r.NewVersion.Text:
			p.Report(disagree(r, other, "", fact.Note{}))
		}
	}
}

// conflictsAcross compares the lines of all members of a workspace.
func conflictsAcross(p *rule.Pass, w *goprogram.Workspace) {
	settled := map[string]bool{}
	for _, r := range w.File.Replaces {
		settled[r.Old.Text] = true
	}
	first := map[module.Version]replaced{}
	for _, m := range w.Members {
		if !gomodule.Sound(p.Repo, m.Mod) {
			return
		}
		for _, r := range replacedIn(m.Mod, m.Dir) {
			if settled[r.Old.Text] {
				continue
			}
			other, ok := first[r.old()]
			switch {
			case !ok:
				first[r.old()] = r
			case other.At.File != r.At.File && other.to != r.to:
				p.Report(disagree(r.Replace, other.Replace, w.File.Source.Path, fact.Note{At: useOf(w, m), Text: "both are members of this workspace"}))
			}
		}
	}
}

// useOf returns the use line of a member.
func useOf(w *goprogram.Workspace, m *goprogram.Module) source.Span {
	for _, use := range w.File.Uses {
		if path.Join(w.Dir, use.Text) == m.Dir {
			return use.At
		}
	}
	return source.Span{}
}

func disagree(r, other gomod.Replace, work string, member fact.Note) rule.Finding {
	what := r.Old.Text
	if r.OldVersion.Valid() {
		what += " " + r.OldVersion.Text
	}
	message := fmt.Sprintf("%s is replaced by %s and by %s", what, target(other), target(r))
	if work != "" {
		message += fmt.Sprintf(" in members of %s", work)
	}
	return rule.Finding{
		At: line(r), Message: message,
		Proof: because(fact.High,
			fact.Note{At: line(other), Text: "replaced here"},
			fact.Note{At: line(r), Text: "and here, by something else"}, member),
		Result: fmt.Sprintf("go: conflicting replacements for %s:", what),
	}
}

// target writes the right side of a replace line.
func target(r gomod.Replace) string {
	if r.NewVersion.Valid() {
		return r.New.Text + " " + r.NewVersion.Text
	}
	return r.New.Text
}
