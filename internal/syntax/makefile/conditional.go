package makefile

import (
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// conditionalLine reads ifeq, else, endif and so on; false for other lines.
func (r *reader) conditionalLine(text string, line *source.Joined) bool {
	word := firstWord(text)
	rest := strings.TrimSpace(text[len(word):])
	switch word {
	case "ifeq", "ifneq", "ifdef", "ifndef":
		c := conditional{at: line.Whole(), outer: r.state()}
		if c.outer == skipping {
			c.state, c.taken = skipping, true
		} else {
			r.enter(&c, r.test(word, rest, line))
		}
		r.branch = append(r.branch, c)
	case "else":
		if len(r.branch) == 0 {
			r.mk.problem(line.Whole(), "extraneous 'else'")
			return true
		}
		r.otherwise(rest, line)
	case "endif":
		if len(r.branch) == 0 {
			r.mk.problem(line.Whole(), "extraneous 'endif'")
			return true
		}
		r.endif()
	default:
		// "ifeq(a,b)" without a blank is no conditional in make either.
		return false
	}
	return true
}

// enter starts a branch whose condition has the answer given.
func (r *reader) enter(c *conditional, holds shell.Answer) {
	switch {
	case c.taken || holds == shell.No:
		c.state = skipping
	case holds == shell.Yes && !c.maybe:
		c.state, c.taken = reading, true
	default:
		if !c.maybe {
			c.maybe, c.before = true, maps.Clone(r.mk.vars)
			r.mk.work += len(r.mk.vars)
		}
		r.mk.vars = maps.Clone(c.before)
		r.mk.work += len(r.mk.vars)
		c.state = perhaps
		c.taken = holds == shell.Yes
	}
}

// leave ends a branch.
func (r *reader) leave(c *conditional) {
	if c.state == perhaps {
		c.ends = append(c.ends, r.mk.vars)
		r.mk.vars = maps.Clone(c.before)
	}
}

func (r *reader) otherwise(rest string, line *source.Joined) {
	c := r.branch[len(r.branch)-1]
	r.branch = r.branch[:len(r.branch)-1]
	outer := r.state()
	r.leave(&c)
	switch {
	case outer == skipping:
		c.state = skipping
	case rest == "" && c.elsed:
		r.mk.problem(line.Whole(), "only one 'else' per conditional")
	case rest == "":
		c.elsed = true
		r.enter(&c, shell.Yes)
	default:
		word := firstWord(rest)
		holds := shell.No
		if !c.taken {
			holds = r.test(word, strings.TrimSpace(rest[len(word):]), line)
		}
		r.enter(&c, holds)
	}
	r.branch = append(r.branch, c)
}

// endif joins what the branches leave where it is not known which is read.
func (r *reader) endif() {
	c := r.branch[len(r.branch)-1]
	r.branch = r.branch[:len(r.branch)-1]
	r.leave(&c)
	if !c.maybe {
		return
	}
	if !c.taken {
		c.ends = append(c.ends, c.before)
	}
	joined := map[string]*variable{}
	names := map[string]bool{}
	for _, end := range c.ends {
		for name := range end {
			names[name] = true
		}
	}
	r.mk.work += len(names) * len(c.ends)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if v := joinVariable(name, c.ends, c.at); v != nil {
			joined[name] = v
		}
	}
	r.mk.vars = joined
}

func joinVariable(name string, ends []map[string]*variable, at source.Span) *variable {
	first := ends[0][name]
	same, export, unsure := true, true, false
	endless := first != nil && first.endless
	for _, end := range ends[1:] {
		v := end[name]
		endless = endless || v != nil && v.endless
		unsure = unsure || strength(v) != strength(first)
		if v == first {
			continue
		}
		if v == nil || first == nil {
			same, export = false, false
			continue
		}
		same = same && v.text == first.text && v.recursive == first.recursive && v.lost == first.lost
		export = export && v.exported == first.exported && v.origin == first.origin
	}
	if same && export {
		return first
	}
	v := variable{name: name, origin: fromFile, recursive: true, at: at}
	if first != nil {
		v = *first
	}
	if !same {
		v.lost = shell.Reason{At: at, Text: "it depends on a condition that is not known"}
	}
	if !export {
		v.exported = exportMaybe
	}
	v.unsure, v.endless = v.unsure || unsure, endless
	if unsure {
		v.origin = fromFile
	}
	return &v
}

// strength is what an assignment has to beat.
func strength(v *variable) origin {
	if v == nil || v.origin < environmentOverride {
		return undefined
	}
	return v.origin
}

// test evaluates a condition.
func (r *reader) test(word, rest string, line *source.Joined) shell.Answer {
	x := r.mk.expander(nil)
	x.at = line.Whole()
	switch word {
	case "ifdef", "ifndef":
		return not(r.defined(x, rest), word == "ifndef")
	case "ifeq", "ifneq":
		a, b, ok := twoArguments(rest)
		if !ok {
			r.mk.problem(line.Whole(), "invalid syntax in conditional")
			return shell.Maybe
		}
		return not(equal(x.expand(a), x.expand(b)), word == "ifneq")
	}
	r.mk.problem(line.Whole(), "extraneous text after 'else' directive")
	return shell.Maybe
}

// defined evaluates ifdef: whether the variable has any text, unexpanded.
func (r *reader) defined(x *expander, name string) shell.Answer {
	name = strings.TrimSpace(x.expand(name))
	v := r.mk.vars[name]
	switch {
	case strings.Contains(name, shell.Hole), v != nil && v.lost.Text != "", v == nil && r.mk.rest.Text != "":
		return shell.Maybe
	case v == nil || v.text == "":
		return shell.No
	}
	return not(empty(v.text), true)
}

func not(a shell.Answer, negate bool) shell.Answer {
	if negate {
		return shell.Yes - a
	}
	return a
}

// equal compares expanded text. Known text around a hole may decide.
func equal(a, b string) shell.Answer {
	if !strings.Contains(a+b, shell.Hole) {
		if a == b {
			return shell.Yes
		}
		return shell.No
	}
	if strings.Contains(b, shell.Hole) {
		a, b = b, a
	}
	if strings.Contains(b, shell.Hole) {
		return shell.Maybe
	}
	first := strings.Index(a, shell.Hole)
	last := strings.LastIndex(a, shell.Hole) + len(shell.Hole)
	if !strings.HasPrefix(b, a[:first]) || !strings.HasSuffix(b, a[last:]) || len(b) < first+len(a)-last {
		return shell.No
	}
	return shell.Maybe
}

// twoArguments splits "(a,b)" or "'a' "b"".
func twoArguments(text string) (a, b string, ok bool) {
	if text == "" {
		return "", "", false
	}
	if text[0] == '(' {
		depth := 0
		comma := -1
		for i := 0; i < len(text); i++ {
			switch text[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					if comma < 0 {
						return "", "", false
					}
					return strings.TrimRight(text[1:comma], " \t"), strings.TrimLeft(text[comma+1:i], " \t"), true
				}
			case ',':
				if depth == 1 && comma < 0 {
					comma = i
				}
			}
		}
		return "", "", false
	}
	a, rest, ok := quotedArgument(text)
	if !ok {
		return "", "", false
	}
	b, _, ok = quotedArgument(strings.TrimSpace(rest))
	return a, b, ok
}

func quotedArgument(text string) (inner, rest string, ok bool) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return "", "", false
	}
	i := strings.IndexByte(text[1:], text[0])
	if i < 0 {
		return "", "", false
	}
	return text[1 : i+1], text[i+2:], true
}
