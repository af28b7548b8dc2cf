package knowledge

import (
	"strings"
	"testing"
)

func TestOverrides(t *testing.T) {
	var list []ImageOverride
	for _, o := range []struct {
		pattern string
		values  map[string]any
	}{
		{"registry.example.com/*", map[string]any{"libc": "glibc"}},
		{"registry.example.com/base/*", map[string]any{"libc": "musl", "shell": false}},
		{"registry.example.com/base/go", map[string]any{"libc": "glibc", "libc_version": "2.36", "go": "1.24", "gcc": true, "gotoolchain": "local", "tools": []any{"git", "make"}}},
		{"registry.example.com/base/go:1.25", map[string]any{"go": "1.25.3", "ca_certs": "yes", "tzdata": "no", "default_user": int64(1000), "package_manager": "apt"}},
		{"golang:1.26", map[string]any{"libc": "musl"}},
		{"localhost:5000/*", map[string]any{"shell": "unknown"}},
	} {
		parsed, err := ParseOverride(o.pattern, o.values)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, parsed)
	}
	b := Default().WithImages(list)
	at := func(text string) Image {
		ref, err := ParseRef(text)
		if err != nil {
			t.Fatal(err)
		}
		return b.Image(ref)
	}
	if i := at("registry.example.com/x:1"); i.Libc != Glibc || i.Loader != Glibc || i.Shell != Unknown || !i.Configured {
		t.Errorf("prefix: %+v", i)
	}
	if i := at("registry.example.com/base/x"); i.Libc != Musl || i.Shell != No {
		t.Errorf("longer prefix: %+v", i)
	}
	if i := at("registry.example.com/base/go:1.24"); i.Libc != Glibc || i.Go.Minor != "1.24" || i.Go.Patch != "" || i.GCC() != Yes || i.Tool("git") != Yes || i.Tool("curl") != Unknown {
		t.Errorf("repository: %+v", i)
	}
	if i := at("registry.example.com/base/go:1.25"); i.Libc != LibcUnknown || i.Go.Patch != "1.25.3" || i.CACerts != Yes || i.TZData != No || i.DefaultUser != "1000" {
		t.Errorf("tag: %+v", i)
	}
	if i := at("docker.io/library/golang:1.26"); i.Libc != Musl || i.Distro != "" {
		t.Errorf("an override beats the tables: %+v", i)
	}
	if i := at("golang:1.25"); i.Libc != Glibc {
		t.Errorf("other tags keep the tables: %+v", i)
	}
	if i := at("registry.example.org/x"); i.Known {
		t.Errorf("another registry: %+v", i)
	}
	if i := at("localhost:5000/x"); !i.Known {
		t.Errorf("registry with port: %+v", i)
	}
	if i := Default().Image(at("golang:1.26").Ref); i.Libc != Glibc {
		t.Error("WithImages changed the tables it was called on")
	}
}

func TestOverrideErrors(t *testing.T) {
	for _, c := range []struct {
		pattern, key string
		value        any
		want         string
	}{
		{"x", "libs", "glibc", "did you mean libc?"},
		{"x", "cacerts", true, "did you mean ca_certs?"},
		{"x", "entrypoint", "x", "the keys are ca_certs, default_user"},
		{"x", "libc", "newlib", "none, glibc, musl, uclibc"},
		{"x", "libc", true, "not a text"},
		{"x", "go", 1.2, "in quotes"},
		{"x", "go", "new", "no Go version"},
		{"x", "shell", "maybe", "none of yes, no, unknown"},
		{"x", "tools", "git", "not a list"},
		{"X", "libc", "glibc", "lowercase"},
		{"x" + digest, "libc", "glibc", "a pattern is"},
	} {
		_, err := ParseOverride(c.pattern, map[string]any{c.key: c.value})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.pattern) {
			t.Errorf("%s: %s = %v: %v, want %q", c.pattern, c.key, c.value, err, c.want)
		}
	}
}
