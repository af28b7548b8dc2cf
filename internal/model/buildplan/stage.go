package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Stage is a build stage as it stands behind its last instruction. What its
// base stage did is part of it.
type Stage struct {
	Plan *Plan
	// Outside says that this is no stage but the machine of whoever builds, on
	// which a program was made before it was copied into an image. It has no
	// place in a Dockerfile.
	Outside bool
	Syntax  *dockerfile.Stage
	Base    *Stage // the stage it starts from, or nil
	// Ref is the image that FROM names; unknown for a stage. Image is what is
	// known of the image at the bottom.
	Ref   fact.Fact[knowledge.Ref]
	Image fact.Fact[knowledge.Image]
	// Platform is what it is built for: linux/amd64, unless a --platform or the
	// call of the builder says otherwise.
	Platform fact.Fact[string]
	// Crossing says that the stage is pinned to the platform of the builder,
	// and so may build for another: FROM --platform=$BUILDPLATFORM.
	Crossing bool

	Tree      *Tree
	Workdir   string                             // absolute; "" where it is not known
	User      fact.Fact[string]                  // as USER or the image has it, without group
	Shell     []string                           // what shell form is given to; nil for /bin/sh -c
	Commands  []*Command                         // those of this stage, in order
	Dead      []shell.Assign                     // assignments in its RUNs that no command sees
	Left      []shell.Assign                     // those that end with the shell that exported them
	Kept      []shell.Assign                     // variables of make that it does not pass on
	Transfers []Transfer                         // the sources of its COPY and ADD
	Binaries  []Placed                           // programs that stand in it at the end
	Last      map[string]*dockerfile.Instruction // effective ENTRYPOINT, CMD, HEALTHCHECK, STOPSIGNAL
	Installs  []Install                          // packages added
	Accounts  []Account                          // users and groups added
	Forms     []ShellForm                        // instructions of this stage that a shell gets
	Names     []Named                            // users and groups that its instructions name
	Lost      []Lost                             // programs that no layer keeps
	Scripts   []Script                           // what its RUNs start that needs an interpreter
	Opaque    []fact.Note                        // commands that may have done anything
	// Go is the release of Go that was brought into the stage, 1.N or 1.N.P:
	// downloaded, or copied from another image. That of the image itself is in
	// Image.
	Go fact.Fact[string]

	entry    *Entry // nil for none
	health   *Entry
	lastUser *Named // the USER in force
	scope    *dockerfile.StageScope
	env      *shell.Env       // of the last RUN
	envAt    dockerfile.Scope // what of ENV and ARG is in env
	wrapped  bool             // xx-go --wrap has run
}

// Command is one command of a RUN, or one that it leads to.
type Command struct {
	shell.Command
	Stage *Stage
	Run   *dockerfile.Instruction
	Trail []fact.Note // make targets and scripts on the way from RUN
	Tree  *Tree       // the files when it starts
	Go    *GoCommand  // nil for what is not a go command
	// Kept are the variables of the target of make, in whose recipe it stands, that
	// make does not pass on.
	Kept []shell.Assign
}

// instruction is the place of the RUN that leads to the command; no place for a
// command outside of images.
func (c *Command) instruction() source.Span {
	if c.Run == nil {
		return source.Span{}
	}
	return c.Run.At
}

// evaluate runs through the instructions of a stage.
func (p *Plan) evaluate(syntax *dockerfile.Stage, scope *dockerfile.StageScope) *Stage {
	st := &Stage{Plan: p, Syntax: syntax, scope: scope, Last: map[string]*dockerfile.Instruction{}}
	st.begin()
	if st.Base != nil {
		for _, ins := range st.Base.Syntax.Instructions {
			if ins.Cmd == "ONBUILD" && ins.Trigger != nil {
				st.step(0, ins.Trigger)
			}
		}
	}
	for i, ins := range syntax.Instructions {
		st.step(i, ins)
	}
	st.Binaries = p.placed(st.Tree)
	return st
}

// begin takes over what FROM names.
func (st *Stage) begin() {
	from := st.Syntax.From.From
	st.platform(from)
	if b := st.scope.Base; b != nil && b.Stage.Index < st.Syntax.Index {
		st.Base = st.Plan.Stages[b.Stage.Index]
		st.inherit(st.Base)
		return
	}
	st.Ref = st.Plan.ref(from, st.scope)
	if arch := archInName(st.Ref.Value.Text); arch != "" && arch != st.Plan.arch() && !from.Platform.Given() {
		st.Platform = fact.Not[string](fact.Note{At: from.Image.At, Text: "is an image for " + arch})
	}
	st.Image = st.Plan.image(st.Ref)
	image := st.Image.Value
	st.Tree = st.Plan.bottom(layer{kind: bottomUnknown})
	switch {
	case !st.Image.Known():
	case image.Ref.Name() == "scratch":
		st.Tree = st.Plan.bottom(layer{kind: bottomEmpty})
		st.Workdir = "/"
	default:
		st.Tree = st.Plan.bottom(layer{kind: bottomImage, dir: image.Go.Minor != ""})
		st.Workdir = workdir(image)
	}
	if image.DefaultUser != "" {
		st.User = fact.Then(st.Image, image.DefaultUser)
	}
}

// workdir is the working directory that an image sets: / unless it says
// otherwise, which those do that are made for a purpose.
func workdir(image knowledge.Image) string {
	if image.WorkDir != "" || image.Go.Minor != "" || image.Configured || strings.HasPrefix(image.Distro, "distroless") {
		return image.WorkDir
	}
	return "/"
}

func (st *Stage) inherit(b *Stage) {
	st.Image, st.Tree, st.Workdir, st.User, st.Shell, st.Go = b.Image, b.Tree, b.Workdir, b.User, b.Shell, b.Go
	st.lastUser = b.lastUser
	st.Installs, st.Accounts, st.Opaque = slices.Clip(b.Installs), slices.Clip(b.Accounts), slices.Clip(b.Opaque)
	for name, ins := range b.Last {
		st.Last[name] = ins
	}
	if !st.Syntax.From.From.Platform.Given() {
		st.Platform, st.Crossing = b.Platform, b.Crossing
	}
}

// platform reads --platform. Without it a stage is built for the target.
func (st *Stage) platform(from *dockerfile.From) {
	target := st.Plan.Platform
	st.Platform = fact.Of(target, fact.Medium)
	if !from.Platform.Given() {
		return
	}
	e := st.scope.Platform
	note := fact.Note{At: from.Platform.At, Text: "the stage runs on " + from.Platform.Text}
	st.Crossing = slices.ContainsFunc(e.Uses, func(u dockerfile.Use) bool { return u.Name == "BUILDPLATFORM" })
	switch {
	case !e.Known:
		st.Platform = fact.Not[string](note)
	case e.Overridable:
		st.Platform = fact.Of(e.Text, fact.Medium, note)
	default:
		st.Platform = fact.Of(e.Text, fact.High, note)
	}
}

// step does one instruction.
func (st *Stage) step(index int, ins *dockerfile.Instruction) {
	scope := st.scope.Before(index)
	switch ins.Cmd {
	case "RUN":
		st.run(scope, ins)
	case "COPY", "ADD":
		st.copy(scope, ins)
	case "WORKDIR":
		if len(ins.Words) == 1 {
			st.workdir(scope, &ins.Words[0])
		}
	case "USER":
		if len(ins.Words) == 1 {
			st.user(scope, &ins.Words[0])
		}
	case "SHELL":
		if ins.Command != nil && ins.Command.JSON {
			st.Shell = nil
			for i := range ins.Command.Exec {
				st.Shell = append(st.Shell, ins.Command.Exec[i].Text)
			}
		}
	case "ENTRYPOINT":
		st.Last["ENTRYPOINT"] = ins
		if st.Last["CMD"] != nil && st.Last["CMD"].Stage != ins.Stage {
			delete(st.Last, "CMD") // a new ENTRYPOINT drops the CMD of the base
		}
		st.form(ins)
	case "CMD", "HEALTHCHECK", "STOPSIGNAL":
		st.Last[ins.Cmd] = ins
		st.form(ins)
	}
}

// maxPath is PATH_MAX of Linux: longer ones fail.
const maxPath = 4096

func (st *Stage) workdir(scope dockerfile.Scope, word *dockerfile.Word) {
	e, err := scope.Expand(word)
	switch {
	case err != nil || !e.Known:
		st.Workdir = ""
		return
	case path.IsAbs(e.Text):
		st.Workdir = path.Clean(e.Text)
	case st.Workdir != "":
		st.Workdir = path.Join(st.Workdir, e.Text)
	}
	if len(st.Workdir) > maxPath {
		st.Workdir = ""
	}
	if st.Workdir != "" {
		st.Tree = st.Tree.add(layer{kind: made, dest: st.Workdir, dir: true, note: fact.Note{At: word.At, Text: "makes " + st.Workdir}})
	}
}

func (st *Stage) user(scope dockerfile.Scope, word *dockerfile.Word) {
	e, err := scope.Expand(word)
	name, _, _ := strings.Cut(e.Text, ":")
	st.names("USER", word, e, err)
	note := fact.Note{At: word.At, Text: "from here on as user " + name}
	switch {
	case err != nil || !e.Known || name == "":
		st.User = fact.Not[string](note)
	case e.Overridable:
		st.User = fact.Of(name, fact.Medium, note)
	default:
		st.User = fact.Of(name, fact.High, note)
	}
}

// ref is the image that FROM names.
func (p *Plan) ref(from *dockerfile.From, scope *dockerfile.StageScope) fact.Fact[knowledge.Ref] {
	e := scope.Image
	at := from.Image.At
	if scope.Err != nil || !e.Known || e.Text == "" {
		return fact.Not[knowledge.Ref](fact.Note{At: at, Text: "which image this is depends on a build argument"})
	}
	ref, err := knowledge.ParseRef(e.Text)
	if err != nil {
		return fact.Not[knowledge.Ref](fact.Note{At: at, Text: err.Error()})
	}
	confidence := fact.High
	if e.Overridable {
		confidence = fact.Medium
	}
	return fact.Of(ref, confidence, append(trail(e.Uses), fact.Note{At: at, Text: "is " + ref.Name() + ":" + ref.EffectiveTag()})...)
}

// image says what is known of an image.
func (p *Plan) image(ref fact.Fact[knowledge.Ref]) fact.Fact[knowledge.Image] {
	if !ref.Known() {
		return fact.Not[knowledge.Image](ref.Why...)
	}
	image := p.repo.Knowledge().Image(ref.Value)
	why := slices.Clone(ref.Why)
	last := &why[len(why)-1]
	if !image.Known {
		return fact.Not[knowledge.Image](fact.Note{At: last.At, Text: "what " + ref.Value.Text + " holds is not known"})
	}
	last.Text = image.Why
	return fact.Of(image, ref.Confidence, why...)
}

// trail returns the definitions that an expansion rests on.
func trail(uses []dockerfile.Use) []fact.Note {
	var notes []fact.Note
	for _, u := range uses {
		if u.Variable == nil {
			continue
		}
		for _, at := range u.Variable.Trail() {
			notes = append(notes, fact.Note{At: at, Text: "sets " + u.Name})
		}
	}
	return notes
}
