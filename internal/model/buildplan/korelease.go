package buildplan

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/goreleaser"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// ko notes the image of an entry of kos (GoReleaser v2.13.3, internal/pipe/ko). It
// reads no .ko.yaml, adds no -trimpath, and does not give its env to ko.
func (rel *release) ko(k *goreleaser.Ko) {
	b := rel.buildOf(k)
	if b == nil || otherThan(k.Disable, "false") {
		return
	}
	main, dir, s := given(k.Main, b.Main), given(k.Dir, b.Dir), koSettings(k, b)
	if notKnown(main, dir) || strings.HasSuffix(main.Text, ".go") {
		return
	}
	run := &koRun{repo: rel.Plan.repo, machine: rel.koMachine(), dir: path.Join(rel.dir, dir.Text)}
	at := placeOfKo(k)
	in := &koImage{
		main: run.in(path.Join(run.dir, main.Text)), at: at, asked: fact.Note{At: at, Text: "makes the image"}, machine: run.machine,
		base: shell.Known(koDefaultBase, source.Span{}), flags: append(koFlags(s.Flags), joinedFlag("-ldflags=", s.Ldflags, " ")...),
	}
	if k.BaseImage.Given() {
		in.base = koImageName(k.BaseImage)
	}
	if k.User.Given() {
		in.user, in.userBy = valueOf(k.User), "user"
	}
	var ok bool
	if in.platforms, in.platform, ok = koPlatform(k.Platforms.Texts()); ok && in.main != nil {
		in.env = koEnv(ownEnv(), in.platform, at, s.Env)
		rel.kos = append(rel.kos, in)
	}
}

// buildOf is the build that an entry of kos names, or nil.
func (rel *release) buildOf(k *goreleaser.Ko) *goreleaser.Build {
	id := rel.project()
	if name := given(k.Build, k.ID); name.Given() {
		id = name.Text
	}
	for _, b := range rel.builds() {
		if b.ID.Text == id || !b.ID.Given() && id == rel.project() {
			return b
		}
	}
	return nil
}

func given(v, otherwise yamlfile.Value) yamlfile.Value {
	if v.Given() {
		return v
	}
	return otherwise
}

// koSettings are those of an entry of kos with those of its build where it has
// none.
func koSettings(k *goreleaser.Ko, b *goreleaser.Build) goreleaser.Settings {
	s := k.Settings
	if !s.Env.At.Valid() {
		s.Env = b.Env
	}
	if !s.Flags.Given() {
		s.Flags = b.Flags
	}
	if !s.Ldflags.Given() {
		s.Ldflags = b.Ldflags
	}
	return s
}

// placeOfKo is where an entry of kos stands: the first of its values, or its
// first line.
func placeOfKo(k *goreleaser.Ko) source.Span {
	for _, v := range []yamlfile.Value{k.Main, k.ID, k.Build} {
		if v.Given() {
			return v.At
		}
	}
	line := k.At.File.Line(k.At.Begin().Line)
	return k.At.File.Span(k.At.Start, max(k.At.Start, min(k.At.End, line.End)))
}
