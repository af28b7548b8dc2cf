package buildplan

import (
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

// Untouched reports whether no instruction may have changed a path, or what is
// below it: it is as the image has it. What package managers bring does not
// count; Installs tell it.
func (t *Tree) Untouched(p string) bool {
	budget := maxVisits
	for ; t != nil; t = t.below {
		switch t.kind {
		case bottomEmpty, bottomImage:
			return true
		case bottomUnknown:
			return false
		}
		s := &search{path: p}
		if _, decided := t.ask(s, &budget); decided || s.made != nil || s.maybe && !t.packages || budget <= 0 {
			return false
		}
	}
	return false
}

// Bare reports whether nothing was done to the files of the image.
func (t *Tree) Bare() bool { return t != nil && t.below == nil }

// HasShell says whether /bin/sh is there in a state of the files.
func (st *Stage) HasShell(t *Tree) fact.Fact[bool] {
	return st.has(t, st.Image.Value.Shell, nil, nil, "/bin/sh")
}

// HasCACerts says whether root certificates are where crypto/x509 looks for
// them (crypto/x509/root_linux.go).
func (st *Stage) HasCACerts() fact.Fact[bool] {
	if st.sets("SSL_CERT_FILE") || st.sets("SSL_CERT_DIR") {
		return fact.Not[bool]()
	}
	return st.has(st.Tree, st.Image.Value.CACerts, words("ca-certificates ca-certificates-bundle ca-certificates-mozilla"), noCACerts, CAFolders()...)
}

// CAFolders are the folders in which crypto/x509 looks for root certificates, and
// those of which update-ca-certificates makes them.
func CAFolders() []string {
	return []string{"/etc/ssl", "/etc/pki", "/usr/local/share/certs", "/etc/openssl/certs", "/var/lib/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/ca-certificates"}
}

// HasZones says whether time zones are where package time looks for them
// (time/zoneinfo_unix.go, time/zoneinfo.go). The Go distribution has them too.
func (st *Stage) HasZones() fact.Fact[bool] {
	if st.Image.Value.Go.Minor != "" || st.sets("ZONEINFO") || !st.Tree.Untouched("/usr/local/go") {
		return fact.Not[bool]()
	}
	return st.has(st.Tree, st.Image.Value.TZData, words("tzdata"), noZones, ZoneFolders()...)
}

// ZoneFolders are the folders in which package time looks for time zones, but
// for that of the Go distribution.
func ZoneFolders() []string {
	return []string{"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"}
}

// Packages that bring no root certificates, and no time zones, also not through
// what they depend on or what Debian recommends with them: of Debian bookworm,
// "apt-get -s install" says so where nothing but the packages of priority
// required is installed.
var (
	neither = words(`bash make jq unzip zip tar gzip xz xz-utils bzip2 zstd lz4 pigz su-exec gosu tini dumb-init coreutils sqlite sqlite-libs sqlite3 libcap
		libcap2-bin shadow iproute2 iptables ip6tables nftables ipset ebtables conntrack conntrack-tools netbase gcompat libc6-compat libstdc++ libgcc file less
		nano vim findutils grep sed gawk procps psmisc htop lsof strace tree bind-tools bind9-dnsutils dnsutils iputils iputils-ping arping net-tools
		netcat-openbsd netcat-traditional telnet tcpdump ethtool bridge-utils iw wireless-tools socat musl-dev libc6 adduser passwd sudo locales locales-all
		busybox-extras mailcap media-types mime-support upx util-linux e2fsprogs btrfs-progs lvm2 fuse fuse3 kmod pciutils usbutils dbus gettext-base
		rsync inotify-tools tmux pkg-config binutils libpcap0.8 libusb-1.0-0 libaio1 libgomp1 libnss3 libpq5 librdkafka1 libxml2 postgresql-client
		mariadb-client default-mysql-client redis-server nginx openvpn`)
	noCACerts = also(neither, "tzdata", "openssl", "openssh-client", "gnupg", "gcc")
	noZones   = also(neither, "ca-certificates", "ca-certificates-bundle", "curl", "wget", "git", "openssl", "gnupg", "gpg", "openssh-client", "yq", "xfsprogs", "gettext")
)

func also(set map[string]bool, more ...string) map[string]bool {
	union := map[string]bool{}
	for name := range set {
		union[name] = true
	}
	for _, name := range more {
		union[name] = true
	}
	return union
}

// has says whether the stage has something: the image, or one of the packages
// that bring it. Where one of the paths was touched otherwise, a command ran
// that is not followed, or a package is not among those without, it is not known.
func (st *Stage) has(t *Tree, image knowledge.Tri, brings, without map[string]bool, paths ...string) fact.Fact[bool] {
	if !st.Image.Known() {
		return fact.Not[bool](st.Image.Why...)
	}
	for _, p := range paths {
		if !t.Untouched(p) {
			return fact.Not[bool]()
		}
	}
	unclear := len(st.Opaque) > 0
	for _, in := range st.Installs {
		switch {
		case brings[in.Package] && !in.Maybe:
			return fact.Of(true, fact.High, fact.Note{At: in.At, Text: "installs " + in.Package})
		case !without[in.Package]:
			unclear = true
		}
	}
	switch {
	case image == knowledge.Yes:
		return fact.Then(st.Image, true)
	case image == knowledge.No && !unclear:
		return fact.Then(st.Image, false)
	}
	return fact.Not[bool](st.Opaque...)
}

// sets reports whether the environment of the stage may have a variable.
func (st *Stage) sets(name string) bool {
	v := st.scope.Before(len(st.Syntax.Instructions)).Lookup(name)
	return v != nil && (v.Set || !v.Known)
}
