// Package goprogram models the Go code of a repository as the go command sees
// it: modules and workspaces, packages and their imports under the build
// constraints of a target, and what the import closure of a program holds.
package goprogram

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Module is a folder with a go.mod file.
type Module struct {
	Dir    string // relative to the root, "." for the root
	Mod    *gomod.File
	Sum    *gomod.Sum    // nil where there is no go.sum
	Vendor *gomod.Vendor // nil where there is no vendor/modules.txt
	// Work is the workspace that the go command takes in this folder: the
	// nearest go.work at or above it, or nil.
	Work *Workspace

	vendorDir bool
	replaces  replacements
}

// Workspace is a folder with a go.work file.
type Workspace struct {
	Dir     string
	File    *gomod.File
	Sum     *gomod.Sum // go.work.sum
	Vendor  *gomod.Vendor
	Members []*Module // those in the repository, in the order of the use lines

	vendorDir bool
	member    map[*Module]bool
	paths     map[string]bool // of the members
	own       replacements    // of go.work
	replaces  replacements    // of the members
}

// Modules are the modules of a repository.
type Modules struct {
	All    []*Module // sorted by folder
	Spaces []*Workspace
	byDir  map[string]*Module
	// foreign are the folders whose go.mod is not judged: an example, or a link.
	// They are no part of the module around them all the same.
	foreign map[string]bool
}

// Tree is the model of all modules and workspaces.
var Tree = repo.NewModel(newModules)

func newModules(r *repo.Repo) *Modules {
	t := &Modules{byDir: map[string]*Module{}, foreign: map[string]bool{}}
	for p, mod := range repo.GoMods.Of(r) {
		dir := path.Dir(p)
		m := &Module{Dir: dir, Mod: mod, Sum: sumAt(r, path.Join(dir, "go.sum")), Vendor: vendorAt(r, path.Join(dir, "vendor/modules.txt"))}
		m.vendorDir = r.Has(path.Join(dir, "vendor")) == repo.IsDir
		m.replaces = replacements{}
		m.replaces.add(mod, dir)
		t.byDir[dir] = m
		t.All = append(t.All, m)
	}
	slices.SortFunc(t.All, func(a, b *Module) int { return strings.Compare(a.Dir, b.Dir) })
	for p, work := range repo.GoWorks.Of(r) {
		t.Spaces = append(t.Spaces, t.workspace(r, path.Dir(p), work))
	}
	for _, dir := range r.Dirs() {
		if t.byDir[dir] == nil && r.Has(path.Join(dir, "go.mod")) == repo.IsFile {
			t.foreign[dir] = true
		}
	}
	slices.SortFunc(t.Spaces, func(a, b *Workspace) int { return strings.Compare(a.Dir, b.Dir) })
	for _, m := range t.All {
		m.Work = t.WorkspaceOf(m.Dir)
	}
	return t
}

// sumAt returns the go.sum file at p: a link to another counts too, which is
// not judged where it stands.
func sumAt(r *repo.Repo, p string) *gomod.Sum {
	if sum := repo.GoSums.Of(r)[p]; sum != nil {
		return sum
	}
	if f := r.File(p); f != nil && f.Err() == nil {
		return gomod.ParseSum(f)
	}
	return nil
}

func vendorAt(r *repo.Repo, p string) *gomod.Vendor {
	if v := repo.Vendors.Of(r)[p]; v != nil {
		return v
	}
	if f := r.File(p); f != nil && f.Err() == nil {
		return gomod.ParseVendor(f)
	}
	return nil
}

func (t *Modules) workspace(r *repo.Repo, dir string, work *gomod.File) *Workspace {
	w := &Workspace{Dir: dir, File: work, Sum: sumAt(r, path.Join(dir, "go.work.sum")), Vendor: vendorAt(r, path.Join(dir, "vendor/modules.txt"))}
	w.vendorDir = r.Has(path.Join(dir, "vendor")) == repo.IsDir
	w.member, w.paths, w.own, w.replaces = map[*Module]bool{}, map[string]bool{}, replacements{}, replacements{}
	w.own.add(work, dir)
	for _, use := range work.Uses {
		if m := t.byDir[path.Join(dir, use.Text)]; m != nil && !path.IsAbs(use.Text) && !w.member[m] {
			w.Members = append(w.Members, m)
			w.member[m], w.paths[m.Path()] = true, true
			w.replaces.add(m.Mod, m.Dir)
		}
	}
	return w
}

// At returns the module whose go.mod is in dir, or nil.
func (t *Modules) At(dir string) *Module { return t.byDir[dir] }

// Of returns the module that dir belongs to: the nearest go.mod at or above it.
// It is nil where that one is not judged.
func (t *Modules) Of(dir string) *Module {
	for {
		if m := t.byDir[dir]; m != nil {
			return m
		}
		if dir == "." || dir == "/" || t.foreign[dir] {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// WorkspaceOf returns the nearest workspace at or above dir, or nil.
func (t *Modules) WorkspaceOf(dir string) *Workspace {
	var nearest *Workspace
	for _, w := range t.Spaces {
		if within(w.Dir, dir) && (nearest == nil || len(w.Dir) > len(nearest.Dir) || nearest.Dir == ".") {
			nearest = w
		}
	}
	return nearest
}

// within reports whether dir is root or below it.
func within(root, dir string) bool {
	return root == "." || dir == root || strings.HasPrefix(dir, root+"/")
}

// Path returns the module path, "" where there is none.
func (m *Module) Path() string { return m.Mod.Module.Text }

// InWorkspace reports whether the module is built as a member of its
// workspace.
func (m *Module) InWorkspace() bool { return m.Work != nil && m.Work.member[m] }

// Has reports whether a member has the module path.
func (w *Workspace) Has(modPath string) bool { return w.paths[modPath] }

// GoLine returns the go line that is in effect for the module's packages and
// its place; ok is false where there is none (Go 1.16 is implied). A
// workspace's go line decides the toolchain, not the language.
func (m *Module) GoLine() (version string, at source.Span, ok bool) {
	return m.Mod.Go.Text, m.Mod.Go.At, m.Mod.Go.Valid()
}

// Pruned reports whether the module graph is pruned: go 1.17 or higher.
func (m *Module) Pruned() bool { return goAtLeast(m.Mod.Go.Text, 17) }

// VendorInEffect reports whether the go command takes packages from the vendor
// folder by default (cmd/go/internal/modload/init.go, setDefaultBuildMod): the
// folder stands next to go.mod or go.work, the go line is 1.14 or higher, and
// modules.txt was written for this mode.
func (m *Module) VendorInEffect() bool {
	if m.InWorkspace() {
		return m.Work.vendorInEffect()
	}
	return m.vendorDir && goAtLeast(m.Mod.Go.Text, 14) && (m.Vendor == nil || !m.Vendor.Workspace)
}

func (w *Workspace) vendorInEffect() bool {
	return w.vendorDir && goAtLeast(w.File.Go.Text, 14) && w.Vendor != nil && w.Vendor.Workspace
}

// goAtLeast reports whether a go line is 1.minor or higher.
func goAtLeast(line string, minor int) bool {
	v, ok := Minor(line)
	return ok && v >= minor
}

// Minor returns N of a Go version 1.N, 1.N.P or 1.Nrc1; ok is false for
// anything else.
func Minor(version string) (minor int, ok bool) {
	rest, ok := strings.CutPrefix(version, "1.")
	if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
		return 0, false
	}
	for _, c := range []byte(rest) {
		if c < '0' || c > '9' {
			break
		}
		minor = minor*10 + int(c-'0')
		if minor > 1<<20 {
			return 0, false
		}
	}
	return minor, true
}

// Replacement returns the replace line that is in effect for a module version
// when m is the main module: go.work's beats go.mod's, a line for this version
// beats one for all (cmd/go/internal/modload/modfile.go, Replacement). Folders
// of the result are relative to dir.
func (m *Module) Replacement(mod module.Version) (r gomod.Replace, dir string, ok bool) {
	if !m.InWorkspace() {
		return m.replaces.of(mod)
	}
	if r, dir, ok := m.Work.own.of(mod); ok {
		return r, dir, ok
	}
	return m.Work.replaces.of(mod)
}

// replacements are replace lines by what they replace, in one version or, with
// no version, in all.
type replacements map[module.Version]placedReplace

type placedReplace struct {
	gomod.Replace
	dir string // of the file
}

// add keeps the first of equal lines: others that differ are an error of the
// go command.
func (rs replacements) add(f *gomod.File, dir string) {
	for _, r := range f.Replaces {
		old := module.Version{Path: r.Old.Text, Version: r.OldVersion.Text}
		if _, there := rs[old]; !there {
			rs[old] = placedReplace{r, dir}
		}
	}
}

func (rs replacements) of(mod module.Version) (gomod.Replace, string, bool) {
	found, ok := rs[mod]
	if !ok {
		found, ok = rs[module.Version{Path: mod.Path}]
	}
	return found.Replace, found.dir, ok
}
