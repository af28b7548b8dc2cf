package helm

import (
	"bytes"
	"strconv"
	"strings"
)

// mask returns the template as YAML of the same length. Actions within a line
// become words of x. A line of control actions becomes empty lines, which may
// stand everywhere; one that prints becomes a key without a value, or an item,
// at the place where its output would be.
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
			t.move(text, group[n-1])
		case out == nil:
			fill(text, start, end, '\n')
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
			fill(text, m.offset, end, '\n')
		}
	}
	return text
}

// fill overwrites text; behind its first line break it leaves nothing.
func fill(text []byte, start, end int, with byte) {
	for i := start; i < end; i++ {
		if text[i] == '\n' || text[i] == '\r' {
			with = '\n'
		}
		text[i] = with
	}
}

// move blanks an action that is the value of a key and moves its output to the
// next lines, if these hold more of the same value:
//
//	labels: {{ include "labels" . | nindent 4 }}
//	  app: web
func (t *template) move(text []byte, a *action) {
	data := t.file.Data()
	column := a.indentation()
	before := bytes.TrimRight(text[:a.start], " ")
	if column < 0 || !bytes.HasSuffix(before, []byte(":")) || printing([]*action{a}) == nil {
		return
	}
	if next, ok := t.nextIndent(a.end); ok && next >= column && len(bytes.TrimSpace(data[a.end:lineEnd(data, a.end)])) == 0 {
		fill(text, a.start, a.end, ' ')
		t.moved[a] = true
	}
}

// nextIndent returns the column of the first content behind the line of an
// offset.
func (t *template) nextIndent(offset int) (int, bool) {
	data := t.file.Data()
	for i, n := lineEnd(data, offset), 0; i < len(data) && n < far; n++ {
		start := i + 1
		i = lineEnd(data, start)
		line := data[start:i]
		if indent, _, ok := shape(line); ok {
			return indent, true
		}
		if a := printing(t.within(t.file.Span(start, i))); a != nil {
			if column := a.indentation(); column >= 0 {
				return column, true
			}
			return len(line) - len(bytes.TrimLeft(line, " ")), true
		}
	}
	return 0, false
}

// lineEnd returns the offset of the next line break at or behind i.
func lineEnd(data []byte, i int) int {
	if i >= len(data) {
		return len(data)
	}
	if n := bytes.IndexByte(data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(data)
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

// ownLines returns the lines of some actions, and whether nothing but a comment
// is there besides.
func (t *template) ownLines(group []*action) (start, end int, alone bool) {
	data := t.file.Data()
	start = bytes.LastIndexByte(data[:group[0].start], '\n') + 1
	last := group[len(group)-1].end
	end = lineEnd(data, last)
	at := start
	for _, a := range group {
		if len(bytes.TrimSpace(data[at:a.start])) > 0 {
			return start, end, false
		}
		at = a.end
	}
	rest := bytes.TrimSpace(data[last:end])
	return start, end, len(rest) == 0 || rest[0] == '#' && blank(data[last])
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// printing returns the first of some actions that prints. One that only demands
// a value does not, on a line of its own.
func printing(group []*action) *action {
	for _, a := range group {
		if a.keyword() == "" && (a.words[0] != "required" || a.indentation() >= 0 || len(group) > 1) {
			return a
		}
	}
	return nil
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
	line := min(lineEnd(text, start), end)
	fill(text, start, end, '\n')
	if start+column+len(word) > line {
		t.lost = true
		return
	}
	for i := start; i < line; i++ {
		text[i] = ' '
	}
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

// The limits of a look around an action: lines with content, and bytes.
const (
	far   = 200
	reach = 16 << 10
)

// inSequence reports whether lines at a column are items of a sequence: the
// line before them which is not indented more is an item, or the one behind.
func (t *template) inSequence(text []byte, start, end, column int) bool {
	before := bytes.TrimRight(text[max(0, start-reach):start], "\n")
	for n := 0; len(before) > 0 && n < far; n++ {
		line := before[bytes.LastIndexByte(before, '\n')+1:]
		before = bytes.TrimRight(before[:len(before)-len(line)], "\n")
		indent, item, ok := shape(line)
		if !ok || indent > column {
			continue
		}
		if indent == column {
			return item
		}
		if !bytes.HasSuffix(bytes.TrimRight(line, " \r"), []byte(":")) {
			return false
		}
		break // the key that it is the value of
	}
	behind := text[end:min(len(text), end+reach)]
	for n := 0; n < far; n++ {
		behind = bytes.TrimLeft(behind, "\n")
		if len(behind) == 0 {
			return false
		}
		line := behind[:lineEnd(behind, 0)]
		behind = behind[len(line):]
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
