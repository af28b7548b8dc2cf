package knowledge

import (
	"errors"
	"fmt"
	"strings"
)

// Ref is an image reference, [registry/]repository[:tag][@digest], with the
// parts that are not written filled in as Docker does: docker.io and library/.
type Ref struct {
	Text       string
	Registry   string // docker.io, registry.example.com:5000
	Repository string // library/golang, team/app
	Tag        string // as written; empty = latest unless there is a digest
	Digest     string // algorithm:hex, or empty

	// Offsets into Text of the parts as written; Start == End where a part is
	// not written. NameAt is registry and repository together.
	NameAt, TagAt, DigestAt Part
}

// Part is a half-open range of bytes.
type Part struct{ Start, End int }

// maxRef bounds what is looked at. Registries refuse names beyond 255 bytes;
// a tag has at most 128 and a digest some 140.
const maxRef = 1024

// ParseRef parses a reference in which variables are already replaced. The
// grammar is that of github.com/distribution/reference; the error says what
// breaks it. The name scratch parses as docker.io/library/scratch.
func ParseRef(text string) (Ref, error) {
	r := Ref{Text: text}
	if text == "" {
		return r, errors.New("empty image reference")
	}
	if len(text) > maxRef {
		return r, errors.New("image reference is too long")
	}
	end := len(text)
	r.DigestAt = Part{end, end}
	if i := strings.IndexByte(text, '@'); i >= 0 {
		r.Digest, r.DigestAt = text[i+1:], Part{i + 1, end}
		end = i
	}
	r.TagAt = Part{end, end}
	// A colon behind the last slash is the tag's; one before it a port's.
	slash := strings.LastIndexByte(text[:end], '/')
	if i := strings.IndexByte(text[slash+1:end], ':'); i >= 0 {
		i += slash + 1
		r.Tag, r.TagAt = text[i+1:end], Part{i + 1, end}
		end = i
	}
	r.NameAt = Part{0, end}
	r.Registry, r.Repository = splitName(text[:end])
	return r, r.check()
}

// splitName tells registry and repository apart as Docker does: the first part
// is a registry if it has a dot, a colon or an upper-case letter, or is
// localhost.
func splitName(name string) (registry, repository string) {
	first, rest, ok := strings.Cut(name, "/")
	if !ok || !strings.ContainsAny(first, ".:") && first != "localhost" && strings.ToLower(first) == first {
		registry, repository = "docker.io", name
	} else {
		registry, repository = first, rest
	}
	if registry == "index.docker.io" || registry == "registry-1.docker.io" || registry == "registry.hub.docker.com" {
		registry = "docker.io"
	}
	if registry == "docker.io" && !strings.Contains(repository, "/") {
		repository = "library/" + repository
	}
	return registry, repository
}

func (r Ref) check() error {
	switch {
	case strings.ToLower(r.Repository) != r.Repository:
		return fmt.Errorf("repository name %q must be lowercase", r.Repository)
	case !validRegistry(r.Registry):
		return fmt.Errorf("%q is no registry", r.Registry)
	case r.TagAt.Start > r.NameAt.End && !validTag(r.Tag):
		return fmt.Errorf("%q is no tag", r.Tag)
	case r.DigestAt.Start > r.TagAt.End && !validDigest(r.Digest):
		return fmt.Errorf("%q is no digest", r.Digest)
	}
	for part := range strings.SplitSeq(r.Repository, "/") {
		if !validComponent(part) {
			return fmt.Errorf("%q is no repository name", r.Repository)
		}
	}
	return nil
}

func validRegistry(s string) bool {
	host, port, hasPort := strings.Cut(s, ":")
	if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || !all(label, func(c byte) bool { return alnum(c) || c == '-' || 'A' <= c && c <= 'Z' }) {
			return false
		}
	}
	return true
}

// validComponent: runs of lower-case letters and digits, joined by one dot, one
// or two underscores, or any number of dashes.
func validComponent(s string) bool {
	for s != "" {
		i := 0
		for i < len(s) && alnum(s[i]) {
			i++
		}
		if i == 0 {
			return false
		}
		if i == len(s) {
			return true
		}
		s = s[i:]
		j := len(s) - len(strings.TrimLeft(s, s[:1]))
		if s[0] == '.' && j > 1 || s[0] == '_' && j > 2 || s[0] != '.' && s[0] != '_' && s[0] != '-' {
			return false
		}
		s = s[j:]
	}
	return false
}

func validTag(s string) bool {
	word := func(c byte) bool { return alnum(c) || 'A' <= c && c <= 'Z' || c == '_' }
	return s != "" && len(s) <= 128 && word(s[0]) && all(s, func(c byte) bool { return word(c) || c == '.' || c == '-' })
}

func validDigest(s string) bool {
	algorithm, hex, ok := strings.Cut(s, ":")
	return ok && validComponent(strings.ToLower(algorithm)) && len(hex) >= 32 &&
		all(hex, func(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' })
}

func alnum(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

// Name returns registry and repository in their shortest form: golang for
// docker.io/library/golang, cimg/go for docker.io/cimg/go.
func (r Ref) Name() string {
	if r.Registry != "docker.io" {
		return r.Registry + "/" + r.Repository
	}
	return strings.TrimPrefix(r.Repository, "library/")
}

// Canonical returns Name with mirrors of Docker Hub taken for the Hub: the
// public gallery of Amazon holds copies of the official images under docker/,
// mirror.gcr.io caches the Hub. Tables are looked up by it.
func (r Ref) Canonical() string {
	switch {
	case r.Registry == "public.ecr.aws" && strings.HasPrefix(r.Repository, "docker/library/"):
		return strings.TrimPrefix(r.Repository, "docker/library/")
	case r.Registry == "mirror.gcr.io":
		return strings.TrimPrefix(r.Repository, "library/")
	}
	return r.Name()
}

// EffectiveTag returns the tag, latest where neither tag nor digest is
// written, and nothing where only a digest is.
func (r Ref) EffectiveTag() string {
	if r.Tag == "" && r.Digest == "" {
		return "latest"
	}
	return r.Tag
}
