package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// InlineComment reports what looks like a comment behind a value in a unit.
//
// # What you see
//
//	app.service:7: Invalid CPU quota '50%   ; half a core', ignoring.
//	app.service:8: Invalid environment assignment, ignoring: #
//
// or nothing, where the value can be any text: a program gets "#" and the words
// behind it as arguments.
//
// # Why
//
// Units have comments on lines of their own only: the first character that is
// not a blank is "#" or ";". Anywhere else these are characters of the value. A
// limit with a comment is no limit.
//
// # Fix
//
// Put the comment on a line of its own.
//
// # Severity
//
// - error: systemd drops the assignment or refuses the unit, and it is a limit, Type=, Restart=, a user, a command or a capability set
// - warning: everything else
//
// # When it is not a problem
//
// In Description=, in quotes, and where no blank stands in front of the
// character. In command lines only "#" with a blank behind it counts, and ";"
// between blanks separates two commands.
//
// # References
//
// systemd.syntax(7); src/shared/conf-parser.c of systemd 257.13.
var InlineComment = &rule.Rule{
	ID:       "service/inline-comment",
	Title:    "a comment behind a value is part of the value",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			at, ok := l.Comment()
			if !ok || !isComment(l, at.Text()) {
				continue
			}
			f := onLine(at, "systemd has no comments behind a value", "%s: %q is part of the value, %s", l.Key, short(at.Text()), consequence(l))
			f.Severity = commentSeverity(l)
			if notes := said(l.Verdict); len(notes) > 0 && !notes[0].Silent {
				f.Result = notes[0].Text
			}
			f.Fixes = ownLine(l, at)
			p.Report(f)
		}
	},
}

// isComment reports whether text behind the value of a line is meant as a
// comment.
func isComment(l *units.Line, text string) bool {
	switch l.Kind() {
	case "", "unit_string_printf", "documentation", "warn_compat":
		return false
	case "exec":
		return text == "#" || strings.HasPrefix(text, "# ") || strings.HasPrefix(text, "#\t") || strings.HasPrefix(text, "##")
	}
	return true
}

func consequence(l *units.Line) string {
	switch l.Verdict.Outcome {
	case systemd.Refused:
		return "for which systemd refuses the unit"
	case systemd.Ignored:
		return "which systemd ignores as a whole"
	case systemd.Partial:
		return "in which systemd ignores words"
	}
	return "which systemd takes as it is"
}

func commentSeverity(l *units.Line) rule.Severity {
	if l.Verdict.Outcome == systemd.Ignored || l.Verdict.Outcome == systemd.Refused {
		if isLimit(l) || valueSeverity(l) == rule.Error {
			return rule.Error
		}
	}
	return rule.Warning
}

// ownLine moves a comment that goes to the end of a line to one of its own. That
// is safe where systemd takes what is left.
func ownLine(l *units.Line, at source.Span) []rule.Fix {
	end := at.End
	if strings.Contains(at.Text(), "\n") || end != l.At.End {
		return nil
	}
	start, data := at.Start, at.File.Data()
	for start > 0 && (data[start-1] == ' ' || data[start-1] == '\t') {
		start--
	}
	rest, _ := strings.CutSuffix(l.Value.Text, at.Text())
	return []rule.Fix{{
		Title: "Move the comment to a line of its own",
		Safe:  accepts(l, strings.TrimSpace(rest)),
		Edits: []source.Edit{insertBefore(l.At, at.Text()), {Span: at.File.Span(start, end)}},
	}}
}
