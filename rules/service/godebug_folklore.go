package service

import (
	"fmt"
	"strconv"

	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// GODEBUGFolklore reports a GODEBUG setting that has no effect.
//
// # Why
//
// Two kinds of settings do nothing and give no message. `madvdontneed=1` is how
// the runtime returns memory to Linux since Go 1.16 anyway. The variables that
// the runtime itself reads are numbers: `containermaxprocs=off` leaves it on.
//
// # Fix
//
// Remove the setting, or write 0 for off and 1 for on.
//
// # When it is not a problem
//
// Settings that are not in the tables of seaworthy are not reported: a newer
// release may know them.
//
// # References
//
//   - runtime/runtime1.go, dbgvars and parsegodebug
//   - https://go.dev/doc/go1.16#runtime
var GODEBUGFolklore = &rule.Rule{
	ID:       "service/godebug-folklore",
	Title:    "GODEBUG has a setting without effect",
	Severity: rule.Note,
	Since:    "v0.1.0",
	Tags:     []string{"service"},
	Run: func(p *rule.Pass) {
		for _, a := range assignments(p.Repo, goruntime.DebugVar) {
			v := a.Variable.Value
			settings := goruntime.Debug(v.Text)
			for i, s := range settings {
				if why := noEffect(p.Repo, s); why != "" {
					p.Report(rule.Finding{
						At:      settingAt(v, s),
						Message: fmt.Sprintf("%s=%s has no effect: %s", s.Key, s.Value, why),
						Proof:   settingNote(v, s).Proof(),
						Fixes:   withoutSetting(v, settings, i),
					})
				}
			}
		}
	},
}

// noEffect says why a setting has none, "" where it may have one.
func noEffect(r *repo.Repo, s goruntime.Setting) string {
	if s.Key == "madvdontneed" && s.Value == "1" {
		return "it is the default on Linux since Go 1.16"
	}
	known, ok := r.Knowledge().Godebug(s.Key)
	numeric := ok && (known.Runtime || s.Key == "containermaxprocs" || s.Key == "updatemaxprocs")
	if _, err := strconv.ParseInt(s.Value, 10, 32); numeric && err != nil && s.Key != "memprofilerate" {
		return "the runtime reads only numbers"
	}
	return ""
}
