package shell

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// param expands $V and ${V…}.
func (m *machine) param(st *State, x *expansion, p *syntax.ParamExp, quoted bool) {
	at := m.script.span(p)
	if p.Param == nil || p.Excl || p.Names != 0 || p.Width || p.IsSet || p.Flags != nil || len(p.Modifiers) > 0 {
		m.forget() // ${!name} may look at any variable
		x.unknown(piece{quoted: quoted, split: !quoted}, Reason{At: at, Text: "this expansion is not followed"})
		return
	}
	name := p.Param.Value
	if (name == "@" || name == "*") && p.Index == nil && p.Exp == nil && !p.Length && p.Slice == nil && p.Repl == nil {
		m.args(st, x, name, quoted)
		return
	}
	v := m.lookup(st, p)
	m.use(x, name, p, v)
	if w, ok := p.Index.(*syntax.Word); ok && w.Lit() == "@" || name == "@" || name == "*" {
		x.unknown(piece{any: true}, Reason{At: at, Text: "arrays are not followed"})
		return
	}
	if p.Exp != nil {
		m.operator(st, x, p, v, quoted)
		return
	}
	out := v.Value
	switch {
	case p.Length && (v.Set == Maybe || !v.Known()), p.Slice != nil, p.Repl != nil, p.Index != nil && v.Set != Yes:
		out = Unknown(at, "this expansion is not followed")
	case p.Length:
		out = Value{Text: strconv.Itoa(utf8.RuneCountInString(v.Text))}
		if len(v.Text) != utf8.RuneCountInString(v.Text) {
			out = Unknown(at, "it depends on the locale")
		}
	case v.Set == Maybe:
		out.Text = Hole
	}
	m.addValue(x, out, quoted)
}

func (m *machine) addValue(x *expansion, v Value, quoted bool) {
	if !v.Known() {
		x.because(v.Why)
	}
	x.add(piece{text: v.Text, quoted: quoted, split: !quoted})
}

// lookup returns a variable or special parameter.
func (m *machine) lookup(st *State, p *syntax.ParamExp) Var {
	name := p.Param.Value
	at := m.script.span(p)
	switch {
	case name == "BASH_SOURCE" && m.script.path != "" && firstOrNone(p.Index):
		return Var{Value: Known(m.script.path, at), Set: Yes}
	case p.Index != nil:
		return Anything(Reason{At: at, Text: "arrays are not followed"})
	case name == "0":
		return Var{Value: st.Name, Set: Yes}
	case name == "#":
		if anyMany(st.Args) {
			return Var{Value: Unknown(at, "the number of arguments is not known"), Set: Yes}
		}
		return Var{Value: Value{Text: strconv.Itoa(len(st.Args))}, Set: Yes}
	case name[0] >= '0' && name[0] <= '9':
		return m.arg(st, name, p)
	case strings.Contains("?$!-@*", name):
		return Anything(Reason{At: at, Text: "the value of $" + name + " is not known"})
	}
	v, mentioned := st.Env.find(name)
	if name == "PWD" && !mentioned {
		return Var{Value: st.Dir, Set: Yes}
	}
	if ownedByShell(name) && !mentioned {
		return Anything(Reason{At: at, Text: "the shell sets $" + name})
	}
	return v
}

// firstOrNone reports whether an index is 0, which may be left out.
func firstOrNone(index syntax.ArithmExpr) bool {
	if index == nil {
		return true
	}
	w, ok := index.(*syntax.Word)
	return ok && w.Lit() == "0"
}

// ownedByShell reports whether shells give a variable a value of their own.
func ownedByShell(name string) bool {
	switch name {
	case "IFS", "PATH", "PPID", "OPTIND", "OPTARG", "OPTERR", "PS1", "PS2", "PS4", "LINENO", "RANDOM", "SECONDS",
		"SHLVL", "UID", "EUID", "HOSTNAME", "HOSTTYPE", "MACHTYPE", "OSTYPE", "SHELL", "SHELLOPTS", "TERM", "HOME",
		"OLDPWD", "COLUMNS", "LINES", "KSHEGID", "KSHUID", "KSHGID", "USER_ID", "TMOUT", "GROUPS", "DIRSTACK",
		"PIPESTATUS", "REPLY", "FUNCNAME", "EPOCHSECONDS", "EPOCHREALTIME", "SRANDOM", "KSH_VERSION", "PATHSEP", "_":
		return true
	}
	return strings.HasPrefix(name, "BASH")
}

func (m *machine) arg(st *State, name string, p *syntax.ParamExp) Var {
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 {
		return Anything(Reason{At: m.script.span(p), Text: "this argument is not known"})
	}
	for i, w := range st.Args {
		if w.Many {
			return Anything(w.Why)
		}
		if i == n-1 {
			return Var{Value: w.Value, Set: Yes}
		}
	}
	return Var{}
}

// args expands $@ and $*.
func (m *machine) args(st *State, x *expansion, name string, quoted bool) {
	_, custom := st.Env.find("IFS")
	if custom && (name == "*" || !quoted) {
		x.unknown(piece{any: true}, Reason{Text: "IFS is changed"})
		return
	}
	if quoted && name == "*" && anyMany(st.Args) {
		x.unknown(piece{quoted: true}, Reason{Text: "the number of arguments is not known"})
		return
	}
	for i, w := range st.Args {
		if i > 0 {
			if quoted && name == "*" {
				x.add(piece{text: " ", quoted: true})
			} else {
				x.add(piece{brk: true})
			}
		}
		x.uses = append(x.uses, w.Uses...)
		if w.Many {
			x.unknown(piece{any: !quoted || name == "@", quoted: quoted && name == "*"}, w.Why)
			continue
		}
		m.addValue(x, w.Value, quoted)
	}
	if quoted && name == "*" && len(st.Args) == 0 {
		x.add(piece{quoted: true})
	}
}

// operator expands ${V:-w} and its relatives.
func (m *machine) operator(st *State, x *expansion, p *syntax.ParamExp, v Var, quoted bool) {
	present := v.Set
	switch p.Exp.Op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		if present != No {
			present = min(present, v.nonEmpty())
		}
	}
	switch p.Exp.Op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		present = Yes - present
		if present != Yes { // the variable is set: the operand counts
			m.choose(st, x, p, present, Value{}, quoted)
		}
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		m.choose(st, x, p, present, v.Value, quoted)
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		m.assignDefault(st, x, p, present, v, quoted)
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if present == No {
			st.left = leftFailing
		}
		m.addValue(x, known(v), quoted)
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		m.addValue(x, m.trim(st, p, v), quoted)
	default:
		x.unknown(piece{quoted: quoted, split: !quoted}, Reason{At: m.script.span(p), Text: "this expansion is not followed"})
	}
}

// known returns the value of a variable that must be set.
func known(v Var) Value {
	if v.Set == Maybe {
		v.Text = Hole
	}
	return v.Value
}

// choose adds the value where the variable is there, else the operand.
func (m *machine) choose(st *State, x *expansion, p *syntax.ParamExp, there Answer, v Value, quoted bool) {
	switch there {
	case Yes:
		m.addValue(x, v, quoted)
	case No:
		m.operand(st, x, p, quoted)
	default:
		why := v.Why
		if why.Text == "" {
			why = Reason{At: m.script.span(p), Text: "it is not certain that " + p.Param.Value + " is set"}
		}
		m.operand(st.fork(), &expansion{}, p, quoted)
		x.unknown(piece{quoted: quoted, split: !quoted}, why)
	}
}

func (m *machine) operand(st *State, x *expansion, p *syntax.ParamExp, quoted bool) {
	if p.Exp.Word == nil {
		return
	}
	for _, part := range p.Exp.Word.Parts {
		lit, ok := part.(*syntax.Lit)
		if ok && (strings.Contains(lit.Value, "\\") || strings.HasPrefix(lit.Value, "~")) || quoted && !ok && isSingle(part) {
			x.unknown(piece{quoted: quoted, split: !quoted}, Reason{At: m.script.span(part), Text: "shells differ in quoting here"})
			continue
		}
		m.part(st, x, part, quoted, true)
	}
}

func isSingle(part syntax.WordPart) bool {
	_, ok := part.(*syntax.SglQuoted)
	return ok
}

func (m *machine) assignDefault(st *State, x *expansion, p *syntax.ParamExp, present Answer, v Var, quoted bool) {
	if present == Yes {
		m.addValue(x, v.Value, quoted)
		return
	}
	operand := &expansion{}
	m.operand(st, operand, p, true)
	var text strings.Builder
	for _, piece := range operand.pieces {
		text.WriteString(piece.text)
	}
	value := Value{Text: text.String(), At: m.script.span(p), Why: operand.why}
	if present == Maybe || p.Exp.Word != nil && len(p.Exp.Word.Parts) > 1 {
		value = Unknown(m.script.span(p), "it is not certain that "+p.Param.Value+" is set")
	}
	m.assign(st, p.Param.Value, value)
	if present == Maybe || m.script.Dialect == MirBSDKorn { // it may have stayed as it was, and mksh does not export it with set -a
		now := st.Env.Get(p.Param.Value)
		now.Exported = both(v.Exported, now.Exported)
		st.set(p.Param.Value, now)
	}
	m.addValue(x, value, quoted)
}

// trim expands ${V#p}, ${V##p}, ${V%p} and ${V%%p}.
func (m *machine) trim(st *State, p *syntax.ParamExp, v Var) Value {
	unknown := Unknown(m.script.span(p), "the value or the pattern is not known")
	if v.Set == Maybe || !v.Known() {
		return unknown
	}
	pat := m.pattern(st, p.Exp.Word)
	if !pat.known {
		return unknown
	}
	text := v.Text
	if len(text) > 1024 {
		return unknown // trying every cut is quadratic
	}
	best := -1
	for cut := 0; cut <= len(text); cut++ {
		piece := text[:cut]
		if p.Exp.Op == syntax.RemSmallSuffix || p.Exp.Op == syntax.RemLargeSuffix {
			piece = text[len(text)-cut:]
		}
		if !utf8.ValidString(piece) || pat.match(Value{Text: piece}) != Yes {
			continue
		}
		best = cut
		if p.Exp.Op == syntax.RemSmallPrefix || p.Exp.Op == syntax.RemSmallSuffix {
			break
		}
	}
	switch {
	case best <= 0:
		return v.Value
	case p.Exp.Op == syntax.RemSmallPrefix || p.Exp.Op == syntax.RemLargePrefix:
		return Value{Text: text[best:], At: v.At}
	}
	return Value{Text: text[:len(text)-best], At: v.At}
}
