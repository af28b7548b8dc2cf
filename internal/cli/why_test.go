package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/fixture"
)

// TestWhy asks about texts in the repositories of fixtures.
func TestWhy(t *testing.T) {
	for _, c := range []struct {
		fixture, text string
		code          int
		shows, not    []string
	}{
		{"image/libc-mismatch", "exec /usr/bin/relay: no such file or directory", exitClean,
			[]string{"error[image/libc-mismatch]", "find nothing that leads to it:\n", "  image/pie-without-loader "}, nil},
		{"image/libc-mismatch", "kubelet: exec /app: no such file or directory\n", exitClean, []string{"error[image/libc-mismatch]"}, nil},
		{"image/libc-mismatch", "panic: unknown time zone Asia/Tokyo", exitFindings,
			[]string{"no findings", "  image/no-tzdata "}, []string{"libc-mismatch"}},
		{"image/libc-mismatch", "it is slow", exitFindings, []string{"No rule knows this text."}, []string{"["}},
		{"service/gomemlimit-malformed", "GOMEMLIMIT=512M\nfatal error: malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`", exitClean,
			[]string{"error[service/gomemlimit-malformed]", "512M"}, nil},
		{"service/gomemlimit-malformed", " ", exitError, nil, []string{"service"}},
	} {
		bad, err := fixture.Load(os.DirFS("../../fixtures"), c.fixture+"/bad.txtar")
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		unpack(t, dir, bad.Files())
		for _, args := range [][]string{{"why", c.text}, {"why"}, {"why", "-"}} {
			var out, failure bytes.Buffer
			code := Main(Env{Args: args, Stdin: strings.NewReader(c.text), Stdout: &out, Stderr: &failure, Dir: dir, Getenv: func(string) string { return "" }})
			if code != c.code || (failure.Len() > 0) != (code == exitError) {
				t.Errorf("%s, %q: code %d, %s", c.fixture, args, code, failure.String())
			}
			for _, want := range c.shows {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%s, %q: %q is not in\n%s", c.fixture, args, want, out.String())
				}
			}
			for _, not := range c.not {
				if strings.Contains(out.String(), not) {
					t.Errorf("%s, %q: %q is in\n%s", c.fixture, args, not, out.String())
				}
			}
		}
	}
}
