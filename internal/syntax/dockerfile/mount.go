package dockerfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Mount is a --mount of a RUN. Its words are expanded, except that From may
// not hold variables.
type Mount struct {
	At       source.Span // the flag
	Type     string      // bind, cache, tmpfs, secret or ssh; empty when a variable decides
	Target   Word
	Source   Word
	From     Word
	ID       Word
	ReadOnly bool   // as given, or as is usual for the type
	Fields   []Pair // all key=value and keys alone, in order, keys as written

	err    string // why BuildKit rejects it at once
	late   string // why BuildKit rejects it when it has expanded the values
	roAuto bool   // ReadOnly is not given
	has    map[string]bool
}

// mount reads a --mount. Values that hold variables are not checked.
func (p *parser) mount(f *Flag) Mount {
	m := Mount{At: f.At, Type: "bind", roAuto: true, has: map[string]bool{}}
	fields, err := csvFields(&f.Value)
	if err != nil {
		m.err = "failed to parse csv mounts: " + err.Error()
		return m
	}
	for i := range fields {
		m.Fields = append(m.Fields, newPair(&fields[i]))
	}
	m.err = m.checkFrom()
	for i := range m.Fields {
		f := &m.Fields[i]
		if !f.HasValue {
			m.fail(m.option(f))
			continue
		}
		value, err := Expand(&f.Value.Joined, p.out.Escape, nil)
		switch {
		case err != nil:
			m.fail(err.Error())
		default:
			m.fail(m.set(f, value.Text, len(value.Uses) == 0))
		}
	}
	m.fail(m.check())
	if m.roAuto {
		m.ReadOnly = m.Type != "cache" && m.Type != "tmpfs"
	}
	return m
}

// fail keeps the first error.
func (m *Mount) fail(text string) {
	if m.late == "" {
		m.late = text
	}
}

// checkFrom is what BuildKit checks before it expands variables.
func (m *Mount) checkFrom() string {
	for i := range m.Fields {
		f := &m.Fields[i]
		if n := strings.IndexByte(f.Value.Text, '$'); strings.ToLower(f.Key.Text) == "from" && n >= 0 && n != len(f.Value.Text)-1 {
			return "'from' doesn't support variable expansion, define alias stage instead"
		}
	}
	return ""
}

// option applies a key without a value.
func (m *Mount) option(f *Pair) string {
	switch key := strings.ToLower(f.Key.Text); key {
	case "readonly", "ro":
		m.ReadOnly, m.roAuto = true, false
	case "readwrite", "rw":
		m.ReadOnly, m.roAuto = false, false
	case "required":
		return m.only(key, "secret", "ssh")
	default:
		return fmt.Sprintf("invalid field '%s' must be a key=value pair", f.Key.Text)
	}
	return ""
}

// only rejects a key unless the type, as far as it has been read, is one of
// those given.
func (m *Mount) only(key string, types ...string) string {
	for _, t := range types {
		if m.Type == t || m.Type == "" {
			return ""
		}
	}
	return fmt.Sprintf("unexpected key '%s' for mount type '%s'", key, m.Type)
}

// set applies key=value. A value that is not known is not judged.
func (m *Mount) set(f *Pair, value string, known bool) string {
	key := strings.ToLower(f.Key.Text)
	m.has[key] = true
	switch key {
	case "type":
		return m.setType(value, known)
	case "from":
		m.From = f.Value
	case "source", "src":
		m.Source = f.Value
	case "target", "dst", "destination":
		m.Target = f.Value
	case "id":
		m.ID = f.Value
	case "readonly", "ro", "readwrite", "rw":
		m.roAuto = false
		yes, err := strconv.ParseBool(value)
		m.ReadOnly = yes == (key == "ro" || key == "readonly")
		return invalidIf(known && err != nil, key, value)
	case "required":
		if text := m.only(key, "secret", "ssh"); text != "" {
			return text
		}
		_, err := strconv.ParseBool(value)
		return invalidIf(known && err != nil, key, value)
	case "size":
		return m.only(key, "tmpfs")
	case "sharing":
		if v := strings.ToLower(value); known && v != "shared" && v != "private" && v != "locked" {
			return fmt.Sprintf("unsupported sharing value %q", value)
		}
	case "mode", "uid", "gid":
		base := 10
		if key == "mode" {
			base = 8
		}
		if _, err := strconv.ParseUint(value, base, 32); known && err != nil {
			return fmt.Sprintf("invalid value %s for %s", value, key)
		}
	case "env":
	default:
		return fmt.Sprintf("unexpected key '%s' in '%s'", key, f.Key.Text+"="+f.Value.Text)
	}
	return ""
}

func invalidIf(bad bool, key, value string) string {
	if bad {
		return fmt.Sprintf("invalid value for %s: %s", key, value)
	}
	return ""
}

func (m *Mount) setType(value string, known bool) string {
	if !known {
		m.Type = ""
		return ""
	}
	switch v := strings.ToLower(value); v {
	case "bind", "cache", "tmpfs", "secret", "ssh":
		m.Type = v
		return ""
	}
	return fmt.Sprintf("unsupported mount type %q", value)
}

// check is what BuildKit checks once all fields are read.
func (m *Mount) check() string {
	if m.Type == "bind" || m.Type == "tmpfs" {
		for _, key := range []string{"mode", "uid", "gid"} {
			if m.has[key] {
				return fmt.Sprintf("%s not allowed for %q type mounts", key, m.Type)
			}
		}
	}
	if m.Type == "secret" {
		switch {
		case m.From.Text != "":
			return "secret mount should not have a from"
		case m.has["sharing"]:
			return "secret mount should not define sharing"
		case m.Source.Text == "" && m.Target.Text == "" && m.ID.Text == "":
			return "invalid secret mount. one of source, target required"
		case m.Source.Text != "" && m.ID.Text != "":
			return "both source and id can't be set"
		}
	}
	if m.has["sharing"] && m.Type != "cache" && m.Type != "" {
		return fmt.Sprintf("invalid cache sharing set for %s mount", m.Type)
	}
	return ""
}

// csvFields splits one line of comma-separated values, as
// github.com/tonistiigi/go-csvvalue does, with its errors.
func csvFields(w *Word) ([]Word, error) {
	if w.Text == "" {
		return nil, io.EOF
	}
	var fields []Word
	for start := 0; ; {
		field, end, err := csvField(w, start)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
		if end == len(w.Text) {
			return fields, nil
		}
		start = end + 1
	}
}

// csvField reads the field at start, and returns the place of the comma behind
// it or of the end.
func csvField(w *Word, start int) (Word, int, error) {
	text := w.Text
	if start == len(text) || text[start] != '"' {
		end := len(text)
		if n := strings.IndexByte(text[start:], ','); n >= 0 {
			end = start + n
		}
		if n := strings.IndexByte(text[start:end], '"'); n >= 0 {
			return Word{}, 0, &csv.ParseError{StartLine: 1, Line: 1, Column: start + n + 1, Err: csv.ErrBareQuote}
		}
		return w.part(start, end), end, nil
	}
	var field Word
	for i := start + 1; ; {
		n := strings.IndexByte(text[i:], '"')
		if n < 0 {
			return Word{}, 0, &csv.ParseError{StartLine: 1, Line: 1, Column: i + 1, Err: csv.ErrQuote}
		}
		field.AppendPart(&w.Joined, i, i+n)
		i += n + 1
		switch {
		case i == len(text) || text[i] == ',':
			field.At = w.Span(start, i)
			return field, i, nil
		case text[i] != '"':
			return Word{}, 0, &csv.ParseError{StartLine: 1, Line: 1, Column: i, Err: csv.ErrQuote}
		}
		field.AppendPart(&w.Joined, i, i+1)
		i++
	}
}
