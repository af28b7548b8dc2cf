package systemd

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Variable is one word of Environment=, UnsetEnvironment= or PassEnvironment=
// that systemd takes.
type Variable struct {
	At     source.Span // the word as written
	Name   string
	NameAt source.Span
	// Value is what the variable is set to, nil for a bare name.
	Value *source.Joined
	// Known is false where the value holds a specifier that the repository
	// does not settle; Value then keeps it as written.
	Known bool
}

// EnvironmentFile is the value of EnvironmentFile=.
type EnvironmentFile struct {
	Path     *source.Joined // absolute; it may be a glob pattern
	Optional bool           // "-" in front: it need not exist, nor be readable
	Known    bool           // no specifier is left in the path
}

// EnvironmentFile reads one EnvironmentFile= value. An empty one, which resets
// the list, and one that systemd drops are nil. Files are read when the unit
// starts, and beat Environment= whatever the order.
func (s Scope) EnvironmentFile(v *source.Joined, at source.Span) (*EnvironmentFile, Verdict) {
	verdict := s.Check("Service", "EnvironmentFile", v, at)
	if v.Text == "" || !verdict.counts() {
		return nil, verdict
	}
	out := &EnvironmentFile{}
	path := strings.TrimPrefix(v.Text, "-")
	out.Optional = path != v.Text
	out.Path, out.Known, _ = s.expand(v.Slice(len(v.Text)-len(path), len(v.Text)), inPath())
	return out, verdict
}

// environmentUse tells the three directives apart.
type environmentUse uint8

const (
	setVariable   environmentUse = iota // NAME=value
	unsetVariable                       // NAME or NAME=value
	passVariable                        // NAME
)

// Environment reads the words of one Environment= value. Empty resets the list;
// a later variable of a name takes the place of an earlier one. No $ is
// expanded. Of a word that cannot be split off (an open quote, an unknown
// escape) and all behind it nothing stays.
func (s Scope) Environment(v *source.Joined, at source.Span) ([]Variable, Verdict) {
	return s.variables("Environment", v, at, setVariable)
}

// UnsetEnvironment reads the words of one UnsetEnvironment= value: names, and
// assignments which are removed only if the value is the same.
func (s Scope) UnsetEnvironment(v *source.Joined, at source.Span) ([]Variable, Verdict) {
	return s.variables("UnsetEnvironment", v, at, unsetVariable)
}

// PassEnvironment reads the names of one PassEnvironment= value.
func (s Scope) PassEnvironment(v *source.Joined, at source.Span) ([]Variable, Verdict) {
	return s.variables("PassEnvironment", v, at, passVariable)
}

func (s Scope) variables(key string, v *source.Joined, at source.Span, use environmentUse) ([]Variable, Verdict) {
	c := &checker{scope: s, section: "Service", key: key, value: v, at: at, verdict: Verdict{Outcome: Accepted}}
	return s.environment(c, use), c.verdict
}

// environment reads the value under check.
func (s Scope) environment(c *checker, use environmentUse) []Variable {
	how := unquote | unescape
	if use == passVariable {
		how = unquote
	}
	unresolved := "Failed to resolve specifiers in %s, ignoring: %v"
	if use == unsetVariable {
		unresolved = withoutOne
	}
	ws, err := words(c.value, blanks, how)
	var out []Variable
	for _, w := range ws {
		text, known, err := s.expand(w.Joined, inText())
		if err != nil {
			c.drop(w.At, unresolved, w.Text, err)
			continue
		}
		if !known {
			c.unknown()
		}
		if v, ok := variable(text, use); ok {
			v.At, v.Known = w.At, known
			out = append(out, v)
			continue
		}
		if !known && strings.Contains(nameOf(text.Text), "%") {
			continue
		}
		switch use {
		case setVariable:
			c.drop(w.At, "Invalid environment assignment, ignoring: %s", text.Text)
		case unsetVariable:
			c.drop(w.At, "Invalid environment name or assignment %s, ignoring: %s", c.key, text.Text)
		case passVariable:
			c.drop(w.At, "Invalid environment name for %s, ignoring: %s", c.key, text.Text)
		}
	}
	switch {
	case err == nil:
	case use == setVariable:
		c.broken(len(ws), invalidSyntax)
	default:
		c.broken(len(ws), "Trailing garbage in "+c.key+", ignoring: %s")
	}
	return out
}

func nameOf(s string) string {
	name, _, _ := strings.Cut(s, "=")
	return name
}

// variable takes a word apart (env_assignment_is_valid in src/basic/env-util.c).
func variable(w *source.Joined, use environmentUse) (Variable, bool) {
	name, _, assigned := strings.Cut(w.Text, "=")
	v := Variable{Name: name, NameAt: w.Span(0, len(name))}
	if !IsVariableName(name) || assigned && use == passVariable || !assigned && use == setVariable {
		return v, false
	}
	if assigned {
		v.Value = w.Slice(len(name)+1, len(w.Text))
		return v, validUTF8(v.Value.Text)
	}
	return v, true
}

// IsVariableName reports whether systemd takes s for the name of a variable:
// letters, digits and underscores, no digit first.
func IsVariableName(s string) bool {
	const chars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	return s != "" && (s[0] < '0' || s[0] > '9') && onlyOf(s, chars)
}
