package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// invocation is a simple command with its words expanded.
type invocation struct {
	words   []Word
	assigns []Binding
	env     *Env // that of the command: the state's with the assignments
	io      streams
	at      source.Span
	node    *syntax.CallExpr // nil where the words do not come from the script directly
	via     []string
	dir     *Value // env -C
	child   bool   // an external command: neither function nor builtin
}

func (x *invocation) arg(i int) Word {
	if i < len(x.words) {
		return x.words[i]
	}
	return Word{}
}

// without takes n words off the front: those of a wrapper.
func (x *invocation) without(n int) *invocation {
	inner := *x
	inner.words = x.words[n:]
	inner.via = append(x.via[:len(x.via):len(x.via)], path.Base(x.words[0].Text))
	inner.node = nil
	return &inner
}

func (m *machine) invoke(st *State, x *invocation) status {
	first := x.words[0]
	if !first.Exact() {
		return m.opaque(st, x, Reason{At: first.At, Text: "the name of the command is not known"}, false)
	}
	name := first.Text
	if !x.child {
		if f := st.funcs.get(name); f != nil {
			return m.callFunction(st, f, x)
		}
		if result, ok := m.builtin(st, name, x); ok {
			m.keepAssigns(st, name, x)
			return result
		}
	}
	if result, ok := m.wrapper(st, name, x); ok {
		return result
	}
	if strings.Contains(name, "/") {
		if s := m.repositoryScript(st, x, name); s != nil {
			return m.start(st, s, x)
		}
	}
	return m.external(st, x)
}

// start runs a script that is named by its path.
func (m *machine) start(st *State, s *Script, x *invocation) status {
	call := &ScriptCall{
		At: x.words[0].At, Path: s.path, File: m.file(st, x, x.words[0].Text),
		Conditional: len(m.branch) > 0 || st.maybe != 0,
	}
	outer := m.scripts
	m.scripts = append(outer[:len(outer):len(outer)], call)
	defer func() { m.scripts = outer }()
	return m.child(st, s, x, x.words[0], x.words[1:])
}

// external records a command that is not looked into.
func (m *machine) external(st *State, x *invocation) status {
	m.record(st, x)
	switch x.words[0].Text {
	case "true":
		return success
	case "false":
		return failure
	case "echo", "printf", "pwd", "dirname", "basename":
		return m.printing(st, x)
	case "which":
		if !x.io.stdout {
			m.emit(st, m.output(x, m.last()))
		}
		return open
	case "grep", "egrep", "fgrep", "cmp", "diff", "type", "hash", "pgrep", "getent", "test", "[", "[[", "expr":
		m.emit(st, Value{Text: Hole})
		return open
	}
	if !x.io.stdout {
		m.emit(st, m.output(x, m.last()))
	}
	return expected
}

// last is the command that was recorded last.
func (m *machine) last() *Command { return &m.trace.Commands[len(m.trace.Commands)-1] }

// output is what a command prints, as far as the runner knows.
func (m *machine) output(x *invocation, c *Command) Value {
	if m.run.Prints != nil && m.capture != nil {
		if text, known := m.run.Prints(c); known {
			return Known(text, x.at)
		}
	}
	return Value{Text: Hole}
}

// record adds a command to the trace.
func (m *machine) record(st *State, x *invocation) *Command {
	c := Command{
		Words:       x.words,
		Via:         append(m.via[:len(m.via):len(m.via)], x.via...),
		Scripts:     m.scripts,
		Assigns:     x.assigns,
		Env:         x.env,
		Dir:         st.Dir,
		At:          x.at,
		Branches:    m.branch,
		Conditional: len(m.branch) > 0 || st.maybe != 0,
		PipedInto:   m.piped && !x.io.input,
		Substituted: m.subst,
		Redirects:   x.io.list,
		Stdin:       x.io.stdin,
	}
	if x.dir != nil {
		c.Dir = *x.dir
	}
	m.trace.Commands = append(m.trace.Commands, c)
	return &m.trace.Commands[len(m.trace.Commands)-1]
}

// opaque records a command that may run anything; inShell says that it may
// change the state of the shell too.
func (m *machine) opaque(st *State, x *invocation, why Reason, inShell bool) status {
	m.record(st, x).Opaque = why
	m.emit(st, Value{Text: Hole})
	// The name may be that of a builtin, such as export.
	if inShell || !x.words[0].Exact() && !x.child {
		st.havoc(why)
		m.forget()
	}
	return expected
}

func (m *machine) callFunction(st *State, f *function, x *invocation) status {
	if f.body == nil || m.calls >= maxCalls {
		return m.opaque(st, x, Reason{At: x.at, Text: "what the function does is not known"}, true)
	}
	m.calls++
	defer func() { m.calls-- }()
	outerScript, outerCapture, outerPiped := m.script, m.capture, m.piped
	m.script = f.script
	if x.io.stdout {
		m.capture = nil
	}
	m.piped = m.piped || x.io.input
	args, before, temps := st.Args, st.Env, st.temps
	for _, b := range x.assigns {
		st.temps = append(st.temps[:len(st.temps):len(st.temps)], b.Name)
	}
	st.Args, st.locals, st.Env = x.words[1:], &locals{parent: st.locals}, x.env
	result := m.collect(st, leftReturn, x.at, func() status { return m.stmt(st, f.body) })
	st.endFunction()
	st.Args, st.temps = args, temps
	m.script, m.capture, m.piped = outerScript, outerCapture, outerPiped
	m.restore(st, before, x)
	return result
}

// restore undoes the assignments in front of a function call. Only bash is
// sure to do so, where the function does not assign the variable.
func (m *machine) restore(st *State, before *Env, x *invocation) {
	if len(x.assigns) == 0 {
		return
	}
	changed, ok := st.Env.since(x.env)
	for _, b := range x.assigns {
		old := before.Get(b.Name)
		if m.script.Dialect != Bash || !ok || slices.Contains(changed, b.Name) {
			old = Anything(Reason{At: x.at, Text: "shells differ in whether this assignment lasts"})
			st.locals = st.locals.unsetLocal(b.Name, old) // export in the function may reach the outermost
		}
		st.set(b.Name, old)
	}
}

// keepAssigns handles assignments in front of a special builtin, which last
// in a POSIX shell.
func (m *machine) keepAssigns(st *State, name string, x *invocation) {
	switch name {
	case ":", ".", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times", "trap", "unset", "source", "local":
		for _, b := range x.assigns {
			st.set(b.Name, Anything(Reason{At: x.at, Text: "shells differ in whether this assignment lasts"}))
		}
		if len(x.assigns) > 0 {
			m.forget()
		}
	}
}

// printing evaluates the few commands whose output is known.
func (m *machine) printing(st *State, x *invocation) status {
	if x.io.stdout {
		return success
	}
	out := Value{Text: Hole}
	args := x.words[1:]
	exact := true
	for _, w := range args {
		exact = exact && w.Exact() && !strings.ContainsAny(w.Text, "\\")
	}
	first := x.arg(1).Text
	option := strings.HasPrefix(first, "-")
	switch name := x.words[0].Text; {
	case !exact:
	case name == "echo" && !option:
		texts := make([]string, len(args))
		for i, w := range args {
			texts[i] = w.Text
		}
		out.Text = strings.Join(texts, " ") + "\n"
	case name == "printf" && len(args) == 1 && !option && !strings.Contains(first, "%"):
		out.Text = first
	case name == "printf" && len(args) == 2 && first == "%s":
		out.Text = x.arg(2).Text
	case name == "pwd" && len(args) == 0:
		out = st.Dir
	case name == "dirname" && len(args) == 1 && plainPath(first):
		out.Text = path.Dir(strings.TrimRight(first, "/")) + "\n"
		if strings.HasPrefix(first, "./") && !strings.Contains(strings.TrimRight(first, "/")[2:], "/") {
			out.Text = ".\n"
		} else if strings.HasPrefix(first, "./") {
			out.Text = "./" + path.Dir(strings.TrimRight(first, "/")) + "\n"
		}
	case name == "basename" && len(args) == 1 && plainPath(first):
		out.Text = path.Base(first) + "\n"
	}
	m.emit(st, out)
	return success
}

// plainPath reports whether a path has no parts that tools spell differently.
func plainPath(p string) bool {
	if p == "" || strings.Trim(p, "/") == "" || strings.HasSuffix(p, "/") {
		return false
	}
	clean := path.Clean(p)
	return clean == p || "./"+clean == p
}

// repositoryScript returns the script that a path names, if it is a shell
// script of the repository.
func (m *machine) repositoryScript(st *State, x *invocation, name string) *Script {
	file := m.file(st, x, name)
	if file == nil {
		return nil
	}
	dialect, flags, ok := Shebang(file.Data())
	if !ok {
		return nil
	}
	s := m.parseFile(file, dialect)
	s.flags, s.path = flags, m.absolute(st, x, name)
	return s
}

func (m *machine) file(st *State, x *invocation, name string) *source.File {
	if at := m.absolute(st, x, name); m.run.File != nil && at != "" {
		return m.run.File(at)
	}
	return nil
}

// absolute returns a path as an absolute one, empty where that is not known.
func (m *machine) absolute(st *State, x *invocation, name string) string {
	dir := st.Dir
	if x.dir != nil {
		dir = *x.dir
	}
	switch {
	case path.IsAbs(name):
		return path.Clean(name)
	case !dir.Known():
		return ""
	}
	return path.Join(dir.Text, name)
}

// child runs a script in a process of its own: it sees what is exported.
func (m *machine) child(st *State, s *Script, x *invocation, name Word, args []Word) status {
	if m.calls >= maxCalls {
		return m.opaque(st, x, Reason{At: x.at, Text: "scripts call each other too deeply"}, false)
	}
	if s.file == nil {
		at := x.at
		if len(s.Problems) > 0 {
			at = s.Problems[len(s.Problems)-1].At
		}
		return m.opaque(st, x, Reason{At: at, Text: "the script does not parse"}, false)
	}
	m.calls++
	defer func() { m.calls-- }()
	outerVia, outerCapture, outerPiped := m.via, m.capture, m.piped
	m.via = append(m.via[:len(m.via):len(m.via)], append(x.via[:len(x.via):len(x.via)], path.Base(x.words[0].Text))...)
	if x.io.stdout {
		m.capture = nil
	}
	m.piped = m.piped || x.io.input
	result := m.subshell(st, func(in *State) status {
		in.Env, in.Name, in.Args = x.env.Exported(), name.Value, args
		in.funcs, in.locals, in.temps, in.dirs, in.Opts = nil, nil, nil, nil, Options{}
		if x.dir != nil {
			in.Dir = *x.dir
		}
		m.setOptions(in, s.flags)
		if s.pipefail {
			in.Opts.PipeFail = Yes
		}
		return m.inScript(in, s)
	})
	m.via, m.capture, m.piped = outerVia, outerCapture, outerPiped
	if result == open {
		return expected
	}
	return result
}
