package service

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GOGCNotANumber reports a value of GOGC that the Go runtime reads as 100.
//
// # Why
//
// GOGC is `off` or a whole number. Whatever the runtime cannot read it takes for
// the default of 100, without a message: `OFF`, `50%` and `50.5` all leave the
// garbage collector as it is.
//
// # Fix
//
// Write the number alone, or `off` in lower case.
//
// # When it is not a problem
//
// An empty value is not reported: it means that the variable is not set. Values
// with variables or placeholders in them are not judged. A plus sign counts from
// Go 1.26 on.
//
// # References
//
//   - runtime/mgcpacer.go, readGOGC
//   - https://pkg.go.dev/runtime#hdr-Environment_Variables
var GOGCNotANumber = &rule.Rule{
	ID:       "service/gogc-not-a-number",
	Title:    "GOGC is no number, and so it is read as 100",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"service", "memory"},
	Run: func(p *rule.Pass) {
		for _, a := range assignments(p.Repo, goruntime.GCPercentVar) {
			v := a.Variable.Value
			_, signed, ok := goruntime.GCPercent(v.Text)
			if ok && (!signed || builtSince(a, goruntime.SignSince)) {
				continue
			}
			why := "is no number"
			if ok {
				why = "is not read before Go 1.26, because of its sign"
			}
			p.Report(rule.Finding{
				At:      v.At,
				Message: fmt.Sprintf("GOGC=%s %s: the runtime takes it for 100", v.Text, why),
				Proof:   fact.Because(a.Variable),
				Fixes:   readable(v),
			})
		}
	},
}

var percentForm = regexp.MustCompile(`^\s*\+?([0-9]{1,6})\s*%?\s*$`)

// readable writes GOGC as the runtime reads it. It changes what the collector
// does, as was meant.
func readable(v workload.Variable) []rule.Fix {
	text := ""
	if strings.EqualFold(strings.TrimSpace(v.Text), "off") {
		text = "off"
	} else if m := percentForm.FindStringSubmatch(v.Text); m != nil {
		text = m[1]
	}
	edits, ok := replace(v, text)
	if !ok || text == "" {
		return nil
	}
	return []rule.Fix{{Title: "Write " + text, Edits: edits}}
}
