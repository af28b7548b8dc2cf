package module

import (
	"fmt"
	"go/version"
	"path"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// WorkInvalid reports a go.work file that the go command refuses, alone or
// together with the modules that it names.
//
// # Why
//
// A go.work file in or above the working directory is always in effect, so
// whatever is wrong with it stops every go command in and below its folder:
//
//   - a line that does not parse
//   - no use line
//   - a use line for a folder that is not there, or has no go.mod
//   - two use lines for one folder, or two folders with the same module path
//   - a go line below that of a member (1.18 is implied; it counts for members
//     from go 1.21 on)
//   - a replace line for a member in all versions
//
// # Fix
//
// Run "go work use -r ." beside the file, or mend the line.
//
// # Severity
//
//   - error: every go command fails
//   - warning: the folder of a use line lies outside the repository, or a
//     workflow, Dockerfile, Makefile, script or .gitignore names it, so that it
//     may be put there
//
// # When it is not a problem
//
// Folders of git submodules are not judged. A file whose go line names a newer
// release than seaworthy knows may use words that it does not know. GOWORK=off
// makes the go command pass over the file.
//
// # References
//
// https://go.dev/ref/mod#workspaces, cmd/go/internal/modload/init.go,
// loadModFile and makeMainModules
var WorkInvalid = &rule.Rule{
	ID:       "module/work-invalid",
	Title:    "go.work is not valid",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.work"},
	Run: func(p *rule.Pass) {
		tree := goprogram.Tree.Of(p.Repo)
		for _, w := range tree.Spaces {
			switch {
			case gomodule.TooNew(p.Repo, w.File):
			case len(w.File.Problems) > 0:
				p.Report(refused(w.File.Problems[0], "go: errors parsing go.work:\n", w.File, len(w.File.Problems)-1))
			case len(w.File.Uses) == 0:
				at := gomodule.At(w.File)
				p.Report(workFinding(at, w.File.Source.Path+" uses no module", "go: no modules were found in the current workspace; see 'go help work'",
					fact.Note{At: at, Text: "no use line in this file"}))
			default:
				judgeUses(p, tree, w)
				judgeReplaces(p, w)
			}
		}
	},
}

func workFinding(at source.Span, message, result string, notes ...fact.Note) rule.Finding {
	return rule.Finding{At: at, Message: message, Proof: because(fact.High, notes...), Result: result}
}

// judgeUses judges the use lines and the modules they lead to.
func judgeUses(p *rule.Pass, tree *goprogram.Modules, w *goprogram.Workspace) {
	folders, paths := map[string]gomod.Token{}, map[string]gomod.Token{}
	var tooOld *goprogram.Module
	for _, use := range w.File.Uses {
		folder, place := gomodule.Locate(p.Repo, w.Dir, use.Text)
		if first, ok := folders[folder]; ok {
			p.Report(workFinding(use.At, fmt.Sprintf("%s uses %s twice", w.File.Source.Path, folder),
				fmt.Sprintf("go: error loading go.work: path %s appears multiple times in workspace", folder),
				fact.Note{At: first.At, Text: "used here"}, fact.Note{At: use.At, Text: "and here"}))
			continue
		}
		folders[folder] = use
		if place != gomodule.HasModule {
			useMissing(p, w, use, folder, place)
			continue
		}
		m := tree.At(folder)
		if m == nil || !gomodule.Sound(p.Repo, m.Mod) {
			continue // the module has a finding of its own
		}
		if first, ok := paths[m.Path()]; ok {
			p.Report(workFinding(use.At, fmt.Sprintf("%s and %s are the same module, %s", first.Text, use.Text, m.Path()),
				fmt.Sprintf("go: module %s appears multiple times in workspace", m.Path()),
				fact.Note{At: first.At, Text: "used here"}, fact.Note{At: use.At, Text: "and here, from another folder"}, fact.Note{At: m.Mod.Module.At, Text: "with this path"}))
		}
		paths[m.Path()] = use
		if needsNewer(w, m) && (tooOld == nil || lower(tooOld.Mod.Go.Text, m.Mod.Go.Text)) {
			tooOld = m
		}
	}
	if tooOld != nil {
		p.Report(workTooOld(w, tooOld))
	}
}

// useMissing reports a use line that leads to no module.
func useMissing(p *rule.Pass, w *goprogram.Workspace, use gomod.Token, folder string, place gomodule.Place) {
	text := map[gomodule.Place]string{
		gomodule.Missing:  "is not in the repository",
		gomodule.NoModule: "has no go.mod",
		gomodule.Ignored:  "is left out of the repository by .gitignore",
		gomodule.Outside:  "is outside the repository",
		gomodule.Absolute: "is a path of one machine",
	}[place]
	if text == "" {
		return
	}
	f := workFinding(use.At, fmt.Sprintf("%s uses %s, which %s", w.File.Source.Path, use.Text, text),
		fmt.Sprintf("go: cannot load module %s listed in go.work file: open %[1]s/go.mod: no such file or directory", use.Text),
		fact.Note{At: use.At, Text: folder + " " + text})
	if place == gomodule.Outside || place == gomodule.Ignored {
		f.Severity = rule.Warning
	}
	unlessMentioned(p.Repo, &f, folder)
	if len(w.File.Uses) > 1 {
		f.Fixes = withoutStatement(w.File, use.At, "delete the use line")
	}
	p.Report(f)
}

// needsNewer reports whether the go line of a member is above that of go.work.
func needsNewer(w *goprogram.Workspace, m *goprogram.Module) bool {
	line := w.File.Go.Text
	if line == "" {
		line = "1.18"
	}
	minor, ok := goprogram.Minor(m.Mod.Go.Text)
	return ok && minor >= 21 && lower(line, m.Mod.Go.Text)
}

// lower compares versions of Go: 1.21 < 1.21rc1 < 1.21.0 from 1.21 on.
func lower(a, b string) bool { return version.Compare("go"+a, "go"+b) < 0 }

func workTooOld(w *goprogram.Workspace, m *goprogram.Module) rule.Finding {
	at, line := w.File.Go.At, "go "+w.File.Go.Text
	if !w.File.Go.Valid() {
		at, line = w.File.Uses[0].At, "go 1.18 (implied)"
	}
	f := workFinding(at, fmt.Sprintf("%s says %s, but its member %s needs go %s", w.File.Source.Path, line, m.Mod.Source.Path, m.Mod.Go.Text),
		fmt.Sprintf("go: module %s listed in go.work file requires go >= %s, but go.work lists %s; to update it:\n\tgo work use", path.Clean(m.Dir), m.Mod.Go.Text, line),
		fact.Note{At: at, Text: "the go line of the workspace"}, fact.Note{At: m.Mod.Go.At, Text: "the go line of a member"})
	if w.File.Go.Valid() {
		f.Fixes = []rule.Fix{{Title: "raise the go line to " + m.Mod.Go.Text, Safe: true, Edits: []source.Edit{{Span: at, New: m.Mod.Go.Text}}}}
	}
	return f
}

// judgeReplaces reports replace lines of go.work for its own members.
func judgeReplaces(p *rule.Pass, w *goprogram.Workspace) {
	for _, r := range w.File.Replaces {
		if r.OldVersion.Valid() || !w.Has(r.Old.Text) {
			continue
		}
		member := source.Span{}
		for _, m := range w.Members {
			if m.Path() == r.Old.Text {
				member = m.Mod.Module.At
			}
		}
		f := workFinding(line(r), fmt.Sprintf("%s replaces its own member %s in all versions", w.File.Source.Path, r.Old.Text),
			fmt.Sprintf("go: workspace module %s is replaced at all versions in the go.work file", r.Old.Text),
			fact.Note{At: member, Text: "a member of the workspace"}, fact.Note{At: line(r), Text: "replaced here"})
		f.Fixes = withoutStatement(w.File, r.At, "delete the replace line")
		p.Report(f)
	}
}
