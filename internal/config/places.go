package config

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Bounds of what is handed to the TOML library: with n parts of a dotted key it
// takes n² steps.
const (
	maxSize  = 256 << 10 // bytes
	maxParts = 8         // of one dotted key
	maxDepth = 16        // of arrays and inline tables
)

// place is where a key and its value stand.
type place struct {
	path       string // dotted as toml.Key does, elements of arrays numbered: ignore[0].rule
	key, value source.Span
}

// places finds the keys and values of a TOML file, in order. The library, which
// is the authority on what they mean, does not tell where they are. At what is
// not TOML it ends: the library says what is wrong there.
func places(f *source.File) ([]place, error) {
	s := &scanner{file: f, data: f.Data(), tables: map[string]int{}}
	if bytes.HasPrefix(s.data, []byte("\ufeff")) {
		s.pos = 3
	}
	for s.blank(); s.more() && !s.failed; s.blank() {
		if s.data[s.pos] == '[' {
			s.header()
		} else {
			s.pair(s.prefix)
		}
	}
	if s.tooDeep {
		return nil, fmt.Errorf("line %d: keys or values are nested too deeply", f.Position(s.pos).Line)
	}
	return s.found, nil
}

type scanner struct {
	file    *source.File
	data    []byte
	pos     int
	prefix  toml.Key       // of the table that is open
	tables  map[string]int // number of [[tables]] by name
	depth   int
	failed  bool
	tooDeep bool
	found   []place
}

func (s *scanner) more() bool { return s.pos < len(s.data) }

func (s *scanner) peek() byte {
	if s.more() {
		return s.data[s.pos]
	}
	return 0
}

// take skips c, or gives up.
func (s *scanner) take(c byte) {
	if s.peek() != c || !s.more() {
		s.failed = true
		return
	}
	s.pos++
}

// blank skips blanks, newlines and comments.
func (s *scanner) blank() {
	for ; s.more(); s.pos++ {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
		case '#':
			for s.pos+1 < len(s.data) && s.data[s.pos+1] != '\n' {
				s.pos++
			}
		default:
			return
		}
	}
}

// header reads [table] or [[table]].
func (s *scanner) header() {
	s.take('[')
	many := s.peek() == '['
	if many {
		s.take('[')
	}
	key, at := s.key()
	s.prefix = key
	s.found = append(s.found, place{path: key.String(), key: at, value: at})
	if many {
		n := s.tables[key.String()]
		s.tables[key.String()]++
		s.prefix = index(key, n)
		s.found = append(s.found, place{path: pathOf(s.prefix), key: at, value: at})
		s.take(']')
	}
	s.take(']')
}

// index returns the key of element n.
func index(key toml.Key, n int) toml.Key {
	if len(key) == 0 {
		return key
	}
	last := len(key) - 1
	return append(key[:last:last], fmt.Sprintf("%s[%d]", key[last], n))
}

// pair reads key = value.
func (s *scanner) pair(prefix toml.Key) {
	key, at := s.key()
	s.take('=')
	if s.failed {
		return
	}
	full := append(prefix[:len(prefix):len(prefix)], key...)
	n := len(s.found)
	s.found = append(s.found, place{path: pathOf(full), key: at})
	s.found[n].value = s.value(full)
}

// key reads a dotted key.
func (s *scanner) key() (toml.Key, source.Span) {
	var key toml.Key
	s.spaces()
	start, end := s.pos, s.pos
	for !s.failed {
		key = append(key, s.part())
		end = s.pos
		s.spaces()
		if len(key) > maxParts {
			s.failed, s.tooDeep = true, true
		}
		if s.peek() != '.' {
			break
		}
		s.pos++
		s.spaces()
	}
	return key, s.file.Span(start, end)
}

func (s *scanner) spaces() {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.pos++
	}
}

// part reads one bare or quoted part of a key. Escapes are left as they are.
func (s *scanner) part() string {
	if c := s.peek(); c == '"' || c == '\'' {
		text := s.text().Text()
		if len(text) < 2 {
			return text
		}
		return text[1 : len(text)-1]
	}
	start := s.pos
	for s.more() && !strings.ContainsRune(" \t\r\n.=[]{},#\"'", rune(s.data[s.pos])) {
		s.pos++
	}
	s.failed = s.failed || s.pos == start
	return string(s.data[start:s.pos])
}

// value reads a value and records the elements of arrays and inline tables.
func (s *scanner) value(path toml.Key) source.Span {
	s.spaces()
	start := s.pos
	if s.depth++; s.depth > maxDepth {
		s.failed, s.tooDeep = true, true
		return source.Span{}
	}
	defer func() { s.depth-- }()
	switch s.peek() {
	case '"', '\'':
		return s.text()
	case '[':
		s.list(']', func(n int) {
			at := index(path, n)
			i := len(s.found)
			s.found = append(s.found, place{path: pathOf(at)})
			span := s.value(at)
			s.found[i].key, s.found[i].value = span, span
		})
	case '{':
		s.list('}', func(int) { s.pair(path) })
	default:
		for s.more() && !strings.ContainsRune(",]}\r\n#", rune(s.data[s.pos])) {
			s.pos++
		}
		return s.file.Span(start, start+len(strings.TrimRight(string(s.data[start:s.pos]), " \t")))
	}
	return s.file.Span(start, s.pos)
}

// list reads what stands between brackets, separated by commas.
func (s *scanner) list(end byte, element func(n int)) {
	s.pos++
	for n := 0; !s.failed; n++ {
		if s.blank(); s.peek() == end {
			break
		}
		element(n)
		if s.blank(); s.peek() != ',' {
			break
		}
		s.pos++
	}
	s.take(end)
}

// text reads a string of any of the four kinds, with its quotes.
func (s *scanner) text() source.Span {
	start, quote := s.pos, string(s.data[s.pos])
	if triple := strings.Repeat(quote, 3); bytes.HasPrefix(s.data[s.pos:], []byte(triple)) {
		quote = triple
	}
	s.pos += len(quote)
	for s.more() && !bytes.HasPrefix(s.data[s.pos:], []byte(quote)) {
		switch {
		case quote[0] == '"' && s.data[s.pos] == '\\' && s.pos+1 < len(s.data):
			s.pos++
		case len(quote) == 1 && s.data[s.pos] == '\n':
			s.failed = true
			return s.file.Span(start, s.pos)
		}
		s.pos++
	}
	s.failed = s.failed || !s.more()
	s.pos = min(s.pos+len(quote), len(s.data))
	return s.file.Span(start, s.pos)
}

// pathOf writes a key as toml.Key does, but for the numbers of elements.
func pathOf(key toml.Key) string {
	parts := make([]string, len(key))
	for i, part := range key {
		name, number := part, ""
		if j := strings.LastIndexByte(part, '['); j > 0 && strings.HasSuffix(part, "]") {
			name, number = part[:j], part[j:]
		}
		parts[i] = toml.Key{name}.String() + number
	}
	return strings.Join(parts, ".")
}
