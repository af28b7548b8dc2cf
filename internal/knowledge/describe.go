package knowledge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is one thing the tables say, for people.
type Row struct {
	Table  string // images, golang tags, releases ...
	Name   string
	Fields [][2]string // name and value, in a fixed order; unknown ones are left out
	Source string
}

// Describe returns what the tables hold under a name: an image reference, the
// path of a package or module, a Go version, a GODEBUG setting, a
// distribution, a capability. Nothing found is an empty list.
func (b *Base) Describe(name string) []Row {
	var rows []Row
	add := func(table, source string, fields ...[2]string) {
		fields = slices.DeleteFunc(fields, func(f [2]string) bool { return f[1] == "" || f[1] == "unknown" })
		rows = append(rows, Row{table, name, fields, source})
	}
	if r, ok := b.Release(name); ok {
		add("releases", r.Source, [2]string{"minor", r.Minor}, [2]string{"released", r.Released}, [2]string{"eol", r.EOL}, [2]string{"newest", r.Newest})
	}
	if p, ok := b.std[name]; ok {
		add("std", b.sources["std.csv"], [2]string{"pulls", strings.Join(p.Pulls(), " ")})
	}
	for _, p := range b.cgoOf(name) {
		add("cgo packages", p.Source, [2]string{"module", p.Module}, [2]string{"version", p.Version}, [2]string{"package", p.Package},
			[2]string{"effect", p.Effect.String()}, [2]string{"missing", strings.Join(p.Missing, " ")}, [2]string{"error", p.Error})
	}
	if g, ok := b.godebug[name]; ok {
		add("godebug", b.sources["godebug.csv"], godebugFields(g)...)
	}
	if d, ok := b.glibc[name]; ok {
		add("glibc", b.sources["glibc.csv"], [2]string{"glibc", d.Glibc}, [2]string{"glibcxx", d.GLIBCXX})
	}
	if n := slices.Index(b.caps, strings.ToUpper(name)); n >= 0 {
		add("capabilities", b.sources["capabilities.csv"], [2]string{"number", strconv.Itoa(n)})
	}
	if ref, err := ParseRef(name); err == nil {
		if i := b.Image(ref); i.Known {
			add("images", i.Source, imageFields(i)...)
		}
		if t := b.GolangTag(ref.EffectiveTag()); ref.Canonical() == "golang" && t.Existence != ExistUnknown {
			add("golang tags", t.Source, tagFields(t)...)
		}
	}
	return rows
}

// cgoOf returns the packages of a path or of a module.
func (b *Base) cgoOf(name string) []CgoPackage {
	if list := b.cgo[name]; len(list) > 0 {
		return list
	}
	var list []CgoPackage
	for _, packages := range b.cgo {
		for _, p := range packages {
			if p.Module == name {
				list = append(list, p)
			}
		}
	}
	slices.SortFunc(list, func(p, q CgoPackage) int { return strings.Compare(p.Package+" "+p.Version, q.Package+" "+q.Version) })
	return list
}

func godebugFields(g Godebug) [][2]string {
	kind := "setting"
	if g.Runtime {
		kind = "only the environment variable"
	}
	return [][2]string{
		{"kind", kind}, {"package", g.Package}, {"since", minor(g.Since)}, {"until", minor(g.Until)}, {"changed", minor(g.Changed)},
		{"old", g.Old}, {"removed", minor(g.Removed)}, {"removed values", strings.Join(g.RemovedOld, " ")},
	}
}

func minor(n int) string {
	if n == 0 {
		return ""
	}
	return "1." + strconv.Itoa(n)
}

func tagFields(t GolangTag) [][2]string {
	exists := "yes"
	if t.Existence == Never {
		exists = "never"
	}
	return [][2]string{
		{"exists", exists}, {"live", TriOf(t.Live).String()}, {"first", t.First}, {"last", t.Last}, {"go", goText(t.Go)},
		{"base", t.Base}, {"alternative", t.Alternative},
	}
}

func goText(v GoVersion) string {
	switch {
	case v.Minor == "":
		return ""
	case v.Patch != "":
		return v.Patch
	case v.Moving:
		return fmt.Sprintf("%s (moves to newer minors)", v.Minor)
	case v.Newest != "":
		return fmt.Sprintf("%s (newest known %s)", v.Minor, v.Newest)
	}
	return v.Minor
}

func imageFields(i Image) [][2]string {
	user := i.DefaultUser
	if user == "0" {
		user = "root (0)"
	}
	return [][2]string{
		{"is", i.Why}, {"distribution", i.Distro}, {"release", i.Release}, {"release named by the tag", i.Pinned.String()}, {"frozen", i.Frozen.String()},
		{"libc", i.Libc.String()}, {"libc version", i.LibcVersion}, {"glibcxx", i.GLIBCXX}, {"loader", i.Loader.String()},
		{"shell", i.Shell.String()}, {"ca certificates", i.CACerts.String()}, {"tzdata", i.TZData.String()}, {"legacy zone names", i.LegacyZones.String()},
		{"default user", user}, {"package manager", i.PackageManager}, {"tools", strings.Join(having(i.tools, Yes), " ")},
		{"without", strings.Join(having(i.tools, No), " ")}, {"users", strings.Join(i.userNames(), " ")}, {"workdir", i.WorkDir},
		{"go", goText(i.Go)}, {"GOTOOLCHAIN", i.GOTOOLCHAIN}, {"GOPATH", i.GOPATH}, {"eol", i.EOL}, {"lts eol", i.LTSEOL},
	}
}

func having(m map[string]Tri, want Tri) []string {
	var names []string
	for name, t := range m {
		if t == want {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (i Image) userNames() []string {
	var names []string
	for name := range i.users.ids {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
