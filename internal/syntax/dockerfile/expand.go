package dockerfile

import (
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Variable is what is known of a variable at one place.
type Variable struct {
	Text        string
	Set         bool        // false: it does not exist
	Known       bool        // false: it may have any value, or none
	Overridable bool        // an ARG decides, so that --build-arg may change it
	At          source.Span // what defines it: the NAME=value, or NAME of an ARG; zero for automatic ones
	Uses        []Use       // the variables that its value was made from
}

// Use is a variable in a word.
type Use struct {
	Name     string
	At       source.Span // from the dollar sign to the end of the name or to the brace
	Variable *Variable   // nil when it is not set
}

// Lookup returns a variable, or nil for one that is not set.
type Lookup func(name string) *Variable

// Expansion is a word with its variables replaced.
type Expansion struct {
	source.Joined       // values are traced to the variable's use; what is not known stays as written
	Known         bool  // no value is missing
	Overridable   bool  // a value comes from an ARG
	Uses          []Use // those that decided the result, in order
}

// Expand replaces variables, and removes quotes and escapes, as BuildKit does
// for the arguments of ADD, ARG, COPY, ENV, FROM, LABEL, STOPSIGNAL, USER,
// VOLUME and WORKDIR and for the values of a --mount. The error is that of
// BuildKit. A nil lookup has no variables.
//
// Expansion stops with an error where BuildKit's would not when the values
// are long enough to be an attack (see maxWork) or braces nest too deeply.
func Expand(word *source.Joined, escape byte, lookup Lookup) (Expansion, error) {
	l := &lexer{text: word.Text, escape: rune(escape), lookup: lookup}
	return l.expand(word)
}

// ExpandHeredoc replaces variables in the content of a heredoc of COPY or ADD,
// where quotes have no meaning and the escape character is always a backslash.
// It must be called only where the heredoc says Expand.
func ExpandHeredoc(h *Heredoc, lookup Lookup) (Expansion, error) {
	text := h.Text()
	l := &lexer{text: text.Text, escape: '\\', lookup: lookup, skipQuotes: true}
	return l.expand(&text)
}

// ExpandWords replaces variables and then splits into words, as BuildKit does
// for EXPOSE. A word that is not known stays one word.
func ExpandWords(word *source.Joined, escape byte, lookup Lookup) ([]string, bool, error) {
	l := &lexer{text: word.Text, escape: rune(escape), lookup: lookup, wantWords: true}
	result, err := l.all()
	if err != nil {
		return nil, false, err
	}
	if !result.known {
		return []string{word.Text}, false, nil
	}
	words := make([]string, 0, len(l.words))
	for _, w := range l.words {
		words = append(words, w.text)
	}
	return words, true, nil
}

// expand runs the lexer over the text of word.
func (l *lexer) expand(word *source.Joined) (Expansion, error) {
	result, err := l.all()
	if err != nil {
		return Expansion{}, err
	}
	out := Expansion{Known: result.known}
	for _, c := range result.chunks {
		if c.verbatim {
			out.AppendPart(word, c.from, c.to)
		} else {
			out.AppendAs(c.text, word.Span(c.from, c.to))
		}
	}
	for _, u := range result.uses {
		use := Use{Name: u.name, At: word.Span(u.from, u.to), Variable: u.variable}
		if v := u.variable; v != nil && v.Overridable {
			out.Overridable = true
		}
		out.Uses = append(out.Uses, use)
	}
	return out, nil
}
