package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// folder is one step of the walk.
type folder struct {
	path    string
	level   level
	depth   int
	skipped bool
	ignored bool // only what is tracked is part of the repository
}

// listing is what one folder holds.
type listing struct {
	folder  folder
	entries []Entry
	ignored []string // paths that .gitignore removes
	next    []folder
	err     error
}

// walk lists all folders but the opaque and the ignored ones, those of one
// depth in parallel. It follows no link to a folder, so it ends; links to files
// count where their target is a file inside the root.
func (r *Repo) walk() error {
	git := newIgnores(r.fsys, r.options.Committed)
	queue := []folder{{path: ".", level: git.enter(nil, ".", ".git/info/exclude")}}
	for len(queue) > 0 {
		listings := make([]listing, len(queue))
		Parallel(len(queue), func(i int) { listings[i] = r.list(queue[i], git) })
		queue = queue[:0]
		for i := range listings {
			if err := listings[i].err; err != nil && listings[i].folder.path == "." {
				return fmt.Errorf("listing the repository: %w", err)
			}
			r.record(&listings[i])
			queue = append(queue, listings[i].next...)
		}
		if len(r.entries) > maxEntries {
			return fmt.Errorf("listing the repository: more than %d files", maxEntries)
		}
	}
	r.indexed = len(r.ignored) > 0 && git.tracked() != nil
	return nil
}

// list reads the entries of one folder.
func (r *Repo) list(f folder, git *ignores) listing {
	names, err := fs.ReadDir(r.fsys, f.path)
	l := listing{err: err, entries: make([]Entry, 0, len(names))}
	if slices.ContainsFunc(names, func(d fs.DirEntry) bool { return d.Name() == ".gitignore" && d.Type().IsRegular() }) {
		f.level = git.enter(f.level, f.path, path.Join(f.path, ".gitignore"))
	}
	l.folder = f
	for _, d := range names {
		e, ok := r.entry(f, d)
		if !ok {
			continue
		}
		ignored := f.ignored || f.level.match(e.Path, e.Dir)
		if ignored && git.leavesOut(e, f.level) {
			l.ignored = append(l.ignored, e.Path)
			continue
		}
		l.entries = append(l.entries, e)
		if e.Dir && !e.Symlink && !opaqueName(d.Name()) && f.depth < maxDepth {
			l.next = append(l.next, folder{e.Path, f.level, f.depth + 1, e.Skipped, ignored && git.tracked() != nil})
		}
	}
	return l
}

// record keeps what list found.
func (r *Repo) record(l *listing) {
	dir := l.folder.path
	if l.err != nil {
		r.opaque[dir] = true
		r.unread(dir, l.err)
	}
	for _, p := range l.ignored {
		r.ignored[p] = true
	}
	for _, e := range l.entries {
		r.entries[e.Path] = e
		if e.Dir && !e.Symlink && (opaqueName(path.Base(e.Path)) || l.folder.depth >= maxDepth) {
			r.opaque[e.Path] = true
		}
	}
	r.dirs[dir] = l.entries
	if len(l.folder.level) > 0 {
		r.levels[dir] = l.folder.level
	}
}

// entry describes a name, or reports false for what is neither a file nor a
// folder: sockets, devices, links that lead nowhere or out of the root.
func (r *Repo) entry(f folder, d fs.DirEntry) (Entry, bool) {
	p := d.Name()
	if f.path != "." {
		p = f.path + "/" + p
	}
	e := Entry{Path: p, Dir: d.IsDir(), Skipped: f.skipped || skippedName(d.Name())}
	switch t := d.Type(); {
	case t.IsRegular(), t.IsDir():
		return e, true
	case t&fs.ModeSymlink != 0:
		info, err := fs.Stat(r.fsys, p)
		if err != nil {
			return Entry{}, false
		}
		e.Symlink, e.Dir = true, info.IsDir()
		return e, info.IsDir() || info.Mode().IsRegular()
	}
	return Entry{}, false
}

func (r *Repo) unread(p string, err error) {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	cause := fmt.Errorf("reading %s: %w", p, err)
	r.Unread = append(r.Unread, source.Lazy(p, func() ([]byte, error) { return nil, cause }))
}

// classify fills Inputs. The files whose names leave their kind open are read,
// in parallel: on a slow disk that is most of the time of a run.
func (r *Repo) classify() {
	var open []*source.File
	var inputs []Input
	charts := r.charts()
	for p, e := range r.entries {
		if e.Dir || e.Skipped {
			continue
		}
		kind, sniff := r.nameKind(p, e, charts)
		switch {
		case kind != "":
			inputs = append(inputs, Input{r.lazy(p), kind})
		case sniff && (path.Ext(p) != "" || r.executable(p)):
			open = append(open, r.lazy(p))
		}
	}
	inputs = append(inputs, r.sniff(open)...)
	slices.SortFunc(inputs, func(a, b Input) int { return strings.Compare(a.Path, b.Path) })
	r.Inputs = inputs
	r.inputs = make(map[string]int, len(inputs))
	for i, in := range inputs {
		r.inputs[in.Path] = i
	}
}

// nameKind adds to the name what the folders around it say.
func (r *Repo) nameKind(p string, e Entry, charts map[string]bool) (kind Kind, sniff bool) {
	kind, sniff = nameKind(p)
	if kind == "" && !sniff {
		return "", false
	}
	if e.Symlink && kind != GoSource {
		return "", false // its target is judged
	}
	if inVendor(p) {
		return onlyIf(kind == VendorModules && !inVendor(path.Dir(path.Dir(p))), kind), false
	}
	dir := path.Dir(p)
	if charts[dir] && valuesName.MatchString(path.Base(p)) {
		return HelmValues, false
	}
	for d := dir; d != "."; d = path.Dir(d) {
		if path.Base(d) == "templates" && charts[path.Dir(d)] && (path.Ext(p) == ".yaml" || path.Ext(p) == ".yml") {
			return HelmTemplate, false
		}
	}
	return kind, sniff
}

func onlyIf(ok bool, k Kind) Kind {
	if ok {
		return k
	}
	return ""
}

// inVendor reports whether a folder named vendor holds p.
func inVendor(p string) bool {
	return strings.HasPrefix(p, "vendor/") || strings.Contains(p, "/vendor/")
}

// charts returns the folders that hold a Chart.yaml.
func (r *Repo) charts() map[string]bool {
	charts := map[string]bool{}
	for dir, entries := range r.dirs {
		for _, e := range entries {
			if path.Base(e.Path) == "Chart.yaml" {
				charts[dir] = true
			}
		}
	}
	return charts
}

// executable is asked of names without extension only: the rest of a tree is
// never stat'ed.
func (r *Repo) executable(p string) bool {
	info, err := fs.Stat(r.fsys, p)
	return err == nil && info.Mode()&0o111 != 0 && info.Size() < 1<<20
}

// sniff reads files and returns those that are inputs; the others are kept, so
// that they are not read again.
func (r *Repo) sniff(files []*source.File) []Input {
	kinds := make([]Kind, len(files))
	Parallel(len(files), func(i int) { kinds[i] = contentKind(files[i].Path, files[i].Data()) })
	var inputs []Input
	for i, f := range files {
		if kinds[i] != "" {
			inputs = append(inputs, Input{f, kinds[i]})
			continue
		}
		r.files.Store(f.Path, f)
		if f.Err() != nil {
			r.Unread = append(r.Unread, f)
		}
	}
	slices.SortFunc(r.Unread, func(a, b *source.File) int { return strings.Compare(a.Path, b.Path) })
	return inputs
}

// Parallel calls do for 0..n-1 on as many goroutines as there are CPUs. A panic
// of do becomes one of the caller, who may recover from it; of several, that of
// the lowest number.
func Parallel(n int, do func(int)) {
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), n)
	failed := make([]*Panic, workers)
	at := make([]int, workers)
	for w := range workers {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					failed[w] = Recovered(v)
				}
			}()
			for at[w] = w; at[w] < n; at[w] += workers {
				do(at[w])
			}
		})
	}
	wg.Wait()
	first := -1
	for w, p := range failed {
		if p != nil && (first < 0 || at[w] < at[first]) {
			first = w
		}
	}
	if first >= 0 {
		panic(failed[first])
	}
}
