package buildplan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/bakefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/compose"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Call is how a build is asked for: by a compose file, a workflow, a script,
// or by nobody we see.
type Call struct {
	Dockerfile string                          // in the repository
	Context    fact.Fact[string]               // folder in the repository
	Target     string                          // stage; "" for the last
	Args       map[string]*dockerfile.Variable // build arguments
	Platforms  []string                        // empty where none is named
	Tags       []Tag                           // what the image is called
	At         fact.Note                       // where it stands; zero for nobody

	// files is what the context holds when it is not, or not only, what the
	// repository holds; folder is its place there.
	files  *Tree
	folder string
	// guessed says that the folder which it starts from is one of several.
	guessed bool
}

// calls returns the builds of a Dockerfile that the repository asks for, and one
// of its last stage where nobody asks for that. Builds that come to the same
// are one: that for the most platforms.
func calls(r *repo.Repo, file *dockerfile.File) []Call {
	var list []Call
	seen := map[string]int{}
	for _, c := range outsides.Of(r).calls[file.Source.Path] {
		if c.guessed && c.foreign(file) {
			continue
		}
		key := c.key(file)
		if i, ok := seen[key]; ok {
			c.Tags = slices.Concat(list[i].Tags, c.Tags)
			if len(c.Platforms) > len(list[i].Platforms) {
				list[i] = c
			}
			list[i].Tags = c.Tags
			continue
		}
		if len(list) == maxCallsEach {
			break
		}
		seen[key] = len(list)
		list = append(list, c)
	}
	last := file.Target("")
	if last != nil && slices.ContainsFunc(list, func(c Call) bool { return file.Target(c.Target) == last }) {
		return list
	}
	// The last stage is there to be built, even if only others are seen to be.
	nobody := Call{Dockerfile: file.Source.Path}
	if len(list) > 0 {
		nobody.Context = list[0].Context.AtMost(fact.Medium)
	}
	return append(list, nobody)
}

// foreign reports whether a call gives arguments of which the file declares none:
// it is meant for another one.
func (c Call) foreign(file *dockerfile.File) bool {
	declared := arguable(file)
	for name := range c.Args {
		if declared[name] {
			return false
		}
	}
	return len(c.Args) > 0
}

// arguable are the names of the arguments that a file declares.
func arguable(file *dockerfile.File) map[string]bool {
	declared := map[string]bool{}
	for _, ins := range file.Instructions {
		if ins.Cmd == "ARG" {
			for i := range ins.Pairs {
				declared[ins.Pairs[i].Key.Text] = true
			}
		}
	}
	return declared
}

// key tells apart the calls that make a difference: arguments count where the
// file declares them.
func (c Call) key(file *dockerfile.File) string {
	declared := arguable(file)
	key := fmt.Sprintf("%q %v %q %q", c.Context.Value, c.Context.Known(), strings.ToLower(c.Target), c.platform())
	for _, name := range slices.Sorted(maps.Keys(c.Args)) {
		if v := c.Args[name]; declared[name] {
			key += fmt.Sprintf(" %s=%q,%v", name, v.Text, v.Known)
		}
	}
	if c.files != nil {
		for _, b := range c.programs() {
			key += fmt.Sprintf(" %s:%d", b.Path, b.Binary.Link().Value.Kind)
		}
	}
	return key
}

// programs are those in the context.
func (c Call) programs() []Placed {
	p := &Plan{memo: map[*Tree][]Placed{}}
	return p.placed((*Tree)(nil).add(layer{kind: fromTree, dest: "/", tree: c.files, src: c.folder}))
}

// platform is the one that is modelled: linux/amd64 unless it is not built for.
func (c Call) platform() string {
	const usual = "linux/amd64"
	if len(c.Platforms) == 0 || slices.Contains(c.Platforms, usual) {
		return usual
	}
	return c.Platforms[0]
}

// argument is a build argument whose value is given in some file.
func argument(v yamlfile.Value) *dockerfile.Variable {
	return &dockerfile.Variable{Text: v.Text, Set: true, Known: v.Known, At: v.At}
}

// arguments reads a mapping of build arguments. One without a value is taken
// from the environment of who builds.
func arguments(d yamlfile.Dict) map[string]*dockerfile.Variable {
	args := map[string]*dockerfile.Variable{}
	for _, item := range d.Items {
		switch {
		case !item.Name.Known:
		case item.Value.Given():
			args[item.Name.Text] = argument(item.Value)
		default:
			args[item.Name.Text] = &dockerfile.Variable{At: item.Name.At}
		}
	}
	return args
}

// shellArgument is a build argument on a command line.
func shellArgument(v shell.Value) *dockerfile.Variable {
	return &dockerfile.Variable{Text: v.Text, Set: true, Known: v.Known(), At: v.At}
}

// platforms returns the platforms of a list whose members may hold several. One
// that lacks a part is completed by who calls, as in linux/$(ARCH).
func platforms(list []string) []string {
	var all []string
	for _, item := range list {
		for p := range strings.SplitSeq(item, ",") {
			p = strings.TrimSpace(p)
			if os, arch, _ := strings.Cut(p, "/"); os != "" && arch != "" && !strings.ContainsAny(p, "$"+shell.Hole) {
				all = append(all, p)
			}
		}
	}
	return all
}

// located completes a call with the Dockerfile and context that are given
// relative to a folder of the repository; false where the Dockerfile is not in
// the repository. A context that is an address is not known.
func (c Call) located(r *repo.Repo, folder, context, file string) (Call, bool) {
	if remote(context) {
		return c, false
	}
	dir := path.Join(folder, cmp.Or(context, "."))
	c.Dockerfile = path.Join(dir, "Dockerfile")
	if file != "" {
		c.Dockerfile = path.Join(dir, file)
	}
	if path.IsAbs(context) || path.IsAbs(file) || r.Has(c.Dockerfile) != repo.IsFile {
		return c, false
	}
	c.Context = fact.Of(dir, fact.High, c.At)
	return c, true
}

// composeCalls returns the builds of compose files. Paths of a service are
// relative to the folder of the file, that of the Dockerfile to the context.
func composeCalls(r *repo.Repo) []Call {
	var all []Call
	files := repo.Composes.Of(r)
	for _, f := range sorted(files) {
		read := []*yamlfile.File{f}
		if compose.IsOverride(f.Source.Path) {
			continue
		}
		project := compose.Read(read, compose.Options{Open: func(p string) *yamlfile.File { return files[p] }})
		for _, s := range project.Services {
			if c, ok := composeCall(r, s); ok {
				all = append(all, c)
			}
		}
	}
	return all
}

func composeCall(r *repo.Repo, s *compose.Service) (Call, bool) {
	b := s.Build
	if b == nil || !b.At.Valid() || b.Inline.Given() || notKnown(b.Context, b.Dockerfile, b.Target) {
		return Call{}, false
	}
	c := Call{Target: b.Target.Text, Args: arguments(b.Args), Platforms: platforms(b.Platforms.Texts())}
	c.At = fact.Note{At: s.Name.At, Text: "builds the image for service " + s.Name.Text}
	c.tag(valueOf(s.Image).Text, s.Image.At)
	if s.Platform.Known && s.Platform.Given() && len(c.Platforms) == 0 {
		c.Platforms = platforms([]string{s.Platform.Text})
	}
	return c.located(r, path.Dir(fileOf(b.Context, b.At)), b.Context.Text, b.Dockerfile.Text)
}

// fileOf returns the path of the file that gives a value, or else that of at.
func fileOf(v yamlfile.Value, at source.Span) string {
	if v.At.Valid() {
		return v.At.File.Path
	}
	return at.File.Path
}

func notKnown(values ...yamlfile.Value) bool {
	return slices.ContainsFunc(values, func(v yamlfile.Value) bool { return v.Given() && !v.Known })
}

// bakeCalls returns the builds of bake files: those of one folder are merged.
func bakeCalls(r *repo.Repo) []Call {
	files := repo.Bakes.Of(r)
	var all []Call
	done := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		dir := path.Dir(p)
		read := []*yamlfile.File{files[p]}
		beside, _ := r.Names(dir)
		if names := bakefile.Default(beside); slices.Contains(names, path.Base(p)) {
			if done[dir] {
				continue
			}
			done[dir], read = true, nil
			for _, name := range names {
				read = append(read, files[path.Join(dir, name)])
			}
		}
		for _, t := range bakefile.Read(slices.DeleteFunc(read, func(f *yamlfile.File) bool { return f == nil })).Targets {
			if c, ok := bakeCall(r, dir, t); ok {
				all = append(all, c)
			}
		}
	}
	return all
}

// bakeCall is the build of one target. A template that only others inherit is
// one too: it is the same build with less.
func bakeCall(r *repo.Repo, dir string, t *bakefile.Target) (Call, bool) {
	if t.Inline.Given() || t.Matrix != nil || notKnown(t.Context, t.Dockerfile, t.Stage) || strings.HasPrefix(t.Name, "_") {
		return Call{}, false
	}
	c := Call{Target: t.Stage.Text, Platforms: platforms(t.Platforms.Texts()), Args: map[string]*dockerfile.Variable{}}
	for name, v := range arguments(t.Args) {
		if v.Set {
			c.Args[name] = v // null takes the default
		}
	}
	c.tags(t.Tags)
	c.At = fact.Note{At: t.At, Text: "builds target " + t.Name}
	return c.located(r, dir, t.Context.Text, t.Dockerfile.Text)
}
