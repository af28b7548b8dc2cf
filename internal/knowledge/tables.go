package knowledge

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readCSV reads a table: comment lines, of which one says the source, a header
// and rows.
func (b *Base) readCSV(file string, data []byte, header string, row func(fields []string) error) error {
	for line := range strings.Lines(string(data)) {
		if source, ok := strings.CutPrefix(line, "# source: "); ok {
			b.sources[file] = strings.TrimSpace(source)
		}
	}
	if b.sources[file] == "" {
		return fmt.Errorf("no line # source: ")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment = '#'
	first, err := r.Read()
	if err != nil {
		return err
	}
	if got := strings.Join(first, ","); got != header {
		return fmt.Errorf("the header is %s, not %s", got, header)
	}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := row(fields); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Release is one minor release of Go.
type Release struct {
	Minor    string // 1.26
	Released string // YYYY-MM-DD
	EOL      string // day of the release that ended its support; empty = supported
	Newest   string // newest patch known, 1.26.7
	Source   string
}

func (b *Base) readReleases(data []byte) error {
	return b.readCSV("goreleases.csv", data, "minor,released,eol,newest", func(f []string) error {
		if !isDate(f[1]) || f[2] != "" && !isDate(f[2]) {
			return fmt.Errorf("%s: no date", f[0])
		}
		b.releases = append(b.releases, Release{Minor: f[0], Released: f[1], EOL: f[2], Newest: f[3]})
		return nil
	})
}

// Releases returns the minors, oldest first.
func (b *Base) Releases() []Release {
	list := slices.Clone(b.releases)
	for i := range list {
		list[i].Source = b.sources["goreleases.csv"]
	}
	return list
}

// Release returns the minor that a version such as 1.26, 1.26.3 or go1.26rc1
// belongs to.
func (b *Base) Release(version string) (Release, bool) {
	v := parseGolangTag(strings.TrimPrefix(version, "go"))
	if v.minor >= 0 {
		for _, r := range b.Releases() {
			if r.Minor == v.minorString() {
				return r, true
			}
		}
	}
	return Release{}, false
}

// NewestGo returns the newest minor of the table.
func (b *Base) NewestGo() Release { l := b.Releases(); return l[len(l)-1] }

// StdPackage says which standard packages that use cgo a standard package
// imports, itself included, directly or not. It holds for linux; the closure
// was the same for every Go from 1.19 to 1.27.
type StdPackage struct {
	Net, User, Plugin, RuntimeCgo bool
}

// Pulls returns the names of the packages, for messages.
func (p StdPackage) Pulls() []string {
	var names []string
	for _, c := range []struct {
		name string
		on   bool
	}{{"net", p.Net}, {"os/user", p.User}, {"plugin", p.Plugin}} {
		if c.on {
			names = append(names, c.name)
		}
	}
	return names
}

func (b *Base) readStd(data []byte) error {
	b.std = map[string]StdPackage{}
	return b.readCSV("std.csv", data, "package,pulls", func(f []string) error {
		var p StdPackage
		for name := range strings.FieldsSeq(f[1]) {
			switch name {
			case "net":
				p.Net = true
			case "os/user":
				p.User = true
			case "plugin":
				p.Plugin = true
			case "runtime/cgo":
				p.RuntimeCgo = true
			default:
				return fmt.Errorf("%s pulls %s, which is none of the four", f[0], name)
			}
		}
		b.std[f[0]] = p
		return nil
	})
}

// IsStd reports whether path is a package of the standard library that
// programs can import, C and unsafe included.
func (b *Base) IsStd(path string) bool { _, ok := b.std[path]; return ok }

// StdImports returns what a standard package pulls in. ok is false for a
// package that the table does not know.
func (b *Base) StdImports(path string) (p StdPackage, ok bool) { p, ok = b.std[path]; return p, ok }

// CgoEffect says what becomes of a package when cgo is off.
type CgoEffect uint8

const (
	// CgoUnknown: not measured.
	CgoUnknown CgoEffect = iota
	// CgoPure: nothing changes.
	CgoPure
	// CgoFallback: it works in another way.
	CgoFallback
	// CgoStub: it builds and fails when used.
	CgoStub
	// CgoAPI: it builds, but a program that uses one of Missing does not.
	CgoAPI
	// CgoFails: it does not build.
	CgoFails
)

// String returns the name as the table writes it.
func (e CgoEffect) String() string {
	return [...]string{"unknown", "pure", "fallback", "stub", "api", "fails"}[e]
}

// CgoPackage is a package that was built without cgo.
type CgoPackage struct {
	Module, Version, Package string
	Effect                   CgoEffect
	Missing                  []string // exported functions and types that are not there without cgo
	Error                    string   // of the build, or of the run of a stub
	Source                   string
}

func (b *Base) readCgo(data []byte) error {
	b.cgo = map[string][]CgoPackage{}
	return b.readCSV("cgo-packages.csv", data, "module,version,package,effect,missing,error,source", func(f []string) error {
		p := CgoPackage{Module: f[0], Version: f[1], Package: f[2], Missing: strings.Fields(f[4]), Error: f[5], Source: f[6]}
		for e := CgoPure; e <= CgoFails; e++ {
			if e.String() == f[3] {
				p.Effect = e
			}
		}
		if p.Effect == CgoUnknown {
			return fmt.Errorf("%q is no effect", f[3])
		}
		b.cgo[p.Package] = append(b.cgo[p.Package], p)
		return nil
	})
}

// CgoPackage returns the entry for a package if all versions that were
// measured agree in its effect, so that the version need not be known.
func (b *Base) CgoPackage(path string) (CgoPackage, bool) {
	list := b.cgo[path]
	if len(list) == 0 {
		return CgoPackage{}, false
	}
	for _, p := range list {
		if p.Effect != list[0].Effect {
			return CgoPackage{}, false
		}
	}
	return list[len(list)-1], true
}

// Godebug is a GODEBUG setting or a variable that only the runtime reads.
type Godebug struct {
	Name    string
	Package string // that reads it
	// Runtime says that only the environment variable knows it: in go.mod or a
	// //go:debug line it is an unknown setting, which fails the build.
	Runtime bool
	// Since and Until are the first and last minor of the table that know it.
	// The table begins at OldestGodebug: Since of that value may be older.
	Since, Until int
	Changed      int    // minor in which the default changed; 0 = never
	Old          string // value that restores what was before
	Opaque       bool   // no metric counts it
	Immutable    bool   // fixed when the program starts
	Removed      int    // minor that removed it; 0 = not removed
	RemovedOld   []string
}

func (b *Base) readGodebug(data []byte) error {
	b.godebug = map[string]Godebug{}
	header := "name,kind,package,since,until,changed,old,opaque,immutable,removed,removed_old"
	return b.readCSV("godebug.csv", data, header, func(f []string) error {
		if f[1] != "setting" && f[1] != "runtime" {
			return fmt.Errorf("%s: %q is no kind", f[0], f[1])
		}
		b.godebug[f[0]] = Godebug{
			Name: f[0], Runtime: f[1] == "runtime", Package: f[2],
			Since: atoi(f[3]), Until: atoi(f[4]), Changed: atoi(f[5]), Old: f[6],
			Opaque: f[7] == "true", Immutable: f[8] == "true",
			Removed: atoi(f[9]), RemovedOld: strings.Fields(f[10]),
		}
		return nil
	})
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// Godebug looks up a name.
func (b *Base) Godebug(name string) (Godebug, bool) { g, ok := b.godebug[name]; return g, ok }

// GodebugNames returns all names, sorted.
func (b *Base) GodebugNames() []string { return slices.Sorted(maps.Keys(b.godebug)) }

// GodebugRange returns the oldest and newest minor whose settings are known.
func (b *Base) GodebugRange() (oldest, newest int) {
	oldest = 1 << 30
	for _, g := range b.godebug {
		oldest, newest = min(oldest, g.Since), max(newest, g.Until)
	}
	return oldest, newest
}

// Distro is the C library of a distribution.
type Distro struct{ Name, Glibc, GLIBCXX string }

func (b *Base) readGlibc(data []byte) error {
	b.glibc = map[string]Distro{}
	return b.readCSV("glibc.csv", data, "distro,glibc,glibcxx", func(f []string) error {
		b.glibc[f[0]] = Distro{f[0], f[1], f[2]}
		return nil
	})
}

// Distro looks up a distribution: debian-12, ubuntu-24.04, rhubi-9.
func (b *Base) Distro(name string) (Distro, bool) { d, ok := b.glibc[name]; return d, ok }

func (b *Base) readCapabilities(data []byte) error {
	return b.readCSV("capabilities.csv", data, "number,name", func(f []string) error {
		b.caps = append(b.caps, f[1])
		return nil
	})
}
