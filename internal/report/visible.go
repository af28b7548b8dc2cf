package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns s on one line, with everything in it that a terminal, a web
// page or a reader would not show as a character of its own written as Go
// writes it: \x1b, \n, \u202e, \xff for a byte that is not UTF-8.
func visible(s string) string {
	plain := func(r rune) bool { return r != utf8.RuneError && unicode.IsPrint(r) }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if plain(r) || r == utf8.RuneError && size > 1 {
			b.WriteRune(r)
		} else {
			b.WriteString(escape(r, s[:size]))
		}
		s = s[size:]
	}
	return b.String()
}

// escape writes one character that cannot be shown; raw are its bytes.
func escape(r rune, raw string) string {
	switch {
	case r == utf8.RuneError:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// asciiControls returns JSON in which characters that cannot be shown stand as
// \u escapes, so that a terminal that is given it obeys nothing in it. Outside
// of strings JSON has none of them.
func asciiControls(doc []byte) []byte {
	hidden := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	if bytes.IndexFunc(doc, hidden) < 0 {
		return doc
	}
	var b bytes.Buffer
	for _, r := range string(doc) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	return b.Bytes()
}
