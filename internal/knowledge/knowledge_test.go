package knowledge

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func image(t *testing.T, text string) Image {
	t.Helper()
	ref, err := ParseRef(text)
	if err != nil {
		t.Fatalf("ParseRef(%q): %v", text, err)
	}
	return Default().Image(ref)
}

// TestImages holds the facts that rules rest on. A dash is not known.
func TestImages(t *testing.T) {
	for _, c := range []struct {
		ref, libc, version, shell, ca, tz, user, pm string
	}{
		{"scratch", "none", "-", "no", "no", "no", "0", "none"},
		{"alpine:3.6", "musl", "1.1.16", "yes", "no", "no", "0", "apk"},
		{"alpine:3.7", "musl", "1.1.18", "yes", "yes", "no", "0", "apk"},
		{"alpine:3.20.3", "musl", "1.2.5", "yes", "yes", "no", "0", "apk"},
		{"alpine:3.24", "musl", "-", "yes", "yes", "no", "0", "apk"},
		{"alpine:latest", "musl", "-", "yes", "yes", "no", "0", "apk"},
		{"alpine:edge", "musl", "-", "yes", "yes", "-", "0", "apk"},
		{"alpine:3.25", "-", "-", "-", "-", "-", "-", "-"},
		{"debian:trixie-slim", "glibc", "2.41", "yes", "no", "yes", "0", "apt"},
		{"debian:12", "glibc", "2.36", "yes", "no", "yes", "0", "apt"},
		{"debian:bookworm-20250811-slim", "glibc", "2.36", "yes", "no", "yes", "0", "apt"},
		{"debian:bullseye", "glibc", "2.31", "yes", "no", "yes", "0", "apt"},
		{"debian:14", "glibc", "-", "yes", "-", "-", "0", "apt"},
		{"debian:duke", "-", "-", "-", "-", "-", "-", "-"},
		{"ubuntu:24.04", "glibc", "2.39", "yes", "no", "no", "0", "apt"},
		{"ubuntu:jammy", "glibc", "2.35", "yes", "no", "no", "0", "apt"},
		{"ubuntu:20.04", "glibc", "2.31", "yes", "no", "no", "0", "apt"},
		{"ubuntu:28.04", "-", "-", "-", "-", "-", "-", "-"},
		{"busybox", "glibc", "2.41", "yes", "no", "no", "0", "none"},
		{"busybox:glibc", "glibc", "2.41", "yes", "no", "no", "0", "none"},
		{"busybox:1.37-musl", "none", "-", "yes", "no", "no", "0", "none"},
		{"busybox:uclibc", "none", "-", "yes", "no", "no", "0", "none"},
		{"gcr.io/distroless/static", "none", "-", "no", "yes", "yes", "0", "none"},
		{"gcr.io/distroless/static-debian12:nonroot", "none", "-", "no", "yes", "yes", "65532", "none"},
		{"gcr.io/distroless/static-debian13:debug-nonroot-arm64", "none", "-", "no", "yes", "yes", "65532", "none"},
		{"gcr.io/distroless/base-debian12", "glibc", "2.36", "no", "yes", "yes", "0", "none"},
		{"gcr.io/distroless/base-nossl:nonroot", "glibc", "2.41", "no", "yes", "yes", "65532", "none"},
		{"gcr.io/distroless/cc-debian11", "glibc", "2.31", "no", "yes", "yes", "0", "none"},
		{"cgr.dev/chainguard/static:latest", "none", "-", "no", "yes", "yes", "65532", "none"},
		{"cgr.dev/chainguard/glibc-dynamic", "glibc", "2.43", "no", "yes", "no", "65532", "none"},
		{"cgr.dev/chainguard/wolfi-base", "glibc", "2.43", "yes", "yes", "no", "0", "apk"},
		{"cgr.dev/chainguard/busybox", "glibc", "2.43", "yes", "yes", "no", "65532", "none"},
		{"registry.access.redhat.com/ubi9/ubi-minimal:9.4", "glibc", "2.34", "yes", "-", "no", "0", "microdnf"},
		{"registry.redhat.io/ubi8", "glibc", "2.28", "yes", "-", "-", "0", "yum"},
		{"registry.access.redhat.com/ubi9/go-toolset:1.24", "glibc", "2.34", "yes", "-", "-", "1001", "dnf"},
		{"rockylinux:9", "glibc", "2.34", "yes", "-", "-", "0", "dnf"},
		{"almalinux:8", "glibc", "2.28", "yes", "-", "-", "0", "dnf"},
		{"amazonlinux:2", "glibc", "2.26", "yes", "-", "-", "0", "yum"},
		{"amazonlinux:2023", "glibc", "2.34", "yes", "-", "-", "0", "dnf"},
		{"oraclelinux:7", "glibc", "2.17", "yes", "-", "-", "0", "yum"},
		{"fedora:43", "glibc", "2.42", "yes", "-", "-", "0", "dnf"},
		{"fedora:45", "-", "-", "-", "-", "-", "-", "-"},
		{"photon:4.0", "glibc", "2.32", "yes", "-", "-", "0", "tdnf"},
		{"archlinux", "glibc", "2.44", "yes", "-", "-", "0", "pacman"},
		{"tonistiigi/xx:1.6", "none", "-", "no", "no", "no", "0", "none"},
		{"golang:1.26", "glibc", "2.41", "yes", "yes", "yes", "0", "apt"},
		{"golang:1.26-alpine3.23", "musl", "-", "yes", "yes", "no", "0", "apk"},
		{"golang:1.24-bookworm", "glibc", "2.36", "yes", "yes", "yes", "0", "apt"},
		{"golang:1.28", "-", "-", "-", "-", "-", "-", "-"},
		{"golang:1.26.99", "-", "-", "-", "-", "-", "-", "-"},
		{"docker.io/library/alpine:3.20", "musl", "1.2.5", "yes", "yes", "no", "0", "apk"},
		{"public.ecr.aws/docker/library/debian:12", "glibc", "2.36", "yes", "no", "yes", "0", "apt"},
		{"mirror.gcr.io/library/alpine:3.20", "musl", "1.2.5", "yes", "yes", "no", "0", "apk"},
		{"registry.example.com/alpine:3.20", "-", "-", "-", "-", "-", "-", "-"},
		{"example/golang:1.26", "-", "-", "-", "-", "-", "-", "-"},
		// A digest: what held for everything that the tag named.
		{"alpine:3.20" + digest, "musl", "1.2.5", "yes", "yes", "no", "0", "apk"},
		{"alpine:latest" + digest, "musl", "-", "yes", "-", "-", "0", "apk"},
		{"alpine" + digest, "musl", "-", "yes", "-", "-", "0", "apk"},
		{"debian:stable-slim" + digest, "glibc", "-", "yes", "-", "-", "0", "apt"},
		{"busybox:latest" + digest, "-", "-", "-", "-", "-", "-", "-"},
		{"gcr.io/distroless/static" + digest, "none", "-", "no", "yes", "yes", "-", "-"},
		{"gcr.io/distroless/static-debian12:nonroot" + digest, "none", "-", "no", "yes", "yes", "65532", "none"},
		{"golang:1.24" + digest, "glibc", "-", "yes", "yes", "yes", "0", "apt"},
		{"golang:alpine" + digest, "-", "-", "-", "-", "-", "-", "-"},
		{"golang" + digest, "-", "-", "-", "-", "-", "-", "-"},
	} {
		i := image(t, c.ref)
		dash := func(s string) string {
			if s == "" || s == "unknown" {
				return "-"
			}
			return s
		}
		got := []string{dash(i.Libc.String()), dash(i.LibcVersion), dash(i.Shell.String()), dash(i.CACerts.String()), dash(i.TZData.String()), dash(i.DefaultUser), dash(i.PackageManager)}
		want := []string{c.libc, c.version, c.shell, c.ca, c.tz, c.user, c.pm}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", c.ref, got, want)
		}
		if i.Known && (i.Why == "" || i.Source == "") {
			t.Errorf("%s is known without reason or source: %q, %q", c.ref, i.Why, i.Source)
		}
		if i.Known && i.Libc.String() == "unknown" && !strings.Contains(c.ref, "busybox") && !strings.HasPrefix(c.ref, "golang") {
			t.Errorf("%s is known to be nothing", c.ref)
		}
	}
}

func TestToolsAndUsers(t *testing.T) {
	for _, c := range []struct {
		ref, tool string
		want      Tri
	}{
		{"alpine:3.22", "useradd", No}, {"alpine:3.22", "adduser", Yes}, {"alpine:3.22", "wget", Yes}, {"alpine:3.22", "curl", No}, {"alpine:3.22", "git", No},
		{"debian:trixie-slim", "adduser", No}, {"debian:trixie-slim", "useradd", Yes}, {"debian:bookworm-slim", "adduser", Yes}, {"debian:12", "curl", No},
		{"golang:1.26", "gcc", Yes}, {"golang:1.26", "git", Yes}, {"golang:1.26", "adduser", Unknown}, {"golang:1.26-alpine", "gcc", No},
		{"golang:1.26-alpine", "git", No}, {"golang:1.26-alpine", "make", No}, {"golang:1.26-alpine", "bash", No},
		{"scratch", "wget", No}, {"gcr.io/distroless/static", "curl", No}, {"cgr.dev/chainguard/go", "gcc", Yes},
		{"example.com/x", "git", Unknown},
	} {
		if got := image(t, c.ref).Tool(c.tool); got != c.want {
			t.Errorf("%s: tool %s is %s, want %s", c.ref, c.tool, got, c.want)
		}
	}
	for _, c := range []struct {
		ref, user, id string
		there         Tri
	}{
		{"scratch", "nonroot", "", No}, {"gcr.io/distroless/static", "nonroot", "65532", Yes}, {"cgr.dev/chainguard/static", "nonroot", "65532", Yes},
		{"alpine:3.20", "nobody", "65534", Yes}, {"alpine:3.20", "nonroot", "", No}, {"alpine:3.24", "nonroot", "", No}, {"alpine:3.24", "squid", "", Unknown},
		{"alpine:3.19", "squid", "31", Yes}, {"alpine:3.20", "squid", "", No}, {"alpine:latest", "nonroot", "", No},
		{"debian:12", "nonroot", "", No}, {"debian:12", "www-data", "33", Yes}, {"ubuntu:24.04", "ubuntu", "1000", Yes}, {"ubuntu:22.04", "ubuntu", "", No},
		{"golang:1.26", "nonroot", "", Unknown}, {"fedora:43", "nonroot", "", Unknown}, {"busybox", "nonroot", "", No},
	} {
		if id, there := image(t, c.ref).User(c.user); id != c.id || there != c.there {
			t.Errorf("%s: user %s is %s %q, want %s %q", c.ref, c.user, there, id, c.there, c.id)
		}
	}
	if id, there := image(t, "alpine:3.20").Group("www-data"); id != "82" || there != Yes {
		t.Errorf("alpine:3.20: group www-data is %s %q", there, id)
	}
}

func TestLoaders(t *testing.T) {
	const glibc, musl = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"
	b := Default()
	for _, c := range []struct {
		ref, arch, path string
		want            Tri
	}{
		{"alpine:3.22", "amd64", glibc, No}, {"alpine:3.22", "amd64", musl, Yes}, {"debian:12", "amd64", glibc, Yes}, {"debian:12", "amd64", musl, No},
		{"scratch", "amd64", glibc, No}, {"busybox:musl", "amd64", musl, No}, {"busybox:musl", "amd64", glibc, No}, {"busybox:glibc", "amd64", glibc, Yes},
		{"gcr.io/distroless/static", "amd64", glibc, No}, {"gcr.io/distroless/base", "amd64", glibc, Yes},
		{"debian:12", "arm64", "/lib/ld-linux-aarch64.so.1", Yes}, {"debian:12", "arm", "/lib/ld-linux.so.3", Unknown},
		{"alpine:3.22", "arm", "/lib/ld-linux.so.3", No}, {"debian:12", "amd64", "/opt/ld.so", Unknown}, {"example.com/x", "amd64", glibc, Unknown},
	} {
		if got := b.HasLoader(image(t, c.ref), c.arch, c.path); got != c.want {
			t.Errorf("%s: loader %s for %s is %s, want %s", c.ref, c.path, c.arch, got, c.want)
		}
	}
	if i := image(t, "gcr.io/distroless/base-debian12"); i.Library("libstdc++.so.6") != No || image(t, "gcr.io/distroless/cc").Library("libstdc++.so.6") != Yes {
		t.Error("libstdc++ of distroless base and cc")
	}
}

func TestGolangTags(t *testing.T) {
	b := Default()
	for _, c := range []struct {
		tag         string
		existence   Existence
		live        bool
		goText      string
		alternative string
	}{
		{"1.26", Exists, true, "1.26 (newest known 1.26.7)", ""},
		{"1.26.3", Exists, false, "1.26.3", "1.27"},
		{"1.27.0", Exists, true, "1.27.0", ""},
		{"latest", Exists, true, "1.27 (moves to newer minors)", ""},
		{"1", Exists, true, "1.27 (moves to newer minors)", ""},
		{"alpine", Exists, true, "1.27 (moves to newer minors)", ""},
		{"1.24-alpine3.20", Exists, false, "1.24.3", "1.27-alpine3.24"},
		{"1.24-bullseye", Exists, false, "1.24.6", "1.27-bookworm"},
		{"1.25-alpine3.21", Exists, false, "1.25.5", "1.27-alpine3.24"},
		{"1.23-alpine3.19", Exists, false, "1.23.4", "1.27-alpine3.24"},
		{"1.25", Exists, false, "1.25.14", "1.27"},
		{"1.21.0", Exists, false, "1.21.0", "1.27"},
		{"1.27rc1", Exists, false, "1.27rc1", ""},
		{"1.26-slim", Never, false, "", "1.26"},
		{"1.21-bookworm-slim", Never, false, "", "1.21-bookworm"},
		{"1.25-bullseye", Never, false, "", "1.25-bookworm"},
		{"1.23-trixie", Never, false, "", "1.23-bookworm"},
		{"1.22-alpine3.23", Never, false, "", "1.22-alpine3.21"},
		{"1.26.3-alpine3.24", Never, false, "", "1.26.3-alpine3.23"},
		{"1.24.99", Never, false, "", "1.24"},
		{"1.28", ExistUnknown, false, "", ""},
		{"1.28-slim", ExistUnknown, false, "", ""},
		{"1.26.99", ExistUnknown, false, "", ""},
		{"1.27-alpine3.25", ExistUnknown, false, "", ""},
		{"1.26-forky", ExistUnknown, false, "", ""},
		{"1.26-windowsservercore-ltsc2022", ExistUnknown, false, "", ""},
		{"tip-20991231", ExistUnknown, false, "", ""},
		{"v1.26", ExistUnknown, false, "", ""},
		{"1.26-custom", ExistUnknown, false, "", ""},
	} {
		g := b.GolangTag(c.tag)
		if g.Existence != c.existence || g.Live != c.live || goText(g.Go) != c.goText || g.Alternative != c.alternative {
			t.Errorf("golang:%s: got %d %t %q %q, want %d %t %q %q", c.tag, g.Existence, g.Live, goText(g.Go), g.Alternative, c.existence, c.live, c.goText, c.alternative)
		}
		if g.Existence == Never && !image(t, "golang:"+c.tag).NotExist {
			t.Errorf("golang:%s never existed, but Image knows it", c.tag)
		}
	}
}

func TestGolangImage(t *testing.T) {
	for _, c := range []struct {
		ref, distro, release, toolchain, goText string
		pinned, frozen                          Tri
		why                                     string
	}{
		{"golang:1.26", "debian", "trixie", "local", "1.26 (newest known 1.26.7)", No, No, "golang:1.26 is Debian trixie with gcc"},
		{"golang:1.26-bookworm", "debian", "bookworm", "local", "1.26 (newest known 1.26.7)", Yes, No, "golang:1.26-bookworm is Debian bookworm with gcc"},
		{"golang:1.26-alpine", "alpine", "3.24", "local", "1.26 (newest known 1.26.7)", No, No, "golang:1.26-alpine is Alpine 3.24 without gcc"},
		{"golang:1.21.0", "debian", "bookworm", "auto", "1.21.0", Yes, Yes, "golang:1.21.0 is Debian bookworm with gcc"},
		{"golang:1.21.1", "debian", "bookworm", "local", "1.21.1", Yes, Yes, "golang:1.21.1 is Debian bookworm with gcc"},
		{"golang:1.20", "debian", "bookworm", "", "1.20.14", Yes, Yes, "golang:1.20 is Debian bookworm with gcc"},
		{"golang:1.24" + digest, "debian", "", "local", "1.24", Yes, Yes, "golang:1.24" + digest + " is Debian with gcc"},
		{"golang:1.21" + digest, "debian", "bookworm", "", "1.21", Yes, Yes, "golang:1.21" + digest + " is Debian bookworm with gcc"},
	} {
		i := image(t, c.ref)
		if i.Distro != c.distro || i.Release != c.release || i.GOTOOLCHAIN != c.toolchain || goText(i.Go) != c.goText || i.Pinned != c.pinned || i.Frozen != c.frozen || i.Why != c.why {
			t.Errorf("%s: got %q %q %q %q %s %s %q", c.ref, i.Distro, i.Release, i.GOTOOLCHAIN, goText(i.Go), i.Pinned, i.Frozen, i.Why)
		}
	}
	if i := image(t, "rockylinux:latest"); !i.NotExist {
		t.Error("rockylinux:latest does not exist")
	}
	if i := image(t, "cimg/go:1.25.3"); i.Go.Patch != "1.25.3" || i.GOTOOLCHAIN != "auto" || i.Libc != LibcUnknown {
		t.Errorf("cimg/go: %+v", i)
	}
}

// TestTables checks what no single lookup shows.
func TestTables(t *testing.T) {
	b := Default()
	if b.Date() < "2026-08-22" {
		t.Errorf("Date is %s", b.Date())
	}
	for _, row := range b.images {
		if row.Source == "" || row.Repo == "" || row.Tag == "" {
			t.Errorf("image %s %s: no source, repository or tag", row.Repo, row.Tag)
		}
		if row.Rootfs != "" && !strings.Contains(row.Rootfs, "$") && b.rootfs[row.Rootfs] == nil {
			t.Errorf("image %s %s: rootfs %s is not in the table", row.Repo, row.Tag, row.Rootfs)
		}
		last := ""
		for _, h := range row.History {
			if h.From < last || h.From != "" && !isDate(h.From) {
				t.Errorf("image %s %s: history is out of order at %q", row.Repo, row.Tag, h.From)
			}
			last = h.From
		}
		if n := len(row.History); n > 0 && (b.rootfs[row.History[n-1].Rootfs] == nil || last > b.Date()) {
			t.Errorf("image %s %s: %s is newer than the tables or not there", row.Repo, row.Tag, last)
		}
	}
	for id, r := range b.rootfs {
		for _, d := range []string{r.EOL, r.LTSEOL} {
			if d != "" && !isDate(d) {
				t.Errorf("rootfs %s: %q is no date", id, d)
			}
		}
		if r.Source == "" {
			t.Errorf("rootfs %s: no source", id)
		}
		if d, ok := b.Distro(strings.Replace(id, "ubi-", "rhubi-", 1)); ok && r.LibcVersion != "" && r.LibcVersion != d.Glibc {
			t.Errorf("rootfs %s has glibc %s, the table of distributions says %s", id, r.LibcVersion, d.Glibc)
		}
		for _, tool := range r.Tools {
			if slices.Contains(r.ToolsAbsent, tool) {
				t.Errorf("rootfs %s: %s is there and absent", id, tool)
			}
		}
	}
	for name, row := range b.tags {
		if row.last > b.Date() || row.first > row.last {
			t.Errorf("golang:%s: first %s, last %s", name, row.first, row.last)
		}
		if g := b.golangOn(row.base, row.gcc); g.Distro == "" && !strings.Contains(name, "onbuild") && !strings.Contains(name, "cross") {
			t.Errorf("golang:%s: base %s is not in the table", name, row.base)
		}
	}
	if n := len(b.tags); n < 2800 {
		t.Errorf("%d golang tags", n)
	}
}

func TestReleases(t *testing.T) {
	b := Default()
	for _, c := range []struct{ version, minor, eol string }{
		{"1.24.3", "1.24", "2026-02-10"}, {"go1.25rc1", "1.25", "2026-08-19"}, {"1.26", "1.26", ""}, {"1.99", "", ""}, {"latest", "", ""}, {"1", "", ""},
	} {
		if r, ok := b.Release(c.version); r.Minor != c.minor || r.EOL != c.eol || ok != (c.minor != "") {
			t.Errorf("Release(%q) = %+v, %t", c.version, r, ok)
		}
	}
	if b.NewestGo().Minor != "1.27" {
		t.Errorf("NewestGo is %+v", b.NewestGo())
	}
}

func TestCgoPackages(t *testing.T) {
	b := Default()
	for path, want := range map[string]CgoEffect{
		"github.com/mattn/go-sqlite3":                         CgoStub,
		"github.com/DataDog/zstd":                             CgoFails,
		"github.com/google/gopacket/pcap":                     CgoFails,
		"github.com/miekg/pkcs11":                             CgoAPI,
		"github.com/confluentinc/confluent-kafka-go/v2/kafka": CgoAPI,
		"github.com/ethereum/go-ethereum/crypto":              CgoFallback,
		"github.com/coreos/go-systemd/v22/dbus":               CgoPure,
	} {
		if p, ok := b.CgoPackage(path); !ok || p.Effect != want || p.Source == "" || (want == CgoFails || want == CgoStub) && p.Error == "" || want == CgoAPI && len(p.Missing) == 0 {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if _, ok := b.CgoPackage("example.com/x"); ok {
		t.Error("example.com/x is known")
	}
	if p, _ := b.CgoPackage("github.com/miekg/pkcs11"); !slices.Contains(p.Missing, "New") {
		t.Errorf("pkcs11.New needs cgo: %q", p.Missing)
	}
}

// TestStdAgainstGo compares the table with the go command of this machine.
func TestStdAgainstGo(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	c := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "std")
	c.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off")
	c.Dir = t.TempDir()
	out, err := c.Output()
	if err != nil {
		t.Skip("go list std: ", err)
	}
	b, n := Default(), 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		path := words[0]
		if strings.HasPrefix(path, "vendor/") || slices.Contains(strings.Split(path, "/"), "internal") {
			continue
		}
		n++
		p, ok := b.StdImports(path)
		want := StdPackage{Net: slices.Contains(words, "net"), User: slices.Contains(words, "os/user"), Plugin: slices.Contains(words, "plugin"), RuntimeCgo: slices.Contains(words, "runtime/cgo")}
		if !ok || p != want {
			t.Errorf("%s: table %+v (%t), go list %+v", path, p, ok, want)
		}
	}
	if n < 100 {
		t.Errorf("go list std named %d packages", n)
	}
}

// TestGodebugAgainstGOROOT compares the table with this Go's own.
func TestGodebugAgainstGOROOT(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("go env GOROOT: ", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "src/internal/godebugs/table.go"))
	if err != nil {
		t.Skip("no GOROOT: ", err)
	}
	version, err := exec.Command("go", "env", "GOVERSION").Output()
	m := regexp.MustCompile(`^go1\.(\d+)`).FindStringSubmatch(string(version))
	b := Default()
	oldest, newest := b.GodebugRange()
	if err != nil || m == nil {
		t.Skipf("not a release: %s", version)
	}
	minor, _ := strconv.Atoi(m[1])
	if minor < oldest || minor > newest {
		t.Skipf("%s is outside the table", version)
	}
	here := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t\{Name: "([^"]+)", Package`).FindAllStringSubmatch(string(data), -1) {
		here[m[1]] = true
		if g, ok := b.Godebug(m[1]); !ok || g.Runtime || g.Since > minor || g.Until < minor {
			t.Errorf("%s is a setting of %s, the table says %+v", m[1], version, g)
		}
	}
	for _, name := range b.GodebugNames() {
		if g, _ := b.Godebug(name); !g.Runtime && g.Since <= minor && minor <= g.Until && !here[name] {
			t.Errorf("the table has %s for 1.%d, %s has not", name, minor, version)
		}
	}
}

func TestLoad(t *testing.T) {
	b, err := Load(fstest.MapFS{"glibc.csv": {Data: []byte("# source: test\ndistro,glibc,glibcxx\nmine-1,2.99,\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := b.Distro("mine-1"); !ok || d.Glibc != "2.99" {
		t.Errorf("the table of the directory is not used: %+v", d)
	}
	if _, ok := b.Distro("debian-12"); ok {
		t.Error("the table that comes with the program is used too")
	}
	if !b.IsStd("net/http") {
		t.Error("a table that is not in the directory is lost")
	}
	for _, bad := range []string{"distro,glibc,glibcxx\n", "# source: x\na,b\n", "# source: x\ndistro,glibc,glibcxx\na\n"} {
		if _, err := Load(fstest.MapFS{"glibc.csv": {Data: []byte(bad)}}); err == nil {
			t.Errorf("Load accepts %q", bad)
		}
	}
	for _, bad := range []string{"as_of = 'x'", "as_of = '2026-01-01'\nnosuch = 1", "as_of = '2026-01-01'\n[[image]]\nrepo = 'a'\ntag = '('", "["} {
		if _, err := Load(fstest.MapFS{"images.toml": {Data: []byte(bad)}}); err == nil {
			t.Errorf("Load accepts %q", bad)
		}
	}
}

func TestDescribe(t *testing.T) {
	b := Default()
	for name, table := range map[string]string{
		"golang:1.26": "images", "alpine": "images", "net/http": "std", "1.25": "releases", "asynctimerchan": "godebug", "CAP_CHOWN": "capabilities",
		"debian-12": "glibc", "github.com/mattn/go-sqlite3": "cgo packages",
	} {
		rows := b.Describe(name)
		if !slices.ContainsFunc(rows, func(r Row) bool { return r.Table == table && r.Source != "" }) {
			t.Errorf("Describe(%q) = %+v, want a row of %s with its source", name, rows, table)
		}
	}
	if rows := b.Describe("no such thing"); rows != nil {
		t.Errorf("Describe of nothing: %+v", rows)
	}
}

func BenchmarkImage(b *testing.B) {
	base := Default()
	var refs []Ref
	for _, text := range []string{"golang:1.26-alpine", "alpine:3.22", "gcr.io/distroless/static-debian12:nonroot", "alpine:latest" + digest, "example.com/x:1"} {
		ref, err := ParseRef(text)
		if err != nil {
			b.Fatal(err)
		}
		refs = append(refs, ref)
	}
	for b.Loop() {
		for _, ref := range refs {
			base.Image(ref)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(fstest.MapFS{}); err != nil {
			b.Fatal(err)
		}
	}
}
