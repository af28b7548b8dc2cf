package helm

import (
	"sort"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// template is a template while it is read.
type template struct {
	chart    *Chart
	file     *source.File
	actions  []*action
	regions  []mark
	problems []source.Problem

	places map[int]*action  // those with a line of their own, by their placeholder
	moved  map[*action]bool // blanked: the output is on the lines that follow
	lost   bool             // some output has no placeholder
	copied int              // nodes of values.yaml
}

// action is a {{…}} of a template.
type action struct {
	start, end int
	body       string   // without braces, trim markers and outer blanks
	words      []string // of the body
	region     *region  // in which it stands
}

// keyword returns the word of a control action, or "" for one that prints.
func (a *action) keyword() string {
	switch {
	case a.body == "" || strings.HasPrefix(a.body, "/*"):
		return "comment"
	case len(a.words) > 1 && strings.HasPrefix(a.words[0], "$") && (a.words[1] == ":=" || a.words[1] == "="):
		return "assignment"
	}
	switch w := a.words[0]; w {
	case "if", "else", "with", "range", "end", "define", "block", "break", "continue", "fail":
		return w
	}
	return ""
}

// lex finds the actions, as text/template/parse/lex.go does.
func (t *template) lex() {
	text := string(t.file.Data())
	for i := 0; ; {
		start := strings.Index(text[i:], "{{")
		if start < 0 {
			return
		}
		start += i
		end := actionEnd(text, start+2)
		if end < 0 {
			t.problems = append(t.problems, source.Problem{At: t.file.Span(start, start+2), Text: "unclosed action"})
			return
		}
		body := text[start+2 : end-2]
		if rest, ok := strings.CutPrefix(body, "-"); ok && rest != "" && strings.ContainsRune(" \t\r\n", rune(rest[0])) {
			body = rest
		}
		if rest, ok := strings.CutSuffix(body, "-"); ok && rest != "" && strings.ContainsRune(" \t\r\n", rune(rest[len(rest)-1])) {
			body = rest
		}
		body = strings.TrimSpace(body)
		t.actions = append(t.actions, &action{start: start, end: end, body: body, words: split(body)})
		i = end
	}
}

// actionEnd returns the offset behind the }} of an action whose body starts at
// i, or -1. Braces in texts and comments do not end it.
func actionEnd(text string, i int) int {
	if rest := strings.TrimLeft(strings.TrimPrefix(text[i:], "-"), " \t\r\n"); strings.HasPrefix(rest, "/*") {
		from := len(text) - len(rest)
		end := strings.Index(text[from:], "*/")
		if end < 0 {
			return -1
		}
		i = from + end + 2
	}
	for i < len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\'' || c == '`':
			end := quoteEnd(text, i)
			if end < 0 {
				return -1
			}
			i = end
		case strings.HasPrefix(text[i:], "}}"):
			return i + 2
		default:
			i++
		}
	}
	return -1
}

// quoteEnd returns the offset behind the text in quotes at i, or -1.
func quoteEnd(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i + 1
		case text[i] == '\\' && quote != '`':
			i++
		case text[i] == '\n' && quote != '`':
			return -1
		}
	}
	return -1
}

// split divides a body into words: names, texts in quotes, |, ( and ).
func split(body string) []string {
	var words []string
	for i := 0; i < len(body); {
		start := i
		switch c := body[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
			continue
		case c == '"' || c == '\'' || c == '`':
			if i = quoteEnd(body, i); i < 0 {
				return append(words, body[start:])
			}
		case strings.IndexByte("|(),", c) >= 0:
			i++
		default:
			for i < len(body) && strings.IndexByte(" \t\r\n\"'`|(),", body[i]) < 0 {
				i++
			}
		}
		words = append(words, body[start:i])
	}
	return words
}

// presence says whether a part of a template is rendered.
type presence uint8

const (
	present presence = iota
	absent
	unsure
)

// region is a part of a template with the same conditions around it.
type region struct {
	presence    presence
	conditional bool // it depends on values
	dot         dot
	taken       presence // of an if or with: whether a branch so far is rendered
	outer       *region
	dead        bool // the body of a define: it is not part of the output
}

// dot is what . stands for.
type dot struct {
	root  bool
	value *yamlfile.Node // nil: unknown
}

// mark says that a region starts at an offset.
type mark struct {
	offset int
	region *region
}

// nest finds the regions.
func (t *template) nest() {
	current := &region{dot: dot{root: true}}
	t.regions = []mark{{0, current}}
	for _, a := range t.actions {
		a.region = current
		switch word := a.keyword(); word {
		case "if", "with":
			current = t.branch(current, word, a.words[1:], present)
		case "range":
			current = &region{presence: both(current.presence, unsure), conditional: true, outer: current, dead: current.dead}
		case "define", "block":
			current = &region{presence: absent, conditional: true, outer: current, dead: true}
		case "else", "end":
			if current.outer == nil {
				continue // nothing is open
			}
			if word == "else" {
				current = t.elseBranch(current, a.words[1:])
			} else {
				current = current.outer
			}
		default:
			continue
		}
		t.regions = append(t.regions, mark{a.end, current})
	}
}

// branch opens the region of an if or with. Before says whether it is reached:
// not so if an earlier branch is taken.
func (t *template) branch(outer *region, keyword string, condition []string, before presence) *region {
	r := &region{conditional: true, outer: outer, dot: outer.dot, dead: outer.dead}
	truth := t.truth(condition, outer.dot)
	if keyword == "with" {
		value, _ := t.resolve(condition, outer.dot)
		r.dot = dot{value: value}
	}
	r.presence = both(outer.presence, both(before, truth))
	r.taken = truth
	return r
}

// elseBranch opens the region of an else, or else if, behind r.
func (t *template) elseBranch(r *region, words []string) *region {
	var before presence // whether no earlier branch is taken
	switch r.taken {
	case present:
		before = absent
	case unsure:
		before = unsure
	}
	next := &region{presence: both(r.outer.presence, before), conditional: true, outer: r.outer, dot: r.outer.dot, taken: r.taken, dead: r.dead}
	if len(words) > 1 && (words[0] == "if" || words[0] == "with") {
		next = t.branch(r.outer, words[0], words[1:], before)
		switch {
		case r.taken == present || next.taken == present && before == present:
			next.taken = present
		case r.taken == unsure || next.taken == unsure:
			next.taken = unsure
		}
	}
	return next
}

// both returns whether what needs two conditions is rendered.
func both(a, b presence) presence {
	switch {
	case a == absent || b == absent:
		return absent
	case a == unsure || b == unsure:
		return unsure
	}
	return present
}

// regionAt returns the region of an offset.
func (t *template) regionAt(offset int) *region {
	n := sort.Search(len(t.regions), func(n int) bool { return t.regions[n].offset > offset })
	return t.regions[n-1].region
}

// within returns the actions that a span touches.
func (t *template) within(s source.Span) []*action {
	first := sort.Search(len(t.actions), func(n int) bool { return t.actions[n].end > s.Start })
	last := first
	for last < len(t.actions) && t.actions[last].start < s.End {
		last++
	}
	return t.actions[first:last]
}
