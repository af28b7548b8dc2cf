package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// piece is a part of a word after expansion, before it is split into fields.
type piece struct {
	text   string
	quoted bool // neither split nor a pattern
	split  bool // an unquoted expansion: blanks in it separate words
	brk    bool // the word ends here: between the arguments in "$@"
	any    bool // may be any number of words
	at     [2]int
}

// expansion collects the pieces of a word.
type expansion struct {
	pieces []piece
	uses   []Use
	why    Reason // of the first part that is not known
}

func (x *expansion) add(p piece) {
	if len(p.text) > maxText {
		p.text = Hole
	}
	x.pieces = append(x.pieces, p)
}

// unknown adds a part that is not known.
func (x *expansion) unknown(p piece, why Reason) {
	p.text = Hole
	x.because(why)
	x.add(p)
}

func (x *expansion) because(why Reason) {
	if x.why.Text == "" {
		x.why = why
	}
}

// words expands words to the words of a command.
func (m *machine) words(st *State, list []*syntax.Word) []Word {
	var out []Word
	for _, w := range list {
		if !m.step(st, w) {
			break
		}
		out = append(out, m.fields(st, w)...)
	}
	return out
}

// fields expands one word to as many words as it becomes.
func (m *machine) fields(st *State, w *syntax.Word) []Word {
	at := m.script.span(w)
	if m.script.Dialect != POSIX && hasBraces(w) {
		return []Word{{Value: Unknown(at, "brace expansion is not followed"), Many: true}}
	}
	x := m.expand(st, w.Parts, false)
	ifs, custom := st.Env.find("IFS")
	s := splitter{x: x, at: at, why: x.why}
	s.custom = custom && !(ifs.Set == Yes && ifs.Is(" \t\n"))
	return s.run()
}

func hasBraces(w *syntax.Word) bool {
	for _, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok && strings.Contains(lit.Value, "{") {
			clone := *w
			return syntax.SplitBraces(&clone)
		}
	}
	return false
}

// value expands a word to one string, as in an assignment.
func (m *machine) value(st *State, w *syntax.Word) Value {
	if w == nil {
		return Value{}
	}
	v, _ := m.valueOf(st, w.Parts, m.script.span(w))
	return v
}

func (m *machine) valueOf(st *State, parts []syntax.WordPart, at source.Span) (Value, []Use) {
	x := m.expand(st, parts, false)
	var text strings.Builder
	for _, p := range x.pieces {
		if p.brk {
			text.WriteByte(' ')
		}
		text.WriteString(p.text)
	}
	v := Value{Text: text.String(), At: at, Why: x.why}
	if len(v.Text) > maxText {
		v = Unknown(at, "the value is too long")
	}
	if !v.Known() && v.Why.Text == "" {
		v.Why = Reason{At: at, Text: "a part of it is not known"}
	}
	return v, x.uses
}

func (m *machine) expand(st *State, parts []syntax.WordPart, quoted bool) *expansion {
	x := &expansion{}
	for i, part := range parts {
		if lit, ok := part.(*syntax.Lit); ok && i == 0 && !quoted {
			if m.tilde(st, x, lit) {
				continue
			}
		}
		m.part(st, x, part, quoted, false)
	}
	return x
}

// tilde expands ~ and ~/path at the start of a word.
func (m *machine) tilde(st *State, x *expansion, lit *syntax.Lit) bool {
	if !strings.HasPrefix(lit.Value, "~") {
		return false
	}
	home := st.Env.Get("HOME")
	name, rest, _ := strings.Cut(lit.Value, "/")
	if name != "~" || home.Set != Yes || strings.ContainsAny(rest, `\:=`) {
		x.unknown(piece{quoted: true}, Reason{At: m.script.span(lit), Text: "the home directory is not known"})
	} else {
		m.use(x, "HOME", lit, home)
		x.add(piece{text: home.Text, quoted: true})
	}
	if len(name) < len(lit.Value) {
		m.literal(x, lit.Value[len(name):], int(lit.Pos().Offset())+len(name))
	}
	return true
}

// part expands one part of a word. Within the operand of an unquoted ${V:-w},
// literal text is split as well.
func (m *machine) part(st *State, x *expansion, part syntax.WordPart, quoted, operand bool) {
	switch p := part.(type) {
	case *syntax.Lit:
		m.lit(x, p, quoted, operand)
	case *syntax.SglQuoted:
		m.single(x, p)
	case *syntax.DblQuoted:
		if len(p.Parts) == 0 {
			x.add(piece{quoted: true})
		}
		n := len(x.pieces)
		for _, inner := range p.Parts {
			m.part(st, x, inner, true, false)
		}
		if len(x.pieces) == n && !onlyArgs(p) {
			x.add(piece{quoted: true})
		}
	case *syntax.ParamExp:
		m.param(st, x, p, quoted)
	case *syntax.CmdSubst:
		v := m.substitute(st, p)
		x.because(v.Why)
		x.add(piece{text: v.Text, quoted: quoted, split: !quoted})
	case *syntax.ArithmExp:
		m.assignedWithin(st, p)
		x.unknown(piece{quoted: true}, Reason{At: m.script.span(p), Text: "arithmetic is not followed"})
	case *syntax.ProcSubst:
		m.subshell(st, func(in *State) status { return m.stmts(in, p.Stmts) })
		x.unknown(piece{quoted: true}, Reason{At: m.script.span(p), Text: "the name of a process substitution is not known"})
	default:
		x.unknown(piece{any: !quoted, quoted: quoted}, Reason{At: m.script.span(part), Text: "this expansion is not followed"})
	}
}

// onlyArgs reports whether the quotes hold nothing but $@, which may be no
// word at all.
func onlyArgs(q *syntax.DblQuoted) bool {
	for _, p := range q.Parts {
		e, ok := p.(*syntax.ParamExp)
		if !ok || e.Param == nil || e.Param.Value != "@" {
			return false
		}
	}
	return true
}

func (m *machine) lit(x *expansion, lit *syntax.Lit, quoted, operand bool) {
	start := int(lit.Pos().Offset())
	if quoted {
		text := unescape(lit.Value, "$`\"\\")
		x.add(piece{text: text, quoted: true, at: [2]int{start, int(lit.End().Offset())}})
		m.holes(x, text, lit)
		return
	}
	if operand {
		x.add(piece{text: unescape(lit.Value, ""), split: !strings.Contains(lit.Value, "\\")})
		m.holes(x, lit.Value, lit)
		return
	}
	m.literal(x, lit.Value, start)
	m.holes(x, lit.Value, lit)
}

func (m *machine) holes(x *expansion, text string, at syntax.Node) {
	if strings.Contains(text, Hole) {
		x.because(Reason{At: m.script.span(at), Text: "a part of the text is not known"})
	}
}

// literal adds unquoted text: each backslash quotes one character.
func (m *machine) literal(x *expansion, text string, start int) {
	for len(text) > 0 {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 >= len(text) {
			i = len(text)
		}
		if i > 0 {
			p := piece{text: text[:i], at: [2]int{start, start + i}}
			p.any = strings.Contains(p.text, Hole)
			x.add(p)
		}
		if i == len(text) {
			break
		}
		if text[i+1] != '\n' {
			x.add(piece{text: text[i+1 : i+2], quoted: true})
		}
		text, start = text[i+2:], start+i+2
	}
}

// unescape takes off the backslashes in front of the characters given, or of
// all where none are given.
func unescape(text, special string) string {
	if !strings.Contains(text, "\\") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			next := text[i+1]
			if next == '\n' {
				i++
				continue
			}
			if special == "" || strings.IndexByte(special, next) >= 0 {
				i++
				b.WriteByte(next)
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func (m *machine) single(x *expansion, q *syntax.SglQuoted) {
	dollar := q.Dollar
	if n := len(x.pieces); n > 0 && m.script.Dialect == POSIX && !x.pieces[n-1].quoted && strings.HasSuffix(x.pieces[n-1].text, "$") {
		dollar = true
		x.pieces[n-1].text = Hole
		x.because(Reason{At: m.script.span(q), Text: "$'…' is not in the POSIX shell language"})
	}
	if dollar && strings.Contains(q.Value, "\\") {
		x.unknown(piece{quoted: true}, Reason{At: m.script.span(q), Text: "escapes in $'…' are not followed"})
		return
	}
	start := int(q.Left.Offset()) + 1
	if q.Dollar {
		start++
	}
	x.add(piece{text: q.Value, quoted: true, at: [2]int{start, int(q.Right.Offset())}})
	m.holes(x, q.Value, q)
}

// use notes that a variable went into the word.
func (m *machine) use(x *expansion, name string, ref syntax.Node, v Var) {
	for _, d := range v.defs {
		d.Expanded = true
	}
	x.uses = append(x.uses, Use{Name: name, Ref: m.script.span(ref), Value: v.Value})
}
