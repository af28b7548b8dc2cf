// Package gomod reads go.mod, go.work, go.sum and vendor/modules.txt with the
// place of every word. golang.org/x/mod/modfile, the go command's own parser,
// is the authority on what is valid; its errors become Problems.
package gomod

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// File is a go.mod or go.work file. Of a file with Problems it holds what can
// be read all the same.
type File struct {
	Source     *source.File
	Statements []Statement // all of them, in order
	Module     Token       // path of the module statement
	Go         Token       // version of the go statement
	Toolchain  Token       // name of the toolchain statement
	Requires   []Require
	Replaces   []Replace
	Excludes   []Require
	Retracts   []Statement
	Tools      []Token   // package paths
	Ignores    []Token   // folders
	Uses       []Token   // folders, in go.work
	Godebugs   []Godebug // in order
	// Problems are the reasons for which the go command refuses the file, in
	// its own words.
	Problems []source.Problem
}

// Require is a require or exclude statement.
type Require struct {
	Path, Version Token
	Indirect      bool
	At            source.Span
}

// Replace is a replace statement. OldVersion is not valid where it holds for
// all versions, NewVersion where New is a folder.
type Replace struct {
	Old, OldVersion Token
	New, NewVersion Token
	At              source.Span
}

// Local reports whether the replacement is a folder.
func (r Replace) Local() bool { return !r.NewVersion.Valid() }

// Godebug is a godebug statement.
type Godebug struct {
	Key, Value string
	At         source.Span // key=value
}

// ParseMod reads a go.mod file.
func ParseMod(f *source.File) *File {
	_, err := modfile.Parse(f.Path, f.Data(), resolve)
	return parse(f, err)
}

// ParseWork reads a go.work file.
func ParseWork(f *source.File) *File {
	_, err := modfile.ParseWork(f.Path, f.Data(), nil) // the go command asks nobody here
	return parse(f, err)
}

func parse(f *source.File, err error) *File {
	file := &File{Source: f, Statements: statements(f), Problems: problems(f, err)}
	for _, s := range file.Statements {
		file.add(s)
	}
	return file
}

func (f *File) add(s Statement) {
	one := Token{}
	if len(s.Args) > 0 {
		one = s.Args[0]
	}
	switch s.Verb.Text {
	case "module":
		f.Module = one
	case "go":
		f.Go = one
	case "toolchain":
		f.Toolchain = one
	case "require", "exclude":
		if len(s.Args) == 2 {
			r := Require{Path: s.Args[0], Version: s.Args[1], Indirect: indirect(s.Comment), At: s.At}
			if s.Verb.Text == "require" {
				f.Requires = append(f.Requires, r)
			} else {
				f.Excludes = append(f.Excludes, r)
			}
		}
	case "replace":
		if r, ok := replace(s); ok {
			f.Replaces = append(f.Replaces, r)
		}
	case "retract":
		f.Retracts = append(f.Retracts, s)
	case "tool":
		f.Tools = append(f.Tools, one)
	case "ignore":
		f.Ignores = append(f.Ignores, one)
	case "use":
		f.Uses = append(f.Uses, one)
	case "godebug":
		if key, value, ok := strings.Cut(one.Text, "="); ok {
			f.Godebugs = append(f.Godebugs, Godebug{key, value, one.At})
		}
	}
}

// indirect is modfile's isIndirect.
func indirect(comment string) bool {
	words := strings.Fields(comment)
	return len(words) == 1 && words[0] == "indirect" || len(words) > 1 && words[0] == "indirect;"
}

func replace(s Statement) (Replace, bool) {
	r, args := Replace{At: s.At}, s.Args
	arrow := 1
	if len(args) > 2 && args[1].Text != "=>" {
		arrow = 2
		r.OldVersion = args[1]
	}
	if len(args) < arrow+2 || len(args) > arrow+3 || args[arrow].Text != "=>" {
		return r, false
	}
	r.Old, r.New = args[0], args[arrow+1]
	if len(args) == arrow+3 {
		r.NewVersion = args[arrow+2]
	}
	return r, true
}

// resolve stands for the network: the go command asks it what a version means
// that is not canonical, and goes on when there is an answer.
func resolve(path, version string) (string, error) {
	_, major, ok := module.SplitPathVersion(path)
	if !ok {
		return "", &module.ModuleError{Path: path, Err: &module.InvalidVersionError{Version: version, Err: fmt.Errorf("malformed module path %q", path)}}
	}
	if version != "" && module.CanonicalVersion(version) == version {
		if err := module.CheckPathMajor(version, major); err != nil {
			return "", module.VersionError(module.Version{Path: path, Version: version}, err)
		}
		return version, nil
	}
	if v := semver.Canonical(version); v != "" {
		if strings.HasSuffix(version, "+incompatible") {
			v += "+incompatible"
		}
		return v, nil
	}
	if m := module.PathMajorPrefix(major); m != "" {
		return m + ".0.0", nil
	}
	return "v0.0.0", nil
}

// problems turns modfile's errors into places: the statement they name.
func problems(f *source.File, err error) []source.Problem {
	if err == nil {
		return nil
	}
	var list modfile.ErrorList
	if !errors.As(err, &list) {
		return []source.Problem{{At: f.Line(1), Text: oneLine(err.Error())}}
	}
	var all []source.Problem
	for _, e := range list {
		line := f.Line(e.Pos.Line)
		at := f.Span(e.Pos.Byte, line.End)
		if e.Pos.Byte < line.Start || at.Len() == 0 {
			at = line
		}
		at.End = at.Start + len(strings.TrimRight(at.Text(), " \t\r"))
		all = append(all, source.Problem{At: at, Text: errorText(e)})
	}
	return all
}

// errorText is modfile.Error's, without the place.
func errorText(e modfile.Error) string {
	switch {
	case e.ModPath != "":
		return oneLine(fmt.Sprintf("%s %s: %v", e.Verb, e.ModPath, e.Err))
	case e.Verb != "":
		return oneLine(fmt.Sprintf("%s: %v", e.Verb, e.Err))
	}
	return oneLine(e.Err.Error())
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
