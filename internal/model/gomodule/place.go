package gomodule

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// Place says where a folder named by a replace or use line is.
type Place uint8

// The places.
const (
	Unknown   Place = iota // a submodule, a link, or a folder that cannot be listed
	HasModule              // in the repository, with a go.mod
	NoModule               // in the repository, without a go.mod
	Missing                // not in the repository
	Ignored                // on this disk only: .gitignore leaves it out
	Outside                // above the root of the repository
	Absolute               // a path of one machine
)

// Locate returns the folder that target means in dir, relative to the root, and
// where that is.
func Locate(r *repo.Repo, dir, target string) (string, Place) {
	if path.IsAbs(target) || windowsPath.MatchString(target) {
		return target, Absolute
	}
	p := path.Join(dir, target)
	if p == ".." || strings.HasPrefix(p, "../") {
		return p, Outside
	}
	if InSubmodule(r, p) {
		return p, Unknown
	}
	switch r.Has(p) {
	case repo.Maybe:
		return p, Unknown
	case repo.Ignored:
		return p, Ignored
	case repo.Absent, repo.IsFile:
		return p, Missing
	}
	switch r.Has(path.Join(p, "go.mod")) {
	case repo.IsFile:
		return p, HasModule
	case repo.Maybe:
		return p, Unknown
	}
	return p, NoModule
}

// windowsPath is a path with a drive or backslashes, as modfile takes it.
var windowsPath = regexp.MustCompile(`^(?:[A-Za-z]:|\.{0,2}\\)`)

// scripted are the kinds of files that can fetch or make a folder before a
// build.
var scripted = map[repo.Kind]bool{
	repo.Dockerfile: true, repo.Workflow: true, repo.Action: true, repo.Makefile: true,
	repo.Script: true, repo.Compose: true, repo.Bake: true, repo.GoReleaser: true,
}

// Mentions returns the first line of a Dockerfile, workflow, Makefile or script
// in which a path stands as a word, as a sign that something there may make it
// or set it up. Dots that lead out of a folder do not count.
func Mentions(r *repo.Repo, target string) (fact.Note, bool) {
	for strings.HasPrefix(target, "../") || strings.HasPrefix(target, "./") {
		_, target, _ = strings.Cut(target, "/")
	}
	if target = strings.Trim(target, "/"); target == "" || target == "." || target == ".." {
		return fact.Note{}, false
	}
	return says(r, func(data []byte) []int { return findWord(data, target) }, "is named here, and may come from here")
}

// findWord returns the place of a path that is no part of a longer one, or nil.
func findWord(data []byte, word string) []int {
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte(word))
		if i < 0 {
			return nil
		}
		start := from + i
		end := start + len(word)
		if (start == 0 || !inName(data[start-1])) && (end == len(data) || !inName(data[end])) {
			return []int{start, end}
		}
		from = start + 1
	}
}

// inName reports whether a byte may be part of a file name that goes on.
func inName(c byte) bool {
	return c == '.' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Says returns the first line of a Dockerfile, workflow, Makefile or script
// that matches.
func Says(r *repo.Repo, word *regexp.Regexp, text string) (fact.Note, bool) {
	return says(r, word.FindIndex, text)
}

func says(r *repo.Repo, find func([]byte) []int, text string) (fact.Note, bool) {
	for _, in := range r.Inputs {
		if !scripted[in.Kind] || in.Err() != nil {
			continue
		}
		if loc := find(in.Data()); loc != nil {
			return fact.Note{At: lineOf(in.File, loc), Text: text}, true
		}
	}
	return fact.Note{}, false
}

// lineOf returns the line, without blanks around it, in which a match ends.
func lineOf(f *source.File, match []int) source.Span {
	line := f.Line(f.Position(max(match[0], match[1]-1)).Line)
	if strings.TrimSpace(line.Text()) == "" {
		line = f.Line(f.Position(match[0]).Line)
	}
	text := line.Text()
	start := len(text) - len(strings.TrimLeft(text, " \t"))
	return line.Sub(start, len(strings.TrimRight(text, " \t")))
}

// Rewrites is the first line of a Dockerfile, workflow, Makefile or script that
// lets builds or tests write go.mod and go.sum, so that they lack nothing. Its
// place is not valid where there is none.
var Rewrites = repo.NewModel(func(r *repo.Repo) fact.Note {
	note, _ := Says(r, modMod, "builds may add to go.mod and go.sum here")
	return note
})

var modMod = regexp.MustCompile(`(?m)^.*(?:GOFLAGS|\bgo (?:build|test|vet)\b).*-mod[= ]mod\b`)
