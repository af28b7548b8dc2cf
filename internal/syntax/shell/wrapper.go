package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// wrapper evaluates programs that run another one with the words behind their
// options. It returns false for all others.
func (m *machine) wrapper(st *State, name string, x *invocation) (status, bool) {
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		switch name[:i] {
		case "/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin":
			name = name[i+1:]
		default:
			return 0, false
		}
	}
	switch name {
	case "env":
		return m.env(st, x), true
	case "sudo", "doas":
		return m.sudo(st, name, x), true
	case "nohup", "setsid", "catchsegv":
		return m.behind(st, x, "", ""), true
	case "time":
		return m.behind(st, x, "of", ""), true
	case "nice", "ionice", "chrt", "taskset":
		return m.behind(st, x, "ncpt", ""), true
	case "stdbuf":
		return m.behind(st, x, "ioe", ""), true
	case "timeout":
		return m.behind(st, x, "ks", "duration"), true
	case "gosu", "su-exec", "setpriv", "chroot", "runuser", "su", "unshare", "flock", "script", "watch", "entr", "parallel":
		return m.opaque(st, x, Reason{At: x.at, Text: name + " may run a command that is not followed"}, false), true
	case "tini", "dumb-init", "catatonit":
		return m.behind(st, x, "", ""), true
	case "xargs":
		return m.xargs(st, x), true
	case "find":
		return m.find(st, x), true
	}
	if dialect, ok := DialectOf(name); ok {
		return m.shell(st, dialect, x), true
	}
	if name == "ksh" || name == "zsh" || name == "fish" || name == "csh" || name == "tcsh" || name == "busybox" || name == "pwsh" {
		return m.opaque(st, x, Reason{At: x.at, Text: "scripts of " + name + " are not followed"}, false), true
	}
	return 0, false
}

// options skips the options of a wrapper. Letters in withArg take the next
// word. It returns the number of words up to the first operand, or -1 where
// that is not known.
func options(words []Word, withArg string) int {
	i := 1
	for ; i < len(words); i++ {
		w := words[i]
		if !w.Exact() {
			return -1
		}
		if w.Text == "--" {
			return i + 1
		}
		if len(w.Text) < 2 || w.Text[0] != '-' {
			break
		}
		if w.Text[1] != '-' && strings.IndexByte(withArg, w.Text[len(w.Text)-1]) >= 0 && len(w.Text) == 2 {
			i++
		}
	}
	return min(i, len(words))
}

// behind evaluates the command behind the options and operands of a wrapper.
func (m *machine) behind(st *State, x *invocation, withArg, operand string) status {
	n := options(x.words, withArg)
	if n >= 0 && operand != "" {
		n++
	}
	if n < 0 || n > len(x.words) {
		return m.opaque(st, x, Reason{At: x.at, Text: "the options of " + x.words[0].Text + " are not known"}, false)
	}
	if n == len(x.words) {
		m.record(st, x)
		return expected
	}
	inner := x.without(n)
	inner.child = true
	return m.invoke(st, inner)
}

// env evaluates "env [-i] [-u NAME] [-C dir] [NAME=value]… [command]".
func (m *machine) env(st *State, x *invocation) status {
	inner := *x
	inner.env = x.env.Exported()
	lost := Reason{At: x.at, Text: "the options of env are not followed"}
	i := 1
	for ; i < len(x.words); i++ {
		w := x.words[i]
		if w.Many || !w.Known() && !strings.Contains(w.Prefix(), "=") {
			return m.opaque(st, x, lost, false)
		}
		if w.Text == "--" {
			i++
			break
		}
		if !strings.HasPrefix(w.Text, "-") {
			break
		}
		used, ok := m.envOption(&inner, x.words[i:])
		if !ok {
			return m.opaque(st, x, lost, false)
		}
		i += used - 1
	}
	for ; i < len(x.words); i++ {
		w := x.words[i]
		name, value, ok := strings.Cut(w.Text, "=")
		if !ok || name == "" || strings.Contains(name, Hole) {
			break
		}
		if w.Many {
			return m.opaque(st, x, lost, false)
		}
		v := w.Value
		v.Text = value
		inner.env = inner.env.Export(name, v)
		inner.assigns = append(inner.assigns[:len(inner.assigns):len(inner.assigns)], Binding{name, v})
	}
	if i == len(x.words) {
		m.record(st, &inner)
		m.emit(st, Value{Text: Hole})
		return expected
	}
	env, assigns, dir := inner.env, inner.assigns, inner.dir
	inner = *x.without(i)
	inner.env, inner.assigns, inner.dir, inner.child = env, assigns, dir, true
	return m.invoke(st, &inner)
}

func (m *machine) envOption(inner *invocation, words []Word) (used int, ok bool) {
	unset := ""
	switch w := words[0].Text; {
	case w == "-i", w == "-", w == "--ignore-environment":
		inner.env = NewEnv(Var{})
		return 1, true
	case (w == "-u" || w == "--unset") && len(words) > 1 && words[1].Exact():
		unset, used = words[1].Text, 2
	case strings.HasPrefix(w, "-u") && len(w) > 2:
		unset, used = w[2:], 1
	case strings.HasPrefix(w, "--unset="):
		unset, used = strings.TrimPrefix(w, "--unset="), 1
	default:
		return 0, false
	}
	inner.env = inner.env.With(unset, Var{})
	return used, true
}

// sudo evaluates "sudo [options] [NAME=value]… command". Without -E it resets
// the environment as its configuration says, which is not known.
func (m *machine) sudo(st *State, name string, x *invocation) status {
	n, keep := 1, false
	for ; n < len(x.words); n++ {
		w := x.words[n]
		if !w.Exact() || w.Is("-i") || w.Is("-s") || w.Is("-e") {
			return m.opaque(st, x, Reason{At: x.at, Text: "the options of " + name + " are not followed"}, false)
		}
		if !strings.HasPrefix(w.Text, "-") {
			break
		}
		keep = keep || w.Text == "-E" || w.Text == "--preserve-env"
		if w.Text == "-u" || w.Text == "-g" || w.Text == "-h" || w.Text == "-C" || w.Text == "-p" {
			n++
		}
	}
	if n >= len(x.words) {
		m.record(st, x)
		return expected
	}
	inner := x.without(n)
	inner.child = true
	why := Reason{At: x.at, Text: name + " changes the environment as it is configured"}
	if keep {
		inner.env = x.env.Exported()
		for _, reset := range []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "MAIL"} {
			inner.env = inner.env.With(reset, Anything(why))
		}
	} else {
		inner.env = NewEnv(Anything(why))
	}
	for len(inner.words) > 1 {
		key, value, ok := strings.Cut(inner.words[0].Text, "=")
		if !ok || inner.words[0].Many || !syntax.ValidName(key) {
			break
		}
		v := inner.words[0].Value
		v.Text = value
		inner.env = inner.env.Export(key, v)
		inner.words = inner.words[1:]
	}
	return m.invoke(st, inner)
}

// xargs evaluates the command in its operands, to which words are added that
// are not known.
func (m *machine) xargs(st *State, x *invocation) status {
	n := options(x.words, "IdEnLlPsa")
	if n < 0 || n == len(x.words) {
		return m.opaque(st, x, Reason{At: x.at, Text: "the command of xargs is not known"}, false)
	}
	inner := x.without(n)
	inner.child = true
	inner.words = append([]Word{}, inner.words...)
	why := "xargs adds words that it reads"
	for i, w := range inner.words[1:] {
		for _, option := range x.words[1:n] {
			if strings.HasPrefix(option.Text, "-I") || strings.HasPrefix(option.Text, "-i") || strings.HasPrefix(option.Text, "--replace") {
				inner.words[i+1] = Word{Value: Unknown(w.At, why)}
			}
		}
	}
	inner.words = append(inner.words, Word{Value: Unknown(x.at, why), Many: true})
	return m.onBranch(x.at, 0, func() status { return m.invoke(st, inner) })
}

// find evaluates the commands that find runs: the words behind -exec and its
// like, up to a semicolon or plus sign, with {} for what it finds.
func (m *machine) find(st *State, x *invocation) status {
	m.record(st, x)
	m.emit(st, Value{Text: Hole})
	for i := 1; i < len(x.words); i++ {
		switch x.words[i].Text {
		case "-exec", "-execdir", "-ok", "-okdir":
		default:
			continue
		}
		inner := x.without(i + 1)
		inner.child = true
		inner.words = nil
		if strings.HasSuffix(x.words[i].Text, "dir") {
			elsewhere := Unknown(x.at, "find works where it finds something")
			inner.dir = &elsewhere
		}
		for i++; i < len(x.words) && x.words[i].Text != ";" && x.words[i].Text != "+"; i++ {
			w := x.words[i]
			if strings.Contains(w.Text, "{}") {
				w = Word{Value: Unknown(w.At, "find puts a name there"), Many: w.Text == "{}"}
			}
			inner.words = append(inner.words, w)
		}
		if len(inner.words) == 0 {
			continue
		}
		m.onBranch(x.at, 0, func() status { return m.invoke(st, inner) })
	}
	return expected
}

// shell evaluates "sh -c text", "sh file" and "sh" with a here-document.
func (m *machine) shell(st *State, d Dialect, x *invocation) status {
	flags, i := "", 1
	command := false
	for ; i < len(x.words); i++ {
		w := x.words[i]
		if !w.Exact() {
			break
		}
		if len(w.Text) < 2 || w.Text[0] != '-' && w.Text[0] != '+' {
			break
		}
		if strings.HasPrefix(w.Text, "--") {
			continue // --login, --norc
		}
		command = command || strings.Contains(w.Text, "c")
		flags += w.Text
		if strings.HasSuffix(w.Text, "o") {
			i++
			flags += x.arg(i).Text
		}
	}
	why := Reason{At: x.at, Text: "which script the shell runs is not known"}
	switch {
	case i < len(x.words) && !x.words[i].Exact():
		return m.opaque(st, x, why, false)
	case command && i < len(x.words):
		return m.childText(st, d, x, m.wordText(st, x, x.words[i]), flags, x.words[min(i+1, len(x.words)):])
	case i < len(x.words) && !strings.Contains(flags, "s"):
		file := m.file(st, x, x.words[i].Text)
		if file == nil {
			return m.opaque(st, x, why, false)
		}
		s := m.parseFile(file, d)
		s.path = m.absolute(st, x, x.words[i].Text)
		s.flags = optionLetters(flags)
		s.pipefail = strings.Contains(flags, "pipefail")
		return m.child(st, s, x, x.words[i], x.words[i+1:])
	case x.io.script != nil && x.io.stdin.Known():
		return m.childText(st, d, x, x.io.script, flags, nil)
	}
	return m.opaque(st, x, why, false)
}

// optionLetters joins -e -u to -eu.
func optionLetters(flags string) string {
	if strings.Contains(flags, "e") && !strings.Contains(flags, "+") {
		return "-e"
	}
	return ""
}

func (m *machine) childText(st *State, d Dialect, x *invocation, text *source.Joined, flags string, args []Word) status {
	s := m.parse(text, d)
	s.flags = optionLetters(strings.ReplaceAll(flags, "pipefail", ""))
	s.pipefail = strings.Contains(flags, "pipefail")
	name := Word{Value: Known(x.words[0].Text, x.at)}
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	return m.child(st, s, x, name, args)
}

// wordText returns the text of a word, traced to its place. The pieces of the
// word are found again in the syntax where the words are those of the script.
func (m *machine) wordText(st *State, x *invocation, w Word) *source.Joined {
	if x.node != nil {
		for _, arg := range x.node.Args {
			if m.script.span(arg) != w.At {
				continue
			}
			e := m.expand(st.fork(), arg.Parts, false)
			if j := m.joined(e, w.At); j.Text == w.Text {
				return j
			}
		}
	}
	j := &source.Joined{}
	j.AppendAs(w.Text, w.At)
	return j
}

// dot evaluates ". file": in this shell.
func (m *machine) dot(st *State, x *invocation) status {
	why := Reason{At: x.at, Text: "the file that is read is not known"}
	if len(x.words) < 2 || !x.words[1].Exact() || m.calls >= maxCalls {
		return m.opaque(st, x, why, true)
	}
	file := m.file(st, x, x.words[1].Text)
	if file == nil {
		return m.opaque(st, x, why, true)
	}
	s := m.parseFile(file, m.script.Dialect)
	s.path = m.absolute(st, x, x.words[1].Text)
	if s.file == nil {
		return m.opaque(st, x, Reason{At: x.at, Text: "the file that is read does not parse"}, true)
	}
	m.calls++
	defer func() { m.calls-- }()
	args := st.Args
	if len(x.words) > 2 {
		st.Args = []Word{{Value: Unknown(x.at, "shells differ in the arguments of ."), Many: true}}
	}
	result := m.collect(st, leftReturn, x.at, func() status { return m.inScript(st, s) })
	if len(x.words) > 2 {
		st.Args = args
	}
	return result
}

// eval runs known text in this shell.
func (m *machine) eval(st *State, x *invocation) status {
	text := make([]string, 0, len(x.words)-1)
	for _, w := range x.words[1:] {
		if !w.Exact() {
			return m.opaque(st, x, Reason{At: x.at, Text: "eval of text that is not known"}, true)
		}
		text = append(text, w.Text)
	}
	j := &source.Joined{}
	j.AppendAs(strings.Join(text, " "), x.at)
	s := m.parse(j, m.script.Dialect)
	if s.file == nil || m.calls >= maxCalls {
		return m.opaque(st, x, Reason{At: x.at, Text: "eval of text that does not parse"}, true)
	}
	m.calls++
	defer func() { m.calls-- }()
	return m.inScript(st, s)
}

// exec replaces the shell; with redirections only it goes on.
func (m *machine) exec(st *State, x *invocation) status {
	n := options(x.words, "a")
	if n < 0 {
		return m.opaque(st, x, Reason{At: x.at, Text: "the options of exec are not known"}, true)
	}
	if n == len(x.words) {
		return success
	}
	inner := x.without(n)
	inner.child = true
	result := m.invoke(st, inner)
	m.leaveBy(st, leftExit)
	return result
}

// commandBuiltin evaluates "command name": not a function, but a builtin.
func (m *machine) commandBuiltin(st *State, x *invocation) status {
	n := 1
	for ; n < len(x.words) && strings.HasPrefix(x.words[n].Text, "-"); n++ {
		if strings.ContainsAny(x.words[n].Text, "vV") {
			if !x.io.stdout {
				m.emit(st, m.output(x, &Command{Words: x.words, Env: x.env, Dir: st.Dir}))
			}
			return open
		}
	}
	if n >= len(x.words) {
		return success
	}
	inner := x.without(n)
	if !inner.words[0].Exact() {
		return m.opaque(st, x, Reason{At: x.at, Text: "the name of the command is not known"}, true)
	}
	if result, ok := m.builtin(st, inner.words[0].Text, inner); ok {
		return result
	}
	inner.child = true
	return m.invoke(st, inner)
}
