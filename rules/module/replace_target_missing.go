package module

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// ReplaceTargetMissing reports a required module that is replaced by a folder
// which is not in the repository, or has no go.mod.
//
// # Why
//
// The folder was renamed or removed, was never committed, or is left out by
// .gitignore: it is there for the one who wrote the line, and for nobody else.
// Without it, or without a go.mod in it, the module cannot be loaded.
//
// # Fix
//
// Correct the path, commit the folder, or delete the line. A folder without
// go.mod needs one: "go mod init" with the path of the module.
//
// # Severity
//
//   - error: "go mod download" and "go list -m all" fail, and so does every
//     build that needs a package of the module
//   - warning: a workflow, Dockerfile, Makefile or script names the folder, or
//     .gitignore does, so that it may be made before a build; or the vendor
//     folder is in effect, so that builds do not look at it
//
// # When it is not a problem
//
// Folders of git submodules are not judged. Where no module requires what is
// replaced, nothing looks at the folder: that is module/replace-dead.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-replace
var ReplaceTargetMissing = &rule.Rule{
	ID:       "module/replace-target-missing",
	Title:    "replacement is a folder that is not there",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "replace"},
	Run: func(p *rule.Pass) {
		for _, m := range gomodule.Modules.Of(p.Repo) {
			for _, root := range localRoots(m) {
				folder, place := gomodule.Locate(p.Repo, root.ReplaceDir, root.Replace.New.Text)
				text := ""
				switch place {
				case gomodule.Missing:
					text = "is not in the repository"
				case gomodule.Ignored:
					text = "is left out of the repository by .gitignore"
				case gomodule.NoModule:
					text = "has no go.mod"
				default:
					continue
				}
				f := cannotLoad(m, root, folder+" "+text)
				f.Message = fmt.Sprintf("%s is replaced by %s, but %s %s", root.Path.Text, root.Replace.New.Text, folder, text)
				if place == gomodule.Ignored {
					f.Severity = rule.Warning
				}
				unlessMentioned(p.Repo, &f, folder)
				p.Report(f)
			}
		}
	},
}
