package dockerfile

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxDepth is how deep ${a:-${b:-...}} may nest.
	maxDepth = 100
	// maxWork bounds one expansion: bytes of values, and steps of patterns.
	// A few lines of ENV A=$A$A would need all memory without it.
	maxWork = 1 << 14
)

var (
	errDeep = errors.New("substitutions nest too deeply")
	errWork = errors.New("substitution is too long")
)

const eof = -1

// lexer is BuildKit's shell word lexer (frontend/dockerfile/shell/lex.go, whose
// quirks are kept), working on places instead of text alone.
type lexer struct {
	text   string
	pos    int
	escape rune
	lookup Lookup

	rawQuotes  bool // quotes stay
	rawEscapes bool // escape characters stay
	skipQuotes bool // quotes are ordinary characters
	keepUnset  bool // what refers to an unset variable stays
	wantWords  bool

	words []rawWord
	open  []byte // the word being read; it came from text[from:to]
	from  int
	to    int
	depth int
	work  int
}

// rawWord is a word of the result, which came from text[start:end].
type rawWord struct {
	text       string
	start, end int
}

// fragment is a piece of the result.
type fragment struct {
	chunks []chunk
	uses   []use
	known  bool
}

// chunk stands for text[from:to]. A verbatim chunk is just that.
type chunk struct {
	from, to int
	verbatim bool
	text     string
}

type use struct {
	name     string
	from, to int
	variable *Variable
}

func (f *fragment) keep(from, to int) {
	if n := len(f.chunks) - 1; n >= 0 && f.chunks[n].verbatim && f.chunks[n].to == from {
		f.chunks[n].to = to
		return
	}
	f.chunks = append(f.chunks, chunk{from: from, to: to, verbatim: true})
}

func (f *fragment) put(text string, from, to int) {
	f.chunks = append(f.chunks, chunk{from: from, to: to, text: text})
}

func (f *fragment) add(g fragment) {
	for _, c := range g.chunks {
		if c.verbatim {
			f.keep(c.from, c.to)
		} else {
			f.put(c.text, c.from, c.to)
		}
	}
	f.uses = append(f.uses, g.uses...)
	f.known = f.known && g.known
}

// string returns the text of a fragment.
func (l *lexer) string(f fragment) string {
	var b strings.Builder
	for _, c := range f.chunks {
		if c.verbatim {
			b.WriteString(l.text[c.from:c.to])
		} else {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

// all reads the whole text.
func (l *lexer) all() (fragment, error) {
	if strings.HasPrefix(l.text, "\uFEFF") {
		l.pos = 3 // text/scanner, which BuildKit reads with, drops it
	}
	f, err := l.until(eof, l.rawEscapes, false)
	if err != nil {
		return f, fmt.Errorf("failed to process %q: %w", l.text, err)
	}
	return f, nil
}

// run reads the whole text for its words.
func (l *lexer) run() error {
	_, err := l.all()
	return err
}

func (l *lexer) peek() rune {
	if l.pos == len(l.text) {
		return eof
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.pos:])
	return r
}

func (l *lexer) next() rune {
	if l.pos == len(l.text) {
		return eof
	}
	r, size := utf8.DecodeRuneInString(l.text[l.pos:])
	l.pos += size
	return r
}

// until reads up to the character stop, which it consumes. patternEscapes
// doubles the escape characters in quotes, because the result is a pattern
// that is read once more.
func (l *lexer) until(stop rune, rawEscapes, patternEscapes bool) (fragment, error) {
	if l.depth++; l.depth > maxDepth {
		return fragment{}, errDeep
	}
	defer func(raw bool) { l.rawEscapes = raw; l.depth-- }(l.rawEscapes)
	l.rawEscapes = rawEscapes
	l.open = l.open[:0] // even of an outer word, since BuildKit shares the buffer
	outer := l.words
	out := fragment{known: true}
	for l.pos < len(l.text) {
		start := l.pos
		ch := l.peek()
		if ch == stop {
			l.next()
			l.words, l.open = outer, l.open[:0]
			return out, nil
		}
		if ch == '$' || ch == '<' || !l.skipQuotes && (ch == '\'' || ch == '"') {
			f, err := l.special(ch, patternEscapes)
			if err != nil {
				return out, err
			}
			l.addSpecial(f, ch, start)
			out.add(f)
			continue
		}
		if ch = l.next(); ch == l.escape {
			if l.rawEscapes {
				l.addRaw(l.text[start:l.pos], start)
				out.keep(start, l.pos)
			}
			start = l.pos
			if ch = l.next(); ch == eof {
				break
			}
			l.addRaw(l.text[start:l.pos], start)
		} else {
			l.addChar(ch, start)
		}
		out.keep(start, l.pos)
	}
	if stop != eof {
		return out, fmt.Errorf("unexpected end of statement while looking for matching %c", stop)
	}
	l.closeWord()
	return out, nil
}

// special reads what starts with a character that has a meaning.
func (l *lexer) special(ch rune, patternEscapes bool) (f fragment, err error) {
	f.known = true
	switch ch {
	case '$':
		f, err = l.dollar()
	case '<':
		l.heredoc(&f)
	case '\'':
		err = l.singleQuote(&f, patternEscapes)
	default:
		err = l.doubleQuote(&f, patternEscapes)
	}
	return f, err
}

func (l *lexer) singleQuote(f *fragment, patternEscapes bool) error {
	l.quote(f)
	for {
		start := l.pos
		switch ch := l.next(); {
		case ch == eof:
			return errors.New("unexpected end of statement while looking for matching single-quote")
		case ch == '\'':
			l.pos = start
			l.quote(f)
			return nil
		case patternEscapes && ch == l.escape:
			f.put(string(ch), start, l.pos)
		}
		f.keep(start, l.pos)
	}
}

// quote reads a quote, which stays only in raw mode.
func (l *lexer) quote(f *fragment) {
	if l.rawQuotes {
		f.keep(l.pos, l.pos+1)
	}
	l.pos++
}

func (l *lexer) doubleQuote(f *fragment, patternEscapes bool) error {
	l.quote(f)
	for {
		switch l.peek() {
		case eof:
			return errors.New("unexpected end of statement while looking for matching double-quote")
		case '"':
			l.quote(f)
			return nil
		case '$':
			value, err := l.dollar()
			if err != nil {
				return err
			}
			f.add(value)
			continue
		}
		start := l.pos
		if l.next() != l.escape {
			f.keep(start, l.pos)
			continue
		}
		switch l.peek() {
		case eof:
			continue
		case '"', '$', l.escape:
			if l.rawEscapes {
				f.keep(start, l.pos)
			}
			start = l.pos
			l.next()
		default:
			if l.rawEscapes && (!l.rawQuotes || patternEscapes) {
				f.put(string(l.escape), start, l.pos)
			}
		}
		f.keep(start, l.pos)
	}
}

// heredoc reads < or <<, the latter with the blanks behind it.
func (l *lexer) heredoc(f *fragment) {
	start := l.pos
	l.pos++
	if l.peek() == '<' {
		l.pos++
		for l.pos < len(l.text) && strings.IndexByte("\t\r ", l.text[l.pos]) >= 0 {
			l.pos++
		}
	}
	f.keep(start, l.pos)
}

// name reads the name of a variable: digits, one special parameter, or letters,
// digits and underscores. It may be empty.
func (l *lexer) name() string {
	start := l.pos
	first := l.peek()
	if first != eof && !unicode.IsDigit(first) && strings.ContainsRune("@*#?-$!0", first) {
		l.next()
		return l.text[start:l.pos]
	}
	digits := unicode.IsDigit(first)
	for l.pos < len(l.text) {
		ch := l.peek()
		if !unicode.IsDigit(ch) && (digits || !unicode.IsLetter(ch) && ch != '_') {
			break
		}
		l.next()
	}
	return l.text[start:l.pos]
}

// addSpecial adds what special has read to the open word. Values of variables
// are split, everything else is not.
func (l *lexer) addSpecial(f fragment, ch rune, start int) {
	if !l.wantWords {
		return
	}
	text := l.string(f)
	if ch != '$' {
		l.addRaw(text, start)
		return
	}
	for _, r := range text {
		l.addRune(r, string(r), start)
	}
}

func (l *lexer) addChar(ch rune, start int) {
	if l.wantWords {
		l.addRune(ch, l.text[start:l.pos], start)
	}
}

func (l *lexer) addRune(ch rune, text string, start int) {
	if unicode.IsSpace(ch) {
		l.closeWord()
	} else {
		l.addRaw(text, start)
	}
}

func (l *lexer) addRaw(text string, start int) {
	if !l.wantWords {
		return
	}
	if len(l.open) == 0 {
		l.from = start
	}
	l.open, l.to = append(l.open, text...), l.pos
}

func (l *lexer) closeWord() {
	if len(l.open) > 0 {
		l.words = append(l.words, rawWord{string(l.open), l.from, l.to})
		l.open = l.open[:0]
	}
}
