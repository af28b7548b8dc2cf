package buildplan

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/goreleaser"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// releases runs GoReleaser: it builds programs and then images, each in a
// folder that holds the programs and the extra files, nothing else.
func releases(r *repo.Repo, w work) []*machine {
	var machines []*machine
	for _, f := range sorted(repo.GoReleasers.Of(r)) {
		c := goreleaser.Read(f)
		if c == nil || len(c.Dockers)+len(c.Kos) == 0 {
			continue
		}
		m := newMachine(r, w)
		rel := &release{machine: m, config: c, dir: path.Join(checkout, goreleaser.Root(f.Source.Path)), env: withEnv(ownEnv(), c.Env)}
		for i, b := range rel.builds() {
			if len(c.Dockers) > 0 {
				rel.build(i, b)
			}
		}
		for _, d := range c.Dockers {
			rel.image(d)
		}
		for _, k := range c.Kos {
			rel.ko(k)
		}
		machines = append(machines, m)
	}
	return machines
}

// release is one run of GoReleaser.
type release struct {
	*machine
	config *goreleaser.Config
	dir    string
	env    *shell.Env
	built  []artifact
	vague  bool // there are programs of which the name is not known
}

// artifact is a program that a build makes for a platform.
type artifact struct {
	id, platform, name, at string
}

// builds are the entries of builds, or the default one.
func (rel *release) builds() []*goreleaser.Build {
	if len(rel.config.Builds) > 0 {
		return rel.config.Builds
	}
	return []*goreleaser.Build{{At: rel.config.Node.At.Sub(0, 0)}}
}

// build makes the programs of one build for Linux.
func (rel *release) build(n int, b *goreleaser.Build) {
	if !b.ByGo() || otherThan(b.Command, "build") || notKnown(b.Dir) {
		return
	}
	id := b.ID.Text
	if id == "" {
		id = rel.project()
	}
	for _, platform := range rel.platforms(b) {
		name := rel.name(b, platform)
		if name == "" {
			rel.vague = true
			continue
		}
		at := path.Join("/release", string(rune('a'+n%26)), platform, name)
		if rel.compile(b, platform, at) {
			rel.built = append(rel.built, artifact{id, platform, name, at})
		}
	}
}

func otherThan(v yamlfile.Value, usual string) bool { return v.Given() && !v.Is(usual) }

// name is the name of a program: binary, or that of the project.
func (rel *release) name(b *goreleaser.Build, platform string) string {
	if !b.Binary.Given() {
		return rel.project()
	}
	os, arch, _ := strings.Cut(platform, "/")
	text := template.ReplaceAllStringFunc(b.Binary.Text, func(t string) string {
		switch template.FindStringSubmatch(t)[1] {
		case "Os":
			return os
		case "Arch":
			return arch
		}
		return rel.project()
	})
	if strings.Contains(text, "{{") || !b.Binary.Known && text == b.Binary.Text {
		return ""
	}
	return text
}

// template matches the templates that are replaced here.
var template = regexp.MustCompile(`\{\{-?\s*\.(Os|Arch|ProjectName)\s*-?\}\}`)

// project is the name of the project: what is given, the name of the repository
// that releases go to, or the last element of the module's path (GoReleaser,
// internal/pipe/project).
func (rel *release) project() string {
	if v := rel.config.ProjectName; v.Given() {
		if !v.Known {
			return ""
		}
		return v.Text
	}
	for _, host := range []string{"github", "gitlab", "gitea"} {
		if v := rel.config.Node.Get("release", host, "name").Scalar(); v.Given() {
			if !v.Known {
				return ""
			}
			return v.Text
		}
	}
	if m := goprogram.Tree.Of(rel.Plan.repo).At(path.Clean(strings.TrimPrefix(rel.dir+"/", checkout+"/"))); m != nil && m.Path() != "" {
		return path.Base(m.Path())
	}
	return ""
}

// platforms are those for Linux.
func (rel *release) platforms(b *goreleaser.Build) []string {
	var all []string
	if b.Targets.Given() {
		for _, t := range b.Targets.Texts() {
			parts := strings.SplitN(t, "_", 3)
			if len(parts) >= 2 && parts[0] == "linux" {
				all = append(all, "linux/"+parts[1])
			}
		}
		return slices.Compact(all)
	}
	if b.GOOS.Given() && !slices.Contains(b.GOOS.Texts(), "linux") {
		return nil
	}
	arches := []string{"386", "amd64", "arm64"}
	if b.GOARCH.Given() {
		arches = b.GOARCH.Texts()
	}
	for _, arch := range arches {
		all = append(all, "linux/"+arch)
	}
	return all
}

// compile runs the go command of a build for one platform.
func (rel *release) compile(b *goreleaser.Build, platform, at string) bool {
	os, arch, _ := strings.Cut(platform, "/")
	settings := b.Settings
	for _, o := range b.Overrides {
		if o.GOOS.Is(os) && (o.GOARCH.Is(arch) || !o.GOARCH.Given()) {
			settings = overridden(settings, o.Settings)
		}
	}
	place := placeOf(b)
	env := withEnv(rel.env, settings.Env)
	env = env.Export("GOOS", shell.Known(os, place)).Export("GOARCH", shell.Known(arch, place))
	words := []shell.Word{fixed("go", place), fixed("build", place)}
	for _, flag := range settings.Flags.Items {
		words = append(words, shell.Word{Value: valueOf(flag)})
	}
	words = append(words, joinedFlag("-ldflags=", settings.Ldflags, " ")...)
	words = append(words, joinedFlag("-tags=", settings.Tags, ",")...)
	if settings.Buildmode.Given() && !settings.Buildmode.Is("") {
		words = append(words, prefixed("-buildmode=", valueOf(settings.Buildmode)))
	}
	main := fixed(".", place)
	if b.Main.Given() {
		main = shell.Word{Value: valueOf(b.Main)}
	}
	words = append(words, fixed("-o", place), fixed(at, place), main)
	c := shell.Command{Words: words, Env: env, Dir: shell.Known(path.Join(rel.dir, b.Dir.Text), place), At: place}
	rel.ran(&dockerfile.Instruction{}, commands.Ran{Command: c})
	return rel.Tree.Lookup(at).Kind == Output
}

// overridden are the settings of a build with those of an override over them.
func overridden(s, o goreleaser.Settings) goreleaser.Settings {
	s.Env.Items = append(slices.Clip(s.Env.Items), o.Env.Items...)
	for _, l := range []struct{ to, from *yamlfile.List }{{&s.Flags, &o.Flags}, {&s.Ldflags, &o.Ldflags}, {&s.Tags, &o.Tags}} {
		if l.from.Given() {
			*l.to = *l.from
		}
	}
	if o.Buildmode.Given() {
		s.Buildmode = o.Buildmode
	}
	return s
}

// placeOf is where a build stands: the first of its values, or its first line.
func placeOf(b *goreleaser.Build) source.Span {
	for _, v := range []yamlfile.Value{b.Main, b.Binary, b.ID} {
		if v.Given() {
			return v.At
		}
	}
	line := b.At.File.Line(b.At.Begin().Line)
	return b.At.File.Span(b.At.Start, max(b.At.Start, min(b.At.End, line.End)))
}

func fixed(text string, at source.Span) shell.Word {
	return shell.Word{Value: shell.Known(text, at)}
}

func prefixed(prefix string, v shell.Value) shell.Word {
	v.Text = prefix + v.Text
	return shell.Word{Value: v}
}

// joinedFlag is a flag whose value is a list.
func joinedFlag(name string, l yamlfile.List, separator string) []shell.Word {
	if !l.Given() {
		return nil
	}
	var parts []string
	v := shell.Value{At: l.At}
	for _, item := range l.Items {
		one := valueOf(item)
		parts = append(parts, one.Text)
		if !one.Known() {
			v.Why = one.Why
		}
	}
	v.Text = strings.Join(parts, separator)
	if l.Open {
		v.Text += shell.Hole
	}
	return []shell.Word{prefixed(name, v)}
}

// image notes the build of an image.
func (rel *release) image(d *goreleaser.Docker) {
	if notKnown(d.Dockerfile) {
		return
	}
	file := "Dockerfile"
	if d.Dockerfile.Given() {
		file = d.Dockerfile.Text
	}
	o := rel.Tree.Lookup(join(rel.dir, file))
	if o.Kind != FromContext || o.Dir {
		return
	}
	platform := "linux/amd64"
	if d.GOARCH.Known && d.GOARCH.Given() {
		platform = "linux/" + d.GOARCH.Text
	}
	call := Call{Dockerfile: o.Path, Platforms: []string{platform}, Args: arguments(d.BuildArgs), At: fact.Note{At: placeOfDocker(d), Text: "builds the image from what GoReleaser built"}}
	if d.V2 && d.Platforms.Given() {
		call.Platforms = platforms(d.Platforms.Texts())
	}
	rel.flags(d, &call)
	call.tags(d.Images)
	call.files, call.folder = rel.context(d, file), "/context"
	rel.calls = append(rel.calls, call)
}

func placeOfDocker(d *goreleaser.Docker) source.Span {
	if d.Dockerfile.Given() {
		return d.Dockerfile.At
	}
	if len(d.Images.Items) > 0 {
		return d.Images.Items[0].At
	}
	return d.At
}

// flags reads the flags that are given to docker build.
func (rel *release) flags(d *goreleaser.Docker, call *Call) {
	for _, item := range d.BuildFlags.Items {
		v := valueOf(item)
		name, value, _ := strings.Cut(strings.TrimLeft(v.Text, "-"), "=")
		switch name {
		case "build-arg":
			if arg, set, ok := strings.Cut(value, "="); ok && call.Args[arg] == nil {
				if call.Args == nil {
					call.Args = map[string]*dockerfile.Variable{}
				}
				call.Args[arg] = &dockerfile.Variable{Text: set, Set: true, Known: !strings.Contains(set, shell.Hole), At: v.At}
			}
		case "platform":
			if p := platforms([]string{value}); len(p) > 0 {
				call.Platforms = p
			}
		case "target":
			call.Target = value
		}
	}
}

// context is the folder that GoReleaser makes for an image: the Dockerfile, the
// programs, and the extra files under the paths that they have.
func (rel *release) context(d *goreleaser.Docker, file string) *Tree {
	t := (*Tree)(nil).add(layer{kind: bottomEmpty})
	note := fact.Note{At: placeOfDocker(d), Text: "GoReleaser puts it into the build context"}
	add := func(from, to string) {
		t = t.add(layer{kind: fromTree, dest: path.Join("/context", to), tree: rel.Tree, src: from, note: note})
	}
	add(join(rel.dir, file), "Dockerfile")
	for _, extra := range d.ExtraFiles.Items {
		if extra.Known {
			add(join(rel.dir, extra.Text), extra.Text)
		} else {
			t = t.add(layer{kind: opaque, dest: "/context", note: note})
		}
	}
	if rel.vague {
		t = t.add(layer{kind: opaque, dest: "/context", note: note})
	}
	for _, b := range rel.built {
		if d.IDs.Given() && d.IDs.Known() && !slices.Contains(d.IDs.Texts(), b.id) {
			continue
		}
		switch {
		case d.V2:
			add(b.at, path.Join(b.platform, b.name))
		case b.platform == "linux/amd64" && !d.GOARCH.Given() || d.GOARCH.Is(strings.TrimPrefix(b.platform, "linux/")):
			add(b.at, b.name)
		}
	}
	return t
}
