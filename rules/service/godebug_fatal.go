package service

import (
	"fmt"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GODEBUGFatal reports a GODEBUG setting with which no Go program starts.
//
// # Why
//
// The strict checks of pointers that are passed to C moved out of the runtime
// with Go 1.21. A program built with that release or a later one that is started
// with cgocheck=2, or any number above, ends before main.
//
// # Fix
//
// Remove the setting. The checks are built in with GOEXPERIMENT=cgocheck2.
//
// # When it is not a problem
//
// Programs built with Go 1.20 or earlier have these checks in their runtime. A
// later setting of cgocheck in the same value takes the place of the first.
//
// # References
//
//   - https://go.dev/doc/go1.21#cgo
//   - runtime/runtime1.go, parsegodebug
var GODEBUGFatal = &rule.Rule{
	ID:       "service/godebug-fatal",
	Title:    "GODEBUG has a setting with which no Go program starts",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"service"},
	Run: func(p *rule.Pass) {
		for _, a := range assignments(p.Repo, goruntime.DebugVar) {
			settings := goruntime.Debug(a.Variable.Value.Text)
			n, ok := goruntime.DebugNumber(settings, "cgocheck")
			if !ok || n <= 1 {
				continue
			}
			for i, s := range settings {
				if m, ok := goruntime.DebugNumber(settings[i:i+1], "cgocheck"); ok && m == n {
					p.Report(rule.Finding{
						At:      settingAt(a.Variable.Value, s),
						Message: fmt.Sprintf("cgocheck=%s ends every program built with Go 1.21 or later before main", s.Value),
						Proof:   settingNote(a.Variable.Value, s).Proof(),
						Result:  "fatal error: cgocheck > 1 mode is no longer supported at runtime. Use GOEXPERIMENT=cgocheck2 at build time instead.",
						Fixes:   withoutSetting(a.Variable.Value, settings, i),
					})
					break
				}
			}
		}
	},
}

// settingAt is the place of one setting of GODEBUG: of the whole value where it
// cannot be told.
func settingAt(v workload.Variable, s goruntime.Setting) source.Span {
	if v.Value != nil {
		return v.Value.Span(s.Start, s.End)
	}
	if v.At.Text() == v.Text {
		return v.At.Sub(s.Start, s.End)
	}
	return v.At
}

func settingNote(v workload.Variable, s goruntime.Setting) fact.Note {
	return fact.Note{At: settingAt(v, s), Text: "sets " + s.Key + " to " + s.Value}
}

// withoutSetting is the fix that takes a setting out of GODEBUG.
func withoutSetting(v workload.Variable, settings []goruntime.Setting, i int) []rule.Fix {
	s := settings[i]
	at := settingAt(v, s)
	if at.Text() != s.Key+"="+s.Value {
		return nil
	}
	start, end := s.Start, s.End
	switch {
	case len(settings) == 1:
		edits, ok := dropLine(v, goruntime.DebugVar)
		if !ok {
			return nil
		}
		return []rule.Fix{{Title: "Remove the line", Safe: true, Edits: edits}}
	case end < len(v.Text) && v.Text[end] == ',':
		end++
	case start > 0 && v.Text[start-1] == ',':
		start--
	}
	at.Start -= s.Start - start
	at.End += end - s.End
	if at.Text() != v.Text[start:end] {
		return nil
	}
	return []rule.Fix{{Title: "Remove " + s.Key + "=" + s.Value, Safe: true, Edits: []source.Edit{{Span: at}}}}
}
