package module

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GosumNotCommitted reports a module that needs go.sum, but has none in the
// repository.
//
// # Why
//
// Since Go 1.16 builds do not write go.sum. Without it no module can be
// verified, so every build of a fresh checkout fails, and nothing would tell if
// what is downloaded today is what was downloaded yesterday. Where .gitignore
// leaves go.sum out, it works for the one who has the file and for nobody else.
// "go mod download" in an image or a job does not mend it: it adds only the
// hashes of go.mod files.
//
// # Fix
//
// Remove go.sum from .gitignore, run "go mod tidy", and commit go.sum.
//
// # Severity
//
//   - error: "go build ./..." of a fresh checkout fails; where the finding says
//     so, only "go vet ./..." and "go test ./..."
//   - warning: a file of the repository runs "go mod tidy" or "go get", or sets
//     -mod=mod for builds
//
// # When it is not a problem
//
// In a workspace, with a vendor folder in effect, and where all that is imported
// is replaced by folders, go.sum is not asked.
//
// # References
//
// https://go.dev/ref/mod#go-sum-files, https://go.dev/doc/go1.16#go-command
var GosumNotCommitted = &rule.Rule{
	ID:       "module/gosum-not-committed",
	Title:    "go.sum is needed, but not in the repository",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.sum"},
	Run: func(p *rule.Pass) {
		uses := gomodule.Uses.Of(p.Repo)
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if m.Sum != nil {
				continue // module/gosum-missing-entry
			}
			needs := m.Needs(m.Reach(p.Repo, uses[m.Module]))
			if len(needs) == 0 {
				continue
			}
			p.Report(notCommitted(p.Repo, m, firstBuilt(needs)))
		}
	},
}

// firstBuilt returns the first need of the build, or else of a test.
func firstBuilt(needs []gomodule.Need) gomodule.Need {
	for _, n := range needs {
		if !n.Tests() {
			return n
		}
	}
	return needs[0]
}

func notCommitted(r *repo.Repo, m *gomodule.Module, need gomodule.Need) rule.Finding {
	sum := path.Join(m.Dir, "go.sum")
	notes := []fact.Note{{At: spec(need.Root.Require), Text: "required here, and its hashes are needed"}}
	if need.Use != nil {
		notes = append(notes, used(*need.Use))
	} else {
		notes = append(notes, fact.Note{At: gomodule.At(m.Mod), Text: "before Go 1.17 the go.mod files of all requirements are read first"})
	}
	state := "is not in the repository"
	if r.Has(sum) == repo.Ignored {
		state = "is left out of the repository by .gitignore"
	}
	if line, ok := ignoreLine(r, sum); ok {
		state = "is left out of the repository by " + line.At.File.Path
		notes = append(notes, line)
	}
	confidence := readonly(r)
	if _, ok := makesSum(r); ok {
		confidence = fact.Low
	}
	return rule.Finding{
		At:      spec(need.Root.Require),
		Message: fmt.Sprintf("%s %s, but %s needs its hash for %s %s", sum, state, command(need.Tests()), need.Path, need.Version),
		Proof:   because(confidence, notes...),
		Result:  "missing go.sum entry for module providing package",
		Fixes:   advice("run go mod tidy%s and commit %s", inFolder(m.Dir), sum),
	}
}

// makesSum returns the first line of a script that can make go.sum.
func makesSum(r *repo.Repo) (fact.Note, bool) {
	return gomodule.Says(r, tidies, "go.sum may be made here")
}

var tidies = regexp.MustCompile(`(?m)^.*\bgo (?:mod tidy|get)\b`)

// ignoreLine returns the line of a .gitignore file at or above a go.sum that
// names it.
func ignoreLine(r *repo.Repo, sum string) (fact.Note, bool) {
	for dir := path.Dir(sum); ; dir = path.Dir(dir) {
		if f := r.File(path.Join(dir, ".gitignore")); f != nil && f.Err() == nil {
			for n := range f.Lines() {
				line := f.Line(n + 1)
				text := strings.TrimSpace(line.Text())
				if base := path.Base(text); base == "go.sum" || base == "*.sum" || base == "go.*" {
					start := strings.Index(line.Text(), text)
					return fact.Note{At: line.Sub(start, start+len(text)), Text: "git leaves it out because of this line"}, !strings.HasPrefix(text, "!") && !strings.HasPrefix(text, "#")
				}
			}
		}
		if dir == "." {
			return fact.Note{}, false
		}
	}
}
