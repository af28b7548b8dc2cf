// Package gomodule models what the go command demands of go.mod, go.sum,
// go.work and the vendor folder before it compiles anything: in which mode it
// runs, which modules it takes, which lines of go.sum it asks for, and whether
// the vendor folder agrees with go.mod. It needs no module cache, no network
// and no Go installation; what only those could tell is left out.
//
// The source of the semantics is cmd/go/internal/modload of Go 1.26; a test of
// rules/module compares with the go command.
package gomodule

import (
	"iter"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Mode says where the go command takes packages from when nobody sets -mod or
// GOWORK.
type Mode uint8

// The modes.
const (
	// Unsettled: a file that decides is malformed, is not in the repository, or
	// is written for a Go release that we do not know.
	Unsettled Mode = iota
	// Alone: from the module cache, as go.mod says and go.sum allows. Where a
	// go.work file above does not list the module, GOWORK=off is needed.
	Alone
	// Vendored: from the vendor folder of the module.
	Vendored
	// Workspace: as go.work and all its members say. Missing lines of go.sum are
	// added to go.work.sum.
	Workspace
	// VendoredWorkspace: from the vendor folder beside go.work.
	VendoredWorkspace
)

// Module is a main module and what it takes from elsewhere.
type Module struct {
	*goprogram.Module
	Mode  Mode
	Roots []*Root // what go.mod requires, in its order

	byPath  map[string]*Root
	unclear map[string]bool // paths of requirements that are not among Roots
	longest int             // length of the longest path of a requirement
}

// Root is a required module with the replacement that is in effect.
type Root struct {
	gomod.Require
	// Replace is nil where the module is taken as it is.
	Replace *gomod.Replace
	// ReplaceDir is what the folder of a local replacement is relative to.
	ReplaceDir string
}

// Local reports whether the module is replaced by a folder.
func (r *Root) Local() bool { return r.Replace != nil && r.Replace.Local() }

// Version returns what is downloaded: the replacement, if there is one.
func (r *Root) Version() module.Version {
	if r.Replace != nil {
		return module.Version{Path: r.Replace.New.Text, Version: r.Replace.NewVersion.Text}
	}
	return version(r.Require)
}

// Modules are the modules of a repository, sorted by folder. Those whose mode
// is unsettled have no roots.
var Modules = repo.NewModel(func(r *repo.Repo) []*Module {
	tree := goprogram.Tree.Of(r)
	spaces := map[*goprogram.Workspace]bool{}
	for _, w := range tree.Spaces {
		spaces[w] = SoundWorkspace(r, w)
	}
	all := make([]*Module, len(tree.All))
	for i, m := range tree.All {
		all[i] = newModule(r, m, spaces)
	}
	return all
})

// SoundWorkspace reports whether the go command reads go.work and the go.mod
// files of all members, and reads them as we do.
func SoundWorkspace(r *repo.Repo, w *goprogram.Workspace) bool {
	return Sound(r, w.File) && !slices.ContainsFunc(w.Members, func(m *goprogram.Module) bool { return !Sound(r, m.Mod) })
}

func newModule(r *repo.Repo, m *goprogram.Module, spaces map[*goprogram.Workspace]bool) *Module {
	mod := &Module{Module: m, Mode: modeOf(r, m, spaces), byPath: map[string]*Root{}, unclear: map[string]bool{}}
	if mod.Mode == Unsettled {
		return mod
	}
	excluded := map[module.Version]bool{}
	for _, x := range m.Mod.Excludes {
		excluded[version(x)] = true
	}
	for _, require := range m.Mod.Requires {
		root, version := &Root{Require: require}, version(require)
		mod.longest = max(mod.longest, len(version.Path))
		if version.Path == m.Path() || excluded[version] || !Canonical(version.Version) {
			mod.unclear[version.Path] = true
			continue // the go command takes itself, drops it, or asks the network
		}
		if replace, dir, ok := m.Replacement(version); ok {
			root.Replace, root.ReplaceDir = &replace, dir
		}
		mod.Roots = append(mod.Roots, root)
		if other := mod.byPath[version.Path]; other == nil || newer(version.Version, other.Require.Version.Text) {
			mod.byPath[version.Path] = root
		}
	}
	return mod
}

func version(r gomod.Require) module.Version {
	return module.Version{Path: r.Path.Text, Version: r.Version.Text}
}

// modeOf follows setDefaultBuildMod of cmd/go/internal/modload/init.go.
func modeOf(r *repo.Repo, m *goprogram.Module, spaces map[*goprogram.Workspace]bool) Mode {
	switch {
	case !Sound(r, m.Mod):
		return Unsettled
	case !m.InWorkspace():
		return onlyIf(settled(r, m.Dir, "go.sum"), ifElse(m.VendorInEffect(), Vendored, Alone))
	case !spaces[m.Work]:
		return Unsettled
	}
	return onlyIf(settled(r, m.Work.Dir, "go.work.sum"), ifElse(m.VendorInEffect(), VendoredWorkspace, Workspace))
}

func ifElse(cond bool, yes, no Mode) Mode {
	if cond {
		return yes
	}
	return no
}

func onlyIf(cond bool, mode Mode) Mode { return ifElse(cond, mode, Unsettled) }

// settled reports whether what decides in a folder, and is there, can be read:
// a vendor folder that is a submodule or a link cannot.
func settled(r *repo.Repo, dir, sum string) bool {
	for _, name := range []string{sum, "vendor/modules.txt"} {
		p := path.Join(dir, name)
		if f := r.File(p); f != nil && f.Err() != nil || r.Has(p) == repo.Maybe || r.Has(p) == repo.Ignored && r.MayBeTracked(p) {
			return false
		}
	}
	return !InSubmodule(r, path.Join(dir, "vendor"))
}

// Sound reports whether the go command reads a go.mod or go.work file, and
// reads it as we do: it is well-formed, and its go line is one of a release
// that is known.
func Sound(r *repo.Repo, f *gomod.File) bool {
	return len(f.Problems) == 0 && !TooNew(r, f) && (f.Module.Valid() || path.Base(f.Source.Path) == "go.work")
}

// TooNew reports whether the go line of a file names a release after the newest
// that is known, so that the file may mean what we do not know.
func TooNew(r *repo.Repo, f *gomod.File) bool {
	line, ok := goprogram.Minor(f.Go.Text)
	return ok && line > newestMinor.Of(r)
}

var newestMinor = repo.NewModel(func(r *repo.Repo) int {
	newest, _ := goprogram.Minor(r.Knowledge().NewestGo().Minor)
	return newest
})

// Canonical reports whether the go command takes a version as it is, without
// asking what it stands for.
func Canonical(version string) bool {
	return version != "" && module.CanonicalVersion(version) == version
}

// Root returns the requirement on a module in the version that is taken, or
// nil.
func (m *Module) Root(modPath string) *Root { return m.byPath[modPath] }

// Candidates returns the requirements that can provide a package: those whose
// path is the import path or above it, the longest first. The go command looks
// into all of them, to know that there is only one.
func (m *Module) Candidates(importPath string) []*Root {
	var found []*Root
	for p := range m.prefixes(importPath) {
		if root := m.byPath[p]; root != nil && p != "go" && p != "toolchain" {
			found = append(found, root)
		}
	}
	return found
}

// prefixes are an import path and all above it that are not longer than the
// path of any requirement, the longest first.
func (m *Module) prefixes(importPath string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for p, ok := importPath, true; ok; p, _, ok = cutLast(p) {
			if len(p) > m.longest {
				if i := strings.IndexByte(p[m.longest:], '/'); i >= 0 {
					p = p[:m.longest+i] // skip at once what is longer
				}
			}
			if !yield(p) {
				return
			}
		}
	}
}

// cutLast cuts a path at its last slash.
func cutLast(p string) (dir, base string, ok bool) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return p, "", false
	}
	return p[:i], p[i+1:], true
}

// InSubmodule reports whether a path lies in a git submodule: whether it is
// there depends on how the repository was checked out.
func InSubmodule(r *repo.Repo, p string) bool {
	return slices.ContainsFunc(submodules.Of(r), func(dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") })
}

// submodules are the folders that .gitmodules files name.
var submodules = repo.NewModel(func(r *repo.Repo) []string {
	var dirs []string
	for _, f := range r.Of(repo.Gitmodules) {
		for line := range strings.Lines(string(f.Data())) {
			key, value, ok := strings.Cut(line, "=")
			if ok && strings.TrimSpace(key) == "path" {
				dirs = append(dirs, path.Join(path.Dir(f.Path), strings.Trim(strings.TrimSpace(value), `"`)))
			}
		}
	}
	return dirs
})

// VendorFile returns the modules.txt that is in effect, or nil, and the folder
// beside which vendor stands.
func (m *Module) VendorFile() (v *gomod.Vendor, dir string) {
	if m.Mode == VendoredWorkspace {
		return m.Work.Vendor, m.Work.Dir
	}
	return m.Vendor, m.Dir
}

// At returns the place that stands for the whole file in evidence: its go line,
// or its module line.
func At(f *gomod.File) source.Span {
	switch {
	case f.Go.Valid():
		return f.Go.At
	case f.Module.Valid():
		return f.Module.At
	}
	return f.Source.Line(1)
}
