package buildplan

import (
	"path"
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Install is a package that a package manager adds.
type Install struct {
	Manager string // apk, apt, dnf …
	Package string // "" where the name is not known
	Maybe   bool   // in a branch that may not be taken, or perhaps removed since
	At      source.Span

	virtual string // the name of the group that apk add --virtual gives
}

// manager is how a package manager is told to install and remove.
type manager struct {
	family string // as Install.Manager names it
	verbs  string // the words that install
	drops  string // the words that remove
	valued string // the options that take the next word
}

var managers = map[string]*manager{
	"apk":              {"apk", "add", "del", "X repository t virtual p root arch keys-dir repositories-file cache-dir wait"},
	"xx-apk":           {"apk", "add", "del", "X repository t virtual p root arch keys-dir"},
	"apt-get":          {"apt", "install build-dep", "purge remove autoremove auto-remove", "t target-release o option c config-file"},
	"apt":              {"apt", "install", "purge remove autoremove", "t target-release o option c config-file"},
	"aptitude":         {"apt", "install", "purge remove", "t target-release o"},
	"xx-apt":           {"apt", "install", "purge remove autoremove", "t target-release o option"},
	"xx-apt-get":       {"apt", "install", "purge remove autoremove", "t target-release o option"},
	"clean-install":    {"apt", "", "", ""}, // of the images of Kubernetes: packages only
	"install_packages": {"apt", "", "", ""}, // of Bitnami
	"dnf":              {"dnf", "install groupinstall group", "remove erase autoremove", "installroot releasever setopt enablerepo disablerepo repo c x"},
	"microdnf":         {"dnf", "install", "remove", "installroot releasever setopt enablerepo disablerepo"},
	"yum":              {"dnf", "install groupinstall localinstall", "remove erase autoremove", "installroot releasever setopt enablerepo disablerepo c x"},
	"tdnf":             {"dnf", "install", "remove erase autoremove", "installroot releasever enablerepo disablerepo"},
	"zypper":           {"zypper", "install in", "remove rm", "R root r repo t type"},
	"pacman":           {"pacman", "-S -Sy -Syu -Syyu -Syuq", "-R -Rs -Rns", ""},
	"dpkg":             {"dpkg", "-i --install", "-r -P --purge --remove", ""},
	"rpm":              {"rpm", "-i -ivh -Uvh -U --install", "-e --erase", ""},
	"pip":              {"pip", "install", "uninstall", "r i index-url extra-index-url t target"},
	"pip3":             {"pip", "install", "uninstall", "r i index-url extra-index-url t target"},
}

// install notes the packages that a command adds or removes.
func (st *Stage) install(c *Command, name string) {
	m := managers[name]
	if m.family == "pip" {
		here(st, c)
		return // of another language
	}
	verb, rest := m.verb(c.Words[1:])
	o := getopt(rest, words(m.valued))
	switch {
	case verb == "" && m.verbs != "":
	case !words(m.drops)[verb]:
		group, _ := o.value("t", "virtual")
		if m.family != "apk" {
			group = shell.Word{}
		}
		for _, w := range o.operands {
			st.add(c, m.family, w, group.Text)
		}
		for _, dir := range []string{"/bin", "/etc", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/var", "/root"} {
			st.put(c, layer{kind: opaque, dest: dir, packages: true})
		}
	default:
		for _, w := range o.operands {
			st.drop(c, m.family, w)
		}
	}
}

// verb returns the word that says what is done, and the others.
func (m *manager) verb(list []shell.Word) (verb string, rest []shell.Word) {
	verbs, drops := words(m.verbs), words(m.drops)
	for _, w := range list {
		if verb == "" && w.Exact() && (verbs[w.Text] || drops[w.Text]) {
			verb = w.Text
			continue
		}
		rest = append(rest, w)
	}
	return verb, rest
}

func (st *Stage) add(c *Command, family string, w shell.Word, group string) {
	in := Install{Manager: family, Maybe: c.Conditional, At: w.At, virtual: group}
	if w.Exact() {
		in.Package = packageName(w.Text)
	}
	st.Installs = append(st.Installs, in)
}

// drop forgets a package, or the packages of a group; where its name is not
// known, any may be gone.
func (st *Stage) drop(c *Command, family string, w shell.Word) {
	name := packageName(w.Text)
	var left []Install
	for _, in := range st.Installs {
		switch {
		case in.Manager != family:
		case !w.Exact():
			in.Maybe = true
		case in.Package == name || in.virtual != "" && in.virtual == w.Text:
			if !c.Conditional {
				continue
			}
			in.Maybe = true
		}
		left = append(left, in)
	}
	st.Installs = left
}

// packageName drops a version: gcc=12.2.0-r4, gcc~12, gcc>=12, gcc:amd64.
func packageName(word string) string {
	if i := strings.IndexAny(word, "=<>~:@"); i > 0 {
		return word[:i]
	}
	return path.Base(word)
}

// compilers are the packages that bring gcc, as a file of their own or through
// what they always depend on; plain those that do not.
var (
	compilers = words("gcc g++ build-base alpine-sdk build-essential gcc-c++ base-devel gcc-multilib gcc-go gccgo cgo clang-dev")
	plain     = words(`bash ca-certificates ca-certificates-bundle tzdata curl wget git git-lfs make upx xz xz-utils unzip zip tar gzip bzip2 file jq yq
		openssh openssh-client openssh-client-default openssh-keygen nodejs npm yarn musl-dev libc-dev linux-headers sqlite sqlite3
		su-exec gosu gettext gettext-base coreutils findutils grep sed gawk openssl protobuf protoc protobuf-compiler pkgconfig pkgconf pkg-config
		mercurial subversion gnupg gnupg2 gpg gpg-agent dirmngr iputils iputils-ping bind-tools dnsutils dumb-init tini shadow procps procps-ng net-tools
		iproute2 iptables ip6tables nftables ipset conntrack-tools kmod less vim vim-tiny nano tree rsync patch bc apt-transport-https lsb-release locales sudo
		netcat netcat-openbsd socat tcpdump strace ncurses readline binutils xxd htop mailcap diffutils util-linux util-linux-misc e2fsprogs
		e2fsprogs-extra xfsprogs xfsprogs-extra btrfs-progs fuse fuse3 python3 perl alpine-conf apk-tools busybox busybox-extras busybox-suid gcompat musl musl-utils
		btrfs-progs-dev docker docker-cli docker-ce-cli containerd nginx aws-cli ffmpeg python3-minimal adduser passwd login media-types mime-support
		netbase tzdata-legacy ssh-client ssl-cert tmux screen supervisor cron dbus systemd logrotate expect inetutils-telnet nmap iperf3 ethtool
		libc6-compat libcap-utils libcap-setcap go-task goreleaser lz4 zstd brotli pigz crane cosign skopeo`)
	// plainName are the families of names that bring no compiler: libraries of
	// Debian and Alpine and their headers.
	plainName = regexp.MustCompile(`^lib[a-z0-9.+-]+$|^[a-z0-9.+-]+-(dev|libs|doc|data|bash-completion|openrc|utils)$|^(font|ttf|fonts|py3|python3|postgresql|mysql|mariadb|openjdk)-?[a-z0-9.+-]*$`)
)

// bringsCompiler says whether a package brings gcc.
func bringsCompiler(in Install) knowledge.Tri {
	switch {
	case compilers[in.Package] && !in.Maybe:
		return knowledge.Yes
	case compilers[in.Package]:
		return knowledge.Unknown
	case in.Package == "go" && in.Manager == "apk":
		return knowledge.Yes // Alpine's go depends on gcc (aports, community/go)
	case plain[in.Package] || plainName.MatchString(in.Package) && !strings.HasPrefix(in.Package, "libtool"):
		return knowledge.No
	}
	return knowledge.Unknown
}

// compiler says whether gcc is in PATH, for a state of the stage.
func (st *Stage) compiler(installs []Install, opaque []fact.Note) (knowledge.Tri, []fact.Note) {
	there := st.Image.Value.GCC()
	if !st.Image.Known() {
		there = knowledge.Unknown
	}
	if there == knowledge.Yes {
		return there, st.Image.Why
	}
	unclear := len(opaque) > 0
	for _, in := range installs {
		switch bringsCompiler(in) {
		case knowledge.Yes:
			return knowledge.Yes, []fact.Note{{At: in.At, Text: in.Package + " brings a C compiler"}}
		case knowledge.Unknown:
			unclear = true
		}
	}
	if unclear {
		return knowledge.Unknown, nil
	}
	return there, st.Image.Why
}

// goArchive notes a release of Go that is downloaded or unpacked: its name
// tells the version.
func (st *Stage) goArchive(c *Command) {
	for _, w := range c.Words[1:] {
		if m := goArchiveName.FindStringSubmatch(w.Text); m != nil {
			st.goFrom(m[1], c.Conditional, fact.Note{At: w.At, Text: "brings Go " + m[1]})
		}
	}
}

var goArchiveName = regexp.MustCompile(`\bgo(1\.[0-9]+(?:\.[0-9]+)?(?:rc[0-9]+|beta[0-9]+)?)\.linux-`)

// goFrom notes that a release of Go was brought into the stage. Two of them
// leave open which runs.
func (st *Stage) goFrom(version string, maybe bool, note fact.Note) {
	switch {
	case st.Go.Known() && st.Go.Value != version, maybe:
		st.Go = fact.Not[string](note)
	default:
		st.Go = fact.Of(version, fact.Medium, note)
	}
}
