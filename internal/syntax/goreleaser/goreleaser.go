// Package goreleaser reads the configuration of GoReleaser as far as it says how
// Go programs are built and put into images, with Dockerfiles or by ko.
//
// Names and meaning follow github.com/goreleaser/goreleaser/v2/pkg/config.
// Values with a template, {{ … }}, are not known.
package goreleaser

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// template is what templates start with.
const template = "{{"

// Config is a .goreleaser.yaml.
type Config struct {
	Node        *yamlfile.Node
	ProjectName yamlfile.Value
	Env         yamlfile.Dict
	Before      []Hook
	Proxy       yamlfile.Value // gomod.proxy: builds the published module
	Builds      []*Build       // none: one with all defaults, if there is a main
	Dockers     []*Docker      // of dockers and dockers_v2
	Kos         []*Ko
	Problems    []source.Problem
}

// Build is an entry of builds.
type Build struct {
	At       source.Span
	ID       yamlfile.Value
	Builder  yamlfile.Value // not given: go
	Tool     yamlfile.Value // tool or gobinary; not given: go
	Command  yamlfile.Value // not given: build
	Dir      yamlfile.Value
	Main     yamlfile.Value // not given: .
	Binary   yamlfile.Value
	Skip     yamlfile.Value
	GOOS     yamlfile.List // not given: linux, darwin, windows
	GOARCH   yamlfile.List // not given: 386, amd64, arm64
	Targets  yamlfile.List // replaces GOOS and GOARCH
	Settings               // for all targets
	// Overrides replace settings for some targets.
	Overrides []Override
	Pre, Post []Hook
}

// ByGo reports whether GoReleaser builds the entry, and with its builder for Go.
func (b *Build) ByGo() bool {
	return (!b.Builder.Given() || b.Builder.Is("go")) && (!b.Skip.Given() || b.Skip.Is("false"))
}

// Root returns the folder that the configuration at a path is for: the one above
// .config.
func Root(config string) string {
	dir := path.Dir(config)
	if path.Base(dir) == ".config" {
		return path.Dir(dir)
	}
	return dir
}

// Settings are what a build passes to the go command.
type Settings struct {
	Env       yamlfile.Dict
	Flags     yamlfile.List
	Ldflags   yamlfile.List
	Tags      yamlfile.List
	Gcflags   yamlfile.List
	Buildmode yamlfile.Value
}

// Override is an entry of overrides.
type Override struct {
	GOOS, GOARCH yamlfile.Value
	Settings
}

// Hook is a command that runs before or after something.
type Hook struct {
	Command yamlfile.Value
	Dir     yamlfile.Value
	Env     yamlfile.Dict
}

// Docker is an image built with a Dockerfile. Its context holds the binaries of
// the builds and the extra files, nothing else.
type Docker struct {
	At         source.Span
	ID         yamlfile.Value
	IDs        yamlfile.List // builds whose binaries it holds; not given: all
	Dockerfile yamlfile.Value
	Images     yamlfile.List  // image_templates, or images
	GOOS       yamlfile.Value // of dockers; not given: linux
	GOARCH     yamlfile.Value // of dockers; not given: amd64
	Platforms  yamlfile.List  // of dockers_v2
	BuildFlags yamlfile.List  // build_flag_templates, or flags
	BuildArgs  yamlfile.Dict  // of dockers_v2
	ExtraFiles yamlfile.List
	V2         bool // of dockers_v2: binaries lie below $TARGETPLATFORM
}

// Ko is an entry of kos: an image that ko makes. What is not given of Main, Dir
// and Settings, the build says that it names.
type Ko struct {
	At        source.Span
	ID        yamlfile.Value
	Build     yamlfile.Value // ID of a build; not given: ID
	Main      yamlfile.Value
	Dir       yamlfile.Value // working_dir
	BaseImage yamlfile.Value
	User      yamlfile.Value
	Disable   yamlfile.Value
	Platforms yamlfile.List // not given: linux/amd64
	Settings
}

type reader struct{ yamlfile.Shapes }

// top returns the first document with its templates marked, or nil.
func (r *reader) top(file *yamlfile.File) *yamlfile.Node {
	if len(file.Docs) == 0 {
		return nil
	}
	return r.Mapping(file.Docs[0].Computed(template), "configuration")
}

func (r *reader) items(n *yamlfile.Node, key string) []*yamlfile.Node {
	list := r.Sequence(n.Get(key), key)
	if list == nil {
		return nil
	}
	var items []*yamlfile.Node
	for _, item := range list.Items {
		if item = r.Mapping(item, key); item != nil {
			items = append(items, item)
		}
	}
	return items
}

// Read reads a GoReleaser configuration. It returns nil for an empty file.
func Read(file *yamlfile.File) *Config {
	r := &reader{}
	doc := r.top(file)
	if doc == nil {
		if len(r.Problems) == 0 {
			return nil
		}
		return &Config{Problems: r.Problems}
	}
	c := &Config{
		Node: doc, ProjectName: doc.Get("project_name").Scalar(),
		Env:    doc.Get("env").Assignments(template),
		Before: r.hooks(doc.Get("before", "hooks")),
		Proxy:  doc.Get("gomod", "proxy").Scalar(),
	}
	for _, n := range r.items(doc, "builds") {
		c.Builds = append(c.Builds, r.build(n))
	}
	for _, n := range r.items(doc, "dockers") {
		c.Dockers = append(c.Dockers, &Docker{
			At: n.At, ID: n.Get("id").Scalar(), IDs: n.Get("ids").List(), Dockerfile: n.Get("dockerfile").Scalar(),
			Images: n.Get("image_templates").List(), GOOS: n.Get("goos").Scalar(), GOARCH: n.Get("goarch").Scalar(),
			BuildFlags: n.Get("build_flag_templates").List(), ExtraFiles: n.Get("extra_files").List(),
		})
	}
	for _, n := range r.items(doc, "dockers_v2") {
		c.Dockers = append(c.Dockers, &Docker{
			At: n.At, ID: n.Get("id").Scalar(), IDs: n.Get("ids").List(), Dockerfile: n.Get("dockerfile").Scalar(),
			Images: n.Get("images").List(), Platforms: n.Get("platforms").List(), BuildArgs: n.Get("build_args").Dict(),
			BuildFlags: n.Get("flags").List(), ExtraFiles: n.Get("extra_files").List(), V2: true,
		})
	}
	for _, n := range r.items(doc, "kos") {
		c.Kos = append(c.Kos, &Ko{
			At: n.At, ID: n.Get("id").Scalar(), Build: n.Get("build").Scalar(), Main: n.Get("main").Scalar(),
			Dir: n.Get("working_dir").Scalar(), BaseImage: n.Get("base_image").Scalar(), User: n.Get("user").Scalar(),
			Disable: n.Get("disable").Scalar(), Platforms: n.Get("platforms").List(), Settings: r.settings(n),
		})
	}
	c.Problems = r.Problems
	return c
}

func (r *reader) build(n *yamlfile.Node) *Build {
	b := &Build{
		At: n.At, ID: n.Get("id").Scalar(), Builder: n.Get("builder").Scalar(), Tool: n.Get("tool").Scalar(),
		Command: n.Get("command").Scalar(), Dir: n.Get("dir").Scalar(), Main: r.Scalar(n.Get("main"), "main"),
		Binary: n.Get("binary").Scalar(), Skip: n.Get("skip").Scalar(),
		GOOS: n.Get("goos").List(), GOARCH: n.Get("goarch").List(), Targets: n.Get("targets").List(),
		Settings: r.settings(n),
		Pre:      r.hooks(n.Get("hooks", "pre")), Post: r.hooks(n.Get("hooks", "post")),
	}
	if old := n.Get("gobinary"); old != nil && !b.Tool.Given() {
		b.Tool = old.Scalar()
	}
	for _, o := range r.items(n, "overrides") {
		b.Overrides = append(b.Overrides, Override{o.Get("goos").Scalar(), o.Get("goarch").Scalar(), r.settings(o)})
	}
	return b
}

func (r *reader) settings(n *yamlfile.Node) Settings {
	if env := n.Get("env"); env.IsMapping() {
		r.Problem(env.Pos(), "env must be a sequence, not a mapping")
	}
	return Settings{
		Env: n.Get("env").Assignments(template), Flags: words(n.Get("flags")), Ldflags: n.Get("ldflags").List(),
		Tags: words(n.Get("tags")), Gcflags: n.Get("gcflags").List(), Buildmode: n.Get("buildmode").Scalar(),
	}
}

// words reads a list of words, or a text that is split into words. What quotes
// do in such a text is left open.
func words(n *yamlfile.Node) yamlfile.List {
	l := n.List()
	if !n.IsScalar() || n.Unknown {
		return l
	}
	v := n.Scalar()
	l.Items, l.Open = nil, strings.ContainsAny(v.Text, "'\"\\")
	if l.Open {
		return l
	}
	at := 0
	for word := range strings.FieldsSeq(v.Text) {
		at += strings.Index(v.Text[at:], word)
		l.Items = append(l.Items, v.Part(at, at+len(word)))
		at += len(word)
	}
	return l
}

// hooks reads a command, or a list of commands in their short or long form.
func (r *reader) hooks(n *yamlfile.Node) []Hook {
	if n.IsNull() {
		return nil
	}
	items := n.Items
	if n.Kind != yamlfile.Sequence {
		items = []*yamlfile.Node{n}
	}
	var hooks []Hook
	for _, item := range items {
		h := Hook{Command: item.Scalar()}
		if item.IsMapping() {
			h = Hook{item.Get("cmd").Scalar(), item.Get("dir").Scalar(), item.Get("env").Assignments(template)}
		}
		hooks = append(hooks, h)
	}
	return hooks
}
