package repo

import (
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Disk returns the files below root for Open. It leads nowhere else, as
// root.FS() does, which takes several system calls for each file it opens and
// one for each name in a folder: most of the time of a walk.
func Disk(root *os.Root) fs.FS {
	dir, err := root.Open(".")
	if err != nil {
		return root.FS() // which says what is wrong
	}
	return disk{root.FS(), dir}
}

type disk struct {
	fs.FS
	dir *os.File // the root; closed when it is not used any more
}

// Open opens a file.
func (d disk) Open(name string) (fs.File, error) {
	if f := openBeneath(d.dir, name); f != nil {
		return f, nil
	}
	return d.FS.Open(name)
}

// Stat describes a file without opening it.
func (d disk) Stat(name string) (fs.FileInfo, error) { return fs.Stat(d.FS, name) }

// ReadDir returns the entries of a folder by name. Their Info is not to be
// used: it may look for them outside of root.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) {
	f := openBeneath(d.dir, name)
	if f == nil {
		return fs.ReadDir(d.FS, name)
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}
