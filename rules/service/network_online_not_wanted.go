package service

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

const networkOnline = "network-online.target"

// NetworkOnlineNotWanted reports a unit that is ordered after
// network-online.target but does not pull it in.
//
// # What you see
//
// On machines where nothing else wants the target, the program starts before
// there is an address or a route, and its first connections fail ("dial tcp:
// lookup …: Temporary failure in name resolution", "network is unreachable").
//
// # Why
//
// After= only orders units that are started anyway. network-online.target is
// not started by default: a unit that needs it has to want it.
//
// # Fix
//
// Add Wants=network-online.target.
//
// # When it is not a problem
//
// Wants=, Requires=, BindsTo= or Requisite= of the unit or its drop-ins name the
// target, the unit itself is installed into it, or the unit is ordered after the
// services that bring the network up as well (systemd-networkd.service, …), which
// shows that it only wants to be late. A service or target that the unit pulls in
// may want the target, as docker.service does. Units of a user's service manager,
// which has no such target, and orders in drop-ins are not judged.
//
// # References
//
// systemd.special(7), network-online.target; https://systemd.io/NETWORK_ONLINE/
var NetworkOnlineNotWanted = &rule.Rule{
	ID:       "service/network-online-not-wanted",
	Title:    "After=network-online.target without Wants=",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "network"},
	Run: func(p *rule.Pass) {
		for _, u := range judgedUnits(p) {
			if u.Main == nil || u.Scope.User {
				continue
			}
			after, s := target(u, "After")
			if s == nil || s.File != u.Main || pullsIn(u) || managesNetwork(u) {
				continue
			}
			p.Report(rule.Finding{
				At:      after,
				Message: "After=" + networkOnline + " has no effect unless something else starts the target: " + u.Name + " does not want it",
				Proof:   fact.Note{At: after, Text: "this orders the unit, it does not start the target"}.Proof(),
				Fixes: []rule.Fix{{
					Title: "Want the target", Safe: true,
					Edits: []source.Edit{insertAfter(s.At, "Wants="+networkOnline)},
				}},
			})
		}
	},
}

// managesNetwork reports whether a unit is ordered after what brings the network
// up as well: it is meant to be late, not to start the network.
func managesNetwork(u *systemd.Unit) bool {
	for _, s := range u.All("Unit", "After") {
		for _, name := range strings.Fields(s.Value.Text) {
			switch name {
			case "NetworkManager.service", "systemd-networkd.service", "networking.service", "connman.service",
				"NetworkManager-wait-online.service", "systemd-networkd-wait-online.service":
				return true
			}
		}
	}
	return false
}

// pullsIn reports whether starting a unit starts network-online.target or may do
// so, or the other way round.
func pullsIn(u *systemd.Unit) bool {
	for _, key := range []string{"Wants", "Requires", "BindsTo", "Requisite", "Upholds"} {
		for _, s := range u.All("Unit", key) {
			if slices.ContainsFunc(strings.Fields(s.Value.Text), mayWantNetwork) {
				return true
			}
		}
	}
	for _, key := range []string{"WantedBy", "RequiredBy", "UpheldBy"} {
		for _, s := range u.All("Install", key) {
			if slices.Contains(strings.Fields(s.Value.Text), networkOnline) {
				return true
			}
		}
	}
	return false
}

// mayWantNetwork reports whether a unit is network-online.target, or one that may
// pull it in: any service or target but those that stand before it.
func mayWantNetwork(name string) bool {
	switch name {
	case "network.target", "network-pre.target", "basic.target", "sysinit.target", "local-fs.target", "nss-lookup.target",
		"nss-user-lookup.target", "time-sync.target", "time-set.target", "syslog.target", "dbus.service":
		return false
	}
	return strings.HasSuffix(name, ".service") || strings.HasSuffix(name, ".target")
}

// target returns where a key of [Unit] names network-online.target.
func target(u *systemd.Unit, key string) (source.Span, *systemd.Setting) {
	for _, s := range u.All("Unit", key) {
		for _, w := range fields(s.Value) {
			if w.Text == networkOnline {
				return w.Whole(), s
			}
		}
	}
	return source.Span{}, nil
}
