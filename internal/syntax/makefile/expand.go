package makefile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// expander expands text in a scope. Text that is not known becomes a hole.
type expander struct {
	mk    *Makefile
	scope *scope
	args  []string // of $(call): $(0), $(1) …
	loop  map[string]string
	depth int
	uses  []shell.Use
	why   shell.Reason // of the first hole
	at    source.Span  // the reference in the makefile that is expanded
}

func (mk *Makefile) expander(s *scope) *expander {
	if s == nil {
		s = &scope{vars: mk.vars}
	}
	return &expander{mk: mk, scope: s}
}

// firstWhy returns the reason of the first hole, or other where there is none.
func (x *expander) firstWhy(other shell.Reason) shell.Reason {
	if x.why.Text != "" {
		return x.why
	}
	return other
}

// hole returns an unknown text and remembers why.
func (x *expander) hole(why string) string { return x.because(shell.Reason{At: x.at, Text: why}) }

func (x *expander) because(why shell.Reason) string {
	if x.why.Text == "" {
		x.why = why
	}
	return shell.Hole
}

// expand expands all references in text.
func (x *expander) expand(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	if x.mk.work += 16 + len(text); x.mk.work > maxWork {
		return x.hole("the makefile is too complex to be followed")
	}
	if x.depth++; x.depth > maxDepth {
		x.depth--
		return x.hole("variables refer to each other too deeply")
	}
	defer func() { x.depth-- }()
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 >= len(text) {
			b.WriteString(strings.TrimSuffix(text, "$"))
			break
		}
		b.WriteString(text[:i])
		size, inner := reference(text[i:])
		if size == 0 {
			b.WriteString(x.hole("a reference is not closed"))
			break
		}
		b.WriteString(x.reference(inner, text[i:i+size]))
		text = text[i+size:]
		if b.Len() > maxText {
			return x.hole("the value is too long")
		}
	}
	x.mk.work += b.Len()
	return b.String()
}

// reference returns the length of the reference at the start of text, which
// begins with $, and what it refers to; 0 where it is not closed.
func reference(text string) (size int, inner string) {
	open := text[1]
	if open != '(' && open != '{' {
		return 2, text[1:2]
	}
	closing := byte(')')
	if open == '{' {
		closing = '}'
	}
	depth := 0
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return i + 1, text[2:i]
			}
		}
	}
	return 0, ""
}

// reference expands one reference.
func (x *expander) reference(inner, whole string) string {
	if whole == "$$" {
		return "$"
	}
	if len(whole) == 2 {
		return x.variable(inner)
	}
	name, rest, isCall := cutFunction(inner)
	if isCall {
		return x.function(name, rest)
	}
	if strings.Contains(inner, "$") {
		inner = x.expand(inner)
		if strings.Contains(inner, shell.Hole) {
			return shell.Hole
		}
	}
	// A substitution reference: $(NAME:from=to).
	if i := strings.IndexByte(inner, ':'); i > 0 {
		if from, to, ok := strings.Cut(inner[i+1:], "="); ok {
			if !strings.Contains(from, "%") {
				from, to = "%"+from, "%"+to
			}
			return x.eachWord(x.variable(inner[:i]), func(w string) string { return patsubst(from, to, w) })
		}
	}
	return x.variable(inner)
}

// cutFunction splits "subst a,b,c" into the name of a function and the rest.
func cutFunction(inner string) (name, rest string, ok bool) {
	i := strings.IndexAny(inner, " \t")
	if i < 0 || !isFunction(inner[:i]) {
		return "", "", false
	}
	return inner[:i], strings.TrimLeft(inner[i:], " \t"), true
}

// variable returns the expanded value of a variable.
func (x *expander) variable(name string) string {
	if text, ok := x.loop[name]; ok {
		return text
	}
	if len(x.args) > 0 && isNumber(name) {
		for i, arg := range x.args {
			if name == itoa(i) {
				return arg
			}
		}
		return ""
	}
	v, around := x.scope.find(name)
	if v == nil {
		if x.mk.rest.Text != "" && !isNumber(name) {
			x.use(name, shell.Value{Text: shell.Hole, Why: x.mk.rest})
			return x.because(x.mk.rest)
		}
		x.use(name, shell.Value{})
		return ""
	}
	text := x.valueIn(v, around)
	x.use(name, shell.Value{Text: text, At: v.at, Why: x.why})
	return text
}

func (x *expander) use(name string, v shell.Value) {
	if x.depth <= 1 && x.at.Valid() && len(x.uses) < 1000 {
		x.uses = append(x.uses, shell.Use{Name: name, Ref: x.at, Value: v})
	}
}

// valueIn returns the value of a variable that was found in a scope; around is
// the one around it.
func (x *expander) valueIn(v *variable, around *scope) string {
	if !v.append || v.lost.Text != "" || around == nil {
		return x.value(v)
	}
	before := ""
	if upper, further := around.find(v.name); upper != nil {
		before = x.valueIn(upper, further)
	}
	if before == "" {
		return x.value(v)
	}
	text := x.value(v)
	if empty(before) == shell.Maybe || empty(text) == shell.Maybe {
		return before + text
	}
	return before + " " + text
}

// value expands a variable's text.
func (x *expander) value(v *variable) string {
	if v.endless {
		x.mk.stops = shell.Reason{At: v.at, Text: v.name + " refers to itself, or may: make stops there"}
	}
	if v.lost.Text != "" {
		return x.because(v.lost)
	}
	if strings.Contains(v.text, shell.Hole) {
		why := v.why
		if why.Text == "" {
			why = shell.Reason{At: v.at, Text: "a part of the variable " + v.name + " is not known"}
		}
		x.because(why)
	}
	if !v.recursive {
		return v.text
	}
	inner := *x // the parameters of $(call) are seen within it
	inner.at = v.at
	text := inner.expand(v.text)
	x.why = inner.why
	return text
}

// joined expands text of the makefile so that each byte can be traced: that of
// a reference to the reference.
func (x *expander) joined(text *source.Joined) *source.Joined {
	out := &source.Joined{}
	from := 0
	for from < len(text.Text) {
		i := strings.IndexByte(text.Text[from:], '$')
		if i < 0 {
			break
		}
		i += from
		out.AppendJoined(text.Slice(from, i))
		if i+1 >= len(text.Text) {
			return out
		}
		size, inner := reference(text.Text[i:])
		at := text.Span(i, i+max(size, 1))
		x.at, x.depth = at, 1
		if size == 0 {
			out.AppendAs(x.hole("a reference is not closed"), at)
			return out
		}
		if len(out.Text) > maxText {
			out.AppendAs(x.hole("the recipe is too long"), at)
			return out
		}
		out.AppendAs(x.reference(inner, text.Text[i:i+size]), at)
		x.depth = 0
		from = i + size
	}
	out.AppendJoined(text.Slice(from, len(text.Text)))
	return out
}
