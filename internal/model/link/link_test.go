package link

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

// TestUnknown: an input that is not known counts only where it matters.
func TestUnknown(t *testing.T) {
	const yes, no = knowledge.Yes, knowledge.No
	plain := Closure{Net: no, User: no, Plugin: no, Cgo: no, CgoOnly: no, CXX: no, HostObjects: no}
	net := plain
	net.Net = yes
	known := Input{Go: 26, Host: Platform{"linux", "amd64"}, GCC: yes, CC: yes, Libc: knowledge.Glibc, LibcVersion: "2.41", Closure: plain}
	with := func(set func(*Input)) Input {
		in := known
		set(&in)
		return in
	}
	for _, c := range []struct {
		name    string
		in      Input
		kind    Kind
		missing Part
	}{
		{"nothing is known", Input{}, Unknown, GCC},
		{"cgo off, closure not known", Input{Env: Env{CGOEnabled: Text("0")}, Closure: Closure{CgoOnly: no}}, Static, ""},
		{"cgo off, perhaps a cgo package", Input{Env: Env{CGOEnabled: Text("0")}}, Unknown, CgoOnly},
		{"closure not known", with(func(in *Input) { in.Closure = Closure{} }), Unknown, Net},
		{"net known, the rest not", with(func(in *Input) { in.Closure = Closure{Net: yes} }), Glibc, ""},
		{"cgo set from outside", with(func(in *Input) { in.Env.CGOEnabled = NotKnown(); in.Closure = net }), Unknown, CGOEnabled},
		{"cgo set from outside, no cgo package", with(func(in *Input) { in.Env.CGOEnabled = NotKnown() }), Static, ""},
		{"no gcc known, no cgo package", with(func(in *Input) { in.GCC = knowledge.Unknown }), Static, ""},
		{"gcc not known", with(func(in *Input) { in.GCC = knowledge.Unknown; in.Closure = net }), Unknown, GCC},
		{"C library of the builder not known", with(func(in *Input) { in.Libc = knowledge.LibcUnknown; in.Closure = net }), Dynamic, BuilderLibc},
		{"Go not known, no gcc", with(func(in *Input) { in.Go = 0; in.GCC = no; in.Closure = net }), Unknown, GoVersion},
		{"Go not known, gcc there", with(func(in *Input) { in.Go = 0; in.Closure = net }), Glibc, ""},
		{"GOARCH of a host that is not known", with(func(in *Input) { in.Host.Arch = ""; in.Env.GOARCH = Text("amd64"); in.Closure = net }), Unknown, HostPlatform},
		{"GOARCH, no cgo package", with(func(in *Input) { in.Host.Arch = ""; in.Env.GOARCH = Text("amd64") }), Static, ""},
		{"host not known, no GOARCH", with(func(in *Input) { in.Host.Arch = ""; in.Closure = net }), Glibc, ""},
		{"ldflags not known", with(func(in *Input) { in.Flags.LDFlags.Unknown = true; in.Closure = net }), Unknown, LDFlags},
		{"ldflags not known, cgo off", with(func(in *Input) { in.Flags.LDFlags.Unknown = true; in.Env.CGOEnabled = Text("0") }), Unknown, LDFlags},
		{"tags not known", with(func(in *Input) { in.Flags.Tags.Unknown = true; in.Closure = net }), Unknown, Tags},
		{"tags not known, no cgo package", with(func(in *Input) { in.Flags.Tags.Unknown = true }), Static, ""},
		{"perhaps -race, net", with(func(in *Input) { in.Flags.Race = Unsure; in.Closure = net }), Glibc, ""},
		{"perhaps -race", with(func(in *Input) { in.Flags.Race = Unsure }), Unknown, Race},
		{"a compiler without model", with(func(in *Input) { in.Env.CC = Text("zig cc"); in.Closure = net }), Unknown, CC},
		{"a compiler without model, no cgo package", with(func(in *Input) { in.Env.CC = Text("zig cc") }), Static, ""},
		{"a cross compiler", with(func(in *Input) {
			in.Env = Env{CC: Text("aarch64-linux-gnu-gcc"), CGOEnabled: Text("1"), GOARCH: Text("arm64")}
			in.Closure = net
		}), Unknown, CC},
	} {
		v := Decide(c.in)
		if v.Kind != c.kind {
			t.Errorf("%s: %s (%v, missing %v), want %s", c.name, v.Kind, v.Steps, v.Missing, c.kind)
		}
		if c.missing != "" && !slices.Contains(v.Missing, c.missing) {
			t.Errorf("%s: missing is %q, want %s among them", c.name, v.Missing, c.missing)
		}
		if c.missing == "" && (len(v.Missing) > 0 || len(v.Steps) == 0) {
			t.Errorf("%s: missing is %q, steps are %v", c.name, v.Missing, v.Steps)
		}
	}
}

// TestImages: builds in images of the table, run in images of the table. These
// are the places where a simple rule is wrong.
func TestImages(t *testing.T) {
	const yes, no = knowledge.Yes, knowledge.No
	closure := Closure{Net: yes, User: no, Plugin: no, Cgo: no, CgoOnly: no, CXX: no, HostObjects: no}
	image := func(text string) knowledge.Image {
		ref, err := knowledge.ParseRef(text)
		if err != nil {
			t.Fatal(err)
		}
		return knowledge.Default().Image(ref)
	}
	for _, c := range []struct {
		builder string
		change  func(*Input)
		runtime string
		kind    Kind
		loader  knowledge.Tri // whether the runtime has it
		old     bool          // whether its glibc is too old
	}{
		{"golang:1.26-alpine", nil, "scratch", Static, no, false},
		{"golang:1.26-alpine", func(in *Input) { in.GCC = yes }, "scratch", Musl, no, false},
		{"golang:1.26-alpine", func(in *Input) { in.GCC = yes }, "alpine:3.20", Musl, yes, false},
		{"golang:1.26-alpine", func(in *Input) { in.GCC = yes }, "busybox:musl", Musl, no, false},
		{"golang:1.26-alpine", func(in *Input) { in.Flags.BuildMode = Text("pie") }, "alpine:3.22", LoaderOnly, yes, false},
		{"golang:1.26", nil, "alpine:3.22", Glibc, no, false},
		{"golang:1.26", nil, "busybox:glibc", Glibc, yes, false},
		{"golang:1.26", func(in *Input) { in.Flags.Tags.List = []string{"netgo"} }, "scratch", Static, no, false},
		{"golang:1.26", func(in *Input) { in.Flags.BuildMode = Text("pie"); in.Env.CGOEnabled = Text("0") }, "gcr.io/distroless/static", LoaderOnly, no, false},
		{"golang:1.26-trixie", nil, "debian:bookworm", Glibc, yes, false},
		{"golang:1.26-trixie", nil, "debian:bullseye", Glibc, yes, true},
		{"golang:1.26-bookworm", nil, "ubuntu:20.04", Glibc, yes, true},
		{"golang:1.23-bullseye", nil, "debian:bullseye", Glibc, yes, false},
		{"golang:1.19-bookworm", nil, "debian:bullseye", Glibc, yes, false},
		{"golang:1.26-trixie", func(in *Input) {
			in.Env.CGOEnabled = Text("0")
			in.Flags.LDFlags.List = []string{"-extldflags", "-static"}
		}, "scratch", Static, no, false},
	} {
		in := builder(image(c.builder))
		in.Host.Arch, in.Closure = "amd64", closure
		if c.change != nil {
			c.change(&in)
		}
		v, base, at := Decide(in), knowledge.Default(), image(c.runtime)
		if v.Kind != c.kind {
			t.Errorf("%s: %s %v, want %s", c.builder, v.Kind, v.Steps, c.kind)
			continue
		}
		if v.NeedsLoader() == yes {
			if got := base.HasLoader(at, "amd64", interpreter(base, in, v)); got != c.loader {
				t.Errorf("%s in %s: loader is there: %s, want %s", c.builder, c.runtime, got, c.loader)
			}
		}
		if old := v.GlibcFloor != "" && older(at.LibcVersion, v.GlibcFloor); v.Kind == Glibc && old != c.old {
			t.Errorf("%s in %s: glibc %s for %s, want too old %t", c.builder, c.runtime, at.LibcVersion, v.GlibcFloor, c.old)
		}
	}
}

// TestSteps: the steps name the rules in order and what they rest on.
func TestSteps(t *testing.T) {
	in := Input{
		Go: 26, Host: Platform{"linux", "amd64"}, GCC: knowledge.Yes, Libc: knowledge.Glibc, LibcVersion: "2.36",
		Closure: Closure{Net: knowledge.Yes, User: knowledge.No, Plugin: knowledge.No, Cgo: knowledge.No, CgoOnly: knowledge.No, CXX: knowledge.No},
	}
	var got []string
	for _, s := range Decide(in).Steps {
		got = append(got, s.Rule+" "+string(s.On))
	}
	want := "L1 gcc, L3 import of net, L4 -ldflags, L7 import of net, L11 C library of the builder"
	if strings.Join(got, ", ") != want {
		t.Errorf("steps are %s\nwant      %s", strings.Join(got, ", "), want)
	}
}

// FuzzLDFlags: words of any kind are read without harm, and always the same.
func FuzzLDFlags(f *testing.F) {
	f.Add(`-linkmode external -extldflags "-static"`, true)
	f.Add(`-extldflags="-static -pie" -d`, false)
	f.Fuzz(func(t *testing.T, flags string, cgo bool) {
		words, _ := splitQuoted(flags)
		in := Input{GCC: knowledge.TriOf(cgo), Flags: Flags{LDFlags: Words{List: words}}}
		if a, b := Decide(in), Decide(in); a.Kind != b.Kind || !slices.Equal(a.Steps, b.Steps) {
			t.Errorf("%q: %v, then %v", flags, a, b)
		}
	})
}

// BenchmarkDecide is the worst case: nothing is known.
func BenchmarkDecide(b *testing.B) {
	in := Input{
		Env:   Env{CGOEnabled: NotKnown(), GOOS: NotKnown(), GOARCH: NotKnown(), CC: NotKnown(), CXX: NotKnown(), CGOLDFlags: NotKnown(), ExtLink: NotKnown()},
		Flags: Flags{LDFlags: Words{Unknown: true}, Tags: Words{Unknown: true}, BuildMode: NotKnown(), Race: Unsure, MSan: Unsure, ASan: Unsure, LinkShared: Unsure},
	}
	for b.Loop() {
		Decide(in)
	}
}

// builder returns the input for a build in an image: what the image says of
// the machine. Packages that are installed later are the caller's to add.
func builder(i knowledge.Image) Input {
	in := Input{Host: Platform{OS: "linux"}, GCC: i.GCC(), Libc: i.Libc, LibcVersion: i.LibcVersion}
	if minor, ok := strings.CutPrefix(i.Go.Minor, "1."); ok && !i.Go.Moving {
		in.Go, _ = strconv.Atoi(minor)
	}
	if i.Pinned != knowledge.Yes && !i.ByDigest {
		in.LibcVersion = "" // another release may come with the next pull
	}
	return in
}
