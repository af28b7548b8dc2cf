package gomodule

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goseaworthy/seaworthy/internal/repo"

	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Need is a line of go.sum without which a build fails.
type Need struct {
	gomod.SumKey
	Root *Root
	// Use is the import for which the go command opens the module; nil where it
	// reads all of the module graph first.
	Use *Use
}

// Needs returns the lines of go.sum that go build ./... (go vet ./... for the
// imports of tests) demands of a module that is built alone, in the order of
// its requirements, at most one for each.
//
// The zip file of every required module whose path is above an import is
// opened, even where a longer path, or the module itself, provides the package;
// of the one that
// provides it, go.mod is read too, for its language version. Before Go 1.17
// the go.mod files of all requirements are read first, if there is anything to
// build: uses is nil where there is not
// (cmd/go/internal/modload/import.go, importFromModules; buildlist.go).
func (m *Module) Needs(uses []Use) []Need { return m.needs(uses, m.Sum) }

// NeedsWithoutSum are Needs where there is no go.sum.
func (m *Module) NeedsWithoutSum(uses []Use) []Need { return m.needs(uses, nil) }

func (m *Module) needs(uses []Use, sum *gomod.Sum) []Need {
	if m.Mode != Alone || len(m.Roots) == 0 {
		return nil
	}
	first := map[*Root]Need{}
	want := func(root *Root, goMod bool, use *Use) {
		key, ok := root.sumKey(goMod)
		if old, there := first[root]; !ok || sum.Has(key) || there && (!old.Use.test() || use.test()) {
			return
		}
		first[root] = Need{key, root, use}
	}
	for i := range uses {
		candidates := m.Candidates(uses[i].Path)
		for _, root := range candidates {
			want(root, false, &uses[i])
		}
		if len(candidates) == 1 && !below(uses[i].Path, m.Path()) {
			want(candidates[0], true, &uses[i])
		}
	}
	if uses != nil {
		own := &Use{Path: m.Path(), At: m.Mod.Module.At}
		for _, root := range m.Candidates(m.Path()) {
			want(root, false, own) // it could hold the packages of the module itself
		}
	}
	if !m.Pruned() && uses != nil {
		for _, root := range m.Roots {
			want(root, true, nil)
		}
	}
	var needs []Need
	for _, root := range m.Roots {
		if need, ok := first[root]; ok {
			needs = append(needs, need)
		}
	}
	return needs
}

// Tests reports whether only tests need the line.
func (n Need) Tests() bool { return n.Use.test() }

// test treats the whole graph, nil, as part of the build.
func (u *Use) test() bool { return u != nil && u.Test }

// sumKey returns what go.sum calls the module that is taken; ok is false for a
// folder, of which it holds nothing.
func (r *Root) sumKey(goMod bool) (key gomod.SumKey, ok bool) {
	v := r.Version()
	return gomod.SumKey{Path: v.Path, Version: v.Version, GoMod: goMod}, !r.Local() && Canonical(v.Version)
}

// below reports whether an import path is that of a module or below it.
func below(importPath, modPath string) bool {
	return modPath != "" && (importPath == modPath || len(importPath) > len(modPath) && importPath[:len(modPath)] == modPath && importPath[len(modPath)] == '/')
}

func newer(a, b string) bool { return semver.Compare(a, b) > 0 }

// Unprovided returns the imports of packages that no required module can hold,
// of a module that is built alone or with its own vendor folder: what the latter
// does not hold is left to Unvendored. Packages below the path of the main module
// are among them only where another module of the repository has their folder:
// others may be generated. A border has none.
func (m *Module) Unprovided(r *repo.Repo, uses []Use) []Use {
	if m.Mode != Alone && m.Mode != Vendored || m.border(r) {
		return nil
	}
	var missing []Use
	for _, u := range uses {
		first, _, _ := strings.Cut(u.Path, "/")
		if m.Mode == Vendored && (below(u.Path, m.Path()) || !m.Vendor.Lists(u.Path)) {
			continue
		}
		if strings.Contains(first, ".") && (!below(u.Path, m.Path()) || m.isNested(r, u.Path)) && len(m.Candidates(u.Path)) == 0 && !m.isUnclear(u.Path) && module.CheckImportPath(u.Path) == nil {
			missing = append(missing, u)
		}
	}
	return missing
}

// border reports whether a go.mod may only be there to keep a folder out of the
// module above: it names nothing but itself, and the go command, which would have
// written go.sum, has not been used with it. One that another module puts in place
// of a dependency is there for that.
func (m *Module) border(r *repo.Repo) bool {
	if len(m.Mod.Requires)+len(m.Mod.Replaces) > 0 || r.Has(path.Join(m.Dir, "go.sum")) == repo.IsFile || m.Mode != Alone {
		return false
	}
	if slices.ContainsFunc(Modules.Of(r), func(other *Module) bool { return other != m && other.takes(m) }) {
		return false
	}
	for dir := m.Dir; dir != "."; {
		if dir = path.Dir(dir); r.Has(path.Join(dir, "go.mod")) == repo.IsFile {
			return true
		}
	}
	return false
}

// ForAnother reports whether another module of the repository puts the folder of
// m in place of a module, and may hold what a package of m imports: such packages
// are built as a part of that module, by what that one requires.
func (m *Module) ForAnother(r *repo.Repo, importPath string) bool {
	return slices.ContainsFunc(Modules.Of(r), func(other *Module) bool {
		return other != m && other.takes(m) &&
			(other.Mode != Alone || below(importPath, other.Path()) || len(other.Candidates(importPath)) > 0 || other.isUnclear(importPath))
	})
}

// takes reports whether a replace line of m names the folder of another module.
func (m *Module) takes(other *Module) bool {
	return slices.ContainsFunc(m.Mod.Replaces, func(line gomod.Replace) bool {
		return line.Local() && path.Join(m.Dir, line.New.Text) == other.Dir
	})
}

// isNested reports whether the folder of a package below the path of the main
// module belongs to a module inside it.
func (m *Module) isNested(r *repo.Repo, importPath string) bool {
	for dir := path.Join(m.Dir, strings.TrimPrefix(importPath, m.Path())); dir != m.Dir && dir != "."; dir = path.Dir(dir) {
		if r.Has(path.Join(dir, "go.mod")) == repo.IsFile {
			return true
		}
	}
	return false
}

// isUnclear reports whether a requirement that the go command would have to
// look up, or drops, is above an import path.
func (m *Module) isUnclear(importPath string) bool {
	for p := range m.prefixes(importPath) {
		if m.unclear[p] {
			return true
		}
	}
	return false
}
