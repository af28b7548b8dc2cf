package gomodule

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Disagreement is a line for which the go command says "inconsistent
// vendoring", or that a vendored module should be required explicitly.
type Disagreement struct {
	At   source.Span // in go.mod, go.work or vendor/modules.txt
	Text string      // what is wrong with it, with the versions
	Said string      // what the go command says
	Why  []fact.Note // At is one of them
}

// Disagreements compares vendor/modules.txt with what the main modules require
// and replace (cmd/go/internal/modload/vendor.go, checkVendorConsistency, and
// buildlist.go, initVendor), for a mode in which the vendor folder is taken.
func (m *Module) Disagreements() []Disagreement {
	if m.Mode != Vendored && m.Mode != VendoredWorkspace {
		return nil
	}
	c := &vendorCheck{
		module: m, mains: m.mains(), metas: map[module.Version]*vendorMeta{}, versions: map[string]string{},
		isMain: map[string]bool{}, required: map[module.Version]bool{}, requires: map[string]gomod.Require{}, listed: map[string]source.Span{}, reported: map[string]bool{},
	}
	c.vendor, c.dir = m.VendorFile()
	c.read()
	for _, main := range c.mains {
		c.isMain[main.Path()] = true
		for _, r := range main.Mod.Requires {
			c.required[version(r)] = true
			c.requires[r.Path.Text] = r
		}
	}
	for _, main := range c.mains {
		for _, require := range main.Mod.Requires {
			c.explicit(require)
		}
	}
	seen := map[module.Version]bool{}
	for _, main := range c.mains {
		c.replaces(main.Mod.Replaces, seen)
	}
	if m.Mode == VendoredWorkspace {
		c.replaces(m.Work.File.Replaces, seen)
	}
	c.backwards()
	return c.found
}

func (m *Module) mains() []*goprogram.Module {
	if m.Mode == VendoredWorkspace || m.Mode == Workspace {
		return m.Work.Members
	}
	return []*goprogram.Module{m.Module}
}

// vendorMeta is what all lines about one module version say together.
type vendorMeta struct {
	explicit bool
	replaced module.Version // zero: not replaced
	at       source.Span
}

type vendorCheck struct {
	module *Module
	mains  []*goprogram.Module
	vendor *gomod.Vendor // nil: there is no modules.txt
	dir    string        // of the folder beside which vendor stands

	metas    map[module.Version]*vendorMeta
	list     []module.Version // modules that provide packages, in order
	versions map[string]string
	marked   []module.Version       // as replaced, in order
	listed   map[string]source.Span // the first line about a path

	isMain   map[string]bool // by module path
	required map[module.Version]bool
	requires map[string]gomod.Require // by module path

	reported map[string]bool // module paths of which a requirement was reported
	found    []Disagreement
}

// read is readVendorList.
func (c *vendorCheck) read() {
	if c.vendor == nil {
		return
	}
	for _, v := range c.vendor.Modules {
		mod := module.Version{Path: v.Path, Version: v.Version}
		meta := c.metas[mod]
		if meta == nil {
			meta = &vendorMeta{at: v.At}
			c.metas[mod] = meta
		}
		if !c.listed[v.Path].Valid() {
			c.listed[v.Path] = v.At
		}
		meta.explicit = meta.explicit || v.Explicit
		if v.Replaced {
			meta.replaced = module.Version{Path: v.NewPath, Version: v.NewVersion}
			c.marked = append(c.marked, mod)
		}
		if old, ok := c.versions[v.Path]; len(v.Packages) > 0 && (!ok || newer(v.Version, old)) {
			c.list = append(c.list, mod)
			c.versions[v.Path] = v.Version
		}
	}
}

func (c *vendorCheck) meta(mod module.Version) vendorMeta {
	if meta := c.metas[mod]; meta != nil {
		return *meta
	}
	return vendorMeta{}
}

// explicit checks that a requirement is marked as explicit.
func (c *vendorCheck) explicit(r gomod.Require) {
	mod := version(r)
	if c.meta(mod).explicit {
		return
	}
	d := Disagreement{
		At:   r.Path.At.Cover(r.Version.At),
		Said: fmt.Sprintf("%s@%s: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt", mod.Path, mod.Version),
	}
	note := c.about(mod)
	d.Why = []fact.Note{{At: d.At, Text: "required here"}, note}
	switch other, ok := c.versions[mod.Path]; {
	case c.vendor == nil:
		d.Why = d.Why[:1]
		d.Text = fmt.Sprintf("%s requires %s %s, but %s has no modules.txt", r.At.File.Path, mod.Path, mod.Version, path.Join(c.dir, "vendor"))
	case ok && other != mod.Version:
		d.Text = fmt.Sprintf("%s requires %s %s, but %s has %s", r.At.File.Path, mod.Path, mod.Version, c.vendor.Source.Path, other)
	default:
		d.Text = fmt.Sprintf("%s requires %s %s, but %s does not list it as explicit", r.At.File.Path, mod.Path, mod.Version, c.vendor.Source.Path)
	}
	c.reported[mod.Path] = true
	c.found = append(c.found, d)
}

// about returns the line of modules.txt that speaks of a module, or else its
// first line.
func (c *vendorCheck) about(mod module.Version) fact.Note {
	if c.vendor == nil {
		return fact.Note{}
	}
	if meta := c.metas[mod]; meta != nil {
		return fact.Note{At: meta.at, Text: "listed here"}
	}
	if other := c.listed[mod.Path]; other.Valid() {
		return fact.Note{At: other, Text: "listed here in another version"}
	}
	return fact.Note{At: c.vendor.Source.Line(1), Text: "this list does not hold it"}
}

// replaces checks that replacements are recorded as they are.
func (c *vendorCheck) replaces(lines []gomod.Replace, seen map[module.Version]bool) {
	for _, line := range lines {
		old := module.Version{Path: line.Old.Text, Version: line.OldVersion.Text}
		if seen[old] {
			continue
		}
		seen[old] = true
		want, ok := c.replacement(old)
		have := c.meta(old).replaced
		if have == want || have == (module.Version{}) && !ok {
			continue
		}
		d := Disagreement{At: line.Old.At.Cover(line.NewVersion.At).Cover(line.New.At)}
		d.Why = []fact.Note{{At: d.At, Text: "replaced here"}}
		if c.vendor != nil {
			d.Why = append(d.Why, c.about(old))
		}
		if have == (module.Version{}) {
			d.Text = fmt.Sprintf("%s replaces %s, but %s does not say so", line.At.File.Path, describe(old), path.Join(c.dir, "vendor/modules.txt"))
			d.Said = describe(old) + ": is replaced in go.mod, but not marked as replaced in vendor/modules.txt"
		} else {
			d.Text = fmt.Sprintf("%s replaces %s by %s, but %s has %s", line.At.File.Path, describe(old), describe(want), c.vendor.Source.Path, describe(have))
			d.Said = fmt.Sprintf("%s: is replaced by %s in go.mod, but marked as replaced by %s in vendor/modules.txt", describe(old), describe(want), describe(have))
		}
		c.found = append(c.found, d)
	}
}

// replacement returns what replaces a module, as modules.txt is to write it:
// folders of a workspace are relative to go.work.
func (c *vendorCheck) replacement(old module.Version) (module.Version, bool) {
	if old.Version == "" && c.isMain[old.Path] {
		return module.Version{}, false
	}
	r, dir, ok := c.module.Replacement(old)
	if !ok {
		return module.Version{}, false
	}
	want := module.Version{Path: r.New.Text, Version: r.NewVersion.Text}
	if c.module.Mode == VendoredWorkspace && r.Local() && !path.IsAbs(want.Path) && r.At.File != c.module.Work.File.Source {
		want.Path = relativeTo(c.dir, path.Join(dir, want.Path))
	}
	return want, true
}

// relativeTo writes a path as go work vendor does: relative to a folder, with
// dots in front.
func relativeTo(dir, p string) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(p))
	if err != nil {
		return p
	}
	rel = filepath.ToSlash(rel)
	if rel == "." || rel == ".." || strings.HasPrefix(rel, "../") {
		return rel
	}
	return "./" + rel
}

// backwards checks that what modules.txt says stands in go.mod.
func (c *vendorCheck) backwards() {
	for _, mod := range c.list {
		switch {
		case c.meta(mod).explicit && !c.required[mod]:
			if c.reported[mod.Path] {
				continue // the requirement in another version was reported
			}
			c.unexpected(mod, "is marked as explicit, but not required by", "is marked as explicit in vendor/modules.txt, but not explicitly required in go.mod")
		case c.module.Mode == Vendored && c.outvoted(mod):
			c.unexpected(mod, "provides packages, but an older version is required by", "updates to go.mod needed, disabled by -mod=vendor")
		case c.module.Mode == Vendored && c.module.Pruned() && !c.isRoot(mod):
			if !c.reported[mod.Path] {
				c.unexpected(mod, "provides packages, but is not required by", "should be required explicitly in go.mod")
			}
		}
	}
	for _, mod := range c.marked {
		if _, _, ok := c.module.Replacement(mod); !ok || mod.Version == "" && c.isMain[mod.Path] {
			c.unexpected(mod, "is marked as replaced, but not replaced in", "is marked as replaced in vendor/modules.txt, but not replaced in go.mod")
		}
	}
}

func (c *vendorCheck) unexpected(mod module.Version, text, said string) {
	main := c.mains[0].Mod
	about := fact.Note{At: At(main), Text: "this file does not name it"}
	if r, ok := c.requires[mod.Path]; ok {
		about = fact.Note{At: r.At, Text: "required here in another version"}
	}
	at := c.metas[mod].at
	c.found = append(c.found, Disagreement{
		At: at, Text: fmt.Sprintf("%s %s %s", describe(mod), text, main.Source.Path), Said: describe(mod) + ": " + said,
		Why: []fact.Note{{At: at, Text: "listed here"}, about},
	})
}

func (c *vendorCheck) isRoot(mod module.Version) bool {
	root := c.module.Root(mod.Path)
	return root != nil && root.Require.Version.Text == mod.Version
}

// outvoted reports whether go.mod requires a lower version than the vendor
// folder holds. Before Go 1.17 what is vendored counts as a requirement too.
func (c *vendorCheck) outvoted(mod module.Version) bool {
	root := c.module.Root(mod.Path)
	return !c.module.Pruned() && root != nil && newer(mod.Version, root.Require.Version.Text)
}

func describe(mod module.Version) string {
	if mod.Version == "" {
		return mod.Path
	}
	return mod.Path + "@" + mod.Version
}

// Unvendored returns the imports of packages that the vendor folder does not
// hold (cmd/go/internal/modload/import.go, importFromModules). From Go 1.23 on
// a package has to be listed in modules.txt too.
func (m *Module) Unvendored(r *repo.Repo, uses []Use) []Use {
	if m.Mode != Vendored && m.Mode != VendoredWorkspace {
		return nil
	}
	vendor, dir := m.VendorFile()
	goLine := m.Mod.Go.Text
	if m.Mode == VendoredWorkspace {
		goLine = m.Work.File.Go.Text
	}
	minor, _ := goprogram.Minor(goLine)
	var missing []Use
	for _, u := range uses {
		if m.ours(r, u.Path) || strings.Contains(u.Path, "\\") {
			continue
		}
		if !HoldsGo(r, path.Join(dir, "vendor", u.Path)) || minor >= 23 && !vendor.Lists(u.Path) {
			missing = append(missing, u)
		}
	}
	return missing
}

// HoldsGo reports whether a folder has Go files, or may have.
func HoldsGo(r *repo.Repo, dir string) bool {
	if r.Has(dir) == repo.Maybe {
		return true
	}
	for _, e := range r.Dir(dir) {
		if !e.Dir && path.Ext(e.Path) == ".go" {
			return true
		}
	}
	return r.MayBeTracked(dir)
}

// ours reports whether an import path lies below that of a main module, so that
// it is there, or is generated.
func (m *Module) ours(r *repo.Repo, importPath string) bool {
	if m.Mode == Vendored {
		return below(importPath, m.Path()) && !m.isNested(r, importPath)
	}
	for p, ok := importPath, true; ok; p, _, ok = cutLast(p) {
		if m.Work.Has(p) {
			return true
		}
	}
	return false
}
