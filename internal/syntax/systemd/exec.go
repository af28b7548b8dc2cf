package systemd

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Command is one command line of ExecStart= and its kin.
type Command struct {
	At source.Span // from the prefixes to the last argument
	// Prefixes are the characters of "-@:+!|" in front of the path. "|" came
	// with systemd 258: it lets a shell run the rest, which is not judged.
	Prefixes   string
	PrefixesAt source.Span
	// Path is the program: absolute, or a name that systemd looks for in its
	// fixed search path or that of ExecSearchPath=.
	Path Word
	// Args are the arguments, the name of the program not among them. With the
	// prefix @ the first word behind the path is Argv0 and not an argument.
	Args  []Word
	Argv0 *Word
	// Known is false where a specifier stands that the repository does not
	// settle; the words then keep it as written.
	Known bool
}

// IgnoreFailure reports the prefix "-": failing is no failure, and neither is a
// line that systemd cannot parse.
func (c *Command) IgnoreFailure() bool { return strings.Contains(c.Prefixes, "-") }

// Expands reports whether variables are expanded: there is no prefix ":".
func (c *Command) Expands() bool { return !strings.Contains(c.Prefixes, ":") }

// Exec reads the command lines of one value: one, or several separated by ";" as
// a word of its own. There is no shell: &&, |, >, * and ~ are text. An empty
// value has no command; it resets the list.
func (s Scope) Exec(key string, v *source.Joined, at source.Span) ([]Command, Verdict) {
	c := &checker{scope: s, section: "Service", key: key, value: v, at: at, verdict: Verdict{Outcome: Accepted}}
	return s.exec(c), c.verdict
}

// execLine reads the value under check (config_parse_exec).
type execLine struct {
	*checker
	split  splitter
	rest   string // the command being read and all behind it, for messages
	ignore bool   // the prefix "-" of the command being read
}

func (s Scope) exec(c *checker) []Command {
	x := &execLine{checker: c, split: splitter{text: c.value.Text}, rest: c.value.Text}
	if c.value.Text == "" {
		return nil
	}
	var out []Command
	for {
		cmd, ok, more := x.command()
		if ok {
			out = append(out, cmd)
			x.rest = x.split.rest()
		}
		if !more {
			break
		}
	}
	if c.verdict.Outcome == Ignored && len(out) > 0 {
		c.verdict.Outcome = Partial
	}
	return out
}

// word takes the next word. On an error it returns no word, and bad.
func (x *execLine) word() (w Word, ok, bad bool) {
	start := x.split.pos
	raw, ok, err := x.split.next(blanks, unquote|unescape)
	if err == nil {
		if ok {
			w = raw.trace(x.value)
		}
		return w, ok, false
	}
	x.split.pos = start
	raw, ok, err = x.split.next(blanks, unquote|unescape|relaxEscapes)
	if err != nil {
		x.note(x.at, Note{}, "Unbalanced quoting, ignoring: \"%s\"", x.rest)
		return w, false, true
	}
	w = raw.trace(x.value)
	x.note(w.At, Note{Advice: true}, "Ignoring unknown escape sequences: \"%s\"", w.Text)
	return w, ok, false
}

// fail reports a command that systemd cannot take; with the prefix "-" it is
// dropped, else the unit is refused.
func (x *execLine) fail(at source.Span, format string, args ...any) {
	if x.ignore {
		x.note(at, Note{}, format, args...)
		x.worsen(Ignored)
		return
	}
	x.refuse(at, format, args...)
}

// ignoring is what messages say of a command with the prefix "-".
func (x *execLine) ignoring() string {
	if x.ignore {
		return ", ignoring"
	}
	return ""
}

// command reads one command. ok says that there is one, more that a ";" follows.
func (x *execLine) command() (cmd Command, ok, more bool) {
	first, ok, bad := x.word()
	if bad {
		x.worsen(Ignored)
		return cmd, false, false
	}
	if !ok {
		return cmd, false, false
	}
	if first.Text == ";" {
		return cmd, false, true
	}
	n := prefixes(first.Text)
	cmd = Command{At: first.At, Prefixes: first.Text[:n], PrefixesAt: first.Span(0, n), Known: true}
	x.ignore = cmd.IgnoreFailure()
	if cmd.Path, ok = x.path(first, n, &cmd); !ok {
		return cmd, false, false
	}
	args, more, ok := x.arguments(&cmd)
	if !ok {
		return cmd, false, false
	}
	if strings.Contains(cmd.Prefixes, "@") {
		if len(args) == 0 {
			x.fail(x.at, "Empty executable name or zeroeth argument%s: %s", x.ignoring(), x.rest)
			return cmd, false, false
		}
		cmd.Argv0, args = &args[0], args[1:]
	}
	cmd.Args = args
	return cmd, true, more
}

// prefixes returns the number of prefix characters: each at most once, and at
// most one of + ! !!. An older systemd takes "|" for a part of the path.
func prefixes(s string) int {
	for i := range len(s) {
		before := s[:i]
		plus, bangs := strings.Contains(before, "+"), strings.Count(before, "!")
		switch c := s[i]; {
		case strings.IndexByte("-@:|", c) >= 0 && strings.IndexByte(before, c) < 0:
		case c == '+' && !plus && bangs == 0:
		case c == '!' && !plus && bangs < 2:
		default:
			return i
		}
	}
	return len(s)
}

// path reads the program from the first word, behind its prefixes.
func (x *execLine) path(first Word, n int, cmd *Command) (Word, bool) {
	written := first.Slice(n, len(first.Text))
	w := Word{Joined: written, At: first.Span(n, len(first.Text))}
	out, known, err := x.scope.expand(written, inPath())
	if err != nil {
		x.fail(w.At, "Failed to resolve unit specifiers in '%s'%s: %v", written.Text, x.ignoring(), err)
		return w, false
	}
	w.Joined = out
	cmd.Known = known
	if !known || strings.Contains(cmd.Prefixes, "|") {
		x.unknown()
		return w, true
	}
	switch p := out.Text; {
	case p == "":
		x.fail(x.at, "Empty path in command line%s: %s", x.ignoring(), x.rest)
	case !isSafe(p):
		x.fail(w.At, "Executable path contains special characters%s: %s", x.ignoring(), p)
	case p == "." || p == ".." || strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.") || strings.HasSuffix(p, "/.."):
		x.fail(w.At, "Executable path specifies a directory%s: %s", x.ignoring(), p)
	case p[0] == '/' && !isPath(p), p[0] != '/' && (strings.Contains(p, "/") || len(p) > 255):
		x.fail(w.At, "Neither a valid executable name nor an absolute path%s: %s", x.ignoring(), p)
	default:
		return w, true
	}
	return w, false
}

// arguments reads the words behind the path, up to a lone ";".
func (x *execLine) arguments(cmd *Command) (args []Word, more, ok bool) {
	for x.split.rest() != "" {
		rest := x.split.rest()
		if lone(rest, ";") {
			x.advance(1)
			return args, true, true
		}
		if lone(rest, "\\;") {
			at := x.value.Span(x.split.pos, x.split.pos+2)
			w := Word{Joined: &source.Joined{}, At: at}
			w.AppendAs(";", at)
			args = append(args, w)
			cmd.At = cmd.At.Cover(at)
			x.advance(2)
			continue
		}
		w, some, bad := x.word()
		if bad {
			if x.ignore {
				x.worsen(Ignored)
			} else {
				x.worsen(Refused)
			}
			return nil, false, false
		}
		if !some {
			break
		}
		out, known, err := x.scope.expand(w.Joined, inText())
		if err != nil {
			x.fail(w.At, "Failed to resolve unit specifiers in '%s'%s: %v", w.Text, x.ignoring(), err)
			return nil, false, false
		}
		cmd.Known = cmd.Known && known // an argument can be anything: no doubt about the line
		w.Joined = out
		args = append(args, w)
		cmd.At = cmd.At.Cover(w.At)
	}
	return args, false, true
}

// lone reports whether s starts with a word as it stands.
func lone(s, word string) bool {
	rest, ok := strings.CutPrefix(s, word)
	return ok && (rest == "" || strings.IndexByte(blanks, rest[0]) >= 0)
}

// advance moves behind n bytes and the blanks that follow.
func (x *execLine) advance(n int) { x.split.skip(x.split.pos+n, blanks, 0) }

// Reference is a variable in a word of a command.
type Reference struct {
	Name string
	At   source.Span // with its $ and braces
	// Whole says that the word is $NAME, which becomes as many arguments as the
	// value has words. ${NAME} stays within its word.
	Whole bool
}

// References returns the variables that systemd expands in an argument: $NAME
// if it is the whole word, ${NAME} anywhere. $$ is a dollar sign; everything
// else, $(…) and `…` among it, is text. A name that cannot be one
// (see IsVariableName) becomes nothing (replace_env_argv in
// src/basic/env-util.c).
func References(w Word) []Reference {
	s := w.Text
	if len(s) > 0 && s[0] == '$' && !(len(s) > 1 && (s[1] == '{' || s[1] == '$')) {
		return []Reference{{Name: s[1:], At: w.Span(0, len(s)), Whole: true}}
	}
	var out []Reference
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		if s[i+1] == '{' {
			n := strings.IndexAny(s[i:], "}:") // ${A:-b} is text
			if n < 0 {
				break
			}
			if s[i+n] == '}' {
				out = append(out, Reference{Name: s[i+2 : i+n], At: w.Span(i, i+n+1)})
			}
			i += n
			continue
		}
		i++ // $$, or a $ that is text
	}
	return out
}
