package buildplan

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// GoCommand is a call of the go command in a stage.
type GoCommand struct {
	gocmd.Command
	*Stage
	Call *Command
	// Cross says that a wrapper sets the target: xx-go.
	Cross bool
	// Dir is the folder it works in, -C included; "" where it is not known.
	Dir string
	// Module is the module of the repository that it works in, or nil.
	Module *goprogram.Module
	// GoMod is the place of its go.mod in the stage.
	GoMod    string
	Binaries []*Binary
}

// Binary is a program that a go command writes.
type Binary struct {
	Go   *GoCommand
	Path string // absolute, in the stage
	// Main is the package it is built from.
	Main fact.Fact[*goprogram.Package]
	// Foreign is the package of another module, with its version, that
	// `go install package@version` builds.
	Foreign string
	// Inside is the name that the program has in Path where Path may be a folder
	// that an earlier command made; "" where it is none.
	Inside string

	link func() Linked
}

// Link says what kind of file it is.
func (b *Binary) Link() Linked { return b.link() }

var goName = regexp.MustCompile(`^(xx-)?go(1(\.[0-9]+)*)?$`)

func isGo(name string) bool { return goName.MatchString(name) }

// goCommand takes in a call of the go command.
func (st *Stage) goCommand(c *Command) {
	g := &GoCommand{Stage: st, Call: c, Cross: strings.HasPrefix(path.Base(c.Words[0].Text), "xx-") || st.wrapped}
	c.Go = g
	if len(c.Words) > 1 && c.Words[1].Text == "--wrap" {
		st.wrapped = true // from here on go is xx-go
		return
	}
	g.Command = gocmd.Parse(c.goWords(), c.goflags())
	g.locate()
	st.goFiles(c, g)
	switch verb, _, _ := strings.Cut(g.Verb, " "); verb {
	case "build", "install":
		g.builds()
	case "run", "generate", "tool":
		// What runs may write anywhere.
		st.opaqueFiles(c)
	case "get":
		g.builds() // before Go 1.18 it installed
	}
}

// opaqueFiles notes that files may have changed anywhere, but that nothing was
// installed.
func (st *Stage) opaqueFiles(c *Command) { st.anywhere(c, "/") }

// goWords are the words behind go. Patterns that the shell expands are the
// files that match: that others were made which go takes is not expected.
func (c *Command) goWords() []gocmd.Word {
	var out []gocmd.Word
	for _, w := range c.Words[1:] {
		if globText(w) != "" {
			if at, _ := c.paths(w); len(at) > 0 {
				for _, p := range at {
					out = append(out, gocmd.Word{Text: p, Known: true, At: w.At})
				}
				continue
			}
		}
		out = append(out, gocmd.Word{Text: w.Prefix(), Known: w.Exact(), Many: w.Many, At: w.At})
	}
	return out
}

func (c *Command) goflags() gocmd.Word {
	v := c.Getenv("GOFLAGS")
	switch {
	case v.Set == shell.No:
		return gocmd.Word{Known: true}
	case v.Set == shell.Yes && v.Known():
		return gocmd.Word{Text: v.Text, Known: true, At: v.At}
	}
	return gocmd.Word{Text: v.Prefix(), Many: true, At: v.At}
}

// Variable returns what the command sees of a variable: empty where it is not
// set, unknown where that is not known.
func (c *Command) Variable(name string) fact.Fact[string] {
	v := c.Getenv(name)
	note := fact.Note{At: v.At, Text: name + "=" + v.Text}
	if c.Stage.Plan.Ko != nil && v.At == c.At {
		note.Text = "ko sets " + note.Text
	}
	switch {
	case v.Set == shell.No:
		return fact.Of("", fact.High)
	case v.Set != shell.Yes || !v.Known():
		return fact.Not[string](fact.Note{At: v.Why.At, Text: name + " is not known: " + v.Why.Text})
	case !v.At.Valid():
		return fact.Of(v.Text, fact.Medium) // a default of the image
	}
	return fact.Of(v.Text, c.Stage.confidence(name, v), note)
}

// confidence is lower for what --build-arg may change.
func (st *Stage) confidence(name string, v shell.Var) fact.Confidence {
	if st.Outside {
		return fact.Medium // who calls may set it
	}
	for i := range st.Syntax.Instructions {
		if w := st.scope.Before(i + 1).Lookup(name); w != nil && w.At == v.At && w.Overridable {
			return fact.Medium
		}
	}
	return fact.High
}

// locate finds the folder and the module that the command works in.
func (g *GoCommand) locate() {
	c := g.Call
	if !c.Dir.Known() {
		return
	}
	g.Dir = path.Clean(c.Dir.Text)
	if dir, set := g.Command.Dir(); set {
		if !dir.Known {
			g.Dir = ""
			return
		}
		g.Dir = join(g.Dir, dir.Text)
	}
	for d := g.Dir; ; d = path.Dir(d) {
		switch o := c.Tree.Lookup(path.Join(d, "go.mod")); o.Kind {
		case FromContext:
			g.Module = goprogram.Tree.Of(g.Plan.repo).At(path.Dir(o.Path))
			g.GoMod = path.Join(d, "go.mod")
			return
		case Absent:
		default:
			return
		}
		if d == "/" {
			return
		}
	}
}

func join(dir, p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(dir, p)
}

// builds notes the programs that a build or install writes.
func (g *GoCommand) builds() {
	if len(g.Problems) > 0 {
		return
	}
	mains, exact := g.mains()
	switch out, set := g.Output(); {
	case g.Verb == "build" && set:
		g.writeOutput(mains, out, exact)
	case g.Verb == "build":
		if len(mains) == 1 && exact && g.Dir != "" {
			g.write(mains[0], path.Join(g.Dir, mains[0].base))
		} else if !exact {
			g.anywhere(g.Call, cmpOr(g.Dir, "/"))
		}
	default:
		dir := g.binDir()
		for _, m := range mains {
			if dir != "" && exact {
				g.write(m, path.Join(dir, m.base))
			}
		}
		if dir == "" || !exact {
			g.anywhere(g.Call, cmpOr(dir, "/"))
		}
	}
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (g *GoCommand) writeOutput(mains []mainPackage, out gocmd.Value, exact bool) {
	if !out.Known || g.Dir == "" && !path.IsAbs(out.Text) {
		g.anywhere(g.Call, "/")
		return
	}
	at := join(g.Dir, out.Text)
	if strings.HasSuffix(out.Text, "/") || g.Call.Tree.Lookup(at).Dir || at == "/" {
		g.put(g.Call, layer{kind: made, dest: at, dir: true})
		if !exact {
			g.anywhere(g.Call, at)
		}
		for _, m := range mains {
			g.write(m, path.Join(at, m.base))
		}
		return
	}
	switch {
	case at == "/dev/null":
	case len(mains) == 1:
		g.writeOver(mains[0], at)
	default:
		g.write(mainPackage{}, at)
	}
}

// writeOver notes a program at a path that may be a folder, which it is then
// written into: go run, make or a script may have made one.
func (g *GoCommand) writeOver(m mainPackage, at string) {
	maybe := g.Call.Tree.Lookup(at).Kind == Unknown && m.base != ""
	if maybe {
		g.anywhere(g.Call, path.Join(at, m.base))
	}
	if b := g.write(m, at); maybe {
		b.Inside = m.base
	}
}

// binDir is where install puts programs: GOBIN, or bin below GOPATH.
func (g *GoCommand) binDir() string {
	gobin, gopath := g.Call.Variable("GOBIN"), g.Call.Variable("GOPATH")
	goarch := g.Call.Variable("GOARCH")
	switch {
	case !gobin.Known() || !gopath.Known() || !goarch.Known() || g.Cross:
		return ""
	case gobin.Value != "":
		return path.Clean(gobin.Value)
	case gopath.Value == "" && (!g.User.Known() || g.User.Value != "0" && g.User.Value != "root"):
		return "" // below the home of the user
	}
	gopathDir, _, _ := strings.Cut(cmpOr(gopath.Value, "/root/go"), ":")
	if host := g.Stage.Platform.Value; goarch.Value != "" && "linux/"+goarch.Value != host {
		return path.Join(gopathDir, "bin", "linux_"+goarch.Value)
	}
	return path.Join(gopathDir, "bin")
}

// mainPackage is a program among the arguments.
type mainPackage struct {
	pkg     *goprogram.Package
	base    string // name of the file
	foreign string
}

// mains returns the programs that the arguments name. exact is false where
// there may be others, or the names are not known.
func (g *GoCommand) mains() (mains []mainPackage, exact bool) {
	// Words that are not known, such as $(GOFLAGS), are taken as flags.
	args := g.Args
	if len(args) == 0 {
		args = []gocmd.Word{{Text: ".", Known: true}}
	}
	if name := args[0].Text; strings.HasSuffix(name, ".go") {
		p := g.listed(args)
		return []mainPackage{{pkg: p, base: strings.TrimSuffix(path.Base(name), ".go")}}, p != nil
	}
	exact = true
	for _, a := range args {
		found, ok := g.main(a)
		exact = exact && ok
		mains = append(mains, found...)
	}
	return mains, exact
}

func (g *GoCommand) main(arg gocmd.Word) (mains []mainPackage, exact bool) {
	name, version, foreign := strings.Cut(arg.Text, "@")
	if !arg.Known && (!foreign || arg.Many) {
		return nil, false
	}
	switch {
	case foreign:
		if strings.HasSuffix(name, "...") {
			return nil, false
		}
		return []mainPackage{{base: programName(name), foreign: name + "@" + version}}, true
	case strings.Contains(name, "..."):
		return g.pattern(name)
	case name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || path.IsAbs(name):
		if p := g.local(name); p != nil {
			mains, exact := one(p)
			if p.Module == nil && len(mains) > 0 {
				mains[0].base = path.Base(join(g.Dir, name))
			}
			return mains, exact
		}
		return elsewhere(name)
	case g.Module == nil || name == "all" || name == "std" || name == "cmd":
		return nil, false
	case name == "tool": // the tools of go.mod
		exact = true
		for _, tool := range g.Module.Mod.Tools {
			found, ok := g.main(gocmd.Word{Text: tool.Text, Known: tool.Text != "tool"})
			mains, exact = append(mains, found...), exact && ok
		}
		return mains, exact
	}
	p := goprogram.Packages.Of(g.Plan.repo).Find(g.Module, name)
	if p == nil {
		return []mainPackage{{base: programName(name)}}, true
	}
	return one(p)
}

// elsewhere is a package in a folder that did not come from the repository: of a
// clone, or one that generates. The name of the program is that of the folder,
// unless that is the root of a module, which only . and .. are taken for.
func elsewhere(name string) ([]mainPackage, bool) {
	base := path.Base(path.Clean(name))
	if base == "." || base == ".." || path.IsAbs(name) || majorSuffix.MatchString(base) {
		return nil, false
	}
	return []mainPackage{{base: base}}, true
}

func one(p *goprogram.Package) ([]mainPackage, bool) {
	if p == nil {
		return nil, false
	}
	if p.Name(goprogram.Linux) != "main" {
		return nil, true
	}
	return []mainPackage{{pkg: p, base: programName(p.Path)}}, true
}

// local returns the package in a folder of the stage, if it came from the
// repository.
func (g *GoCommand) local(rel string) *goprogram.Package {
	if g.Dir == "" && !path.IsAbs(rel) {
		return nil
	}
	at := join(g.Dir, rel)
	for _, dir := range g.folders(at) {
		if p := goprogram.Packages.Of(g.Plan.repo).In(dir); p != nil && p.Module == g.Module {
			if p = g.present(p, at); p != nil {
				return p
			}
		}
	}
	return nil
}

// folders are the folders of the repository that may stand at a path of the
// stage. A folder into which files were copied one by one is known by the
// go.mod above it.
func (g *GoCommand) folders(at string) []string {
	var dirs []string
	if o := g.Call.Tree.Lookup(at); o.Kind == FromContext && o.Dir {
		dirs = append(dirs, o.Path)
	}
	if g.Module != nil {
		if rest, ok := under(path.Dir(g.GoMod), at); ok {
			if dir := path.Join(g.Module.Dir, rest); !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// present returns the package with those of its files that are in a folder of
// the stage, or nil where there are none or that is not certain.
func (g *GoCommand) present(p *goprogram.Package, at string) *goprogram.Package {
	kinds := map[OriginKind]int{}
	there := map[string]bool{}
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		o := g.Call.Tree.Lookup(path.Join(at, path.Base(f.Path)))
		there[f.Path] = o.Kind == FromContext && o.Path == f.Path
		kinds[o.Kind]++
	}
	switch n := kinds[FromContext]; {
	case n == 0 || n+kinds[Absent] < len(there):
		return nil
	case n == len(there):
		return p
	}
	return p.Only(func(name string) bool { return there[name] })
}

// listed returns the package that a list of files makes.
func (g *GoCommand) listed(args []gocmd.Word) *goprogram.Package {
	var dir string
	there := map[string]bool{}
	for _, a := range args {
		if !a.Known || g.Dir == "" && !path.IsAbs(a.Text) {
			return nil
		}
		o := g.Call.Tree.Lookup(join(g.Dir, a.Text))
		if o.Kind != FromContext || o.Dir || dir != "" && dir != path.Dir(o.Path) {
			return nil
		}
		dir = path.Dir(o.Path)
		there[o.Path] = true
	}
	p := goprogram.Packages.Of(g.Plan.repo).In(dir)
	if p == nil {
		return nil
	}
	return p.Only(func(name string) bool { return there[name] })
}

// pattern returns the programs that ./dir/... or module/dir/... matches.
func (g *GoCommand) pattern(pattern string) ([]mainPackage, bool) {
	root, ok := strings.CutSuffix(pattern, "/...")
	if !ok || g.Module == nil || g.Dir == "" || strings.Contains(root, "...") {
		return nil, false
	}
	at := join(g.Dir, root)
	if !strings.HasPrefix(root, ".") && !path.IsAbs(root) {
		rest, ok := under(g.Module.Path(), root)
		if !ok {
			return nil, false
		}
		at = path.Join(path.Dir(g.GoMod), rest)
	}
	dirs := g.folders(at)
	if len(dirs) == 0 {
		return nil, false
	}
	dir, exact := dirs[0], true
	var mains []mainPackage
	for _, p := range goprogram.Packages.Of(g.Plan.repo).Mains() {
		rest, below := belowDir(dir, p.Dir)
		if p.Module != g.Module || !below {
			continue
		}
		if here := g.local(path.Join(at, rest)); here != nil {
			mains = append(mains, mainPackage{pkg: here, base: programName(p.Path)})
		} else if g.Call.Tree.Lookup(path.Join(at, rest)).Kind != Absent {
			exact = false
		}
	}
	return mains, exact
}

// belowDir returns p as seen from dir, both folders of the repository.
func belowDir(dir, p string) (rest string, ok bool) {
	if dir == "." {
		return p, true
	}
	return under(dir, p)
}

var majorSuffix = regexp.MustCompile(`^v[0-9]+$`)

// programName is the name that the go command gives a program: the last
// element of its import path that is no major version (go help build).
func programName(importPath string) string {
	base := path.Base(importPath)
	if majorSuffix.MatchString(base) && base != "v0" && base != "v1" && path.Dir(importPath) != "." {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// write notes a program at a path.
func (g *GoCommand) write(m mainPackage, at string) *Binary {
	b := &Binary{Go: g, Path: at, Foreign: m.foreign}
	if m.pkg != nil {
		b.Main = fact.Of(m.pkg, fact.High, fact.Note{At: g.At(), Text: "builds " + m.pkg.Path})
		if len(g.Command.Opaque) > 0 {
			b.Main = b.Main.AtMost(fact.Medium)
		}
	}
	b.link = linker(b, builder{slices.Clip(g.Installs), slices.Clip(g.Stage.Opaque), g.Stage.Go})
	g.Binaries = append(g.Binaries, b)
	g.put(g.Call, layer{kind: output, dest: at, binary: b})
	return b
}

// At is the place of the command: from its name to its verb.
func (g *GoCommand) At() (at source.Span) {
	at = g.Call.Words[0].At
	if g.VerbAt.Valid() && g.VerbAt.File == at.File {
		at = at.Cover(g.VerbAt)
	}
	return at
}
