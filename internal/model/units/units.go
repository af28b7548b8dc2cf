// Package units groups the unit files and drop-ins of a repository as systemd
// would find them: those of one folder belong together.
package units

import (
	"maps"
	"path"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// All is the model of all units, sorted by the path of the unit file, those of
// which only drop-ins are there last.
var All = repo.NewModel(func(r *repo.Repo) []*systemd.Unit {
	files, dropins := repo.Units.Of(r), repo.DropIns.Of(r)
	beside := map[string][]*systemd.File{} // folder of the *.d folders → drop-ins
	for _, p := range slices.Sorted(maps.Keys(dropins)) {
		dir := path.Dir(path.Dir(p))
		beside[dir] = append(beside[dir], dropins[p])
	}
	var all []*systemd.Unit
	taken := map[*systemd.File]bool{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		u := systemd.Load(systemd.Scope{Unit: path.Base(p), User: userUnit(p)}, files[p], beside[path.Dir(p)])
		for _, d := range slices.Concat(u.Dropins, u.Hidden) {
			taken[d] = true
		}
		all = append(all, u)
	}
	return append(all, lone(dropins, taken)...)
})

// lone are the units of other packages, of which the repository holds drop-ins
// only.
func lone(dropins map[string]*systemd.File, taken map[*systemd.File]bool) []*systemd.Unit {
	groups := map[string][]*systemd.File{}
	for _, p := range slices.Sorted(maps.Keys(dropins)) {
		if dir := path.Dir(p); !taken[dropins[p]] {
			groups[dir] = append(groups[dir], dropins[p])
		}
	}
	var all []*systemd.Unit
	for _, dir := range slices.Sorted(maps.Keys(groups)) {
		name := path.Base(dir)
		all = append(all, systemd.Load(systemd.Scope{Unit: name[:len(name)-len(".d")], User: userUnit(dir)}, nil, groups[dir]))
	}
	return all
}

// userUnit reports whether a path is one from which a user's service manager
// reads: …/systemd/user/….
func userUnit(p string) bool {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if path.Base(dir) == "user" && path.Base(path.Dir(dir)) == "systemd" {
			return true
		}
	}
	return false
}
