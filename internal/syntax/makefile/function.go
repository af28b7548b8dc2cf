package makefile

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

func itoa(n int) string { return strconv.Itoa(n) }

func isFunction(name string) bool {
	switch name {
	case "subst", "patsubst", "strip", "findstring", "filter", "filter-out", "sort", "word", "words", "wordlist", "firstword", "lastword",
		"dir", "notdir", "suffix", "basename", "addsuffix", "addprefix", "join", "if", "or", "and", "foreach", "call", "value", "origin",
		"flavor", "abspath", "realpath", "wildcard", "shell", "eval", "file", "guile", "info", "warning", "error", "let", "intcmp":
		return true
	}
	return false
}

// arguments splits the text of a function at its commas; the last of n takes
// the rest.
func arguments(text string, n int) []string {
	var out []string
	depth, from := 0, 0
	for i := 0; i < len(text) && (n == 0 || len(out) < n-1); i++ {
		switch text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, text[from:i])
				from = i + 1
			}
		}
	}
	return append(out, text[from:])
}

// function evaluates a function call.
func (x *expander) function(name, text string) string {
	switch name {
	case "if", "or", "and":
		return x.condition(name, text)
	case "foreach":
		return x.foreach(text)
	case "call":
		return x.call(text)
	case "value", "origin", "flavor":
		return x.about(name, x.expand(text))
	case "eval":
		return x.evaluate(x.expand(text))
	case "shell":
		return x.shell(x.expand(text))
	case "info", "warning":
		x.expand(text)
		return ""
	case "error":
		return x.hole("make stops here with an error")
	case "wildcard":
		return x.wildcard(x.expand(text))
	case "file", "guile", "realpath", "let", "intcmp":
		return x.hole("$(" + name + ") is not followed")
	}
	args := arguments(text, arity(name))
	for i := range args {
		args[i] = x.expand(args[i])
	}
	if len(args) < arity(name) {
		return x.hole("a function has too few arguments")
	}
	return x.pure(name, args)
}

// arity is the number of arguments of the functions whose arguments are all
// expanded first.
func arity(name string) int {
	switch name {
	case "subst", "patsubst", "wordlist":
		return 3
	case "findstring", "filter", "filter-out", "word", "addsuffix", "addprefix", "join":
		return 2
	}
	return 1
}

// pure evaluates a function of its arguments only.
func (x *expander) pure(name string, args []string) string {
	list := args[len(args)-1]
	for _, a := range args[:len(args)-1] {
		if strings.Contains(a, shell.Hole) {
			return shell.Hole
		}
	}
	hole := strings.Contains(list, shell.Hole)
	switch name {
	case "strip":
		if slices.ContainsFunc(words(list), func(w string) bool { return empty(w) == shell.Maybe }) {
			return shell.Hole
		}
		return strings.Join(words(list), " ")
	case "addsuffix":
		return x.eachWord(list, func(w string) string { return w + args[0] })
	case "addprefix":
		return x.eachWord(list, func(w string) string { return args[0] + w })
	case "findstring":
		if hole {
			return shell.Hole
		}
		if strings.Contains(args[1], args[0]) {
			return args[0]
		}
		return ""
	case "subst":
		if hole {
			return shell.Hole
		}
		if args[0] == "" {
			return list + args[1]
		}
		return strings.ReplaceAll(list, args[0], args[1])
	case "patsubst":
		return x.eachWord(list, func(w string) string { return patsubst(args[0], args[1], w) })
	case "abspath":
		return x.eachWord(list, func(w string) string { return x.abspath(w) })
	}
	if hole {
		return shell.Hole
	}
	return wordFunction(x, name, args, words(list))
}

// wordFunction evaluates the functions that look at a list of known words.
func wordFunction(x *expander, name string, args, list []string) string {
	switch name {
	case "filter", "filter-out":
		patterns := words(args[0])
		return strings.Join(keep(list, func(w string) bool {
			matched := slices.ContainsFunc(patterns, func(p string) bool { _, ok := stem(p, w); return ok })
			return matched == (name == "filter")
		}), " ")
	case "sort":
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		return strings.Join(slices.Compact(sorted), " ")
	case "words":
		return itoa(len(list))
	case "firstword":
		return strings.Join(list[:min(1, len(list))], " ")
	case "lastword":
		return strings.Join(list[max(0, len(list)-1):], " ")
	case "word":
		n, err := strconv.Atoi(strings.TrimSpace(args[0]))
		if err != nil || n < 1 {
			return x.hole("$(word) has no number")
		}
		if n > len(list) {
			return ""
		}
		return list[n-1]
	case "wordlist":
		return wordlist(x, args, list)
	case "join":
		return join(words(args[0]), list)
	}
	return strings.Join(apply(list, func(w string) string { return fileName(name, w) }), " ")
}

func wordlist(x *expander, args, list []string) string {
	from, err1 := strconv.Atoi(strings.TrimSpace(args[0]))
	to, err2 := strconv.Atoi(strings.TrimSpace(args[1]))
	if err1 != nil || err2 != nil || from < 1 || to < 0 {
		return x.hole("$(wordlist) has no numbers")
	}
	if from > len(list) || from > to {
		return ""
	}
	return strings.Join(list[from-1:min(to, len(list))], " ")
}

func join(a, b []string) string {
	out := make([]string, max(len(a), len(b)))
	for i := range out {
		if i < len(a) {
			out[i] = a[i]
		}
		if i < len(b) {
			out[i] += b[i]
		}
	}
	return strings.Join(out, " ")
}

// fileName evaluates the functions of file names for one word.
func fileName(name, w string) string {
	slash := strings.LastIndexByte(w, '/')
	dot := strings.LastIndexByte(w, '.')
	switch name {
	case "dir":
		if slash < 0 {
			return "./"
		}
		return w[:slash+1]
	case "notdir":
		return w[slash+1:]
	case "suffix":
		if dot > slash {
			return w[dot:]
		}
		return ""
	default: // basename
		if dot > slash {
			return w[:dot]
		}
		return w
	}
}

// apply maps words and drops those that become empty.
func apply(list []string, f func(string) string) []string {
	var out []string
	for _, w := range list {
		if r := f(w); r != "" {
			out = append(out, r)
		}
	}
	return out
}

func keep(list []string, ok func(string) bool) []string {
	var out []string
	for _, w := range list {
		if ok(w) {
			out = append(out, w)
		}
	}
	return out
}

// eachWord maps the words of text; with a hole in it, their number is not
// known.
func (x *expander) eachWord(text string, f func(string) string) string {
	if strings.Contains(text, shell.Hole) {
		return shell.Hole
	}
	var b strings.Builder
	for i, w := range words(text) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f(w))
		if b.Len() > maxText {
			return x.hole("the value is too long")
		}
	}
	return b.String()
}

// words splits text at blanks.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\v' })
}

// stem matches a word against a pattern with at most one %.
func stem(pattern, word string) (string, bool) {
	before, after, ok := strings.Cut(pattern, "%")
	if !ok {
		return "", pattern == word
	}
	if len(word) < len(before)+len(after) || !strings.HasPrefix(word, before) || !strings.HasSuffix(word, after) {
		return "", false
	}
	return word[len(before) : len(word)-len(after)], true
}

func patsubst(from, to, word string) string {
	s, ok := stem(from, word)
	if !ok {
		return word
	}
	if !strings.Contains(from, "%") {
		return to
	}
	return strings.Replace(to, "%", s, 1)
}

func (x *expander) abspath(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	if !x.mk.dir.Known() {
		return x.because(x.mk.dir.Why)
	}
	return path.Join(x.mk.dir.Text, name)
}

// condition evaluates $(if), $(or) and $(and). A text with a hole may be empty
// unless it has something else too.
func (x *expander) condition(name, text string) string {
	args := arguments(text, 0)
	if name == "if" {
		args = arguments(text, 3)
		cond := x.expand(strings.TrimSpace(args[0]))
		switch empty(cond) {
		case shell.No:
			if len(args) > 1 {
				return x.expand(args[1])
			}
			return ""
		case shell.Yes:
			if len(args) > 2 {
				return x.expand(args[2])
			}
			return ""
		}
		return shell.Hole
	}
	last := ""
	for _, a := range args {
		last = x.expand(strings.TrimSpace(a))
		switch e := empty(last); {
		case e == shell.Maybe:
			return shell.Hole
		case name == "or" && e == shell.No:
			return last
		case name == "and" && e == shell.Yes:
			return ""
		}
	}
	return last
}

func empty(text string) shell.Answer {
	switch {
	case text == "":
		return shell.Yes
	case strings.Trim(text, shell.Hole) == "":
		return shell.Maybe
	}
	return shell.No
}

func (x *expander) foreach(text string) string {
	args := arguments(text, 3)
	if len(args) < 3 {
		return x.hole("a function has too few arguments")
	}
	name, list := x.expand(strings.TrimSpace(args[0])), x.expand(args[1])
	if strings.Contains(name+list, shell.Hole) {
		return shell.Hole
	}
	outer := x.loop
	defer func() { x.loop = outer }()
	var b strings.Builder
	for i, w := range words(list) {
		if i > 0 {
			b.WriteByte(' ')
		}
		x.loop = map[string]string{name: w}
		for k, v := range outer {
			if k != name {
				x.loop[k] = v
			}
		}
		b.WriteString(x.expand(args[2]))
		if b.Len() > maxText || x.mk.work > maxWork {
			return x.hole("the value is too long")
		}
	}
	return b.String()
}

func (x *expander) call(text string) string {
	args := arguments(text, 0)
	for i := range args {
		args[i] = x.expand(args[i])
	}
	args[0] = strings.TrimSpace(args[0])
	if strings.Contains(args[0], shell.Hole) {
		return shell.Hole
	}
	if isFunction(args[0]) {
		return x.hole("$(call) of a function is not followed")
	}
	v := x.scope.get(args[0])
	if v == nil {
		return x.variable(args[0])
	}
	inner := *x
	inner.args = args
	out := inner.value(v)
	x.why = inner.why
	return out
}

// about evaluates $(value), $(origin) and $(flavor).
func (x *expander) about(name, of string) string {
	v := x.scope.get(of)
	switch {
	case strings.Contains(of, shell.Hole):
		return shell.Hole
	case v == nil && x.mk.rest.Text != "":
		return x.because(x.mk.rest)
	case v == nil && name == "value":
		return ""
	case v == nil:
		return "undefined"
	case v.lost.Text != "":
		return x.because(v.lost)
	case name == "value":
		return v.text
	case name == "origin":
		return v.origin.String()
	case v.recursive:
		return "recursive"
	}
	return "simple"
}

// evaluate reads text as part of the makefile.
func (x *expander) evaluate(text string) string {
	if strings.Contains(text, shell.Hole) || x.depth > maxDepth/2 {
		x.mk.poison(shell.Reason{At: x.at, Text: "$(eval) of text that is not known"})
		return ""
	}
	j := &source.Joined{}
	j.AppendAs(text, x.at)
	x.depth += 4
	r := &reader{mk: x.mk, depth: x.depth}
	r.read(&lines{text: j})
	x.depth -= 4
	return ""
}

// shell returns what a command prints, where the shell package knows it.
func (x *expander) shell(command string) string {
	if strings.Contains(command, shell.Hole) {
		return x.hole("the output of a command is not known")
	}
	j := &source.Joined{}
	j.AppendAs(command, x.at)
	r := shell.Runner{File: x.mk.call.File, Prints: x.mk.call.Prints}
	out := r.Output(shell.Parse(j, shell.POSIX), shell.State{Env: x.mk.callEnv(), Dir: x.mk.dir})
	if !out.Known() {
		return x.hole("the output of a command is not known")
	}
	return strings.ReplaceAll(strings.TrimRight(out.Text, "\n"), "\n", " ")
}
