package makefile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// rule is one rule for one target or pattern.
type rule struct {
	target  string
	stem    string // of a static pattern rule
	prereqs []string
	order   []string // order-only prerequisites
	double  bool     // ::
	recipe  []*source.Joined
	has     bool // there is a recipe, which may be empty
	at      source.Span
	maybe   bool // within a conditional that is not known
}

// patternVariable is a variable assignment for a pattern, or for targets that
// are not known.
type patternVariable struct {
	target string // holds % or a hole
	a      assignment
	maybe  bool
}

// targetVariable gives a target or pattern a variable.
func (r *reader) targetVariable(target string, a assignment) {
	mk := r.mk
	hole := strings.Contains(target, shell.Hole)
	if hole || strings.Contains(target, "%") {
		if a.op == ":=" || a.op == "::=" {
			x := mk.expander(nil)
			a.value = strings.ReplaceAll(x.expand(a.value), "$", "$$") // expanded now, not when a target matches
		}
		mk.patternVars = append(mk.patternVars, patternVariable{target: target, a: a, maybe: hole || r.state() == perhaps})
		return
	}
	target = strings.TrimPrefix(target, "./")
	set := mk.targetVars[target]
	if set == nil {
		set = map[string]*variable{}
		mk.targetVars[target] = set
	}
	s := &scope{vars: set, outer: &scope{vars: mk.vars}, own: true}
	mk.assign(a, s, fromFile)
	if r.state() == perhaps {
		mk.uncertain(a, s)
	}
}

// uncertain forgets a variable of a target that may not have been assigned.
func (mk *Makefile) uncertain(a assignment, s *scope) {
	name := strings.TrimSpace(mk.expander(s).expand(a.name))
	why := shell.Reason{At: a.at, Text: "it is not known whether this assignment counts"}
	s.vars[name] = &variable{name: name, origin: fromFile, recursive: true, at: a.at, target: true, lost: why, exported: exportMaybe}
}

// parseAssignment reads "[modifiers] NAME op value"; false for other lines.
func parseAssignment(text string, at source.Span) (assignment, bool) {
	a := assignment{at: at}
	for {
		text = strings.TrimLeft(text, " \t")
		word := firstWord(text)
		next := strings.TrimLeft(text[len(word):], " \t")
		if next == "" || startsWithOperator(next) {
			break
		}
		switch word {
		case "export":
			a.export = exportYes
		case "unexport":
			a.export = exportNo
		case "override":
			a.override = true
		case "private":
			a.private = true
		default:
			word = ""
		}
		if word == "" {
			break
		}
		text = next
	}
	end, op := findOperator(text)
	if op == "" {
		return a, false
	}
	a.op = op
	a.name = strings.TrimSpace(text[:end])
	a.value = strings.TrimLeft(text[end+len(op):], " \t")
	if a.name == "" {
		return a, false
	}
	return a, true
}

func startsWithOperator(text string) bool {
	end, op := findOperator(text)
	return op != "" && end == 0
}

// findOperator finds the operator behind the name at the start of text.
func findOperator(text string) (int, string) {
	blank := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '$' && i+1 < len(text):
			size, _ := reference(text[i:])
			if size == 0 || blank {
				return 0, ""
			}
			i += size - 1
		case c == ' ' || c == '\t':
			blank = true
		default:
			for _, op := range []string{":::=", "::=", ":=", "?=", "+=", "!=", "="} {
				if strings.HasPrefix(text[i:], op) {
					return i, op
				}
			}
			if c == ':' || c == ';' || blank {
				return 0, ""
			}
		}
	}
	return 0, ""
}

// indexOutside finds the first of some bytes that is not part of a reference.
func indexOutside(text, any string) int {
	for i := 0; i < len(text); i++ {
		if text[i] == '$' && i+1 < len(text) {
			size, _ := reference(text[i:])
			if size == 0 {
				return -1
			}
			i += size - 1
			continue
		}
		if text[i] == '\\' && i+1 < len(text) {
			i++
			continue
		}
		if strings.IndexByte(any, text[i]) >= 0 {
			return i
		}
	}
	return -1
}

// rule reads a rule or a target-specific variable. Raw is the line before its
// continuations were joined and its comment was taken off: a recipe behind a
// semicolon keeps both.
func (r *reader) rule(line, raw *source.Joined) {
	text := line.Text
	colon := indexOutside(text, ":")
	if colon < 0 {
		r.generated(line)
		return
	}
	r.closeRules()
	x := r.mk.expander(nil)
	x.at = line.Span(0, colon)
	targets := words(strings.TrimSuffix(strings.TrimRight(x.expand(text[:colon]), " \t"), "&"))
	rest, double := colon+1, false
	if strings.HasPrefix(text[rest:], ":") {
		rest, double = rest+1, true
	}
	from := rest + len(text[rest:]) - len(strings.TrimLeft(text[rest:], " \t"))
	if a, ok := parseAssignment(text[rest:], line.Span(from, len(text))); ok {
		for _, t := range targets {
			r.targetVariable(t, a)
		}
		return
	}
	var inline *source.Joined
	end := len(text)
	if i := indexOutside(text[rest:], ";"); i >= 0 {
		end = rest + i
	}
	if i := indexOutside(raw.Text, ";#"); i >= 0 && raw.Text[i] == ';' {
		inline = raw.Slice(i+1, len(raw.Text))
	}
	x.at = line.Span(rest, end)
	base := rule{double: double, at: line.Whole(), maybe: r.state() == perhaps}
	r.prerequisites(&base, targets, x.expand(text[rest:end]))
	if inline != nil {
		r.recipeText(inline)
	}
}

// stops reports whether a line is nothing but $(error …).
func stops(line string) bool {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "$(error ") && !strings.HasPrefix(line, "${error ") {
		return false
	}
	size, _ := reference(line)
	return size == len(line)
}

// generated reads a line that is a rule only once it is expanded. Where make
// may stop there, what follows is read as if it did not.
func (r *reader) generated(line *source.Joined) {
	if r.state() == perhaps && stops(line.Text) {
		return
	}
	x := r.mk.expander(nil)
	x.at = line.Whole()
	text := strings.TrimSpace(x.expand(line.Text))
	switch {
	case text == "":
	case strings.Contains(text, shell.Hole):
		r.closeRules()
		r.mk.poison(shell.Reason{At: line.Whole(), Text: "a line of the makefile is generated from what is not known"})
	case indexOutside(strings.ReplaceAll(text, "$", "$$"), ":") >= 0:
		again := &source.Joined{}
		again.AppendAs(strings.ReplaceAll(text, "$", "$$"), line.Whole())
		r.rule(again, again)
	default:
		r.closeRules()
		r.mk.problem(line.Whole(), "missing separator")
	}
}

// prerequisites adds the rule for each target.
func (r *reader) prerequisites(base *rule, targets []string, text string) {
	pattern := ""
	if i := strings.IndexByte(text, ':'); i >= 0 {
		pattern, text = strings.TrimSpace(text[:i]), text[i+1:]
	}
	normal, order, _ := strings.Cut(text, "|")
	base.prereqs, base.order = words(normal), words(order)
	r.mk.work += len(targets) * (len(base.prereqs) + len(base.order) + 1)
	for _, t := range targets {
		if r.mk.work > maxWork {
			r.mk.unknown = append(r.mk.unknown, shell.Reason{At: base.at, Text: "the makefile is too complex to be followed"})
			return
		}
		one := *base
		one.target = t
		if pattern != "" {
			s, ok := stem(pattern, t)
			if !ok {
				continue
			}
			one.stem = s
			one.prereqs = substituteStem(base.prereqs, s)
			one.order = substituteStem(base.order, s)
		}
		r.addRule(&one)
	}
}

func substituteStem(list []string, s string) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = strings.Replace(p, "%", s, 1)
	}
	return out
}

func (r *reader) addRule(one *rule) {
	mk := r.mk
	mk.rules = append(mk.rules, one)
	r.open = append(r.open, one)
	switch one.target {
	case ".PHONY":
		for _, p := range one.prereqs {
			mk.phony[p] = true
		}
	case ".IGNORE", ".SILENT":
		set := mk.ignored
		if one.target == ".SILENT" {
			set = mk.silent
		}
		for _, p := range one.prereqs {
			set[p] = true
		}
		mk.special[one.target] = mk.special[one.target] || len(one.prereqs) == 0
	case ".ONESHELL", ".POSIX", ".SECONDEXPANSION":
		mk.special[one.target] = true
	}
	switch {
	case strings.Contains(one.target, shell.Hole):
		mk.unknown = append(mk.unknown, shell.Reason{At: one.at, Text: "the target of a rule is not known"})
	case strings.Contains(one.target, "%") && one.stem == "":
		mk.patterns = append(mk.patterns, one)
	default:
		mk.byTarget[one.target] = append(mk.byTarget[one.target], one)
		if mk.goal == "" && (!strings.HasPrefix(one.target, ".") || strings.Contains(one.target, "/")) {
			mk.goal = one.target
		}
	}
}

// recipeLine adds a line that starts with the recipe prefix to the rules that
// are open.
func (r *reader) recipeLine(line *source.Joined) {
	r.recipeText(line.Slice(1, len(line.Text)))
}

// recipeText adds a line of a recipe. The prefix behind a continuation is not
// part of it; the continuation is, for the shell.
func (r *reader) recipeText(line *source.Joined) {
	out := &source.Joined{}
	from := 0
	for i := 0; i+1 < len(line.Text); i++ {
		if line.Text[i] == '\n' && line.Text[i+1] == r.mk.prefix {
			out.AppendJoined(line.Slice(from, i+1))
			from = i + 2
		}
	}
	out.AppendJoined(line.Slice(from, len(line.Text)))
	for _, one := range r.open {
		one.has = true
		one.recipe = append(one.recipe, out)
	}
}
