package image

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// NoShell reports an instruction in shell form in an image that has no shell.
//
// # Why
//
// An instruction that is not written as a JSON list is given to `/bin/sh -c`.
// scratch, distroless (also the debug variants, whose shell is /busybox/sh) and
// similar images have no /bin/sh.
//
// # Fix
//
// Write the command as a JSON list: `CMD ["/app"]`. What needs a shell has to
// happen in an earlier stage.
//
// # When it is not a problem
//
// The rule is silent where something was copied to /bin, and for a CMD that is
// only the argument of an ENTRYPOINT. After SHELL it looks for the program that
// SHELL names, such as bash, which alpine does not have.
//
// # Severity
//
//   - error: for RUN, ENTRYPOINT and CMD
//   - warning: for HEALTHCHECK, which makes the container unhealthy
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
var NoShell = &rule.Rule{
	ID:       "image/no-shell",
	Title:    "instruction needs a shell that the image does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, form := range st.Forms {
				name, shell := shellOf(st, form)
				if !takesEffect(st, form) || !shell.Is(missing) || brokenList(form) {
					continue
				}
				f := rule.Finding{
					At:      form.Keyword,
					Message: fmt.Sprintf("%s goes through %s, but %s has no shell", form.Cmd, name, st.Image.Value.Ref.Text),
					Proof:   fact.Because(shell, fact.Note{At: form.Keyword, Text: "is given to " + name + " -c"}),
					Result:  fmt.Sprintf(`exec: "%s": stat %[1]s: no such file or directory`, name),
					Fixes:   execForm(form),
				}
				if form.Shell != nil {
					f.Message = fmt.Sprintf("%s goes through %s, which %s does not have", form.Cmd, name, st.Image.Value.Ref.Text)
					f.Proof = fact.Because(shell, fact.Note{At: form.Keyword, Text: "is given to " + name})
				}
				if form.Cmd == "HEALTHCHECK" {
					f.Severity = rule.Warning
				}
				p.Report(f)
			}
		}
	},
}

// shellOf returns the program that an instruction is given to, and whether it is
// there.
func shellOf(st *buildplan.Stage, form buildplan.ShellForm) (name string, there fact.Fact[bool]) {
	switch {
	case form.Shell == nil && form.Tree == nil:
		return "/bin/sh", st.HasShell(st.Tree)
	case form.Shell == nil:
		return "/bin/sh", st.HasShell(form.Tree)
	case len(form.Shell) == 0 || form.Shell[0] == "":
		return "", fact.Not[bool]()
	case form.Cmd == "RUN":
		return form.Shell[0], form.HasShell
	}
	return form.Shell[0], st.HasProgram(st.Tree, form.Shell[0])
}

// takesEffect reports whether an instruction matters: RUN does, of the others
// only those in force in the image.
func takesEffect(st *buildplan.Stage, form buildplan.ShellForm) bool {
	switch {
	case form.Cmd == "RUN":
		return true
	case st != st.Plan.Target:
		return false
	case form.Cmd == "HEALTHCHECK":
		return st.Last["HEALTHCHECK"] == form.Instruction
	}
	e, ok := st.Entry()
	return ok && e.Instruction == form.Instruction
}

var (
	plainWords = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:=@%+, -]*$`)
	blanks     = regexp.MustCompile(` +`)
)

// execForm writes a command without meaning to a shell as a list.
func execForm(form buildplan.ShellForm) []rule.Fix {
	text := form.Command.Shell.Text
	if form.Cmd == "RUN" || !plainWords.MatchString(text) || strings.Contains(strings.SplitN(text, " ", 2)[0], "=") {
		return nil
	}
	var quoted []string
	for _, word := range blanks.Split(strings.TrimSpace(text), -1) {
		q, err := json.Marshal(word)
		if err != nil {
			return nil
		}
		quoted = append(quoted, string(q))
	}
	list := "[" + strings.Join(quoted, ", ") + "]"
	return []rule.Fix{{Title: "write the command as " + list, Safe: true, Edits: []source.Edit{{Span: form.Command.Shell.Whole(), New: list}}}}
}
