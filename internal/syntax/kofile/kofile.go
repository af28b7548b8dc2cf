// Package kofile reads .ko.yaml, which says how ko builds Go programs and on
// which images it puts them.
//
// Names and meaning follow pkg/commands/options/build.go and
// pkg/build/config.go of github.com/google/ko v0.19.1: keys count in any case of
// letters, and templates, {{ … }}, are replaced in flags and ldflags only.
package kofile

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// template is what templates start with.
const template = "{{"

// Config is a .ko.yaml.
type Config struct {
	BaseImage yamlfile.Value // defaultBaseImage
	Overrides yamlfile.Dict  // baseImageOverrides, by import path
	Platforms yamlfile.List  // defaultPlatforms
	Defaults  Settings       // defaultEnv, defaultFlags, defaultLdflags
	Builds    []*Build
}

// Build is an entry of builds: the settings of one program.
type Build struct {
	ID   yamlfile.Value
	Dir  yamlfile.Value // not given: where ko is called
	Main yamlfile.Value // below Dir: a folder, or a file in it; not given: .
	Settings
}

// Settings are what ko passes to the go command. A Build replaces those of
// Config.Defaults, each list as a whole.
type Settings struct {
	Env     yamlfile.Dict
	Flags   yamlfile.List
	Ldflags yamlfile.List // joined with blanks
}

// Read reads a .ko.yaml. A file without a mapping configures nothing.
func Read(file *yamlfile.File) *Config {
	c := &Config{}
	if len(file.Docs) == 0 {
		return c
	}
	top := file.Docs[0]
	c.BaseImage = member(top, "defaultBaseImage").Scalar()
	c.Overrides = member(top, "baseImageOverrides").Dict()
	c.Platforms = fields(member(top, "defaultPlatforms"))
	c.Defaults = Settings{
		Env:     assignments(fields(member(top, "defaultEnv"))),
		Flags:   fields(member(top, "defaultFlags").Computed(template)),
		Ldflags: fields(member(top, "defaultLdflags").Computed(template)),
	}
	builds := member(top, "builds")
	if !builds.IsSequence() {
		return c
	}
	for _, n := range builds.Items {
		if n.IsMapping() {
			c.Builds = append(c.Builds, build(n))
		}
	}
	return c
}

func build(n *yamlfile.Node) *Build {
	return &Build{
		ID: member(n, "id").Scalar(), Dir: member(n, "dir").Scalar(), Main: member(n, "main").Scalar(),
		Settings: Settings{
			Env:     assignments(member(n, "env").List()),
			Flags:   fields(member(n, "flags").Computed(template)),
			Ldflags: member(n, "ldflags").Computed(template).List(),
		},
	}
}

// Override returns the base image of a program, by its import path in any case of
// letters.
func (c *Config) Override(importPath string) yamlfile.Value {
	for i := len(c.Overrides.Items) - 1; i >= 0; i-- {
		if item := c.Overrides.Items[i]; item.Name.Known && strings.EqualFold(item.Name.Text, importPath) {
			return item.Value
		}
	}
	return yamlfile.Value{}
}

// member returns the value of a key in any case of letters, or nil.
func member(n *yamlfile.Node, key string) *yamlfile.Node {
	if !n.IsMapping() {
		return nil
	}
	for i := len(n.Pairs) - 1; i >= 0; i-- {
		if k := n.Pairs[i].Key; k.IsScalar() && strings.EqualFold(k.Value, key) {
			return n.Pairs[i].Value
		}
	}
	return nil
}

// fields reads a list of texts, or one text that is split at blanks, in which
// quotes mean nothing.
func fields(n *yamlfile.Node) yamlfile.List {
	l := n.List()
	if !n.IsScalar() || n.Unknown {
		return l
	}
	v := n.Scalar()
	l.Items = nil
	at := 0
	for word := range strings.FieldsSeq(v.Text) {
		at += strings.Index(v.Text[at:], word)
		l.Items = append(l.Items, v.Part(at, at+len(word)))
		at += len(word)
	}
	return l
}

// assignments reads the members of a list as NAME=value. Those without = are no
// variables.
func assignments(l yamlfile.List) yamlfile.Dict {
	d := yamlfile.Dict{At: l.At, Open: l.Open}
	for _, v := range l.Items {
		name, _, found := strings.Cut(v.Text, "=")
		switch {
		case !v.Known:
			d.Open = true
		case found:
			d.Items = append(d.Items, yamlfile.Named{Name: v.Part(0, len(name)), Value: v.Part(len(name)+1, len(v.Text))})
		}
	}
	return d
}
