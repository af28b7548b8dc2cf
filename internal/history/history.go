// Package history reads commits and their files out of a clone of git. git
// itself is never run: it executes what the configuration of the clone names,
// and refuses clones of other users, as those in containers are. Nothing is
// checked out and nothing is fetched.
//
// The objects are read with the storage of go-git. Its packages that talk to
// servers are not part of the program.
package history

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// The errors that callers tell apart.
var (
	// ErrNoClone says that the folder has no history.
	ErrNoClone = errors.New("this is no clone of git")
	// ErrNotHere says that the clone is shallow, or for another reason holds
	// less than what is asked for.
	ErrNotHere = errors.New("the clone does not hold it")
)

// Clone is the history of a clone. It is safe for concurrent use.
type Clone struct {
	mu      sync.Mutex // the storage of go-git is for one user
	store   *filesystem.Storage
	shallow map[plumbing.Hash]bool // commits whose parents are not here
}

// maxObjects is how many bytes of objects are kept in memory.
const maxObjects = 64 << 20

// Open opens the clone whose work tree is dir: dir holds .git, a folder or, in a
// linked work tree or a submodule, a file that says where it is.
func Open(dir string) (*Clone, error) {
	git, err := gitFolder(dir)
	if err != nil {
		return nil, err
	}
	options := filesystem.Options{KeepDescriptors: true, MaxOpenDescriptors: 64}
	if filepath.Separator == '/' {
		options.AlternatesFS = osfs.New("/") // clone --reference names other clones
	}
	c := &Clone{
		store:   filesystem.NewStorageWithOptions(git, cache.NewObjectLRU(maxObjects), options),
		shallow: map[plumbing.Hash]bool{},
	}
	if err := c.supported(); err != nil {
		return nil, err
	}
	shallow, err := c.store.Shallow()
	if err != nil {
		return nil, fmt.Errorf("reading .git/shallow: %w", err)
	}
	for _, h := range shallow {
		c.shallow[h] = true
	}
	return c, nil
}

// Close gives back the files that are open.
func (c *Clone) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.store.ObjectStorage.Close()
}

// gitFolder returns the folder of git for a work tree (gitrepository-layout(5)).
func gitFolder(dir string) (billy.Filesystem, error) {
	tree := osfs.New(dir)
	info, err := tree.Stat(".git")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoClone
	case err != nil:
		return nil, fmt.Errorf("reading .git: %w", err)
	case info.IsDir():
		return osfs.New(filepath.Join(dir, ".git")), nil
	}
	text, err := line(tree, ".git")
	if err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(text, "gitdir: ")
	if !ok {
		return nil, fmt.Errorf("%w: .git names no folder", ErrNoClone)
	}
	git := osfs.New(below(dir, name))
	common, err := line(git, "commondir")
	if errors.Is(err, fs.ErrNotExist) {
		return git, nil
	}
	if err != nil {
		return nil, err
	}
	return dotgit.NewRepositoryFilesystem(git, osfs.New(below(below(dir, name), common))), nil
}

// line returns the first line of a small file.
func line(in billy.Filesystem, name string) (string, error) {
	f, err := in.Open(name)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	text, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimRight(text, "\r"), nil
}

// below returns a path that is relative to dir or absolute.
func below(dir, name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// supported finds formats of clones that go-git cannot read.
func (c *Clone) supported() error {
	config, err := c.store.Config()
	if err != nil {
		return fmt.Errorf("reading .git/config: %w", err)
	}
	for _, o := range config.Raw.Section("extensions").Options {
		name, value := strings.ToLower(o.Key), strings.ToLower(o.Value)
		if name == "objectformat" && value != "sha1" || name == "refstorage" && value != "files" {
			return fmt.Errorf("a clone with extensions.%s = %s cannot be read", name, value)
		}
	}
	return nil
}

// Commit is a commit of a clone.
type Commit struct {
	clone *Clone
	*object.Commit
}

// ID returns the full hash.
func (c Commit) ID() string { return c.Hash.String() }

// commit returns the commit with the hash. The lock is held.
func (c *Clone) commit(h plumbing.Hash) (Commit, error) {
	found, err := object.GetCommit(c.store, h)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return Commit{}, fmt.Errorf("commit %.12s: %w", h, ErrNotHere)
	}
	if err != nil {
		return Commit{}, fmt.Errorf("commit %.12s: %w", h, err)
	}
	return Commit{c, found}, nil
}

// Head returns what is checked out, and the full name of its branch, which is
// empty where there is none.
func (c *Clone) Head() (Commit, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	head, err := c.store.Reference(plumbing.HEAD)
	if err != nil {
		return Commit{}, "", fmt.Errorf("HEAD: %w", err)
	}
	branch := ""
	if head.Type() == plumbing.SymbolicReference {
		branch = head.Target().String()
	}
	h, err := c.reference("HEAD")
	if err != nil {
		return Commit{}, "", err
	}
	commit, err := c.commit(h)
	return commit, branch, err
}

// Parents returns the parents of a commit. Where the clone is cut off there are
// none.
func (c Commit) Parents() ([]Commit, error) {
	c.clone.mu.Lock()
	defer c.clone.mu.Unlock()
	return c.clone.parents(c)
}

// parents is Parents with the lock held.
func (c *Clone) parents(of Commit) ([]Commit, error) {
	if c.shallow[of.Hash] {
		return nil, nil
	}
	var parents []Commit
	for _, h := range of.ParentHashes {
		p, err := c.commit(h)
		if err != nil {
			return nil, err
		}
		parents = append(parents, p)
	}
	return parents, nil
}

// MergeBase returns the commit from which two lines of history went apart: the
// newest that both have.
func (c *Clone) MergeBase(a, b Commit) (Commit, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &walk{clone: c, sides: map[plumbing.Hash]side{}}
	w.add(a, ours)
	w.add(b, theirs)
	for len(w.queue) > 0 {
		next := w.pop()
		reached := w.sides[next.Hash]
		if reached == ours|theirs {
			if w.cut && next.Hash != a.Hash && next.Hash != b.Hash {
				break // there may be a newer one behind where the clone is cut off
			}
			return next, nil
		}
		w.cut = w.cut || c.shallow[next.Hash]
		parents, err := c.parents(next)
		if err != nil {
			return Commit{}, err
		}
		for _, p := range parents {
			w.add(p, reached)
		}
	}
	if w.cut {
		return Commit{}, fmt.Errorf("the commit that %.12s and %.12s have in common: %w", a.ID(), b.ID(), ErrNotHere)
	}
	return Commit{}, fmt.Errorf("%.12s and %.12s have no commit in common", a.ID(), b.ID())
}

// side says from where a commit can be reached.
type side uint8

const (
	ours side = 1 << iota
	theirs
)

// walk goes back in time from two commits at once, so that it need not read all
// of a long history.
type walk struct {
	clone *Clone
	queue []Commit // by time, the newest last
	sides map[plumbing.Hash]side
	cut   bool // a shallow commit was met
}

func (w *walk) add(c Commit, from side) {
	before, known := w.sides[c.Hash]
	w.sides[c.Hash] = before | from
	if known && before|from == before {
		return
	}
	if slices.ContainsFunc(w.queue, func(q Commit) bool { return q.Hash == c.Hash }) {
		return
	}
	at, _ := slices.BinarySearchFunc(w.queue, c, func(q, c Commit) int { return q.Committer.When.Compare(c.Committer.When) })
	w.queue = slices.Insert(w.queue, at, c)
}

func (w *walk) pop() Commit {
	last := len(w.queue) - 1
	c := w.queue[last]
	w.queue = w.queue[:last]
	return c
}
