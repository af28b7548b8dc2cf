package gomod

import (
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Vendor is vendor/modules.txt, read as the go command reads it
// (cmd/go/internal/modload/vendor.go, readVendorList): what it does not
// understand it passes over.
type Vendor struct {
	Source    *source.File
	Workspace bool // written by go work vendor
	Modules   []VendorModule
	Packages  map[string]int // import path → index of Modules
}

// VendorModule is a "# module version" line with what follows it.
type VendorModule struct {
	Path, Version string // Version is empty on lines that only record a replacement
	Explicit      bool
	GoVersion     string
	Replaced      bool
	NewPath       string // replacement; NewVersion is empty for a folder
	NewVersion    string
	Packages      []string
	At            source.Span // the line
}

// Lists reports whether a package is listed. A nil file lists nothing.
func (v *Vendor) Lists(importPath string) bool {
	if v == nil {
		return false
	}
	_, ok := v.Packages[importPath]
	return ok
}

// ParseVendor reads a vendor/modules.txt file.
func ParseVendor(f *source.File) *Vendor {
	v := &Vendor{Source: f, Packages: map[string]int{}}
	current := -1
	rest, n := string(f.Data()), 0
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		n++
		switch {
		case strings.HasPrefix(line, "# "):
			current = v.module(line, f.Line(n), current)
		case strings.HasPrefix(line, "## "):
			v.annotation(strings.TrimPrefix(line, "## "), current, n == 1)
		default:
			words := strings.Fields(line)
			if current >= 0 && len(words) == 1 && module.CheckImportPath(words[0]) == nil {
				m := &v.Modules[current]
				m.Packages = append(m.Packages, words[0])
				v.Packages[words[0]] = current
			}
		}
	}
	return v
}

// module reads a "# path [version] [=> replacement]" line and returns the index
// of the module that the following lines speak of, or -1. A line that is too
// short changes nothing.
func (v *Vendor) module(line string, at source.Span, current int) int {
	words := strings.Fields(line)
	if len(words) < 3 {
		return current
	}
	m := VendorModule{Path: words[1], At: at}
	switch {
	case semver.IsValid(words[2]):
		m.Version = words[2]
		words = words[3:]
	case words[2] == "=>":
		words = words[2:]
	default:
		return -1
	}
	if len(words) > 0 && words[0] == "=>" {
		switch {
		case len(words) == 2:
			m.Replaced, m.NewPath = true, words[1]
		case len(words) == 3 && semver.IsValid(words[2]):
			m.Replaced, m.NewPath, m.NewVersion = true, words[1], words[2]
		}
	}
	v.Modules = append(v.Modules, m)
	return len(v.Modules) - 1
}

// annotation reads a "## explicit; go 1.21" line, or "## workspace" in the
// first line of the file.
func (v *Vendor) annotation(text string, current int, first bool) {
	for entry := range strings.SplitSeq(text, ";") {
		entry = strings.TrimSpace(entry)
		switch {
		case first && entry == "workspace":
			v.Workspace = true
		case current < 0:
		case entry == "explicit":
			v.Modules[current].Explicit = true
		case strings.HasPrefix(entry, "go "):
			v.Modules[current].GoVersion = strings.TrimPrefix(entry, "go ")
		}
	}
}
