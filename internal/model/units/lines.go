package units

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// Line is one assignment of a unit file or drop-in, with what systemd does with
// it.
type Line struct {
	*systemd.Assignment
	File    *systemd.File
	Scope   systemd.Scope
	Verdict systemd.Verdict
}

// Kind returns the kind of the line's value, or "" where systemd does not know
// the key.
func (l *Line) Kind() string {
	d, _ := systemd.LookUp(l.Section, l.Key)
	return d.Kind
}

// Whole returns the place of the value, or that of the key where it is empty.
func (l *Line) Whole() source.Span {
	if l.ValueAt.Len() == 0 {
		return l.KeyAt
	}
	return l.ValueAt
}

// Files are the unit files and drop-ins of the repository that systemd reads as
// they are, sorted by path: without those that a program fills in before they
// are installed.
var Files = repo.NewModel(func(r *repo.Repo) []*systemd.File {
	all := slices.AppendSeq(slices.Collect(maps.Values(repo.Units.Of(r))), maps.Values(repo.DropIns.Of(r)))
	all = slices.DeleteFunc(all, isTemplate)
	slices.SortFunc(all, func(a, b *systemd.File) int { return cmp.Compare(a.Source.Path, b.Source.Path) })
	return all
})

// Lines are the assignments of Files, in order, but for those in sections that
// systemd skips.
var Lines = repo.NewModel(func(r *repo.Repo) []*Line {
	var all []*Line
	for _, f := range Files.Of(r) {
		scope := scopeOf(f)
		for i := range f.Sections {
			s := &f.Sections[i]
			if s.Ignored {
				continue
			}
			for j := range s.Assignments {
				a := &s.Assignments[j]
				all = append(all, &Line{Assignment: a, File: f, Scope: scope, Verdict: scope.CheckAssignment(a)})
			}
		}
	}
	return all
})

// scopeOf returns for which unit a file is read. A drop-in of many units is
// read for none in particular.
func scopeOf(f *systemd.File) systemd.Scope {
	p := f.Source.Path
	name := path.Base(p)
	if dir, ok := strings.CutSuffix(path.Base(path.Dir(p)), ".d"); ok && strings.HasSuffix(p, ".conf") {
		if name = dir; systemd.IsType(dir) || strings.HasSuffix(strings.TrimSuffix(dir, "."+systemd.TypeOf(p)), "-") {
			name = ""
		}
	}
	return systemd.Scope{Unit: name, User: userUnit(p)}
}

var (
	// action is what stands in a file for text/template, Jinja, ERB or a
	// configure script.
	action = regexp.MustCompile(`\{\{|<%|\{%|@[A-Za-z_][A-Za-z0-9_]*@`)
	// blank is what sed or the reader of an example replaces; names of variables
	// and commands hold it too.
	blank = regexp.MustCompile(`__[A-Z][A-Z0-9_]*__|%%[A-Z][A-Z0-9_]*%%|<[A-Za-z][A-Za-z0-9 _-]*>`)
	// folder is where an installer puts the place of a program: no folder of a
	// relative path, which systemd refuses in any case, is called so.
	folder = regexp.MustCompile(`^[-@:+!|]*[A-Z][A-Z0-9_]*/`)
	// variable is what envsubst and shells replace; systemd does so in commands
	// only.
	variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Z_][A-Z0-9_]*`)
)

// isTemplate reports whether a program fills the file in before systemd reads
// it: an action stands where neither a command nor a variable can hold it, or a
// variable stands where systemd expands none.
func isTemplate(f *systemd.File) bool {
	for _, p := range f.Problems {
		if action.MatchString(p.At.Text()) {
			return true
		}
	}
	for _, s := range f.Sections {
		for i := range s.Assignments {
			if a := &s.Assignments[i]; isFilledIn(a) {
				return true
			}
		}
	}
	return false
}

func isFilledIn(a *systemd.Assignment) bool {
	d, _ := systemd.LookUp(a.Section, a.Key)
	switch d.Kind {
	case "exec": // docker ps --format {{.Names}}
		word, _, _ := strings.Cut(a.Value.Text, " ")
		return action.MatchString(word) || folder.MatchString(word)
	case "environ":
		return action.MatchString(a.Value.Text)
	}
	if d.Kind != "" && variable.MatchString(a.Value.Text) {
		return true
	}
	return action.MatchString(a.Key) || action.MatchString(a.Value.Text) || blank.MatchString(a.Value.Text)
}
