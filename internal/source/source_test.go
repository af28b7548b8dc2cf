package source

import (
	"runtime"
	"strings"
	"testing"
	"testing/quick"
)

func TestPosition(t *testing.T) {
	f := New("f", []byte("ab\r\né𝄞x\n\nend"))
	for _, c := range []struct {
		offset int
		want   Position
	}{
		{0, Position{0, 1, 1, 1}},
		{2, Position{2, 1, 3, 3}},
		{4, Position{4, 2, 1, 1}},
		{6, Position{6, 2, 3, 2}},   // é: two bytes, one unit
		{10, Position{10, 2, 7, 4}}, // 𝄞: four bytes, two units
		{12, Position{12, 3, 1, 1}},
		{99, Position{16, 4, 4, 4}}, // beyond the end
	} {
		if got := f.Position(c.offset); got != c.want {
			t.Errorf("Position(%d) = %+v, want %+v", c.offset, got, c.want)
		}
	}
	for n, want := range map[int]string{1: "ab", 2: "é𝄞x", 3: "", 4: "end", 5: "", 0: ""} {
		if got := f.Line(n).Text(); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	for text, want := range map[string]int{"": 1, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2} {
		if got := New("f", []byte(text)).Lines(); got != want {
			t.Errorf("Lines(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestJoinedTracesBack(t *testing.T) {
	f := New("Dockerfile", []byte("RUN a \\\n# note\n  b $X c"))
	var j Joined
	j.Append(f.Span(4, 6))              // "a "
	j.Append(f.Span(15, 19))            // "  b "
	j.AppendAs("value", f.Span(19, 21)) // $X
	j.Append(f.Span(21, 23))            // " c"
	if want := "a   b value c"; j.Text != want {
		t.Fatalf("Text = %q, want %q", j.Text, want)
	}
	for part, want := range map[string]string{"a": "a", "b": "b", "alu": "$X", "c": "c", "b value": "b $X", "a   b": "a \\\n# note\n  b"} {
		i := strings.Index(j.Text, part)
		if part == "a" {
			i = 0
		}
		if got := j.Span(i, i+len(part)).Text(); got != want {
			t.Errorf("Span of %q = %q, want %q", part, got, want)
		}
		if got := j.Slice(i, i+len(part)); got.Text != part || got.Whole().Text() != want {
			t.Errorf("Slice of %q = %q from %q", part, got.Text, got.Whole().Text())
		}
	}
	var k Joined
	k.AppendJoined(j.Slice(0, 5))
	k.AppendJoined(j.Slice(5, len(j.Text)))
	for i := range len(j.Text) {
		if k.Text != j.Text || k.Span(i, i+1) != j.Span(i, i+1) {
			t.Errorf("joined again, byte %d of %q is from %v, want %v", i, k.Text, k.Span(i, i+1), j.Span(i, i+1))
		}
	}
	copied := k
	copied.AppendAs("x", f.Span(0, 1))
	k.AppendAs("y", f.Span(0, 1))
	if k.Text != j.Text+"y" || copied.Text != j.Text+"x" {
		t.Errorf("a copy shares its text: %q, %q", k.Text, copied.Text)
	}
	if s := j.Span(len(j.Text), len(j.Text)); s.Start != 23 || s.Len() != 0 {
		t.Errorf("the end is traced to %d+%d", s.Start, s.Len())
	}
}

func TestJoinedGrows(t *testing.T) {
	f := New("f", []byte("abc-def"))
	var j Joined
	j.Append(f.Span(0, 3))
	j.AppendAs("+", f.Span(3, 4))
	j.Append(f.Span(4, 7))
	before := j.Text
	var part Joined
	part.AppendAs("x", f.Span(0, 1))
	part.AppendPart(&j, 2, 5)
	j.Append(f.Span(0, 1))
	if before != "abc+def" || j.Text != "abc+defa" || part.Text != "xc+d" {
		t.Fatalf("%q, %q, %q", before, j.Text, part.Text)
	}
	for i, want := range []string{"a", "c", "-", "d"} {
		if got := part.Span(i, i+1).Text(); got != want {
			t.Errorf("byte %d is traced to %q, want %q", i, got, want)
		}
	}
}

func TestApply(t *testing.T) {
	f, other := New("f", []byte("abcdef")), New("g", []byte("abcdef"))
	got, err := Apply(f, []Edit{{f.Span(4, 5), "E"}, {f.Span(1, 1), "1"}, {f.Span(1, 1), "2"}, {f.Span(1, 2), ""}})
	if err != nil || string(got) != "a12cdEf" {
		t.Errorf("Apply = %q, %v", got, err)
	}
	for _, bad := range [][]Edit{{{f.Span(1, 3), ""}, {f.Span(2, 4), ""}}, {{other.Span(0, 1), ""}}} {
		if got, err := Apply(f, bad); err == nil {
			t.Errorf("Apply(%v) = %q, want an error", bad, got)
		}
	}
}

// FuzzApply checks that what is outside the edits stays as it is.
func FuzzApply(f *testing.F) {
	f.Add([]byte("hello world"), 0, 5, 6, 8, "x")
	f.Fuzz(func(t *testing.T, data []byte, a, b, c, d int, text string) {
		file := New("f", data)
		first, second := file.Span(a, b), file.Span(c, d)
		got, err := Apply(file, []Edit{{first, text}, {second, text}})
		if err != nil {
			return
		}
		want := len(data) - first.Len() - second.Len() + 2*len(text)
		if len(got) != want {
			t.Errorf("%d bytes, want %d", len(got), want)
		}
	})
}

func TestUTF16NeverExceedsBytes(t *testing.T) {
	check := func(b []byte) bool { n := utf16Len(b); return n <= len(b) && (len(b) == 0) == (n == 0) }
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestParsed(t *testing.T) {
	f := New("a", []byte("text"))
	n := 0
	parse := func() *string {
		n++
		s := string(f.Data())
		return &s
	}
	type one struct{}
	type other struct{}
	first := Parsed(f, one{}, parse)
	if again := Parsed(f, one{}, parse); again != first || n != 1 {
		t.Errorf("parsed %d times while the tree is in use", n)
	}
	if tree := Parsed(f, other{}, parse); tree == first || *tree != "text" {
		t.Error("two formats share a tree")
	}
	if tree := Parsed(New("a", []byte("more")), one{}, parse); tree == first {
		t.Error("two files share a tree")
	}
	runtime.KeepAlive(first)
}
