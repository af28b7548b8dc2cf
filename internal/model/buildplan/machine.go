package buildplan

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/makefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// machine is a computer with a checkout of the repository, on which commands
// run one after the other: a stage without an image, of which the files of the
// repository are known and nothing else.
type machine struct {
	*Stage
	root  string      // where the checkout is
	fresh *Tree       // the files right after it
	start source.Span // stands for the person who calls make: no place of its own
	trail []fact.Note
	calls []Call
	// kos are the images that ko makes of programs that it is given, koRuns its calls
	// with files.
	kos    []*koImage
	koRuns []*koRun
	// runner is the system of the machine, where it is known.
	runner fact.Fact[knowledge.Image]
	host   string // its platform
}

// checkout is where a machine has the repository. The real place is not known.
const checkout = "/checkout"

func newMachine(r *repo.Repo, w work) *machine {
	p := &Plan{repo: r, Platform: "linux/amd64", memo: map[*Tree][]Placed{}, work: w}
	syntax := &dockerfile.Stage{From: &dockerfile.Instruction{From: &dockerfile.From{}}}
	scopes := (&dockerfile.File{Stages: []*dockerfile.Stage{syntax}, Escape: '\\'}).Evaluate(dockerfile.Inputs{})
	st := &Stage{Plan: p, Outside: true, Syntax: syntax, scope: scopes.Stages[0], Workdir: checkout, Platform: fact.Of(p.Platform, fact.Medium)}
	st.Tree = p.bottom(layer{kind: bottomUnknown})
	m := &machine{Stage: st, host: p.Platform}
	m.place(checkout)
	return m
}

// place puts the checkout somewhere.
func (m *machine) place(root string) {
	m.root = root
	m.Tree = m.Tree.add(layer{kind: removed, dest: root}).add(layer{kind: fromContext, dest: root, src: ".", context: &Context{Dir: ".", repo: m.Plan.repo}})
	m.fresh = m.Tree
}

// untouched reports whether no command has changed anything in the checkout.
func (m *machine) untouched() bool {
	for t := m.Tree; t != m.fresh; t = t.below {
		_, inside := under(m.root, t.dest)
		_, above := under(t.dest, m.root)
		if (inside || above) && t.kind != packages {
			return false
		}
	}
	return true
}

// inRepo returns the path in the repository of a path of the machine; false for
// those outside.
func (m *machine) inRepo(p string) (string, bool) {
	rest, ok := under(m.root, path.Clean(p))
	return rest, ok
}

func (m *machine) world() commands.World {
	return commands.World{
		Platform: m.Plan.Platform, Root: m.root, Budget: m.Plan.work.commands,
		File:  func(p string) *source.File { return m.Tree.File(m.Plan.repo, p) },
		Names: func(dir string) ([]string, bool) { return m.Tree.names(dir) },
		Ran: func(r commands.Ran) {
			if len(m.Commands) >= maxOutside {
				return
			}
			if len(r.Trail) > 0 && m.start.Valid() && r.Trail[0].At == m.start {
				r.Trail = r.Trail[1:]
			}
			m.ran(&dockerfile.Instruction{}, r)
			m.docker(m.Commands[len(m.Commands)-1])
			m.ko(m.Commands[len(m.Commands)-1], r.Uses)
		},
	}
}

// personal are the variables that everybody's environment has.
var personal = []string{"HOME", "USER", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "LANG", "TMPDIR", "HOSTNAME", "GOPATH", "GOROOT"}

// ownEnv is the environment of a person who calls make or a script: what is not
// personal is taken as not set, as a default that can be overridden.
func ownEnv() *shell.Env {
	env := shell.NewEnv(shell.Var{})
	for _, name := range personal {
		env = env.With(name, shell.Anything(shell.Reason{Text: "depends on who runs it"}))
	}
	return env
}

// outside is what happens outside of images: the image builds that the
// repository asks for, and the programs that are built into its folders.
type outside struct {
	calls    map[string][]Call    // by Dockerfile
	programs map[string][]*Binary // by path in the repository
	kos      []*koImage
	koRuns   []*koRun
}

// outsides is the model of what happens outside of images.
var outsides = repo.NewModel(func(r *repo.Repo) *outside {
	kinds := []func(*repo.Repo, work) []*machine{jobs, targets, scripts, releases}
	found := make([][]*machine, len(kinds))
	repo.Parallel(len(kinds), func(i int) {
		w := outsideWork()
		found[i] = kinds[i](r, w)
		w.visits.off = true
	})
	machines := slices.Concat(found...)
	o := &outside{calls: map[string][]Call{}, programs: map[string][]*Binary{}}
	for _, m := range machines {
		o.kos, o.koRuns = append(o.kos, m.kos...), append(o.koRuns, m.koRuns...)
		for _, c := range m.calls {
			o.calls[c.Dockerfile] = append(o.calls[c.Dockerfile], c)
		}
		for _, c := range m.Commands {
			if c.Go == nil {
				continue
			}
			for _, b := range c.Go.Binaries {
				if p, ok := m.inRepo(b.Path); ok {
					o.programs[p] = append(o.programs[p], b)
				}
			}
		}
	}
	for _, c := range slices.Concat(composeCalls(r), bakeCalls(r)) {
		o.calls[c.Dockerfile] = append(o.calls[c.Dockerfile], c)
	}
	return o
})

// program returns the program that is built to a path of the repository,
// where all who build one there build the same.
func (o *outside) program(p string) *Binary {
	var one *Binary
	for _, b := range o.programs[p] {
		if one != nil && !sameProgram(one, b) {
			return nil
		}
		one = b
	}
	return one
}

// sameProgram reports whether two builds give programs of one kind from one
// package.
func sameProgram(a, b *Binary) bool {
	if a.Go.At() == b.Go.At() && a.Main.Value == b.Main.Value {
		return true
	}
	x, y := a.Link(), b.Link()
	return a.Main.Known() && b.Main.Known() && a.Main.Value == b.Main.Value && x.Known() && y.Known() && x.Value.Kind == y.Value.Kind
}

// Limits of what is followed outside of images.
const (
	maxTargets   = 200 // of one makefile
	maxMachines  = 600
	maxOutside   = 800    // commands of one machine
	maxAll       = 20_000 // and of all that run makefiles
	maxCallsEach = 6      // plans of one Dockerfile

	// maxPlanned bounds the work of make to find the targets that build something.
	maxPlanned = 64 << 20
)

// builders are the words of which one is in every makefile or script that
// builds images or programs; callers those of which one is in every recipe that
// does so or leads to it.
var (
	builders = []string{"docker", "podman", "buildah", "nerdctl", "go build", "go install", ") build", "} build", ") install",
		"ko build", "ko publish", "ko resolve", "ko apply", "ko create", "ko run", "KO) ", "KO} ", "/ko@"}
	callers = append([]string{"make", ".sh", "./", "script", "hack", "go "}, builders...)
)

func buildsSomething(files ...*source.File) bool {
	return slices.ContainsFunc(files, func(f *source.File) bool {
		return f.Err() == nil && containsAny(string(f.Data()), builders)
	})
}

func containsAny(text string, list []string) bool {
	return slices.ContainsFunc(list, func(part string) bool { return strings.Contains(text, part) })
}

// targets runs every target of the makefiles that people call.
func targets(r *repo.Repo, w work) []*machine {
	var machines []*machine
	ran, planned := 0, 0
	for _, f := range r.Of(repo.Makefile) {
		if path.Ext(f.Path) == ".mk" {
			continue // included by others
		}
		dir := shell.Known(path.Join(checkout, path.Dir(f.Path)), source.Span{})
		file := fixed(path.Base(f.Path), f.Line(1))
		world := newMachine(r, w).world()
		mk := makefile.Load(makefile.Call{Dir: dir, Env: ownEnv(), Args: makefile.Args{Files: []shell.Word{file}}, File: world.File, Names: world.Names})
		if !buildsSomething(mk.Files...) {
			continue
		}
		for i, name := range mk.Targets() {
			if i >= maxTargets || len(machines) >= maxMachines || ran > maxAll || planned > maxPlanned {
				break
			}
			if strings.HasPrefix(name, ".") || strings.ContainsAny(name, "%"+shell.Hole) {
				continue
			}
			plan := mk.PlanOf(name)
			planned += plan.Work
			if !slices.ContainsFunc(plan.Lines, leads) {
				continue
			}
			m := newMachine(r, w)
			m.start = f.Line(1)
			words := []shell.Word{fixed("make", m.start), fixed("-f", m.start), file, fixed(name, m.start)}
			m.world().Exec(words, shell.State{Env: ownEnv(), Dir: dir})
			machines = append(machines, m)
			ran += len(m.Commands)
		}
	}
	return machines
}

// leads reports whether a line of a recipe may build something.
func leads(line makefile.Line) bool { return containsAny(line.Text.Text, callers) }

// scripts runs the scripts, from their folder or the root of the repository,
// whichever they find their files from; where a script is called from another
// place too, that tells the same.
func scripts(r *repo.Repo, w work) []*machine {
	var machines []*machine
	for _, f := range r.Of(repo.Script) {
		dialect, _, ok := shell.Shebang(f.Data())
		if !ok || !buildsSomething(f) || len(machines) >= maxMachines {
			continue
		}
		for _, dir := range slices.Compact([]string{checkout, path.Join(checkout, path.Dir(f.Path))}) {
			m := newMachine(r, w)
			text := &source.Joined{}
			text.Append(f.Whole())
			name := shell.Known(path.Join(checkout, f.Path), source.Span{})
			args := shell.Word{Value: shell.Unknown(f.Line(1), "depends on who calls the script"), Many: true}
			m.world().Shell(text, dialect, shell.State{Env: ownEnv(), Dir: shell.Known(dir, source.Span{}), Name: name, Args: []shell.Word{args}})
			for i := range m.calls {
				m.calls[i].guessed = path.Dir(f.Path) != "."
			}
			machines = append(machines, m)
		}
	}
	return machines
}

// sorted returns the values of a map in the order of its keys.
func sorted[V any](m map[string]V) []V {
	values := make([]V, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[k])
	}
	return values
}
