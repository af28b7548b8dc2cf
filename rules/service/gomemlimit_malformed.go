package service

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GOMEMLIMITMalformed reports a value of GOMEMLIMIT that the Go runtime cannot
// read.
//
// # Why
//
// The runtime reads GOMEMLIMIT before main starts. A value that it cannot read
// ends the process with exit code 2, so that every Go program that gets the
// variable fails to start, the go command among them. The value is `off` or a
// whole number of bytes, alone or with one of the units B, KiB, MiB, GiB, TiB:
// no decimals, no other spelling, no blanks. The units of systemd (512M), Docker
// (512m) and Kubernetes (512Mi) are all malformed.
//
// # Fix
//
// Write the unit as Go does: `512MiB`.
//
// # When it is not a problem
//
// Values with variables or placeholders in them are not judged.
//
// # Severity
//
//   - error: no release reads the value
//   - warning: there is a sign in front, which releases before Go 1.26 do not
//     read, and nothing says that the program is built with a later one
//
// # References
//
//   - runtime/mgcpacer.go, readGOMEMLIMIT; runtime/string.go, parseByteCount
//   - https://pkg.go.dev/runtime#hdr-Environment_Variables
var GOMEMLIMITMalformed = &rule.Rule{
	ID:       "service/gomemlimit-malformed",
	Title:    "GOMEMLIMIT cannot be read, so that no Go program starts",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service", "memory"},
	Run: func(p *rule.Pass) {
		for _, a := range assignments(p.Repo, goruntime.MemoryLimitVar) {
			v := a.Variable.Value
			_, signed, ok := goruntime.MemoryLimit(v.Text)
			severity := rule.Default
			switch {
			case ok && !signed, ok && builtSince(a, goruntime.SignSince):
				continue
			case ok:
				severity = rule.Warning
			}
			p.Report(rule.Finding{
				At:       v.At,
				Message:  fmt.Sprintf("GOMEMLIMIT=%s is malformed: Go programs that get it die before main", v.Text),
				Severity: severity,
				Proof:    fact.Because(a.Variable),
				Result:   "GOMEMLIMIT=" + v.Text + "\nfatal error: malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`",
				Fixes:    rewrite(v),
			})
		}
	},
}

// builtSince reports whether all programs that get a value are known to be built
// with Go 1.N or later.
func builtSince(a *workload.Assignment, minor int) bool {
	for _, s := range a.Services {
		if !s.Program.Known() || !s.Program.Value.Release().Is(func(n int) bool { return n >= minor }) {
			return false
		}
	}
	return len(a.Services) > 0
}

var amountForm = regexp.MustCompile(`(?i)^\s*\+?([0-9]+)(\.[0-9]+)?\s*([kmgt]?)i?b?\s*$`)

// rewrite writes an amount as Go reads it. Fractions are rounded down in the
// next smaller unit.
func rewrite(v workload.Variable) []rule.Fix {
	text := ""
	switch m := amountForm.FindStringSubmatch(v.Text); {
	case strings.EqualFold(strings.TrimSpace(v.Text), "off"):
		text = "off"
	case m == nil:
		return nil
	case m[2] == "" && m[3] == "":
		text = m[1]
	case m[2] == "":
		text = m[1] + strings.ToUpper(m[3]) + "iB"
	default:
		text = fraction(m[1]+m[2], strings.ToUpper(m[3]))
	}
	if _, signed, ok := goruntime.MemoryLimit(text); !ok || signed || text == "" {
		return nil
	}
	edits, ok := replace(v, text)
	if !ok {
		return nil
	}
	return []rule.Fix{{Title: "Write " + text, Safe: true, Edits: edits}}
}

func fraction(number, unit string) string {
	n, err := strconv.ParseFloat(number, 64)
	smaller := map[string]string{"K": "B", "M": "KiB", "G": "MiB", "T": "GiB"}[unit]
	if err != nil || smaller == "" {
		return ""
	}
	return strconv.FormatFloat(math.Floor(n*1024), 'f', 0, 64) + smaller
}
