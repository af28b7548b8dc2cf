package symptom

import (
	"slices"
	"testing"
)

// TestShows compares examples with what people see.
func TestShows(t *testing.T) {
	for _, c := range []struct {
		example, text string
		want          bool
	}{
		{"exec /usr/bin/relay: no such file or directory", "exec /app: no such file or directory", true},
		{"exec /usr/bin/relay: no such file or directory", "2026-11-20T10:00:00Z pod/x exec /app: no such file or directory\nback-off", true},
		{"exec /usr/bin/relay: no such file or directory", `exec: "/app": stat /app: no such file or directory: unknown`, false},
		{`exec: "/bin/sh": stat /bin/sh: no such file or directory`, `OCI runtime create failed: exec: \"/app\": stat /app: no such file or directory: unknown.`, true},
		{"/relay: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /relay)", "./srv: /lib64/libc.so.6: version `GLIBC_2.38' not found (required by ./srv)", true},
		{"go: go.mod requires go >= 1.26.0 (running go 1.24.13; GOTOOLCHAIN=local)", "#12 0.5 go: ../go.mod requires go >= 1.27 (running go 1.26.1; GOTOOLCHAIN=local)", true},
		{"app.service:7: Invalid CPU quota '50%   ; half a core', ignoring.", "Nov 20 host systemd[1]: /etc/systemd/system/x.service:3: Invalid CPU quota 'half', ignoring.", true},
		{"go: errors parsing go.mod:\ngo.mod:3: invalid go version '1.24.x': must match format 1.23.0", "go.mod:9: invalid go version 'v1.20': must match format 1.23", true},
		{"/bin/sh: apt-get: not found", "/bin/sh: apt-get: not found", true},
		{"/bin/sh: [/relay: not found", "page: not found", false}, // too little in common
		{"exec /relay: exec format error", "\x1b[31mexec /app: exec \x1b[1mformat\x1b[0m error\x1b[0m", true},
		{"", "", false},
		{"it doesn't start and isn't there", "it doesn't start and isn't there", true},
	} {
		got := slices.ContainsFunc(Patterns(c.example), Read(c.text).Shows)
		if got != c.want {
			t.Errorf("%q in %q: %v", c.example, c.text, got)
		}
	}
}

// TestSays checks that names count, and line breaks do not.
func TestSays(t *testing.T) {
	text := Read("x\nGOMEMLIMIT=512M\nfatal error: malformed GOMEMLIMIT; see `go doc runtime/debug.SetMemoryLimit`\n")
	for example, want := range map[string]bool{
		"GOMEMLIMIT=512M\nfatal error: malformed GOMEMLIMIT": true,
		"GOMEMLIMIT=256M\nfatal error: malformed GOMEMLIMIT": false,
		"": false,
	} {
		if text.Says(example) != want {
			t.Errorf("%q: not %v", example, want)
		}
	}
}

// FuzzShows checks that a text is recognised by its own patterns, in any case.
func FuzzShows(f *testing.F) {
	f.Add("exec \"/a b\": it's `x' (y) \\\"z\\\"")
	f.Add("a b c 'd")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > maxText || colour.MatchString(text) {
			return
		}
		read := Read(text)
		for _, p := range Patterns(text) {
			if !read.Shows(p) {
				t.Errorf("%q does not show %q", text, p.words)
			}
		}
		if len(Patterns(text)) > 0 && !read.Says(text) {
			t.Errorf("%q does not say itself", text)
		}
	})
}
