package goprogram

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Package is a folder with Go files.
type Package struct {
	Dir    string
	Path   string  // import path
	Module *Module // nil for packages of the vendor folder or the module cache
	Files  []*File // sorted by name, tests and other targets' files included
	// Cxx are the C++ sources beside the Go files, which cgo compiles.
	Cxx []string

	cgo    bool // a file imports "C"
	source func(name string) *source.File
}

// Name returns the name of the package clause for t, "" where no file is part
// of the build.
func (p *Package) Name(t Target) string {
	for _, f := range p.Files {
		if !f.Test && f.Match(t) && f.Package != "" && f.Package != "documentation" {
			return f.Package
		}
	}
	return ""
}

// File returns the source of one of the package's files.
func (p *Package) File(f *File) *source.File { return p.source(f.Path) }

// Only returns the package as it is where only some of its files are: those
// whose paths keep accepts.
func (p *Package) Only(keep func(path string) bool) *Package {
	some := *p
	some.Files = slices.DeleteFunc(slices.Clone(p.Files), func(f *File) bool { return !keep(f.Path) })
	some.Cxx = slices.DeleteFunc(slices.Clone(p.Cxx), func(name string) bool { return !keep(name) })
	return &some
}

// UsesCgo returns the first file that imports "C" in a build for t with cgo.
func (p *Package) UsesCgo(t Target) (*File, Import, bool) {
	if !p.cgo {
		return nil, Import{}, false
	}
	t.Cgo = true
	for _, f := range p.Files {
		if f.Cgo && !f.Test && f.Match(t) {
			for _, i := range f.Imports {
				if i.Path == "C" {
					return f, i, true
				}
			}
		}
	}
	return nil, Import{}, false
}

// Graph finds packages. It is safe for concurrent use.
type Graph struct {
	tree  *Modules
	repo  *repo.Repo
	local map[string]*Package // by folder: all that ./... matches in some module

	mu      sync.Mutex
	foreign map[string]*Package // vendor, module cache, folders that ./... leaves out

	edges sync.Map // edgeKey → []edge
	found sync.Map // foundKey → *Package
}

// Packages is the model of the packages of all modules. Every Go file is read
// at most once, in parallel, and only its head.
var Packages = repo.NewModel(func(r *repo.Repo) *Graph {
	g := &Graph{tree: Tree.Of(r), repo: r, local: map[string]*Package{}, foreign: map[string]*Package{}}
	if len(g.tree.All) == 0 {
		return g
	}
	var dirs []string
	for _, dir := range r.Dirs() {
		if m := g.tree.Of(dir); m != nil && inPattern(m, dir) {
			dirs = append(dirs, dir)
		}
	}
	packages := make([]*Package, len(dirs))
	repo.Parallel(len(dirs), func(i int) { packages[i] = g.load(dirs[i]) })
	for i, dir := range dirs {
		if packages[i] != nil {
			g.local[dir] = packages[i]
		}
	}
	return g
})

// inPattern reports whether ./... of the module matches a folder: names that
// begin with . or _ and testdata do not (go help packages), nor does vendor,
// nor what an ignore line of go.mod names.
func inPattern(m *Module, dir string) bool {
	rel := relative(m.Dir, dir)
	if rel == "." {
		return true
	}
	for name := range strings.SplitSeq(rel, "/") {
		if name[0] == '.' || name[0] == '_' || name == "testdata" || name == "vendor" || name == "node_modules" {
			return false
		}
	}
	for _, ig := range m.Mod.Ignores {
		if rest, rooted := strings.CutPrefix(ig.Text, "./"); rooted && within(path.Clean(rest), rel) ||
			!rooted && strings.Contains("/"+rel+"/", "/"+path.Clean(ig.Text)+"/") {
			return false
		}
	}
	return true
}

// relative returns dir, which is root or below it, as seen from root.
func relative(root, dir string) string {
	if root == "." {
		return dir
	}
	if dir == root {
		return "."
	}
	return strings.TrimPrefix(dir, root+"/")
}

// load reads the Go files of a folder of the repository, or returns nil where
// there are none.
func (g *Graph) load(dir string) *Package {
	p := &Package{Dir: dir, source: g.repo.File}
	var buf []byte
	for _, e := range g.repo.Dir(dir) {
		if e.Dir {
			continue
		}
		g.addFile(p, e.Path, func(n int) ([]byte, bool, error) {
			buf = slices.Grow(buf[:0], n)[:n]
			return g.repo.Head(e.Path, buf)
		})
	}
	if len(p.Files) == 0 {
		return nil
	}
	if p.Module = g.tree.Of(dir); p.Module != nil {
		p.Path = path.Join(p.Module.Path(), relative(p.Module.Dir, dir))
	}
	return p
}

// maxHead bounds what is read of one Go file.
const maxHead = 1 << 20

func (g *Graph) addFile(p *Package, name string, head func(n int) ([]byte, bool, error)) {
	base := path.Base(name)
	switch path.Ext(base) {
	case ".cc", ".cpp", ".cxx":
		p.Cxx = append(p.Cxx, name)
		return
	case ".go":
	default:
		return
	}
	if base[0] == '_' || base[0] == '.' {
		return
	}
	for n := headSize; n <= maxHead; n *= 16 {
		data, whole, err := head(n)
		if err != nil {
			return
		}
		if f, ok := parseHead(name, data, whole); ok {
			p.Files = append(p.Files, f)
			p.cgo = p.cgo || f.Cgo
			return
		}
	}
}

// All returns the packages that ./... of the modules match, sorted by folder.
func (g *Graph) All() []*Package {
	all := make([]*Package, 0, len(g.local))
	for _, p := range g.local {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Package) int { return cmp.Compare(a.Dir, b.Dir) })
	return all
}

// Mains returns the programs among All: packages named main in a build for
// Linux.
func (g *Graph) Mains() []*Package {
	return slices.DeleteFunc(g.All(), func(p *Package) bool { return p.Name(Linux) != "main" })
}

// In returns the package in a folder of the repository, or nil.
func (g *Graph) In(dir string) *Package {
	if p := g.local[dir]; p != nil {
		return p
	}
	return g.cached(dir, func() *Package { return g.load(dir) })
}

func (g *Graph) cached(key string, load func() *Package) *Package {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.foreign[key]
	if !ok {
		p = load()
		g.foreign[key] = p
	}
	return p
}

// Find returns the package that an import path means when m is the main
// module, or nil where its sources are not at hand. It looks where the go
// command does: main modules, vendor folder or local replacements, and, where
// the user asked for it, the module cache.
func (g *Graph) Find(m *Module, importPath string) *Package {
	if p := g.inMain(m, importPath); p != nil {
		return p
	}
	key := foundKey{m, importPath}
	p, ok := g.found.Load(key)
	if !ok {
		p, _ = g.found.LoadOrStore(key, g.outside(m, importPath))
	}
	return p.(*Package)
}

// foundKey is what a module means by an import path.
type foundKey struct {
	m          *Module
	importPath string
}

// outside looks for a package that is in no main module.
func (g *Graph) outside(m *Module, importPath string) *Package {
	if m.VendorInEffect() {
		dir := m.Dir
		if m.InWorkspace() {
			dir = m.Work.Dir
		}
		return g.named(path.Join(dir, "vendor", importPath), importPath)
	}
	options := g.repo.Options()
	if dir, ok := options.Resolved[m.Dir][importPath]; ok && options.ModuleCache != nil {
		return g.cached("cache:"+dir, func() *Package { return g.loadCached(options.ModuleCache, dir, importPath) })
	}
	mod, version, ok := m.Provider(importPath)
	if !ok {
		return nil
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(importPath, mod), "/")
	if r, dir, ok := m.Replacement(module.Version{Path: mod, Version: version}); ok {
		if r.Local() {
			return g.named(path.Join(dir, r.New.Text, rest), importPath)
		}
		mod, version = r.New.Text, r.NewVersion.Text
	}
	return g.fromCache(mod, version, rest, importPath)
}

// inMain looks in the main module, or in all members of the workspace.
func (g *Graph) inMain(m *Module, importPath string) *Package {
	mains := []*Module{m}
	if m.InWorkspace() {
		mains = m.Work.Members
	}
	for _, main := range mains {
		if main.Path() == "" || !hasPrefix(importPath, main.Path()) {
			continue
		}
		dir := path.Join(main.Dir, strings.TrimPrefix(importPath, main.Path()))
		if p := g.In(dir); p != nil && p.Module == main {
			return p
		}
	}
	return nil
}

// named returns the package in a folder whose import path the folder does not
// tell.
func (g *Graph) named(dir, importPath string) *Package {
	if strings.HasPrefix(dir, "../") || path.IsAbs(dir) {
		return nil
	}
	return g.cached(dir+"\x00"+importPath, func() *Package {
		p := g.load(dir)
		if p != nil {
			p.Path = importPath
			if strings.Contains("/"+dir+"/", "/vendor/") {
				p.Module = nil
			}
		}
		return p
	})
}

// fromCache looks in the module cache.
func (g *Graph) fromCache(mod, version, rest, importPath string) *Package {
	cache := g.repo.Options().ModuleCache
	if cache == nil || g.repo.Options().Resolved != nil {
		return nil // what the go command did not find is not there
	}
	escaped, err := module.EscapePath(mod)
	if err != nil {
		return nil
	}
	escapedVersion, err := module.EscapeVersion(version)
	if err != nil {
		return nil
	}
	dir := path.Join(escaped+"@"+escapedVersion, rest)
	return g.cached("cache:"+dir, func() *Package { return g.loadCached(cache, dir, importPath) })
}

func (g *Graph) loadCached(cache fs.FS, dir, importPath string) *Package {
	names, err := fs.ReadDir(cache, dir)
	if err != nil {
		return nil
	}
	p := &Package{Dir: dir, Path: importPath, source: func(name string) *source.File {
		return source.Lazy(name, func() ([]byte, error) { return fs.ReadFile(cache, name) })
	}}
	for _, d := range names {
		name := path.Join(dir, d.Name())
		g.addFile(p, name, func(int) ([]byte, bool, error) {
			data, err := fs.ReadFile(cache, name)
			return data, true, err
		})
	}
	return p
}

// Provider returns the required module whose path is the longest prefix of an
// import path, with the version that the main module asks for. In a workspace
// the requirements of all members count.
func (m *Module) Provider(importPath string) (mod, version string, ok bool) {
	mains := []*Module{m}
	if m.InWorkspace() {
		mains = m.Work.Members
	}
	for _, main := range mains {
		for _, r := range main.Mod.Requires {
			if hasPrefix(importPath, r.Path.Text) && len(r.Path.Text) > len(mod) {
				mod, version, ok = r.Path.Text, r.Version.Text, true
			}
		}
	}
	return mod, version, ok
}

// hasPrefix reports whether a path is prefix or below it.
func hasPrefix(p, prefix string) bool {
	return p == prefix || strings.HasPrefix(p, prefix) && p[len(prefix)] == '/'
}
