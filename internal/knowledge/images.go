package knowledge

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

type imagesFile struct {
	AsOf      string            `toml:"as_of"`
	Snapshots map[string]string `toml:"snapshots"`
	Loader    []loaderRow       `toml:"loader"`
	Rootfs    []*rootfsRow      `toml:"rootfs"`
	Image     []imageRow        `toml:"image"`
	Variant   []variantRow      `toml:"variant"`
	Golang    golangRow         `toml:"golang"`
}

type loaderRow struct {
	Arch    string `toml:"arch"`
	Glibc   string `toml:"glibc"`
	Musl    string `toml:"musl"`
	GoGlibc string `toml:"go_glibc"`
	GoMusl  string `toml:"go_musl"`
	Note    string `toml:"note"`
	Source  string `toml:"source"`
}

type rootfsRow struct {
	ID             string            `toml:"id"`
	Distro         string            `toml:"distro"`
	Release        string            `toml:"release"`
	Libc           Libc              `toml:"libc"`
	LibcVersion    string            `toml:"libc_version"`
	LibcNote       string            `toml:"libc_note"`
	GLIBCXX        string            `toml:"glibcxx"`
	Loader         Libc              `toml:"loader"`
	LFS64          Tri               `toml:"lfs64_macros"`
	Libs           []string          `toml:"libs"`
	LibsAbsent     []string          `toml:"libs_absent"`
	Shell          Tri               `toml:"shell"`
	ShellPaths     []string          `toml:"shell_paths"`
	CACerts        Tri               `toml:"ca_certs"`
	CARoots        int               `toml:"ca_roots"`
	CAPath         string            `toml:"ca_path"`
	TZData         Tri               `toml:"tzdata"`
	LegacyZones    Tri               `toml:"tzdata_legacy"`
	Passwd         Tri               `toml:"passwd"`
	Tmp            Tri               `toml:"tmp"`
	Users          []string          `toml:"users"`
	UsersMaybe     []string          `toml:"users_maybe"`
	UsersClosed    Tri               `toml:"users_closed"`
	Groups         []string          `toml:"groups"`
	GroupsMaybe    []string          `toml:"groups_maybe"`
	DefaultUser    string            `toml:"default_user"`
	PackageManager string            `toml:"package_manager"`
	Tools          []string          `toml:"tools"`
	ToolsAbsent    []string          `toml:"tools_absent"`
	NSSwitch       Tri               `toml:"nsswitch"`
	Env            map[string]string `toml:"env"`
	EOL            string            `toml:"eol"`
	LTSEOL         string            `toml:"lts_eol"`
	Rolling        Tri               `toml:"rolling"`
	Source         string            `toml:"source"`

	facts Image // the row as an image; its maps are shared and never changed
}

type imageRow struct {
	Repo    string            `toml:"repo"`
	Also    []string          `toml:"also"`
	Tag     string            `toml:"tag"`
	Exists  Tri               `toml:"exists"`
	Since   string            `toml:"since"`
	Rootfs  string            `toml:"rootfs"`
	History []span            `toml:"history"`
	Rebuilt Tri               `toml:"rebuilt"`
	Frozen  string            `toml:"frozen"`
	Libc    string            `toml:"libc_version"`
	User    string            `toml:"user"`
	WorkDir string            `toml:"workdir"`
	GOPATH  string            `toml:"gopath"`
	Go      string            `toml:"go"`
	GCC     Tri               `toml:"gcc"`
	GOTC    string            `toml:"gotoolchain"`
	Tools   []string          `toml:"tools"`
	CACerts Tri               `toml:"ca_certs"`
	Entry   []string          `toml:"entrypoint"`
	Env     map[string]string `toml:"env"`
	Note    string            `toml:"note"`
	Source  string            `toml:"source"`

	tag *regexp.Regexp
	all func() Image // what all of History have in common
}

// span is one entry of a history: from that date on, until the next entry.
type span struct {
	From   string `toml:"from"`
	Rootfs string `toml:"rootfs"`
}

type variantRow struct {
	Repo    string   `toml:"repo"` // prefix of the name
	Tag     string   `toml:"tag"`
	User    string   `toml:"user"`
	WorkDir string   `toml:"workdir"`
	Entry   []string `toml:"entrypoint"`
	Note    string   `toml:"note"`
	Source  string   `toml:"source"`

	tag *regexp.Regexp
}

// golangRow is what the official golang image adds to its base.
type golangRow struct {
	WorkDir            string   `toml:"workdir"`
	GOPATH             string   `toml:"gopath"`
	Path               string   `toml:"path"`
	DebianTools        []string `toml:"debian_tools"`
	DebianToolsUnknown []string `toml:"debian_tools_unknown"`
	AlpineTools        []string `toml:"alpine_tools"`
	Source             string   `toml:"source"`
}

func (b *Base) readImages(data []byte) error {
	var f imagesFile
	meta, err := toml.Decode(string(data), &f)
	if err != nil {
		return err
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return fmt.Errorf("unknown key %s", keys[0])
	}
	if !isDate(f.AsOf) {
		return fmt.Errorf("as_of = %q is no date", f.AsOf)
	}
	b.date, b.loaders, b.images, b.variants, b.golang = f.AsOf, f.Loader, f.Image, f.Variant, f.Golang
	b.rootfs = map[string]*rootfsRow{}
	for _, r := range f.Rootfs {
		if b.rootfs[r.ID] != nil {
			return fmt.Errorf("rootfs %s is there twice", r.ID)
		}
		r.facts = r.image()
		b.rootfs[r.ID] = r
		b.rootfsOrder = append(b.rootfsOrder, r.ID)
	}
	for i := range b.images {
		row := &b.images[i]
		if row.tag, err = compileTag(row.Tag); err != nil {
			return fmt.Errorf("image %s: %w", row.Repo, err)
		}
		row.all = sync.OnceValue(func() Image { return b.ofRootfs(row.ids()) })
	}
	for i := range b.variants {
		row := &b.variants[i]
		if row.tag, err = compileTag(row.Tag); err != nil {
			return fmt.Errorf("variant %s: %w", row.Repo, err)
		}
	}
	return nil
}

func compileTag(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile("^(?:" + pattern + ")$")
}

// Image returns what is known of an image. The reference must be parsed from
// text in which nothing is left to replace. An image that no table holds has
// Known == false and every field unknown.
func (b *Base) Image(ref Ref) Image {
	i := b.image(ref)
	i.Ref, i.ByDigest = ref, ref.Digest != ""
	if i.Known && i.Why == "" {
		i.Why = why(i)
	}
	return i
}

func (b *Base) image(ref Ref) Image {
	if o := b.override(ref); o != nil {
		return o.image()
	}
	name := ref.Canonical()
	if name == "scratch" && ref.Text != "scratch" {
		return Image{} // reserved: no registry, tag or digest
	}
	tag := ref.EffectiveTag()
	if name == "golang" {
		return b.golangImage(tag, ref.Digest != "")
	}
	if tag == "" {
		return b.anyOf(name)
	}
	for _, row := range b.images {
		if row.Repo != name && !slices.Contains(row.Also, name) {
			continue
		}
		if m := row.tag.FindStringSubmatchIndex(tag); m != nil {
			return b.fromRow(row, name, tag, m, ref.Digest != "")
		}
	}
	return Image{}
}

// fromRow returns the image of a row. Where a digest pins one of the contents
// that the tag had, what they have in common is left.
func (b *Base) fromRow(row imageRow, name, tag string, match []int, digest bool) Image {
	if row.Exists == No {
		return Image{Known: true, NotExist: true, Source: row.Source, Why: fmt.Sprintf("%s:%s does not exist since %s", name, tag, row.Since)}
	}
	var i Image
	switch n := len(row.History); {
	case n > 0 && digest:
		i = row.all()
	case n > 0:
		i = b.ofRootfs(row.ids()[n-1:])
	case row.Rootfs != "":
		id := string(row.tag.ExpandString(nil, row.Rootfs, tag, match))
		if b.rootfs[id] == nil {
			return Image{} // a release that the table does not know
		}
		i = b.rootfs[id].facts
	}
	i.Known, i.Source = true, strings.TrimPrefix(i.Source+"; "+row.Source, "; ")
	i.Pinned = TriOf(len(row.History) == 0)
	if row.Rebuilt == No || row.Frozen != "" {
		i.Frozen = Yes
	}
	row.add(&i, tag)
	if digest && row.Go != "tag" {
		i.Go = GoVersion{}
	}
	for _, v := range b.variants {
		if strings.HasPrefix(name, v.Repo) && v.tag.MatchString(tag) {
			override(&i.DefaultUser, v.User)
			override(&i.WorkDir, v.WorkDir)
			i.Entrypoint = v.Entry
		}
	}
	return i
}

// ids returns the root file systems of the history.
func (row *imageRow) ids() []string {
	var ids []string
	for _, h := range row.History {
		ids = append(ids, h.Rootfs)
	}
	return ids
}

// add puts what the row itself says over the facts of its root file system.
func (row imageRow) add(i *Image, tag string) {
	override(&i.LibcVersion, row.Libc)
	override(&i.DefaultUser, row.User)
	override(&i.WorkDir, row.WorkDir)
	override(&i.GOPATH, row.GOPATH)
	override(&i.GOTOOLCHAIN, row.GOTC)
	override(&i.CACerts, row.CACerts)
	if row.Entry != nil {
		i.Entrypoint = row.Entry
	}
	if row.GCC.Known() || len(row.Tools) > 0 {
		i.tools = maps.Clone(i.tools)
		if i.tools == nil {
			i.tools = map[string]Tri{}
		}
	}
	if row.GCC.Known() {
		i.tools["gcc"] = row.GCC
	}
	for _, t := range row.Tools {
		i.tools[t] = Yes
	}
	if len(row.Env) > 0 {
		i.Env = row.Env
	}
	switch row.Go {
	case "":
	case "tag":
		i.Go = goOfTag(tag)
	default:
		i.Go = GoVersion{Minor: row.Go, Moving: true}
	}
}

// goOfTag reads a Go release at the start of a tag: 1.26.3-node.
func goOfTag(tag string) GoVersion {
	v := parseGolangTag(tag)
	switch {
	case v.minor < 0 || v.pre != "":
		return GoVersion{}
	case v.patch >= 0:
		return GoVersion{Minor: v.minorString(), Patch: v.version}
	}
	return GoVersion{Minor: v.minorString()}
}

// anyOf returns what everything that the tables know of a repository has in
// common: what a digest without a tag leaves.
func (b *Base) anyOf(name string) Image {
	var ids []string
	var sources []string
	for _, row := range b.images {
		if row.Repo != name && !slices.Contains(row.Also, name) {
			continue
		}
		if row.Exists == No {
			continue
		}
		if row.Go != "" {
			return Image{}
		}
		sources = append(sources, row.Source)
		ids = append(ids, row.ids()...)
		if prefix, _, wild := strings.Cut(row.Rootfs, "$"); wild {
			for _, id := range b.rootfsOrder {
				if strings.HasPrefix(id, prefix) {
					ids = append(ids, id)
				}
			}
		} else if row.Rootfs != "" {
			ids = append(ids, row.Rootfs)
		}
	}
	if len(ids) == 0 {
		return Image{}
	}
	i := b.ofRootfs(ids)
	i.Known, i.Source = true, strings.Join(slices.Compact(sources), "; ")
	for _, v := range b.variants {
		if strings.HasPrefix(name, v.Repo) {
			i.DefaultUser, i.WorkDir, i.Entrypoint = "", "", nil
		}
	}
	return i
}

// ofRootfs returns the facts that hold for all of these root file systems. One
// that the table does not hold leaves nothing.
func (b *Base) ofRootfs(ids []string) Image {
	var common Image
	for n, id := range ids {
		r := b.rootfs[id]
		if r == nil {
			return Image{}
		}
		if i := r.facts; n == 0 {
			common = i
		} else {
			common = same(common, i)
		}
	}
	return common
}

func (r *rootfsRow) image() Image {
	i := Image{
		Distro: r.Distro, Release: r.Release,
		Libc: r.Libc, LibcVersion: r.LibcVersion, GLIBCXX: r.GLIBCXX, Loader: r.Loader, LFS64: r.LFS64,
		Shell: r.Shell, CACerts: r.CACerts, TZData: r.TZData, LegacyZones: r.LegacyZones,
		Passwd: r.Passwd, Tmp: r.Tmp,
		DefaultUser: r.DefaultUser, PackageManager: r.PackageManager, Env: r.Env,
		EOL: r.EOL, LTSEOL: r.LTSEOL, Rolling: r.Rolling, Source: r.Source,
		users:  accounts{ids: idsOf(r.Users), maybe: r.UsersMaybe, closed: r.UsersClosed},
		groups: accounts{ids: idsOf(r.Groups), maybe: r.GroupsMaybe},
		tools:  presence(r.Tools, r.ToolsAbsent),
		libs:   presence(r.Libs, r.LibsAbsent),
	}
	if r.Groups != nil {
		i.groups.closed = r.UsersClosed
	}
	return i
}

func idsOf(accounts []string) map[string]string {
	ids := make(map[string]string, len(accounts))
	for _, a := range accounts {
		name, id, _ := strings.Cut(a, ":")
		ids[name] = id
	}
	return ids
}

func presence(there, absent []string) map[string]Tri {
	p := make(map[string]Tri, len(there)+len(absent))
	for _, name := range absent {
		p[name] = No
	}
	for _, name := range there {
		p[name] = Yes
	}
	return p
}

// override sets *a to b unless b is not known.
func override[T comparable](a *T, b T) {
	*a = cmp.Or(b, *a)
}

// why says in a few words what an image is.
func why(i Image) string {
	var b strings.Builder
	b.WriteString(i.Ref.Text)
	if i.Ref.Text == "scratch" {
		return "scratch is empty"
	}
	what := title(i.Distro, i.Release)
	if what == "" {
		what = "an image of " + i.Ref.Canonical()
	}
	b.WriteString(" is " + what)
	if i.Go.Minor != "" {
		switch i.GCC() {
		case Yes:
			b.WriteString(" with gcc")
		case No:
			b.WriteString(" without gcc")
		}
	} else if i.Libc != LibcUnknown {
		b.WriteString(", " + libcText(i))
	}
	return b.String()
}

func libcText(i Image) string {
	switch {
	case i.Libc == NoLibc:
		return "without a C library"
	case i.LibcVersion != "":
		return i.Libc.String() + " " + i.LibcVersion
	}
	return i.Libc.String()
}

// title writes a distribution as people do: Debian trixie, Alpine 3.24.
func title(distro, release string) string {
	names := map[string]string{
		"alpine": "Alpine", "debian": "Debian", "ubuntu": "Ubuntu", "fedora": "Fedora", "rockylinux": "Rocky Linux",
		"almalinux": "AlmaLinux", "ubi": "UBI", "ubi-micro": "UBI micro", "ubi-minimal": "UBI minimal", "centos": "CentOS",
		"amazonlinux": "Amazon Linux", "oraclelinux": "Oracle Linux", "photon": "Photon", "opensuse": "openSUSE",
		"archlinux": "Arch Linux", "busybox": "BusyBox", "wolfi": "Wolfi",
	}
	name := names[distro]
	if name == "" {
		name = distro
	}
	return strings.TrimSpace(name + " " + release)
}
