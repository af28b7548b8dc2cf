package module

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GoflagsMalformed reports a GOFLAGS that the go command refuses, or of which it
// makes something else than is meant.
//
// # Why
//
// GOFLAGS is a list of flags with blanks between them. Each must start with a
// dash and be a flag of some go command; a value stands behind an equals sign.
// With anything else every go command but `go env` fails. A quote counts only
// at the start of a word, so that `-ldflags=-s -w` are two flags, of which the
// second is lost: go build has no -w, and nobody complains.
//
// # Severity
//
//   - error: the go command refuses the value
//   - warning: a flag of the linker is lost
//
// # Fix
//
// Write -flag=value. Put a flag with blanks in its value into quotes as a
// whole: `GOFLAGS='"-ldflags=-s -w"'`.
//
// # When it is not a problem
//
// Only where a go command follows: in the same stage, job, recipe or script. A
// value that is not known as a whole is left out.
//
// # References
//
//   - https://pkg.go.dev/cmd/go#hdr-Environment_variables
//   - cmd/go/internal/base/goflags.go of Go 1.26
var GoflagsMalformed = &rule.Rule{
	ID:       "module/goflags-malformed",
	Title:    "the go command refuses GOFLAGS or reads it otherwise",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "environment"},
	Run: func(p *rule.Pass) {
		for _, s := range gorun.Settings.Of(p.Repo) {
			if s.Name != "GOFLAGS" {
				continue
			}
			if r := s.First(func(r *goenv.Run) bool { return refusal(r).Text != "" }); r != nil {
				why := refusal(r).Text
				f := rule.Finding{At: s.At, Severity: rule.Error, Result: why}
				f.Message = fmt.Sprintf("GOFLAGS=%s: %s", s.Value, strings.TrimPrefix(why, "go: parsing $GOFLAGS: "))
				p.Report(atRun(f, s, r, "fails"))
			} else if r := s.First(func(r *goenv.Run) bool { return compiles(r) && losesFlag(s.Value) }); r != nil {
				f := rule.Finding{At: s.At, Severity: rule.Warning}
				f.Message = fmt.Sprintf("GOFLAGS=%s: -w does not belong to -ldflags and is lost", s.Value)
				p.Report(atRun(f, fact.Because(s), r, "links without -w"))
			}
		}
	},
}

// refusal is what go says of GOFLAGS. Where the value is wrong only for go env,
// that command is the one to mend it with.
func refusal(r *goenv.Run) source.Problem {
	for _, p := range r.Problems {
		if strings.HasPrefix(p.Text, "go: parsing $GOFLAGS") && r.Verb != "env" && r.Verb != "bug" && r.Verb != "help" {
			return p
		}
	}
	return source.Problem{}
}

// losesFlag reports whether -w stands behind -ldflags, outside its value.
func losesFlag(goflags string) bool {
	words := strings.Fields(goflags)
	for i, w := range words {
		if strings.HasPrefix(w, "-ldflags=") && i+1 < len(words) && words[i+1] == "-w" {
			return true
		}
	}
	return false
}
