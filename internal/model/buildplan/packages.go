package buildplan

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// manager is how a package manager is told to install.
type manager struct {
	verbs     string // words, one of which must follow
	withValue string // long options that take the next word
}

var managers = map[string]*manager{
	"apk":        {verbs: " add ", withValue: " --repository -X --virtual -t --root -p --arch --keys-dir "},
	"apt-get":    {verbs: " install build-dep ", withValue: " -t --target-release -o -c "},
	"apt":        {verbs: " install ", withValue: " -t -o "},
	"dnf":        {verbs: " install groupinstall group ", withValue: " --installroot --releasever --setopt "},
	"microdnf":   {verbs: " install ", withValue: " --setopt --installroot --releasever "},
	"yum":        {verbs: " install groupinstall ", withValue: " --setopt --installroot "},
	"tdnf":       {verbs: " install ", withValue: ""},
	"zypper":     {verbs: " install in ", withValue: ""},
	"pacman":     {verbs: " -S -Sy -Syu -Syuq ", withValue: ""},
	"dpkg":       {verbs: " -i --install ", withValue: ""},
	"rpm":        {verbs: " -i -ivh -Uvh -U ", withValue: ""},
	"pip":        {verbs: " install ", withValue: ""},
	"pip3":       {verbs: " install ", withValue: ""},
	"xx-apk":     {verbs: " add ", withValue: ""},
	"xx-apt":     {verbs: " install ", withValue: ""},
	"xx-apt-get": {verbs: " install ", withValue: ""},
}

// install notes the packages that a command adds.
func (st *Stage) install(c *Command, name string) {
	m := managers[name]
	var verb bool
	for i := 1; i < len(c.Words); i++ {
		w := c.Words[i]
		switch {
		case w.Exact() && strings.Contains(m.verbs, " "+w.Text+" "):
			verb = true
		case !w.Exact():
			if verb || w.Prefix() == "" {
				st.add(c, name, "", w.At)
			}
		case strings.HasPrefix(w.Text, "-"):
			if strings.Contains(m.withValue, " "+w.Text+" ") {
				i++
			}
		case verb:
			st.add(c, name, packageName(w.Text), w.At)
		}
	}
	if verb {
		for _, dir := range []string{"/bin", "/etc", "/lib", "/lib64", "/opt", "/sbin", "/usr", "/var", "/root"} {
			st.anywhere(c, dir)
		}
	}
}

func (st *Stage) add(c *Command, manager, pkg string, at source.Span) {
	manager = strings.TrimPrefix(manager, "xx-")
	st.Installs = append(st.Installs, Install{Manager: manager, Package: pkg, Maybe: c.Conditional, At: at})
}

// packageName drops a version: gcc=12.2.0-r4, gcc~12, gcc>=12, gcc:amd64.
func packageName(word string) string {
	if i := strings.IndexAny(word, "=<>~:@"); i > 0 {
		return word[:i]
	}
	return path.Base(word)
}

// compilers are the packages that bring gcc, as a file of their own or through
// what they depend on; unclear those of which we do not know.
var (
	compilers = words("gcc g++ build-base alpine-sdk build-essential gcc-c++ base-devel gcc-multilib")
	plain     = words(`bash ca-certificates ca-certificates-bundle tzdata curl wget git make upx xz unzip zip tar gzip file jq yq
		openssh openssh-client openssh-keygen nodejs npm yarn musl-dev libc-dev libc6-dev linux-headers sqlite sqlite3 sqlite-dev libsqlite3-dev
		sqlite-libs libcap libcap2-bin su-exec gosu gettext coreutils findutils grep sed gawk openssl openssl-dev libssl-dev zlib-dev zlib1g-dev
		protobuf protoc protobuf-dev protobuf-compiler pkgconfig pkgconf pkg-config mercurial subversion gnupg gpg iputils iputils-ping
		bind-tools dnsutils dumb-init tini shadow procps net-tools iproute2 iptables nftables less vim nano tree rsync patch bc
		apt-transport-https lsb-release locales sudo netcat netcat-openbsd socat tcpdump strace ncurses readline libpcap-dev libpcap
		libusb-dev btrfs-progs-dev lz4-dev zstd-dev libbtrfs-dev libseccomp-dev libsystemd-dev libgpgme-dev binutils xxd htop mailcap
		diffutils util-linux util-linux-misc e2fsprogs fuse fuse3 python3 perl`)
)

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
		switch {
		case compilers[in.Package] && !in.Maybe:
			return knowledge.Yes, []fact.Note{{At: in.At, Text: "brings a C compiler"}}
		case compilers[in.Package] || !plain[in.Package]:
			unclear = true
		}
	}
	if unclear {
		return knowledge.Unknown, nil
	}
	return there, st.Image.Why
}

// accountEffects are the commands that add users and groups.
var accountEffects = map[string]string{
	"adduser": "user", "useradd": "user", "addgroup": "group", "groupadd": "group", "usermod": "any", "groupmod": "any", "chpasswd": "none", "passwd": "none",
	"deluser": "none", "userdel": "none", "delgroup": "none", "groupdel": "none", "chsh": "none", "newusers": "any",
}

// account notes the users and groups that a command adds: the last word, or
// any where it is not known.
func (st *Stage) account(c *Command, name string) {
	kind := accountEffects[name]
	if kind == "none" {
		return
	}
	_, rest := c.operands("ugGhskdcDpbeKr")
	a := Account{Group: kind == "group", At: c.At}
	if n := len(rest); kind != "any" && n > 0 && rest[n-1].Exact() {
		for _, w := range rest {
			a.Name = w.Text
			st.Accounts = append(st.Accounts, a)
		}
		if kind == "user" { // a group of the same name comes with it
			for _, w := range rest {
				st.Accounts = append(st.Accounts, Account{Name: w.Text, Group: true, At: c.At})
			}
		}
		return
	}
	st.Accounts = append(st.Accounts, a, Account{Group: true, At: c.At})
}
