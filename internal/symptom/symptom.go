// Package symptom recognises what people see when something goes wrong: the
// error text of one program in the log of another, with other names, paths and
// numbers in it.
package symptom

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minWords is how many words a pattern needs that every such text has. Fewer
// say nothing: "not found".
const minWords = 3

// maxText bounds a text, in bytes. Of a log the end counts.
const maxText = 1 << 20

// colour is what terminals take for a colour (ECMA-48, SGR).
var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Pattern is what all texts of a kind have in common.
type Pattern struct {
	words []string // "" stands for any one word
	fixed int      // how many are not ""
}

// Patterns returns those of an example, which may have several lines. A word
// that names something, or counts it, may be any other word: a path, a version,
// what stands in quotes. Lines without enough words of their own give none.
func Patterns(example string) []Pattern {
	var all []Pattern
	for line := range strings.Lines(example) {
		var p Pattern
		for _, w := range words(line) {
			if w.name {
				p.words = append(p.words, "")
				continue
			}
			p.words = append(p.words, w.text)
			p.fixed++
		}
		if p.fixed >= minWords {
			all = append(all, p)
		}
	}
	return all
}

// Text is what was seen.
type Text struct {
	words []string
}

// Read splits a text.
func Read(text string) Text {
	var t Text
	text = colour.ReplaceAllString(text[max(0, len(text)-maxText):], "")
	for line := range strings.Lines(text) {
		for _, w := range words(line) {
			t.words = append(t.words, w.text)
		}
	}
	return t
}

// Shows reports whether a pattern stands somewhere in the text.
func (t Text) Shows(p Pattern) bool {
	words := p.trimmed()
	if len(words) == 0 {
		return false
	}
	for i := 0; i+len(words) <= len(t.words); i++ {
		if slices.EqualFunc(words, t.words[i:i+len(words)], func(want, have string) bool { return want == "" || want == have }) {
			return true
		}
	}
	return false
}

// trimmed leaves out words at both ends that may be anything.
func (p Pattern) trimmed() []string {
	words := p.words
	for len(words) > 0 && words[0] == "" {
		words = words[1:]
	}
	for len(words) > 0 && words[len(words)-1] == "" {
		words = words[:len(words)-1]
	}
	return words
}

// Says reports whether all lines of an example stand in the text word for word,
// names included.
func (t Text) Says(example string) bool {
	said := false
	for line := range strings.Lines(example) {
		var p Pattern
		for _, w := range words(line) {
			p.words = append(p.words, w.text)
		}
		if len(p.words) == 0 {
			continue
		}
		if !t.Shows(p) {
			return false
		}
		said = true
	}
	return said
}

// word is one word of a line, in lower case and without punctuation around it.
type word struct {
	text string
	name bool // it names something or counts it
}

// words splits a line. What stands in quotes is one word.
func words(line string) []word {
	var all []word
	for {
		line = strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("([{", r) })
		if line == "" {
			return all
		}
		text, quoted := line, false
		if end := closing(line); end > 0 {
			text, quoted = line[1:end], true
			line = line[end+1:]
		} else {
			end := strings.IndexFunc(line, unicode.IsSpace)
			if end < 0 {
				end = len(line)
			}
			text, line = line[:end], line[end:]
		}
		bare := strings.ToLower(strings.Trim(text, ".,:;()[]{}\"'`\\"))
		if bare != "" {
			all = append(all, word{bare, quoted || names(bare)})
		}
	}
}

// closing returns where the quotes close with which a line begins, 0 for none:
// `GLIBC_2.34' and "a b" and \"a b\".
func closing(line string) int {
	line, escaped := strings.CutPrefix(line, `\`)
	if line == "" || !strings.ContainsRune("\"'`", rune(line[0])) {
		return 0
	}
	end := strings.IndexAny(line[1:], map[byte]string{'"': `"`, '\'': `'`, '`': "'`"}[line[0]])
	if end < 0 {
		return 0
	}
	end++
	if next, _ := utf8.DecodeRuneInString(line[end+1:]); unicode.IsLetter(next) || unicode.IsDigit(next) {
		return 0 // an apostrophe
	}
	if escaped {
		end++
	}
	return end
}

// names reports whether a word is one that differs from text to text.
func names(w string) bool {
	return strings.ContainsAny(w, "/@=$%<_") || strings.ContainsFunc(w, unicode.IsDigit) || strings.Contains(strings.Trim(w, "."), ".")
}
