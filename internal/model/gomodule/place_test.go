package gomodule

import (
	"fmt"
	"testing"
)

func TestFindWord(t *testing.T) {
	for _, c := range []struct{ text, word, want string }{
		{"cp -r lib /src", "lib", "[6 9]"},
		{"lib", "lib", "[0 3]"},
		{"libs mylib lib2 a.lib lib-x x/lib", "lib", "[30 33]"},
		{"../lib\n", "lib", "[3 6]"},
		{"élibé", "lib", "[2 5]"},
		{"a\xffb", "\xff", "[]"},
		{"x \xff/lib y", "\xff/lib", "[2 7]"},
		{"", "lib", "[]"},
		{"aaab aab", "aab", "[5 8]"},
	} {
		if got := fmt.Sprint(findWord([]byte(c.text), c.word)); got != c.want {
			t.Errorf("%q in %q at %s, want %s", c.word, c.text, got, c.want)
		}
	}
}
