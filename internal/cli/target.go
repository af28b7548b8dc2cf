package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/history"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/resolve"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// target is a repository that is checked.
type target struct {
	root   *os.Root
	cache  *os.Root // the module cache, where it is asked for
	under  string   // what is shown: a path below the root, or "."
	config *config.Config
	repo   *repo.Repo
	clone  *history.Clone // the history, where it is looked at
	// resolve says where packages outside the repository are looked for; empty
	// for nowhere.
	resolve string
}

// targetFlags are the flags of the commands that read a repository.
type targetFlags struct {
	config  string
	resolve string
}

func (f *targetFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.config, "config", "", "read this `FILE` instead of "+config.Name+" at the root")
	c.Flags().StringVar(&f.resolve, "resolve", "none", "where to look for packages that are not in the repository: none, cache (the module cache) or go (ask the go command, which reads the cache and runs nothing of the repository)")
	complete(c, "resolve", "none", "cache", "go")
}

// runFlags are the flags of the commands that run rules.
type runFlags struct {
	targetFlags
	now     string
	profile string
}

func (f *runFlags) register(c *cobra.Command) {
	f.targetFlags.register(c)
	c.Flags().StringVar(&f.now, "now", "", "take this `DATE` (YYYY-MM-DD) for today when ignores expire")
	c.Flags().StringVar(&f.profile, "profile", "default", "default: errors and warnings of at least medium confidence; audit: all")
	complete(c, "profile", "default", "audit")
}

// engineOptions returns what the flags say to the engine.
func (a *app) engineOptions(f *runFlags) (engine.Options, error) {
	o := engine.Options{Rules: a.rules, Now: time.Now(), Audit: f.profile == "audit"}
	if f.profile != "default" && f.profile != "audit" {
		return o, fmt.Errorf("--profile is default or audit, not %q", f.profile)
	}
	if f.now != "" {
		day, err := time.Parse(time.DateOnly, f.now)
		if err != nil {
			return o, fmt.Errorf("--now is a date such as 2027-03-01, not %q", f.now)
		}
		o.Now = day
	}
	return o, nil
}

// open finds the root of the repository that holds the path and lists it.
func (a *app) open(path string, f *targetFlags) (*target, error) {
	dir, under, err := findRoot(a.abs(path))
	if err != nil {
		if path == "." && a.dir != "" {
			path = a.dir
		}
		return nil, fmt.Errorf("%s: %w", path, plainCause(err))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the repository: %w", err)
	}
	t := &target{root: root, under: under}
	if f.resolve != "none" {
		t.resolve = f.resolve
	}
	if t.cache, err = a.openCache(f.resolve); err == nil {
		err = t.read(a, f)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// read reads the configuration and lists the repository.
func (t *target) read(a *app, f *targetFlags) error {
	var options repo.Options
	var err error
	if t.config, err = a.readConfig(t.root, f.config); err != nil {
		return err
	}
	if options.Knowledge, err = t.config.Base(regular{t.root.FS()}); err != nil {
		return err
	}
	if options.Knowledge == nil {
		go knowledge.Default() // takes as long as to list some thousand files: both start now
	}
	if t.cache != nil {
		options.ModuleCache = t.cache.FS()
	}
	if t.repo, err = repo.Open(repo.Disk(t.root), options); err != nil || f.resolve != "go" {
		return err
	}
	// Only the list of modules is needed to ask the go command, and what it
	// says is needed to judge.
	if options.Resolved, err = a.askGo(t); err != nil {
		return err
	}
	t.repo, err = repo.Open(repo.Disk(t.root), options)
	return err
}

// askGo lets the go command say where packages lie. A module that is built
// from its vendor folder needs no answer.
func (a *app) askGo(t *target) (map[string]map[string]string, error) {
	var dirs []string
	for _, m := range goprogram.Tree.Of(t.repo).All {
		if !m.VendorInEffect() {
			dirs = append(dirs, m.Dir)
		}
	}
	return resolve.Packages(context.Background(), t.root.Name(), t.cache.Name(), dirs, os.Environ())
}

func (t *target) close() {
	_ = t.root.Close()
	if t.clone != nil {
		_ = t.clone.Close()
	}
	if t.cache != nil {
		_ = t.cache.Close()
	}
}

// run runs the rules.
func (t *target) run(o engine.Options) engine.Result {
	o.Config, o.Under = t.config, t.under
	return engine.Run(t.repo, o)
}

// inputs returns the inputs that the path names.
func (t *target) inputs() []repo.Input {
	var inputs []repo.Input
	for _, in := range t.repo.Inputs {
		if engine.IsUnder(in.Path, t.under) {
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// readConfig reads the configuration at the root, or a file that the user names.
func (a *app) readConfig(root *os.Root, name string) (*config.Config, error) {
	if name != "" {
		data, err := os.ReadFile(a.abs(name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, plainCause(err))
		}
		return config.Read(source.New(filepath.ToSlash(name), data))
	}
	data, err := fs.ReadFile(regular{root.FS()}, config.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return &config.Config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", config.Name, plainCause(err))
	}
	return config.Read(source.New(config.Name, data))
}

// regular opens files of a sane size only: a pipe in a repository that nobody
// has looked at would let us wait for ever.
type regular struct{ fs.FS }

// maxTable is how large a file of settings is read, in bytes.
const maxTable = 16 << 20

func (r regular) Open(name string) (fs.File, error) {
	info, err := fs.Stat(r.FS, name)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	case info.Size() > maxTable:
		return nil, &fs.PathError{Op: "open", Path: name, Err: source.ErrTooLarge}
	}
	return r.FS.Open(name)
}

// openCache opens the module cache where it is asked for.
func (a *app) openCache(resolve string) (*os.Root, error) {
	switch resolve {
	case "none":
		return nil, nil
	case "cache", "go":
		dir := moduleCache(a.env.Getenv)
		cache, err := os.OpenRoot(dir)
		if err != nil {
			return nil, fmt.Errorf("opening the module cache %s: %w", dir, plainCause(err))
		}
		return cache, nil
	}
	return nil, fmt.Errorf("--resolve is none, cache or go, not %q", resolve)
}

// moduleCache returns where the go command keeps modules, as far as the
// environment tells.
func moduleCache(getenv func(string) string) string {
	if dir := getenv("GOMODCACHE"); dir != "" {
		return dir
	}
	if list := filepath.SplitList(getenv("GOPATH")); len(list) > 0 {
		return filepath.Join(list[0], "pkg", "mod")
	}
	home := getenv("HOME")
	if home == "" {
		home = getenv("USERPROFILE")
	}
	return filepath.Join(home, "go", "pkg", "mod")
}

// abs makes a path of the command line absolute.
func (a *app) abs(path string) string {
	base := a.env.Dir
	if filepath.IsAbs(a.dir) {
		base = a.dir
	} else if a.dir != "" {
		base = filepath.Join(base, a.dir)
	}
	if filepath.IsAbs(path) {
		return path
	}
	path = filepath.Join(base, path)
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// findRoot returns the nearest folder above the path that holds .git, a folder
// or a file, and the path below it; else the folder itself.
func findRoot(path string) (dir, under string, err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return "", "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", "", err
	}
	start := path
	if !info.IsDir() {
		start = filepath.Dir(path)
	}
	dir = start
	for d := start; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(filepath.Join(d, ".git")); err == nil {
			dir = d
			break
		} else if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return "", "", err
		}
		if filepath.Dir(d) == d {
			break
		}
	}
	under, err = filepath.Rel(dir, path)
	return dir, filepath.ToSlash(under), err
}

// levelOf reads --fail-on: the lowest severity that counts, or rule.Default for
// never.
func levelOf(failOn string) (rule.Severity, error) {
	if failOn == "never" {
		return rule.Default, nil
	}
	level, err := rule.ParseSeverity(failOn)
	if err != nil {
		return level, fmt.Errorf("--fail-on is error, warning, note or never, not %q", failOn)
	}
	return level, nil
}
