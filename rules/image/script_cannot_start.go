package image

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ScriptCannotStart reports a script of the repository, or a recipe of make,
// whose interpreter is not in the image.
//
// # Why
//
// The kernel starts a script with the program behind #! in its first line. If
// that program is missing, the error names the script, which is there. alpine
// and busybox have no bash, distroless and scratch have no shell at all. make
// does the same for each line of a recipe with the program in SHELL.
//
// A carriage return at the end of the first line, as Windows leaves it, is part
// of the name of the program. A script without #! is run by a shell that meets
// it, but not by a container whose ENTRYPOINT is a JSON list.
//
// # Fix
//
// Install the interpreter, or write the script for the one that is there:
//
//	RUN apk add --no-cache bash
//
// A line `*.sh text eol=lf` in .gitattributes keeps carriage returns out of the
// checkout.
//
// # When it is not a problem
//
// The rule is silent where a package is installed that may bring the
// interpreter, where something was copied to its place, where the script was
// changed after it was copied, and for calls that may not happen, or whose
// failure is not looked at. `sh script.sh` does not look at the first line.
//
// # Severity
//
//   - error: for RUN, ENTRYPOINT and CMD
//   - warning: for HEALTHCHECK, which makes the container unhealthy
//
// # References
//
//   - execve(2), "Interpreter scripts"
//   - https://www.gnu.org/software/make/manual/html_node/Choosing-the-Shell.html
var ScriptCannotStart = &rule.Rule{
	ID:       "image/script-cannot-start",
	Title:    "script or recipe needs an interpreter that the image does not have",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for _, s := range st.Scripts {
				reportScript(p, st, s, rule.Default)
			}
			if st != st.Plan.Target {
				continue
			}
			if e, ok := st.Entry(); ok {
				reportScripts(p, st, e, rule.Default)
			}
			if e, ok := st.Health(); ok {
				reportScripts(p, st, e, rule.Warning)
			}
		}
	},
}

func reportScripts(p *rule.Pass, st *buildplan.Stage, e buildplan.Entry, severity rule.Severity) {
	if e.Shell && st.HasShell(st.Tree).Is(missing) {
		return // not even the shell in front of it starts
	}
	for _, s := range e.Scripts {
		reportScript(p, st, s, severity)
	}
}

func reportScript(p *rule.Pass, st *buildplan.Stage, s buildplan.Script, severity rule.Severity) {
	if s.Tolerated || s.Run != nil && !s.Run.Command.JSON && st.HasShell(st.Tree).Is(missing) {
		return
	}
	f := rule.Finding{At: s.At, Severity: severity, Result: cannotStart(st, s)}
	premises := []fact.Premise{}
	if s.File != nil && st.Plan.Context != nil {
		premises = append(premises, st.Plan.Context.Why)
	}
	switch {
	case s.Return:
		f.At = firstLine(s)
		f.Message = fmt.Sprintf("%s starts with %s and a carriage return, which is taken for a part of the name", s.Path, f.At.Text())
		f.Fixes = withoutReturns(s.File)
		premises = append(premises, fact.Note{At: f.At, Text: fmt.Sprintf("names the program %q", s.Interpreter())})
	case s.Program == "" && s.Direct && s.Bare():
		f.At = firstLine(s)
		f.Message = fmt.Sprintf("%s has no #! line, but the container starts it without a shell", s.Path)
		f.Result = "exec " + s.Path + ": exec format error"
		premises = append(premises, fact.Note{At: f.At, Text: "is no #! line"})
	case !s.HasInterpreter.Is(missing):
		return
	default:
		image := st.Image.Value.Ref.Text
		f.Message = fmt.Sprintf("%s starts with %s, but %s has no %s", s.Path, firstLine(s).Text(), image, s.Interpreter())
		premises = append(premises, s.HasInterpreter)
		if s.File == nil {
			f.Message = fmt.Sprintf("SHELL of make is %s, but %s has no %s", s.At.Text(), image, s.Interpreter())
		} else {
			premises = append(premises, fact.Note{At: firstLine(s), Text: "needs " + s.Interpreter()})
		}
	}
	for _, n := range s.Trail {
		premises = append(premises, n)
	}
	if f.At != s.At || s.File == nil {
		premises = append(premises, fact.Note{At: s.At, Text: "starts it"})
	} else {
		premises = append(premises, fact.Note{At: s.At, Text: "starts " + s.Path})
	}
	f.Proof = fact.Because(premises...)
	p.Report(f)
}

// firstLine is the #! line of a script.
func firstLine(s buildplan.Script) source.Span {
	if s.File == nil {
		return s.At
	}
	return s.File.Span(0, len(bytes.TrimRight(s.File.Data()[:s.Length], "\r")))
}

// cannotStart is what people see.
func cannotStart(st *buildplan.Stage, s buildplan.Script) string {
	name := strings.ReplaceAll(s.Interpreter(), "\r", `\r`)
	switch {
	case s.File == nil:
		return "make: " + name + ": No such file or directory"
	case s.Name != "" && st.Image.Value.Shell == knowledge.Yes:
		return fmt.Sprintf("env: can't execute '%s': No such file or directory", name)
	case s.Run == nil && s.Direct:
		return "exec " + s.Path + ": no such file or directory"
	}
	return "/bin/sh: " + s.At.Text() + ": not found"
}

// maxReturns bounds the edits of a fix.
const maxReturns = 5000

// withoutReturns is the fix that ends the lines of a file as Linux does.
func withoutReturns(f *source.File) []rule.Fix {
	var edits []source.Edit
	data := f.Data()
	for i := range data {
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			edits = append(edits, source.Edit{Span: f.Span(i, i+1)})
		}
	}
	if len(edits) == 0 || len(edits) > maxReturns {
		return nil
	}
	return []rule.Fix{{Title: "end the lines of " + f.Path + " without carriage returns", Safe: true, Edits: edits}}
}
