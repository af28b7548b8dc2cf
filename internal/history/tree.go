package history

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// maxBlob is how large a file is read, in bytes.
const maxBlob = 64 << 20

// maxLinks is how many links are followed on the way to a file.
const maxLinks = 40

// Tree is the files of a commit. Links lead nowhere but to other files of it;
// submodules are empty folders. It is safe for concurrent use.
type Tree struct {
	clone   *Clone
	root    plumbing.Hash
	mu      sync.Mutex
	missing error
}

// Tree returns the files of a commit.
func (c Commit) Tree() *Tree { return &Tree{clone: c.clone, root: c.TreeHash} }

// Missing returns an error if something was asked for that the clone does not
// hold, as it happens with clones that were made with a filter: what was judged
// by these files then says nothing.
func (t *Tree) Missing() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.missing
}

// miss remembers that an object is not there.
func (t *Tree) miss(name string, err error) error {
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		err = fmt.Errorf("%s: %w", name, ErrNotHere)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.missing == nil {
		t.missing = err
	}
	return err
}

// entry is what a name stands for.
type entry struct {
	name string // the last element
	mode filemode.FileMode
	hash plumbing.Hash
}

func (e entry) isDir() bool { return e.mode == filemode.Dir || e.mode == filemode.Submodule }

// entries returns what a folder holds, by name.
func (t *Tree) entries(name string, e entry) ([]entry, error) {
	if e.mode == filemode.Submodule {
		return nil, nil
	}
	t.clone.mu.Lock()
	found, err := object.GetTree(t.clone.store, e.hash)
	t.clone.mu.Unlock()
	if err != nil {
		return nil, t.miss(name, err)
	}
	var all []entry
	for _, f := range found.Entries {
		if fs.ValidPath(f.Name) && f.Name != "." && !strings.Contains(f.Name, "/") {
			all = append(all, entry{f.Name, f.Mode, f.Hash})
		}
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// find returns what a path stands for; links on the way and at its end are
// followed.
func (t *Tree) find(name string) (entry, error) {
	top := entry{".", filemode.Dir, t.root}
	at, found := "", top
	rest := strings.Split(path.Clean(name), "/")
	for links := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		if part == "." {
			continue
		}
		list, err := t.entries(at, found)
		if err != nil {
			return entry{}, err
		}
		i, ok := slices.BinarySearchFunc(list, part, func(e entry, name string) int { return strings.Compare(e.name, name) })
		if !ok {
			return entry{}, fs.ErrNotExist
		}
		found = list[i]
		if found.mode != filemode.Symlink {
			at = path.Join(at, part)
			if len(rest) > 0 && !found.isDir() {
				return entry{}, fs.ErrNotExist
			}
			continue
		}
		target, err := t.link(path.Join(at, part), found)
		if err != nil {
			return entry{}, err
		}
		// What lies behind .. of a link is that of the folder it leads to; there
		// is no such path in what repositories hold, so the words are enough.
		target = path.Join(at, target)
		if links++; links > maxLinks || !fs.ValidPath(target) {
			return entry{}, fs.ErrNotExist
		}
		at, found, rest = "", top, append(strings.Split(target, "/"), rest...)
	}
	return found, nil
}

// link returns where a link leads, relative to its folder.
func (t *Tree) link(name string, e entry) (string, error) {
	data, err := t.blob(name, e)
	if err != nil {
		return "", err
	}
	if target := string(data); len(target) < 4096 && target != "" && !path.IsAbs(target) {
		return target, nil
	}
	return "", fs.ErrNotExist
}

// blob returns the bytes of a file.
func (t *Tree) blob(name string, e entry) ([]byte, error) {
	t.clone.mu.Lock()
	defer t.clone.mu.Unlock()
	b, err := object.GetBlob(t.clone.store, e.hash)
	if err != nil {
		return nil, t.miss(name, err)
	}
	if b.Size > maxBlob {
		return nil, fmt.Errorf("larger than %d MiB", maxBlob>>20)
	}
	r, err := b.Reader()
	if err != nil {
		return nil, t.miss(name, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxBlob))
	if err != nil {
		return nil, t.miss(name, err)
	}
	return data, nil
}

// size returns the size of a file.
func (t *Tree) size(name string, e entry) (int64, error) {
	if e.isDir() {
		return 0, nil
	}
	t.clone.mu.Lock()
	defer t.clone.mu.Unlock()
	n, err := t.clone.store.EncodedObjectSize(e.hash)
	if err != nil {
		return 0, t.miss(name, err)
	}
	return n, nil
}

// Open opens a file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	e, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	return &file{tree: t, path: name, entry: e}, nil
}

// Stat describes a file or a folder.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return t.info(name, e)
}

// ReadDir lists a folder.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.isDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a folder")}
	}
	list, err := t.entries(name, e)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	var out []fs.DirEntry
	for _, e := range list {
		out = append(out, dirEntry{t, path.Join(name, e.name), e})
	}
	return out, nil
}

func (t *Tree) lookup(op, name string) (entry, error) {
	if !fs.ValidPath(name) {
		return entry{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	e, err := t.find(name)
	if err != nil {
		return entry{}, &fs.PathError{Op: op, Path: name, Err: err}
	}
	e.name = path.Base(name)
	return e, nil
}

func (t *Tree) info(name string, e entry) (fs.FileInfo, error) {
	size, err := t.size(name, e)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return info{e, size}, nil
}

// dirEntry is an entry of a folder; links are not followed.
type dirEntry struct {
	tree *Tree
	path string
	entry
}

func (d dirEntry) Name() string               { return d.name }
func (d dirEntry) IsDir() bool                { return d.isDir() }
func (d dirEntry) Type() fs.FileMode          { return mode(d.entry).Type() }
func (d dirEntry) Info() (fs.FileInfo, error) { return d.tree.info(d.path, d.entry) }

// info describes an entry.
type info struct {
	entry
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return mode(i.entry) }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.isDir() }
func (i info) Sys() any           { return nil }

// mode returns what git knows of the mode of a file.
func mode(e entry) fs.FileMode {
	switch {
	case e.isDir():
		return fs.ModeDir | 0o755
	case e.mode == filemode.Symlink:
		return fs.ModeSymlink | 0o777
	case e.mode == filemode.Executable:
		return 0o755
	}
	return 0o644
}

// file is an open file; its bytes are read at first use.
type file struct {
	tree *Tree
	path string
	entry
	data *bytes.Reader
	list []fs.DirEntry // what is left of a folder
	read bool
}

func (f *file) Stat() (fs.FileInfo, error) { return f.tree.info(f.path, f.entry) }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.isDir() {
		return 0, &fs.PathError{Op: "read", Path: f.path, Err: errors.New("a folder")}
	}
	if f.data == nil {
		data, err := f.tree.blob(f.path, f.entry)
		if err != nil {
			return 0, &fs.PathError{Op: "read", Path: f.path, Err: err}
		}
		f.data = bytes.NewReader(data)
	}
	return f.data.Read(p)
}

// ReadDir lists a folder, n entries at a time where n is not 0.
func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.read {
		list, err := f.tree.ReadDir(f.path)
		if err != nil {
			return nil, err
		}
		f.list, f.read = list, true
	}
	if n > 0 && len(f.list) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(f.list) {
		n = len(f.list)
	}
	var out []fs.DirEntry
	out, f.list = f.list[:n:n], f.list[n:]
	return out, nil
}
