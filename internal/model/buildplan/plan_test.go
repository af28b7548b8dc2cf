package buildplan

import (
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

var update = flag.Bool("update", false, "write the model sections of testdata/*.txtar")

// TestPlans holds the plans of small repositories against what a careful
// reader finds in them. Each archive is a repository; its section "model" is
// the dump of its plans, its section "ask" lists paths of stages to look up, as
// "Dockerfile stage path", for ko with the import path of the program.
func TestPlans(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want, ask string
			var files []txtar.File
			for _, f := range archive.Files {
				switch f.Name {
				case "model":
					want = string(f.Data)
				case "ask":
					ask = string(f.Data)
				default:
					files = append(files, f)
				}
			}
			got := dump(t, open(t, files), ask)
			if got == want {
				return
			}
			if !*update {
				t.Fatalf("the model is not as expected; got:\n%s\nwant:\n%s", got, want)
			}
			archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "model" })
			archive.Files = append(archive.Files, txtar.File{Name: "model", Data: []byte(got)})
			writeFile(t, name, txtar.Format(archive))
		})
	}
}

// dump prints the plans of a repository for tests.
func dump(t *testing.T, r *repo.Repo, ask string) string {
	d := &dumper{asked: map[string][]string{}}
	for line := range strings.Lines(ask) {
		f := strings.Fields(line)
		if len(f) != 3 {
			t.Fatalf("ask: %q", line)
		}
		d.asked[f[0]+" "+f[1]] = append(d.asked[f[0]+" "+f[1]], f[2])
	}
	for _, p := range Plans.Of(r) {
		d.plan(p)
	}
	return d.String()
}

// subject is what a plan makes an image of.
func subject(p *Plan) string {
	if p.Ko != nil {
		return p.Ko.Main.Path
	}
	return p.File.Source.Path
}

type dumper struct {
	strings.Builder
	asked map[string][]string
}

func (d *dumper) line(indent int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\n", `\n`), shell.Hole, "??")
	d.WriteString(strings.Repeat("  ", indent) + text + "\n")
}

func (d *dumper) plan(p *Plan) {
	context := "not known"
	if p.Context != nil {
		context = fmt.Sprintf("%s, %s", p.Context.Dir, p.Context.Why.Confidence)
	}
	if p.Ko != nil {
		context = "of ko at " + p.Ko.At.String()
	}
	d.line(0, "%s (context %s; %s)", subject(p), context, p.Platform)
	if c := p.Call; c.At.At.Valid() {
		text := fmt.Sprintf("called at %s: %s", c.At.At, c.At.Text)
		if c.Target != "" {
			text += ", target " + c.Target
		}
		for _, name := range slices.Sorted(maps.Keys(c.Args)) {
			if v := c.Args[name]; v.Known {
				text += fmt.Sprintf(", %s=%s", name, v.Text)
			} else {
				text += ", " + name + "=??"
			}
		}
		d.line(1, "%s", text)
	}
	for _, st := range p.Stages {
		d.stage(st)
	}
}

func (d *dumper) stage(st *Stage) {
	name := st.Syntax.Name
	if name == "" {
		name = fmt.Sprint(st.Syntax.Index)
	}
	d.line(1, "stage %s: %s", name, baseText(st))
	for _, c := range st.Commands {
		d.command(c)
	}
	if st.Go.Known() {
		d.line(2, "Go %s", st.Go.Value)
	}
	for _, a := range st.Dead {
		d.line(2, "dead %s=%s", a.Name, a.Value.Text)
	}
	for _, n := range st.Opaque {
		d.line(2, "opaque %s: %s", n.At, n.Text)
	}
	for _, in := range st.Installs {
		d.line(2, "installs %s %s%s", in.Manager, orUnknown(in.Package), maybe(in.Maybe))
	}
	for _, a := range st.Accounts {
		kind := "user"
		if a.Group {
			kind = "group"
		}
		d.line(2, "adds %s %s%s", kind, strings.TrimSpace(orUnknown(a.Name)+" "+a.ID), maybe(a.Maybe))
	}
	for _, name := range []string{"ENTRYPOINT", "CMD"} {
		if ins := st.Last[name]; ins != nil {
			d.line(2, "%s %s", name, ins.Args.Text)
		}
	}
	for _, b := range st.Binaries {
		d.line(2, "has %s: %s", b.Path, program(b.Binary))
	}
	for _, at := range d.asked[subject(st.Plan)+" "+name] {
		d.line(2, "at %s: %s", at, origin(st.Tree.Lookup(at)))
	}
}

func baseText(st *Stage) string {
	text := "image not known"
	switch {
	case st.Base != nil:
		text = fmt.Sprintf("from stage %d", st.Base.Syntax.Index)
	case st.Image.Known():
		text = st.Image.Value.Ref.Text
	}
	if st.User.Known() && st.User.Value != "0" {
		text += ", user " + st.User.Value
	}
	if st.Workdir != "/" {
		text += ", in " + orUnknown(st.Workdir)
	}
	return text
}

func (d *dumper) command(c *Command) {
	var words []string
	for _, w := range c.Words {
		text := w.Text
		if w.Many {
			text += "*"
		}
		if text == "" || strings.ContainsAny(text, " \t") {
			text = "'" + text + "'"
		}
		words = append(words, text)
	}
	var env []string
	for _, name := range []string{"CGO_ENABLED", "GOOS", "GOARCH", "GOFLAGS", "CC", "GOBIN"} {
		switch v := c.Getenv(name); {
		case v.Set == shell.Maybe:
			env = append(env, name+"??")
		case v.Set == shell.Yes:
			env = append(env, name+"="+v.Text)
		}
	}
	text := strings.Join(words, " ")
	if c.Dir.Text != c.Stage.Workdir {
		text += " in " + c.Dir.Text
	}
	if len(env) > 0 {
		text += " [" + strings.Join(env, " ") + "]"
	}
	d.line(2, "runs %s%s", text, maybe(c.Conditional))
	if c.Go == nil {
		return
	}
	for _, p := range c.Go.Problems {
		d.line(3, "refused: %s", p.Text)
	}
	for _, b := range c.Go.Binaries {
		d.line(3, "writes %s: %s", b.Path, program(b))
		if l := b.Link(); l.Known() {
			d.line(4, "%s because %s", l.Confidence, notes(l.Why))
		}
	}
}

func program(b *Binary) string {
	main := "program not known"
	switch {
	case b.Main.Known():
		main = b.Main.Value.Path
	case b.Foreign != "":
		main = b.Foreign
	}
	l := b.Link()
	if !l.Known() {
		return main + ", link not known: " + missing(l.Value.Missing)
	}
	text := main + ", " + l.Value.Kind.String()
	if l.Value.GlibcFloor != "" {
		text += " " + l.Value.GlibcFloor
	}
	if l.Value.Error != "" {
		text += ": " + l.Value.Error
	}
	return text
}

func notes(list []fact.Note) string {
	var texts []string
	for _, n := range list {
		texts = append(texts, n.Text)
	}
	return strings.Join(texts, "; ")
}

func origin(o Origin) string {
	kind := [...]string{"not known", "nothing", "context", "program", "made"}[o.Kind]
	if o.Path != "" {
		kind += " " + o.Path
	}
	if o.Dir {
		kind += " (folder)"
	}
	if o.Output != nil {
		kind += " " + program(o.Output)
	}
	return kind
}

func orUnknown(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}

func maybe(yes bool) string {
	if yes {
		return " (maybe)"
	}
	return ""
}
