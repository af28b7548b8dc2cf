package nearest

import "testing"

func TestOf(t *testing.T) {
	words := []string{"exclude", "disable", "severity", "images", "image/libc-mismatch"}
	for word, want := range map[string]string{
		"exlude": "exclude", "disabel": "disable", "image": "images", "image/libc-missmatch": "image/libc-mismatch",
		"colour": "", "x": "", "": "", "severity": "severity",
	} {
		if got := Of(word, words); got != want {
			t.Errorf("Of(%q) = %q, want %q", word, got, want)
		}
	}
}
