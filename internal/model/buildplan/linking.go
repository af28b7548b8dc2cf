package buildplan

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Linked is what kind of file a build writes, and why.
type Linked struct {
	fact.Fact[link.Verdict]
	Input link.Input
	// Closure is what the program is built from with cgo on, Pure with cgo off;
	// both nil where the program is not known.
	Closure, Pure *goprogram.Closure
	// Supposed is what the verdict takes for granted where flags are not known.
	Supposed []fact.Note
	// Places are what the inputs of the model rest on.
	Places map[link.Part][]fact.Note
}

// builder is what a stage had when a program was built in it.
type builder struct {
	installs []Install
	opaque   []fact.Note
	golang   fact.Fact[string] // Stage.Go
}

// linker returns the function that decides, once, how a binary is linked.
func linker(b *Binary, at builder) func() Linked {
	return sync.OnceValue(func() Linked {
		k := &linking{Binary: b, out: Linked{Places: map[link.Part][]fact.Note{}}, confidence: fact.High}
		k.host(at)
		k.environment(at)
		k.flags()
		k.imports()
		k.decide()
		return k.out
	})
}

type linking struct {
	*Binary
	out        Linked
	confidence fact.Confidence
}

// host fills in what the builder is.
func (k *linking) host(at builder) {
	in, st := &k.out.Input, k.Go.Stage
	image := st.Image.Value
	if st.Image.Known() {
		in.Go, _ = goprogram.Minor(image.Go.Minor)
		in.Libc, in.LibcVersion = image.Libc, image.LibcVersion
		if image.Go.Moving {
			in.Go = 0
		}
	}
	if os, arch, ok := strings.Cut(st.Platform.Value, "/"); ok && st.Platform.Known() {
		arch, _, _ = strings.Cut(arch, "/")
		in.Host = link.Platform{OS: os, Arch: arch}
	}
	gcc, why := st.compiler(at.installs, at.opaque)
	in.GCC = gcc
	k.out.Places[link.GCC] = why
	k.out.Places[link.BuilderLibc] = st.Image.Why
	k.out.Places[link.GoVersion] = st.Image.Why
	k.out.Places[link.HostPlatform] = st.Platform.Why
	if at.golang.Known() {
		in.Go, _ = goprogram.Minor(at.golang.Value)
		k.out.Places[link.GoVersion] = at.golang.Why
	}
}

// variable reads one of the go command's variables.
func (k *linking) variable(part link.Part, name string) link.Value {
	f := k.Go.Call.Variable(name)
	k.out.Places[part] = f.Why
	if !f.Known() {
		return link.NotKnown()
	}
	return link.Text(f.Value)
}

func (k *linking) environment(at builder) {
	e := &k.out.Input.Env
	e.CGOEnabled = k.variable(link.CGOEnabled, "CGO_ENABLED")
	e.CC = k.variable(link.CC, "CC")
	e.CXX = k.variable(link.CXXCompiler, "CXX")
	e.CGOLDFlags = k.variable(link.CGOLDFlags, "CGO_LDFLAGS")
	e.ExtLink = k.variable(link.ExtLink, "GO_EXTLINK_ENABLED")
	e.GOOS = k.variable(link.Target, "GOOS")
	e.GOARCH = k.variable(link.Target, "GOARCH")
	if k.Go.Cross {
		// xx-go sets them for the target, which is what we look at: a compiler of
		// the builder's C library, under a name of its own.
		e.CC, e.CXX, e.GOOS, e.GOARCH = link.Text("gcc"), link.NotKnown(), link.Text("linux"), link.Text(k.Go.Plan.arch())
		if k.out.Input.GCC == knowledge.No {
			k.out.Input.GCC = knowledge.Unknown // it may be clang
		}
		if e.CGOEnabled.Text == "1" {
			// The compiler is one for the target, so that nothing is crossed.
			k.out.Input.Host = link.Platform{OS: "linux", Arch: k.Go.Plan.arch()}
		}
	}
	if cc := e.CC; !cc.Unknown && cc.Text != "" {
		name, _, _ := strings.Cut(cc.Text, " ")
		switch {
		case name == "gcc" || name == "cc":
			k.out.Input.CC = k.out.Input.GCC
		default:
			k.out.Input.CC = k.Go.Stage.Image.Value.Tool(name)
			if k.out.Input.CC == knowledge.No && len(at.installs)+len(at.opaque) > 0 {
				k.out.Input.CC = knowledge.Unknown
			}
		}
	}
}

func (k *linking) flags() {
	f, g := &k.out.Input.Flags, k.Go
	f.Race = k.switched(link.Race, "race")
	f.MSan = k.switched(link.MSan, "msan")
	f.ASan = k.switched(link.ASan, "asan")
	f.LinkShared = k.switched(link.LinkShared, "linkshared")
	f.BuildMode = link.NotKnown()
	if mode, known := g.Text("buildmode"); known {
		f.BuildMode = link.Text(mode)
	}
	k.flagPlace(link.BuildMode, "buildmode")
	tags, known := g.Tags()
	f.Tags = link.Words{List: tags, Unknown: !known}
	k.flagPlace(link.Tags, "tags")
	k.ldflags()
}

// ldflags reads -ldflags. A value of which a part is not known, such as a
// version, is split all the same when the part cannot be a flag of its own.
func (k *linking) ldflags() {
	g := k.Go
	words, _, known := g.PerPackage("ldflags")
	k.out.Input.Flags.LDFlags = link.Words{List: words, Unknown: !known}
	if text, ok := k.partial("ldflags"); !known && len(g.Command.Opaque) == 0 && ok {
		if words, err := gocmd.Split(text); err == nil {
			k.out.Input.Flags.LDFlags = link.Words{List: words}
			k.confidence = min(k.confidence, fact.Medium)
		}
	}
	if slices.ContainsFunc(k.out.Input.Flags.LDFlags.List, decides) {
		k.flagPlace(link.LDFlags, "ldflags")
	}
}

// decides reports whether a word of -ldflags can matter for the kind of file:
// -s, -w and -X do not.
func decides(word string) bool {
	for _, part := range []string{"linkmode", "extldflags", "static", "buildmode", "linkshared"} {
		if strings.Contains(word, part) {
			return true
		}
	}
	return word == "-d" || strings.HasPrefix(word, "-I") || strings.HasPrefix(word, "-extld")
}

// text returns the value of the last flag of a name on the command line, with
// holes.
func (k *linking) text(name string) (text string, found bool) {
	list := k.Go.Call.Words
	for i, w := range list {
		v, ok := strings.CutPrefix(strings.TrimLeft(w.Text, "-"), name+"=")
		switch {
		case !strings.HasPrefix(w.Text, "-"):
		case ok:
			text, found = v, true
		case strings.TrimLeft(w.Text, "-") == name && i+1 < len(list):
			text, found = list[i+1].Text, true
		}
	}
	return text, found
}

// partial returns the value of the last flag of a name with the parts that are
// not known replaced by a letter, where each of them is the value of an -X or
// -w, so that it does not begin a flag.
func (k *linking) partial(name string) (string, bool) {
	text, found := k.text(name)
	if v := k.Go.Call.Getenv("GOFLAGS"); !v.Known() || slices.ContainsFunc(k.Go.Call.Words, func(w shell.Word) bool { return w.Many }) {
		return "", false
	}
	for i := strings.Index(text, hole); i >= 0; i = strings.Index(text, hole) {
		if i == 0 || strings.ContainsRune(" \t\"'", rune(text[i-1])) {
			return "", false
		}
		text = text[:i] + "x" + text[i+len(hole):]
	}
	return text, found
}

func (k *linking) switched(part link.Part, name string) link.Switch {
	k.flagPlace(part, name)
	switch on, known := k.Go.Bool(name); {
	case !known:
		return link.Unsure
	case on:
		return link.On
	}
	return link.Off
}

// flagPlace notes where a flag stands.
func (k *linking) flagPlace(part link.Part, name string) {
	if f, set, _ := k.Go.Flag(name); set {
		k.out.Places[part] = append(k.out.Places[part], fact.Note{At: f.At, Text: f.At.Text()})
	}
}

// imports fills in what the program imports on the target.
func (k *linking) imports() {
	c := &k.out.Input.Closure
	if !k.Main.Known() {
		c.CgoOnly = knowledge.No
		return
	}
	r := k.Go.Plan.repo
	target := goprogram.Linux
	target.Tags, _ = k.Go.Tags()
	if arch := k.out.Input.Env.GOARCH; arch.Text != "" {
		target.GOARCH = arch.Text
	}
	if os := k.out.Input.Env.GOOS; os.Text != "" {
		target.GOOS = os.Text
	}
	if k.out.Input.Go > 0 {
		target.Minor = k.out.Input.Go
	}
	base := r.Knowledge()
	closure := goprogram.Packages.Of(r).Closure(k.Main.Value, target)
	k.out.Closure = closure
	rest := knowledge.No // what we do not find, there is not
	if !closure.Complete() {
		rest = knowledge.Unknown
	}
	// A package that does not compile without cgo gives no file to speak of, so
	// one that we do not see counts as not there.
	*c = link.Closure{Net: rest, User: rest, Plugin: rest, Cgo: rest, CgoOnly: knowledge.No, CXX: rest, HostObjects: rest}
	k.std(closure, base)
	k.cgo(closure, target, base)
	target.Cgo = false
	k.cgoOnly(goprogram.Packages.Of(r).Closure(k.Main.Value, target), target)
}

// cgoOnly looks in the build without cgo for packages of which nothing is left.
func (k *linking) cgoOnly(closure *goprogram.Closure, target goprogram.Target) {
	k.out.Pure = closure
	with := target
	with.Cgo = true
	for _, p := range closure.Packages {
		f, imp, ok := p.UsesCgo(with)
		if ok && p.Name(target) == "" && k.out.Input.Closure.CgoOnly != knowledge.Yes {
			k.out.Input.Closure.CgoOnly = knowledge.Yes
			k.out.Places[link.CgoOnly] = append(goprogram.Notes(closure.To(p), ""), fact.Note{At: imp.At(p.File(f)), Text: `imports "C", as does every file of the package`})
		}
	}
}

// std looks for the cgo packages of the standard library.
func (k *linking) std(closure *goprogram.Closure, base *knowledge.Base) {
	c := &k.out.Input.Closure
	for _, p := range sortedKeys(closure.Std) {
		std, ok := base.StdImports(p)
		if !ok {
			continue // newer than the table: what it pulls in is not known
		}
		k.pulls(&c.Net, link.Net, std.Net, p, "net", closure.Std[p])
		k.pulls(&c.User, link.User, std.User, p, "os/user", closure.Std[p])
		k.pulls(&c.Plugin, link.Plugin, std.Plugin, p, "plugin", closure.Std[p])
	}
}

// pulls notes that an import of the standard library brings a cgo package. The
// shortest way counts.
func (k *linking) pulls(there *knowledge.Tri, part link.Part, yes bool, p, target string, way []goprogram.Step) {
	if !yes || *there == knowledge.Yes && len(k.out.Places[part]) <= len(way) {
		return
	}
	*there = knowledge.Yes
	text := "imports " + p + ", which uses cgo"
	if p != target {
		text = "imports " + p + ", which needs " + target + " and so uses cgo"
	}
	k.out.Places[part] = goprogram.Notes(way, text)
}

// cgo looks for cgo packages outside the standard library.
func (k *linking) cgo(closure *goprogram.Closure, target goprogram.Target, base *knowledge.Base) {
	c := &k.out.Input.Closure
	for _, p := range closure.Packages {
		f, imp, ok := p.UsesCgo(target)
		if !ok {
			continue
		}
		if c.Cgo != knowledge.Yes {
			c.Cgo = knowledge.Yes
			notes := goprogram.Notes(closure.To(p), "")
			k.out.Places[link.Cgo] = append(notes, fact.Note{At: imp.At(p.File(f)), Text: `imports "C"`})
		}
		c.HostObjects = knowledge.Unknown
		if len(p.Cxx) > 0 {
			c.CXX = knowledge.Yes
		}
	}
	for _, p := range sortedKeys(closure.Missing) {
		if known, ok := base.CgoPackage(p); ok && known.Effect != knowledge.CgoPure && c.Cgo != knowledge.Yes {
			c.Cgo = knowledge.Yes
			k.out.Places[link.Cgo] = goprogram.Notes(closure.Missing[p], "imports "+p+", which uses cgo")
		}
	}
}

// decide asks the model and joins the reasons.
func (k *linking) decide() {
	v := link.Decide(k.out.Input)
	if v.Kind == link.Unknown {
		v = k.supposing(v)
	}
	if v.Kind == link.Unknown {
		k.out.Fact = fact.Not[link.Verdict](fact.Note{At: k.Go.At(), Text: "how the binary is linked is not known: " + missing(v.Missing)})
		k.out.Value = v
		return
	}
	confidence := min(k.confidence, fact.Medium) // GOFLAGS, the platform and the builder's version can differ
	if k.Main.Known() {
		confidence = min(confidence, k.Main.Confidence)
	}
	for _, f := range []fact.Confidence{k.Go.Stage.Image.Confidence, k.Go.Stage.Platform.Confidence} {
		if f != fact.Unknown {
			confidence = min(confidence, f)
		}
	}
	if k.Go.Call.Conditional {
		confidence = min(confidence, fact.Low)
	}
	var why []fact.Note
	if k.Go.Outside && Dynamic(v) {
		why = slices.Clip(k.Go.Stage.Image.Why) // whose C library it is
	}
	for _, s := range v.Steps {
		for _, n := range k.out.Places[s.On] {
			if !slices.Contains(why, n) {
				why = append(why, n)
			}
		}
	}
	why = append(why, k.out.Supposed...)
	why = append(why, k.Go.Call.Trail...)
	k.out.Fact = fact.Of(v, confidence, why...)
}

// supposing decides once more with what is not known of flags and of variables
// that hardly anybody sets taken as nothing that matters: a version stamp in
// -ldflags, an unset $(GOFLAGS). It is an inference by convention, so of low
// confidence. CGO_ENABLED, the compiler and the imports are not supposed.
func (k *linking) supposing(unknown link.Verdict) link.Verdict {
	in := k.out.Input
	clear := func(v *link.Value, usual string) {
		if v.Unknown {
			*v = link.Text(usual)
		}
	}
	clear(&in.Env.GOOS, "linux")
	clear(&in.Env.ExtLink, "")
	clear(&in.Env.CGOLDFlags, "")
	clear(&in.Flags.BuildMode, "")
	if in.Host.Arch != "" {
		clear(&in.Env.GOARCH, "")
	}
	for _, s := range []*link.Switch{&in.Flags.Race, &in.Flags.MSan, &in.Flags.ASan, &in.Flags.LinkShared} {
		if *s == link.Unsure {
			*s = link.Off
		}
	}
	if in.Flags.LDFlags.Unknown {
		in.Flags.LDFlags = link.Words{List: k.knownWords("ldflags")}
	}
	if _, set, _ := k.Go.Flag("tags"); in.Flags.Tags.Unknown && !set {
		in.Flags.Tags = link.Words{}
	}
	v := link.Decide(in)
	if v.Kind == link.Unknown {
		return unknown
	}
	k.confidence = min(k.confidence, fact.Low)
	k.out.Supposed = []fact.Note{{At: k.Go.At(), Text: "supposing that nothing else is set: " + missing(unknown.Missing)}}
	return v
}

// knownWords are the words of a flag that are known.
func (k *linking) knownWords(name string) []string {
	text, ok := k.text(name)
	if !ok {
		return nil
	}
	list, err := gocmd.Split(strings.ReplaceAll(text, hole, " "))
	if err != nil {
		return nil
	}
	return list
}

func missing(parts []link.Part) string {
	var names []string
	for _, p := range parts {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

// hole stands for what is not known in a word of the shell.
const hole = shell.Hole

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
