package buildplan

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Idle is an assignment that is meant for a go command and has no effect on it.
type Idle struct {
	Name, Value string
	Meant       string // what the value stands for: 0 for CGO_ENABLED=false
	At          source.Span
	Cause       IdleCause
}

// IdleCause says why an assignment has no effect.
type IdleCause uint8

// The causes.
const (
	NotExported  IdleCause = iota // a variable of the shell
	ShellEnded                    // exported in a shell that has ended: another RUN, another line of a recipe
	KeptByMake                    // a variable of make that is not exported
	InvalidValue                  // a value that go ignores
)

// buildVariables are those that decide what a build gives.
var buildVariables = []string{"CGO_ENABLED", "GOOS", "GOARCH", "GOARM", "GOAMD64", "GOFLAGS"}

// Idle returns the assignments in the stage that g does not get to see, and
// those of which it ignores the value.
func (g *GoCommand) Idle() []Idle {
	var idle []Idle
	add := func(list []shell.Assign, cause IdleCause, concerns func(source.Span) bool) {
		for _, a := range list {
			if slices.Contains(buildVariables, a.Name) && g.misses(a) && concerns(a.At) {
				value := strings.TrimSpace(a.Value.Text)
				idle = append(idle, Idle{Name: a.Name, Value: value, Meant: value, At: a.At, Cause: cause})
			}
		}
	}
	add(g.Stage.Dead, NotExported, g.sameShell)
	add(g.Stage.Left, ShellEnded, func(at source.Span) bool { return g.behind(at) && !g.Stage.seen(at) })
	add(g.Stage.Kept, KeptByMake, func(at source.Span) bool { return at.File == g.At().File })
	add(g.Call.Kept, KeptByMake, func(source.Span) bool { return true })
	if v := g.Call.Getenv("CGO_ENABLED"); v.Set == shell.Yes && v.Known() && v.At.Valid() && !v.Is("0") && !v.Is("1") {
		if meant := meantBy(v.Text); meant != "" {
			idle = append(idle, Idle{Name: "CGO_ENABLED", Value: v.Text, Meant: meant, At: v.At, Cause: InvalidValue})
		}
	}
	return idle
}

// misses reports whether g certainly sees another value.
func (g *GoCommand) misses(a shell.Assign) bool {
	v := g.Call.Getenv(a.Name)
	known := v.Set == shell.No || v.Set == shell.Yes && v.Known()
	return known && a.Value.Known() && a.Value.Text != "" && !a.Expanded && v.Text != a.Value.Text
}

// sameShell reports whether g comes after a place in the same RUN or script.
func (g *GoCommand) sameShell(at source.Span) bool {
	run := g.Call.instruction()
	return at.File == g.At().File && at.End <= g.At().Start && (at.File != run.File || run.Contains(at))
}

// behind reports whether g runs after a place of the Dockerfile, or of the file
// in which g stands.
func (g *GoCommand) behind(at source.Span) bool {
	if run := g.Call.instruction(); at.File == run.File {
		return at.End <= run.Start
	}
	return at.File == g.At().File && at.End <= g.At().Start
}

// seen reports whether a go command of the stage sees an assignment.
func (st *Stage) seen(at source.Span) bool {
	return slices.ContainsFunc(st.Commands, func(c *Command) bool {
		return c.Go != nil && slices.ContainsFunc(buildVariables, func(name string) bool { return c.Getenv(name).At == at })
	})
}

// meantBy returns what a value of CGO_ENABLED is meant to be; go takes all but
// 0 and 1 for not set (cmd/go/internal/cfg/cfg.go, defaultContext).
func meantBy(value string) string {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "0", "false", "off", "no", "disabled":
		return "0"
	case "1", "true", "on", "yes", "enabled":
		return "1"
	}
	return ""
}

// Would is the verdict on a binary if a variable of the build had a value.
func (b *Binary) Would(name, value string) link.Verdict {
	in := b.Link().Input
	switch name {
	case "CGO_ENABLED":
		in.Env.CGOEnabled = link.Text(value)
	case "GOOS":
		in.Env.GOOS = link.Text(value)
	case "GOARCH":
		in.Env.GOARCH = link.Text(value)
	default:
		return link.Verdict{}
	}
	return link.Decide(in)
}
