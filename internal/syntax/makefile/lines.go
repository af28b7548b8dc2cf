package makefile

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// lines are the logical lines of a makefile, or of text of $(eval): what can be
// said of them before anything is known of variables. One makefile is read many
// times, for every call of make.
type lines struct {
	text *source.Joined
	kept []logicalLine // all of them, by place; nil where they would take too much memory
}

// maxKept bounds the lines of a makefile that are kept. Each takes some hundred
// bytes besides its text.
const maxKept = 10_000

// logicalLine is a line with those that backslashes continue.
type logicalLine struct {
	start, end int            // in the text, without the newline
	next       int            // where the line behind it starts
	raw        *source.Joined // without a carriage return at the end
	recipe     *source.Joined // of a line that begins with a tab: behind it
	flat       *source.Joined // joined to one line, without its comment; nil where it is too long

	text       string      // flat without blanks around it
	word, rest string      // the first word of text and what stands behind it
	define     bool        // begins the definition of a variable over several lines
	assignment *assignment // nil for other lines
}

type linesKey struct{}

// linesOf returns the lines of a file.
func linesOf(f *source.File) *lines {
	return source.Parsed(f, linesKey{}, func() *lines {
		t := &lines{text: &source.Joined{}}
		t.text.Append(f.Whole())
		if strings.Count(t.text.Text, "\n") > maxKept {
			return t
		}
		var all []logicalLine
		for at := 0; at < len(t.text.Text); {
			l := newLine(t.text, at)
			all = append(all, l)
			at = l.next
		}
		t.kept = all
		return t
	})
}

// at returns the line that starts at a place.
func (t *lines) at(start int) *logicalLine {
	i, ok := slices.BinarySearchFunc(t.kept, start, func(l logicalLine, start int) int { return l.start - start })
	if ok {
		return &t.kept[i]
	}
	l := newLine(t.text, start)
	return &l
}

func newLine(text *source.Joined, start int) logicalLine {
	end := logicalEnd(text.Text, start)
	l := logicalLine{start: start, end: end, next: min(end+1, len(text.Text)), raw: text.Slice(start, end)}
	if strings.HasSuffix(l.raw.Text, "\r") {
		l.raw = l.raw.Slice(0, len(l.raw.Text)-1)
	}
	if strings.HasPrefix(l.raw.Text, "\t") {
		l.recipe = recipeOf(l.raw.Slice(1, len(l.raw.Text)), '\t')
	}
	if len(l.raw.Text) > maxText {
		return l
	}
	l.flat = joinLines(l.raw)
	l.define = firstWord(l.flat.Text) == "define" || isDefine(l.flat.Text)
	l.text = strings.TrimSpace(l.flat.Text)
	l.word = firstWord(l.text)
	l.rest = strings.TrimSpace(l.text[len(l.word):])
	if l.text != "" && !l.define {
		if a, ok := parseAssignment(l.flat.Text, l.flat.Whole()); ok {
			l.assignment = &a
		}
	}
	return l
}

// recipeOf takes off the prefix behind each continuation, which is no part of a
// recipe; the continuation is, for the shell.
func recipeOf(line *source.Joined, prefix byte) *source.Joined {
	out := &source.Joined{}
	from := 0
	for i := 0; i+1 < len(line.Text); i++ {
		if line.Text[i] == '\n' && line.Text[i+1] == prefix {
			out.AppendJoined(line.Slice(from, i+1))
			from = i + 2
		}
	}
	out.AppendJoined(line.Slice(from, len(line.Text)))
	return out
}

// logicalEnd returns the end of the line at a place, the lines that
// backslashes continue included.
func logicalEnd(text string, at int) int {
	for {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		i += at
		slashes := 0
		for j := i - 1; j >= at && (text[j] == '\\' || j == i-1 && text[j] == '\r'); j-- {
			if text[j] == '\\' {
				slashes++
			}
		}
		if slashes%2 == 0 {
			return i
		}
		at = i + 1
	}
}

// joinLines takes the comment off and joins continued lines.
func joinLines(line *source.Joined) *source.Joined {
	if end := commentStart(line.Text); end >= 0 {
		line = line.Slice(0, end)
	}
	return collapse(line, true)
}

// collapse replaces each continuation by one blank and, outside define, takes
// the backslash off \#.
func collapse(line *source.Joined, hash bool) *source.Joined {
	text := line.Text
	if !strings.ContainsAny(text, "\n\\\r") {
		return line
	}
	out := &source.Joined{}
	from := 0
	for i := 0; i < len(text); i++ {
		switch {
		case hash && text[i] == '\\' && i+1 < len(text) && text[i+1] == '#':
			out.AppendJoined(line.Slice(from, i))
			from = i + 1
			i++
		case text[i] == '\n':
			end := i
			for end > from && (text[end-1] == '\\' || text[end-1] == '\r') {
				end--
			}
			for end > from && (text[end-1] == ' ' || text[end-1] == '\t') {
				end--
			}
			out.AppendJoined(line.Slice(from, end))
			slashes := strings.Count(text[end:i], "\\") / 2
			next := i + 1
			for next < len(text) && (text[next] == ' ' || text[next] == '\t') {
				next++
			}
			out.AppendAs(strings.Repeat("\\", slashes)+" ", line.Span(end, next))
			from, i = next, next-1
		}
	}
	out.AppendJoined(line.Slice(from, len(text)))
	return out
}

// commentStart returns where a comment begins, or -1. A # in a reference or
// behind a backslash begins none.
func commentStart(text string) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '#':
			return i
		case '$':
			if i+1 < len(text) {
				size, _ := reference(text[i:])
				if size == 0 {
					return -1 // not closed: make rejects the line
				}
				if size > 2 || text[i+1] != '#' {
					i += size - 1
				}
			}
		}
	}
	return -1
}

func firstWord(text string) string {
	text = strings.TrimLeft(text, " \t")
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i]
	}
	return text
}

func isDefine(text string) bool {
	list := words(text)
	for len(list) > 0 && (list[0] == "export" || list[0] == "override" || list[0] == "private") {
		list = list[1:]
	}
	return len(list) > 1 && list[0] == "define"
}
