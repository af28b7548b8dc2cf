package service

import (
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// program is the first word of a command that systemd runs, or refuses to.
type program struct {
	*units.Line
	At source.Span
	// Rejected is what systemd says of a path that is neither absolute nor a
	// bare name, or "".
	Rejected string
}

// programs returns the programs of a line with commands.
func programs(l *units.Line) []program {
	if l.Kind() != "exec" {
		return nil
	}
	commands, verdict := l.Scope.Exec(l.Key, l.Value, l.ValueAt)
	var all []program
	for _, c := range commands {
		all = append(all, program{Line: l, At: c.Path.At})
	}
	for _, n := range said(verdict) {
		if isRelative(n) {
			all = append(all, program{Line: l, At: n.At, Rejected: n.Text})
		}
	}
	return all
}

// isRelative reports whether a note is about a path that is not absolute.
func isRelative(n systemd.Note) bool {
	return strings.HasPrefix(n.Text, "Neither a valid executable name nor an absolute path") && !strings.HasPrefix(n.At.Text(), "/")
}

// name returns the word without quotes.
func (p program) name() string { return strings.Trim(p.At.Text(), `"'`) }

var setsVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// isAssignment reports whether the word sets a variable, as in a shell.
func (p program) isAssignment() bool { return setsVariable.MatchString(p.name()) }

// isExecHazard reports whether rules about commands speak of what systemd
// rejects in a line.
func isExecHazard(l *units.Line) bool {
	for _, p := range programs(l) {
		if p.Rejected != "" {
			return true
		}
	}
	return false
}

// isShell reports whether a program runs text as a shell does.
func isShell(name string) bool {
	switch path.Base(name) {
	case "sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox":
		return true
	}
	return false
}

// hasLanguage reports whether a program may read its arguments in a language in
// which what a shell treats specially has a meaning, too.
func hasLanguage(name string) bool {
	base := path.Base(name)
	switch strings.TrimRight(base, "0123456789.") {
	case "ssh", "su", "runuser", "flock", "script", "watch", "expr", "awk", "gawk", "mawk", "perl", "python", "ruby", "node", "php",
		"lua", "jq", "yq", "test", "[", "find", "psql", "mysql", "sqlite", "gdb", "sed", "make", "tmux", "screen", "parallel", "pkexec", "eval":
		return true
	}
	return false
}
