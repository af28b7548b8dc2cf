package dockerfile

import (
	"encoding/json"
	"strings"
	"unicode/utf16"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// word returns the word in text[start:end] of j.
func word(j *source.Joined, start, end int) Word {
	return Word{Joined: *j.Slice(start, end), At: j.Span(start, end)}
}

// part returns a part of a word as a word.
func (w *Word) part(start, end int) Word {
	if start == len(w.Text) {
		return Word{At: w.At.Sub(w.At.Len(), w.At.Len())}
	}
	return word(&w.Joined, start, end)
}

// flags reads the options at the start of the arguments, and returns the place
// behind them. Like BuildKit it looks at bytes, each of which becomes a
// character, so that a name outside ASCII arrives garbled.
func (p *parser) flags(line *source.Joined, pos, end int) ([]Flag, int) {
	var flags []Flag
	for {
		for pos < end && isByteSpace(line.Text[pos]) {
			pos++
		}
		if !strings.HasPrefix(line.Text[pos:end], "--") {
			return flags, pos
		}
		start := pos
		var w Word
		w.Joined, pos = p.flagText(line, pos, end)
		w.At = line.Span(start, pos)
		if w.Text == "--" {
			return flags, pos
		}
		flag := Flag{Name: w.Text[2:], At: w.At}
		if i := strings.IndexByte(w.Text, '='); i >= 0 {
			flag.Name, flag.HasValue = w.Text[2:i], true
			flag.Value = w.part(i+1, len(w.Text))
		}
		flags = append(flags, flag)
	}
}

// flagText reads one option without its quotes and escapes.
func (p *parser) flagText(line *source.Joined, pos, end int) (source.Joined, int) {
	var text source.Joined
	var quote byte
	for ; pos < end; pos++ {
		c := line.Text[pos]
		switch {
		case quote == 0 && isByteSpace(c):
			return text, pos
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
			continue
		case quote != 0 && c == quote:
			quote = 0
			continue
		case c == p.out.Escape:
			if pos+1 == end {
				continue
			}
			pos++
			c = line.Text[pos]
		}
		if c < 0x80 {
			text.AppendPart(line, pos, pos+1)
		} else {
			text.AppendAs(string(rune(c)), line.Span(pos, pos+1))
		}
	}
	return text, pos
}

// blankWords splits at blanks, without regard to quotes.
func blankWords(j *source.Joined) []Word {
	var words []Word
	for i := 0; i < len(j.Text); {
		start := i
		for i < len(j.Text) && !isBlank(j.Text[i]) {
			i++
		}
		words = append(words, word(j, start, i))
		for i < len(j.Text) && isBlank(j.Text[i]) {
			i++
		}
	}
	return words
}

// quotedWords splits at spaces outside quotes. Quotes and escapes stay, except
// for an escape character that ends the text.
func (p *parser) quotedWords(j *source.Joined) []Word {
	var words []Word
	text, esc := j.Text, p.out.Escape
	for i := 0; i < len(text); {
		if size, space := spaceAt(text, i); space {
			i += size
			continue
		}
		start, end, quote := i, i, byte(0)
		for i < len(text) {
			size, space := spaceAt(text, i)
			if space && quote == 0 {
				break
			}
			c := text[i]
			switch {
			case c == esc && quote != '\'':
				if i+1 == len(text) {
					i++
					continue // dropped
				}
				i++
				size, _ = spaceAt(text, i)
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			case c == quote:
				quote = 0
			}
			i += size
			end = i
		}
		if end > start {
			words = append(words, word(j, start, end))
		}
	}
	return words
}

// arrayKind says what an argument that may be a JSON array is.
type arrayKind int

const (
	noArray    arrayKind = iota // not JSON
	otherArray                  // JSON, but not of strings only: an error
	stringArray
)

// jsonWords reads a JSON array of strings.
func jsonWords(j *source.Joined) ([]Word, arrayKind) {
	if !strings.HasPrefix(j.Text, "[") {
		return nil, noArray
	}
	var values []any
	if err := json.Unmarshal([]byte(j.Text), &values); err != nil {
		return nil, noArray
	}
	for _, v := range values {
		if _, ok := v.(string); !ok {
			return nil, otherArray
		}
	}
	dec := json.NewDecoder(strings.NewReader(j.Text))
	_, _ = dec.Token() // the bracket: Unmarshal has seen that the rest is right
	var words []Word
	for range values {
		start := int(dec.InputOffset())
		_, _ = dec.Token()
		end := int(dec.InputOffset())
		start += strings.IndexByte(j.Text[start:], '"')
		words = append(words, Word{Joined: jsonText(j, start+1, end-1), At: j.Span(start, end)})
	}
	return words, stringArray
}

// jsonText decodes the inside of a valid JSON string, each escape traced to
// itself.
func jsonText(j *source.Joined, start, end int) source.Joined {
	var out source.Joined
	for start < end {
		n := strings.IndexByte(j.Text[start:end], '\\')
		if n < 0 {
			n = end - start
		}
		out.AppendPart(j, start, start+n)
		start += n
		if start == end {
			break
		}
		size := jsonEscape(j.Text[start:end])
		var text string
		if err := json.Unmarshal([]byte(`"`+j.Text[start:start+size]+`"`), &text); err == nil {
			out.AppendAs(text, j.Span(start, start+size))
		}
		start += size
	}
	return out
}

// jsonEscape returns the length of the escape sequence that text starts with:
// two for most, six for \uXXXX, twelve for two of them that make one character.
func jsonEscape(text string) int {
	if text[1] != 'u' {
		return 2
	}
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' &&
		utf16.DecodeRune(hexRune(text[2:6]), hexRune(text[8:12])) != '\uFFFD' {
		return 12
	}
	return 6
}

func hexRune(hex string) rune {
	var r rune
	for _, c := range strings.ToLower(hex) {
		r = r<<4 + rune(strings.IndexRune("0123456789abcdef", c))
	}
	return r
}
