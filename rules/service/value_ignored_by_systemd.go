package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ValueIgnoredBySystemd reports a value, or a word of one, that systemd rejects.
// Resource limits have a rule of their own, service/limit-ignored-by-systemd.
//
// # What you see
//
// A line in the journal when the unit is loaded, and no failure:
//
//	app.service:4: Failed to parse service type, ignoring: simle
//	app.service:9: Invalid environment assignment, ignoring: export
//
// # Why
//
// What systemd cannot parse it drops with a warning: the whole assignment, or
// of a list only the word. What was assigned before, or the default, stays in
// force, so that a service is not restarted, not sandboxed or not ordered as
// written. Words that are no capability and no secure bit are dropped without
// any message. For a few keys (User=, Group=, DynamicUser=, ExecStart=) systemd
// refuses the whole unit instead.
//
// # Fix
//
// Write one of the words that the directive takes; put quotes around a variable
// whose value has blanks, as in Environment="OPTS=-a -b".
//
// # Severity
//
// - error: where the unit is refused, and for Type=, Restart=, commands and capability sets
// - warning: everything else
// - note: Documentation=
//
// # When it is not a problem
//
// Values that a newer systemd than 257.13 is known to take, and values with a
// specifier that only the installed system settles, are not judged.
//
// # References
//
// systemd.syntax(7), systemd.service(5), systemd.exec(5);
// src/core/load-fragment.c of systemd 257.13. Verdicts are compared with
// systemd-analyze verify in the tests.
var ValueIgnoredBySystemd = &rule.Rule{
	ID:       "service/value-ignored-by-systemd",
	Title:    "systemd rejects a value",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			if l.Kind() == "" || isLimit(l) || isExecHazard(l) {
				continue
			}
			for _, n := range said(l.Verdict) {
				p.Report(valueFinding(l, n))
			}
		}
	},
}

func valueFinding(l *units.Line, n systemd.Note) rule.Finding {
	at, f := n.At, rule.Finding{}
	if at.Len() == 0 {
		at = l.KeyAt
	}
	switch word := at.Text(); {
	case l.Verdict.Outcome == systemd.Refused:
		f = onLine(at, "systemd does not load the unit", "%s makes systemd refuse the unit", written(l.Assignment))
	case l.Verdict.Outcome == systemd.Ignored:
		f = onLine(at, "systemd drops this and keeps what was assigned before, or the default",
			"%s is ignored by systemd", written(l.Assignment))
	default:
		f = onLine(at, "systemd drops this word and keeps the others", "%s: %s is ignored by systemd", l.Key, short(word))
	}
	f.Severity = valueSeverity(l)
	if !n.Silent {
		f.Result = n.Text
	}
	f.Fixes = valueFixes(l)
	return f
}

// valueSeverity is the level at which a rejected value of a line counts.
func valueSeverity(l *units.Line) rule.Severity {
	switch l.Kind() {
	case "service_type", "service_restart", "exec", "capability_set", "user_group_compat", "user_group_strv_compat":
		return rule.Error
	case "documentation":
		return rule.Note
	}
	if l.Verdict.Outcome == systemd.Refused {
		return rule.Error
	}
	return rule.Warning
}

func valueFixes(l *units.Line) []rule.Fix {
	switch l.Kind() {
	case "environ":
		return environmentFixes(l)
	case "unit_deps", "set_status", "capability_set", "address_families":
		spaced := strings.Join(strings.FieldsFunc(l.Value.Text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }), " ")
		if strings.Contains(l.Value.Text, ",") && accepts(l, spaced) {
			return []rule.Fix{replaceWith(l.ValueAt, spaced, true)}
		}
		return nil
	}
	v := strings.TrimSpace(l.Value.Text) // also of spaces that systemd does not know
	meant := nearest.Of(strings.ToLower(v), systemd.Choices(l.Section, l.Key))
	if meant == "" || len(v) < 2 || !accepts(l, meant) {
		return nil
	}
	return []rule.Fix{replaceWith(l.ValueAt, meant, strings.EqualFold(meant, v))}
}

// environmentFixes mends assignments that a shell would take, too: with
// "export" in front, and with the blanks of the value outside of quotes.
func environmentFixes(l *units.Line) []rule.Fix {
	text := l.Value.Text
	if l.ValueAt.Text() != text || strings.ContainsAny(text, `"'\#`) {
		return nil
	}
	if rest, ok := strings.CutPrefix(text, "export "); ok && accepts(l, strings.TrimSpace(rest)) {
		return []rule.Fix{{
			Title: "Remove export", Safe: true,
			Edits: []source.Edit{{Span: l.Value.Span(0, len(text)-len(strings.TrimLeft(rest, " \t")))}},
		}}
	}
	name, _, _ := strings.Cut(text, "=")
	quoted := `"` + text + `"`
	if strings.Count(text, "=") != 1 || !systemd.IsVariableName(name) || !accepts(l, quoted) {
		return nil
	}
	return []rule.Fix{{
		Title: "Quote the assignment", Safe: true,
		Edits: []source.Edit{{Span: l.ValueAt, New: quoted}},
	}}
}
