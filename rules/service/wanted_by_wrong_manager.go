package service

import (
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// WantedByWrongManager reports a unit of a user's service manager that is
// installed into a target of the system's.
//
// # What you see
//
// systemctl --user enable succeeds, and the service is not started when the user
// logs in.
//
// # Why
//
// Units under systemd/user are read by the service manager of each user. It has
// no multi-user.target and no graphical.target: the symlink is made in the
// folder of a target that never starts.
//
// # Fix
//
// Write WantedBy=default.target, or graphical-session.target for programs with
// a window.
//
// # When it is not a problem
//
// Only files under a folder systemd/user are judged.
//
// # References
//
// systemd.special(7), "Units managed by the user service manager".
var WantedByWrongManager = &rule.Rule{
	ID:       "service/wanted-by-wrong-manager",
	Title:    "a user unit is wanted by a target of the system",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			if !l.Scope.User || l.Section != "Install" || l.Key != "WantedBy" && l.Key != "RequiredBy" {
				continue
			}
			for _, target := range few(fields(l.Value)) {
				if target.Text != "multi-user.target" && target.Text != "graphical.target" {
					continue
				}
				f := onLine(target.Whole(), "the service manager of a user has no such target",
					"%s=%s: the service manager of a user has no such target", l.Key, target.Text)
				f.Fixes = []rule.Fix{replaceWith(target.Whole(), "default.target", false)}
				p.Report(f)
			}
		}
	},
}
