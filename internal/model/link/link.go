// Package link says what kind of file a go build writes: static, bound to a C
// library, bound to a loader only, or none at all.
//
// The model is pure: it knows no repository and runs nothing. Its rules, L1 to
// L12, were read from cmd/go and cmd/link and measured against real builds
// with Go 1.19 to 1.27 (testdata/link-truth.csv):
//
//	L1  whether cgo is on: CGO_ENABLED if it is 0 or 1; else off when cross
//	    compiling, and off when CC is not set and there is no gcc (Go 1.20 on)
//	L2  -race, -msan and -asan need cgo; so do packages with cgo files only
//	L3  which cgo packages take part: net without netgo, os/user without
//	    osusergo, plugin, cgo packages of modules, the race detector
//	L4  who links: cmd/link itself, or the C compiler (external)
//	L5  external linking needs cgo (an error since Go 1.22)
//	L6  cgo packages need the C compiler
//	L7  internal: dynamic if a cgo package takes part, or with -buildmode=pie
//	L8  external: static with -static, else dynamic
//	L9  which loader the file names
//	L10 of repeated flags the last counts (done by the caller: see gocmd)
//	L11 which glibc the file needs at least
//	L12 combinations that do not link
package link

import (
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

// Value is a text that is known, or not. The zero Value is known to be empty,
// which is what an unset variable and an absent flag are.
type Value struct {
	Text    string
	Unknown bool
}

// Text returns a known value.
func Text(s string) Value { return Value{Text: s} }

// NotKnown returns an unknown value.
func NotKnown() Value { return Value{Unknown: true} }

// Switch is a flag that is off, on, or not known. The zero value is Off.
type Switch uint8

// The three values.
const (
	Off Switch = iota
	On
	Unsure
)

// Words is the list of words of a flag such as -ldflags, after splitting.
type Words struct {
	List    []string
	Unknown bool // nothing of the list is known
}

// Platform is an operating system and an architecture; empty is not known.
type Platform struct{ OS, Arch string }

// Input is all that decides how a program is linked. The zero value describes
// `go build` with no flags and an empty environment on a machine of which
// nothing is known.
type Input struct {
	Go   int // minor release; 0 = not known
	Host Platform

	// GCC says whether the default C compiler is in PATH, CC whether the one
	// that $CC names is.
	GCC, CC knowledge.Tri
	// Libc is the C library of the machine that builds and LibcVersion its
	// version, empty if not known.
	Libc        knowledge.Libc
	LibcVersion string

	Env     Env
	Flags   Flags
	Closure Closure
}

// Env are the variables of the go command's process.
type Env struct {
	CGOEnabled, GOOS, GOARCH, CC, CXX, CGOLDFlags, ExtLink Value // ExtLink is GO_EXTLINK_ENABLED
}

// Flags are the flags of the build, GOFLAGS included, of which the last counts.
type Flags struct {
	LDFlags                      Words // those that apply to the main package
	Tags                         Words
	BuildMode                    Value
	Race, MSan, ASan, LinkShared Switch
}

// Closure says what the program imports, directly or not, on the target
// platform. Packages behind build tags count only where the tags are set.
type Closure struct {
	Net, User, Plugin knowledge.Tri // std packages net, os/user, plugin
	// Cgo: packages outside std with cgo files, which compile without cgo too.
	// CgoOnly: packages whose only files use cgo.
	Cgo, CgoOnly knowledge.Tri
	// CXX: C++ among them. HostObjects: C code that the internal linker cannot
	// take (relocations it does not know); ask only if internal is forced.
	CXX, HostObjects knowledge.Tri
}

// Kind is the kind of file that comes out.
type Kind uint8

const (
	// Unknown: what is not known decides. See Verdict.Missing.
	Unknown Kind = iota
	// Static: starts without a loader and without a C library.
	Static
	// Glibc: needs glibc and its loader.
	Glibc
	// Musl: needs musl and its loader.
	Musl
	// LoaderOnly: names a loader, although it needs no library.
	LoaderOnly
	// Dynamic: Glibc, Musl or LoaderOnly; which of them is not known.
	Dynamic
	// Fails: the build fails with Verdict.Error.
	Fails
	// Object: no program but a shared object, a plugin or an archive.
	Object
	// Foreign: a program for another system than Linux.
	Foreign
)

// String returns the name of the kind in messages.
func (k Kind) String() string {
	return [...]string{"unknown", "static", "glibc", "musl", "loader only", "dynamic", "fails", "object", "foreign"}[k]
}

// Verdict is what a build gives.
type Verdict struct {
	Kind Kind
	Cgo  knowledge.Tri // whether cgo is on
	// Loader says whose loader the file names. Interp is its path where -I
	// fixed it; InternalLink says that cmd/link chose the path, else the C
	// compiler did. Base.LoaderPath has the paths.
	Loader       knowledge.Libc
	Interp       string
	InternalLink bool
	// GlibcFloor is the glibc that the file needs at least, GlibcCeiling a
	// version that certainly suffices; both empty if not known. They are equal
	// unless C code of modules takes part.
	GlibcFloor, GlibcCeiling string
	CXX                      bool // needs libstdc++
	StaticPIE                bool
	Error                    string // of Fails: part of what the build prints; empty if it depends
	Crash                    string // why the program that is built cannot run
	Warning                  string // what the linker warns of
	Steps                    []Step
	// Missing names the inputs that an Unknown or Dynamic turned on and that are
	// not known.
	Missing []Part
}

// NeedsLoader reports whether the file names a dynamic loader.
func (v Verdict) NeedsLoader() knowledge.Tri {
	switch v.Kind {
	case Glibc, Musl, LoaderOnly, Dynamic:
		return knowledge.Yes
	case Static:
		return knowledge.No
	}
	return knowledge.Unknown
}

// Step is one step of the reasoning: the rule, the input it rests on, and what
// follows.
type Step struct {
	Rule string // L1 ... L12
	On   Part
	Text string
}

// Part names an input.
type Part string

// The inputs.
const (
	GoVersion    Part = "Go version"
	CGOEnabled   Part = "CGO_ENABLED"
	HostPlatform Part = "host platform"
	Target       Part = "GOOS and GOARCH"
	GCC          Part = "gcc"
	CC           Part = "CC"
	CGOLDFlags   Part = "CGO_LDFLAGS"
	ExtLink      Part = "GO_EXTLINK_ENABLED"
	BuilderLibc  Part = "C library of the builder"
	LDFlags      Part = "-ldflags"
	Tags         Part = "-tags"
	BuildMode    Part = "-buildmode"
	Race         Part = "-race"
	MSan         Part = "-msan"
	ASan         Part = "-asan"
	LinkShared   Part = "-linkshared"
	Net          Part = "import of net"
	User         Part = "import of os/user"
	Plugin       Part = "import of plugin"
	Cgo          Part = "import of a cgo package"
	CgoOnly      Part = "import of a package with cgo files only"
	CXXCompiler  Part = "CXX"
	CXX          Part = "C++ code"
	HostObjects  Part = "C code beyond the internal linker"
)

// Decide returns the verdict. An input that is not known counts only where it
// matters: the model is run for every value that it could have, and where all
// of them give the same the verdict is known.
func Decide(in Input) Verdict {
	q := &query{in: in}
	result := q.run()
	for n := 1; q.next(); n++ {
		if n == maxRuns {
			return Verdict{Missing: q.missing}
		}
		result = join(result, q.run())
		if result.Kind == Unknown {
			break
		}
	}
	if result.Kind == Unknown || result.Kind == Dynamic {
		result.Missing = q.missing
	}
	return result
}

// maxRuns bounds the values that are tried.
const maxRuns = 20000

// join returns what two runs agree in.
func join(a, b Verdict) Verdict {
	if a.Kind != b.Kind {
		if a.NeedsLoader() == knowledge.Yes && b.NeedsLoader() == knowledge.Yes {
			a.Kind = Dynamic
		} else {
			return Verdict{}
		}
	}
	if a.Cgo != b.Cgo {
		a.Cgo = knowledge.Unknown
	}
	if a.Loader != b.Loader {
		a.Loader = knowledge.LibcUnknown
	}
	if a.Interp != b.Interp {
		a.Interp = ""
	}
	if a.GlibcFloor != b.GlibcFloor {
		a.GlibcFloor = ""
	}
	if a.GlibcCeiling != b.GlibcCeiling {
		a.GlibcCeiling = ""
	}
	if a.Error != b.Error {
		a.Error = "" // it fails in any case, though not with one text
	}
	if a.Crash != b.Crash {
		a.Crash = ""
	}
	if a.Warning != b.Warning {
		a.Warning = ""
	}
	a.InternalLink = a.InternalLink && b.InternalLink
	a.StaticPIE = a.StaticPIE && b.StaticPIE
	a.CXX = a.CXX || b.CXX
	a.Steps = slices.DeleteFunc(slices.Clone(a.Steps), func(s Step) bool { return !slices.Contains(b.Steps, s) })
	return a
}

// query answers the questions of one run of the model. An input that is not
// known gets one value after the other, in the order of a search in depth.
type query struct {
	in      Input
	choices []choice // of this run, in the order they were asked
	missing []Part   // every input that was asked for and not known
}

type choice struct {
	part     Part
	value, n int
}

// next moves to the next combination; false when there is none.
func (q *query) next() bool {
	for i := len(q.choices) - 1; i >= 0; i-- {
		if q.choices[i].value+1 < q.choices[i].n {
			q.choices[i].value++
			q.choices = q.choices[:i+1]
			return true
		}
	}
	return false
}

// choose returns which of n values an unknown input has in this run.
func (q *query) choose(part Part, n int) int {
	for _, c := range q.choices {
		if c.part == part {
			return c.value
		}
	}
	if !slices.Contains(q.missing, part) {
		q.missing = append(q.missing, part)
	}
	q.choices = append(q.choices, choice{part, 0, n})
	return 0
}

func (q *query) tri(part Part, t knowledge.Tri) bool {
	if t.Known() {
		return t == knowledge.Yes
	}
	return q.choose(part, 2) == 1
}

func (q *query) on(part Part, s Switch) bool {
	if s != Unsure {
		return s == On
	}
	return q.choose(part, 2) == 1
}

// text returns a value, or for an unknown one each of those that make a
// difference.
func (q *query) text(part Part, v Value, possible ...string) string {
	if !v.Unknown {
		return v.Text
	}
	return possible[q.choose(part, len(possible))]
}

func (q *query) words(part Part, w Words, possible ...string) []string {
	if !w.Unknown {
		return w.List
	}
	return strings.Fields(possible[q.choose(part, len(possible))])
}
