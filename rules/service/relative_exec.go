package service

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// RelativeExec reports a command whose program is a relative path.
//
// # What you see
//
//	app.service:5: Neither a valid executable name nor an absolute path: ./app
//	app.service: Unit configuration has fatal error, unit will not be started.
//
// # Why
//
// WorkingDirectory= has no influence on where systemd looks for the program: it
// takes an absolute path, or a bare name, which it looks up in a fixed search
// path. Variables and ~ are not expanded there. For anything else the unit is
// refused; with the prefix "-" the line is dropped.
//
// A bare name is looked up in
// /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin (ExecSearchPath= changes
// that since systemd 250; PATH does not). systemd before 239, the one of Ubuntu
// 18.04, Debian 9, CentOS 7 and older, refuses it.
//
// # Fix
//
// Write the absolute path.
//
// # Severity
//
// - error: a path with a slash that is not absolute
// - warning: a path that starts with a variable, which something may fill in before the unit is installed (low confidence)
// - warning: a bare name in a folder that is named for a release with an older systemd than 239 (low confidence)
//
// # When it is not a problem
//
// Paths that start with a specifier, such as %h/bin/app, are absolute.
//
// # References
//
// systemd.service(5), "Command lines"; systemd commit
// 5008da1ec1cf2cf8c15b702c4052e3a49583095d (version 239).
var RelativeExec = &rule.Rule{
	ID:       "service/relative-exec",
	Title:    "the program of a unit is not an absolute path",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			for _, prog := range few(programs(l)) {
				if f, ok := relative(p, prog); ok {
					p.Report(f)
				}
			}
		}
	},
}

func relative(p *rule.Pass, prog program) (f rule.Finding, ok bool) {
	name := prog.name()
	switch {
	case prog.isAssignment(), prog.Rejected == "" && substitution.MatchString(name):
		return f, false
	case strings.HasPrefix(name, "$") && !strings.HasPrefix(name, "$("):
		f = onLine(prog.At, "systemd expands no variable here", "%s: the program %s is not an absolute path", prog.Key, short(name))
		f.Confidence = fact.Low
	case prog.Rejected != "":
		f = onLine(prog.At, "systemd refuses the command", "%s: the program %s is not an absolute path", prog.Key, short(name))
		f.Fixes = inWorkingDirectory(p, prog)
	case strings.HasPrefix(name, "/") || strings.ContainsAny(name, "%|"):
		return f, false
	default:
		release, version := oldRelease(prog.File.Source.Path)
		if version == 0 {
			return f, false
		}
		f = onLine(prog.At, "systemd looks programs up by name since version 239",
			"%s: the program %s is named without its path, which systemd %d of %s refuses", prog.Key, short(name), version, release)
		f.Severity, f.Confidence = rule.Warning, fact.Low
	}
	f.Result = prog.Rejected
	return f, true
}

// oldRelease returns the release of a distribution that a folder is named for,
// and its version of systemd, if that is one before 239.
func oldRelease(p string) (name string, version int) {
	releases := map[string]int{
		"jessie": 215, "el7": 219, "centos7": 219, "rhel7": 219, "xenial": 229, "stretch": 232, "bionic": 237,
	}
	words := strings.FieldsFunc(strings.ToLower(path.Dir(p)), func(r rune) bool { return strings.ContainsRune("/-_.", r) })
	for _, w := range words {
		if v := releases[w]; v > 0 {
			return w, v
		}
	}
	return "", 0
}

// inWorkingDirectory is the fix that takes the path relative to
// WorkingDirectory=, as the author did.
func inWorkingDirectory(p *rule.Pass, prog program) []rule.Fix {
	name := prog.name()
	if strings.HasPrefix(name, "~") || prog.At.Text() != name {
		return nil
	}
	for _, u := range units.All.Of(p.Repo) {
		if u.Main != prog.File {
			continue
		}
		dir := u.Last("Service", "WorkingDirectory")
		if dir == nil || dir.Verdict.Outcome != systemd.Accepted {
			return nil
		}
		text := strings.TrimPrefix(dir.Value.Text, "-")
		if !strings.HasPrefix(text, "/") || strings.Contains(text, "%") {
			return nil
		}
		return []rule.Fix{replaceWith(prog.At, path.Join(text, name), true)}
	}
	return nil
}
