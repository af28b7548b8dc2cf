package shell

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// splitter turns the pieces of a word into words: blanks in unquoted
// expansions separate them, as IFS says.
type splitter struct {
	x      *expansion
	at     source.Span
	why    Reason
	custom bool // IFS is not blank, tab and newline

	out     []Word
	text    strings.Builder
	active  strings.Builder // the text with what is quoted blotted out: does it hold a pattern?
	started bool
	many    bool
}

func (s *splitter) run() []Word {
	for _, p := range s.x.pieces {
		switch {
		case p.brk:
			s.end()
		case p.split:
			s.split(p.text)
		default:
			s.text.WriteString(p.text)
			s.started = s.started || p.quoted || p.text != ""
			s.many = s.many || p.any
			if p.quoted {
				s.active.WriteByte('x')
			} else {
				s.active.WriteString(p.text)
			}
		}
	}
	s.end()
	return s.out
}

func (s *splitter) split(text string) {
	if s.custom && text != "" {
		s.text.WriteString(Hole)
		s.started, s.many = true, true
		if s.why.Text == "" {
			s.why = Reason{At: s.at, Text: "IFS is changed"}
		}
		return
	}
	for text != "" {
		i := strings.IndexAny(text, " \t\n")
		if i < 0 {
			i = len(text)
		}
		if part := text[:i]; part != "" {
			s.text.WriteString(part)
			s.active.WriteString(part)
			s.started = true
			s.many = s.many || strings.Contains(part, Hole)
		}
		if i == len(text) {
			return
		}
		s.end()
		text = strings.TrimLeft(text[i:], " \t\n")
	}
}

// end closes the current word, if there is one.
func (s *splitter) end() {
	if s.started {
		v := Value{Text: s.text.String(), At: s.at, Why: s.why}
		if isPattern(s.active.String()) {
			v = Unknown(s.at, "it depends on the files that match the pattern")
			s.many = true
		}
		if v.Known() && !s.many {
			v.Why = Reason{}
		}
		s.out = append(s.out, Word{Value: v, Many: s.many, Uses: s.x.uses})
	}
	s.text.Reset()
	s.active.Reset()
	s.started, s.many = false, false
}

// isPattern reports whether unquoted text would be matched against file names.
func isPattern(text string) bool {
	if strings.ContainsAny(text, "*?") {
		return true
	}
	i := strings.IndexByte(text, '[')
	return i >= 0 && strings.IndexByte(text[i:], ']') > 0
}
