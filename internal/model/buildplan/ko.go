package buildplan

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Ko is what a plan is about that is not of a Dockerfile: an image that ko makes
// of one program.
type Ko struct {
	Main *goprogram.Package
	// At is what names the program: an argument of ko, a reference ko://…, or the
	// entry of GoReleaser.
	At source.Span
}

// koScheme is what references to images begin with that ko is to make
// (github.com/google/ko, pkg/build/strict.go).
const koScheme = "ko://"

// KoPath returns the import path of a reference to an image that ko makes; ok is
// false for other images.
func KoPath(image string) (importPath string, ok bool) { return strings.CutPrefix(image, koScheme) }

// koImage is all that decides an image of ko.
type koImage struct {
	main    *goprogram.Package
	at      source.Span
	asked   fact.Note   // who asks for it
	trail   []fact.Note // on the way to that
	machine koMachine
	env     *shell.Env   // of the go command
	flags   []shell.Word // of go build
	base    shell.Value
	user    shell.Value // not given: that of the base
	userBy  string      // what names it
	same    []Tag       // other places that ask for the same image
	// platforms are those that are asked for, platform the one that is modelled.
	platforms []string
	platform  string
}

// koMachine is the computer on which ko runs.
type koMachine struct {
	files *Tree // the checkout
	root  string
	image fact.Fact[knowledge.Image] // of the system
	host  string                     // its platform
}

// koMachine returns what ko finds on a machine: files that others make are none
// of the repository's.
func (m *machine) koMachine() koMachine {
	return koMachine{files: m.fresh, root: m.root, image: m.runner, host: m.host}
}

// maxKoImages bounds the plans of images of ko.
const maxKoImages = 300

// koPlans are the plans of the images that ko makes, by the import paths of the
// programs.
func koPlans(r *repo.Repo) []*Plan {
	var images []*koImage
	each := map[*goprogram.Package]int{}
	seen := map[string]*koImage{}
	for _, in := range slices.Concat(outsides.Of(r).kos, references(r, outsides.Of(r).koRuns)) {
		key := in.key()
		if first := seen[key]; first != nil {
			first.same = append(first.same, in.tag())
			continue
		}
		if each[in.main] >= maxCallsEach || len(images) >= maxKoImages {
			continue
		}
		seen[key] = in
		each[in.main]++
		images = append(images, in)
	}
	slices.SortStableFunc(images, func(a, b *koImage) int { return strings.Compare(a.main.Path, b.main.Path) })
	plans := make([]*Plan, len(images))
	repo.Parallel(len(images), func(i int) { plans[i] = newKoPlan(r, images[i], planWork(len(images))) })
	return plans
}

// tag is what the image is called in files that ko is given.
func (in *koImage) tag() Tag { return Tag{koScheme + in.main.Path, in.at} }

// key tells apart the images that differ, as far as that matters.
func (in *koImage) key() string {
	cgo := in.env.Getenv("CGO_ENABLED")
	key := fmt.Sprintf("%s %s %q %q %q %q", in.main.Dir, in.main.Path, in.base.Text, in.platform, in.user.Text, cgo.Text)
	if !cgo.Is("0") {
		key += fmt.Sprintf(" %s %v", in.machine.image.Value.Ref.Text, in.machine.host)
	}
	for _, w := range in.flags {
		key += " " + w.Text
	}
	return key
}

// newKoPlan evaluates an image of ko as the Dockerfile that it amounts to: a
// machine builds the program, and a stage on the base gets it.
func newKoPlan(r *repo.Repo, in *koImage, w work) *Plan {
	p := &Plan{
		Ko: &Ko{Main: in.main, At: in.at}, Platform: in.platform, repo: r, memo: map[*Tree][]Placed{}, work: w,
		Call: Call{At: in.asked, Platforms: in.platforms, Tags: append([]Tag{in.tag()}, in.same...)},
	}
	p.File = in.dockerfile(p)
	p.scopes = p.File.Evaluate(dockerfile.Inputs{Platform: platformArgs(p.Platform), Base: p.baseEnv})
	p.Stages = []*Stage{in.builder(p)}
	st := p.evaluate(p.File.Stages[1], p.scopes.Stages[1])
	// A variable of the environment can name another base, and it is pulled for
	// whatever platform.
	st.Ref, st.Image, st.User = st.Ref.AtMost(fact.Medium), st.Image.AtMost(fact.Medium), st.User.AtMost(fact.Medium)
	if st.lastUser != nil {
		st.lastUser.By = in.userBy
	}
	p.Stages, p.Target = append(p.Stages, st), st
	st.follow()
	p.memo = nil
	w.visits.off = true
	return p
}

// program is where ko puts the program (pkg/build/gobuild.go, appFilename): its
// name is the last element of the import path, a major version too.
func (in *koImage) program() string { return path.Join("/ko-app", path.Base(in.main.Path)) }

// builder is the machine after the build of the program.
func (in *koImage) builder(p *Plan) *Stage {
	m := in.machine
	st := &Stage{
		Plan: p, Outside: true, Syntax: p.File.Stages[0], scope: p.scopes.Stages[0], Last: map[string]*dockerfile.Instruction{},
		Image: m.image, Platform: fact.Of(m.host, fact.Medium), Tree: m.files, Workdir: path.Join(m.root, in.main.Module.Dir),
	}
	words := append([]shell.Word{fixed("go", in.at), fixed("build", in.at)}, in.flags...)
	words = append(words, fixed("-o", in.at), fixed(in.program(), in.at), fixed(in.main.Path, in.at))
	c := shell.Command{Words: words, Env: in.env, Dir: shell.Known(st.Workdir, in.at), At: in.at}
	st.ran(&dockerfile.Instruction{}, commands.Ran{Command: c, Trail: in.trail})
	return st
}

// dockerfile is what ko does as a Dockerfile (pkg/build/gobuild.go, buildOne).
// Every place in it is one of a file that says so: the base where it is named,
// all else where the program is named.
func (in *koImage) dockerfile(p *Plan) *dockerfile.File {
	at, base := in.at, in.base.At
	if !base.Valid() {
		base = at
	}
	builder := &dockerfile.Stage{From: &dockerfile.Instruction{From: &dockerfile.From{}}}
	target := &dockerfile.Stage{Index: 1}
	target.From = &dockerfile.Instruction{Cmd: "FROM", At: base, Keyword: base, Stage: target, From: &dockerfile.From{Image: written(in.base.Text, base)}}
	add := func(ins *dockerfile.Instruction) {
		ins.Keyword, ins.Stage = ins.At, target
		target.Instructions = append(target.Instructions, ins)
	}
	copied := func(src, dest string) {
		add(&dockerfile.Instruction{Cmd: "COPY", At: base, Copy: &dockerfile.Copy{
			From: written("0", base), Sources: []dockerfile.Word{written(src, base)}, Dest: written(dest, base),
		}})
	}
	data := path.Join(in.machine.root, in.main.Dir, "kodata")
	if o := in.machine.files.Lookup(data); o.Kind == FromContext && o.Dir {
		copied(data, "/var/run/ko")
	}
	copied(in.program(), in.program())
	add(&dockerfile.Instruction{Cmd: "ENV", At: at, Pairs: in.variables(p)})
	if in.user.At.Valid() {
		add(&dockerfile.Instruction{Cmd: "USER", At: in.user.At, Words: []dockerfile.Word{written(in.user.Text, in.user.At)}})
	}
	start := &dockerfile.Instruction{Cmd: "ENTRYPOINT", At: at, Command: &dockerfile.Command{JSON: true, Exec: []dockerfile.Word{written(in.program(), at)}}}
	start.Args.AppendAs(`["`+in.program()+`"]`, at)
	add(start)
	f := &dockerfile.File{Source: at.File, Escape: '\\', Stages: []*dockerfile.Stage{builder, target}}
	f.Instructions = append([]*dockerfile.Instruction{target.From}, target.Instructions...)
	return f
}

// variables are those that ko sets: PATH, where that of the base is known, and
// KO_DATA_PATH.
func (in *koImage) variables(p *Plan) []dockerfile.Pair {
	pair := func(name, value string) dockerfile.Pair {
		return dockerfile.Pair{At: in.at, Key: written(name, in.at), Value: written(value, in.at), HasValue: true}
	}
	pairs := []dockerfile.Pair{pair("KO_DATA_PATH", "/var/run/ko")}
	base := dockerfile.Expansion{Known: true}
	base.AppendAs(in.base.Text, in.at)
	if lookup := p.baseEnv(nil, base); lookup != nil {
		if v := lookup("PATH"); v != nil && v.Set {
			pairs = append(pairs, pair("PATH", v.Text+":/ko-app"))
		}
	}
	return pairs
}

// written is a word that a place stands for.
func written(text string, at source.Span) dockerfile.Word {
	w := dockerfile.Word{At: at}
	w.AppendAs(text, at)
	return w
}

// Sets reports whether the place of a variable is that of an ENV of the image
// itself.
func (st *Stage) Sets(at source.Span) bool {
	if st.Plan.Ko == nil {
		return at.File == st.Plan.File.Source
	}
	return slices.ContainsFunc(st.Syntax.Instructions, func(ins *dockerfile.Instruction) bool { return ins.Cmd == "ENV" && ins.At == at })
}
