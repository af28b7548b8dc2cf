package dockerfile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// maxLine is the longest line BuildKit reads, in bytes without the newline
// (bufio.MaxScanTokenSize - 1).
const maxLine = 1<<16 - 1

// maxTriggers is how many ONBUILD within ONBUILD are read. BuildKit rejects two.
const maxTriggers = 8

// Parse reads a Dockerfile. It never fails: what BuildKit would reject is in
// Problems, in the order of the file.
func Parse(f *source.File) *File {
	p := &parser{
		out:   &File{Source: f, Escape: '\\', names: map[string][]int{}},
		data:  f.Data(),
		known: map[string]string{},
	}
	for _, cmd := range commands {
		p.known[strings.ToLower(cmd)] = cmd
	}
	if bytes.HasPrefix(p.data, []byte("\xEF\xBB\xBF")) {
		p.pos = 3
	}
	for p.pos < len(p.data) {
		p.statement()
	}
	switch {
	case !p.any:
		p.problem(f.Span(0, 0), "file with no instructions")
	case len(p.out.Stages) == 0:
		p.problem(f.Span(0, 0), "dockerfile contains no stages to build")
	}
	p.checkSources()
	slices.SortStableFunc(p.out.Problems, func(a, b source.Problem) int { return cmp.Compare(a.At.Start, b.At.Start) })
	return p.out
}

type parser struct {
	out   *File
	data  []byte
	pos   int               // where the next line starts
	any   bool              // there was a line that is not blank and not a comment
	begun bool              // directives are over
	known map[string]string // the instructions, by name in lower case
	depth int               // in how many ONBUILD, whose arguments are checked only when they run
}

// commands lists the instructions, in upper case.
var commands = [...]string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
	"MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// problem notes what makes BuildKit's parser stop.
func (p *parser) problem(at source.Span, format string, args ...any) {
	p.out.Problems = append(p.out.Problems, source.Problem{At: at, Text: fmt.Sprintf(format, args...)})
}

// invalid notes what makes BuildKit reject an instruction that it has parsed.
// The instruction of an ONBUILD is looked at only in the build of a child.
func (p *parser) invalid(at source.Span, format string, args ...any) {
	if p.depth == 0 {
		p.problem(at, format, args...)
	}
}

// next returns the next line without its line ending, and moves on.
func (p *parser) next() (start, end int) {
	start, end = p.pos, len(p.data)
	p.pos = end
	if n := bytes.IndexByte(p.data[start:], '\n'); n >= 0 {
		end = start + n
		p.pos = end + 1
	}
	if end-start > maxLine {
		p.problem(p.out.Source.Span(start, end), "dockerfile line greater than max allowed size of %d", maxLine)
	}
	for end > start && p.data[end-1] == '\r' {
		end--
	}
	return start, end
}

// skipSpace returns the first place from start that is not a space.
func (p *parser) skipSpace(start, end int) int {
	return end - len(bytes.TrimLeftFunc(p.data[start:end], unicode.IsSpace))
}

// statement reads one instruction with its continuation lines and heredocs, or
// a blank line, or a comment.
func (p *parser) statement() {
	start, end := p.next()
	start = p.skipSpace(start, end)
	if p.comment(start, end) {
		return
	}
	p.begun = true
	var line source.Joined
	more := p.appendLine(&line, start, end)
	if !more && line.Text == "" {
		return
	}
	p.any = true
	for more && p.pos < len(p.data) {
		start, end := p.next()
		first := p.skipSpace(start, end)
		if first == end || p.comment(first, end) {
			continue // an empty line does not end the instruction
		}
		more = p.appendLine(&line, start, end)
	}
	ins := p.instruction(&line, p.out.Source.Span(start, end))
	if ins == nil {
		return
	}
	p.heredocs(ins, &line)
	p.arguments(ins)
	p.place(ins)
}

// appendLine adds a line without its continuation character, and reports
// whether there was one: the escape character, not behind another, with at most
// blanks and tabs behind it.
func (p *parser) appendLine(line *source.Joined, start, end int) (more bool) {
	last := end
	for last > start && (p.data[last-1] == ' ' || p.data[last-1] == '\t') {
		last--
	}
	esc := p.out.Escape
	if last > start && p.data[last-1] == esc && (last-1 == start || p.data[last-2] != esc) {
		end, more = last-1, true
	}
	line.Append(p.out.Source.Span(start, end))
	return more
}

// comment notes the comment that starts at start, if one does. The first
// comments of a file may be directives.
func (p *parser) comment(start, end int) bool {
	if start == end || p.data[start] != '#' {
		return false
	}
	at := p.out.Source.Span(start, end)
	p.out.Comments = append(p.out.Comments, at)
	if !p.begun {
		p.begun = !p.directive(at)
	}
	return true
}

// directive reads `# name = value`. Anything else, and a name that is unknown,
// ends the directives.
func (p *parser) directive(at source.Span) bool {
	text := at.Text()
	name, rest, ok := strings.Cut(strings.TrimLeftFunc(text[1:], unicode.IsSpace), "=")
	name = strings.ToLower(strings.TrimRight(name, blanks))
	value := strings.Trim(rest, blanks)
	if value == "" && rest != "" {
		value = rest[len(rest)-1:] // the expression needs one character
	}
	if !ok || value == "" || name != "syntax" && name != "escape" && name != "check" {
		return false
	}
	valueEnd := strings.LastIndex(text, value) + len(value)
	word := Word{At: at.Sub(valueEnd-len(value), valueEnd)}
	word.Append(word.At)
	for _, d := range p.out.Directives {
		if d.Name == name {
			p.problem(at, "only one %s parser directive can be used", name)
			return true
		}
	}
	p.out.Directives = append(p.out.Directives, Directive{Name: name, Value: word, At: at.Sub(0, valueEnd)})
	if name == "escape" {
		if value != "`" && value != `\` {
			p.problem(word.At, "invalid escape token '%s' does not match ` or \\", value)
			return true
		}
		p.out.Escape = value[0]
	}
	return true
}

// blanks are what \s means in the regular expression for directives.
const blanks = "\t\n\f\r "

// instruction splits a line into keyword, flags and arguments. It returns nil
// for what is not an instruction.
func (p *parser) instruction(line *source.Joined, at source.Span) *Instruction {
	start, end := trimSpace(line.Text, 0, len(line.Text))
	key := start
	for key < end && !isBlank(line.Text[key]) {
		key++
	}
	word := line.Text[start:key]
	cmd, ok := p.known[strings.ToLower(word)]
	if !ok {
		if word != "" {
			at = line.Span(start, key)
		}
		p.invalid(at, "unknown instruction: %s", word)
		return nil
	}
	ins := &Instruction{Cmd: cmd, At: line.Span(start, end), Keyword: line.Span(start, key)}
	for key < end && isBlank(line.Text[key]) {
		key++
	}
	ins.Flags, key = p.flags(line, key, end)
	key, end = trimSpace(line.Text, key, end)
	ins.Args = *line.Slice(key, end)
	if cmd == "ONBUILD" && ins.Args.Text != "" && p.depth < maxTriggers {
		inner := *p
		inner.depth++
		ins.Trigger = inner.instruction(&ins.Args, ins.Args.Whole())
	}
	return ins
}

// place files an instruction under its stage.
func (p *parser) place(ins *Instruction) {
	out := p.out
	out.Instructions = append(out.Instructions, ins)
	switch {
	case ins.Cmd == "FROM":
		st := &Stage{Index: len(out.Stages), Name: strings.ToLower(ins.From.Name.Text), From: ins}
		out.Stages = append(out.Stages, st)
		out.names[st.Name] = append(out.names[st.Name], st.Index)
		ins.Stage = st
	case len(out.Stages) > 0:
		st := out.Stages[len(out.Stages)-1]
		st.Instructions = append(st.Instructions, ins)
		ins.Stage = st
	case ins.Cmd == "ARG":
		out.Meta = append(out.Meta, ins)
	default:
		p.invalid(ins.Keyword, "no build stage in current context")
	}
}

// trimSpace narrows a range of text to what is between spaces.
func trimSpace(text string, start, end int) (int, int) {
	start = end - len(strings.TrimLeftFunc(text[start:end], unicode.IsSpace))
	return start, start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
}

// isBlank reports whether c separates words in the parser's regular expression.
func isBlank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'
}

// isByteSpace reports whether BuildKit takes a byte for a space where it looks
// at bytes as if they were characters.
func isByteSpace(c byte) bool { return unicode.IsSpace(rune(c)) }

// spaceAt decodes the character at i and reports whether it is a space.
func spaceAt(text string, i int) (size int, space bool) {
	r, size := utf8.DecodeRuneInString(text[i:])
	return size, unicode.IsSpace(r)
}
