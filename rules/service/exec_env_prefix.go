package service

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ExecEnvPrefix reports a command line that starts with a variable, as in a
// shell: ExecStart=PORT=80 /usr/bin/app.
//
// # What you see
//
//	app.service:3: Neither a valid executable name nor an absolute path: DIR=/srv
//	app.service: Failed at step EXEC spawning PORT=80: No such file or directory
//
// # Why
//
// No shell reads the line. systemd takes the first word for the program: with a
// slash in it the unit is refused, without one no such program is found.
//
// # Fix
//
// Set the variable with Environment=, which counts for all commands of the
// unit, or run the program with /usr/bin/env.
//
// # When it is not a problem
//
// An assignment behind the program, as in /usr/bin/env PORT=80 /usr/bin/app, is
// an argument.
//
// # References
//
// systemd.service(5), "Command lines"; systemd.exec(5), Environment=.
var ExecEnvPrefix = &rule.Rule{
	ID:       "service/exec-env-prefix",
	Title:    "a command line starts with a variable",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		count := map[*systemd.File]int{}
		for _, l := range units.Lines.Of(p.Repo) {
			if l.Kind() == "exec" && l.Value.Text != "" {
				count[l.File]++
			}
		}
		for _, l := range units.Lines.Of(p.Repo) {
			for _, prog := range few(programs(l)) {
				if !prog.isAssignment() {
					continue
				}
				f := onLine(prog.At, "systemd takes this word for the program",
					"%s: %s stands where systemd expects the program", l.Key, short(prog.name()))
				f.Result = prog.Rejected
				f.Fixes = intoEnvironment(prog, count[l.File] == 1)
				p.Report(f)
			}
		}
	},
}

// intoEnvironment moves the variables in front of a program to a line of their
// own. It is safe where the unit file has no other command.
func intoEnvironment(prog program, only bool) []rule.Fix {
	text := prog.Value.Text
	words := strings.Fields(text)
	first := strings.TrimLeft(words[0], "-@:+!|")
	if prog.ValueAt.Text() != text || strings.ContainsAny(text, "\"'\\$") || !setsVariable.MatchString(first) {
		return nil
	}
	variables := []string{first}
	end := strings.Index(text, first) + len(first)
	for _, w := range words[1:] {
		if !setsVariable.MatchString(w) {
			break
		}
		variables = append(variables, w)
		end += strings.Index(text[end:], w) + len(w)
	}
	rest := strings.TrimLeft(text[end:], " \t")
	if !strings.HasPrefix(rest, "/") {
		return nil
	}
	prefix := len(words[0]) - len(first)
	return []rule.Fix{{
		Title: "Set the variables with Environment=",
		Safe:  prog.Section == "Service" && only,
		Edits: []source.Edit{
			insertBefore(prog.At, "Environment="+strings.Join(variables, " ")),
			{Span: prog.Value.Span(prefix, len(text)-len(rest))},
		},
	}}
}
