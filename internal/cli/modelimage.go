package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// printImages prints every build of an image: the programs in it, how each was
// built and is linked and why, and what the image has for them.
func printImages(w io.Writer, r *repo.Repo) error {
	p := &printer{w: w}
	for _, plan := range buildplan.Plans.Of(r) {
		p.plan(plan)
	}
	return p.err
}

// printer writes lines and keeps the first error of a writer. What it writes are
// words of a repository that nobody has looked at.
type printer struct {
	w       io.Writer
	err     error
	printed map[string]bool // what once has printed
}

// once prints a passage, unless the same is printed already: builds of one
// Dockerfile for several platforms run the same commands and start the same.
func (p *printer) once(print func(*printer)) {
	var text strings.Builder
	print(&printer{w: &text})
	if p.printed == nil {
		p.printed = map[string]bool{}
	}
	if p.err == nil && !p.printed[text.String()] {
		p.printed[text.String()] = true
		_, p.err = io.WriteString(p.w, text.String())
	}
}

func (p *printer) line(format string, args ...any) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			args[i] = printable(arg)
		case fmt.Stringer:
			args[i] = printable(arg.String())
		}
	}
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// why prints reasons, one a line.
func (p *printer) why(indent string, notes []fact.Note) {
	for _, n := range notes {
		if n.At.Valid() {
			p.line("%s%s  %s", indent, n.At, n.Text)
		}
	}
}

// maxNotFollowed bounds the places that are listed for one image.
const maxNotFollowed = 8

func (p *printer) plan(plan *buildplan.Plan) {
	target := plan.Target
	if target == nil {
		p.line("image %s (no stages)\n", plan.File.Source.Path)
		return
	}
	name, which := plan.File.Source.Path, "last stage"
	switch {
	case plan.Ko != nil:
		name, which = plan.Ko.Main.Path, "ko"
	case plan.Call.Target != "":
		which = "stage " + plan.Call.Target
	}
	p.line("image %s (%s, %s, %s)", name, which, imageName(target), plan.Platform)
	p.call(plan)
	in := map[*buildplan.Binary]bool{}
	for _, b := range target.Binaries {
		in[b.Binary] = true
		p.line("  %s <- %s", b.Path, built(b.Binary))
		p.binary(b.Binary)
		p.loader(target, b.Binary)
	}
	var missed []fact.Note
	for _, st := range plan.Needed() {
		for _, c := range st.Commands {
			if c.Go != nil {
				p.others(c.Go, in)
			}
		}
		for _, n := range st.Opaque {
			if !slices.Contains(missed, n) {
				missed = append(missed, n)
			}
		}
	}
	p.runtime(target)
	if n := len(missed) - maxNotFollowed; n > 0 {
		missed = append(missed[:maxNotFollowed:maxNotFollowed], fact.Note{At: missed[maxNotFollowed].At, Text: fmt.Sprintf("and %d more", n)})
	}
	for _, n := range missed {
		p.line("  not followed: %s  %s", n.At, n.Text)
	}
	p.line("")
}

// imageName is what FROM names at the bottom.
func imageName(st *buildplan.Stage) string {
	for st.Base != nil {
		st = st.Base
	}
	switch {
	case st.Image.Known():
		return st.Image.Value.Ref.Text
	case st.Plan.Ko != nil && !st.Ref.Known():
		return "a base that is not known"
	}
	return st.Syntax.From.From.Image.Text
}

// call prints who asks for the build, and with what.
func (p *printer) call(plan *buildplan.Plan) {
	if n := plan.Call.At; n.At.Valid() {
		p.line("  asked for  %s  %s", n.At, n.Text)
	}
	switch c := plan.Context; {
	case plan.Ko != nil:
	case c == nil:
		p.line("  context    not known")
	case c.Dir == "":
		p.line("  context    a folder made for the build")
	default:
		p.line("  context    %s", c.Dir)
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Call.Args)) {
		value := "not known"
		if v := plan.Call.Args[name]; v.Known {
			value = v.Text
		}
		p.line("  argument   %s=%s", name, value)
	}
}

// built says which command builds a program, from what and where.
func built(b *buildplan.Binary) string {
	main := "a program that is not known"
	switch {
	case b.Main.Known():
		main = cmp.Or(b.Main.Value.Path, b.Main.Value.Dir)
	case b.Foreign != "":
		main = b.Foreign
	}
	where := "outside"
	if st := b.Go.Stage; !st.Outside {
		where = "in " + builderText(st)
	}
	return fmt.Sprintf("go %s of %s (%s) %s", b.Go.Verb, main, b.Go.At(), where)
}

// builderText says what the stage is in which a program is built.
func builderText(st *buildplan.Stage) string {
	if !st.Image.Known() {
		return imageName(st) + ", which is not known"
	}
	i := st.Image.Value
	parts := []string{imageName(st)}
	version := i.Go.Minor
	if i.Go.Patch != "" {
		version = i.Go.Patch
	}
	if st.Go.Known() {
		version = st.Go.Value
	}
	if version != "" {
		parts = append(parts, "Go "+version)
	}
	return strings.Join(append(parts, imageText(i)...), ", ")
}

// imageText are the distribution and the C library of an image.
func imageText(i knowledge.Image) []string {
	var parts []string
	if i.Distro != "" && i.Distro != "scratch" {
		parts = append(parts, strings.TrimSpace(i.Distro+" "+i.Release))
	}
	switch {
	case i.Libc == knowledge.NoLibc:
		parts = append(parts, "no C library")
	case i.Libc != knowledge.LibcUnknown:
		parts = append(parts, strings.TrimSpace(i.Libc.String()+" "+i.LibcVersion))
	}
	return parts
}

// binary prints how a program is linked, step by step.
func (p *printer) binary(b *buildplan.Binary) {
	p.why("    through    ", b.Go.Call.Trail)
	l := b.Link()
	if !l.Known() {
		p.line("    link       not known: it depends on %s", parts(l.Value.Missing))
		if c := l.Closure; c != nil && !c.Complete() {
			p.line("               imported packages whose sources are not at hand: %d (--resolve=cache)", len(c.Missing))
		}
		return
	}
	p.line("    link       %s (%s)", linkText(l.Value), l.Confidence)
	for _, s := range l.Value.Steps {
		p.line("    %-10s %s", stepName(s.Rule), s.Text)
		p.why("               ", l.Places[s.On])
	}
	for _, n := range l.Supposed {
		p.line("    %s", n.Text)
	}
}

func parts(list []link.Part) string {
	var texts []string
	for _, part := range list {
		texts = append(texts, string(part))
	}
	return strings.Join(texts, ", ")
}

// linkText is the verdict in words.
func linkText(v link.Verdict) string {
	switch {
	case v.Kind == link.Fails && v.Error != "":
		return "fails: " + v.Error
	case v.Kind == link.Fails:
		return "fails"
	case v.Kind == link.Glibc && v.GlibcFloor != "":
		return "dynamic, glibc " + v.GlibcFloor + " or newer"
	case v.Kind == link.Glibc || v.Kind == link.Musl:
		return "dynamic, " + v.Kind.String()
	}
	return v.Kind.String()
}

// stepName groups the rules of the link model for readers.
func stepName(rule string) string {
	switch rule {
	case "L1":
		return "cgo"
	case "L3":
		return "uses cgo"
	}
	return "so"
}

// loader prints whether the image has the loader that a program names.
func (p *printer) loader(st *buildplan.Stage, b *buildplan.Binary) {
	l := b.Link()
	if !l.Known() || !buildplan.Dynamic(l.Value) {
		return
	}
	state := "not known"
	if has := st.HasLoader(l); has.Known() {
		state = map[bool]string{true: "is there", false: "is missing"}[has.Value]
	}
	p.line("    loader     %s", state)
}

// others prints the programs of a command that do not get into the image.
func (p *printer) others(g *buildplan.GoCommand, in map[*buildplan.Binary]bool) {
	for _, b := range g.Binaries {
		if in[b] {
			continue
		}
		verdict := "not known"
		if l := b.Link(); l.Known() {
			verdict = linkText(l.Value)
		}
		p.line("  also built: %s <- %s: %s", b.Path, built(b), verdict)
	}
}

// runtime prints what the image has.
func (p *printer) runtime(st *buildplan.Stage) {
	has := func(f fact.Fact[bool], yes, no string) string {
		switch {
		case !f.Known():
			return yes + " not known"
		case f.Value:
			return yes
		}
		return no
	}
	list := []string{"not known"}
	if st.Image.Known() {
		list = imageText(st.Image.Value)
	}
	list = append(list, has(st.HasShell(st.Tree), "/bin/sh", "no /bin/sh"), has(st.HasCACerts(), "CA roots", "no CA roots"), has(st.HasZones(), "time zones", "no time zones"))
	user := "user not known"
	if st.User.Known() {
		user = "user " + st.User.Value
	}
	p.line("  runtime: %s", strings.Join(append(list, user), ", "))
	if e, ok := st.Entry(); ok && e.Instruction.Command != nil {
		text := strings.TrimSpace(e.Instruction.Args.Text)
		p.line("  starts: %s %s (%s:%d)", e.Instruction.Cmd, text, e.Instruction.At.File.Path, e.Instruction.At.Begin().Line)
	}
}
