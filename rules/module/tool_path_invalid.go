package module

import (
	"fmt"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// ToolPathInvalid reports a tool line that does not name a package: a folder
// ("./cmd/x"), or a package with a version ("example.com/x@v1.2.3").
//
// # Why
//
// The path of a tool line is an import path, and its version is that of the
// require line. The go command checks the paths of all tool lines before it does
// anything else, so one bad path stops every command in the module, in
// workspaces and with a vendor folder too.
//
// # Fix
//
// Write the import path: "example.com/app/cmd/x" for ./cmd/x of the module
// example.com/app. "go get -tool example.com/x@v1.2.3" writes both lines.
//
// # When it is not a problem
//
// A path whose module is not required stops "go tool", not builds, and is not
// reported. A file whose go line names a newer release than seaworthy knows is
// not judged.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file-tool, cmd/go/internal/modload/init.go,
// makeMainModules
var ToolPathInvalid = &rule.Rule{
	ID:       "module/tool-path-invalid",
	Title:    "tool line does not name a package",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			for _, tool := range m.Mod.Tools {
				err := module.CheckImportPath(tool.Text)
				if err == nil {
					continue
				}
				p.Report(rule.Finding{
					At:      tool.At,
					Message: fmt.Sprintf("%s names the tool %s, which is no import path", m.Mod.Source.Path, tool.Text),
					Proof:   because(fact.High, fact.Note{At: tool.At, Text: "the go command refuses this"}),
					Result:  fmt.Sprintf("go: malformed tool path %q", tool.Text),
				})
			}
		}
	},
}
