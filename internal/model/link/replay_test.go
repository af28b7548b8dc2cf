package link

import (
	"encoding/csv"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

// programs is what each program of the table imports.
func programs() map[string]Closure {
	yes := func(set func(*Closure)) Closure {
		c := Closure{Net: knowledge.No, User: knowledge.No, Plugin: knowledge.No, Cgo: knowledge.No, CgoOnly: knowledge.No, CXX: knowledge.No, HostObjects: knowledge.No}
		set(&c)
		return c
	}
	none := yes(func(*Closure) {})
	net := yes(func(c *Closure) { c.Net = knowledge.Yes })
	user := yes(func(c *Closure) { c.User = knowledge.Yes })
	return map[string]Closure{
		"fmt": none, "net": net, "http": net, "syslog": net, "user": user,
		"plugin":          yes(func(c *Closure) { c.Plugin = knowledge.Yes }),
		"c":               yes(func(c *Closure) { c.CgoOnly = knowledge.Yes }),
		"cfallback":       yes(func(c *Closure) { c.Cgo = knowledge.Yes }),
		"cpp":             yes(func(c *Closure) { c.CgoOnly, c.CXX = knowledge.Yes, knowledge.Yes }),
		"sqlite":          yes(func(c *Closure) { c.Cgo, c.HostObjects = knowledge.Yes, knowledge.Yes }),
		"shared":          yes(func(c *Closure) { c.CgoOnly, c.Net = knowledge.Yes, knowledge.Yes }),
		"imp_archive_tar": user, "imp_crypto_x509": net, "imp_mime_multipart": net, "imp_net_mail": net,
		"imp_net_netip": none, "imp_net_url": none, "imp_database_sql": none, "imp_log_slog": none, "imp_embed": none, "imp_testing": none,
	}
}

type truth map[string]string

// rows reads the table.
func rows(t *testing.T) []truth {
	t.Helper()
	f, err := os.Open("testdata/link-truth.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []truth
	for _, rec := range records[1:] {
		row := truth{}
		for i, name := range records[0] {
			row[name] = rec[i]
		}
		list = append(list, row)
	}
	return list
}

var envWord = regexp.MustCompile(`(?:^| )([A-Za-z_0-9]+)=`)

// environment takes the env column apart. Values may hold blanks.
func environment(s string) map[string]string {
	env := map[string]string{}
	at := envWord.FindAllStringSubmatchIndex(s, -1)
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		env[s[m[2]:m[3]]] = s[m[1]:end]
	}
	return env
}

var nextFlag = regexp.MustCompile(` -(?:tags|ldflags|buildmode|race|msan|asan|trimpath|a|installsuffix|linkshared|mod)\b`)

// flagList takes the flags column apart: the value of -ldflags ends where the
// next flag of the go command begins.
func flagList(s, note string) (list []string) {
	if s == "" {
		return nil
	}
	if strings.Contains(note, "buildmode given to the linker") {
		return []string{s}
	}
	start := 0
	for _, m := range nextFlag.FindAllStringIndex(s, -1) {
		list = append(list, s[start:m[0]])
		start = m[0] + 1
	}
	return append(list, s[start:])
}

func input(t *testing.T, row truth) Input {
	t.Helper()
	env := environment(row["env"])
	in := Input{
		Go:   knowledgeMinor(row["go"]),
		Host: Platform{"linux", "amd64"},
		GCC:  knowledge.TriOf(row["cc_in_path"] == "gcc"),
		Libc: knowledge.Glibc, LibcVersion: "2.36",
		Env: Env{
			CGOEnabled: Text(env["CGO_ENABLED"]), GOOS: Text(env["GOOS"]), GOARCH: Text(env["GOARCH"]), CC: Text(env["CC"]),
			CGOLDFlags: Text(env["CGO_LDFLAGS"]), ExtLink: Text(env["GO_EXTLINK_ENABLED"]),
		},
		Closure: programs()[row["prog"]],
	}
	cc, _, _ := strings.Cut(env["CC"], " ")
	in.CC = knowledge.TriOf(row["cc_in_path"] == "gcc" && (cc == "gcc" || cc == "musl-gcc"))
	for _, source := range []string{env["GOFLAGS"], row["flags"]} {
		for _, f := range flagList(source, row["note"]) {
			setFlag(&in.Flags, f)
		}
	}
	return in
}

func setFlag(flags *Flags, f string) {
	name, value, _ := strings.Cut(f, "=")
	if !strings.Contains(f, "=") || strings.Contains(name, " ") {
		name, value, _ = strings.Cut(f, " ")
	}
	switch name {
	case "-tags":
		flags.Tags = Words{List: strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' })}
	case "-ldflags":
		words, _ := splitQuoted(value)
		flags.LDFlags = Words{List: words}
	case "-buildmode":
		flags.BuildMode = Text(value)
	case "-race":
		flags.Race = On
	case "-msan":
		flags.MSan = On
	case "-asan":
		flags.ASan = On
	case "-linkshared":
		flags.LinkShared = On
	}
}

func knowledgeMinor(version string) int {
	n := 0
	for _, c := range strings.Split(version, ".")[1] {
		n = n*10 + int(c-'0')
	}
	return n
}

// TestReplay holds every row of the measured table against the model.
func TestReplay(t *testing.T) {
	base := knowledge.Default()
	silent := 0
	for _, row := range rows(t) {
		in := input(t, row)
		v := Decide(in)
		name := strings.Join([]string{row["go"], row["prog"], row["env"], row["cc_in_path"], row["flags"]}, " | ")
		if v.Kind == Unknown {
			silent++
			t.Logf("no verdict: %s", name)
			continue
		}
		if got, want := outcome(v), measured(row); got != want {
			t.Errorf("%s:\n\tgot  %s %q\n\twant %s %q", name, got, v.Error, want, row["error"])
			continue
		}
		if v.Kind == Fails && !strings.Contains(row["error"], v.Error) && !strings.Contains(v.Error, "makes code for the machine") && row["result"] == "error" {
			t.Errorf("%s: error %q is not in %q", name, v.Error, row["error"])
		}
		if interp := interpreter(base, in, v); v.NeedsLoader() == knowledge.Yes && interp != row["interp"] {
			t.Errorf("%s: loader %s, measured %s", name, interp, row["interp"])
		}
		if v.Kind == Glibc && (older(row["glibc_max"], v.GlibcFloor) || older(v.GlibcCeiling, row["glibc_max"])) {
			t.Errorf("%s: glibc %s to %s, measured %s", name, v.GlibcFloor, v.GlibcCeiling, row["glibc_max"])
		}
	}
	t.Logf("%d rows, %d of them without verdict", len(rows(t)), silent)
	if silent > 1 {
		t.Errorf("%d rows without verdict, one is expected (386 with the gcc of amd64, which needs 32-bit headers)", silent)
	}
}

func outcome(v Verdict) string {
	switch v.Kind {
	case Glibc, Musl, LoaderOnly:
		return "dynamic"
	case Static:
		if v.StaticPIE {
			return "static-pie"
		}
		return "static"
	}
	return v.Kind.String()
}

func measured(row truth) string {
	switch {
	case row["result"] == "error":
		return "fails"
	case row["kind"] == "shared-object" || row["kind"] == "archive":
		return "object"
	case row["kind"] == "non-ELF":
		return "foreign"
	case strings.Contains(row["flags"], "c-archive"):
		return "object"
	}
	return row["kind"]
}

func interpreter(base *knowledge.Base, in Input, v Verdict) string {
	if v.Interp != "" {
		return v.Interp
	}
	arch := in.Env.GOARCH.Text
	if arch == "" {
		arch = in.Host.Arch
	}
	return base.LoaderPath(arch, v.Loader, v.InternalLink)
}
