package link

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

// run is the model for one combination of values.
func (q *query) run() Verdict {
	r := &build{query: q}
	r.read()
	for _, rule := range []func(*build) bool{
		(*build).cgoSwitch,  // L1
		(*build).needsCgo,   // L2
		(*build).cgoSet,     // L3
		(*build).linkMode,   // L4
		(*build).external,   // L5
		(*build).compiler,   // L6
		(*build).impossible, // L12
		(*build).output,     // L7, L8, L9, L11
	} {
		if rule(r) {
			break
		}
	}
	return r.verdict
}

// build is one run: what the flags say and what has been found so far. A rule
// returns true when it settles the verdict.
type build struct {
	*query
	verdict Verdict

	ld         linker
	mode       string // build mode
	race, msan bool
	asan       bool
	cross      bool
	goos       string
	goarch     string

	cgo      bool
	set      []Part // cgo packages that take part
	isExt    bool   // linked by the C compiler
	explicit string // the flag that demands it, which cmd/go checks itself
	libc     knowledge.Libc
}

// linker is what matters of -ldflags.
type linker struct {
	mode, modeWord    string // modeWord is the word that set it
	buildMode         string
	interp            string
	static, staticPIE bool
	noDyn             bool // -d
	staticLibstdcxx   bool
	malformed         bool
}

func (b *build) read() {
	b.ld = parseLD(b.words(LDFlags, b.in.Flags.LDFlags, "", "-linkmode=external", "-linkmode=external -extldflags=-static",
		"-linkmode=external -extldflags=-static-pie", "-extldflags=-static", "-buildmode=pie", "-linkmode=internal", "-d"))
	b.mode = b.text(BuildMode, b.in.Flags.BuildMode, "", "pie", "c-shared", "plugin")
	if b.ld.buildMode != "" && (b.mode == "" || b.mode == "default" || b.mode == "exe") {
		b.step("L7", LDFlags, "-buildmode="+b.ld.buildMode+" inside -ldflags reaches the linker")
		b.mode = b.ld.buildMode
	}
	b.race, b.msan, b.asan = b.on(Race, b.in.Flags.Race), b.on(MSan, b.in.Flags.MSan), b.on(ASan, b.in.Flags.ASan)
	b.goos = b.text(Target, b.in.Env.GOOS, "", "windows")
	b.goarch = b.text(Target, b.in.Env.GOARCH, "", "other")
}

// cgoSwitch is L1. cmd/go/internal/cfg/cfg.go, defaultContext.
func (b *build) cgoSwitch() bool {
	b.cross = b.differs(b.goos, b.in.Host.OS) || b.differs(b.goarch, b.in.Host.Arch)
	switch v := b.text(CGOEnabled, b.in.Env.CGOEnabled, "", "0", "1"); {
	case v == "0" || v == "1":
		b.cgo = v == "1"
		b.step("L1", CGOEnabled, "CGO_ENABLED="+v+" decides")
	case b.cross:
		b.step("L1", Target, "cross compiling turns cgo off")
	case b.minor() >= 20 && b.cc() == "" && !b.tri(GCC, b.in.GCC):
		b.step("L1", GCC, "there is no gcc, which turns cgo off")
	default:
		b.cgo = true
		b.step("L1", GCC, "cgo is on by default")
	}
	b.verdict.Cgo = knowledge.TriOf(b.cgo)
	return false
}

// differs reports whether the target differs from the host in one part. An
// empty target is the host.
func (b *build) differs(target, host string) bool {
	if target == "" || target == host {
		return false
	}
	return host != "" || b.choose(HostPlatform, 2) == 1
}

func (b *build) minor() int {
	if b.in.Go != 0 {
		return b.in.Go
	}
	return []int{19, 21, 26}[b.choose(GoVersion, 3)]
}

// cc returns the C compiler that the environment names, empty for the default.
func (b *build) cc() string {
	name, _, _ := strings.Cut(b.text(CC, b.in.Env.CC, "", "gcc", "other-gcc"), " ")
	return name
}

// cxx returns the C++ compiler.
func (b *build) cxx() string {
	name, _, _ := strings.Cut(b.text(CXXCompiler, b.in.Env.CXX, "g++", "other-g++"), " ")
	if name == "" {
		return "g++"
	}
	return name
}

// needsCgo is L2. cmd/go/internal/work/init.go, instrumentInit; go/build.
func (b *build) needsCgo() bool {
	if b.cgo {
		return false
	}
	for _, f := range []struct {
		on   bool
		flag Part
	}{{b.msan, MSan}, {b.asan, ASan}, {b.race, Race}} {
		if f.on {
			text := "go: " + string(f.flag) + " requires cgo"
			if !b.cross {
				text += "; enable cgo by setting CGO_ENABLED=1"
			}
			return b.fails("L2", f.flag, text)
		}
	}
	if b.tri(CgoOnly, b.in.Closure.CgoOnly) {
		return b.fails("L2", CgoOnly, "build constraints exclude all Go files")
	}
	return false
}

// cgoSet is L3: the cgo packages that take part.
func (b *build) cgoSet() bool {
	if !b.cgo {
		return false
	}
	add := func(p Part, text string) {
		b.set = append(b.set, p)
		b.step("L3", p, text)
	}
	tags := b.words(Tags, b.in.Flags.Tags, "", "netgo", "osusergo", "netgo osusergo")
	has := func(name string) bool {
		for _, t := range tags {
			if t == name {
				return true
			}
		}
		return false
	}
	if b.tri(Net, b.in.Closure.Net) {
		if has("netgo") {
			b.step("L3", Tags, "netgo keeps net free of cgo")
		} else {
			add(Net, "net is built with cgo")
		}
	}
	if b.tri(User, b.in.Closure.User) {
		if has("osusergo") {
			b.step("L3", Tags, "osusergo keeps os/user free of cgo")
		} else {
			add(User, "os/user is built with cgo")
		}
	}
	if b.tri(Plugin, b.in.Closure.Plugin) {
		add(Plugin, "plugin is built with cgo")
	}
	// Two questions with one answer: a package with cgo files only is one.
	if b.tri(CgoOnly, b.in.Closure.CgoOnly) || b.tri(Cgo, b.in.Closure.Cgo) {
		add(Cgo, "a package outside the standard library uses cgo")
	}
	if b.race {
		add(Race, "the race detector is built with cgo")
	}
	return false
}

func (b *build) has(p Part) bool {
	for _, s := range b.set {
		if s == p {
			return true
		}
	}
	return false
}

// linkMode is L4. cmd/link/internal/ld/config.go, mustLinkExternal and
// determineLinkMode; lib.go, internalpkg.
func (b *build) linkMode() bool {
	forced := Part("")
	switch {
	case b.mode == "c-archive", b.mode == "c-shared", b.mode == "plugin", b.mode == "shared":
		forced = BuildMode
	case b.mode == "pie" && !internalPIE(b.arch()):
		forced = BuildMode
	case b.on(LinkShared, b.in.Flags.LinkShared):
		forced = LinkShared
	case b.msan:
		forced = MSan
	case b.asan:
		forced = ASan
	}
	if forced != "" {
		b.isExt = true
		b.explicit = string(forced)
		if forced == BuildMode {
			b.explicit += "=" + b.mode
		}
		b.step("L4", forced, "the C compiler links (external)")
		return false
	}
	switch mode := b.ld.mode; {
	case mode == "external":
		b.isExt, b.explicit = true, b.ld.modeWord
		b.step("L4", LDFlags, "-linkmode=external: the C compiler links")
		return false
	case mode == "internal":
		b.step("L4", LDFlags, "-linkmode=internal: cmd/link links")
		return false
	}
	switch b.text(ExtLink, b.in.Env.ExtLink, "", "1") {
	case "1":
		b.isExt = true
		b.step("L4", ExtLink, "GO_EXTLINK_ENABLED=1: the C compiler links")
	case "0":
		b.step("L4", ExtLink, "GO_EXTLINK_ENABLED=0: cmd/link links")
	default:
		b.isExt = b.has(Cgo) || b.has(Plugin)
		if b.isExt {
			b.step("L4", b.set[len(b.set)-1], "cgo code outside net and os/user makes the C compiler link")
		} else {
			b.step("L4", LDFlags, "cmd/link links by itself (internal); -extldflags is not looked at")
		}
	}
	return false
}

// internalPIE is internal/platform.InternalLinkPIESupported for linux.
func internalPIE(arch string) bool {
	switch arch {
	case "amd64", "arm64", "loong64", "ppc64le":
		return true
	}
	return arch == "" // an unknown builder is one of them in all likelihood
}

// arch returns the target architecture, empty if it is that of an unknown host.
func (b *build) arch() string {
	if b.goarch != "" && b.goarch != "other" {
		return b.goarch
	}
	return b.in.Host.Arch
}

// external is L5. cmd/go/internal/load/pkg.go, externalLinkingReason (1.22).
func (b *build) external() bool {
	if b.cgo || b.explicit == "" {
		return false
	}
	if b.explicit == "-buildmode=c-archive" || b.explicit == "-buildmode=shared" {
		return b.unknown(BuildMode)
	}
	if b.minor() >= 22 {
		return b.fails("L5", LDFlags, b.explicit+" requires external (cgo) linking, but cgo is not enabled")
	}
	b.verdict.Warning = "loadinternal: cannot find runtime/cgo"
	return false
}

// compiler is L6.
func (b *build) compiler() bool {
	if len(b.set) == 0 && !(b.cgo && b.isExt && b.explicit != "") {
		return false
	}
	name := b.cc()
	if name == "other-gcc" {
		return b.unknown(CC)
	}
	present := b.in.CC
	part := CC
	if name == "" {
		name, present, part = "gcc", b.in.GCC, GCC
	}
	precompiled := b.minor() <= 19 && !b.has(Cgo) && !b.has(Plugin) && !b.isExt
	if !precompiled && !b.tri(part, present) {
		return b.fails("L6", part, `cgo: C compiler "`+name+`" not found: exec: "`+name+`": executable file not found in $PATH`)
	}
	if b.cross && !precompiled {
		return b.crossCompiler(name)
	}
	if b.msan && strings.Contains(name, "gcc") {
		return b.fails("L6", MSan, name+": error: unrecognized argument to '-fsanitize=' option: 'memory'")
	}
	b.libc = b.compilerLibc(name)
	return b.libc == knowledge.LibcUnknown && b.unknown(CC)
}

// crossCompiler decides builds with cgo for another platform. The default gcc
// makes code for its own; 386 on amd64 works where gcc has the 32-bit parts.
func (b *build) crossCompiler(name string) bool {
	plain := name == "gcc" || name == "cc" || name == "musl-gcc" || name == "x86_64-linux-gnu-gcc" && b.in.Host.Arch == "amd64"
	multilib := b.in.Host.Arch == "amd64" && b.goarch == "386"
	if !plain || multilib || b.goos != "" && b.goos != "linux" || b.in.Host.Arch == "" || b.goarch == "other" {
		return b.unknown(CC)
	}
	return b.fails("L6", CC, name+" makes code for the machine that builds, not for "+b.goarch)
}

// compilerLibc returns the C library that a compiler links.
func (b *build) compilerLibc(name string) knowledge.Libc {
	base := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case strings.Contains(base, "musl"):
		return knowledge.Musl
	case strings.Contains(base, "-linux-gnu"):
		return knowledge.Glibc
	case base == "gcc" || base == "cc" || base == "clang" || base == "g++" || base == "c++" || base == "clang++" || strings.HasPrefix(base, "gcc-") || strings.HasPrefix(base, "clang-"):
		return b.builderLibc()
	}
	return knowledge.LibcUnknown
}

func (b *build) builderLibc() knowledge.Libc {
	if b.in.Libc == knowledge.LibcUnknown {
		return []knowledge.Libc{knowledge.Glibc, knowledge.Musl}[b.choose(BuilderLibc, 2)]
	}
	return b.in.Libc
}

// impossible is L12: combinations that do not link.
func (b *build) impossible() bool {
	if b.ld.malformed {
		return b.unknown(LDFlags)
	}
	if b.goos != "" && b.goos != "linux" || b.goos == "" && b.in.Host.OS != "" && b.in.Host.OS != "linux" {
		b.verdict.Kind = Foreign
		return true
	}
	if len(b.set) == 0 {
		return false
	}
	if b.ld.noDyn {
		return b.fails("L12", LDFlags, "cannot use dynamic imports with -d flag")
	}
	if b.isExt {
		return false
	}
	static := contains(b.text(CGOLDFlags, b.in.Env.CGOLDFlags, "", "-static"), "-static") || contains(b.in.Env.CC.Text, "-static")
	switch {
	case b.has(Cgo) && b.ld.mode == "internal" && b.tri(HostObjects, b.in.Closure.HostObjects):
		return b.fails("L12", LDFlags, "unexpected R_X86_64_64 relocation for dynamic symbol")
	case static:
		return b.fails("L12", CGOLDFlags, "relocation target")
	}
	return false
}

func contains(flags, word string) bool {
	for f := range strings.FieldsSeq(flags) {
		if f == word {
			return true
		}
	}
	return false
}

// output is L7 to L9: what comes out of a link that succeeds.
func (b *build) output() bool {
	switch b.mode {
	case "", "default", "exe", "pie":
	default:
		b.verdict.Kind = Object
		return true
	}
	if b.isExt {
		return b.outputExternal()
	}
	if b.ld.noDyn && b.mode == "pie" {
		b.verdict.Kind, b.verdict.StaticPIE = Static, true
		b.verdict.Crash = "-buildmode=pie with -ldflags=-d gives a program that crashes at start"
		b.step("L12", LDFlags, b.verdict.Crash)
		return true
	}
	b.verdict.InternalLink = true
	switch {
	case len(b.set) > 0:
		b.step("L7", b.set[0], "the file needs the C library at run time")
		b.dynamic(b.libc)
	case b.mode == "pie":
		b.step("L7", BuildMode, "-buildmode=pie: the file names a loader though it needs no library")
		b.verdict.Kind, b.verdict.Loader, b.verdict.Interp = LoaderOnly, b.pieLoader(), b.ld.interp
	default:
		b.step("L7", CGOEnabled, "no cgo package takes part: the file is static")
		b.verdict.Kind = Static
	}
	return true
}

// pieLoader is the choice of cmd/link/internal/ld/elf.go: the path of glibc
// unless only musl's exists on the machine that builds (Go 1.20).
func (b *build) pieLoader() knowledge.Libc {
	if b.ld.interp != "" {
		return knowledge.LibcUnknown
	}
	if b.builderLibc() == knowledge.Musl && b.minor() >= 20 {
		return knowledge.Musl
	}
	return knowledge.Glibc
}

// outputExternal is L8.
func (b *build) outputExternal() bool {
	if !b.cgo {
		// Go before 1.22 calls gcc without runtime/cgo.
		b.libc = b.builderLibc()
	}
	env := contains(b.text(CGOLDFlags, b.in.Env.CGOLDFlags, "", "-static"), "-static") || contains(b.in.Env.CC.Text, "-static")
	switch {
	case b.ld.staticPIE:
		b.verdict.Kind, b.verdict.StaticPIE = Static, true
		b.step("L8", LDFlags, "-static-pie reaches the C linker: the file is static")
	case b.ld.static:
		b.verdict.Kind = Static
		b.step("L8", LDFlags, "-static reaches the C linker: the file is static")
	case env:
		b.verdict.Kind = Static
		b.step("L8", CGOLDFlags, "-static reaches the C linker: the file is static")
	default:
		b.step("L8", LDFlags, "the C linker makes a file that needs the C library at run time")
		b.dynamic(b.libc)
	}
	return true
}

// dynamic fills in L9 and L11.
func (b *build) dynamic(libc knowledge.Libc) {
	v := &b.verdict
	if b.minor() <= 19 && !b.isExt && b.in.Libc != knowledge.Musl && b.cc() == "" {
		libc = knowledge.Glibc // precompiled with glibc
	}
	if b.libc == knowledge.LibcUnknown || b.libc == knowledge.NoLibc {
		libc = b.builderLibc()
	}
	v.CXX = b.has(Cgo) && b.tri(CXX, b.in.Closure.CXX)
	if v.CXX {
		libc = b.compilerLibc(b.cxx()) // the C++ compiler links
	}
	v.Kind, v.Loader, v.Interp = Musl, libc, b.ld.interp
	if libc == knowledge.Musl {
		b.step("L9", CC, "the C compiler links musl")
		return
	}
	if libc != knowledge.Glibc {
		v.Kind = Dynamic
		return
	}
	v.Kind = Glibc
	v.CXX = v.CXX && !b.ld.staticLibstdcxx
	v.GlibcFloor, v.GlibcCeiling = b.glibc()
	if v.GlibcFloor != "" {
		b.step("L11", BuilderLibc, "built against glibc "+b.in.LibcVersion+": needs glibc "+v.GlibcFloor+" at least")
	}
}

// glibc is L11.
func (b *build) glibc() (floor, ceiling string) {
	oldest := map[string]string{"amd64": "2.3.2", "arm64": "2.17"}[b.arch()]
	if b.minor() <= 19 && !b.isExt && !b.race {
		return oldest, oldest // compiled by the Go team on an old system
	}
	if b.in.LibcVersion == "" {
		return "", ""
	}
	floor = oldest
	if !older(b.in.LibcVersion, "2.34") {
		floor = "2.34"
	}
	ceiling = floor
	if b.has(Cgo) || b.asan || b.msan || floor == "" {
		ceiling = b.in.LibcVersion
	}
	return floor, ceiling
}

func (b *build) step(rule string, on Part, text string) {
	b.verdict.Steps = append(b.verdict.Steps, Step{rule, on, text})
}

func (b *build) fails(rule string, on Part, text string) bool {
	b.step(rule, on, text)
	b.verdict.Kind, b.verdict.Error = Fails, text
	return true
}

// unknown settles that an input stands in the way for which there is no model.
func (b *build) unknown(on Part) bool {
	b.verdict = Verdict{}
	b.choose(on, 1)
	return true
}
