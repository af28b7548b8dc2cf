// Package knowledge holds what cannot be read from a repository: what base
// images contain, which tags of the golang image exist, when Go releases came
// and ended, what standard packages and well-known modules need cgo, which
// GODEBUG settings a Go release knows.
//
// Every table is data with a date and a source (see data/, and gen/ for what
// wrote it). A value that the tables do not hold is unknown, and so is
// whatever is newer than the tables; a rule never fires on unknown.
//
// Refresh: each file of gen/ says in its first comment which clone or Go
// release it reads and which table it prints. data/images.toml is kept by hand.
package knowledge

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

//go:embed data
var embedded embed.FS

// Base is one set of tables. It does not change once made and is safe for
// concurrent use.
type Base struct {
	date        string
	loaders     []loaderRow
	rootfs      map[string]*rootfsRow
	rootfsOrder []string
	images      []imageRow
	variants    []variantRow
	golang      golangRow
	tags        map[string]*tagRow
	tagLimits   tagLimits
	releases    []Release
	std         map[string]StdPackage
	cgo         map[string][]CgoPackage
	godebug     map[string]Godebug
	glibc       map[string]Distro
	caps        []string
	sources     map[string]string // by file
	overrides   []ImageOverride
}

// Default returns the tables that come with the program.
func Default() *Base { return defaultBase() }

var defaultBase = sync.OnceValue(func() *Base {
	files, err := fs.Sub(embedded, "data")
	if err != nil {
		panic(err)
	}
	b, err := load(files)
	if err != nil {
		panic(fmt.Sprintf("embedded knowledge: %v", err)) // a broken build, not an input
	}
	return b
})

// Load reads tables from a directory of the shape of data/. A file that is not
// there is taken from the tables that come with the program.
func Load(dir fs.FS) (*Base, error) {
	files, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, err
	}
	return load(layered{dir, files})
}

// layered opens a file from the first of two file systems that has it.
type layered struct{ over, under fs.FS }

func (l layered) Open(name string) (fs.File, error) {
	f, err := l.over.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return l.under.Open(name)
	}
	return f, err
}

func load(files fs.FS) (*Base, error) {
	b := &Base{sources: map[string]string{}}
	for _, table := range []struct {
		file string
		read func(*Base, []byte) error
	}{
		{"images.toml", (*Base).readImages},
		{"golang-tags.csv", (*Base).readTags},
		{"goreleases.csv", (*Base).readReleases},
		{"std.csv", (*Base).readStd},
		{"cgo-packages.csv", (*Base).readCgo},
		{"godebug.csv", (*Base).readGodebug},
		{"glibc.csv", (*Base).readGlibc},
		{"capabilities.csv", (*Base).readCapabilities},
	} {
		data, err := fs.ReadFile(files, table.file)
		if err != nil {
			return nil, fmt.Errorf("reading knowledge: %w", err)
		}
		if err := table.read(b, data); err != nil {
			return nil, fmt.Errorf("reading knowledge: %s: %w", table.file, err)
		}
	}
	return b, nil
}

// Date returns the day up to which the tables are known to hold, as
// YYYY-MM-DD. It is the clock of every rule that compares with a date.
func (b *Base) Date() string { return b.date }

// WithImages returns tables that know these images too. Where several
// overrides match a reference the longest pattern wins; an override beats what
// the tables say.
func (b *Base) WithImages(overrides []ImageOverride) *Base {
	c := *b
	c.overrides = slices.Concat(b.overrides, overrides)
	return &c
}

// Tri is a yes, a no, or not known. The zero value is Unknown.
type Tri uint8

// The three values.
const (
	Unknown Tri = iota
	No
	Yes
)

// String returns the value as tables write it.
func (t Tri) String() string { return [...]string{"unknown", "no", "yes"}[t] }

// Known reports whether the value is yes or no.
func (t Tri) Known() bool { return t != Unknown }

// TriOf returns yes or no.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// UnmarshalText reads yes, no and unknown.
func (t *Tri) UnmarshalText(text []byte) error {
	switch string(text) {
	case "yes":
		*t = Yes
	case "no":
		*t = No
	case "unknown", "":
		*t = Unknown
	default:
		return fmt.Errorf("%q is none of yes, no, unknown", text)
	}
	return nil
}

// Libc is a C library. The zero value is LibcUnknown.
type Libc uint8

// The C libraries. NoLibc says that there is none.
const (
	LibcUnknown Libc = iota
	NoLibc
	Glibc
	Musl
	Uclibc
)

// String returns the name as tables write it.
func (l Libc) String() string { return [...]string{"unknown", "none", "glibc", "musl", "uclibc"}[l] }

// UnmarshalText reads the names that String returns.
func (l *Libc) UnmarshalText(text []byte) error {
	for v := LibcUnknown; v <= Uclibc; v++ {
		if v.String() == string(text) {
			*l = v
			return nil
		}
	}
	return fmt.Errorf("%q is none of none, glibc, musl, uclibc", text)
}
