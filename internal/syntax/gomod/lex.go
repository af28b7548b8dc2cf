package gomod

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Token is a word of go.mod with its place.
type Token struct {
	Text string // without quotes
	At   source.Span
}

// Valid reports whether the token is there.
func (t Token) Valid() bool { return t.At.Valid() }

// Statement is one directive: a line of its own, or a line of a block.
type Statement struct {
	Verb    Token
	Args    []Token
	At      source.Span // the line without comment; in a block, without the verb
	Comment string      // the // comment at its end, without the slashes
}

// statements splits a file as x/mod/modfile does, but goes on behind errors:
// whether the file is well-formed is modfile's to say (see Parse).
func statements(f *source.File) []Statement {
	l := lexer{file: f, data: f.Data()}
	var all []Statement
	var block Token // verb of the block we are in
	for {
		words, comment, ok := l.line()
		switch {
		case len(words) == 0:
		case block.Valid() && words[0].Text == ")":
			block = Token{}
		case block.Valid():
			all = append(all, statement(block, words, words, comment))
		case len(words) == 2 && words[1].Text == "(":
			block = words[0]
		case len(words) == 3 && words[1].Text == "(" && words[2].Text == ")": // empty block
		default:
			all = append(all, statement(words[0], words[1:], words, comment))
		}
		if !ok {
			return all
		}
	}
}

func statement(verb Token, args, line []Token, comment string) Statement {
	return Statement{Verb: verb, Args: args, At: line[0].At.Cover(line[len(line)-1].At), Comment: comment}
}

type lexer struct {
	file *source.File
	data []byte
	pos  int
}

// line returns the words of the next line and its comment; ok is false at the
// end of the file.
func (l *lexer) line() (words []Token, comment string, ok bool) {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case c == '\n':
			l.pos++
			return words, comment, true
		case c == ' ' || c == '\t' || c == '\r':
			l.pos++
		case l.at("//"):
			start := l.pos + 2
			for l.pos < len(l.data) && l.data[l.pos] != '\n' {
				l.pos++
			}
			comment = string(l.data[start:l.pos])
		default:
			words = append(words, l.word())
		}
	}
	return words, comment, false
}

func (l *lexer) at(s string) bool {
	return len(l.data)-l.pos >= len(s) && string(l.data[l.pos:l.pos+len(s)]) == s
}

// word returns a quoted string, a punctuation mark, or everything up to a
// blank, punctuation or comment.
func (l *lexer) word() Token {
	start := l.pos
	c, size := utf8.DecodeRune(l.data[l.pos:])
	switch {
	case c == '"' || c == '`':
		l.quoted(byte(c))
		at := l.file.Span(start, l.pos)
		if text, err := strconv.Unquote(at.Text()); err == nil {
			return Token{text, at}
		}
		return Token{at.Text(), at}
	case !isIdent(c):
		l.pos += size
	default:
		for l.pos < len(l.data) && isIdent(c) && !l.at("//") {
			l.pos += size
			c, size = utf8.DecodeRune(l.data[l.pos:])
		}
	}
	at := l.file.Span(start, l.pos)
	return Token{at.Text(), at}
}

func (l *lexer) quoted(quote byte) {
	for l.pos++; l.pos < len(l.data) && l.data[l.pos] != '\n'; l.pos++ {
		switch {
		case l.data[l.pos] == quote:
			l.pos++
			return
		case l.data[l.pos] == '\\' && quote == '"' && l.pos+1 < len(l.data):
			l.pos++
		}
	}
}

// isIdent is modfile's: most printable runes, but a few marks.
func isIdent(r rune) bool {
	switch r {
	case ' ', '(', ')', '[', ']', '{', '}', ',':
		return false
	}
	return !unicode.IsSpace(r) && unicode.IsPrint(r)
}
