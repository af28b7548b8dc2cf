package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// target is a repository that is checked.
type target struct {
	root   *os.Root
	under  string // what is shown: a path below the root, or "."
	config *config.Config
	repo   *repo.Repo
}

// targetFlags are the flags of the commands that read a repository.
type targetFlags struct {
	config  string
	now     string
	profile string
	resolve string
}

func (f *targetFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.config, "config", "", "read this `FILE` instead of "+config.Name+" at the root")
	c.Flags().StringVar(&f.now, "now", "", "the `DATE` (YYYY-MM-DD) on which ignores expire; default today")
	c.Flags().StringVar(&f.profile, "profile", "default", "default: errors and warnings of at least medium confidence; audit: all")
	c.Flags().StringVar(&f.resolve, "resolve", "none", "where to look for packages that are not in the repository: none or cache (the module cache)")
	complete(c, "profile", "default", "audit")
	complete(c, "resolve", "none", "cache")
}

// engineOptions returns what the flags say to the engine.
func (a *app) engineOptions(f *targetFlags) (engine.Options, error) {
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
	if err := t.read(a, f); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return t, nil
}

// read lists the repository and reads its configuration.
func (t *target) read(a *app, f *targetFlags) error {
	options, err := a.repoOptions(f)
	if err != nil {
		return err
	}
	t.repo, err = repo.Open(repo.Disk(t.root), options)
	if err != nil {
		return err
	}
	t.config, err = a.readConfig(t.repo, f.config)
	return err
}

func (t *target) close() { _ = t.root.Close() }

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
func (a *app) readConfig(r *repo.Repo, name string) (*config.Config, error) {
	if name == "" {
		if f := r.File(config.Name); f != nil {
			return config.Read(f)
		}
		return &config.Config{}, nil
	}
	data, err := os.ReadFile(a.abs(name))
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return config.Read(source.New(filepath.ToSlash(name), data))
}

// repoOptions opens the module cache where it is asked for.
func (a *app) repoOptions(f *targetFlags) (repo.Options, error) {
	switch f.resolve {
	case "none":
		return repo.Options{}, nil
	case "cache":
		cache, err := os.OpenRoot(moduleCache(a.env.Getenv))
		if err != nil {
			return repo.Options{}, fmt.Errorf("opening the module cache: %w", err)
		}
		return repo.Options{ModuleCache: cache.FS()}, nil
	}
	return repo.Options{}, fmt.Errorf("--resolve is none or cache, not %q", f.resolve)
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
