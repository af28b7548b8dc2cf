package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// AmbientNotInBounding reports a capability that AmbientCapabilities= grants
// and CapabilityBoundingSet= takes away.
//
// # What you see
//
// The program runs without the capability: "listen tcp :80: bind: permission
// denied". systemd before 246 does not start it at all:
//
//	Failed to apply ambient capabilities (before UID change): Operation not permitted
//	Main process exited, code=exited, status=218/CAPABILITIES
//
// # Why
//
// The bounding set is the upper bound of what a process and its children can
// ever have, and the kernel lets no capability outside of it become ambient.
// systemd 246 and later drop such capabilities from the ambient set and say so
// at debug level only.
//
// # Fix
//
// Add the capability to CapabilityBoundingSet=.
//
// # When it is not a problem
//
// Drop-ins are merged as systemd merges them, and sets that are removed with
// "~" or emptied are followed. Without CapabilityBoundingSet= nothing is bound.
//
// # References
//
// systemd.exec(5), capabilities(7); systemd pull request 15959 (version 246).
var AmbientNotInBounding = &rule.Rule{
	ID:       "service/ambient-not-in-bounding",
	Title:    "an ambient capability is not in the bounding set",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "capabilities"},
	Run: func(p *rule.Pass) {
		for _, u := range judgedUnits(p) {
			for _, section := range []string{"Service", "Socket", "Mount", "Swap"} {
				unbound(p, u, section)
			}
		}
	},
}

func unbound(p *rule.Pass, u *systemd.Unit, section string) {
	bounds := u.All(section, "CapabilityBoundingSet")
	grants := u.All(section, "AmbientCapabilities")
	if len(bounds) == 0 || len(grants) == 0 {
		return
	}
	bounding, ambient := capabilitySet(bounds, true), capabilitySet(grants, false)
	last := bounds[len(bounds)-1]
	reported := map[string]bool{}
	for _, g := range grants {
		names, inverted, _ := systemd.Capabilities(g.Value)
		if inverted {
			continue
		}
		for _, w := range names {
			name := strings.ToUpper(w.Text)
			if !strings.HasPrefix(name, "CAP_") || !ambient.has(name) || bounding.has(name) || reported[name] {
				continue
			}
			reported[name] = true
			f := rule.Finding{
				At:      w.At,
				Message: "AmbientCapabilities: " + name + " is not in CapabilityBoundingSet=, so that the program does not get it",
				Proof: fact.Because(
					fact.Note{At: w.At, Text: "the program is to have the capability"},
					fact.Note{At: boundAt(last), Text: "the bounding set does not hold it"},
				),
				Result: "Failed to apply ambient capabilities (before UID change): Operation not permitted (before systemd 246)",
			}
			if _, inverted, _ := systemd.Capabilities(last.Value); !inverted && len(bounds) == 1 && last.Value.Text != "" {
				f.Fixes = []rule.Fix{{Title: "Add " + name + " to the bounding set", Safe: true,
					Edits: []source.Edit{{Span: last.File.Source.Span(last.At.End, last.At.End), New: " " + name}}}}
			}
			p.Report(f)
		}
	}
}

// boundAt is the place of a setting of the bounding set, also of an empty one.
func boundAt(s *systemd.Setting) source.Span {
	if s.ValueAt.Len() == 0 {
		return s.At
	}
	return s.ValueAt
}

// capabilities is a set, or all but the named ones.
type capabilities struct {
	names  map[string]bool
	allBut bool
}

func (c *capabilities) has(name string) bool { return c.names[name] != c.allBut }

// capabilitySet joins assignments as config_parse_capability_set does: the
// first replaces the initial set, the others add to it or, with "~", take away.
func capabilitySet(settings []*systemd.Setting, all bool) *capabilities {
	c := &capabilities{names: map[string]bool{}, allBut: all}
	for i, s := range settings {
		words, inverted, _ := systemd.Capabilities(s.Value)
		if i == 0 || len(words) == 0 {
			c = &capabilities{names: map[string]bool{}, allBut: inverted}
		}
		for _, w := range words {
			if inverted == c.allBut {
				c.names[strings.ToUpper(w.Text)] = true
			} else {
				delete(c.names, strings.ToUpper(w.Text))
			}
		}
	}
	return c
}
