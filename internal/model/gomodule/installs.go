package gomodule

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Install is a place that tells people to run go install, or go run, with a
// package of this repository in its newest version.
type Install struct {
	At     source.Span // package@version
	Module *goprogram.Module
}

// Installs are found in documents, Dockerfiles, workflows, Makefiles and
// scripts, sorted by path.
var Installs = repo.NewModel(func(r *repo.Repo) []Install {
	tree := goprogram.Tree.Of(r)
	byPath := map[string]*goprogram.Module{}
	for _, m := range tree.All {
		if other := byPath[m.Path()]; m.Path() != "" && other == nil {
			byPath[m.Path()] = m
		}
	}
	var found []Install
	for _, f := range documents(r) {
		for _, loc := range installs.FindAllSubmatchIndex(f.Data(), -1) {
			importPath := strings.TrimSuffix(string(f.Data()[loc[2]:loc[3]]), "/...")
			m := moduleOf(byPath, importPath)
			if m == nil || r.Has(path.Join(m.Dir, strings.TrimPrefix(importPath, m.Path()))) != repo.IsDir {
				continue
			}
			found = append(found, Install{f.Span(loc[2], loc[1]), m})
		}
	}
	return found
})

// installs finds packages in a version that moves: the release that a fixed one
// names had its own go.mod.
var installs = regexp.MustCompile("\\bgo (?:install|run)\\b[^\n`|&;#]*?[ \t]([\\w.~/-]+)@(?:latest|main|master|HEAD)\\b")

// documents are the files in which people are told what to run. A change log
// tells what was.
func documents(r *repo.Repo) []*source.File {
	var files []*source.File
	for _, dir := range r.Dirs() {
		if strings.Contains("/"+dir+"/", "/vendor/") {
			continue
		}
		for _, e := range r.Dir(dir) {
			base := strings.ToLower(path.Base(e.Path))
			if e.Dir || e.Skipped || e.Symlink || strings.Contains(base, "changelog") || strings.Contains(base, "changes") || strings.Contains(base, "history") {
				continue
			}
			document := slices.Contains([]string{".md", ".markdown", ".mdx", ".rst", ".adoc"}, path.Ext(base)) || base == "readme" || base == "install"
			if document || scripted[r.KindOf(e.Path)] {
				if f := r.File(e.Path); f.Err() == nil {
					files = append(files, f)
				}
			}
		}
	}
	return files
}

// moduleOf returns the module with the longest path above an import path.
func moduleOf(byPath map[string]*goprogram.Module, importPath string) *goprogram.Module {
	for p := importPath; p != "." && p != "/"; p = path.Dir(p) {
		if m := byPath[p]; m != nil {
			return m
		}
	}
	return nil
}
