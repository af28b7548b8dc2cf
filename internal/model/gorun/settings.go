package gorun

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Setting is a place at which a variable of the go command gets a value, with
// the commands that see it. What no go command sees is no Setting.
type Setting struct {
	Name string
	fact.Fact[string]
	At   source.Span
	Runs []*goenv.Run // in order; those that are certain first
}

// Settings is the model of all settings, sorted by place.
var Settings = repo.NewModel(func(r *repo.Repo) []*Setting {
	type key struct {
		name, value string
		at          source.Span
	}
	found := map[key]*Setting{}
	var all []*Setting
	for _, run := range Runs.Of(r) {
		for _, name := range goenv.Variables() {
			f := run.Getenv(name)
			if f.Value == "" || !f.Known() || len(f.Why) == 0 {
				continue
			}
			k := key{name, f.Value, f.Why[len(f.Why)-1].At}
			s := found[k]
			if s == nil {
				s = &Setting{Name: name, Fact: f, At: k.at}
				found[k] = s
				all = append(all, s)
			}
			s.Runs = append(s.Runs, run)
		}
	}
	for _, s := range all {
		slices.SortStableFunc(s.Runs, func(a, b *goenv.Run) int { return rank(a) - rank(b) })
	}
	slices.SortStableFunc(all, func(a, b *Setting) int { return a.At.Compare(b.At) })
	return all
})

func rank(r *goenv.Run) int {
	if r.Certain {
		return 0
	}
	return 1
}

// First returns the first command for which is holds, or nil.
func (s *Setting) First(is func(*goenv.Run) bool) *goenv.Run {
	if i := slices.IndexFunc(s.Runs, is); i >= 0 {
		return s.Runs[i]
	}
	return nil
}
