package compose

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// command reads a command: a list of words, or a text that is split into them.
func (r *reader) command(n *yamlfile.Node) yamlfile.List {
	switch {
	case n.IsNull():
		return yamlfile.List{}
	case n.Kind == yamlfile.Mapping:
		r.Problem(n.Pos(), "command must be a text or a sequence, not a mapping")
		return yamlfile.List{At: n.At, Open: true}
	case n.Kind == yamlfile.Sequence || n.Unknown:
		return n.List()
	}
	words, ok := Split(n.Scalar())
	if !ok {
		r.Problem(n.At, "invalid command line string")
	}
	return yamlfile.List{At: n.At, Items: words, Open: !ok}
}

// Split divides a command into words as Compose does: with
// github.com/mattn/go-shellwords, which knows quotes and backslashes, replaces
// nothing, and drops what follows an operator of the shell. It fails where that
// fails.
func Split(v yamlfile.Value) (words []yamlfile.Value, ok bool) {
	s := splitter{value: v}
	for i := 0; i < len(v.Text); i++ {
		if s.step(i) {
			break
		}
		if s.failed {
			return nil, false
		}
	}
	s.end()
	return s.words, !s.escaped && s.quote == 0
}

// splitter holds a word that is being read. Quote is the quote it is in: ', ",
// ` or ( for $(.
type splitter struct {
	value   yamlfile.Value
	words   []yamlfile.Value
	word    source.Joined
	inWord  bool
	escaped bool
	failed  bool
	quote   byte
	start   int
	last    int
}

// add takes the byte at i into the word.
func (s *splitter) add(i int) {
	s.mark(i)
	s.word.AppendPart(&s.value.Joined, i, i+1)
}

// mark notes that the byte at i belongs to the word.
func (s *splitter) mark(i int) {
	if !s.inWord {
		s.inWord, s.start = true, i
	}
	s.last = i + 1
}

func (s *splitter) end() {
	if s.inWord {
		word := s.value
		word.Joined = s.word
		word.At = s.value.Span(s.start, s.last)
		word.Tag = "!!str"
		s.words = append(s.words, word)
	}
	s.word, s.inWord = source.Joined{}, false
}

// step reads the byte at i. It returns true at an operator that ends the
// command.
func (s *splitter) step(i int) (done bool) {
	c := s.value.Text[i]
	switch {
	case s.escaped:
		s.escaped = false
		s.add(i)
	case c == '\\' && s.quote != '\'':
		s.mark(i)
		s.escaped = true
	case strings.IndexByte(" \t\r\n", c) >= 0:
		if s.quote != 0 {
			s.add(i)
		} else {
			s.end()
		}
	case s.quote == 0 && strings.IndexByte(";&|<>", c) >= 0:
		if c == '>' && s.word.Text != "" && s.word.Text[0] >= '0' && s.word.Text[0] <= '9' {
			s.inWord = false // the number of a file
		}
		return true
	default:
		s.quoting(i, c)
	}
	return false
}

// quoting reads a byte that may open or close quotes.
func (s *splitter) quoting(i int, c byte) {
	switch {
	case (c == '"' || c == '\'') && (s.quote == 0 || s.quote == c || s.quote == '`'):
		s.mark(i)
		if s.quote == c {
			s.quote = 0
		} else if s.quote == 0 {
			s.quote = c
		}
	case c == '`' && (s.quote == 0 || s.quote == '`'):
		s.add(i)
		s.quote ^= '`'
	case c == '(' && s.quote == 0 && strings.HasSuffix(s.word.Text, "$"):
		s.add(i)
		s.quote = '('
	case c == '(' && (s.quote == 0 || s.quote == '('), c == ')' && s.quote == 0:
		s.failed = true
	case c == ')' && s.quote == '(':
		s.add(i)
		s.quote = 0
	default:
		s.add(i)
	}
}

// ParseSize reads an amount of memory as Compose does, in bytes: with
// RAMInBytes of github.com/docker/go-units. Units are binary whatever their
// case: 512m, 512MB and 512MiB are the same.
func ParseSize(text string) (int64, error) {
	last := strings.LastIndexAny(text, "0123456789. ")
	if last < 0 {
		return 0, fmt.Errorf("invalid size: '%s'", text)
	}
	number, suffix := text[:last+1], strings.ToLower(text[last+1:])
	if text[last] == ' ' {
		number = text[:last]
	}
	size, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("invalid size: '%s'", text)
	case size < 0:
		return 0, fmt.Errorf("invalid size: '%s'", text)
	case suffix == "" || suffix == "b":
		return int64(size), nil
	}
	power := strings.IndexByte("kmgtp", suffix[0])
	if power < 0 || suffix[1:] != "" && suffix[1:] != "b" && suffix[1:] != "ib" {
		return 0, fmt.Errorf("invalid suffix: '%s'", suffix)
	}
	for range power + 1 {
		size *= 1024
	}
	return int64(size), nil
}

// writtenEnd matches the end of an entry of volumes whose path in the container is
// written out.
var writtenEnd = regexp.MustCompile(`:(/[^:$"'{}]*)(:[a-zA-Z,]+)?["']?$`)

// writtenTarget returns the path in the container of a volume whose source is
// not known.
func writtenTarget(v yamlfile.Value) yamlfile.Value {
	m := writtenEnd.FindStringSubmatchIndex(v.At.Text())
	if m == nil {
		return yamlfile.Value{}
	}
	at := v.At.Sub(m[2], m[3])
	t := yamlfile.Value{At: at, Known: true}
	t.Append(at)
	return t
}

// volume reads an entry of volumes.
func volume(n *yamlfile.Node) Volume {
	if n.IsMapping() {
		return Volume{n.Get("type").Scalar(), n.Get("source").Scalar(), n.Get("target").Scalar(), n.Get("read_only").Scalar()}
	}
	v := n.Scalar()
	parts := strings.Split(v.Text, ":")
	if len(parts) > 1 && len(parts[0]) == 1 && parts[0] != "." && parts[0] != "/" && parts[0] != "~" {
		parts = append([]string{parts[0] + ":" + parts[1]}, parts[2:]...) // a Windows drive
	}
	first := len(parts[0])
	switch {
	case !v.Known:
		return Volume{Target: writtenTarget(v)}
	case len(parts) == 1:
		return Volume{Target: v}
	}
	second := first + 1 + len(parts[1])
	out := Volume{Source: v.Part(0, first), Target: v.Part(first+1, second)}
	if len(parts) > 2 {
		out.ReadOnly = v.Part(second+1, len(v.Text))
		for option := range strings.SplitSeq(parts[2], ",") {
			if option == "ro" {
				out.ReadOnly.Joined = source.Joined{}
				out.ReadOnly.AppendAs("true", out.ReadOnly.At)
				return out
			}
		}
		out.ReadOnly = yamlfile.Value{}
	}
	return out
}
