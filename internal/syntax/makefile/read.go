package makefile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// reader reads one makefile, or text of $(eval).
type reader struct {
	mk     *Makefile
	depth  int // of includes and evals
	open   []*rule
	branch []conditional
}

// conditional is an ifeq … endif that is open.
type conditional struct {
	at     source.Span
	outer  branchState // of the conditionals around it
	state  branchState
	taken  bool // a branch before was certainly taken
	before map[string]*variable
	ends   []map[string]*variable // what earlier branches left, where it is not known which is taken
	maybe  bool                   // a condition in the chain is not known
	elsed  bool
}

type branchState uint8

const (
	reading branchState = iota
	skipping
	perhaps // it is not known whether make reads this
)

// includeFile reads a makefile by the name that make is given.
func (r *reader) includeFile(name string) {
	mk := r.mk
	file := mk.file(name)
	if file == nil {
		return
	}
	if len(mk.Files) >= maxFiles || r.depth >= maxInclude {
		mk.poison(shell.Reason{At: file.Span(0, 0), Text: "too many makefiles are included"})
		return
	}
	mk.Files = append(mk.Files, file)
	if len(file.Data()) > maxSize {
		mk.poison(shell.Reason{At: file.Span(0, 0), Text: "the makefile is too long to be read"})
		return
	}
	list := *mk.vars["MAKEFILE_LIST"]
	list.text += " " + name
	if len(list.text) > maxText {
		list.lost = shell.Reason{Text: "too many makefiles are included"}
	}
	mk.vars["MAKEFILE_LIST"] = &list
	text := &source.Joined{}
	text.Append(file.Whole())
	inner := &reader{mk: mk, depth: r.depth + 1}
	inner.read(text)
}

// read reads lines up to the end of the text.
func (r *reader) read(text *source.Joined) {
	if r.depth > maxInclude {
		r.mk.poison(shell.Reason{At: text.Whole(), Text: "includes are nested too deeply"})
		return
	}
	for at := 0; at < len(text.Text); {
		end := logicalEnd(text.Text, at)
		line := text.Slice(at, end)
		if strings.HasSuffix(line.Text, "\r") {
			line = line.Slice(0, len(line.Text)-1)
		}
		next := min(end+1, len(text.Text))
		if len(r.open) > 0 && end > at && text.Text[at] == r.mk.prefix {
			if r.state() != skipping {
				r.recipeLine(line)
			}
			at = next
			continue
		}
		if len(line.Text) > maxText || r.mk.work > maxWork {
			r.mk.poison(shell.Reason{At: line.Span(0, 0), Text: "the makefile is too complex to be followed"})
			return
		}
		flat := joinLines(line)
		if word := firstWord(flat.Text); word == "define" || isDefine(flat.Text) {
			at = r.define(text, flat, next)
			continue
		}
		r.line(flat, line)
		at = next
	}
	if len(r.branch) > 0 {
		r.mk.problem(r.branch[len(r.branch)-1].at, "missing 'endif'")
		for len(r.branch) > 0 {
			r.endif()
		}
	}
}

// logicalEnd returns the end of the line at a place, the lines that
// backslashes continue included.
func logicalEnd(text string, at int) int {
	for {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		i += at
		slashes := 0
		for j := i - 1; j >= at && (text[j] == '\\' || j == i-1 && text[j] == '\r'); j-- {
			if text[j] == '\\' {
				slashes++
			}
		}
		if slashes%2 == 0 {
			return i
		}
		at = i + 1
	}
}

// joinLines takes the comment off and joins continued lines.
func joinLines(line *source.Joined) *source.Joined {
	if end := commentStart(line.Text); end >= 0 {
		line = line.Slice(0, end)
	}
	return collapse(line, true)
}

// collapse replaces each continuation by one blank and, outside define, takes
// the backslash off \#.
func collapse(line *source.Joined, hash bool) *source.Joined {
	text := line.Text
	if !strings.ContainsAny(text, "\n\\\r") {
		return line
	}
	out := &source.Joined{}
	from := 0
	for i := 0; i < len(text); i++ {
		switch {
		case hash && text[i] == '\\' && i+1 < len(text) && text[i+1] == '#':
			out.AppendJoined(line.Slice(from, i))
			from = i + 1
			i++
		case text[i] == '\n':
			end := i
			for end > from && (text[end-1] == '\\' || text[end-1] == '\r') {
				end--
			}
			for end > from && (text[end-1] == ' ' || text[end-1] == '\t') {
				end--
			}
			out.AppendJoined(line.Slice(from, end))
			slashes := strings.Count(text[end:i], "\\") / 2
			next := i + 1
			for next < len(text) && (text[next] == ' ' || text[next] == '\t') {
				next++
			}
			out.AppendAs(strings.Repeat("\\", slashes)+" ", line.Span(end, next))
			from, i = next, next-1
		}
	}
	out.AppendJoined(line.Slice(from, len(text)))
	return out
}

// commentStart returns where a comment begins, or -1. A # in a reference or
// behind a backslash begins none.
func commentStart(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '#':
			return i
		case '$':
			if i+1 < len(text) {
				size, _ := reference(text[i:])
				if size == 0 {
					return -1 // not closed: make rejects the line
				}
				if size > 2 || text[i+1] != '#' {
					i += size - 1
				}
			}
		}
	}
	return -1
}

func firstWord(text string) string {
	text = strings.TrimLeft(text, " \t")
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i]
	}
	return text
}

func isDefine(text string) bool {
	list := words(text)
	for len(list) > 0 && (list[0] == "export" || list[0] == "override" || list[0] == "private") {
		list = list[1:]
	}
	return len(list) > 1 && list[0] == "define"
}

// line reads one logical line that is no recipe.
func (r *reader) line(line, raw *source.Joined) {
	text := strings.TrimSpace(line.Text)
	if text == "" || r.conditionalLine(text, line) || r.state() == skipping {
		return
	}
	word := firstWord(text)
	rest := strings.TrimSpace(text[len(word):])
	a, isAssign := parseAssignment(line.Text, line.Whole())
	switch {
	case isAssign:
		r.closeRules()
		r.mk.assign(a, &scope{vars: r.mk.vars}, fromFile)
		r.mk.specials(a.name)
	case word == "export" || word == "unexport":
		r.closeRules()
		r.export(word == "export", rest, line)
	case word == "include" || word == "-include" || word == "sinclude":
		r.closeRules()
		r.include(rest, word == "include", line)
	case word == "undefine" || word == "override" && firstWord(rest) == "undefine":
		r.closeRules()
		r.undefine(strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "override"), "undefine")))
	case word == "vpath" || word == "load" || word == "-load":
		r.closeRules()
	default:
		r.rule(line, raw)
	}
}

// state is what the conditionals around a line say.
func (r *reader) state() branchState {
	if len(r.branch) == 0 {
		return reading
	}
	c := &r.branch[len(r.branch)-1]
	return max2(c.outer, c.state)
}

func max2(a, b branchState) branchState {
	if a == skipping || b == skipping {
		return skipping
	}
	return max(a, b)
}

func (r *reader) closeRules() { r.open = nil }

func (r *reader) export(on bool, names string, line *source.Joined) {
	if names == "" {
		r.mk.exportAll = on
		if r.state() == perhaps {
			r.mk.poison(shell.Reason{At: line.Whole(), Text: "it is not known whether all variables are exported"})
		}
		return
	}
	x := r.mk.expander(nil)
	x.at = line.Whole()
	expanded := x.expand(names)
	if strings.Contains(expanded, shell.Hole) {
		r.mk.poison(shell.Reason{At: line.Whole(), Text: "which variables are exported is not known"})
		return
	}
	for _, name := range words(expanded) {
		v := variable{name: name, origin: fromFile, lost: r.mk.rest} // a new one is empty
		if old := r.mk.vars[name]; old != nil {
			v = *old
		}
		v.exported = exportNo
		if on {
			v.exported = exportYes
		} else if v.origin == commandLine {
			r.mk.overridden(name, line.Whole())
		}
		r.mk.vars[name] = &v
	}
}

func (r *reader) undefine(name string) {
	name = strings.TrimSpace(r.mk.expander(nil).expand(name))
	old := r.mk.vars[name]
	if strings.Contains(name, shell.Hole) {
		r.mk.poison(shell.Reason{Text: "which variable is undefined is not known"})
	} else if old != nil && old.origin < environmentOverride && !(old.origin == environment && r.mk.call.Args.EnvFirst) {
		delete(r.mk.vars, name)
	}
}

func (r *reader) include(names string, must bool, line *source.Joined) {
	x := r.mk.expander(nil)
	x.at = line.Whole()
	expanded := x.expand(names)
	if strings.Contains(expanded, shell.Hole) {
		r.mk.poison(shell.Reason{At: line.Whole(), Text: "which file is included is not known"})
		return
	}
	for _, name := range words(expanded) {
		found, all := []string{name}, true
		if strings.ContainsAny(name, "*?[") {
			found, all = r.mk.glob(name)
			all = all && (len(found) > 0 || !must)
		}
		if !all {
			r.mk.poison(shell.Reason{At: line.Whole(), Text: "which files are included is not known"})
			continue
		}
		r.includeFiles(found, must, line)
	}
}

func (r *reader) includeFiles(names []string, must bool, line *source.Joined) {
	for _, name := range names {
		switch {
		case r.state() == perhaps:
			r.mk.poison(shell.Reason{At: line.Whole(), Text: "it is not known whether a file is included"})
		case r.mk.file(name) != nil:
			r.includeFile(name)
		default:
			r.mk.missing = append(r.mk.missing, name)
			if must {
				r.mk.problem(line.Whole(), name+": No such file or directory")
				r.mk.poison(shell.Reason{At: line.Whole(), Text: "the included file " + name + " is not in the repository"})
			}
		}
	}
}

// define reads "define NAME [op]" up to its endef.
func (r *reader) define(text, head *source.Joined, at int) int {
	start, nested := at, 1
	end := len(text.Text)
	var body strings.Builder
	for at < len(text.Text) {
		lineEnd := logicalEnd(text.Text, at)
		line := text.Text[at:lineEnd]
		word := ""
		if line != "" && line[0] != r.mk.prefix {
			word = firstWord(strings.TrimSpace(line))
		}
		next := min(lineEnd+1, len(text.Text))
		if word == "define" {
			nested++
		} else if word == "endef" {
			if nested--; nested == 0 {
				end = at
				at = next
				break
			}
		}
		body.WriteString(collapse(text.Slice(at, lineEnd), false).Text + "\n")
		at = next
	}
	if nested > 0 {
		r.mk.problem(head.Whole(), "missing 'endef', unterminated 'define'")
	}
	if r.state() == skipping {
		return at
	}
	r.closeRules()
	a := assignment{at: text.Span(start, max(start, end)), op: "="}
	name := strings.TrimSpace(head.Text)
	for {
		word := firstWord(name)
		name = strings.TrimSpace(name[len(word):])
		switch word {
		case "export":
			a.export = exportYes
		case "override":
			a.override = true
		case "private":
			a.private = true
		}
		if word == "define" || name == "" {
			break
		}
	}
	for _, op := range []string{":::=", "::=", ":=", "?=", "+=", "!=", "="} {
		if head, ok := strings.CutSuffix(name, op); ok {
			a.op, name = op, strings.TrimSpace(head)
			break
		}
	}
	a.name = name
	a.value = strings.TrimSuffix(body.String(), "\n")
	r.mk.assign(a, &scope{vars: r.mk.vars}, fromFile)
	return at
}

// specials keeps what the special variables say.
func (mk *Makefile) specials(name string) {
	switch name {
	case ".RECIPEPREFIX":
		mk.prefix = '\t'
		if text := mk.expander(nil).variable(name); text != "" {
			mk.prefix = text[0]
		}
	case ".DEFAULT_GOAL":
		mk.goal = strings.TrimSpace(mk.expander(nil).variable(name))
	}
}
