package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// UnknownDirective reports a section, a key or a line of a unit that systemd
// does not know, and so skips.
//
// # What you see
//
// A line in the journal when the unit is loaded, and no failure:
//
//	app.service:6: Unknown key 'CpuQuota' in section [Service], ignoring.
//	app.service:9: Unknown section 'service'. Ignoring.
//	app.service:12: Missing '=', ignoring line.
//
// # Why
//
// Names are case-sensitive, and what systemd does not know has no effect.
// DropCapabilities= and ImportEnvironment=, which circulate in advice, never
// existed: the capabilities stay, and nothing is imported.
//
// # Fix
//
// Write the name that systemd knows. Text for other programs belongs into keys
// and sections that start with "X-", which systemd skips without a word.
//
// # Severity
//
// - warning: a slip of a name that systemd knows, a well-known mistake, a key that was removed, a line without "="
// - note: any other name: it may be one of a newer systemd than 257.13
//
// # When it is not a problem
//
// Directives that came with systemd 258 to 260, as far as their release notes
// name them, are not reported.
//
// # References
//
// systemd.syntax(7), systemd.directives(7); the table is that of
// src/core/load-fragment-gperf.gperf.in of systemd 257.13.
var UnknownDirective = &rule.Rule{
	ID:       "service/unknown-directive",
	Title:    "systemd does not know a section, key or line",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, f := range units.Files.Of(p.Repo) {
			unknownSections(p, f)
			for _, problem := range f.Problems {
				if !problem.Fatal && !strings.HasPrefix(problem.Text, "Unknown section") {
					f := onLine(problem.At, "systemd skips this line", "%s is no assignment that systemd reads", short(problem.At.Text()))
					f.Result = problem.Text
					p.Report(f)
				}
			}
		}
		for _, l := range units.Lines.Of(p.Repo) {
			unknownKey(p, l)
		}
	},
}

// unknownSections reports sections that no type of unit has.
func unknownSections(p *rule.Pass, file *systemd.File) {
	known := []string{"Unit", "Install"}
	if t := file.Type; t != "" {
		known = append(known, strings.ToUpper(t[:1])+t[1:])
	}
	for i := range file.Sections {
		s := &file.Sections[i]
		if !s.Ignored || strings.HasPrefix(s.Name, "X-") || isSection(s.Name) {
			continue
		}
		f := onLine(s.NameAt, "systemd skips this section and all that is in it", "[%s] is a section that systemd does not know", short(s.Name))
		f.Result = "Unknown section '" + s.Name + "'. Ignoring."
		f.Severity = rule.Note
		if meant := slip(s.Name, known); meant != "" {
			f.Severity = rule.Warning
			f.Fixes = []rule.Fix{replaceWith(s.NameAt, meant, strings.EqualFold(meant, s.Name))}
		}
		p.Report(f)
	}
}

// isSection reports whether some type of unit has a section of that name.
func isSection(name string) bool { return len(systemd.Directives(name)) > 0 }

// slip returns the name that differs from s in case only or very little.
func slip(s string, names []string) string {
	for _, name := range names {
		if strings.EqualFold(name, s) {
			return name
		}
	}
	return nearest.Of(s, names)
}

// unknownKey reports a key that no section of the unit's type knows.
func unknownKey(p *rule.Pass, l *units.Line) {
	if l.Kind() == "warn_compat" {
		for _, n := range l.Verdict.Notes {
			f := onLine(l.KeyAt, "systemd skips this assignment", "%s= was removed from systemd and has no effect", l.Key)
			f.Result = n.Text
			p.Report(f)
		}
		return
	}
	if l.Kind() != "" || l.Verdict.Outcome != systemd.Ignored || elsewhere(l) != "" {
		return
	}
	f := onLine(l.KeyAt, "systemd skips this assignment", "%s= is a key that systemd does not know in [%s]", short(l.Key), l.Section)
	f.Result = l.Verdict.Text()
	f.Severity = rule.Note
	if meant := systemd.Suggest(l.Section, l.Key); meant != "" {
		f.Severity = rule.Warning
		f.Fixes = []rule.Fix{replaceWith(l.KeyAt, meant, strings.EqualFold(meant, l.Key))}
	}
	p.Report(f)
}
