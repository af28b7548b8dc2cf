package systemd

import (
	"strings"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Word is one word of a value: quotes removed, escapes resolved, every byte
// traced back to the file.
type Word struct {
	*source.Joined
	At source.Span // as written, with its quotes
}

// syntax says how a value is split into words (ExtractFlags in
// src/basic/extract-word.h).
type syntax uint8

const (
	unquote            syntax = 1 << iota // quotes group
	unescape                              // C escapes; others are an error
	unescapeSeparators                    // a separator behind a backslash is text
	relaxEscapes                          // unknown escapes stay as written
	relax                                 // open quotes and a last backslash are no error
	keepEscapes                           // a backslash is text
	everySeparator                        // two separators enclose an empty word
)

// splitter takes words from a text, one by one (extract_first_word in
// src/basic/extract-word.c).
type splitter struct {
	text string
	pos  int // -1 behind the last word
}

// rest returns what is left; it is empty behind the last word.
func (s *splitter) rest() string {
	if s.pos < 0 {
		return ""
	}
	return s.text[s.pos:]
}

// rawWord is a word and the pieces of the text from which it came.
type rawWord struct {
	text       string
	start, end int // in the text, quotes included
	parts      []part
}

// part stands for text[from:to]: as written, or as the word's text from at on.
type part struct {
	at, from, to int
	literal      bool
}

type wordBuilder struct {
	text  strings.Builder
	parts []part
}

// keep adds text[i] as written.
func (b *wordBuilder) keep(text string, i int) {
	if n := len(b.parts); n > 0 && b.parts[n-1].literal && b.parts[n-1].to == i {
		b.parts[n-1].to++
	} else {
		b.parts = append(b.parts, part{at: b.text.Len(), from: i, to: i + 1, literal: true})
	}
	b.text.WriteByte(text[i])
}

// put adds what text[from:to] stands for.
func (b *wordBuilder) put(s string, from, to int) {
	b.parts = append(b.parts, part{at: b.text.Len(), from: from, to: to})
	b.text.WriteString(s)
}

// next returns the next word; ok is false behind the last one. On an error the
// position is undefined.
func (s *splitter) next(separators string, how syntax) (w rawWord, ok bool, err error) {
	if s.pos < 0 {
		return w, false, nil
	}
	if how&everySeparator == 0 {
		for s.pos < len(s.text) && strings.IndexByte(separators, s.text[s.pos]) >= 0 {
			s.pos++
		}
		if s.pos == len(s.text) {
			s.pos = -1
			return w, false, nil
		}
	}
	w.start = s.pos
	var b wordBuilder
	if w.end, err = s.scan(&b, separators, how); err != nil {
		return w, false, err
	}
	w.text, w.parts = b.text.String(), b.parts
	s.skip(w.end, separators, how)
	return w, true, nil
}

// scan reads the word at the position into b and returns where it ends.
func (s *splitter) scan(b *wordBuilder, separators string, how syntax) (int, error) {
	text, quote := s.text, byte(0)
	for p := s.pos; ; {
		if p == len(text) {
			if quote != 0 && how&relax == 0 {
				return p, errInvalid
			}
			return p, nil
		}
		c := text[p]
		switch {
		case c == '\\' && how&keepEscapes == 0:
			n, err := escape(b, text, p, quote != 0, separators, how)
			if err != nil {
				return p, err
			}
			p += n
		case quote != 0 && c == quote:
			quote = 0
			p++
		case quote == 0 && (c == '"' || c == '\'') && how&unquote != 0:
			quote = c
			p++
		case quote == 0 && strings.IndexByte(separators, c) >= 0:
			return p, nil
		default:
			b.keep(text, p)
			p++
		}
	}
}

// escape reads the escape at text[p] and returns its length.
func escape(b *wordBuilder, text string, p int, quoted bool, separators string, how syntax) (int, error) {
	if p+1 == len(text) {
		switch {
		case how&relaxEscapes != 0 && (!quoted || how&relax != 0):
			b.keep(text, p)
			return 1, nil
		case how&relax != 0:
			return 1, nil
		}
		return 0, errInvalid
	}
	c := text[p+1]
	if how&(unescape|unescapeSeparators) == 0 {
		b.put(string([]byte{c}), p, p+2)
		return 2, nil
	}
	if how&unescape != 0 {
		if s, n := cEscape(text[p+1:]); n > 0 {
			b.put(s, p, p+1+n)
			return 1 + n, nil
		}
	}
	switch {
	case how&unescapeSeparators != 0 && (c == '\\' || strings.IndexByte(separators, c) >= 0):
		b.put(string([]byte{c}), p, p+2)
	case how&relaxEscapes != 0:
		b.keep(text, p)
		b.keep(text, p+1)
	default:
		return 0, errInvalid
	}
	return 2, nil
}

// skip moves behind the separators that follow a word.
func (s *splitter) skip(end int, separators string, how syntax) {
	switch {
	case end == len(s.text):
		s.pos = -1
		return
	case how&everySeparator != 0:
		s.pos = end + 1
		return
	}
	for s.pos = end; s.pos < len(s.text) && strings.IndexByte(separators, s.text[s.pos]) >= 0; {
		s.pos++
	}
	if s.pos == len(s.text) {
		s.pos = -1
	}
}

// cEscape returns what the escape s stands for (s starts behind the backslash)
// and its length; the length is 0 where it is none (cunescape_one in
// src/basic/escape.c).
func cEscape(s string) (string, int) {
	const letters, meaning = "abfnrtv\\\"'s", "\a\b\f\n\r\t\v\\\"' "
	if i := strings.IndexByte(letters, s[0]); i >= 0 {
		return meaning[i : i+1], 1
	}
	switch c := s[0]; {
	case c == 'x':
		if v, ok := digits(s[1:], 2, 16); ok && v != 0 {
			return string([]byte{byte(v)}), 3
		}
	case c >= '0' && c <= '7':
		if v, ok := digits(s, 3, 8); ok && v != 0 && v <= 255 {
			return string([]byte{byte(v)}), 3
		}
	case c == 'u':
		if v, ok := digits(s[1:], 4, 16); ok && v != 0 {
			return encode(v), 5
		}
	case c == 'U':
		if v, ok := digits(s[1:], 8, 16); ok && v != 0 && v < 0x110000 && validRune(rune(v)) {
			return encode(v), 9
		}
	}
	return "", 0
}

// encode writes a code point as systemd does: \u may name a surrogate, which
// comes out as the three bytes that no decoder accepts.
func encode(v uint32) string {
	if v&^0x7FF == 0xD800 {
		return string([]byte{0xE0 | byte(v>>12), 0x80 | byte(v>>6&0x3F), 0x80 | byte(v&0x3F)})
	}
	return string(utf8.AppendRune(nil, rune(v)))
}

func digits(s string, n int, base uint32) (uint32, bool) {
	if len(s) < n {
		return 0, false
	}
	v := uint32(0)
	for i := range n {
		d := hexDigit(s[i])
		if d >= base {
			return 0, false
		}
		v = v*base + d
	}
	return v, true
}

// hexDigit returns the value of a hexadecimal digit, or 16.
func hexDigit(c byte) uint32 {
	switch {
	case c >= '0' && c <= '9':
		return uint32(c - '0')
	case c >= 'a' && c <= 'f':
		return uint32(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return uint32(c-'A') + 10
	}
	return 16
}

// trace makes a Word of a raw word of v.
func (w rawWord) trace(v *source.Joined) Word {
	out := Word{Joined: &source.Joined{}, At: v.Span(w.start, w.end)}
	for i, p := range w.parts {
		if p.literal {
			out.AppendPart(v, p.from, p.to)
			continue
		}
		end := len(w.text)
		if i+1 < len(w.parts) {
			end = w.parts[i+1].at
		}
		out.AppendAs(w.text[p.at:end], v.Span(p.from, p.to))
	}
	return out
}

// words splits all of v. Where it breaks off with an error, it returns the
// words before that place.
func words(v *source.Joined, separators string, how syntax) ([]Word, error) {
	s := splitter{text: v.Text}
	var out []Word
	for {
		w, ok, err := s.next(separators, how)
		if err != nil || !ok {
			return out, err
		}
		out = append(out, w.trace(v))
	}
}
