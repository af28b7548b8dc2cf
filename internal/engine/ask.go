package engine

import (
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Failure says that a rule, or a model it uses, panicked.
type Failure struct {
	Rule *rule.Rule
	repo.Panic
}

// answers is what rules report.
type answers struct {
	findings []rule.Finding
	unjudged []rule.Unjudged
	failures []Failure
}

// ask runs the rules and returns their answers in the order of the rules. The
// rules about seaworthy itself come last: which files could not be read is
// known only when nobody reads any more.
func ask(r *repo.Repo, rules []*rule.Rule) answers {
	var first, last []*rule.Rule
	for _, x := range rules {
		switch {
		case x.Run == nil:
		case x.Family() == "seaworthy":
			last = append(last, x)
		default:
			first = append(first, x)
		}
	}
	var all answers
	for _, a := range append(askAll(r, first), askAll(r, last)...) {
		all.findings = append(all.findings, a.findings...)
		all.unjudged = append(all.unjudged, a.unjudged...)
		all.failures = append(all.failures, a.failures...)
	}
	return all
}

// askAll runs the rules on as many goroutines as there are CPUs.
func askAll(r *repo.Repo, rules []*rule.Rule) []answers {
	all := make([]answers, len(rules))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rules)) {
		wg.Go(func() {
			for i := range next {
				all[i] = askOne(r, rules[i])
			}
		})
	}
	for i := range rules {
		next <- i
	}
	close(next)
	wg.Wait()
	return all
}

// maxFindings bounds what is kept of one rule. One line each of a large file is
// hostile, or tells nothing new.
const maxFindings = 10_000

// askOne runs one rule. What it reported before it panicked counts.
func askOne(r *repo.Repo, x *rule.Rule) (a answers) {
	more := 0
	defer func() {
		if more > 0 {
			a.unjudged = append(a.unjudged, rule.Unjudged{Text: fmt.Sprintf("%s has %d more findings than the %d that are kept", x.ID, more, maxFindings)})
		}
		if v := recover(); v != nil {
			a.failures = []Failure{{Rule: x, Panic: *repo.Recovered(v)}}
		}
	}()
	x.Run(&rule.Pass{
		Repo: r,
		Report: func(f rule.Finding) {
			if len(a.findings) == maxFindings {
				more++
				return
			}
			f.Rule = x
			f.Path = slices.DeleteFunc(slices.Clone(f.Path), func(n fact.Note) bool { return !n.At.Valid() })
			a.findings = append(a.findings, f)
		},
		Unjudged: func(u rule.Unjudged) { a.unjudged = append(a.unjudged, u) },
	})
	return a
}
