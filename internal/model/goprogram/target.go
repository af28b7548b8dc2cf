package goprogram

import (
	"strconv"
	"strings"
)

// Target is what build constraints are asked about.
type Target struct {
	GOOS, GOARCH string
	Cgo          bool
	Minor        int      // of the Go release that builds: N of 1.N
	Tags         []string // given with -tags
}

// Linux is the target of nearly every image: linux/amd64, built by the newest
// release, without tags.
var Linux = Target{GOOS: "linux", GOARCH: "amd64", Cgo: true, Minor: 1000}

// Match reports whether the file is part of a build for t (go/build,
// Context.MatchFile). A file that imports "C" is not without cgo.
func (f *File) Match(t Target) bool {
	built := f.constraint
	if built == nil {
		built = f.plus
	}
	return (!f.Cgo || t.Cgo) &&
		(f.goos == "" || t.os(f.goos)) && (f.goarch == "" || f.goarch == t.GOARCH) &&
		(built == nil || built.Eval(t.tag))
}

// os reports whether a name is that of the target's system: Android is also
// Linux, illumos Solaris, iOS Darwin (go/build, matchTag).
func (t Target) os(name string) bool {
	return name == t.GOOS || name == "linux" && t.GOOS == "android" ||
		name == "solaris" && t.GOOS == "illumos" || name == "darwin" && t.GOOS == "ios"
}

func (t Target) tag(tag string) bool {
	switch {
	case tag == "cgo":
		return t.Cgo
	case tag == "gc", t.os(tag), tag == t.GOARCH:
		return true
	case tag == "unix":
		return unixSystems[t.GOOS]
	}
	if minor, ok := strings.CutPrefix(tag, "go1."); ok {
		n, err := strconv.Atoi(minor)
		return err == nil && n <= t.Minor
	}
	for _, given := range t.Tags {
		if tag == given {
			return true
		}
	}
	return false
}

// nameTarget returns the system and architecture that a file name asks for
// (go/build, goodOSArchFile): name_GOOS, name_GOARCH, name_GOOS_GOARCH, each
// with or without _test.
func nameTarget(name string) (goos, goarch string) {
	name, _, _ = strings.Cut(name, ".")
	i := strings.Index(name, "_")
	if i < 0 {
		return "", ""
	}
	parts := strings.Split(name[i:], "_") // what stands before the first _ is no part of it
	if n := len(parts); n > 0 && parts[n-1] == "test" {
		parts = parts[:n-1]
	}
	n := len(parts)
	switch {
	case n >= 2 && systems[parts[n-2]] && architectures[parts[n-1]]:
		return parts[n-2], parts[n-1]
	case n >= 1 && systems[parts[n-1]]:
		return parts[n-1], ""
	case n >= 1 && architectures[parts[n-1]]:
		return "", parts[n-1]
	}
	return "", ""
}

// The names known to go/build (internal/syslist, Go 1.26), past and future
// ones included.
var (
	systems       = set("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos")
	unixSystems   = set("aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris")
	architectures = set("386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
