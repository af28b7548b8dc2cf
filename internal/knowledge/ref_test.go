package knowledge

import (
	"strings"
	"testing"
)

func TestParseRef(t *testing.T) {
	for _, c := range []struct{ text, registry, repository, tag, digest, name, canonical string }{
		{"golang", "docker.io", "library/golang", "", "", "golang", "golang"},
		{"golang:1.26", "docker.io", "library/golang", "1.26", "", "golang", "golang"},
		{"docker.io/golang", "docker.io", "library/golang", "", "", "golang", "golang"},
		{"docker.io/library/golang:1", "docker.io", "library/golang", "1", "", "golang", "golang"},
		{"index.docker.io/library/golang", "docker.io", "library/golang", "", "", "golang", "golang"},
		{"registry.hub.docker.com/library/golang", "docker.io", "library/golang", "", "", "golang", "golang"},
		{"public.ecr.aws/docker/library/golang:1", "public.ecr.aws", "docker/library/golang", "1", "", "public.ecr.aws/docker/library/golang", "golang"},
		{"mirror.gcr.io/library/golang", "mirror.gcr.io", "library/golang", "", "", "mirror.gcr.io/library/golang", "golang"},
		{"mirror.gcr.io/cimg/go", "mirror.gcr.io", "cimg/go", "", "", "mirror.gcr.io/cimg/go", "cimg/go"},
		{"cimg/go:1.25", "docker.io", "cimg/go", "1.25", "", "cimg/go", "cimg/go"},
		{"localhost/app", "localhost", "app", "", "", "localhost/app", "localhost/app"},
		{"registry.example.com:5000/team/app:v1", "registry.example.com:5000", "team/app", "v1", "", "registry.example.com:5000/team/app", "registry.example.com:5000/team/app"},
		{"a/b/c" + digest, "docker.io", "a/b/c", "", digest[1:], "a/b/c", "a/b/c"},
		{"alpine:3" + digest, "docker.io", "library/alpine", "3", digest[1:], "alpine", "alpine"},
		{"a__b-_-c", "", "", "", "", "", ""},
	} {
		r, err := ParseRef(c.text)
		if c.registry == "" {
			if err == nil {
				t.Errorf("ParseRef(%q) accepts it", c.text)
			}
			continue
		}
		if err != nil || r.Registry != c.registry || r.Repository != c.repository || r.Tag != c.tag || r.Digest != c.digest || r.Name() != c.name || r.Canonical() != c.canonical {
			t.Errorf("ParseRef(%q) = %+v, %v, %s, %s", c.text, r, err, r.Name(), r.Canonical())
		}
	}
	for _, bad := range []string{
		"", ":1", "golang:", "Golang", "golang@", "golang@sha256:12", "golang:1.26 ", "golang:-x", "a//b", "/a", "a/", "${BASE}", "golang:${V}", "a..b", "a___b",
		"-a", "a-", "exa mple.com/x", "example.com:port/x", ".com/x", "golang:" + strings.Repeat("x", 129), strings.Repeat("a/", 600),
	} {
		if r, err := ParseRef(bad); err == nil {
			t.Errorf("ParseRef(%q) accepts it as %+v", bad, r)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"golang:1.26", "registry.example.com:5000/a/b:c" + digest, "a@b:c", "a:b:c", "://", "A/b"} {
		f.Add(s)
	}
	base := Default()
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRef(text)
		for _, p := range []Part{r.NameAt, r.TagAt, r.DigestAt} {
			if p.Start < 0 || p.End < p.Start || p.End > len(text) {
				t.Fatalf("part %+v of %q", p, text)
			}
		}
		if r.NameAt.End > r.TagAt.Start || r.TagAt.End > r.DigestAt.Start {
			t.Fatalf("parts of %q overlap: %+v", text, r)
		}
		if err != nil {
			return
		}
		if r.TagAt != (Part{}) && text[r.TagAt.Start:r.TagAt.End] != r.Tag || text[r.DigestAt.Start:r.DigestAt.End] != r.Digest {
			t.Fatalf("%q: tag %q, digest %q at %+v", text, r.Tag, r.Digest, r)
		}
		base.Image(r)
		base.GolangTag(r.EffectiveTag())
		again := r.Name()
		if r.Tag != "" {
			again += ":" + r.Tag
		}
		if r.Digest != "" {
			again += "@" + r.Digest
		}
		if s, err := ParseRef(again); err != nil || s.Name() != r.Name() || s.Tag != r.Tag || s.Digest != r.Digest {
			t.Fatalf("%q is %q, which is %+v, %v", text, again, s, err)
		}
	})
}
