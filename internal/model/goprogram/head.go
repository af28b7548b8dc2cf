package goprogram

import (
	"bytes"
	"go/token"
	"strings"
	"unicode/utf8"
)

// scanHead reads the head of a Go file as go/parser does, in a tenth of its
// time: every Go file of a repository is read. It knows what gofmt writes and
// gives up (ok is false) on everything else, even where that is right:
// comments inside of declarations, cgo, imports behind a semicolon. What
// follows the imports must stand in data; only where data is the whole file
// may it end there.
func scanHead(name string, data []byte, whole bool) (f *File, ok bool) {
	s := &headScanner{data: data, f: newFile(name)}
	if !s.skip(true) || !s.word("package") || !s.blank() || !s.packageName() {
		return nil, false
	}
	for s.skip(false) {
		switch {
		case s.at == len(data):
			return s.f, whole && s.valid()
		case s.word("import"):
			if !s.imports() {
				return nil, false
			}
		case s.word("func"), s.word("type"), s.word("var"), s.word("const"):
			return s.f, s.blank() && s.valid()
		default:
			return nil, false
		}
	}
	return nil, false
}

// headScanner stands at data[at].
type headScanner struct {
	data []byte
	at   int
	f    *File
	wide bool // bytes were seen that are not ASCII
}

// valid reports whether all that was read is the UTF-8 that Go demands.
func (s *headScanner) valid() bool {
	return !s.wide || utf8.Valid(s.data[:s.at]) && !bytes.Contains(s.data[:s.at], []byte("\ufeff"))
}

// skip goes to the next token, over blanks, line ends and comments. Above the
// package clause, it reads them.
func (s *headScanner) skip(top bool) bool {
	for s.at < len(s.data) {
		switch c := s.data[s.at]; {
		case c == ' ' || c == '\t' || c == '\n':
			s.at++
		case c != '/':
			return true
		case bytes.HasPrefix(s.data[s.at:], []byte("//")):
			start := s.at
			if !s.lineComment() {
				return false
			}
			if text := s.data[start:s.at]; top && directive(text) {
				s.f.readComment(string(text), start, s.at)
			}
		default:
			if !s.blockComment() {
				return false
			}
		}
	}
	return true
}

// directive reports whether a comment may be one that counts.
func directive(text []byte) bool {
	return bytes.HasPrefix(text, []byte("//go:")) || bytes.HasPrefix(bytes.TrimSpace(text[2:]), []byte("+build"))
}

// lineComment goes to the end of the line. A line directive is not read.
func (s *headScanner) lineComment() bool {
	if bytes.HasPrefix(s.data[s.at:], []byte("//line ")) {
		return false
	}
	for ; s.at < len(s.data) && s.data[s.at] != '\n'; s.at++ {
		if !s.plain() {
			return false
		}
	}
	return true
}

func (s *headScanner) blockComment() bool {
	rest := s.data[s.at:]
	if !bytes.HasPrefix(rest, []byte("/*")) || bytes.HasPrefix(rest, []byte("/*line ")) {
		return false
	}
	n := bytes.Index(rest[2:], []byte("*/"))
	if n < 0 {
		return false
	}
	for end := s.at + 2 + n + 2; s.at < end; s.at++ {
		if !s.plain() && s.data[s.at] != '\n' {
			return false
		}
	}
	return true
}

// plain reports whether the byte may stand in a comment.
func (s *headScanner) plain() bool {
	c := s.data[s.at]
	s.wide = s.wide || c >= utf8.RuneSelf
	return c >= ' ' || c == '\t'
}

// word goes over a word. The caller checks that it ends there.
func (s *headScanner) word(w string) bool {
	if !bytes.HasPrefix(s.data[s.at:], []byte(w)) {
		return false
	}
	s.at += len(w)
	return true
}

// blank goes over blanks within a line, of which there must be one.
func (s *headScanner) blank() bool {
	start := s.at
	for s.at < len(s.data) && (s.data[s.at] == ' ' || s.data[s.at] == '\t') {
		s.at++
	}
	return s.at > start
}

// endOfLine goes over blanks and a comment to the end of the line, or of data.
func (s *headScanner) endOfLine() bool {
	s.blank()
	switch {
	case s.at == len(s.data) || s.data[s.at] == '\n':
		return true
	case bytes.HasPrefix(s.data[s.at:], []byte("//")):
		return s.lineComment()
	}
	return false
}

// name goes over an identifier in ASCII.
func (s *headScanner) name() string {
	start := s.at
	for s.at < len(s.data) {
		c := s.data[s.at]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (s.at == start || c < '0' || c > '9') {
			break
		}
		s.at++
	}
	return string(s.data[start:s.at])
}

func (s *headScanner) packageName() bool {
	s.f.Package = s.name()
	return s.f.Package != "" && s.f.Package != "_" && !token.IsKeyword(s.f.Package) && s.endOfLine()
}

// imports reads what follows the word import.
func (s *headScanner) imports() bool {
	if !s.blank() {
		return false
	}
	if !s.word("(") {
		return s.spec()
	}
	for s.skipLines() {
		if s.word(")") {
			return s.endOfLine()
		}
		if !s.spec() {
			return false
		}
	}
	return false
}

// skipLines goes to the next token of a group, over comments that end with
// their line.
func (s *headScanner) skipLines() bool {
	for s.endOfLine() {
		if s.at == len(s.data) {
			return false
		}
		s.at++
	}
	return s.at < len(s.data) && s.data[s.at] != '/'
}

// spec reads an import up to the end of its line.
func (s *headScanner) spec() bool {
	switch name := s.name(); {
	case token.IsKeyword(name):
		return false
	case name != "" || s.word("."):
		if s.blank(); s.at == len(s.data) {
			return false
		}
	}
	start := s.at
	if !s.word(`"`) {
		return false
	}
	n := bytes.IndexByte(s.data[s.at:], '"')
	if n <= 0 {
		return false
	}
	text := string(s.data[s.at : s.at+n])
	s.at += n + 1
	if text == "C" || strings.IndexFunc(text, notInPath) >= 0 {
		return false
	}
	s.f.Imports = append(s.f.Imports, Import{text, start, s.at})
	return s.endOfLine()
}

// notInPath reports whether a character is left to go/parser in an import path.
func notInPath(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-._~/+", r)
}
