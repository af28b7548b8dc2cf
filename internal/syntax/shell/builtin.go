package shell

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// builtin evaluates the commands that change the shell itself. It returns
// false for all others.
func (m *machine) builtin(st *State, name string, x *invocation) (status, bool) {
	switch name {
	case ":":
		return success, true
	case "cd", "chdir":
		return m.cd(st, x), true
	case "pushd", "popd":
		return m.pushd(st, x), true
	case "export", "readonly", "local", "declare", "typeset":
		return m.declareWords(st, name, x), true
	case "unset":
		return m.unset(st, x), true
	case "set":
		return m.set(st, x), true
	case "shift":
		return m.shift(st, x), true
	case "exit", "return", "break", "continue":
		return m.leave(st, name, x), true
	case "read", "getopts", "mapfile", "readarray", "let", "printf", "wait":
		return m.reading(st, name, x)
	case "alias":
		return m.alias(st, x), true
	case "test", "[":
		return m.test(x), true
	case "[[":
		return open, true // parsed as a word: the dialect is POSIX
	case ".", "source":
		return m.dot(st, x), true
	case "eval":
		return m.eval(st, x), true
	case "exec":
		return m.exec(st, x), true
	case "command", "builtin":
		return m.commandBuiltin(st, x), true
	case "trap", "umask", "ulimit", "shopt", "times", "unalias", "type", "hash", "jobs", "bg", "fg", "kill", "enable", "bind", "complete", "disown", "setopt":
		return open, true
	case "echo", "pwd", "true", "false":
		return m.external(st, x), true
	}
	return 0, false
}

func (m *machine) cd(st *State, x *invocation) status {
	args := x.words[1:]
	for len(args) > 0 && (args[0].Is("--") || args[0].Is("-L")) {
		args = args[1:]
	}
	target := Unknown(x.at, "where cd goes is not known")
	_, cdpath := st.Env.find("CDPATH")
	switch {
	case len(args) == 0:
		if home := st.Env.Get("HOME"); home.Set == Yes && home.Known() && path.IsAbs(home.Text) {
			target = Value{Text: path.Clean(home.Text), At: x.at}
		}
	case len(args) > 1 || !args[0].Exact():
	case args[0].Text == "-":
		if old, ok := st.Env.find("OLDPWD"); ok && old.Set == Yes {
			target = old.Value
		}
		m.emit(st, Value{Text: Hole}) // it prints the directory
	case args[0].Text == "" || strings.HasPrefix(args[0].Text, "-") || strings.HasPrefix(args[0].Text, "//"):
	case path.IsAbs(args[0].Text):
		target = Value{Text: path.Clean(args[0].Text), At: args[0].At}
	case cdpath && !strings.HasPrefix(args[0].Text, "."):
		m.emit(st, Value{Text: Hole})
	case st.Dir.Known():
		target = Value{Text: path.Join(st.Dir.Text, args[0].Text), At: args[0].At}
	}
	m.chdir(st, target)
	return expected
}

func (m *machine) chdir(st *State, to Value) {
	st.set("OLDPWD", Var{Value: st.Dir, Set: Yes, Exported: Maybe})
	st.set("PWD", Var{Value: to, Set: Yes, Exported: Maybe})
	st.Dir = to
}

func (m *machine) pushd(st *State, x *invocation) status {
	if x.words[0].Text == "popd" {
		if n := len(st.dirs); n > 0 && len(x.words) == 1 {
			m.chdir(st, st.dirs[n-1])
			st.dirs = st.dirs[: n-1 : n-1]
		} else {
			m.chdir(st, Unknown(x.at, "the directory stack is not known"))
		}
	} else {
		from := st.Dir
		m.cd(st, x)
		if len(x.words) != 2 || strings.HasPrefix(x.arg(1).Text, "+") {
			m.chdir(st, Unknown(x.at, "the directory stack is not known"))
			st.dirs = nil
		} else {
			st.dirs = append(st.dirs[:len(st.dirs):len(st.dirs)], from)
		}
	}
	if !x.io.stdout {
		m.emit(st, Value{Text: Hole})
	}
	return expected
}

// declareWords evaluates export and its like where they are plain commands,
// as in the POSIX language.
func (m *machine) declareWords(st *State, name string, x *invocation) status {
	var args []declaration
	for _, w := range x.words[1:] {
		n, value, has := strings.Cut(w.Text, "=")
		d := declaration{name: n, has: has, value: w.Value, at: w.At}
		d.value.Text = value
		d.unknown = w.Many || strings.Contains(n, Hole)
		args = append(args, d)
	}
	return m.declarations(st, name, args)
}

// declaration is one argument of export, local, declare and so on.
type declaration struct {
	name    string
	has     bool // there is a value
	append  bool
	value   Value
	at      source.Span
	unknown bool
	array   bool
}

func (m *machine) declClause(st *State, c *syntax.DeclClause) status {
	var args []declaration
	for _, a := range c.Args {
		d := declaration{at: m.script.span(a), append: a.Append, has: !a.Naked, array: a.Array != nil || a.Index != nil}
		switch {
		case a.Name == nil:
			for _, w := range m.fields(st, a.Value) {
				n, value, has := strings.Cut(w.Text, "=")
				word := declaration{name: n, has: has, value: w.Value, at: d.at, unknown: w.Many || strings.Contains(n, Hole)}
				word.value.Text = value
				args = append(args, word)
			}
			continue
		default:
			d.name = a.Name.Value
			d.value = m.assignValue(st, a.Value)
		}
		args = append(args, d)
	}
	return m.declarations(st, c.Variant.Value, args)
}

func (m *machine) declarations(st *State, variant string, args []declaration) status {
	flags := ""
	for len(args) > 0 && !args[0].has && len(args[0].name) > 0 && strings.ContainsAny(args[0].name[:1], "-+") {
		flags += args[0].name
		args = args[1:]
	}
	if strings.ContainsAny(flags, "pfF") {
		return success
	}
	for _, d := range args {
		if d.unknown || !syntax.ValidName(d.name) {
			why := Reason{At: d.at, Text: "which variable is declared is not known"}
			st.havoc(why)
			m.forget()
			return expected
		}
		m.declareOne(st, variant, flags, d)
	}
	return success
}

func (m *machine) declareOne(st *State, variant, flags string, d declaration) {
	local := variant == "local" || (variant == "declare" || variant == "typeset") && !strings.Contains(flags, "g")
	if local && st.locals != nil {
		m.local(st, d)
	}
	d.value.At = d.at
	if d.append {
		old := st.Env.Get(d.name)
		if old.Set == Yes && !old.odd {
			d.value.Text = old.Text + d.value.Text
		} else if old.Set == Maybe {
			d.value = Unknown(d.at, "what is appended to is not known")
		}
	}
	odd := d.array || variant == "nameref" || variant != "export" && strings.ContainsAny(flags, "aAiluntc")
	if odd {
		v := st.Env.Get(d.name)
		v.Value, v.Set, v.odd = Unknown(d.at, "the variable is an array or integer"), Yes, true
		st.set(d.name, v)
	} else if d.has {
		before := st.Env.Get(d.name).Exported
		m.assign(st, d.name, d.value)
		if v := st.Env.Get(d.name); local && v.Exported != before { // not all shells do it with set -a
			v.Exported = Maybe
			st.set(d.name, v)
		}
	}
	switch {
	case variant == "export" && strings.Contains(flags, "n"), strings.Contains(flags, "+x"):
		m.export(st, d.name, No)
	case variant == "export" || strings.Contains(flags, "x"):
		m.export(st, d.name, Yes)
	}
	if v := st.Env.Get(d.name); st.temporary(d.name) && (v.Exported == No || slices.Contains(st.temps, d.name)) {
		v.Exported = Maybe // the one behind it may be seen instead
		st.set(d.name, v)
	}
	if variant == "readonly" || strings.Contains(flags, "r") {
		v := st.Env.Get(d.name)
		v.odd = true
		st.set(d.name, v)
	}
}

// local keeps the outer value of a variable. Shells differ in what a local
// variable without a value holds and in whether it is exported.
func (m *machine) local(st *State, d declaration) {
	for l := st.locals; l != nil && l.name != ""; l = l.parent {
		if l.name == d.name {
			return
		}
	}
	outer := st.Env.Get(d.name)
	st.locals = &locals{st.locals, d.name, outer}
	inner := Var{}
	if outer.Exported != No {
		inner.Exported = Maybe
	}
	if !d.has {
		inner.Value, inner.Set = Unknown(d.at, "shells differ in what a local variable starts with"), Maybe
		if outer.Set == No {
			inner.Value, inner.Set = Value{}, Maybe
			inner.Value = Unknown(d.at, "shells differ in what a local variable starts with")
		}
	}
	st.set(d.name, inner)
}

func (m *machine) unset(st *State, x *invocation) status {
	functions := false
	for _, w := range x.words[1:] {
		switch {
		case !w.Exact():
			st.havoc(Reason{At: w.At, Text: "which variable is unset is not known"})
			m.forget()
			return expected
		case w.Text == "-f":
			functions = true
		case w.Text == "-v":
		case functions:
			m.setFunction(st, w.Text, nil)
		default:
			m.unsetOne(st, w)
		}
	}
	return success
}

func (m *machine) unsetOne(st *State, w Word) {
	if st.temporary(w.Text) {
		either := Anything(Reason{At: w.At, Text: "shells differ in unsetting a local variable"})
		st.locals = st.locals.unsetLocal(w.Text, either)
		st.set(w.Text, either)
		return
	}
	if st.Env.Get(w.Text).odd {
		st.set(w.Text, Anything(Reason{At: w.At, Text: "the variable may be read-only"}))
		return
	}
	if f := st.funcs.get(w.Text); f != nil {
		m.setFunction(st, w.Text, &function{at: w.At}) // bash unsets a function if there is no variable
	}
	st.set(w.Text, Var{})
}

func (m *machine) setFunction(st *State, name string, f *function) {
	st.funcs = st.funcs.with(name, f)
	m.steps += st.funcs.size() / 8
}

func (m *machine) set(st *State, x *invocation) status {
	args := x.words[1:]
	for i := 0; i < len(args); i++ {
		w := args[i]
		switch {
		case !w.Exact():
			st.Opts = Options{Maybe, Maybe, Maybe}
			st.Args = []Word{{Value: Unknown(w.At, "the arguments of set are not known"), Many: true}}
			return success
		case w.Text == "--":
			st.Args = args[i+1:]
			return success
		case len(w.Text) > 1 && (w.Text[0] == '-' || w.Text[0] == '+'):
			if strings.HasSuffix(w.Text, "o") && i+1 < len(args) {
				i++
				m.setOption(st, w.Text[0] == '-', args[i].Text)
			}
			m.setOptions(st, w.Text)
		default:
			st.Args = args[i:]
			return success
		}
	}
	return success
}

// setOptions applies letters such as -eu or +e.
func (m *machine) setOptions(st *State, letters string) {
	if letters == "" {
		return
	}
	on := letters[0] == '-'
	for _, c := range letters[1:] {
		switch c {
		case 'e':
			m.setOption(st, on, "errexit")
		case 'a':
			m.setOption(st, on, "allexport")
		}
	}
}

func (m *machine) setOption(st *State, on bool, name string) {
	to := No
	if on {
		to = Yes
	}
	switch name {
	case "errexit":
		st.Opts.ErrExit = to
	case "allexport":
		st.Opts.AllExport = to
	case "pipefail":
		st.Opts.PipeFail = to
	}
	if strings.Contains(name, Hole) {
		st.Opts = Options{Maybe, Maybe, Maybe}
	}
}

func (m *machine) shift(st *State, x *invocation) status {
	n := 1
	if len(x.words) > 1 {
		var err error
		if n, err = strconv.Atoi(x.words[1].Text); err != nil || n < 0 {
			n = len(st.Args) + 1
		}
	}
	for i := range min(n, len(st.Args)) {
		if st.Args[i].Many {
			n = len(st.Args) + 1
			break
		}
	}
	if n > len(st.Args) { // an error, or not known
		st.Args = []Word{{Value: Unknown(x.at, "how many arguments are left is not known"), Many: true}}
		return expected
	}
	st.Args = st.Args[n:]
	return success
}

func (m *machine) leave(st *State, name string, x *invocation) status {
	code := x.arg(1)
	switch name {
	case "break", "continue":
		if len(x.words) > 1 && !code.Is("1") {
			m.stop(st, Reason{At: x.at, Text: name + " out of several loops is not followed"})
			return expected
		}
		kind := leftBreak
		if name == "continue" {
			kind = leftContinue
		}
		m.leaveBy(st, kind)
		return success
	case "exit":
		if n, err := strconv.Atoi(code.Text); err == nil && n != 0 {
			m.leaveBy(st, leftFailing)
			return failure
		}
		m.leaveBy(st, leftExit)
	case "return":
		m.leaveBy(st, leftReturn)
	}
	switch {
	case code.Is("0"):
		return success
	case len(x.words) == 1:
		return expected
	case code.Exact():
		return failure
	}
	return open
}

// reading evaluates builtins that set variables from what is not known.
func (m *machine) reading(st *State, name string, x *invocation) (status, bool) {
	why := Unknown(x.at, "what is read is not known")
	switch name {
	case "wait":
		return expected, true
	case "printf":
		if !x.arg(1).Is("-v") {
			return m.external(st, x), true
		}
		m.assign(st, x.arg(2).Text, why)
		return success, true
	case "getopts":
		m.assign(st, "OPTARG", why)
		m.assign(st, x.arg(2).Text, why)
		return open, true
	case "let":
		st.havoc(why.Why)
		m.forget()
		return open, true
	}
	names := 0
	for i, w := range x.words[1:] {
		if w.Exact() && (strings.HasPrefix(w.Text, "-") || i > 0 && strings.HasPrefix(x.words[i].Text, "-") && !syntax.ValidName(w.Text)) {
			continue
		}
		if !w.Exact() || !syntax.ValidName(w.Text) {
			st.havoc(why.Why)
			m.forget()
			return open, true
		}
		names++
		m.assign(st, w.Text, why)
	}
	for _, implied := range []string{"REPLY", "MAPFILE"} {
		if names == 0 {
			m.assign(st, implied, why)
		}
	}
	return open, true
}

// alias makes the names opaque: some shells expand aliases in scripts.
func (m *machine) alias(st *State, x *invocation) status {
	for _, w := range x.words[1:] {
		name, _, _ := strings.Cut(w.Text, "=")
		if !w.Exact() {
			st.havoc(Reason{At: w.At, Text: "which alias is set is not known"})
			return expected
		}
		m.setFunction(st, name, &function{at: w.At})
	}
	return success
}
