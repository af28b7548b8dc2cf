package service

import (
	"fmt"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ProtectHomeHidesPath reports a program, working directory or argument of a
// service in a folder that ProtectHome=, PrivateTmp= or InaccessiblePaths= of
// the same service hides from it.
//
// # What you see
//
//	app.service: Failed at step EXEC spawning /home/app/bin/app: No such file or directory
//	app.service: Main process exited, code=exited, status=203/EXEC
//	app.service: Changing to the requested working directory failed: Permission denied
//	app.service: Main process exited, code=exited, status=200/CHDIR
//
// # Why
//
// With ProtectHome=yes the service sees /home, /root and /run/user as empty
// folders without permissions, with ProtectHome=tmpfs as empty ones. With
// PrivateTmp= it has a /tmp and a /var/tmp of its own, which are empty when it
// starts. The sandbox is set up before the program is started and before its
// working directory is entered.
//
// # Fix
//
// Move the files to /opt, /usr/local or /srv, or write ProtectHome=read-only,
// where reading is enough.
//
// # Severity
//
// - error: the program or the working directory is hidden
// - warning: an argument names a hidden path
//
// # When it is not a problem
//
// EnvironmentFile= is read before the sandbox is set up. Commands with the
// prefix "+" run outside of it, and paths that BindPaths= or BindReadOnlyPaths=
// bring back are not reported, nor are units with a root of their own and those
// of a user's service manager.
//
// # References
//
// systemd.exec(5), "Sandboxing". Measured with systemd 257: with ProtectHome=yes
// a file in /root, and with PrivateTmp=yes one in /tmp, cannot be opened: no such
// file or directory.
var ProtectHomeHidesPath = &rule.Rule{
	ID:       "service/protect-home-hides-path",
	Title:    "a sandbox hides a path that the service uses",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"systemd", "sandbox"},
	Run: func(p *rule.Pass) {
		for _, u := range judgedUnits(p) {
			if u.Scope.User || u.Last("Service", "RootDirectory") != nil || u.Last("Service", "RootImage") != nil {
				continue
			}
			if s := sandboxOf(u); len(s.hides) > 0 {
				s.check(p, u)
			}
		}
	},
}

// sandbox is what a service does not see of the file system.
type sandbox struct {
	hides    []hidden
	restored []string // folders that bind mounts bring back
}

type hidden struct {
	dir string
	by  *systemd.Setting
}

func sandboxOf(u *systemd.Unit) sandbox {
	var s sandbox
	add := func(by *systemd.Setting, dirs ...string) {
		for _, dir := range dirs {
			s.hides = append(s.hides, hidden{dir, by})
		}
	}
	if home := u.Last("Service", "ProtectHome"); home != nil {
		if on, ok := systemd.Bool(home.Value.Text); ok && on || home.Value.Text == "tmpfs" {
			add(home, "/home", "/root", "/run/user")
		}
	}
	if tmp := u.Last("Service", "PrivateTmp"); tmp != nil {
		if on, ok := systemd.Bool(tmp.Value.Text); ok && on {
			add(tmp, "/tmp", "/var/tmp")
		}
	}
	for _, paths := range u.All("Service", "InaccessiblePaths") {
		if paths.Verdict.Outcome == systemd.Accepted && !strings.ContainsAny(paths.Value.Text, `"'\`) {
			for _, dir := range strings.Fields(paths.Value.Text) {
				add(paths, path.Clean(strings.TrimLeft(dir, "-+")))
			}
		}
	}
	for _, key := range []string{"BindPaths", "BindReadOnlyPaths"} {
		for _, b := range u.All("Service", key) {
			for _, word := range strings.Fields(b.Value.Text) {
				s.restored = append(s.restored, strings.Split(strings.TrimPrefix(word, "-"), ":")...)
			}
		}
	}
	return s
}

// hiding returns what hides a path, if anything does.
func (s sandbox) hiding(p string) (hidden, bool) {
	if !strings.HasPrefix(p, "/") {
		return hidden{}, false
	}
	p = path.Clean(p)
	for _, dir := range s.restored {
		if below(p, path.Clean(dir)) || below(path.Clean(dir), p) {
			return hidden{}, false
		}
	}
	for _, h := range s.hides {
		if below(p, h.dir) {
			return h, true
		}
	}
	return hidden{}, false
}

// below reports whether a path is a folder or lies below it.
func below(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

func (s sandbox) check(p *rule.Pass, u *systemd.Unit) {
	if dir := u.Last("Service", "WorkingDirectory"); dir != nil && !strings.HasPrefix(dir.Value.Text, "-") && !strings.Contains(dir.Value.Text, "%") {
		s.report(p, dir.Value.Text, dir.ValueAt, "the working directory", u.Name+": Changing to the requested working directory failed (status=200/CHDIR)", rule.Error)
	}
	for _, key := range []string{"ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"} {
		for _, line := range u.All("Service", key) {
			commands, _ := u.Scope.Exec(key, line.Value, line.ValueAt)
			for _, c := range few(commands) {
				if c.Known && !strings.Contains(c.Prefixes, "+") {
					s.command(p, &c)
				}
			}
		}
	}
}

func (s sandbox) command(p *rule.Pass, c *systemd.Command) {
	if _, ok := s.hiding(c.Path.Text); ok {
		severity := rule.Error
		if c.IgnoreFailure() {
			severity = rule.Warning
		}
		s.report(p, c.Path.Text, c.Path.At, "the program", "Failed at step EXEC spawning "+c.Path.Text+": No such file or directory (status=203/EXEC)", severity)
		return
	}
	for _, w := range few(c.Args) {
		text := w.Text
		if _, value, ok := strings.Cut(text, "="); ok && strings.HasPrefix(text, "-") {
			text = value
		}
		if strings.ContainsAny(text, "$*") || !strings.HasPrefix(text, "/home/") && !strings.HasPrefix(text, "/root/") {
			continue // what lies in /tmp may be made by the program itself
		}
		s.report(p, text, w.At, "the argument", "", rule.Warning)
	}
}

func (s sandbox) report(p *rule.Pass, text string, at source.Span, what, result string, severity rule.Severity) {
	h, ok := s.hiding(text)
	if !ok {
		return
	}
	p.Report(rule.Finding{
		At:       at,
		Message:  fmt.Sprintf("%s %s is hidden from the service by %s", what, short(text), short(h.by.Key+"="+h.by.Value.Text)),
		Severity: severity,
		Proof: fact.Because(
			fact.Note{At: h.by.ValueAt, Text: "the service does not see what is in " + h.dir},
			fact.Note{At: at, Text: "the service uses this path"},
		),
		Result: result,
	})
}
