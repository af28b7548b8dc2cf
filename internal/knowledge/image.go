package knowledge

import (
	"slices"
	"strings"
)

// Image is what is known of an image. Fields that are not known have their
// zero value. Beware of the difference between absent and not known: Shell ==
// No says that there is no /bin/sh.
type Image struct {
	Ref Ref

	// Known reports whether a table or an override speaks of the image at
	// all. NotExist says that the tag does not exist (any more).
	Known, NotExist bool
	// ByDigest says that the reference pins contents by digest. Then only
	// what held for everything the tag ever named is known.
	ByDigest bool
	// Configured says that the facts are an override of the configuration.
	Configured bool

	Distro  string // alpine, debian, distroless static ...
	Release string // trixie, 3.24, 24.04: of a moving tag, that of Base.Date
	// Pinned says that the tag itself names the release; with No a rebuild may
	// bring another one (golang:1.24 went from bookworm to trixie).
	Pinned Tri
	// Frozen says that the tag is not rebuilt any more.
	Frozen Tri

	Libc        Libc // the C library that programs can use
	LibcVersion string
	GLIBCXX     string // newest symbol version of libstdc++ of the distribution
	Loader      Libc   // whose dynamic loader is there
	Shell       Tri    // /bin/sh
	CACerts     Tri    // root certificates where crypto/x509 looks for them
	TZData      Tri    // /usr/share/zoneinfo
	LegacyZones Tri    // names such as US/Eastern within it
	Passwd, Tmp Tri    // /etc/passwd, /tmp
	LFS64       Tri    // musl headers still declare pread64 and the like

	DefaultUser    string // user that RUN and the program start as; 0 = root
	PackageManager string // apk, apt, dnf ... or none
	WorkDir        string
	Path           string            // PATH
	Entrypoint     []string          // nil = not known, empty = none
	Env            map[string]string // not to be changed

	Go          GoVersion
	GOTOOLCHAIN string // default inside: local, auto, local+auto
	GOPATH      string
	GOROOT      string

	EOL, LTSEOL string // YYYY-MM-DD; empty = none known
	Rolling     Tri

	// Why says for a Note what the image is: "golang:1.26 is Debian trixie
	// with gcc". Source names where the rows come from.
	Why, Source string

	users, groups accounts
	tools         map[string]Tri
	libs          map[string]Tri
}

// GoVersion is the Go release inside an image.
type GoVersion struct {
	Minor string // 1.26; empty = unknown
	// Patch is the exact release where the tag fixes it: written in the tag,
	// or the tag is frozen.
	Patch string
	// Newest is the newest patch that the table knows of a moving tag.
	Newest string
	// Moving says that the minor itself moves (latest, 1): Minor is that of
	// Base.Date.
	Moving bool
}

// Known reports whether at least the minor is known and does not move.
func (v GoVersion) Known() bool { return v.Minor != "" && !v.Moving }

// accounts are the names of /etc/passwd or /etc/group.
type accounts struct {
	ids    map[string]string // id, empty where only the name is known
	maybe  []string          // names that some releases have
	closed Tri               // yes: there are no others
}

func (a accounts) lookup(name string) (id string, there Tri) {
	if id, ok := a.ids[name]; ok {
		return id, Yes
	}
	if a.closed == Yes && !slices.Contains(a.maybe, name) {
		return "", No
	}
	return "", Unknown
}

// User looks up a user by name. id is its number, empty if not known.
func (i Image) User(name string) (id string, there Tri) { return i.users.lookup(name) }

// Group looks up a group by name. id is its number, empty if not known.
func (i Image) Group(name string) (id string, there Tri) { return i.groups.lookup(name) }

// Tool reports whether a program is in PATH: git, gcc, make, bash, curl,
// wget, adduser, useradd ...
func (i Image) Tool(name string) Tri { return i.tools[name] }

// GCC reports whether a C compiler named gcc is in PATH.
func (i Image) GCC() Tri { return i.tools["gcc"] }

// Library reports whether a shared library, such as libstdc++.so.6, is there.
func (i Image) Library(name string) Tri {
	if i.Libc == NoLibc && i.Loader == NoLibc {
		return No
	}
	return i.libs[name]
}

// HasLoader reports whether the dynamic loader at path, as PT_INTERP of a
// binary for goarch names it, is in the image.
func (b *Base) HasLoader(i Image, goarch, path string) Tri {
	switch i.Loader {
	case LibcUnknown:
		return Unknown
	case NoLibc:
		return No
	}
	for _, l := range b.loaders {
		if l.Arch != goarch {
			continue
		}
		glibc, musl := path == l.Glibc || path == l.GoGlibc, path == l.Musl || path == l.GoMusl
		switch {
		case glibc && i.Loader != Glibc, musl && i.Loader != Musl:
			return No
		case glibc && path == l.Glibc, musl && path == l.Musl:
			return Yes
		}
	}
	return Unknown
}

// LoaderPath returns the path that programs for goarch name as their dynamic
// loader: what cmd/link writes when it links internally (internal) or what the
// C compiler of the distribution writes. Empty = not known.
func (b *Base) LoaderPath(goarch string, libc Libc, internal bool) string {
	for _, l := range b.loaders {
		if l.Arch != goarch {
			continue
		}
		switch {
		case libc == Glibc && internal:
			return l.GoGlibc
		case libc == Glibc:
			return l.Glibc
		case libc == Musl && internal:
			return l.GoMusl
		case libc == Musl:
			return l.Musl
		}
	}
	return ""
}

// same drops from a what b does not say too: what is left held for both.
func same(a, b Image) Image {
	agree(&a.Distro, b.Distro)
	agree(&a.Release, b.Release)
	agree(&a.Pinned, b.Pinned)
	agree(&a.Frozen, b.Frozen)
	agree(&a.Libc, b.Libc)
	agree(&a.LibcVersion, b.LibcVersion)
	agree(&a.GLIBCXX, b.GLIBCXX)
	agree(&a.Loader, b.Loader)
	agree(&a.Shell, b.Shell)
	agree(&a.CACerts, b.CACerts)
	agree(&a.TZData, b.TZData)
	agree(&a.LegacyZones, b.LegacyZones)
	agree(&a.Passwd, b.Passwd)
	agree(&a.Tmp, b.Tmp)
	agree(&a.LFS64, b.LFS64)
	agree(&a.DefaultUser, b.DefaultUser)
	agree(&a.PackageManager, b.PackageManager)
	agree(&a.WorkDir, b.WorkDir)
	agree(&a.Path, b.Path)
	agree(&a.Go, b.Go)
	agree(&a.GOTOOLCHAIN, b.GOTOOLCHAIN)
	agree(&a.GOPATH, b.GOPATH)
	agree(&a.GOROOT, b.GOROOT)
	agree(&a.EOL, b.EOL)
	agree(&a.LTSEOL, b.LTSEOL)
	agree(&a.Rolling, b.Rolling)
	if a.Entrypoint == nil || b.Entrypoint == nil || !slices.Equal(a.Entrypoint, b.Entrypoint) {
		a.Entrypoint = nil
	}
	a.Env = common(a.Env, b.Env)
	a.tools = common(a.tools, b.tools)
	a.libs = common(a.libs, b.libs)
	a.users, a.groups = a.users.common(b.users), a.groups.common(b.groups)
	if !strings.Contains(a.Source, b.Source) {
		a.Source += "; " + b.Source
	}
	return a
}

func agree[T comparable](a *T, b T) {
	if *a != b {
		var zero T
		*a = zero
	}
}

func common[V comparable](a, b map[string]V) map[string]V {
	c := map[string]V{}
	for k, v := range a {
		if w, ok := b[k]; ok && w == v {
			c[k] = v
		}
	}
	return c
}

func (a accounts) common(b accounts) accounts {
	c := accounts{ids: common(a.ids, b.ids), maybe: slices.Concat(a.maybe, b.maybe), closed: min(a.closed, b.closed)}
	for _, ids := range []map[string]string{a.ids, b.ids} {
		for name := range ids {
			if _, ok := c.ids[name]; !ok {
				c.maybe = append(c.maybe, name)
			}
		}
	}
	slices.Sort(c.maybe)
	c.maybe = slices.Compact(c.maybe)
	if a.closed != b.closed {
		c.closed = Unknown
	}
	return c
}
