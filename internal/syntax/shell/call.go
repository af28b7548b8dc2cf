package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// streams is what the redirections of a statement do.
type streams struct {
	list    []Redirect
	stdin   *Value // here-document
	script  *source.Joined
	input   bool // standard input is redirected
	stdout  bool // standard output is redirected
	mayFail bool
}

func (m *machine) redirects(st *State, list []*syntax.Redirect) streams {
	var io streams
	for _, r := range list {
		red := Redirect{Op: r.Op.String(), At: m.script.span(r)}
		switch r.Op {
		case syntax.Hdoc, syntax.DashHdoc:
			m.heredoc(st, r, &io)
		case syntax.WordHdoc:
			v := m.value(st, r.Word)
			io.stdin, io.input = &v, true
		case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn:
			io.mayFail, io.input = true, true
		}
		toStdout := r.N == nil || r.N.Value == "1"
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrClob, syntax.DplOut:
			io.stdout = io.stdout || toStdout
		case syntax.RdrAll, syntax.AppAll, syntax.RdrAllClob, syntax.AppAllClob:
			io.stdout = true
		}
		if r.Op != syntax.Hdoc && r.Op != syntax.DashHdoc && r.Op != syntax.WordHdoc {
			if words := m.fields(st, r.Word); len(words) == 1 {
				red.Target = words[0]
			} else {
				red.Target = Word{Value: Unknown(red.At, "the file name is not known")}
			}
		}
		io.list = append(io.list, red)
	}
	return io
}

func (m *machine) heredoc(st *State, r *syntax.Redirect, io *streams) {
	io.input = true
	if r.Hdoc == nil {
		io.stdin = &Value{At: m.script.span(r)}
		return
	}
	at := m.script.span(r.Hdoc)
	x := &expansion{}
	for i, part := range r.Hdoc.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			m.part(st, x, part, true, false)
			continue
		}
		text := lit.Value
		if !quotedWord(r.Word) {
			text = unescape(text, "$`\\")
		}
		if r.Op == syntax.DashHdoc {
			text = stripTabs(text, i == 0)
		}
		x.add(piece{text: text, quoted: true, at: [2]int{int(lit.Pos().Offset()), int(lit.End().Offset())}})
	}
	io.script = m.joined(x, at)
	io.stdin = &Value{Text: io.script.Text, At: at, Why: x.why}
}

func quotedWord(w *syntax.Word) bool {
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); !ok || strings.Contains(lit.Value, "\\") {
			return true
		}
	}
	return false
}

// stripTabs does what <<- does.
func stripTabs(text string, lineStart bool) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		if i == 0 && !lineStart {
			continue
		}
		lines[i] = strings.TrimLeft(lines[i], "\t")
	}
	return strings.Join(lines, "\n")
}

// joined builds the text of a script that is a word or here-document, traced
// to where each part of it stands.
func (m *machine) joined(x *expansion, at source.Span) *source.Joined {
	j := &source.Joined{}
	for _, p := range x.pieces {
		switch from := m.script.Text; {
		case p.brk:
			j.AppendAs(" ", at)
		case p.at[1] > p.at[0] && p.at[1] <= len(from.Text) && from.Text[p.at[0]:p.at[1]] == p.text:
			j.AppendJoined(from.Slice(p.at[0], p.at[1]))
		default:
			j.AppendAs(p.text, at)
		}
	}
	return j
}

// call evaluates a simple command.
func (m *machine) call(st *State, c *syntax.CallExpr, io streams) status {
	words := m.commandWords(st, c.Args)
	before := st.Env
	if m.stopped() || st.left != 0 {
		return expected
	}
	if len(words) == 0 {
		return m.assignments(st, c, io)
	}
	x := &invocation{words: words, at: m.script.span(c), io: io, node: c, env: st.Env}
	for _, a := range c.Assigns {
		if a.Name == nil || a.Index != nil || a.Array != nil {
			continue
		}
		old := *st
		st.Env = x.env
		if m.script.Dialect != Bash {
			st.Env = before // shells differ in whether B=$A sees A=1 in "A=1 B=$A cmd"
		}
		evaluated := st.Env
		v := m.value(st, a.Value)
		changed, _ := st.Env.since(evaluated) // by ${V:=w}
		for _, name := range changed {
			old.Env, x.env = old.Env.With(name, st.Env.Get(name)), x.env.With(name, st.Env.Get(name))
		}
		*st = old
		if m.script.Dialect != Bash && m.mentions(c.Assigns, a) {
			v = Unknown(m.script.span(a), "shells differ in the order of these assignments")
		}
		if a.Append {
			v = Unknown(m.script.span(a), "+= in front of a command is not followed")
		}
		x.assigns = append(x.assigns, Binding{a.Name.Value, v})
		x.env = x.env.Export(a.Name.Value, v)
	}
	return m.invoke(st, x)
}

// mentions reports whether the value of an assignment uses a variable that is
// assigned in front of the same command.
func (m *machine) mentions(all []*syntax.Assign, a *syntax.Assign) bool {
	found := false
	if a.Value == nil {
		return false
	}
	syntax.Walk(a.Value, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil {
			for _, other := range all {
				found = found || other.Name != nil && other.Name.Value == p.Param.Value
			}
		}
		return true
	})
	return found
}

// commandWords expands the words of a command. The arguments of export and
// its like are assignments, in which an expansion is not split; older shells
// do split, so that a value with blanks is not known.
func (m *machine) commandWords(st *State, args []*syntax.Word) []Word {
	if len(args) == 0 {
		return nil
	}
	switch args[0].Lit() {
	case "export", "readonly", "local", "declare", "typeset":
	default:
		return m.words(st, args)
	}
	words := m.words(st, args[:1])
	for _, arg := range args[1:] {
		lit, ok := arg.Parts[0].(*syntax.Lit)
		name, _, assigns := "", "", false
		if ok {
			name, _, assigns = strings.Cut(lit.Value, "=")
		}
		if !assigns || !syntax.ValidName(name) {
			words = append(words, m.words(st, []*syntax.Word{arg})...)
			continue
		}
		fields := m.fields(st, arg)
		if len(fields) != 1 || fields[0].Many || strings.Contains(lit.Value, "~") {
			why := Unknown(m.script.span(arg), "shells differ in whether the value is split")
			why.Text = name + "=" + Hole
			fields = []Word{{Value: why}}
		}
		words = append(words, fields...)
	}
	return words
}

// assignments evaluates a command of assignments only.
func (m *machine) assignments(st *State, c *syntax.CallExpr, io streams) status {
	result := success
	if io.mayFail || len(c.Args) > 0 {
		result = expected
	}
	before := m.substituted
	for _, a := range c.Assigns {
		m.assignNode(st, a)
	}
	if m.substituted > before {
		result = m.substStatus // that of the last command substitution
	}
	return result
}

func (m *machine) assignNode(st *State, a *syntax.Assign) {
	at := m.script.span(a)
	if a.Index != nil || a.Array != nil {
		v := st.Env.Get(a.Name.Value)
		v.Value, v.Set, v.odd = Unknown(at, "arrays are not followed"), Yes, true
		st.set(a.Name.Value, v)
		if a.Array != nil {
			for _, e := range a.Array.Elems {
				m.value(st, e.Value)
			}
		}
		return
	}
	v := m.assignValue(st, a.Value)
	v.At = at
	if a.Append {
		old := st.Env.Get(a.Name.Value)
		switch {
		case old.odd || old.Set == Maybe:
			v = Unknown(at, "what is appended to is not known")
		case old.Set == Yes:
			v.Text = old.Text + v.Text
			if !old.Known() {
				v.Why = old.Why
			}
		}
	}
	m.assign(st, a.Name.Value, v)
}

// assignValue expands the right side of an assignment. A ~ behind a colon
// stands for the home directory too: such values are not followed.
func (m *machine) assignValue(st *State, w *syntax.Word) Value {
	v := m.value(st, w)
	if w == nil {
		return v
	}
	for _, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok && strings.Contains(lit.Value, ":~") {
			return Unknown(m.script.span(w), "the home directory is not followed here")
		}
	}
	return v
}

type assignKey struct {
	name string
	at   source.Span
}

// assign gives a variable of the shell a value.
func (m *machine) assign(st *State, name string, value Value) {
	old := st.Env.Get(name)
	v := Var{Value: value, Set: Yes, Exported: old.Exported, odd: old.odd}
	if old.odd {
		v.Value = Unknown(value.At, "the variable is an array, integer or read-only")
	}
	if v.Exported != Yes && st.Opts.AllExport != No {
		v.Exported = st.Opts.AllExport
	}
	if v.Exported == No {
		key := assignKey{name, value.At}
		d := m.trace.assigned[key]
		if d == nil {
			d = &Assign{Name: name, Value: value, At: value.At}
			m.trace.assigned[key] = d
			m.trace.Assigns = append(m.trace.Assigns, d)
		}
		v.defs = []*Assign{d}
	}
	st.set(name, v)
}

// export marks a variable as exported, with the value it has.
func (m *machine) export(st *State, name string, to Answer) {
	v := st.Env.Get(name)
	v.Exported = to
	if to != No {
		for _, d := range v.defs {
			d.exported = true
		}
	}
	st.set(name, v)
}

// capture collects the output of a command substitution.
type capture struct {
	text  strings.Builder
	depth int
	maybe leave
}

// emit adds output to the command substitution that is evaluated, if any.
func (m *machine) emit(st *State, v Value) {
	if m.capture == nil {
		return
	}
	if len(m.branch) != m.capture.depth || st.maybe != m.capture.maybe || m.capture.text.Len() > maxText {
		v.Text = Hole
	}
	m.capture.text.WriteString(v.Text)
}

// substitute evaluates $(…) to what it prints.
func (m *machine) substitute(st *State, c *syntax.CmdSubst) Value {
	at := m.script.span(c)
	outer, outerSubst, outerPiped := m.capture, m.subst, m.piped
	m.capture = &capture{depth: len(m.branch), maybe: st.maybe}
	m.subst, m.piped = true, false
	m.substStatus = m.subshell(st, func(in *State) status { return m.stmts(in, c.Stmts) })
	m.substituted++
	text := m.capture.text.String()
	m.capture, m.subst, m.piped = outer, outerSubst, outerPiped
	if strings.Contains(text, Hole) || m.stopped() || len(text) > maxText {
		return Unknown(at, "the output of a command is not known")
	}
	return Value{Text: strings.TrimRight(text, "\n"), At: at}
}

// assignedWithin forgets the variables that an arithmetic expression sets.
func (m *machine) assignedWithin(st *State, n syntax.Node) {
	forget := func(x syntax.ArithmExpr) {
		if w, ok := x.(*syntax.Word); ok {
			if name := w.Lit(); name != "" {
				m.assign(st, name, Unknown(m.script.span(n), "arithmetic is not followed"))
			}
		}
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.UnaryArithm:
			if n.Op == syntax.Inc || n.Op == syntax.Dec {
				forget(n.X)
			}
		case *syntax.BinaryArithm:
			switch n.Op {
			case syntax.Assgn, syntax.AddAssgn, syntax.SubAssgn, syntax.MulAssgn, syntax.QuoAssgn, syntax.RemAssgn,
				syntax.AndAssgn, syntax.OrAssgn, syntax.XorAssgn, syntax.ShlAssgn, syntax.ShrAssgn:
				forget(n.X)
			}
		case *syntax.ParamExp:
			if n.Param != nil {
				m.expanded(st, n.Param.Value)
			}
		case *syntax.Word:
			m.expanded(st, n.Lit())
		case *syntax.CmdSubst:
			m.substitute(st, n)
			return false
		}
		return true
	})
}

func (m *machine) expanded(st *State, name string) {
	for _, d := range st.Env.Get(name).defs {
		d.Expanded = true
	}
}
