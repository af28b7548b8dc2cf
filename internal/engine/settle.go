package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// dropUnproved removes findings that rest on something unknown.
func dropUnproved(findings []rule.Finding) []rule.Finding {
	return slices.DeleteFunc(findings, func(f rule.Finding) bool {
		return f.Confidence == fact.Unknown || !f.At.Valid()
	})
}

// dropExcluded removes findings in files that the configuration excludes.
func dropExcluded(findings []rule.Finding, c *config.Config) []rule.Finding {
	return slices.DeleteFunc(findings, func(f rule.Finding) bool { return c.Excluded(f.At.File.Path) })
}

// setLevels gives each finding the severity that counts and hides what the
// profile does not show.
func setLevels(findings []rule.Finding, o Options) {
	for i := range findings {
		f := &findings[i]
		f.Severity = severity(f, o.Config)
		f.Hidden = !o.Audit && (f.Severity == rule.Note || f.Confidence == fact.Low)
	}
}

// severity returns the level of a finding: what the configuration says about
// its rule, else its own, but never above the rule's; and what is only inferred
// is never above a warning.
func severity(f *rule.Finding, c *config.Config) rule.Severity {
	s := f.Rule.Severity
	if f.Severity != rule.Default {
		s = min(s, f.Severity)
	}
	if set := c.SeverityOf(f.Rule.ID); set != rule.Default {
		s = set
	}
	if f.Confidence == fact.Low {
		s = min(s, rule.Warning)
	}
	return s
}

// specific lists rules that can speak of the same bytes, the most specific
// first: where two of a list do, the later one is dropped. Rules in one string
// are equals.
var specific = [][]string{
	{
		"service/inline-comment",
		"service/env-not-expanded service/exec-shell-syntax",
		"service/gomemlimit-malformed service/gomaxprocs-not-a-number service/gogc-not-a-number service/godebug-fatal",
		"service/limit-ignored-by-systemd",
		"service/value-ignored-by-systemd",
	},
	{"service/unknown-directive", "service/wrong-section"},
	{"module/gomod-invalid", "module/require-not-canonical"},
}

// dropLessSpecific removes findings about bytes of which a more specific rule
// speaks, unless that one is hidden and they are not.
func dropLessSpecific(findings []rule.Finding) []rule.Finding {
	for _, list := range specific {
		rank := map[string]int{}
		for i, ids := range list {
			for _, id := range strings.Fields(ids) {
				rank[id] = len(list) - i
			}
		}
		findings = dropOutranked(findings, rank)
	}
	return findings
}

func dropOutranked(findings []rule.Finding, rank map[string]int) []rule.Finding {
	ranked := map[*source.File][]rule.Finding{}
	for _, f := range findings {
		if rank[f.Rule.ID] > 0 {
			ranked[f.At.File] = append(ranked[f.At.File], f)
		}
	}
	rivals := map[*source.File]neighbours{}
	for file, list := range ranked {
		rivals[file] = newNeighbours(list)
	}
	return slices.DeleteFunc(findings, func(f rule.Finding) bool {
		return rank[f.Rule.ID] > 0 && rivals[f.At.File].any(f.At, func(g rule.Finding) bool {
			return rank[g.Rule.ID] > rank[f.Rule.ID] && (f.Hidden || !g.Hidden)
		})
	})
}

// neighbours holds the findings of one file by where they start, so that those
// at a place are found without looking at all: a file can be made to have very
// many.
type neighbours struct {
	list []rule.Finding
	end  []int // end[i] is how far list[:i+1] reaches
}

func newNeighbours(list []rule.Finding) neighbours {
	slices.SortStableFunc(list, func(a, b rule.Finding) int { return a.At.Start - b.At.Start })
	n := neighbours{list: list, end: make([]int, len(list))}
	reach := 0
	for i, f := range list {
		reach = max(reach, f.At.End)
		n.end[i] = reach
	}
	return n
}

// any reports whether a finding that overlaps the place satisfies is.
func (n neighbours) any(at source.Span, is func(rule.Finding) bool) bool {
	behind, _ := slices.BinarySearchFunc(n.list, max(at.End, at.Start+1), func(f rule.Finding, end int) int { return f.At.Start - end })
	for i := behind - 1; i >= 0 && n.end[i] >= at.Start; i-- {
		if overlap(at, n.list[i].At) && is(n.list[i]) {
			return true
		}
	}
	return false
}

// overlap reports whether spans of one file share a byte, or are the same.
func overlap(a, b source.Span) bool {
	return a == b || a.Start < b.End && b.Start < a.End
}

// dropElsewhere removes findings without any evidence under a path.
func dropElsewhere(findings []rule.Finding, under string) []rule.Finding {
	return slices.DeleteFunc(findings, func(f rule.Finding) bool {
		return !IsUnder(f.At.File.Path, under) &&
			!slices.ContainsFunc(f.Path, func(n fact.Note) bool { return IsUnder(n.At.File.Path, under) })
	})
}

// IsUnder reports whether a file is under, or lies below it. Both are relative
// to the root; "" and "." are the root.
func IsUnder(path, under string) bool {
	if under == "" || under == "." {
		return true
	}
	rest, ok := strings.CutPrefix(path, under)
	return ok && (rest == "" || rest[0] == '/')
}

// once sorts the findings by path, offset and rule, and keeps the first of
// those that say the same of the same place: one that is shown, if any is, and
// the one that is proved best.
func once(findings []rule.Finding) []rule.Finding {
	slices.SortStableFunc(findings, func(a, b rule.Finding) int {
		return cmp.Or(
			a.At.Compare(b.At),
			strings.Compare(a.Rule.ID, b.Rule.ID),
			strings.Compare(a.Message, b.Message),
			cmp.Compare(silence(a), silence(b)),
			cmp.Compare(b.Severity, a.Severity),
			cmp.Compare(b.Confidence, a.Confidence),
		)
	})
	return slices.CompactFunc(findings, func(a, b rule.Finding) bool {
		return a.At == b.At && a.Rule == b.Rule && a.Message == b.Message
	})
}

func silence(f rule.Finding) int {
	switch {
	case f.Suppression != nil:
		return 2
	case f.Hidden:
		return 1
	}
	return 0
}

// settleUnjudged sorts what could not be judged, each once, without what is
// excluded or elsewhere. What stands nowhere counts everywhere.
func settleUnjudged(unjudged []rule.Unjudged, o Options) []rule.Unjudged {
	unjudged = slices.DeleteFunc(unjudged, func(u rule.Unjudged) bool {
		return u.At.Valid() && (o.Config.Excluded(u.At.File.Path) || !IsUnder(u.At.File.Path, o.Under))
	})
	slices.SortStableFunc(unjudged, func(a, b rule.Unjudged) int {
		return cmp.Or(comparePlace(a.At, b.At), strings.Compare(a.Text, b.Text), strings.Compare(a.Hint, b.Hint))
	})
	return slices.Compact(unjudged)
}

// comparePlace orders spans, those that are no place last.
func comparePlace(a, b source.Span) int {
	if !a.Valid() || !b.Valid() {
		return cmp.Compare(boolInt(!a.Valid()), boolInt(!b.Valid()))
	}
	return a.Compare(b)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
