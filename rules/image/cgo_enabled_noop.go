package image

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// CgoEnabledNoop reports an assignment to CGO_ENABLED, GOOS, GOARCH or GOFLAGS
// that no go command gets to see, or whose value go ignores.
//
// # Why
//
// A program sees the variables that its shell exports. These are not among them:
//
//   - `RUN CGO_ENABLED=0 && go build`: the assignment is a command of its own
//     and sets a variable of the shell
//   - `RUN export CGO_ENABLED=0` on its own: the shell ends with its RUN; so does
//     that of each line of a recipe
//   - `CGO_ENABLED ?= 0` in a makefile, or `build: CGO_ENABLED = 0` for one
//     target: make exports only what came from its environment or its command
//     line, or what `export` names
//
// Of CGO_ENABLED go reads 0 and 1. Any other value, such as false, off, or a 0
// with a blank behind it, counts as not set. `export CGO_ENABLED = 0 # static`
// in a makefile gives such a blank.
//
// # Fix
//
// Write the assignment in front of the command, without `&&`, or use ENV; in a
// makefile, write `export`.
//
// # When it is not a problem
//
// Where the variable is exported already (by ENV or ARG), with `set -a`, and
// where the value is used by name, the assignment has an effect.
//
// # Severity
//
//   - error: when the program cannot start in its image, and with the value could
//   - warning: when the build gives something else than the value asks for
//   - note: when it gives the same
//
// # References
//
//   - cmd/go/internal/cfg/cfg.go, defaultContext: the values of CGO_ENABLED
//   - https://www.gnu.org/software/make/manual/html_node/Variables_002fRecursion.html
var CgoEnabledNoop = &rule.Rule{
	ID:       "image/cgo-enabled-noop",
	Title:    "assignment has no effect on the build",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "cgo"},
	Run: func(p *rule.Pass) {
		reported := map[source.Span]bool{} // of an assignment for several programs, the first is enough
		for _, b := range binaries(p.Repo) {
			for _, idle := range b.Go.Idle() {
				if reported[idle.At] {
					continue
				}
				reported[idle.At] = true
				f := rule.Finding{
					At:       idle.At,
					Message:  idleMessage(b.Binary, idle),
					Severity: rule.Warning,
					Proof: fact.Because(fact.Note{At: idle.At, Text: idleCause(idle)},
						fact.Note{At: b.Go.At(), Text: "builds " + b.Path + " as if " + idle.Name + " were not set"}),
					Fixes: useIdle(b.Binary, idle),
				}
				s, loader, isStranded := stranded(p.Repo, b)
				switch is, would := b.Link(), b.Would(idle.Name, idle.Meant); {
				case isStranded && would.Kind == link.Static:
					f.Severity, f.Result = rule.Default, s.notFound()
					f.Related = append(f.Related, loader.Why...)
					f.Related = append(f.Related, s.arrives())
				case is.Known() && would.Kind == is.Value.Kind && would.Cgo == is.Value.Cgo:
					f.Severity = rule.Note
				}
				p.Report(f)
			}
		}
	},
}

func idleMessage(b *buildplan.Binary, idle buildplan.Idle) string {
	if idle.Cause == buildplan.InvalidValue {
		return fmt.Sprintf("go ignores CGO_ENABLED=%q when it builds %s: only 0 and 1 count", idle.Value, b.Path)
	}
	return fmt.Sprintf("%s=%s does not reach the go command that builds %s", idle.Name, idle.Value, b.Path)
}

func idleCause(idle buildplan.Idle) string {
	switch idle.Cause {
	case buildplan.ShellEnded:
		return "is exported in a shell that ends here"
	case buildplan.KeptByMake:
		return "is a variable of make that is not exported"
	case buildplan.InvalidValue:
		return "counts as not set"
	}
	return "sets a variable of the shell that is not exported"
}

// idleCgoOff reports whether a build was to be without cgo and is not because
// of an assignment without effect.
func idleCgoOff(b *buildplan.Binary) bool {
	for _, idle := range b.Go.Idle() {
		if idle.Name == "CGO_ENABLED" && b.Would(idle.Name, idle.Meant).Kind == link.Static {
			return true
		}
	}
	return false
}

// useIdle gives the assignment its effect.
func useIdle(b *buildplan.Binary, idle buildplan.Idle) []rule.Fix {
	text := idle.At.Text()
	edit := source.Edit{Span: idle.At.Sub(0, 0), New: "export "}
	title := "export " + idle.Name
	switch idle.Cause {
	case buildplan.ShellEnded:
		return nil
	case buildplan.InvalidValue:
		i := strings.LastIndex(text, idle.Value)
		if i < 0 {
			return nil
		}
		edit = source.Edit{Span: idle.At.Sub(i, i+len(idle.Value)), New: idle.Meant}
		title = "write CGO_ENABLED=" + idle.Meant
	case buildplan.NotExported:
		between := idle.At.File.Span(idle.At.End, b.Go.Call.At.Start)
		if between.Start < between.End && strings.Trim(between.Text(), " ") == "&&" {
			edit = source.Edit{Span: between, New: " "}
			title = "put " + text + " in front of the command"
		}
	}
	l := b.Link()
	safe := idle.Name == "CGO_ENABLED" && l.Closure != nil && l.Closure.Complete() && l.Input.Closure.Cgo == knowledge.No
	return []rule.Fix{{Title: title, Safe: safe, Edits: []source.Edit{edit}}}
}
