package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
)

// LeftOut returns the line of .dockerignore that takes a file or folder of the
// context away; of a folder, everything in it. Where it took too much to make
// the plan, many lines are not asked.
func (plan *Plan) LeftOut(p string) (dockerignore.Pattern, bool) {
	c := plan.Context
	p = path.Clean(strings.TrimLeft(p, "/"))
	if c.Ignore.Cost(p) > plan.work.visits.next() {
		return dockerignore.Pattern{}, false
	}
	ignored, by := c.Ignore.Ignores(p)
	if !ignored || !by.At.Valid() {
		return by, false
	}
	if plan.repo.Has(path.Join(c.Dir, p)) == repo.IsFile {
		return by, true
	}
	for _, pattern := range c.Ignore.Patterns {
		if pattern.Invert && mayReachBelow(pattern.Text, p) {
			return by, false // something below may be taken back in
		}
	}
	return by, true
}

// mayReachBelow reports whether a pattern may match something below a folder.
func mayReachBelow(pattern, dir string) bool {
	pattern = strings.Trim(pattern, "/")
	if wild := strings.IndexAny(pattern, `*?[\\`); wild >= 0 {
		literal := pattern[:wild]
		return strings.HasPrefix(literal, dir+"/") || strings.HasPrefix(dir+"/", literal)
	}
	return strings.HasPrefix(pattern, dir+"/")
}

// Gap is a folder that a go command looks for and that is not in its stage.
type Gap struct {
	Dir  string    // absolute, in the stage
	Text string    // as go.mod or go.work names it
	Old  string    // the module that is replaced, with its version; "" for a folder of go.work
	At   fact.Note // the line of go.mod or go.work
}

// module verbs are those that load the module graph.
var moduleVerbs = words("build install list vet test run get tool")

// Gaps returns the folders of replace and use lines that have no go.mod in the
// stage when g runs.
func (g *GoCommand) Gaps() []Gap {
	verb, _, _ := strings.Cut(g.Verb, " ")
	loads := moduleVerbs[verb] || g.Verb == "mod download" || g.Verb == "mod verify" || g.Verb == "mod tidy" || g.Verb == "mod vendor"
	if g.Outside || g.Module == nil || g.Dir == "" || !loads || g.foreignOnly() || len(g.Problems) > 0 {
		return nil
	}
	if work := g.Call.Variable("GOWORK"); !work.Known() || work.Value != "" {
		return nil
	}
	gaps := g.workGaps()
	if g.vendored(verb) {
		return gaps
	}
	m := g.Module.Mod
	for _, r := range m.Replaces {
		required := ""
		for _, q := range m.Requires {
			if q.Path.Text == r.Old.Text && (!r.OldVersion.At.Valid() || r.OldVersion.Text == q.Version.Text) {
				required = q.Path.Text + "@" + q.Version.Text
			}
		}
		if dir := join(path.Dir(g.GoMod), r.New.Text); r.Local() && required != "" && g.lacks(dir) {
			gaps = append(gaps, Gap{Dir: dir, Text: r.New.Text, Old: required, At: fact.Note{At: r.New.At, Text: "replaces " + r.Old.Text}})
		}
	}
	return gaps
}

// workGaps are the folders of the go.work in force.
func (g *GoCommand) workGaps() []Gap {
	for d := g.Dir; ; d = path.Dir(d) {
		o := g.Call.Tree.Lookup(path.Join(d, "go.work"))
		switch {
		case o.Kind == FromContext:
			var gaps []Gap
			work := repo.GoWorks.Of(g.Plan.repo)[o.Path]
			if work == nil {
				return nil
			}
			for _, use := range work.Uses {
				if dir := join(d, use.Text); g.lacks(dir) {
					gaps = append(gaps, Gap{Dir: dir, Text: use.Text, At: fact.Note{At: use.At, Text: "names a module of the workspace"}})
				}
			}
			return gaps
		case o.Kind != Absent || d == "/":
			return nil
		}
	}
}

func (g *GoCommand) lacks(dir string) bool {
	return g.Call.Tree.Lookup(path.Join(dir, "go.mod")).Kind == Absent
}

// foreignOnly reports whether all that is named has a version: the go.mod of the
// folder does not count then.
func (g *GoCommand) foreignOnly() bool {
	return len(g.Args) > 0 && !slices.ContainsFunc(g.Args, func(a gocmd.Word) bool { return !strings.Contains(a.Text, "@") })
}

// vendored reports whether packages come from the vendor folder, so that
// replaced folders are not looked at.
func (g *GoCommand) vendored(verb string) bool {
	if verb == "mod" || verb == "get" || !g.Module.VendorInEffect() {
		return false
	}
	return g.Call.Tree.Lookup(path.Join(path.Dir(g.GoMod), "vendor", "modules.txt")).Kind != Absent
}

// noFiles reports whether a folder holds at most folders, of which so many are
// looked into.
func (t *Tree) noFiles(dir string, folders *int) bool {
	names, all := t.names(dir)
	if *folders--; !all || *folders < 0 {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool {
		at := path.Join(dir, name)
		return !t.Lookup(at).Dir || !t.noFiles(at, folders)
	})
}

// Omitted is a file or folder that the program needs and that .dockerignore
// keeps out of the build.
type Omitted struct {
	Path    string // in the context
	Pattern dockerignore.Pattern
	Need    []fact.Note // the import or go:embed that needs it
	Embed   bool
}

// Omitted returns the packages and embedded files of the program of b that are
// missing in its stage since .dockerignore leaves them out.
func (b *Binary) Omitted() []Omitted {
	g, l := b.Go, b.Link()
	c := g.Plan.Context
	if c == nil || c.Ignore == nil || l.Closure == nil || g.Module == nil {
		return nil
	}
	var omitted []Omitted
	check := func(file string, need []fact.Note, embed bool) {
		inContext, ok := belowDir(c.Dir, file)
		inModule, within := belowDir(g.Module.Dir, file)
		if !ok || !within {
			return
		}
		at, folders := path.Join(path.Dir(g.GoMod), inModule), maxNames
		// Of a folder that is left out the model keeps the name.
		o := g.Call.Tree.Lookup(at)
		if o.Kind != Absent && !(o.Kind == FromContext && o.Dir && g.Call.Tree.noFiles(at, &folders)) {
			return
		}
		if by, left := g.Plan.LeftOut(inContext); left {
			omitted = append(omitted, Omitted{inContext, by, need, embed})
		}
	}
	for _, p := range ownPackages(l.Closure) {
		way := goprogram.Notes(l.Closure.To(p), "")
		if len(way) > 0 {
			check(p.Dir, way, false)
		}
		for _, e := range p.Embeds(b.target()) {
			if file := path.Join(p.Dir, e.Pattern); g.Plan.repo.Has(file) == repo.IsFile || g.Plan.repo.Has(file) == repo.IsDir {
				check(file, append(way, fact.Note{At: e.At, Text: "embeds " + e.Pattern}), true)
			}
		}
	}
	return omitted
}
