package helm

import (
	"bytes"
	"strconv"
	"strings"
)

// mask returns the template as YAML of the same length. Actions within a line
// become words of x. A line of control actions becomes a comment; one that
// prints becomes a key without a value, or an item, at the place where its
// output would be.
func (t *template) mask() []byte {
	text := bytes.Clone(t.file.Data())
	for i := 0; i < len(t.actions); {
		n := t.sameLine(i)
		group := t.actions[i : i+n]
		start, end, alone := t.ownLines(group)
		switch out := printing(group); {
		case !alone:
			for _, a := range group {
				fill(text, a.start, a.end, 'x')
			}
		case out == nil:
			t.comment(text, start, end)
		default:
			t.output(text, out, start, end)
		}
		i += n
	}
	for i, m := range t.regions {
		if m.region.dead {
			end := len(text)
			if i+1 < len(t.regions) {
				end = t.regions[i+1].offset
			}
			fill(text, m.offset, end, ' ')
		}
	}
	return text
}

// fill overwrites text, but no line breaks; behind the first it writes blanks.
func fill(text []byte, start, end int, with byte) {
	for i := start; i < end; i++ {
		switch text[i] {
		case '\n':
			with = ' '
		case '\r':
		default:
			text[i] = with
		}
	}
}

// sameLine returns how many actions from i on stand on the same lines.
func (t *template) sameLine(i int) int {
	n := 1
	data := t.file.Data()
	for i+n < len(t.actions) && bytes.IndexByte(data[t.actions[i+n-1].end:t.actions[i+n].start], '\n') < 0 {
		n++
	}
	return n
}

// ownLines returns the lines of some actions, and whether nothing else is there.
func (t *template) ownLines(group []*action) (start, end int, alone bool) {
	data := t.file.Data()
	start, end = group[0].start, group[len(group)-1].end
	start = bytes.LastIndexByte(data[:start], '\n') + 1
	if n := bytes.IndexByte(data[end:], '\n'); n >= 0 {
		end += n
	} else {
		end = len(data)
	}
	at := start
	for _, a := range group {
		if len(bytes.TrimSpace(data[at:a.start])) > 0 {
			return start, end, false
		}
		at = a.end
	}
	return start, end, len(bytes.TrimSpace(data[at:end])) == 0
}

// printing returns the first of some actions that prints.
func printing(group []*action) *action {
	for _, a := range group {
		if a.keyword() == "" {
			return a
		}
	}
	return nil
}

// comment makes lines a comment.
func (t *template) comment(text []byte, start, end int) {
	fill(text, start, end, ' ')
	if start < end {
		text[start] = '#'
	}
	for i := start; i < end; i++ {
		if text[i] == '\n' && i+1 < end && text[i+1] != '\n' && text[i+1] != '\r' {
			text[i+1] = '#'
		}
	}
}

// output puts a placeholder for the output of an action into its lines.
func (t *template) output(text []byte, a *action, start, end int) {
	column := a.indentation()
	if column < 0 {
		column = a.start - start
	}
	word := "x:"
	if t.inSequence(text, start, end, column) {
		word = "- x"
	}
	line := start
	if n := bytes.IndexByte(text[start:end], '\n'); n >= 0 {
		line = start + n
	} else {
		line = end
	}
	t.comment(text, start, end)
	if start+column+len(word) > line {
		t.lost = true
		return
	}
	fill(text, start, line, ' ')
	copy(text[start+column:], word)
	t.places[start+column+strings.IndexByte(word, 'x')] = a
}

// indentation returns the column that indent or nindent move the output to, or
// -1.
func (a *action) indentation() int {
	for i, w := range a.words {
		if (w == "indent" || w == "nindent") && i+1 < len(a.words) {
			if n, err := strconv.Atoi(a.words[i+1]); err == nil && n >= 0 {
				return n
			}
		}
	}
	return -1
}

// inSequence reports whether lines at a column are items of a sequence: the
// line before them which is not indented more is an item, or the one behind.
func (t *template) inSequence(text []byte, start, end, column int) bool {
	const far = 200 // lines to look at
	for i, n := start, 0; i > 0 && n < far; n++ {
		line := text[bytes.LastIndexByte(text[:i-1], '\n')+1 : i-1]
		i -= len(line) + 1
		if indent, item, ok := shape(line); ok && indent <= column {
			if indent == column && item {
				return true
			}
			if indent == column || !bytes.HasSuffix(bytes.TrimRight(line, " \r"), []byte(":")) {
				return false
			}
			break // the key that it is the value of
		}
	}
	for i, n := end, 0; i < len(text) && n < far; n++ {
		next := bytes.IndexByte(text[i+1:], '\n')
		if next < 0 {
			next = len(text) - i - 1
		}
		line := text[min(i+1, len(text)) : i+1+next]
		i += next + 1
		if indent, item, ok := shape(line); ok && indent <= column {
			return indent == column && item
		}
	}
	return false
}

// shape returns how a line is indented and whether it starts an item, unless it
// is empty or a comment, or only holds actions.
func shape(line []byte) (indent int, item, ok bool) {
	rest := bytes.TrimLeft(line, " ")
	indent = len(line) - len(rest)
	rest = bytes.TrimSpace(rest)
	if len(rest) == 0 || rest[0] == '#' || bytes.HasPrefix(rest, []byte("{{")) && bytes.HasSuffix(rest, []byte("}}")) {
		return 0, false, false
	}
	return indent, rest[0] == '-' && (len(rest) == 1 || rest[1] == ' '), true
}
