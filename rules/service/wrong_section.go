package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// WrongSection reports a key that systemd knows, but not in the section where
// it stands, and a section that belongs to another type of unit.
//
// # What you see
//
//	app.service:8: Unknown key 'StartLimitIntervalSec' in section [Service], ignoring.
//	app.service:12: Unknown section 'Timer'. Ignoring.
//
// # Why
//
// systemd looks keys up together with their section. The assignment has no
// effect: the service is restarted as often as the default allows, not ordered,
// not enabled. Most frequent is StartLimitIntervalSec=, which belongs into
// [Unit]; only its old name StartLimitInterval= is known in [Service], too, and
// so are StartLimitBurst= and StartLimitAction=.
//
// # Fix
//
// Move the line to the section that knows the key. Where the key belongs to
// another type of unit, it needs a unit of that type.
//
// # When it is not a problem
//
// Keys that systemd accepts in [Service] under their old name are left alone.
//
// # References
//
// systemd.unit(5), systemd.service(5); the table is that of
// src/core/load-fragment-gperf.gperf.in of systemd 257.13.
var WrongSection = &rule.Rule{
	ID:       "service/wrong-section",
	Title:    "a key stands in a section that does not know it",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, f := range units.Files.Of(p.Repo) {
			foreignSections(p, f)
		}
		known := map[*systemd.File]map[string]*contents{}
		for _, l := range units.Lines.Of(p.Repo) {
			if section := elsewhere(l); section != "" {
				if known[l.File] == nil {
					known[l.File] = contentsOf(l.File)
				}
				p.Report(misplaced(l, section, known[l.File][section]))
			}
		}
	},
}

// foreignSections reports the sections of other types of unit.
func foreignSections(p *rule.Pass, file *systemd.File) {
	for i := range file.Sections {
		s := &file.Sections[i]
		if s.Ignored && isSection(s.Name) {
			f := onLine(s.NameAt, "systemd skips this section and all that is in it",
				"[%s] belongs to a .%s unit and is ignored in a .%s", s.Name, strings.ToLower(s.Name), file.Type)
			f.Result = fmt.Sprintf("Unknown section '%s'. Ignoring.", s.Name)
			p.Report(f)
		}
	}
}

// elsewhere returns the section that knows the key of a line which its own does
// not know, those of the unit's type first; "" where there is none.
func elsewhere(l *units.Line) string {
	if l.Kind() != "" || l.Verdict.Outcome != systemd.Ignored {
		return ""
	}
	for _, unitType := range []string{l.File.Type, ""} {
		if sections := systemd.SectionsWith(unitType, l.Key); len(sections) > 0 {
			return sections[0]
		}
	}
	return ""
}

// contents is what the sections of one name hold.
type contents struct {
	end  source.Span // the last header or assignment
	keys map[string]bool
}

func contentsOf(f *systemd.File) map[string]*contents {
	all := map[string]*contents{}
	for i := range f.Sections {
		s := &f.Sections[i]
		c := all[s.Name]
		if c == nil {
			c = &contents{keys: map[string]bool{}}
			all[s.Name] = c
		}
		c.end = s.At
		for j := range s.Assignments {
			c.keys[s.Assignments[j].Key] = true
			c.end = s.Assignments[j].At
		}
	}
	return all
}

func misplaced(l *units.Line, section string, there *contents) rule.Finding {
	f := onLine(l.KeyAt, "systemd skips this assignment", "%s= has no effect in [%s]: it is a key of [%s]", l.Key, l.Section, section)
	f.Result = l.Verdict.Text()
	if slices.Contains(systemd.SectionsWith(l.File.Type, l.Key), section) && l.Scope.Check(section, l.Key, l.Value, l.ValueAt).Outcome == systemd.Accepted {
		if edits := move(l, section, there); edits != nil {
			f.Fixes = []rule.Fix{{Title: fmt.Sprintf("Move it to [%s]", section), Safe: true, Edits: edits}}
		}
	}
	return f
}

// move takes a line to another section, which it opens where there is none. It
// does nothing if the key is there already.
func move(l *units.Line, section string, there *contents) []source.Edit {
	if there != nil && there.keys[l.Key] {
		return nil
	}
	from := lines(l.At)
	text := strings.TrimRight(from.Text(), "\r\n")
	remove := source.Edit{Span: from}
	switch first := l.File.Sections[0].At; {
	case there != nil:
		return []source.Edit{remove, insertAfter(there.end, text)}
	case section == "Unit":
		return []source.Edit{remove, insertBefore(first, "[Unit]\n"+text+"\n")}
	}
	size := len(l.File.Source.Data())
	return []source.Edit{remove, insertAfter(l.File.Source.Span(size-1, size-1), "\n["+section+"]\n"+text)}
}
