package buildplan

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// Transfer is one source of a COPY or ADD.
type Transfer struct {
	Instruction *dockerfile.Instruction
	At          source.Span // the source word
	From        *Stage      // nil for the context or an image
	FromImage   string      // an image, as written
	Source      string      // as expanded: relative to the context, or absolute in the stage
	Known       bool
	Dest        string // absolute, of this source; "" where it is not known
}

// copy does a COPY or ADD.
func (st *Stage) copy(scope dockerfile.Scope, ins *dockerfile.Instruction) {
	if ins.Copy == nil {
		return
	}
	if ins.Copy.Chown.Given() {
		e, err := scope.Expand(&ins.Copy.Chown)
		st.names("--chown", &ins.Copy.Chown, e, err)
	}
	dest, ok := st.destination(scope, ins)
	if !ok {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: "/"})
		return
	}
	for _, h := range ins.Copy.Files {
		note := fact.Note{At: h.At, Text: "writes " + h.Name}
		st.Tree = st.Tree.add(layer{kind: made, dest: st.place(dest, h.Name, false), note: note})
		st.passwd(note)
	}
	for i := range ins.Copy.Sources {
		st.transfer(scope, ins, &ins.Copy.Sources[i], dest)
	}
}

// destination expands the last word of a COPY. A trailing slash is kept.
func (st *Stage) destination(scope dockerfile.Scope, ins *dockerfile.Instruction) (string, bool) {
	e, err := scope.Expand(&ins.Copy.Dest)
	if err != nil || !e.Known {
		return "", false
	}
	dest := e.Text
	folder := strings.HasSuffix(dest, "/") || dest == "." || strings.HasSuffix(dest, "/.") || len(ins.Copy.Sources)+len(ins.Copy.Files) > 1
	if !path.IsAbs(dest) {
		if st.Workdir == "" {
			return "", false
		}
		dest = path.Join(st.Workdir, dest)
	}
	dest = path.Clean(dest)
	if folder && dest != "/" {
		dest += "/"
	}
	return dest, true
}

// place is where a source lands: inside dest if that is a folder.
func (st *Stage) place(dest, src string, dir bool) string {
	if dir {
		return path.Clean(dest)
	}
	if strings.HasSuffix(dest, "/") || st.Tree.Lookup(dest).Dir {
		return path.Join(dest, path.Base(src))
	}
	return dest
}

func (st *Stage) transfer(scope dockerfile.Scope, ins *dockerfile.Instruction, word *dockerfile.Word, dest string) {
	e, err := scope.Expand(word)
	t := Transfer{Instruction: ins, At: word.At, Source: e.Text, Known: err == nil && e.Known}
	note := fact.Note{At: word.At, Text: "is copied to " + path.Clean(dest)}
	opaqueDest := layer{kind: opaque, dest: dest, note: note}
	switch {
	case !t.Known:
		st.Tree = st.Tree.add(opaqueDest)
	case ins.Copy.From.Given():
		st.fromStage(&t, dest, note, st.Plan.assumes(e))
	case ins.Cmd == "ADD" && remote(e.Text):
		if m := goArchiveName.FindStringSubmatch(e.Text); m != nil {
			st.goFrom(m[1], false, fact.Note{At: word.At, Text: "brings Go " + m[1]})
		}
		st.Tree = st.Tree.add(opaqueDest)
	default:
		st.fromContext(&t, dest, note)
	}
	st.Transfers = append(st.Transfers, t)
}

// goTree notes that the Go of another image is copied: COPY --from=golang:1.26
// /usr/local/go /usr/local/go.
func (st *Stage) goTree(src string, v knowledge.GoVersion, note fact.Note) {
	if version := cmp.Or(v.Patch, v.Minor); version != "" && (src == "/usr/local/go" || src == "/usr/local" || src == "/") {
		st.goFrom(version, false, fact.Note{At: note.At, Text: "brings Go " + version})
	}
}

func remote(src string) bool {
	return strings.Contains(src, "://") || strings.HasPrefix(src, "git@")
}

// assumes reports whether a text depends on the platform, and nobody is seen to
// say which one that is.
func (p *Plan) assumes(e dockerfile.Expansion) bool {
	return len(p.Call.Platforms) == 0 && slices.ContainsFunc(e.Uses, func(u dockerfile.Use) bool { return strings.HasPrefix(u.Name, "TARGET") })
}

// fromStage copies from another stage or an image. The platform that a source
// is named by may be assumed: then it is not known what is copied if that one is
// missing.
func (st *Stage) fromStage(t *Transfer, dest string, note fact.Note, assumed bool) {
	origin := st.Plan.File.CopyOrigin(&t.Instruction.Copy.From)
	src := path.Clean("/" + t.Source)
	if origin.Stage == nil || origin.Stage.Index >= st.Syntax.Index {
		t.FromImage = origin.Image
		if ref, err := knowledge.ParseRef(origin.Image); err == nil {
			st.goTree(src, st.Plan.repo.Knowledge().Image(ref).Go, note)
		}
		t.Dest = st.place(dest, src, false)
		st.Tree = st.Tree.add(layer{kind: opaque, dest: t.Dest, note: note}).add(layer{kind: made, dest: t.Dest, note: note})
		return
	}
	t.From = st.Plan.Stages[origin.Stage.Index]
	st.goTree(src, t.From.Image.Value.Go, note)
	sources, exact := []string{src}, true
	if strings.ContainsAny(src, "*?[") {
		sources, exact = t.From.Tree.Glob(src)
	}
	if !exact {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note})
	}
	for _, src := range sources {
		o := t.From.Tree.Lookup(src)
		t.Dest = st.place(dest, src, o.Dir)
		if o.Kind == Absent && assumed {
			t.Known = false
			st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note})
			continue
		}
		if o.Kind == Absent { // as if the build went on
			st.Tree = st.Tree.add(layer{kind: opaque, dest: t.Dest, note: note}).add(layer{kind: made, dest: t.Dest, note: note})
			continue
		}
		if o.Kind == Unknown && !o.Dir {
			// It may be a folder, whose contents land in dest itself.
			st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note})
		}
		st.inside(o.Output, dest, note)
		st.Tree = st.Tree.add(layer{kind: fromTree, dest: t.Dest, tree: t.From.Tree, src: src, note: note})
		st.passwd(note)
	}
}

// inside notes that a program lands in a folder under the name it has by itself,
// should it have been written into a folder.
func (st *Stage) inside(b *Binary, dest string, note fact.Note) {
	if b != nil && b.Inside != "" {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: path.Join(dest, b.Inside), note: note})
	}
}

// fromContext copies from the build context.
func (st *Stage) fromContext(t *Transfer, dest string, note fact.Note) {
	c := st.Plan.Context
	if c == nil {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note})
		return
	}
	sources, exact := []string{path.Clean(strings.TrimLeft(t.Source, "/"))}, true
	if sources[0] == "" {
		sources[0] = "."
	}
	if strings.ContainsAny(t.Source, "*?[") {
		sources, exact = c.glob(sources[0])
	}
	if !exact {
		st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note})
	}
	for _, src := range sources {
		given := st.Plan.work.visits.next()
		left := given
		o := c.lookup(src, &left)
		st.Plan.work.visits.spend(given, left)
		at := st.place(dest, src, o.Dir)
		if t.Instruction.Copy.Parents {
			at = path.Join(dest, src)
		}
		t.Dest = at
		if t.Instruction.Cmd == "ADD" && archive.MatchString(src) { // is unpacked
			t.Dest = path.Clean(dest)
			st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note}).add(layer{kind: made, dest: t.Dest, dir: true, note: note})
			st.passwd(note)
			continue
		}
		if o.Kind == Absent || o.Kind == Unknown {
			st.fromOutside(t, src, dest, note)
		} else {
			st.Tree = st.Tree.add(layer{kind: fromContext, dest: at, src: src, context: c, note: note})
		}
		st.passwd(note)
	}
}

// archive matches the names of files that ADD unpacks.
var archive = regexp.MustCompile(`\.(tar|tar\.(gz|bz2|xz|zst)|tgz|tbz2|txz)$`)

// fromOutside copies what is not in the repository: a program, or a folder of
// programs, that is built before the image.
func (st *Stage) fromOutside(t *Transfer, src, dest string, note fact.Note) {
	found, exact := st.Plan.Context.outputs(src)
	if len(found) == 0 || !exact {
		// It may be a folder, whose contents land in dest itself.
		st.Tree = st.Tree.add(layer{kind: opaque, dest: dest, note: note}).add(layer{kind: opaque, dest: t.Dest, note: note}).add(layer{kind: made, dest: t.Dest, note: note})
	}
	for _, rest := range slices.Sorted(maps.Keys(found)) {
		at := path.Join(dest, rest)
		if rest == "." {
			at = t.Dest
			st.inside(found[rest], dest, note)
		}
		st.Tree = st.Tree.add(layer{kind: output, dest: at, binary: found[rest], note: note})
	}
}

// glob returns the paths of the context that a pattern matches; exact is false
// where there may be others.
func (c *Context) glob(pattern string) (found []string, exact bool) {
	t := (*Tree)(nil).add(layer{kind: bottomEmpty}).add(layer{kind: fromContext, dest: "/", src: ".", context: c})
	found, exact = t.Glob("/" + pattern)
	for i := range found {
		found[i] = strings.TrimPrefix(found[i], "/")
	}
	return found, exact
}
