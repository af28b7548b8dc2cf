package image

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// PlatformArgUndeclared reports a use of TARGETARCH or its kin in a stage that
// does not declare it.
//
// # Why
//
// The platform arguments are there without a declaration in FROM lines only. In
// a stage they are empty until `ARG TARGETARCH` names them. `GOARCH=` with an
// empty value means the platform of the builder, so that the build goes on and
// the program is for the wrong machine.
//
// # Fix
//
// Write `ARG TARGETARCH` in the stage, before its first use.
//
// # When it is not a problem
//
// The rule is silent where a script of the stage sets the variable, where the
// use has a default of its own (`${TARGETARCH:-amd64}`), and where ENV of a
// parent stage gives it.
//
// # Severity
//
//   - error: where the repository builds the image for several platforms
//   - warning: otherwise
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
var PlatformArgUndeclared = &rule.Rule{
	ID:       "image/platform-arg-undeclared",
	Title:    "platform argument is empty, since the stage does not declare it",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image", "platform"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			reported := map[string]bool{}
			for i, ins := range st.Syntax.Instructions {
				for _, use := range platformUses(ins) {
					if st.Declares(i, use.name) || reported[use.name] {
						continue
					}
					reported[use.name] = true
					f := rule.Finding{
						At:       use.at,
						Message:  fmt.Sprintf("%s is empty here: the stage does not declare it", use.name),
						Severity: rule.Warning,
						Proof:    fact.Because(fact.Note{At: use.at, Text: "is used without ARG " + use.name}),
						Fixes:    declare(ins, use),
					}
					if other := otherPlatform(st.Plan); other != "" {
						f.Severity = rule.Error
						f.Related = []fact.Note{{At: st.Plan.Call.At.At, Text: "builds the image for " + other + " too"}}
					}
					p.Report(f)
				}
			}
		}
	},
}

type platformUse struct {
	name string
	at   source.Span
	// unfit says that what BuildKit gives would not do there either:
	// GOARCH=$TARGETPLATFORM would be linux/amd64.
	unfit bool
}

// platformUses finds the uses of platform arguments in an instruction whose
// words the builder or the shell of RUN expands.
func platformUses(ins *dockerfile.Instruction) []platformUse {
	text := ins.Args.Text
	if ins.Cmd == "RUN" && ins.Command != nil {
		if ins.Command.JSON {
			return nil
		}
		text = ins.Command.Shell.Text
	} else if ins.Cmd != "ENV" && ins.Cmd != "COPY" && ins.Cmd != "ADD" && ins.Cmd != "WORKDIR" && ins.Cmd != "LABEL" {
		return nil
	}
	joined := &ins.Args
	if ins.Cmd == "RUN" && ins.Command != nil {
		joined = &ins.Command.Shell
	}
	var uses []platformUse
	set := map[string]bool{}
	quotes, counted := 0, 0
	for _, m := range platformArg.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		escaped := m[0] > 0 && (text[m[0]-1] == '\\' || text[m[0]-1] == '$')
		handled := text[m[0]+1] == '{' && m[3] < len(text) && text[m[3]] != '}'
		if _, ok := set[name]; !ok {
			set[name] = setInScript(text, name)
		}
		quotes += strings.Count(text[counted:m[0]], "'")
		counted = m[0]
		if !escaped && !handled && !set[name] && quotes%2 == 0 {
			unfit := strings.HasSuffix(name, "PLATFORM") && goVariable.MatchString(text[:m[0]])
			uses = append(uses, platformUse{name, joined.Span(m[0], m[3]), unfit})
		}
	}
	return uses
}

// setInScript reports whether a script may set a variable itself.
func setInScript(text, name string) bool {
	return regexp.MustCompile(`(^|[^$\w{])` + name + `(=|\b.*\bin\b)|\bread\b.*\b` + name + `\b`).MatchString(text)
}

var goVariable = regexp.MustCompile(`\bGO(OS|ARCH)="?$`)

// declare returns the fix that declares an argument above an instruction.
func declare(ins *dockerfile.Instruction, use platformUse) []rule.Fix {
	if use.unfit {
		return nil
	}
	return []rule.Fix{{Title: "declare ARG " + use.name, Edits: []source.Edit{{Span: ins.At.Sub(0, 0), New: "ARG " + use.name + "\n"}}}}
}

// otherPlatform returns a platform that an image is built for besides the one of
// the plan, "" where there is none.
func otherPlatform(plan *buildplan.Plan) string {
	for _, p := range plan.Call.Platforms {
		if p != plan.Platform {
			return p
		}
	}
	return ""
}
