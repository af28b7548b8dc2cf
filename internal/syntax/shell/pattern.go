package shell

import (
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// pattern is a compiled shell pattern.
type pattern struct {
	known bool
	items []patternItem
}

type patternItem struct {
	kind byte   // 0 one byte, '?' any character, '*' any text, '[' one of a set
	lit  byte   // of kind 0
	set  string // of kind '[': pairs of first and last byte
	not  bool
}

// pattern compiles a word as a pattern. What is quoted stands for itself.
func (m *machine) pattern(st *State, w *syntax.Word) pattern {
	if w == nil {
		return pattern{known: true}
	}
	x := m.expand(st, w.Parts, false)
	p := pattern{known: true}
	for i, piece := range x.pieces {
		switch {
		case piece.brk, strings.Contains(piece.text, Hole), piece.split && strings.Contains(piece.text, "\\"):
			return pattern{}
		case piece.quoted:
			p.literal(piece.text)
		case !p.compile(piece.text, i == len(x.pieces)-1):
			return pattern{}
		}
	}
	return p
}

func (p *pattern) literal(text string) {
	for i := range len(text) {
		p.items = append(p.items, patternItem{lit: text[i]})
	}
}

// compile adds unquoted text. It returns false for what is not followed: sets
// with classes or in pieces, and text that is not ASCII in a set.
func (p *pattern) compile(text string, last bool) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '*', '?':
			p.items = append(p.items, patternItem{kind: c})
		case '[':
			item, size, ok := compileSet(text[i:])
			if !ok {
				if !last || strings.Contains(text[i:], "]") {
					return false
				}
				p.literal("[")
				continue
			}
			p.items = append(p.items, item)
			i += size - 1
		default:
			p.items = append(p.items, patternItem{lit: c})
		}
	}
	return true
}

func compileSet(text string) (item patternItem, size int, ok bool) {
	end := strings.IndexByte(text[1:], ']') + 1
	if end < 2 {
		return item, 0, false
	}
	body := text[1:end]
	item.kind = '['
	if body[0] == '!' || body[0] == '^' {
		if body[0] == '^' {
			return item, 0, false // shells differ
		}
		item.not, body = true, body[1:]
	}
	if body == "" || strings.ContainsAny(body, "[\\") {
		return item, 0, false
	}
	for i := 0; i < len(body); i++ {
		first, lastByte := body[i], body[i]
		if first >= 0x80 {
			return item, 0, false
		}
		if i+2 < len(body) && body[i+1] == '-' {
			lastByte = body[i+2]
			i += 2
		}
		item.set += string([]byte{first, lastByte})
	}
	return item, end + 1, true
}

// match reports whether the pattern matches all of the value.
func (p pattern) match(v Value) Answer {
	if !p.known {
		return Maybe
	}
	if len(p.items) > 0 && p.all() {
		return Yes
	}
	if !v.Known() || !ascii(v.Text) { // what a character is depends on the locale
		return Maybe
	}
	if matchItems(p.items, v.Text) {
		return Yes
	}
	return No
}

// all reports whether the pattern is *, which matches whatever the value is.
func (p pattern) all() bool {
	for _, it := range p.items {
		if it.kind != '*' {
			return false
		}
	}
	return true
}

func ascii(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// matchItems is the usual matcher with one point to go back to.
func matchItems(items []patternItem, text string) bool {
	i, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		if i < len(items) && items[i].kind == '*' {
			star, mark = i, t
			i++
			continue
		}
		if i < len(items) {
			if size := items[i].size(text[t:]); size > 0 {
				i, t = i+1, t+size
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		i, t = star+1, mark
	}
	for i < len(items) && items[i].kind == '*' {
		i++
	}
	return i == len(items)
}

// size returns how many bytes at the start of text one item matches, or 0.
func (it patternItem) size(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	switch it.kind {
	case 0:
		if text[0] == it.lit {
			return 1
		}
		return 0
	case '?':
		return size
	}
	in := false
	for i := 0; i < len(it.set); i += 2 {
		in = in || it.set[i] <= text[0] && text[0] <= it.set[i+1]
	}
	if in == it.not {
		return 0
	}
	return size
}
