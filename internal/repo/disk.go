package repo

import (
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Disk returns the files below root for Open. It is root.FS(), which leads
// nowhere else, but for ReadDir: that one asks the system about each name,
// which takes longer than all the rest of a walk.
func Disk(root *os.Root) fs.FS { return disk{root, root.FS()} }

type disk struct {
	root *os.Root
	fs.FS
}

// Stat makes fs.Stat not open the file.
func (d disk) Stat(name string) (fs.FileInfo, error) { return fs.Stat(d.FS, name) }

// ReadDir returns the entries of a folder by name. Their Info is not to be
// used: it would look for them outside of root.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := readDir(f)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}
