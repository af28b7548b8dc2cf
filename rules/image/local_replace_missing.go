package image

import (
	"fmt"
	"path"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// LocalReplaceMissing reports a go command in an image that needs a folder named
// by a replace or use line before that folder was copied.
//
// # Why
//
// To load the module graph, which go mod download does too, go reads the go.mod
// of every folder that replaces a required module, and of every folder that
// go.work uses. A stage that copies go.mod and go.sum first, to keep the download
// in a layer of its own, has to copy those go.mod files as well.
//
// # Fix
//
// Copy them before the command:
//
//	COPY go.mod go.sum ./
//	COPY lib/go.mod ./lib/
//	RUN go mod download
//
// # When it is not a problem
//
// Replacements of modules that are not required are not read, nor are any with
// a vendor folder. GOWORK=off switches the workspace off.
//
// # References
//
//   - https://go.dev/ref/mod#go-mod-file-replace
var LocalReplaceMissing = &rule.Rule{
	ID:       "image/local-replace-missing",
	Title:    "go command needs a folder that was not copied yet",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "module"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			failed := map[string]bool{} // by the place of go.mod: the build ends at the first
			for _, c := range st.Commands {
				if c.Go == nil || failed[c.Go.GoMod] {
					continue
				}
				if gaps := c.Go.Gaps(); len(gaps) > 0 {
					failed[c.Go.GoMod] = !c.Conditional
					p.Report(missingFolders(st, c, gaps))
				}
			}
		}
	},
}

// missingFolders is the finding on a command and the folders that it needs. It
// stops at the first.
func missingFolders(st *buildplan.Stage, c *buildplan.Command, gaps []buildplan.Gap) rule.Finding {
	gap := gaps[0]
	needed := path.Join(gap.Dir, "go.mod")
	f := rule.Finding{
		At:      c.Go.At(),
		Message: fmt.Sprintf("go %s needs %s, which is not in the stage yet", c.Go.Verb, needed),
		Proof:   fact.Because(gap.At, st.Plan.Context.Why, fact.Note{At: c.Go.At(), Text: "reads " + needed}),
		Result:  fmt.Sprintf("cannot load module %s listed in go.work file: open %[1]s/go.mod: no such file or directory", path.Clean(gap.Text)),
	}
	if gap.Old != "" {
		f.Result = fmt.Sprintf("%s (replaced by %s): reading %s/go.mod: open %s: no such file or directory", gap.Old, gap.Text, path.Clean(gap.Text), needed)
	}
	if n := len(gaps) - 1; n > 0 {
		f.Message += fmt.Sprintf(", and the go.mod of %s", counted(n, "more folder"))
		for _, g := range gaps[1:] {
			f.Related = append(f.Related, g.At)
		}
	}
	if c.Conditional {
		f.Proof.Confidence = min(f.Proof.Confidence, fact.Low)
	}
	return f
}

// counted writes a number with what it counts.
func counted(n int, what string) string {
	if n == 1 {
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
