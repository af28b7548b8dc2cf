package yamlfile

import (
	"bytes"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// The functions here follow yaml_parser_scan_flow_scalar, ..._plain_scalar and
// ..._block_scalar of the library's scannerc.go byte by byte.

// scalar completes a scalar whose token starts at start.
func (b *builder) scalar(n *yaml.Node, out *Node, start, indent int) {
	out.Value = n.Value
	s := scanner{text: b.text, file: b.file.Source}
	end := start
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		out.Style = DoubleQuoted
		end = s.quoted(start, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		out.Style = SingleQuoted
		end = s.quoted(start, '\'')
	case n.Style&yaml.LiteralStyle != 0:
		out.Style = Literal
		end = s.block(start, indent)
	case n.Style&yaml.FoldedStyle != 0:
		out.Style = Folded
		end = s.block(start, indent)
	default:
		end = s.plain(start, n.Value)
	}
	out.At = b.file.Source.Span(start, end)
	switch {
	case s.out.Text != n.Value:
		// The library reads something else: trust it, and trace the value to
		// the whole token.
		out.text = &source.Joined{}
		out.text.AppendAs(n.Value, out.At)
	case n.Value != "" && (out.Style != Plain || n.Value != out.At.Text()):
		out.text = &s.out
	}
}

// scanner reads one scalar and collects its content.
type scanner struct {
	text []byte
	file *source.File
	out  source.Joined
}

func (s *scanner) verbatim(start, end int) { s.out.Append(s.file.Span(start, end)) }

func (s *scanner) as(text string, start, end int) { s.out.AppendAs(text, s.file.Span(start, end)) }

// space reports whether a blank or a line break stands at i.
func (s *scanner) space(i int) bool {
	return i < len(s.text) && (blank(s.text[i]) || breakLen(s.text, i) > 0)
}

// breakText returns what the line break at i means.
func breakText(text []byte, i, n int) string {
	if n == 3 {
		return string(text[i : i+3]) // LS and PS stay
	}
	return "\n"
}

// fold returns what the blanks and line breaks at i mean in a plain or quoted
// scalar, and where they end. Behind an escaped line break all breaks count.
func (s *scanner) fold(i int, escaped bool) (text string, end int) {
	start, first := i, ""
	var rest strings.Builder
	lines := escaped
	for s.space(i) {
		n := breakLen(s.text, i)
		switch {
		case n == 0:
			i++
			continue
		case !lines:
			first, lines = breakText(s.text, i, n), true
		default:
			rest.WriteString(breakText(s.text, i, n))
		}
		i += n
	}
	switch {
	case !lines:
		return string(s.text[start:i]), i
	case first == "\n" && rest.Len() == 0:
		return " ", i
	case first == "\n":
		return rest.String(), i
	}
	return first + rest.String(), i
}

// plain reads a plain scalar of which the value is known: the indentation of
// its surroundings, on which its end depends, is not.
func (s *scanner) plain(start int, value string) (end int) {
	i := start
	for done := 0; done < len(value); {
		if s.space(i) {
			text, next := s.fold(i, false)
			if !strings.HasPrefix(value[done:], text) || text == "" {
				return i
			}
			s.as(text, i, next)
			done, i = done+len(text), next
			continue
		}
		word := i
		for i < len(s.text) && done < len(value) && s.text[i] == value[done] && !s.space(i) {
			i, done = i+1, done+1
		}
		if i == word {
			return i
		}
		s.verbatim(word, i)
	}
	return i
}

// quoted reads a scalar in quotes.
func (s *scanner) quoted(start int, quote byte) (end int) {
	i := start + 1
	run := i // start of the bytes that stand for themselves
	flush := func() {
		if run < i {
			s.verbatim(run, i)
		}
	}
	for i < len(s.text) {
		switch c := s.text[i]; {
		case c == quote && quote == '\'' && i+1 < len(s.text) && s.text[i+1] == quote:
			flush()
			s.as("'", i, i+2)
			i += 2
		case c == quote:
			flush()
			return i + 1
		case s.space(i):
			flush()
			text, next := s.fold(i, false)
			s.as(text, i, next)
			i = next
		case c == '\\' && quote == '"':
			flush()
			text, next := s.escape(i)
			s.as(text, i, next)
			i = next
		default:
			i++
			continue
		}
		run = i
	}
	return len(s.text)
}

// escapes are the escapes of one character and what they mean.
const (
	escapes = "0abt\tnvfre \"'\\N_LP/"
	meant   = "\x00\a\b\t\t\n\v\f\r\x1b \"'\\\u0085\u00a0\u2028\u2029/"
)

// escape reads the escape at i and returns what it means and its end.
func (s *scanner) escape(i int) (text string, end int) {
	if n := breakLen(s.text, i+1); n > 0 {
		return s.fold(i+1+n, true)
	}
	if i+1 >= len(s.text) {
		return "", len(s.text)
	}
	c := s.text[i+1]
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; digits > 0 && i+2+digits <= len(s.text) {
		code, err := strconv.ParseUint(string(s.text[i+2:i+2+digits]), 16, 32)
		if err == nil {
			return string(rune(code)), i + 2 + digits
		}
	}
	if at := strings.IndexByte(escapes, c); at >= 0 {
		return string([]rune(meant)[at]), i + 2
	}
	return "", i + 2
}

// block reads a block scalar in a block collection at column indent, or -1. Its
// token ends behind the last line break that belongs to the value.
func (s *scanner) block(start, indent int) (end int) {
	folded := s.text[start] == '>'
	i, width, chomp := s.blockHeader(start)
	if width > 0 {
		width += max(indent, 0)
	}
	end = i
	i = nextLine(s.text, i)
	breaks, i, width := s.blockBreaks(i, width, indent)
	var last lineBreak // behind the last line read
	lastBlank := false
	for {
		content, ok := s.indented(i, width)
		if !ok {
			break
		}
		thisBlank := blank(s.text[content])
		switch {
		case folded && !lastBlank && !thisBlank && last.text == "\n":
			if len(breaks) == 0 {
				s.as(" ", last.start, last.end)
			}
		case last.text != "":
			s.as(last.text, last.start, last.end)
		}
		for _, br := range breaks {
			s.as(br.text, br.start, br.end)
		}
		lastBlank = thisBlank
		for i = content; i < len(s.text) && breakLen(s.text, i) == 0; {
			i++
		}
		s.verbatim(content, i)
		end = i
		n := breakLen(s.text, i)
		last = lineBreak{start: i, end: i + n}
		if n > 0 {
			last.text = breakText(s.text, i, n)
		}
		breaks, i, width = s.blockBreaks(i+n, width, indent)
	}
	tail := []lineBreak{last}
	switch chomp {
	case '-':
		tail = nil
	case '+':
		tail = append(tail, breaks...)
	}
	for _, br := range tail {
		if br.text != "" {
			s.as(br.text, br.start, br.end)
			end = br.end
		}
	}
	return end
}

// blockHeader reads the indicators of a block scalar: the width of its
// indentation, if it is given, and how it treats its last line breaks.
func (s *scanner) blockHeader(start int) (end, width int, chomp byte) {
	i := start + 1
	for ; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '-' || c == '+':
			chomp = c
		case c >= '1' && c <= '9':
			width = int(c - '0')
		default:
			return i, width, chomp
		}
	}
	return i, width, chomp
}

// lineBreak is a line break with the indentation before it, and its meaning.
type lineBreak struct {
	text       string
	start, end int
}

// blockBreaks reads empty lines of a block scalar, and finds the width of its
// indentation if it is 0.
func (s *scanner) blockBreaks(i, width, indent int) (breaks []lineBreak, next, found int) {
	widest := 0
	for {
		n := 0
		for i+n < len(s.text) && s.text[i+n] == ' ' && (width == 0 || n < width) {
			n++
		}
		widest = max(widest, n)
		br := breakLen(s.text, i+n)
		if br == 0 {
			break
		}
		breaks = append(breaks, lineBreak{breakText(s.text, i+n, br), i, i + n + br})
		i += n + br
	}
	if width == 0 {
		width = max(widest, indent+1, 1)
	}
	return breaks, i, width
}

// indented returns where the content of the line at i starts, if the line
// belongs to a block scalar with an indentation of width.
func (s *scanner) indented(i, width int) (content int, ok bool) {
	if i+width >= len(s.text) || len(bytes.TrimLeft(s.text[i:i+width], " ")) > 0 {
		return 0, false
	}
	return i + width, true
}
