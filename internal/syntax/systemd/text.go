package systemd

import (
	"strings"
	"unicode/utf8"
)

// validUTF8 is utf8_is_valid of src/basic/utf8.c, which refuses noncharacters
// too.
func validUTF8(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !validRune(r) {
			return false
		}
	}
	return true
}

func validRune(r rune) bool {
	return r < 0x110000 && r&^0x7FF != 0xD800 && (r < 0xFDD0 || r > 0xFDEF) && r&0xFFFE != 0xFFFE
}

// replaceInvalid puts U+FFFD in the place of every byte that is not UTF-8, as
// systemd's messages do.
func replaceInvalid(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || !validRune(r) {
			r, size = utf8.RuneError, 1
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// isSafe is string_is_safe of src/basic/string-util.c: no quotes, backslashes
// or control characters.
func isSafe(s string) bool {
	return !hasControl(s) && !strings.ContainsAny(s, "\"'\\")
}

// hasControl reports whether s holds an ASCII control character.
func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isBool is parse_boolean of src/basic/parse-util.c.
func isBool(s string) bool {
	_, ok := Bool(s)
	return ok
}

// Bool reads a boolean. ok is false where systemd takes s for none.
func Bool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}

// errno is the reason for which systemd rejects a value, as it prints it.
type errno string

const (
	errInvalid errno = "Invalid argument"
	errRange   errno = "Numerical result out of range"
	errSlot    errno = "Invalid slot"
	errLong    errno = "File name too long"
	errOrder   errno = "Invalid or incomplete multibyte or wide character" // soft limit above the hard one
)

func (e errno) Error() string { return string(e) }
