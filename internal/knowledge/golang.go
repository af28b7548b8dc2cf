package knowledge

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tagRow is one tag of the official golang image.
type tagRow struct {
	tag, goVersion, first, last string
	live                        bool
	base                        string // buildpack-deps:trixie-scm, alpine:3.24
	local, gcc                  bool
	moved                       []string // directories, where there was more than one
}

// tagLimits is how far the table reaches: what lies beyond may exist by now.
type tagLimits struct {
	minor  int         // newest minor that was released
	patch  map[int]int // newest patch of each minor
	live   map[int]bool
	alpine int // newest Alpine 3.N
}

func (b *Base) readTags(data []byte) error {
	b.tags = map[string]*tagRow{}
	b.tagLimits = tagLimits{patch: map[int]int{}, live: map[int]bool{}}
	return b.readCSV("golang-tags.csv", data, "tag,go,first,last,live,base,local,gcc,moved", func(f []string) error {
		t := &tagRow{tag: f[0], goVersion: f[1], first: f[2], last: f[3], live: f[4] == "1", base: f[5], local: f[6] == "1", gcc: f[7] == "1"}
		if f[8] != "" {
			t.moved = strings.Split(f[8], "|")
		}
		if b.tags[t.tag] != nil {
			return fmt.Errorf("tag %s is there twice", t.tag)
		}
		if !isDate(t.first) || !isDate(t.last) {
			return fmt.Errorf("tag %s: no date", t.tag)
		}
		b.tags[t.tag] = t
		b.tagLimits.add(t)
		return nil
	})
}

func (l *tagLimits) add(t *tagRow) {
	v := parseGolangTag(t.tag)
	if strings.HasPrefix(v.variant, "alpine3.") {
		n, _ := strconv.Atoi(v.variant[len("alpine3."):])
		l.alpine = max(l.alpine, n)
	}
	if v.minor < 0 || v.pre != "" {
		return
	}
	l.minor = max(l.minor, v.minor)
	l.patch[v.minor] = max(l.patch[v.minor], v.patch)
	l.live[v.minor] = l.live[v.minor] || t.live
}

// golangTagName is a tag taken apart. A number that is not written is -1.
type golangTagName struct {
	version      string // 1.26.3, latest; empty in alpine3.24
	minor, patch int
	pre          string // rc1, beta2, rc
	variant      string // alpine3.24, trixie, slim
	ok           bool   // it follows the grammar of the golang image
}

func parseGolangTag(tag string) golangTagName {
	v := golangTagName{minor: -1, patch: -1}
	version, variant, _ := strings.Cut(tag, "-")
	if strings.HasPrefix(variant, "rc") && (variant == "rc" || variant[2] == '-') {
		version, variant = version+"-rc", strings.TrimPrefix(variant[2:], "-")
	}
	if day, rest, _ := strings.Cut(variant, "-"); version == "tip" && len(day) == 8 && strings.Trim(day, "0123456789") == "" {
		version, variant = version+"-"+day, rest
	}
	v.version, v.variant = version, variant
	if v.numbers(version) {
		return v
	}
	switch {
	case version == "latest" || version == "rc" || version == "tip" || strings.HasPrefix(version, "tip-"):
		v.ok = true
	case variant == "" && (knownSuite(version) || strings.HasPrefix(version, "alpine")):
		v.version, v.variant, v.ok = "", version, true
	}
	return v
}

func (v golangTagName) minorString() string { return "1." + strconv.Itoa(v.minor) }

// numbers reads 1, 1.N, 1.N.P, each with rcK or betaK, and 1.N-rc.
func (v *golangTagName) numbers(version string) bool {
	rest, ok := strings.CutPrefix(version, "1")
	if !ok {
		return false
	}
	minor, patch, pre := -1, -1, ""
	if minor, rest = number(rest); minor >= 0 {
		patch, rest = number(rest)
	}
	if rest != "" {
		pre = strings.TrimPrefix(rest, "-")
		k := strings.TrimPrefix(strings.TrimPrefix(rest, "rc"), "beta")
		if rest != "-rc" && (k == rest || k == "" || strings.Trim(k, "0123456789") != "") {
			return false
		}
	}
	v.minor, v.patch, v.pre, v.ok = minor, patch, pre, true
	return true
}

// number reads .N at the start of s; -1 if there is none.
func number(s string) (n int, rest string) {
	digits, ok := strings.CutPrefix(s, ".")
	end := len(digits) - len(strings.TrimLeft(digits, "0123456789"))
	if !ok || end == 0 || end > 4 {
		return -1, s
	}
	n, _ = strconv.Atoi(digits[:end])
	return n, digits[end:]
}

// debianSuites are the suites that golang images were built on, oldest first.
func debianSuites() []string {
	return []string{"wheezy", "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie"}
}

func knownSuite(s string) bool { return slices.Contains(debianSuites(), s) }

// Existence says whether a tag exists.
type Existence uint8

// ExistUnknown: the tag may be newer than the table, or is none that the table
// is about. Never: the image never had it.
const (
	ExistUnknown Existence = iota
	Exists
	Never
)

// GolangTag is what is known of a tag of the official golang image.
type GolangTag struct {
	Name      string
	Existence Existence
	Live      bool   // still rebuilt at Base.Date
	First     string // first and last date at which the tag was published
	Last      string
	Go        GoVersion
	Base      string // the image it is built on: buildpack-deps:trixie-scm
	// Alternative is the existing tag nearest to one that never existed; for a
	// frozen one, a live tag of the same kind. Empty if there is none.
	Alternative string
	Source      string
}

// GolangTag looks up a tag of docker.io/library/golang.
func (b *Base) GolangTag(tag string) GolangTag {
	t := GolangTag{Name: tag, Source: b.sources["golang-tags.csv"]}
	v := parseGolangTag(tag)
	row := b.tags[tag]
	if row == nil {
		if b.never(v) {
			t.Existence, t.Alternative = Never, b.alternative(v)
		}
		return t
	}
	t.Existence, t.Live, t.First, t.Last, t.Base = Exists, row.live, row.first, row.last, row.base
	t.Go = b.goInside(row, v)
	if !row.live {
		t.Alternative = b.liveAlternative(v)
	}
	return t
}

func (b *Base) goInside(row *tagRow, v golangTagName) GoVersion {
	exact := parseGolangTag(row.goVersion)
	if exact.minor < 0 {
		return GoVersion{}
	}
	g := GoVersion{Minor: exact.minorString()}
	switch {
	case !row.live || v.patch >= 0 || v.pre != "" && v.pre != "rc":
		g.Patch = row.goVersion
	case v.minor >= 0:
		g.Newest = row.goVersion
	default:
		g.Newest, g.Moving = row.goVersion, true
	}
	return g
}

// never reports whether a tag that the table lacks cannot exist: it is older
// than the table in every part.
func (b *Base) never(v golangTagName) bool {
	if !v.ok || strings.Contains(v.variant, "windowsservercore") || strings.Contains(v.variant, "nanoserver") {
		return false
	}
	l := b.tagLimits
	switch {
	case v.minor > l.minor:
		return false
	case v.minor >= 0 && l.live[v.minor] && v.patch > l.patch[v.minor]:
		return false
	case v.minor < 0 && v.version != "latest" && v.version != "1" && v.version != "":
		return false // rc, tip
	}
	for _, word := range []string{"slim", "debian", "ubuntu", "busybox", "scratch"} {
		if v.variant == word || strings.HasSuffix(v.variant, "-"+word) {
			return true
		}
	}
	if n, ok := strings.CutPrefix(v.variant, "alpine3."); ok {
		k, err := strconv.Atoi(n)
		return err == nil && k <= l.alpine
	}
	return v.variant == "" || v.variant == "alpine" || knownSuite(v.variant)
}

// alternative returns the existing tag nearest to one that never existed.
func (b *Base) alternative(v golangTagName) string {
	versions := []string{v.version}
	if v.minor >= 0 {
		versions = append(versions, v.minorString())
	}
	for _, version := range versions {
		for _, variant := range b.standIns(v.variant) {
			tag := strings.Trim(version+"-"+variant, "-")
			if row := b.tags[tag]; row != nil {
				return tag
			}
		}
	}
	return ""
}

// liveAlternative returns the live tag of the newest minor with the same kind
// of base.
func (b *Base) liveAlternative(v golangTagName) string {
	if v.pre != "" {
		return ""
	}
	minor := "1." + strconv.Itoa(b.tagLimits.minor)
	for _, variant := range b.standIns(v.variant) {
		if tag := strings.Trim(minor+"-"+variant, "-"); b.tags[tag] != nil && b.tags[tag].live {
			return tag
		}
	}
	return ""
}

// standIns lists what could stand in for a variant, best first.
func (b *Base) standIns(variant string) []string {
	var list []string
	switch {
	case strings.HasPrefix(variant, "alpine"):
		list = append(list, variant)
		for n := b.tagLimits.alpine; n > 0; n-- {
			list = append(list, "alpine3."+strconv.Itoa(n))
		}
		list = append(list, "alpine")
	case knownSuite(variant):
		// The next newer suite first: it runs what the older one ran.
		suites := debianSuites()
		at := slices.Index(suites, variant)
		list = append(list, suites[at:]...)
		for i := at - 1; i >= 0; i-- {
			list = append(list, suites[i])
		}
		list = append(list, "")
	default:
		suite, _, _ := strings.Cut(variant, "-")
		list = append(list, suite, "")
	}
	return list
}

// golangImage returns the facts of a tag of the official golang image.
func (b *Base) golangImage(tag string, digest bool) Image {
	row := b.tags[tag]
	if row == nil {
		if tag != "" && b.never(parseGolangTag(tag)) {
			return Image{Known: true, NotExist: true, Source: b.sources["golang-tags.csv"], Why: "golang:" + tag + " never existed"}
		}
		return Image{}
	}
	v := parseGolangTag(tag)
	i := b.golangOn(row.base, row.gcc)
	if digest {
		for _, dir := range row.moved {
			i = same(i, b.golangOn(baseOfDir(dir), !strings.Contains(dir, "alpine")))
		}
	}
	i.Known, i.Frozen = true, TriOf(!row.live)
	i.Pinned = TriOf(knownSuite(v.variant) || strings.HasPrefix(v.variant, "alpine3.") || !row.live || v.patch >= 0)
	i.Go = b.goInside(row, v)
	if row.local {
		i.GOTOOLCHAIN = "local"
	} else if i.Go.Minor != "" && !digest {
		i.GOTOOLCHAIN = defaultToolchain(row.goVersion)
	}
	if digest {
		i.Go, i.GOTOOLCHAIN = b.goOfDigest(row, v, i)
	}
	i.Source = i.Source + "; " + b.golang.Source + "; " + b.sources["golang-tags.csv"]
	return i
}

// goOfDigest returns what every content of a tag agrees in.
func (b *Base) goOfDigest(row *tagRow, v golangTagName, i Image) (GoVersion, string) {
	switch {
	case v.patch >= 0:
		return i.Go, i.GOTOOLCHAIN
	case v.minor < 0 || v.pre != "":
		return GoVersion{}, ""
	case v.minor > 21:
		return GoVersion{Minor: v.minorString()}, "local"
	case v.minor < 21:
		return GoVersion{Minor: v.minorString()}, defaultToolchain(row.goVersion)
	}
	return GoVersion{Minor: v.minorString()}, ""
}

// defaultToolchain returns GOTOOLCHAIN of GOROOT/go.env where the image sets
// none: there is such a thing since Go 1.21.
func defaultToolchain(goVersion string) string {
	if parseGolangTag(goVersion).minor >= 21 {
		return "auto"
	}
	return ""
}

// golangOn returns the facts of a golang image on a base.
func (b *Base) golangOn(base string, gcc bool) Image {
	name, tag, _ := strings.Cut(base, ":")
	id := name + "-" + tag
	if name == "buildpack-deps" {
		id = "debian-" + strings.TrimSuffix(tag, "-scm")
	}
	r := b.rootfs[id]
	if r == nil {
		return Image{}
	}
	i := r.facts
	i.tools = maps.Clone(i.tools)
	tools := b.golang.AlpineTools
	if name == "buildpack-deps" {
		tools = b.golang.DebianTools
		for _, t := range b.golang.DebianToolsUnknown {
			if i.tools[t] == No {
				delete(i.tools, t)
			}
		}
	}
	for _, t := range tools {
		i.tools[t] = Yes
	}
	i.tools["gcc"], i.tools["go"] = TriOf(gcc), Yes
	i.CACerts, i.DefaultUser, i.Entrypoint = Yes, "0", []string{}
	i.WorkDir, i.GOPATH, i.Path, i.GOROOT = b.golang.WorkDir, b.golang.GOPATH, b.golang.Path, "/usr/local/go"
	// Packages of the base may add accounts, so the list is not closed.
	i.users.closed, i.groups.closed = Unknown, Unknown
	return i
}

// baseOfDir returns the base of a directory of docker-library/golang, empty
// where the directory does not say it.
func baseOfDir(dir string) string {
	last := dir[strings.LastIndexByte(dir, '/')+1:]
	switch {
	case knownSuite(last):
		return "buildpack-deps:" + last + "-scm"
	case strings.HasPrefix(last, "alpine3."):
		return "alpine:" + strings.TrimPrefix(last, "alpine")
	}
	return ""
}
