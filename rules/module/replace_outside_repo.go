package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ReplaceOutsideRepo reports a required module that is replaced by a folder
// outside the repository.
//
// # Why
//
// The line was written to try a change in a neighbouring checkout, and was
// committed. On every other machine, in every job and in every image the folder
// is not there, so the module cannot be loaded.
//
// # Fix
//
// Delete the line, and require a version that has the change. For local work
// use a go.work file that is not committed: it replaces the module for you
// alone.
//
// # Severity
//
//   - error: "go mod download" and "go list -m all" fail, and so does every
//     build that needs a package of the module
//   - warning: a workflow, Dockerfile, Makefile or script names the folder, so
//     that it may be put there; or the vendor folder is in effect, so that builds
//     do not look at it
//
// # When it is not a problem
//
// Where no module requires what is replaced, nothing looks at the folder: that
// is module/replace-dead.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-replace
var ReplaceOutsideRepo = &rule.Rule{
	ID:       "module/replace-outside-repo",
	Title:    "replacement is a folder outside the repository",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "replace"},
	Run: func(p *rule.Pass) {
		for _, m := range gomodule.Modules.Of(p.Repo) {
			for _, root := range localRoots(m) {
				folder, place := gomodule.Locate(p.Repo, root.ReplaceDir, root.Replace.New.Text)
				if place != gomodule.Outside && place != gomodule.Absolute {
					continue
				}
				text := "leads out of the repository"
				if place == gomodule.Absolute {
					text = "is a path of one machine"
				}
				f := cannotLoad(m, root, text)
				f.Message = fmt.Sprintf("%s is replaced by %s, which %s", root.Path.Text, root.Replace.New.Text, text)
				if place == gomodule.Outside {
					f.Message = fmt.Sprintf("%s is replaced by %s, outside the repository", root.Path.Text, root.Replace.New.Text)
				}
				unlessMentioned(p.Repo, &f, folder)
				p.Report(f)
			}
		}
	},
}

// localRoots are the required modules that are replaced by folders, one for
// each replace line.
func localRoots(m *gomodule.Module) []*gomodule.Root {
	var roots []*gomodule.Root
	seen := map[source.Span]bool{}
	for _, root := range m.Roots {
		if !root.Local() || seen[root.Replace.At] {
			continue
		}
		seen[root.Replace.At] = true
		roots = append(roots, root)
	}
	return roots
}

// cannotLoad is the finding about a required module whose replacement is not
// there.
func cannotLoad(m *gomodule.Module, root *gomodule.Root, text string) rule.Finding {
	f := rule.Finding{
		At: root.Replace.New.At,
		Proof: because(fact.High,
			fact.Note{At: spec(root.Require), Text: "required here"},
			fact.Note{At: root.Replace.New.At, Text: text}),
		Result: fmt.Sprintf("go: %s@%s (replaced by %s): reading %[3]s/go.mod: no such file or directory",
			root.Path.Text, root.Require.Version.Text, root.Replace.New.Text),
	}
	if m.Mode == gomodule.Vendored || m.Mode == gomodule.VendoredWorkspace {
		f.Severity = rule.Warning
		f.Result += " (from go mod vendor, go mod tidy and go mod download; builds take the vendor folder)"
	}
	return f
}

// unlessMentioned lowers a finding about a folder that is not in the repository
// where something may put it there.
func unlessMentioned(r *repo.Repo, f *rule.Finding, folder string) {
	if note, ok := gomodule.Mentions(r, folder); ok {
		f.Severity = rule.Warning
		f.Related = append(f.Related, note)
	}
}
