package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/goseaworthy/seaworthy/internal/rule"
)

// Fingerprints returns an identity for each finding (seaworthy/v1) that stays
// when lines move: a hash of the rule, the path, the text of the primary place
// with blanks folded, and the ordinal among findings that agree in these. It
// must be given all findings of a run, in their order: the ordinal counts the
// hidden and the suppressed ones too, so that no option changes it.
func Fingerprints(findings []rule.Finding) []string {
	seen := map[string]int{}
	prints := make([]string, len(findings))
	for i, f := range findings {
		text := strings.Join(strings.Fields(f.At.Text()), " ")
		key := f.Rule.ID + "\x00" + f.At.File.Path + "\x00" + text
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		seen[key]++
		prints[i] = hex.EncodeToString(sum[:16])
	}
	return prints
}

// fingerprints returns those of the report's findings, in their order.
func (r Report) fingerprints() []string {
	if r.Fingerprints != nil {
		return r.Fingerprints
	}
	return Fingerprints(r.Findings)
}

// The rolling hash of GitHub's primaryLocationLineHash.
const (
	hashWindow = 100 // UTF-16 code units from the start of a line
	hashBase   = 37
	hashEnd    = 0xffff // stands behind the last character
)

// lineHasher computes the hash of the first hashWindow code units from the
// start of each line, blanks left out.
type lineHasher struct {
	units  [hashWindow]uint64
	starts [hashWindow]bool // a line starts at the unit
	next   int              // where the next unit goes: the oldest one
	power  uint64           // hashBase to the hashWindow
	sum    uint64
	seen   map[uint64]int
	hashes []string // by line
}

// lineHashes returns the hash that GitHub's upload action computes for each
// line (codeql-action, src/fingerprints.ts); the first is that of line 1. Blanks
// are skipped, CR, LF and CRLF are equal, each line end starts a line, equal
// hashes are counted. We write it ourselves because uploads without the action
// would otherwise open every alert again, and the action warns of other values.
func lineHashes(data []byte) []string {
	h := &lineHasher{power: 1, seen: map[uint64]int{}}
	for range hashWindow {
		h.power *= hashBase
	}
	lineStart, afterCR := true, false
	feed := func(unit uint16) {
		if unit == ' ' || unit == '\t' || afterCR && unit == '\n' {
			afterCR = false
			return
		}
		afterCR = unit == '\r'
		if afterCR {
			unit = '\n'
		}
		h.add(uint64(unit), lineStart)
		lineStart = unit == '\n'
	}
	for len(data) > 0 {
		r, size := decode(data)
		data = data[size:]
		if high, low := utf16.EncodeRune(r); r >= 0x10000 {
			feed(uint16(high))
			feed(uint16(low))
		} else {
			feed(uint16(r))
		}
	}
	feed(hashEnd)
	for range hashWindow {
		h.add(0, false)
	}
	return h.hashes
}

// add takes one code unit. If the oldest one, which it replaces, starts a line,
// the sum is the hash of that line.
func (h *lineHasher) add(unit uint64, lineStart bool) {
	if h.starts[h.next] {
		h.seen[h.sum]++
		h.hashes = append(h.hashes, strconv.FormatUint(h.sum, 16)+":"+strconv.Itoa(h.seen[h.sum]))
	}
	h.sum = hashBase*h.sum + unit - h.power*h.units[h.next]
	h.units[h.next], h.starts[h.next] = unit, lineStart
	h.next = (h.next + 1) % hashWindow
}

// decode returns the first character as Node.js decodes UTF-8: a wrong sequence
// becomes one replacement character for its longest prefix that could have been
// right (the practice of the WHATWG), where Go gives one for each byte.
func decode(data []byte) (rune, int) {
	r, size := utf8.DecodeRune(data)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	for size < len(data) && !utf8.FullRune(data[:size+1]) {
		size++ // FullRune holds for what can no longer become right
	}
	return utf8.RuneError, size
}
