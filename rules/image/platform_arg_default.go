package image

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// PlatformArgDefault reports a default for an argument that the builder sets by
// itself, such as TARGETARCH.
//
// # Why
//
// BuildKit gives TARGETARCH and its kin a value in each stage that declares
// them. A default in the declaration beats that value: with `ARG
// TARGETARCH=amd64` the stage makes programs for amd64 also when the image is
// built for arm64. Such images were published, and their programs did not start.
//
// # Fix
//
// Declare the argument without a default: `ARG TARGETARCH`.
//
// # When it is not a problem
//
// The rule is silent where the stage does not use the argument, for linux as the
// operating system, for an empty variant, and where the call that builds the
// image gives the argument. The builder that Docker had before BuildKit sets none of
// these arguments and needs the default.
//
// # References
//
//   - https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
//   - moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, dispatchArg
var PlatformArgDefault = &rule.Rule{
	ID:       "image/platform-arg-default",
	Title:    "default replaces the platform that the image is built for",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"image", "platform"},
	Run: func(p *rule.Pass) {
		for _, st := range stages(p.Repo) {
			for i, ins := range st.Syntax.Instructions {
				for j := range ins.Pairs {
					pair := &ins.Pairs[j]
					name := pair.Key.Text
					if ins.Cmd != "ARG" || !pair.HasValue || !platformArg.MatchString("$"+name) || usual(name, strings.Trim(pair.Value.Text, `"'`)) || st.Plan.Call.Args[name] != nil {
						continue
					}
					use, ok := firstUse(st.Syntax.Instructions[i+1:], name)
					if !ok {
						continue
					}
					p.Report(rule.Finding{
						At:      pair.At,
						Message: fmt.Sprintf("%s replaces the value that the builder gives %s", pair.At.Text(), name),
						Proof:   fact.Because(fact.Note{At: pair.At, Text: "beats the value of the builder"}, fact.Note{At: use, Text: "uses it"}),
						Result:  "exec format error",
						Fixes:   []rule.Fix{{Title: "leave the default out", Edits: []source.Edit{{Span: pair.At, New: name}}}},
					})
				}
			}
		}
	},
}

// usual reports whether a default changes nothing that matters: the system is
// always linux, and no variant means the usual one.
func usual(name, value string) bool {
	return value == "linux" || value == "" && strings.HasSuffix(name, "VARIANT")
}

// platformArg is a use of one of the arguments that BuildKit sets.
var platformArg = regexp.MustCompile(`\$\{?((?:TARGET|BUILD)(?:OS|ARCH|PLATFORM|VARIANT))\b`)

// firstUse finds where instructions use an argument.
func firstUse(list []*dockerfile.Instruction, name string) (source.Span, bool) {
	for _, ins := range list {
		for _, m := range platformArg.FindAllStringSubmatchIndex(ins.Args.Text, -1) {
			if ins.Args.Text[m[2]:m[3]] == name {
				return ins.Args.Span(m[0], m[3]), true
			}
		}
	}
	return source.Span{}, false
}
