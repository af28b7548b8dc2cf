package repo

import (
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzIgnores checks that no .gitignore makes the walk fail, and that what is
// listed was there.
func FuzzIgnores(f *testing.F) {
	f.Add("a*/**\n!b\n/c/\n\\#d\n[e\n{f\n**\n", "b")
	f.Add("\xef\xbb\xbf*.log \\ \r\n!", "a.log")
	f.Fuzz(func(t *testing.T, patterns, name string) {
		files := fstest.MapFS{".gitignore": {Data: []byte(patterns)}, "sub/.gitignore": {Data: []byte(patterns)}, "sub/go.mod": {}}
		r, err := Open(files, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for p := range r.entries {
			if _, err := files.Open(p); err != nil {
				t.Error(p, err)
			}
		}
		for line := range strings.SplitSeq(patterns, "\n") {
			if p, ok := parsePattern(line); ok {
				p.match(name, name, true)
			}
		}
	})
}

// FuzzIndex checks that no .git/index makes the walk fail.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + strings.Repeat("\x00", 62)))
	f.Add([]byte("DIRC\x00\x00\x00\x04\xff\xff\xff\xff" + strings.Repeat("\x00", 100)))
	f.Fuzz(func(t *testing.T, index []byte) {
		files := fstest.MapFS{".git/index": {Data: index}, ".gitignore": {Data: []byte("*")}, "go.mod": {}}
		if _, err := Open(files, Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
