package dockerignore

import (
	"path"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func TestIgnores(t *testing.T) {
	f := Parse(source.New(".dockerignore", []byte("\ufeff# all but\n*\n  !cmd \r\n!/go.*\ncmd/**/testdata\n!cmd/a/testdata/keep\n[bad\n")))
	for p, by := range map[string]string{
		"main.go":                 "*",
		"docs/x/y":                "*",
		"cmd":                     "",
		"cmd/app/main.go":         "",
		"/go.mod":                 "",
		"cmd/a/testdata":          "cmd/**/testdata",
		"cmd/a/testdata/x":        "cmd/**/testdata",
		"cmd/a/testdata/keep":     "",
		"cmd/a/testdata/keep/too": "",
		".":                       "",
	} {
		ignored, pattern := f.Ignores(p)
		if ignored != (by != "") || ignored && pattern.At.Text() != by {
			t.Errorf("%s: %v by %q, want by %q", p, ignored, pattern.At.Text(), by)
		}
	}
	if len(f.Problems) != 1 || f.Problems[0].At.Text() != "[bad" {
		t.Errorf("problems: %v", f.Problems)
	}
	if _, by := f.Ignores("go.sum"); by.At.Text() != "!/go.*" {
		t.Errorf("go.sum is taken in by %q", by.At.Text())
	}
	if ignored, _ := (*File)(nil).Ignores("x"); ignored {
		t.Error("no file ignores something")
	}
}

// FuzzIgnores compares our search for the deciding line with what the library
// says of the whole list.
func FuzzIgnores(f *testing.F) {
	f.Add([]byte("*\n!a/b\n**/c\n"), "a/b/c")
	f.Fuzz(func(t *testing.T, data []byte, p string) {
		file := Parse(source.New(".dockerignore", data))
		var all []string
		for _, pattern := range file.Patterns {
			text := pattern.Text
			if pattern.Invert {
				text = "!" + text
			}
			all = append(all, text)
		}
		whole, err := patternmatcher.New(all)
		if err != nil {
			t.Fatal(err)
		}
		p = path.Clean(strings.TrimLeft(p, "/"))
		if p == "." || strings.HasPrefix(p, "../") {
			return
		}
		want, err := whole.MatchesOrParentMatches(p)
		if got, by := file.Ignores(p); err == nil && got != want {
			t.Errorf("%q: %v by %+v, want %v", p, got, by, want)
		}
	})
}

// TestBadPatterns holds that a pattern on which builders fail is a problem and
// matches nothing, however often it is asked.
func TestBadPatterns(t *testing.T) {
	for _, line := range []string{`.git/\objects`, "a\xff", "!\xc3(", "a\x00b", "[", "a["} {
		f := Parse(source.New(".dockerignore", []byte("b\n"+line+"\n")))
		if len(f.Problems) != 1 || f.Problems[0].At.Begin().Line != 2 {
			t.Errorf("%q: problems %v", line, f.Problems)
		}
		for range 2 {
			if ignored, _ := f.Ignores("b"); !ignored {
				t.Errorf("%q: the line before it does not count", line)
			}
		}
	}
}
