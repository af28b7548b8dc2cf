package report

import (
	"strings"
	"testing"
)

func TestStrip(t *testing.T) {
	for _, c := range []struct {
		line, mark string
		limit      int
		text, want string // want: the mark under the text
	}{
		{"RUN go build", "go build", 80, "RUN go build", "    ^^^^^^^^"},
		{"\t\"net\"", "\"net\"", 80, "    \"net\"", "    ^^^^^"},
		{"ab\tc", "c", 80, "ab  c", "    ^"},
		{"a\t\tb", "\t\t", 80, "a       b", " ^^^^^^^"},
		{"接続 x", "x", 80, "接続 x", "     ^"},
		{"x 接続", "接", 80, "x 接続", "  ^^"},
		{"🚢 quota", "quota", 80, "🚢 quota", "   ^^^^^"},
		{"e\u0301x", "x", 80, "e\u0301x", " ^"},
		{"e\u0301x", "\u0301", 80, "e\u0301x", " ^"},
		{"\xffa\x1bb", "b", 80, `\xffa\x1bb`, "         ^"},
		{"\u202eabc", "abc", 80, `\u202eabc`, "      ^^^"},
		{"trailing  ", "trailing", 80, "trailing", "^^^^^^^^"},
		{"line", "", 80, "line", "^"},
		{"", "", 80, "", "^"},
		{strings.Repeat("a", 30), "a", 10, "aaaaaaaaaa…", "^"},
		{strings.Repeat("a", 30) + "b", "b", 10, "…aab", "   ^"},
		{strings.Repeat("a", 30) + "b" + strings.Repeat("c", 30), "b", 10, "…aabccccccc…", "   ^"},
		{strings.Repeat("a", 30) + strings.Repeat("b", 30), strings.Repeat("b", 30), 10, "…aabbbbbbbb…", "   ^^^^^^^^"},
		{strings.Repeat("a", 1<<20) + "b" + strings.Repeat("接", 1<<20), "b", 10, "…aab接接接…", "   ^"},
		{strings.Repeat("接", 30) + "b", "b", 10, "…接b", "   ^"},
	} {
		start := strings.Index(c.line, c.mark)
		s := newStrip(c.line, start, start+len(c.mark), c.limit)
		if got := strings.Repeat(" ", s.from) + strings.Repeat("^", s.to-s.from); s.text != c.text || got != c.want {
			t.Errorf("%.40q is drawn as\n%s\n%s, want\n%s\n%s", c.line, s.text, got, c.text, c.want)
		}
	}
}

func TestStripAtTheEnd(t *testing.T) {
	if s := newStrip("abc", 3, 3, 80); s.from != 3 || s.to != 4 {
		t.Errorf("the end of a line is marked at %d to %d", s.from, s.to)
	}
}
