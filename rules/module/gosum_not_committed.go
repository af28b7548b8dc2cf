package module

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GosumNotCommitted reports a module that needs go.sum, but has none in the
// repository, or none where an image is built.
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
// Remove go.sum from .gitignore, run "go mod tidy", and commit go.sum. In a
// Dockerfile, copy both files:
//
//	COPY go.mod go.sum ./
//
// # Severity
//
//   - error: "go build ./..." of a fresh checkout fails; where the finding says
//     so, only "go vet ./..." and "go test ./...", or the build of an image
//   - warning: a file of the repository runs "go mod tidy" or "go get", or sets
//     -mod=mod for builds
//
// # When it is not a problem
//
// In a workspace, with a vendor folder in effect, and where all that is imported
// is replaced by folders, go.sum is not asked. In an image the rule is silent
// where the Go release is not known or older than 1.16, and after commands that
// may write go.sum.
//
// # References
//
// https://go.dev/ref/mod#go-sum-files, https://go.dev/doc/go1.16#go-command
var GosumNotCommitted = &rule.Rule{
	ID:       "module/gosum-not-committed",
	Title:    "go.sum is needed, but is not there",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.sum"},
	Run: func(p *rule.Pass) {
		uses := gomodule.Uses.Of(p.Repo)
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if m.Sum != nil {
				notCopied(p, m, uses[m.Module])
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

// notCopied reports the builds of images that do not find the go.sum of a module.
func notCopied(p *rule.Pass, m *gomodule.Module, uses []gomodule.Use) {
	for _, plan := range buildplan.Plans.Of(p.Repo) {
		if plan.Windows() {
			continue
		}
		for _, st := range plan.Needed() {
			for _, c := range st.Commands {
				if c.Go == nil || c.Go.Module != m.Module || c.Conditional || c.StatusIgnored {
					continue
				}
				if need, b := imageNeeds(m, c.Go, uses); b != nil {
					if w, without := c.Go.WithoutSum(); without {
						p.Report(withoutSum(plan, c.Go, need, w))
					}
				}
			}
		}
	}
}

// imageNeeds returns what the first program that g builds of a module, and
// that needs anything, needs of go.sum.
func imageNeeds(m *gomodule.Module, g *buildplan.GoCommand, uses []gomodule.Use) (need gomodule.Need, b *buildplan.Binary) {
	for _, b := range g.Binaries {
		closure := b.Link().Closure
		if closure == nil || !b.Main.Known() {
			continue
		}
		var own []gomodule.Use
		for _, u := range uses {
			if closure.Missing[u.Path] != nil {
				own = append(own, u)
			}
		}
		for _, n := range m.NeedsWithoutSum(own) {
			if n.Use != nil && !n.GoMod && closure.Missing[n.Use.Path] != nil {
				return n, b
			}
		}
	}
	return gomodule.Need{}, nil
}

func withoutSum(plan *buildplan.Plan, g *buildplan.GoCommand, need gomodule.Need, w buildplan.WithoutSum) rule.Finding {
	at := w.GoMod[len(w.GoMod)-1].At
	notes := []fact.Note{used(*need.Use), {At: spec(need.Root.Require), Text: "required here, and its hashes are needed"}}
	if by := w.LeftOut.At; by.Valid() {
		notes = append(notes, fact.Note{At: by, Text: "leaves go.sum out of the context"})
	}
	notes = append(notes, fact.Note{At: at, Text: "is copied without go.sum"}, fact.Note{At: g.At(), Text: "needs go.sum"})
	proof := because(fact.High, notes...)
	if plan.Context != nil {
		proof.Confidence = min(proof.Confidence, plan.Context.Why.Confidence)
	}
	return rule.Finding{
		At:      at,
		Message: fmt.Sprintf("go.sum is not copied to %s, but go %s needs its hash for %s %s", w.Dir, g.Verb, need.Path, need.Version),
		Proof:   proof,
		Result:  "missing go.sum entry for module providing package " + need.Use.Path,
		Fixes:   copySum(at),
	}
}

// copySum adds go.sum to a COPY into a folder.
func copySum(at source.Span) []rule.Fix {
	rest, _, _ := strings.Cut(string(at.File.Data()[at.End:]), "\n")
	words := strings.Fields(rest)
	if at.Text() != "go.mod" || len(words) == 0 || !strings.HasSuffix(words[len(words)-1], "/") && words[len(words)-1] != "." {
		return nil
	}
	return []rule.Fix{{Title: "copy go.sum too", Safe: true, Edits: []source.Edit{{Span: at.Sub(at.Len(), at.Len()), New: " go.sum"}}}}
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
