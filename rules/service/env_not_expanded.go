package service

import (
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// EnvNotExpanded reports variables, command substitutions and ~ in Environment=.
//
// # What you see
//
// The program gets the text as it is written: after
//
//	Environment=PATH=/opt/bin:$PATH
//
// it finds nothing that lies in /usr/bin, because no folder is called "$PATH".
//
// # Why
//
// systemd replaces variables in command lines only. In Environment=, as in the
// files of EnvironmentFile=, a "$" is a dollar sign.
//
// # Fix
//
// Write the value out, use a specifier (%h is the home of the user whose service
// manager it is, %n the unit, %t the runtime folder), or set the variable in a
// shell that starts the program.
//
// # Severity
//
// - warning: always; with low confidence for ~ outside of PATH, which many programs expand themselves
//
// # When it is not a problem
//
// Names in lower case are taken for the language of some program, as in
// LOG_FORMAT=$remote_addr. A file in which variables stand where systemd never
// replaces them, as in User=${USER}, is filled in by something else before it is
// installed, and is not judged.
//
// # References
//
// systemd.exec(5), Environment=: "the $ character has no special meaning".
var EnvNotExpanded = &rule.Rule{
	ID:       "service/env-not-expanded",
	Title:    "Environment= does not expand variables",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "environment"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			if l.Kind() != "environ" {
				continue
			}
			variables, _ := l.Scope.Environment(l.Value, l.ValueAt)
			for _, v := range few(variables) {
				at, confidence := literal(v)
				if confidence == fact.Unknown {
					continue
				}
				f := onLine(at, "systemd expands nothing here", "Environment: %s is set to a text with %s, which is not expanded", short(v.Name), short(at.Text()))
				f.Confidence = confidence
				p.Report(f)
			}
		}
	},
}

// reference is what a shell would replace: a variable in upper case, or what a
// command prints.
var reference = regexp.MustCompile("(?:^|[^$\\\\])(\\$[A-Z_][A-Z0-9_]*|\\$\\{[A-Z_][A-Z0-9_]*(:?[-+=?][^}]*)?\\}|\\$\\([^)]*\\)|`[^`]+`)")

// literal returns the first place in a value that a shell would replace.
func literal(v systemd.Variable) (source.Span, fact.Confidence) {
	text := v.Value.Text
	if m := reference.FindStringSubmatchIndex(text); m != nil {
		return v.Value.Span(m[2], m[3]), fact.High
	}
	if v.Name == "PATH" {
		for from := 0; from < len(text); {
			part, _, _ := strings.Cut(text[from:], ":")
			if strings.HasPrefix(part, "~/") {
				return v.Value.Span(from, from+len(part)), fact.High
			}
			from += len(part) + 1
		}
	}
	if strings.HasPrefix(text, "~/") {
		return v.Value.Span(0, 1), fact.Low
	}
	return source.Span{}, fact.Unknown
}
