// Package repo finds the files of a repository, says as what each is read, and
// keeps what is computed from them.
package repo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Limits of what is read. They are far above what real repositories hold.
const (
	maxSize    = 16 << 20 // bytes of one file
	maxEntries = 2_000_000
	maxDepth   = 200
)

// Input is a file together with what it is read as.
type Input struct {
	*source.File
	Kind Kind
}

// Entry is one name in a folder.
type Entry struct {
	Path    string
	Dir     bool
	Symlink bool // a link to a file or folder inside the root
	Skipped bool // under a folder of examples or foreign files: exists, not judged
}

// Repo is a repository as it stands on disk, or in any fs.FS. It is safe for
// concurrent use.
type Repo struct {
	// Inputs are the files to judge, sorted by path.
	Inputs []Input
	// Unread are the files and folders that could not be listed; Err says why.
	Unread []*source.File

	fsys    fs.FS
	dirs    map[string][]Entry
	entries map[string]Entry
	inputs  map[string]int   // path → index in Inputs
	ignored map[string]bool  // pruned by .gitignore; a folder stands for all below it
	levels  map[string]level // patterns of .gitignore in force in a folder
	opaque  map[string]bool  // not listed
	indexed bool             // what is ignored was looked up in the index of git
	files   sync.Map         // path → *source.File, of what is not judged
	memo    sync.Map         // *Model[T] → func() T
	options Options
}

// Options say how a repository is read.
type Options struct {
	// ModuleCache is the module cache (GOMODCACHE) where the user asked to
	// resolve imports from it, else nil.
	ModuleCache fs.FS
	// Resolved says in which folder of the module cache a package lies, where
	// the user let the go command decide: folder of the main module → import
	// path → folder.
	Resolved map[string]map[string]string
	// Committed says that the files are those of a commit: all are tracked, so
	// .gitignore leaves none out.
	Committed bool
	// Knowledge are the tables to judge by; nil for those of the program.
	Knowledge *knowledge.Base
}

// Options returns what the repository was opened with.
func (r *Repo) Options() Options { return r.options }

// Knowledge returns the tables to judge by.
func (r *Repo) Knowledge() *knowledge.Base {
	if r.options.Knowledge != nil {
		return r.options.Knowledge
	}
	return knowledge.Default()
}

// Open lists the repository in fsys, which must not lead out of its root:
// os.Root's does not. Names that cannot be read are kept in Unread.
func Open(fsys fs.FS, options Options) (*Repo, error) {
	r := &Repo{
		fsys:    fsys,
		dirs:    map[string][]Entry{},
		entries: map[string]Entry{".": {Path: ".", Dir: true}},
		ignored: map[string]bool{},
		levels:  map[string]level{},
		opaque:  map[string]bool{},
		options: options,
	}
	if err := r.walk(); err != nil {
		return nil, err
	}
	r.classify()
	return r, nil
}

// File returns the file at p, whether or not it is judged, or nil where there
// is no such file. Its bytes are read at first use.
func (r *Repo) File(p string) *source.File {
	e, ok := r.entries[p]
	if !ok || e.Dir {
		return nil
	}
	if i, ok := r.inputs[p]; ok {
		return r.Inputs[i].File
	}
	f, ok := r.files.Load(p)
	if !ok {
		f, _ = r.files.LoadOrStore(p, r.lazy(p))
	}
	return f.(*source.File)
}

func (r *Repo) lazy(p string) *source.File {
	return source.Lazy(p, func() ([]byte, error) { return r.read(p) })
}

// read loads a file of at most maxSize bytes.
func (r *Repo) read(p string) ([]byte, error) {
	f, err := r.fsys.Open(p)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", p, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", p, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("reading %s: not a regular file", p)
	}
	if info.Size() > maxSize {
		return nil, fmt.Errorf("reading %s: %w of %d MiB", p, source.ErrTooLarge, maxSize>>20)
	}
	return readAll(f, info.Size(), p)
}

// readAll reads a file that may grow while it is read.
func readAll(f fs.File, size int64, p string) ([]byte, error) {
	data := make([]byte, 0, size+1)
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", p, err)
		case len(data) > maxSize:
			return nil, fmt.Errorf("reading %s: %w of %d MiB", p, source.ErrTooLarge, maxSize>>20)
		case len(data) == cap(data):
			data = slices.Grow(data, len(data)+512)
		}
	}
}

// Head reads the first bytes of a file into buf and returns them, and whether
// that is all of it. It serves those who look at many files for little.
func (r *Repo) Head(p string, buf []byte) (data []byte, whole bool, err error) {
	if d, ok := r.fsys.(disk); ok {
		if n, ok := headBeneath(d.dir, p, buf); ok {
			return buf[:n], n < len(buf), nil
		}
	}
	f, err := r.fsys.Open(p)
	if err != nil {
		if whole := r.File(p); whole != nil {
			return nil, false, whole.Err() // known from now on as a file that cannot be read
		}
		return nil, false, fmt.Errorf("reading %s: %w", p, err)
	}
	defer f.Close()
	n, err := io.ReadFull(f, buf)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return buf[:n], true, nil
	case err != nil:
		return nil, false, fmt.Errorf("reading %s: %w", p, err)
	}
	return buf, false, nil
}

// Dirs returns all listed folders, sorted.
func (r *Repo) Dirs() []string { return slices.Sorted(maps.Keys(r.dirs)) }

// Of returns the inputs of one kind, sorted by path.
func (r *Repo) Of(kind Kind) []*source.File {
	var files []*source.File
	for _, in := range r.Inputs {
		if in.Kind == kind {
			files = append(files, in.File)
		}
	}
	return files
}

// KindOf returns as what the file is judged, or "" if it is not.
func (r *Repo) KindOf(p string) Kind {
	i, ok := r.inputs[p]
	if !ok {
		return ""
	}
	return r.Inputs[i].Kind
}

// Dir returns the entries of a folder, sorted by path, without what git
// ignores.
func (r *Repo) Dir(p string) []Entry { return r.dirs[p] }

// Names returns the names in a folder, sorted, without what git ignores; all is
// false where something may have made the folder, or it is not listed.
func (r *Repo) Names(dir string) (names []string, all bool) {
	for _, e := range r.dirs[dir] {
		names = append(names, path.Base(e.Path))
	}
	has := r.Has(dir)
	return names, has != Maybe && has != Ignored
}

// MayBeTracked reports whether p, or something below it, is on this disk and is
// named by .gitignore, but may be part of the repository all the same: the index
// of git is not at hand, as in a linked work tree or an archive.
func (r *Repo) MayBeTracked(p string) bool {
	if r.indexed {
		return false
	}
	for q := path.Clean(p); q != "." && q != "/"; q = path.Dir(q) {
		if r.ignored[q] {
			return true
		}
	}
	for q := range r.ignored {
		if strings.HasPrefix(q, p+"/") {
			return true
		}
	}
	return false
}

// Count returns the number of files, judged or not, without what git ignores.
func (r *Repo) Count() int {
	n := 0
	for _, e := range r.entries {
		if !e.Dir {
			n++
		}
	}
	return n
}

// Presence says whether something exists in the repository.
type Presence uint8

// The answers of Has.
const (
	Maybe   Presence = iota // in a folder that is not listed or linked to, or outside the root
	Absent                  // not in the repository
	Ignored                 // left out of the repository by .gitignore, whether or not it is on this disk
	IsFile                  //
	IsDir                   //
)

// Has reports whether the repository holds p, a clean path relative to the
// root. What git ignores is not part of the repository: another checkout has
// it not.
func (r *Repo) Has(p string) Presence {
	if p == ".." || strings.HasPrefix(p, "../") || path.IsAbs(p) {
		return Maybe
	}
	p = path.Clean(p)
	if e, ok := r.entries[p]; ok {
		if e.Dir {
			return IsDir
		}
		return IsFile
	}
	for q := p; q != "."; q = path.Dir(q) {
		switch {
		case r.opaque[q]:
			return Maybe
		case r.ignored[q]:
			return Ignored
		case r.entries[q].Symlink:
			return Maybe // links to folders are not followed
		}
	}
	if r.wouldIgnore(p) {
		return Ignored
	}
	return Absent
}

// wouldIgnore reports whether git would leave out a path that is not there, or
// a folder above it: something may make it before it is needed.
func (r *Repo) wouldIgnore(p string) bool {
	for q := p; q != "."; q = path.Dir(q) {
		level := r.level(path.Dir(q))
		if level.match(q, true) || q == p && level.match(q, false) {
			return true
		}
	}
	return false
}

// level returns the patterns in force in a folder, or in the nearest above it
// that is there.
func (r *Repo) level(dir string) level {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := r.dirs[dir]; ok {
			break
		}
	}
	return r.levels[dir]
}
