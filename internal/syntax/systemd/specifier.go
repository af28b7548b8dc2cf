package systemd

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Scope is the unit and the service manager for which a value is read.
type Scope struct {
	// Unit is the name of the unit: "app.service", "app@one.service". It may
	// be a template, whose instance is unknown, or empty: unknown.
	Unit string
	// User says that a user's service manager reads the unit.
	User bool
}

// specifierLetters are the specifiers of values; those of unit names are fewer
// (src/core/unit-printf.c). %D came with 255, %q with 248.
//
// A text that is longer than what it is for is refused as well: a path, the
// name of a unit.
type specifierSet struct {
	letters string
	limit   int
}

const (
	specifierLetters     = "aAbBcCdDEfgGhHiIjJlLmMnNopPqrRsStTuUvVwWyY"
	nameSpecifierLetters = "aAbBgGHijlmMnNopquUvwW"
)

// The sets of specifiers by what they make.
func inText() specifierSet { return specifierSet{specifierLetters, maxLine} }
func inPath() specifierSet { return specifierSet{specifierLetters, 4095} }
func inFD() specifierSet   { return specifierSet{specifierLetters, 255} }
func inName() specifierSet { return specifierSet{nameSpecifierLetters, 256} }

// expand replaces the specifiers of v. known is false where one of them cannot
// be told from the repository; the result then keeps it as written. An unknown
// specifier is an error.
func (s Scope) expand(v *source.Joined, set specifierSet) (out *source.Joined, known bool, err error) {
	if !strings.Contains(v.Text, "%") {
		if len(v.Text) > set.limit {
			return v, true, errLong
		}
		return v, true, nil
	}
	out, known = &source.Joined{}, true
	text, done := v.Text, 0
	for i := 0; i < len(text); i++ {
		if text[i] != '%' || i+1 == len(text) {
			continue
		}
		c := text[i+1]
		letter := isAlphanumeric(c)
		if letter && strings.IndexByte(set.letters, c) < 0 {
			return v, false, errSlot
		}
		if c == '%' || letter {
			value, ok := s.specifier(c)
			if ok {
				out.AppendPart(v, done, i)
				out.AppendAs(value, v.Span(i, i+2))
				done = i + 2
			}
			known = known && ok
		}
		i++
	}
	out.AppendPart(v, done, len(text))
	if known && len(out.Text) > set.limit {
		return v, true, errLong
	}
	return out, known, nil
}

// specifier returns what a specifier stands for, if that can be told.
func (s Scope) specifier(c byte) (string, bool) {
	switch {
	case c == '%':
		return "%", true
	case strings.IndexByte("nNpPiIjJf", c) >= 0:
		u, ok := splitUnitName(s.Unit)
		if !ok {
			return "", false
		}
		return u.specifier(c)
	case s.User:
		return "", false
	}
	// The manager of the system runs as root, with no XDG variables.
	const letters = "CELStTVhuUgG"
	values := [...]string{"/var/cache", "/etc", "/var/log", "/var/lib", "/run", "/tmp", "/var/tmp", "/root", "root", "0", "root", "0"}
	if i := strings.IndexByte(letters, c); i >= 0 {
		return values[i], true
	}
	return "", false
}

// specifier returns what the specifiers that speak of the unit's name stand
// for.
func (u unitName) specifier(c byte) (string, bool) {
	template := u.at && u.instance == ""
	last := u.prefix[strings.LastIndexByte(u.prefix, '-')+1:]
	switch c {
	case 'n':
		return u.String(), !template
	case 'N':
		return strings.TrimSuffix(u.String(), "."+u.unitType), !template
	case 'p':
		return u.prefix, true
	case 'P':
		return unescapeName(u.prefix)
	case 'j':
		return last, true
	case 'J':
		return unescapeName(last)
	case 'i':
		return u.instance, !template
	case 'I':
		if template {
			return "", false
		}
		return unescapeName(u.instance)
	case 'f':
		if template {
			return "", false
		}
		name := u.instance
		if !u.at {
			name = u.prefix
		}
		p, ok := unescapeName(name)
		return "/" + strings.TrimPrefix(p, "/"), ok
	}
	return "", false
}

// unescapeName undoes what systemd-escape does: "-" is a slash, \x2d a dash.
func unescapeName(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '-':
			b.WriteByte('/')
		case s[i] == '\\':
			v, ok := uint32(0), false
			if strings.HasPrefix(s[i:], "\\x") {
				v, ok = digits(s[i+2:], 2, 16)
			}
			if !ok {
				return "", false
			}
			b.WriteByte(byte(v))
			i += 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
