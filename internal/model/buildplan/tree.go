package buildplan

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// OriginKind says what a path of a stage is.
type OriginKind uint8

// The kinds of origin. The zero value is Unknown.
const (
	Unknown     OriginKind = iota
	Absent                 // nothing is there
	FromContext            // a file or folder of the build context
	Output                 // written by a go command
	Made                   // made by another command, or a folder made on the way
)

// Origin says where a path of a stage comes from.
type Origin struct {
	Kind   OriginKind
	Path   string // FromContext: in the repository
	Dir    bool
	Output *Binary // Output
	// Touched says that something other than a package manager may have changed
	// the file since: what it holds is not known.
	Touched bool
	Why     []fact.Note // the instructions that brought it, oldest first
}

// Tree is what is known of the files of a stage: layers, of which the last
// that speaks of a path decides. A Tree does not change; Add returns another.
type Tree struct {
	layer
	below *Tree
	depth int
	block *block // of this and the layers below it, at every blockSize-th layer
	limit *limit // of all lookups together; nil for none
}

// limit bounds what all lookups in the trees of one plan visit while it is
// made. Those that come later, in any order, are bounded each for itself.
type limit struct {
	visits int // left
	off    bool
}

func (t *Tree) limits() *limit {
	if t == nil {
		return nil
	}
	return t.limit
}

// next returns what one search may visit.
func (l *limit) next() int {
	switch {
	case l == nil || l.off && l.visits > 0:
		return maxVisits
	case l.off:
		return maxVisits / 40 // of a plan that nobody can follow
	}
	return min(maxVisits, l.visits)
}

// spend notes what is left of what next gave.
func (l *limit) spend(given, left int) {
	if l != nil && !l.off {
		l.visits -= given - left
	}
}

// block lets a search pass over many layers at once.
type block struct {
	tops map[string]bool // the first elements of their dests; nil where one concerns any path
	end  *Tree           // the layer below them
}

const blockSize = 64

// top is the first element of an absolute path.
func top(p string) string {
	first, _, _ := strings.Cut(p[1:], "/")
	return first
}

// newBlock describes the layers from t down to the next block.
func (t *Tree) newBlock() *block {
	b := &block{tops: map[string]bool{}}
	for n := t; ; n = n.below {
		if n == nil || n.block != nil && n != t {
			b.end = n
			return b
		}
		if n.dest == "/" || n.kind <= bottomEmpty || n.kind == packages {
			b.tops = nil
		} else if b.tops != nil {
			b.tops[top(n.dest)] = true
		}
	}
}

// next returns t, or the first layer below it that may concern a path.
func (t *Tree) next(p string) *Tree {
	for t != nil && t.block != nil && t.block.tops != nil && p != "/" && !t.block.tops[top(p)] {
		t = t.block.end
	}
	return t
}

// layer is what one instruction or command did to the files.
type layer struct {
	kind    layerKind
	dest    string // absolute
	context *Context
	src     string // fromContext: in the context; fromTree: absolute
	tree    *Tree
	binary  *Binary
	dir     bool
	// packages says that a package manager wrote: what it brings, Installs tell.
	packages bool
	note     fact.Note
}

type layerKind uint8

const (
	bottomUnknown layerKind = iota // the base image: may hold anything
	bottomImage                    // an image that we know: files in the places of the system only
	bottomEmpty                    // scratch
	fromContext                    // dest is src of the context
	fromTree                       // dest is src of another tree
	output                         // dest is a binary
	made                           // dest exists
	removed                        // dest and all below is gone
	opaque                         // something may have been written or removed at dest or below
	packages                       // the same in the folders of the system
)

// maxLayers bounds a tree: more instructions than that are hostile.
const maxLayers = 3000

// add returns the tree with one more layer.
func (t *Tree) add(l layer) *Tree {
	if t != nil && t.depth >= maxLayers {
		return &Tree{layer: layer{kind: opaque, dest: "/"}, below: &Tree{}, limit: t.limit}
	}
	depth := 1
	if t != nil {
		depth = t.depth + 1
	}
	l.dest = path.Clean("/" + l.dest)
	if t != nil && (l.kind == opaque || l.kind == packages) && t.kind == l.kind && t.dest == l.dest {
		return t // says the same
	}
	next := &Tree{layer: l, below: t, depth: depth}
	if t != nil {
		next.limit = t.limit
	}
	if depth%blockSize == 0 {
		next.block = next.newBlock()
	}
	return next
}

// Lookup says where a path, which must be absolute, comes from.
func (t *Tree) Lookup(p string) Origin {
	given := t.limits().next()
	left := given
	o := t.lookup(path.Clean("/"+p), &left)
	t.limits().spend(given, left)
	return o
}

// maxVisits bounds the layers that one lookup visits: a path can be looked for
// in one stage in many ways.
const maxVisits = 20_000

// search is one walk down the layers for a path.
type search struct {
	path string
	// maybe says that something may have changed the path since: what lies
	// below may be gone, and what is not found may be there.
	maybe bool
	// touched is maybe without what package managers did.
	touched bool
	// made is set where the path was seen to be a folder, since something was
	// put into it or it was made. A folder does not hide what it held before.
	made *Origin
}

// found returns what a layer says, unless the path is a folder for other
// reasons.
func (s *search) found(o Origin) Origin {
	if s.made != nil && (o.Kind == Absent || o.Kind == Unknown || !o.Dir) {
		return *s.made
	}
	return o
}

func (s *search) absent() Origin {
	if s.path == "/" {
		return s.found(Origin{Kind: Made, Dir: true}) // there always is one
	}
	if s.maybe {
		return s.found(Origin{})
	}
	return s.found(Origin{Kind: Absent})
}

func (s *search) folder(note fact.Note) {
	if s.made == nil {
		s.made = &Origin{Kind: Made, Dir: true, Why: []fact.Note{note}}
	}
}

func (t *Tree) lookup(p string, budget *int) Origin {
	s := &search{path: p}
	for t = t.next(p); t != nil; t = t.below.next(p) {
		if *budget--; *budget < 0 {
			return Origin{}
		}
		if o, decided := t.ask(s, budget); decided {
			return o
		}
	}
	return s.found(Origin{})
}

// ask asks one layer.
func (t *Tree) ask(s *search, budget *int) (o Origin, decided bool) {
	switch t.kind {
	case bottomEmpty:
		return s.absent(), true
	case bottomImage:
		if !inSystem(s.path, t.dir) {
			return s.absent(), true
		}
		return s.found(Origin{Dir: systemFolders[s.path] || t.dir && goFolders[s.path]}), true
	case bottomUnknown:
		return s.found(Origin{Dir: systemFolders[s.path]}), true
	case packages:
		s.maybe = s.maybe || inSystem(s.path, false)
		return Origin{}, false
	}
	rest, inside := under(t.dest, s.path)
	if !inside {
		_, above := under(s.path, t.dest)
		switch {
		case above && t.kind == opaque:
			s.maybe = true
		case above && t.kind != removed:
			s.folder(t.note)
		}
		return Origin{}, false
	}
	switch t.kind {
	case opaque:
		s.maybe = true
		s.touched = s.touched || !t.packages
		return Origin{}, false
	case removed:
		return s.absent(), true
	}
	o, decided = t.within(s, rest, budget)
	if decided {
		o.Touched = o.Touched || s.touched
		o = s.found(o)
	}
	return o, decided
}

// within asks a layer that puts something at dest about what lies rest below.
func (t *Tree) within(s *search, rest string, budget *int) (o Origin, decided bool) {
	why := []fact.Note{t.note}
	switch t.kind {
	case output:
		if rest == "." {
			return Origin{Kind: Output, Output: t.binary, Why: why}, true
		}
	case made:
		switch {
		case rest != ".":
		case t.dir:
			s.folder(t.note)
		default:
			return Origin{Kind: Made, Why: why}, true
		}
	case fromTree:
		o := t.tree.lookup(path.Join(t.src, rest), budget)
		o.Why = append(o.Why, t.note) // made by this search
		return o, o.Kind != Absent
	case fromContext:
		o := t.context.lookup(path.Join(t.src, rest), budget)
		o.Why = append(o.Why, t.note)
		return o, o.Kind != Absent
	}
	return Origin{}, false
}

// systemFolders are the folders that every image has but scratch, so that what is
// copied to /usr/bin lands in it. goFolders are those of golang images.
var (
	systemFolders = words(`/bin /etc /home /lib /mnt /opt /root /sbin /srv /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin /usr/local/lib
		/usr/local/sbin /usr/local/share /usr/sbin /usr/share /var /var/lib /var/log`)
	goFolders = words("/go /go/bin /go/src")
)

// inSystem reports whether a known image may hold a path: images keep to the
// folders of the system. golang images have no files below GOPATH.
func inSystem(p string, golang bool) bool {
	top, rest, below := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	switch top {
	case "bin", "boot", "busybox", "dev", "etc", "home", "ko-app", "lib", "lib32", "lib64", "libx32", "licenses",
		"media", "mnt", "nonroot", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var":
		return true
	case "go":
		return !golang || !below || rest == "src" || rest == "bin"
	}
	return top == ""
}

// Placed is a program at a path of a stage.
type Placed struct {
	Path   string
	Binary *Binary
	Why    []fact.Note // the instructions that brought it there
}

const maxPlaced = 200

// placed returns the programs that go commands wrote and that stand in a tree,
// sorted by path. It is computed once for each tree: hostile files copy from
// stage to stage in many ways.
func (p *Plan) placed(t *Tree) []Placed {
	if all, ok := p.memo[t]; ok {
		return all
	}
	p.memo[t] = nil
	var all []Placed
	seen := map[string]bool{}
	for l := t; l != nil; l = l.below {
		for _, at := range p.candidates(l) {
			if len(all) < maxPlaced && !seen[at] {
				seen[at] = true
				if o := t.Lookup(at); o.Kind == Output {
					all = append(all, Placed{Path: at, Binary: o.Output, Why: o.Why})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Placed) int { return strings.Compare(a.Path, b.Path) })
	p.memo[t] = all
	return all
}

// candidates are the paths at which a layer may put a program.
func (p *Plan) candidates(l *Tree) []string {
	switch l.kind {
	case output:
		return []string{l.dest}
	case fromTree:
		return p.moved(l.tree, l.src, l.dest)
	case fromContext:
		return p.moved(l.context.files, path.Join(l.context.folder, l.src), l.dest)
	}
	return nil
}

// moved are the places of the programs of another tree that come from src to
// dest.
func (p *Plan) moved(t *Tree, src, dest string) []string {
	if t == nil {
		return nil
	}
	var at []string
	for _, b := range p.placed(t) {
		if rest, ok := under(src, b.Path); ok {
			at = append(at, path.Join(dest, rest))
		}
	}
	return at
}

// under returns p as seen from dir, and whether it is dir or below it.
func under(dir, p string) (rest string, ok bool) {
	switch {
	case p == dir:
		return ".", true
	case dir == "/":
		return p[1:], true
	case len(p) > len(dir) && p[len(dir)] == '/' && p[:len(dir)] == dir:
		return p[len(dir)+1:], true
	}
	return "", false
}

// File returns the file of the repository that stands at an absolute path, or
// nil where there is none or it is not known.
func (t *Tree) File(r *repo.Repo, p string) *source.File {
	if o := t.Lookup(p); o.Kind == FromContext && !o.Dir {
		return r.File(o.Path)
	}
	return nil
}

// maxNames bounds what a pattern may match.
const maxNames = 1000

// Glob returns the paths that match a pattern of the shell, sorted. exact is
// false where others may.
func (t *Tree) Glob(pattern string) (paths []string, exact bool) {
	at, exact := []string{"/"}, true
	for _, element := range strings.Split(strings.TrimPrefix(path.Clean(pattern), "/"), "/") {
		var next []string
		for _, dir := range at {
			if !strings.ContainsAny(element, `*?[\`) {
				next = append(next, path.Join(dir, element))
				continue
			}
			names, all := t.names(dir)
			exact = exact && all
			for _, name := range names {
				if ok, err := path.Match(element, name); err == nil && ok && (name[0] != '.' || element[0] == '.') {
					next = append(next, path.Join(dir, name))
				}
			}
		}
		if at = next; len(at) > maxNames {
			return at[:maxNames], false
		}
	}
	return slices.DeleteFunc(at, func(p string) bool { return t.Lookup(p).Kind == Absent }), exact
}

// names returns what is in a folder, sorted; all is false where there may be
// more.
func (t *Tree) names(dir string) (names []string, all bool) {
	set := map[string]bool{}
	given := t.limits().next()
	left := given
	all = t.list(dir, set, &left)
	t.limits().spend(given, left)
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if o := t.Lookup(path.Join(dir, name)); o.Kind != Absent {
			names = append(names, name)
		}
	}
	return names, all
}

func (t *Tree) list(dir string, names map[string]bool, budget *int) (all bool) {
	all = true
	for t = t.next(dir); t != nil; t = t.below.next(dir) {
		if *budget--; *budget < 0 || len(names) > maxNames {
			return false
		}
		switch t.kind {
		case bottomEmpty:
			return all
		case bottomImage:
			return all && !inSystem(dir, t.dir) && dir != "/"
		case bottomUnknown:
			return false
		case packages:
			all = all && dir != "/" && !inSystem(dir, false)
			continue
		}
		if below, ok := under(dir, t.dest); ok && below != "." {
			first, _, _ := strings.Cut(below, "/")
			if t.kind != removed {
				names[first] = true
			}
			continue
		}
		rest, inside := under(t.dest, dir)
		if !inside {
			continue
		}
		switch t.kind {
		case removed:
			return all
		case opaque:
			all = false
		case fromTree:
			all = t.tree.list(path.Join(t.src, rest), names, budget) && all
		case fromContext:
			all = t.context.list(path.Join(t.src, rest), names, budget) && all
		}
	}
	return all
}
