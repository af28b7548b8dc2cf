package service

import (
	"fmt"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// repeats reports findings on the limits of services, those on one program under
// one name with one limit together: the manifests of all releases, or of all
// overlays, say the same.
type repeats struct {
	all   []rule.Finding
	more  []int          // how many others each stands for
	first map[string]int // by what they have in common
	seen  map[source.Span]bool
}

// add takes in a finding on a service and its limit.
func (r *repeats) add(s *workload.Service, limit any, f rule.Finding) {
	key := fmt.Sprint(s.Kind, s.Name, s.Program.Value.Main.Dir, limit, f.Severity, f.Proof.Confidence)
	if r.first == nil {
		r.first, r.seen = map[string]int{}, map[source.Span]bool{}
	}
	known := r.seen[f.At] // several overlays can take one manifest
	r.seen[f.At] = true
	if i, ok := r.first[key]; ok {
		if !known {
			r.more[i]++
		}
		r.all[i].Fixes = together(r.all[i].Fixes, f.Fixes)
		return
	}
	r.first[key] = len(r.all)
	r.all, r.more = append(r.all, f), append(r.more, 0)
}

// together are the fixes that both findings have, with the edits of both.
func together(x, y []rule.Fix) []rule.Fix {
	var both []rule.Fix
	for _, fix := range x {
		i := slices.IndexFunc(y, func(f rule.Fix) bool { return f.Title == fix.Title })
		if i < 0 {
			continue
		}
		fix.Edits = slices.Clone(fix.Edits)
		for _, e := range y[i].Edits {
			if !slices.Contains(fix.Edits, e) {
				fix.Edits = append(fix.Edits, e)
			}
		}
		both = append(both, fix)
	}
	return both
}

func (r *repeats) report(p *rule.Pass) {
	for i, f := range r.all {
		switch n := r.more[i]; n {
		case 0:
		case 1:
			f.Message += ", here and in one more place"
		default:
			f.Message += fmt.Sprintf(", here and in %d more places", n)
		}
		p.Report(f)
	}
}
