package workload

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/goreleaser"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// names finds the program of the repository that a command means by its name.
type names struct {
	repo     *repo.Repo
	programs *programs
	// built are the programs by the names that a build gives them, byDefault
	// those by the names that the go command would.
	built, byDefault map[string][]candidate
	scripts          map[string][]*source.File
}

// candidate is a program that may be meant.
type candidate struct {
	main *goprogram.Package
	why  []fact.Note
}

func newNames(r *repo.Repo) *names {
	n := &names{repo: r, programs: Programs.Of(r), built: map[string][]candidate{},
		byDefault: map[string][]candidate{}, scripts: map[string][]*source.File{}}
	packages := goprogram.Packages.Of(r)
	for _, main := range packages.Mains() {
		add(n.byDefault, defaultName(main.Path), candidate{main: main})
	}
	for _, plan := range buildplan.Plans.Of(r) {
		for _, st := range plan.Stages {
			for _, c := range st.Commands {
				if c.Go == nil {
					continue
				}
				for _, b := range c.Go.Binaries {
					if b.Main.Known() {
						add(n.built, path.Base(b.Path), candidate{b.Main.Value, []fact.Note{{At: b.Go.At(), Text: "builds " + path.Base(b.Path)}}})
					}
				}
			}
		}
	}
	for _, run := range goenv.Runs.Of(r) {
		n.output(packages, run)
	}
	releases := repo.GoReleasers.Of(r)
	for _, p := range slices.Sorted(maps.Keys(releases)) {
		n.release(packages, releases[p])
	}
	for _, f := range r.Of(repo.Script) {
		n.scripts[path.Base(f.Path)] = append(n.scripts[path.Base(f.Path)], f)
	}
	return n
}

// output adds a program that go build -o names. A relative package is looked for
// where the module is; that the command works elsewhere is not seen.
func (n *names) output(packages *goprogram.Graph, run *goenv.Run) {
	out, set := run.Output()
	name := path.Base(out.Text)
	if run.Module == nil || run.Verb != "build" || !set || !out.Known || len(run.Args) > 1 || name == "." || strings.HasSuffix(out.Text, "/") {
		return
	}
	main := packages.In(run.Module.Dir)
	if len(run.Args) == 1 {
		switch arg := run.Args[0]; {
		case !arg.Known:
			return
		case path.Ext(arg.Text) == ".go":
			main = packages.In(path.Join(run.Module.Dir, path.Dir(arg.Text)))
		case strings.HasPrefix(arg.Text, "."):
			main = packages.In(path.Join(run.Module.Dir, arg.Text))
		default:
			main = packages.Find(run.Module, arg.Text)
		}
	}
	if main != nil && main.Module != nil && main.Name(goprogram.Linux) == "main" {
		add(n.built, name, candidate{main, []fact.Note{{At: run.At, Text: "builds " + name}}})
	}
}

// release adds the builds of GoReleaser, which runs at the root of the
// repository or where its configuration lies.
func (n *names) release(packages *goprogram.Graph, f *yamlfile.File) {
	config := goreleaser.Read(f)
	if config == nil {
		return
	}
	for _, b := range config.Builds {
		main := "."
		if b.Main.Given() {
			main = b.Main.Text
		}
		if !b.ByGo() || !b.Binary.Known || b.Main.Given() && !b.Main.Known || b.Dir.Given() && !b.Dir.Known {
			continue
		}
		dir := path.Join(goreleaser.Root(f.Source.Path), b.Dir.Text, main)
		if path.Ext(dir) == ".go" {
			dir = path.Dir(dir)
		}
		if p := packages.In(dir); p != nil && p.Name(goprogram.Linux) == "main" {
			add(n.built, path.Base(b.Binary.Text), candidate{p, []fact.Note{{At: b.Binary.At, Text: "builds " + b.Binary.Text}}})
		}
	}
}

// add adds a candidate, unless one from the same folder is there: a command that
// names files, as in "go build cmd/app/app.go", makes a package of its own.
func add(to map[string][]candidate, name string, c candidate) {
	if !slices.ContainsFunc(to[name], func(d candidate) bool { return d.main.Dir == c.main.Dir }) {
		to[name] = append(to[name], c)
	}
}

var majorVersion = regexp.MustCompile(`^v([2-9]|[1-9][0-9]+)$`)

// defaultName is the name that the go command gives to a program: the last
// element of its path that is no major version (load.DefaultExecName).
func defaultName(importPath string) string {
	dir, base := path.Split(importPath)
	if dir != "" && majorVersion.MatchString(base) {
		base = path.Base(dir)
	}
	return base
}

var platformSuffix = regexp.MustCompile(`([-_.](linux|amd64|x86_64|arm64|bin|static))+$`)

// byName returns the program that is called name: the only one, else unknown.
func (n *names) byName(name string, at source.Span) fact.Fact[*Program] {
	for _, try := range []string{name, platformSuffix.ReplaceAllString(name, "")} {
		for _, in := range []map[string][]candidate{n.built, n.byDefault} {
			switch c := in[try]; {
			case len(c) > 1:
				return fact.Not[*Program](fact.Note{At: at, Text: "more than one program is called " + try})
			case len(c) == 1:
				p := n.programs.of(c[0].main)
				note := fact.Note{At: at, Text: "is " + folder(c[0].main) + ", by its name"}
				return fact.Of(p, fact.Medium, append(slices.Clone(c[0].why), note)...)
			}
		}
	}
	return fact.Not[*Program]()
}

// folder names a main package for people.
func folder(p *goprogram.Package) string {
	if p.Dir == "." {
		return "the program of this module"
	}
	return p.Dir
}

// unit finds the program of a unit: the one that its command line names, or the
// one that a shell or script leads to.
func (n *names) unit(s *Service) fact.Fact[*Program] {
	if !s.Exec.Known {
		return fact.Not[*Program]()
	}
	if p := n.byName(path.Base(s.Exec.Path.Text), s.Exec.Path.At); p.Known() || s.Script == nil {
		return p
	}
	return n.oneOf(s.Runs)
}

// oneOf is the one program among commands; unknown where there are none or
// several.
func (n *names) oneOf(runs []commands.Ran) fact.Fact[*Program] {
	var found fact.Fact[*Program]
	for _, run := range runs {
		p := n.byName(run.Name(), run.At)
		if run.Name() == "" || !p.Known() {
			continue
		}
		if found.Known() && found.Value != p.Value {
			return fact.Not[*Program](fact.Note{At: run.At, Text: "more than one program runs"})
		}
		found = p
	}
	return found
}

// follow notes the commands that a unit leads to through a shell or through a
// script of the repository.
func (n *names) follow(s *Service) {
	world := commands.World{File: n.script, Ran: func(r commands.Ran) { s.Runs = append(s.Runs, r) }}
	env := shell.NewEnv(shell.Anything(shell.Reason{At: s.At, Text: "the environment of the unit"}))
	state := shell.State{Env: env, Dir: shell.Known("/", s.At)}
	if s.Script = n.scriptOf(s); s.Script != nil {
		world.Shell(s.Script.Text, s.Script.Dialect, state)
		return
	}
	var words []shell.Word
	for _, w := range s.Argv {
		words = append(words, shell.Word{Value: shell.Known(w.Text, w.At)})
	}
	world.Exec(words, state)
}

// scriptOf returns what a unit gives to a shell: the text behind -c, or the
// script of the repository that it names.
func (n *names) scriptOf(s *Service) *Script {
	exec := s.Exec
	if !exec.Known {
		return nil
	}
	dialect, isShell := shell.DialectOf(exec.Path.Text)
	file := exec.Path.Text
	if isShell {
		for i, a := range exec.Args {
			if strings.HasPrefix(a.Text, "-") && strings.HasSuffix(a.Text, "c") && i+1 < len(exec.Args) {
				return &Script{Text: exec.Args[i+1].Joined, Dialect: dialect, Inline: true}
			}
			if !strings.HasPrefix(a.Text, "-") {
				file = a.Text
				break
			}
		}
	}
	f := n.script(file)
	if f == nil || f.Err() != nil {
		return nil
	}
	if of, _, ok := shell.Shebang(f.Data()); ok {
		dialect = of
	} else if !isShell {
		return nil
	}
	text := &source.Joined{}
	text.Append(f.Whole())
	return &Script{Text: text, Dialect: dialect}
}

// script returns the script of the repository that is installed at a path: the
// only one of its name, where no program has that name as well.
func (n *names) script(p string) *source.File {
	name := path.Base(p)
	if all := n.scripts[name]; len(all) == 1 && len(n.built[name])+len(n.byDefault[name]) == 0 {
		return all[0]
	}
	return nil
}

// image finds the program of an image by its name: the last element is that of
// the program. What stands before it is the owner of the module, or the folder of
// a Dockerfile that holds the program has the name as well; else the image may be
// another's.
func (n *names) image(ref string, at source.Span) fact.Fact[*Program] {
	parts := strings.Split(buildplan.Repository(ref), "/")
	name := parts[len(parts)-1]
	p := n.byName(name, at)
	if !p.Known() || p.Value.Main.Module == nil {
		return p
	}
	owner := strings.Split(p.Value.Main.Module.Path(), "/")
	if len(parts) >= 2 && len(owner) >= 2 && strings.EqualFold(parts[len(parts)-2], owner[1]) || n.hasDockerfile(name, p.Value) {
		return p
	}
	return p.AtMost(fact.Low)
}

// hasDockerfile reports whether a Dockerfile in a folder of a name puts a program
// into its image.
func (n *names) hasDockerfile(folder string, p *Program) bool {
	for _, plan := range buildplan.Plans.Of(n.repo) {
		if plan.Ko != nil || path.Base(path.Dir(plan.File.Source.Path)) != folder || plan.Target == nil {
			continue
		}
		for _, b := range plan.Target.Binaries {
			if b.Binary.Main.Known() && b.Binary.Main.Value == p.Main {
				return true
			}
		}
	}
	return false
}
