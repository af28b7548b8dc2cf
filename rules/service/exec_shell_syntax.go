package service

import (
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// ExecShellSyntax reports words of a command line that only a shell would treat
// specially: operators, redirections, substitutions, globs.
//
// # What you see
//
// No complaint of systemd: the program gets the words as arguments, and
// complains about them, ignores them, or takes them for files. Of $HOME/data
// the journal says
//
//	Invalid environment variable name evaluates to an empty string: HOME/data
//
// # Why
//
// No shell reads the command line. systemd splits it into words itself,
// replaces $NAME where it is a whole word and ${NAME} anywhere, and knows one
// operator: a ";" between blanks separates two commands. Everything else
// reaches the program as it is written: && and ||, |, >, 2>&1, & at the end,
// $(…), text in backquotes, ${NAME:-default}, $NAME within a word, ~ and *.
//
// # Fix
//
// Give what needs a shell to one: /bin/sh -c 'exec …'. Several commands are
// several ExecStartPre= lines; output goes to a file with
// StandardOutput=append:/var/log/app.log; ${NAME} can stand within a word.
//
// # When it is not a problem
//
// Words in quotes, the script of a shell, and arguments of programs that have a
// language of their own (ssh, awk, find, …) are not reported. A leading ~ is
// reported with low confidence, because some programs expand it themselves, and
// * only for programs that are known not to.
//
// # References
//
// systemd.service(5), "Command lines"; replace_env_argv in src/basic/env-util.c
// of systemd 257.13.
var ExecShellSyntax = &rule.Rule{
	ID:       "service/exec-shell-syntax",
	Title:    "shell syntax in a command line without a shell",
	Severity: rule.Warning,
	Since:    "v0.1.0",
	Tags:     []string{"systemd"},
	Run: func(p *rule.Pass) {
		for _, l := range units.Lines.Of(p.Repo) {
			if l.Kind() != "exec" {
				continue
			}
			commands, _ := l.Scope.Exec(l.Key, l.Value, l.ValueAt)
			for _, c := range few(commands) {
				shellSyntax(p, l, &c)
			}
		}
	},
}

var (
	operator = regexp.MustCompile(`^(&&|\|\|?|\|&|[0-9&]?>>?|<|<<<?|[0-9]?>&[0-9]|[0-9&]?>>?(/|\./).*|<(/|\./).*)$`)
	// pipe and separator are operators that stick to a word.
	pipe         = regexp.MustCompile(`^[^"'=]*[A-Za-z0-9]\|\|?(grep|awk|xargs|sed|head|tail|tee|cut|wc|sort|sh|bash)$`)
	separator    = regexp.MustCompile(`^[^"']*[A-Za-z0-9];$`)
	substitution = regexp.MustCompile("\\$\\(|`.+`|^`|`$|\\$\\{[A-Za-z_][A-Za-z0-9_]*(:?[-+=?]|[#%/^,])")
	// embedded is a variable within a word, or in front of more.
	embedded = regexp.MustCompile(`(?:^|[^$])(\$[A-Z_][A-Z0-9_]*)`)
)

func shellSyntax(p *rule.Pass, l *units.Line, c *systemd.Command) {
	name := c.Path.Text
	if hasLanguage(name) || strings.Contains(c.Prefixes, "|") {
		return
	}
	if substitution.MatchString(name) || isBuiltin(name) {
		p.Report(onLine(c.Path.At, "systemd looks for a program of this name", "%s: %s is for a shell, not a program", l.Key, short(name)))
		return
	}
	shell, script, last := isShell(name), -1, len(c.Args)-1
	for i, w := range few(c.Args) {
		if i == script {
			continue
		}
		if hasLanguage(w.Text) && !shell {
			return // docker exec db psql …
		}
		if shell && script < 0 && isCommandFlag(w.Text) {
			script = i + 1
		}
		shell = shell || isShell(w.Text)
		text := w.At.Text()
		switch {
		case operator.MatchString(text), text == "&" && i == last, pipe.MatchString(text),
			separator.MatchString(text) && i < last && strings.HasPrefix(c.Args[i+1].Text, "/"):
			f := onLine(w.At, "systemd hands this to the program as an argument", "%s: %s reaches %s as an argument, not as an operator", l.Key, short(text), short(path.Base(name)))
			f.Fixes = inShell(l, c)
			p.Report(f)
			return // what stands behind it was not meant for this program
		case !strings.Contains(text, "'"):
			shellWord(p, l, c, w)
		}
	}
}

// isBuiltin reports whether a name is a word of the shell's language, for which
// there is no program, or one without effect.
func isBuiltin(name string) bool {
	switch name {
	case "cd", "source", "export", "exec", "eval", "set", "unset", "ulimit", "umask", "alias", "trap", "if", "for", "while", "until", "case":
		return true
	}
	return false
}

// isCommandFlag reports whether the word behind it is what a shell runs: -c,
// also with other letters.
func isCommandFlag(s string) bool {
	return strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "--") && strings.HasSuffix(s, "c")
}

// shellWord reports what a shell would replace in a word.
func shellWord(p *rule.Pass, l *units.Line, c *systemd.Command, w systemd.Word) {
	const note = "systemd hands this to the program as it is written"
	name, text := short(path.Base(c.Path.Text)), w.At.Text()
	switch {
	case substitution.MatchString(text):
		p.Report(onLine(w.At, note, "%s: %s is handed to %s as it is written", l.Key, short(text), name))
	case strings.HasPrefix(text, "~/"):
		f := onLine(w.At, note, "%s: %s is handed to %s as it is written", l.Key, short(text), name)
		if !takesFiles(name) {
			f.Confidence = fact.Low
		}
		p.Report(f)
	case takesFiles(name) && strings.HasPrefix(text, "/") && strings.ContainsAny(text, "*?"):
		p.Report(onLine(w.At, note, "%s: %s is handed to %s as it is written", l.Key, short(text), name))
	case c.Expands():
		embeddedVariables(p, l, w)
	}
}

// embeddedVariables reports $NAME that is not a word of its own.
func embeddedVariables(p *rule.Pass, l *units.Line, w systemd.Word) {
	refs := systemd.References(w)
	whole := len(refs) == 1 && refs[0].Whole
	if whole && systemd.IsVariableName(refs[0].Name) {
		return
	}
	word := short(w.At.Text())
	for _, m := range embedded.FindAllStringSubmatchIndex(w.Text, 5) {
		at := w.Span(m[2], m[3])
		name := at.Text()
		if at.Len() != m[3]-m[2] {
			continue
		}
		note, text := "systemd hands this to the program as it is written", "%s: %s within %s is not expanded"
		if whole {
			note, text = "systemd takes the whole word for the name of a variable", "%s: %s within %s makes the word empty"
		}
		f := onLine(at, note, text, l.Key, short(name), word)
		f.Fixes = []rule.Fix{replaceWith(at, "${"+name[1:]+"}", true)}
		p.Report(f)
		if whole {
			return
		}
	}
}

// takesFiles names programs that look for files of exactly the names they get.
func takesFiles(name string) bool {
	switch name {
	case "rm", "cp", "mv", "ln", "cat", "chmod", "chown", "chgrp", "touch", "ls", "stat", "mkdir", "rmdir", "unlink", "install", "du",
		"head", "tail", "tee", "cd":
		return true
	}
	return false
}

// inShell gives a whole command line to a shell.
func inShell(l *units.Line, c *systemd.Command) []rule.Fix {
	text := l.Value.Text[len(c.Prefixes):]
	if isShell(c.Path.Text) || l.ValueAt.Text() != l.Value.Text || strings.ContainsAny(text, `'\`) || strings.Contains(text, " ; ") {
		return nil
	}
	at := l.Value.Span(len(c.Prefixes), len(l.Value.Text))
	return []rule.Fix{{
		Title: "Run it in a shell",
		Edits: []source.Edit{{Span: at, New: "/bin/sh -c '" + text + "'"}},
	}}
}
