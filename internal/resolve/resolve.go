// Package resolve asks the go command which packages a module is built from,
// where the user wants it (--resolve=go). It is the one place that runs a
// program, and the default never comes here: on a pull request from a stranger
// nothing is executed.
package resolve

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Packages returns, for each of the module folders below root, the folder of
// every package outside the main modules that its packages import, relative to
// the module cache, with slashes: import path → folder. Packages that the go
// command does not find are left out. The error is that the go command cannot
// be run.
//
// The go command is held to what is there: no download of a module or a
// toolchain, no change to go.mod, no driver of the user, and no flags but ours.
func Packages(ctx context.Context, root, cache string, dirs []string, environ []string) (map[string]map[string]string, error) {
	env := append(environ[:len(environ):len(environ)],
		"GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOPACKAGESDRIVER=off",
		"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1", "GIT_TERMINAL_PROMPT=0")
	found := map[string]map[string]string{}
	for _, dir := range dirs {
		config := &packages.Config{
			Context: ctx,
			Mode:    packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule,
			Dir:     filepath.Join(root, filepath.FromSlash(dir)),
			Env:     env,
		}
		roots, err := packages.Load(config, "./...")
		if err != nil {
			return nil, fmt.Errorf("asking the go command about %s: %w", dir, err)
		}
		found[dir] = inCache(roots, cache)
	}
	return found, nil
}

// inCache returns the packages that lie in the module cache.
func inCache(roots []*packages.Package, cache string) map[string]string {
	dirs := map[string]string{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if p.Module == nil || p.Module.Main || p.Dir == "" {
			return
		}
		rel, err := filepath.Rel(cache, p.Dir)
		if err == nil && filepath.IsLocal(rel) && !strings.HasPrefix(rel, "..") {
			dirs[p.PkgPath] = filepath.ToSlash(rel)
		}
	})
	return dirs
}
