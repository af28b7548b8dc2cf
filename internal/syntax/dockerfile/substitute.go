package dockerfile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// reference is a ${...} being read.
type reference struct {
	name     string
	start    int
	modifier string
	variable *Variable
}

// value returns the text of the variable, and whether it is set.
func (r *reference) value() (string, bool) {
	if r.variable == nil || !r.variable.Set {
		return "", false
	}
	return r.variable.Text, true
}

func (r *reference) unknown() bool { return r.variable != nil && !r.variable.Known }

// resolve looks the variable up.
func (l *lexer) resolve(r *reference) {
	if l.lookup != nil {
		r.variable = l.lookup(r.name)
	}
}

// result returns text in the place of the whole reference, which ends here.
func (l *lexer) result(r *reference, text string) (fragment, error) {
	f := fragment{known: true, uses: []use{{r.name, r.start, l.pos, r.variable}}}
	if _, set := r.value(); r.unknown() || !set && l.keepUnset {
		f.known = !r.unknown()
		f.keep(r.start, l.pos)
		return f, nil
	}
	if l.work += len(text); l.work > maxWork {
		return f, errWork
	}
	if text != "" {
		f.put(text, r.start, l.pos)
	}
	return f, nil
}

// dollar reads a reference to a variable.
func (l *lexer) dollar() (fragment, error) {
	r := &reference{start: l.pos}
	l.pos++
	if l.peek() != '{' {
		if r.name = l.name(); r.name == "" {
			f := fragment{known: true}
			f.keep(r.start, l.pos)
			return f, nil
		}
		l.resolve(r)
		text, _ := r.value()
		return l.result(r, text)
	}
	l.pos++
	switch l.peek() {
	case eof:
		return fragment{}, errors.New("syntax error: missing '}'")
	case '{', '}', ':':
		return fragment{}, errors.New("syntax error: bad substitution")
	}
	r.name = l.name()
	l.resolve(r)
	ch := l.next()
	r.modifier = string(ch)
	switch ch {
	case '}':
		text, _ := r.value()
		return l.result(r, text)
	case ':':
		ch = l.next()
		r.modifier += string(ch)
		if ch == '#' || ch == '%' {
			return fragment{}, r.unsupported()
		}
		return l.conditional(r, ch, true)
	case '+', '-', '?':
		return l.conditional(r, ch, false)
	case '#', '%':
		return l.trim(r, ch)
	case '/':
		return l.replace(r)
	}
	return fragment{}, r.unsupported()
}

func (r *reference) unsupported() error {
	return fmt.Errorf("unsupported modifier (%s) in substitution", r.modifier)
}

// operand reads up to stop. What BuildKit says is missing depends on where the
// text ends.
func (l *lexer) operand(stop rune, rawEscapes, patternEscapes bool, missing string) (fragment, error) {
	f, err := l.until(stop, rawEscapes, patternEscapes)
	if err != nil && l.pos == len(l.text) && !errors.Is(err, errDeep) {
		err = errors.New("syntax error: missing " + missing)
	}
	return f, err
}

// conditional reads the rest of ${name-word}, ${name+word}, ${name?word}; with
// a colon an empty value counts as none.
func (l *lexer) conditional(r *reference, ch rune, colon bool) (fragment, error) {
	word, err := l.operand('}', false, false, "'}'")
	if err != nil {
		return fragment{}, err
	}
	text, set := r.value()
	if l.keepUnset && !set {
		f := fragment{known: true}
		f.put("${"+r.name+r.modifier+l.string(word)+"}", r.start, l.pos)
		return f, nil
	}
	present := set && (!colon || text != "")
	switch {
	case ch != '-' && ch != '+' && ch != '?':
		return fragment{}, r.unsupported()
	case r.unknown() || ch == '-' && present || ch == '?' && present:
		return l.result(r, text)
	case ch == '+' && !present:
		return l.result(r, "")
	case ch == '?':
		return fragment{}, l.missing(r, word, set)
	}
	// The result is the word, because of the variable.
	f := fragment{known: true, uses: []use{{r.name, r.start, l.pos, r.variable}}}
	f.add(word)
	return f, nil
}

// missing is the error of ${name?word}.
func (l *lexer) missing(r *reference, word fragment, set bool) error {
	message := l.string(word)
	switch {
	case message != "":
	case set:
		message = "is not allowed to be empty"
	default:
		message = "is not allowed to be unset"
	}
	return fmt.Errorf("%s: %s", r.name, message)
}

// trim reads the rest of ${name#pattern}, ${name##pattern}, and the same with %.
func (l *lexer) trim(r *reference, ch rune) (fragment, error) {
	word, err := l.operand('}', true, true, "'}'")
	if err != nil {
		return fragment{}, err
	}
	text, set := r.value()
	pattern := l.string(word)
	if l.keepUnset && !set {
		f := fragment{known: true}
		f.put("${"+r.name+r.modifier+pattern+"}", r.start, l.pos)
		return f, nil
	}
	if r.unknown() || !word.known {
		return l.asWritten(r, word), nil
	}
	pattern, greedy := strings.CutPrefix(pattern, string(ch))
	if l.work += (len(pattern) + 1) * (len(text) + 1); l.work > maxWork {
		return fragment{}, errWork
	}
	if ch == '%' {
		// The shortest match at the end is the first one in the reverse.
		text, err = trimPrefix(reversePattern(pattern), reverse(text), greedy)
		text = reverse(text)
	} else {
		text, err = trimPrefix(pattern, text, greedy)
	}
	if err != nil {
		return fragment{}, err
	}
	f, err := l.result(r, text)
	f.uses = append(f.uses, word.uses...)
	return f, err
}

// asWritten is the result when the variable or an operand is not known: the
// reference as written.
func (l *lexer) asWritten(r *reference, operands ...fragment) fragment {
	f := fragment{uses: []use{{r.name, r.start, l.pos, r.variable}}}
	for _, o := range operands {
		f.uses = append(f.uses, o.uses...)
	}
	f.keep(r.start, l.pos)
	return f
}

// replace reads the rest of ${name/pattern/text} and ${name//pattern/text}.
func (l *lexer) replace(r *reference) (fragment, error) {
	all := l.peek() == '/'
	if all {
		l.pos++
	}
	pattern, err := l.operand('/', true, true, "'/' in ${}")
	if err != nil {
		return fragment{}, err
	}
	with, err := l.operand('}', true, false, "'}'")
	if err != nil {
		return fragment{}, err
	}
	text, set := r.value()
	glob, replacement := l.string(pattern), l.string(with)
	if l.keepUnset && !set {
		f := fragment{known: true}
		f.put("${"+r.name+"/"+glob+"/"+replacement+"}", r.start, l.pos)
		return f, nil
	}
	if r.unknown() || !pattern.known || !with.known {
		return l.asWritten(r, pattern, with), nil
	}
	if l.work += (len(glob) + len(replacement) + 1) * (len(text) + 1); l.work > maxWork {
		return fragment{}, errWork
	}
	re, err := globRegexp(glob, true, false)
	if err != nil {
		return fragment{}, fmt.Errorf("invalid pattern (%s) in substitution: %w", glob, err)
	}
	if all {
		text = re.ReplaceAllString(text, replacement)
	} else if at := re.FindStringIndex(text); at != nil {
		text = text[:at[0]] + replacement + text[at[1]:]
	}
	f, err := l.result(r, text)
	f.uses = append(f.uses, append(pattern.uses, with.uses...)...)
	return f, err
}

func trimPrefix(pattern, text string, greedy bool) (string, error) {
	re, err := globRegexp(pattern, greedy, true)
	if err != nil {
		return "", fmt.Errorf("invalid pattern (%s) in substitution: %w", pattern, err)
	}
	if at := re.FindStringIndex(text); at != nil {
		text = text[at[1]:]
	}
	return text, nil
}

// globRegexp translates a pattern of * and ? as BuildKit does. The escape
// character of patterns is the backslash, whatever that of the file is.
func globRegexp(pattern string, greedy, anchored bool) (*regexp.Regexp, error) {
	var out strings.Builder
	if anchored {
		out.WriteByte('^')
	}
	for runes := []rune(pattern); len(runes) > 0; runes = runes[1:] {
		switch ch := runes[0]; {
		case ch == '*' && greedy:
			out.WriteString(".*")
		case ch == '*':
			out.WriteString(".*?")
		case ch == '?':
			out.WriteByte('.')
		case ch != '\\':
			out.WriteString(regexp.QuoteMeta(string(ch)))
		case len(runes) > 1 && (runes[1] == '}' || runes[1] == '/'):
			// escaped for the sake of ${}: not part of the pattern
		case len(runes) > 1 && strings.ContainsRune(`*?\`, runes[1]):
			out.WriteString(`\` + string(runes[1]))
			runes = runes[1:]
		case len(runes) == 1:
			return nil, errors.New("invalid escape '\\\uFFFD'")
		default:
			return nil, fmt.Errorf("invalid escape '\\%c'", runes[1])
		}
	}
	return regexp.Compile(out.String())
}

func reverse(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// reversePattern reverses a pattern and leaves escapes before what they escape.
func reversePattern(pattern string) string {
	in := []rune(pattern)
	out := make([]rune, 0, len(in))
	for i := len(in) - 1; i >= 0; i-- {
		out = append(out, in[i])
	}
	for i := 0; i < len(in)-1; i++ {
		if in[i] == '\\' {
			at := len(in) - 1 - i
			out[at-1], out[at] = '\\', in[i+1]
			i++
		}
	}
	return string(out)
}
