package gocmd

import (
	"fmt"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Split splits a value into words as cmd/internal/quoted does: at blanks; a
// word that begins with a quote goes on to the next one, with nothing escaped
// within. A quote elsewhere is a letter like any other.
func Split(s string) ([]string, error) {
	words, err := split(s, source.Span{})
	var list []string
	for _, w := range words {
		list = append(list, w.Text)
	}
	return list, err
}

func split(s string, at source.Span) (words []Word, err error) {
	for i := 0; ; {
		for i < len(s) && isSpace(s[i]) {
			i++
		}
		if i == len(s) {
			return words, nil
		}
		start, end := i, i
		if s[i] == '"' || s[i] == '\'' {
			start++
			n := strings.IndexByte(s[start:], s[i])
			if n < 0 {
				return nil, fmt.Errorf("unterminated %c string", s[i])
			}
			end = start + n
			i = end + 1
		} else {
			for end < len(s) && !isSpace(s[end]) {
				end++
			}
			i = end
		}
		words = append(words, Word{Text: s[start:end], Known: true, At: within(at, s, start, end)})
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// within returns the bytes of at that hold s[start:end]: exactly those if the
// span holds s as written, else all of it.
func within(at source.Span, s string, start, end int) source.Span {
	if !at.Valid() {
		return at
	}
	if i := strings.Index(at.Text(), s); i >= 0 {
		return at.Sub(i+start, i+end)
	}
	return at
}

// sub returns the part of a span, or all of it where the text is not written
// as it is (quotes and variables make the span longer or shorter).
func sub(at source.Span, start, end int) source.Span {
	if !at.Valid() || at.Len() != end {
		return at
	}
	return at.Sub(start, end)
}
