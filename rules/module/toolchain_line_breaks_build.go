package module

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ToolchainLineBreaksBuild reports a toolchain line that the go command would
// remove, and therefore does not build with.
//
// # Why
//
// Before a build, the go command writes go.mod anew in memory and compares. A
// toolchain line that says nothing is left out there, so the file counts as out
// of date, and since Go 1.16 builds do not write it: every build stops with
// "updates to go.mod needed". Three forms say nothing:
//
//   - "toolchain default"
//   - the version of the go line itself: "go 1.24.0" with "toolchain go1.24.0"
//   - a version before go1.21, which had no toolchain lines
//
// # Fix
//
// Delete the line. It changes nothing else.
//
// # When it is not a problem
//
// In a workspace the toolchain lines of members are not looked at.
//
// # References
//
// https://go.dev/doc/toolchain, cmd/go/internal/modload/init.go,
// UpdateGoModFromReqs
var ToolchainLineBreaksBuild = &rule.Rule{
	ID:       "module/toolchain-line-breaks-build",
	Title:    "toolchain line says nothing and stops every build",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "toolchain"},
	Run: func(p *rule.Pass) {
		for _, m := range judged(p.Repo) {
			line, goLine := m.Mod.Toolchain, m.Mod.Go
			why := idle(line.Text, goLine.Text)
			if !line.Valid() || why == "" || m.InWorkspace() {
				continue
			}
			f := rule.Finding{
				At:      line.At,
				Message: fmt.Sprintf("toolchain %s %s, so the go command would remove the line and does not build with it", line.Text, why),
				Proof:   because(fact.High, fact.Note{At: line.At, Text: "this line says nothing"}),
				Result:  "go: updates to go.mod needed; to update it:\n\tgo mod tidy",
			}
			if goLine.Valid() && line.Text == "go"+goLine.Text {
				f.Proof = because(fact.High, fact.Note{At: goLine.At, Text: "the go line asks for this version"}, fact.Note{At: line.At, Text: "this line says the same again"})
			}
			if statement := statementAt(m.Mod, line.At); alone(statement) {
				f.Fixes = []rule.Fix{{Title: "delete the toolchain line", Safe: true, Edits: []source.Edit{deleteLine(statement)}}}
			}
			p.Report(f)
		}
	},
}

// idle says why a toolchain line says nothing, or "".
func idle(toolchain, goLine string) string {
	version, ok := strings.CutPrefix(toolchain, "go")
	minor, minorOK := goprogram.Minor(version)
	switch {
	case toolchain == "default":
		return "is the default"
	case ok && goLine != "" && version == goLine:
		return "is what the go line says"
	case ok && (version == "1" || minorOK && minor < 21):
		return "is older than toolchain lines are"
	}
	return ""
}
