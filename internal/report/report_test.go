package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Rules as families have them, with one that never fires.
var (
	libcMismatch = &rule.Rule{ID: "image/libc-mismatch", Title: "binary needs a loader that its runtime image does not have",
		Severity: rule.Error, Since: "v0.1.0", Tags: []string{"image", "cgo"}}
	entrypointMissing = &rule.Rule{ID: "image/entrypoint-missing", Title: "entry point is not in the image",
		Severity: rule.Error, Since: "v0.1.0", Tags: []string{"image"}}
	gomodInvalid = &rule.Rule{ID: "module/gomod-invalid", Title: "go.mod does not parse",
		Severity: rule.Error, Since: "v0.1.0", Tags: []string{"module"}}
	quotaIgnored = &rule.Rule{ID: "service/cpu-quota-ignored", Title: "program starts a thread for every CPU of the machine",
		Severity: rule.Warning, Since: "v0.1.0", Tags: []string{"service", "runtime"}}
	rootUser = &rule.Rule{ID: "image/root-user", Title: "container runs as root",
		Severity: rule.Note, Since: "v0.1.0", Tags: []string{"image"}}
	allRules = []*rule.Rule{entrypointMissing, libcMismatch, rootUser, gomodInvalid, quotaIgnored}
)

// Files with the properties that break reports.
var (
	dockerfile = source.New("Dockerfile", []byte(`FROM golang:1.26 AS build
WORKDIR /src
COPY . .

# the relay
RUN go build -o /out/relay ./cmd/relay

FROM alpine:3.22
COPY --from=build /out/relay /relay
ENTRYPOINT ["/relay"]
`))
	mainGo = source.New("cmd/relay/main.go", []byte("package main\n\nimport (\n\t\"fmt\"\n\t\"net\"\t// 接続, \U0001f6a2\n)\n"))
	// CRLF, wide and astral characters before the span
	unit  = source.New("deploy/リレー.service", []byte("[Service]\r\nExecStart=/usr/bin/relay\r\nDescription=リレー 🚢 quota\r\nCPUQuota=150%\r\n"))
	goMod = source.New("go.mod", []byte("\ufeffmodule example.com/relay\n\ngo 1.26\n"))
	empty = source.New("compose.yaml", nil)
	long  = source.New("scripts/build.sh", []byte("export GOFLAGS="+strings.Repeat("-v ", 60)+"CGO_ENABLED=1"+strings.Repeat(" -v", 60)+"\n"))
	multi = source.New("Makefile", []byte("build:\n\tdocker build \\\n\t\t--target run \\\n\t\t--tag relay .\n"))
)

// at returns the nth place (from 0) of a text in a file.
func at(f *source.File, text string, n ...int) source.Span {
	data, start := string(f.Data()), 0
	for skip := append(n, 0)[0]; ; skip-- {
		i := strings.Index(data[start:], text)
		if i < 0 {
			panic(text + " is not in " + f.Path)
		}
		start += i
		if skip == 0 {
			return f.Span(start, start+len(text))
		}
		start++
	}
}

// sample returns a report with everything that a report can hold.
func sample() Report {
	relay := at(dockerfile, "/out/relay", 1)
	path := []fact.Note{
		{At: at(dockerfile, "golang:1.26"), Text: "Debian trixie with gcc and no CGO_ENABLED: cgo is on"},
		{At: at(mainGo, `"net"`), Text: "net uses cgo: the binary becomes dynamic"},
		{At: at(dockerfile, "go build"), Text: "links /lib64/ld-linux-x86-64.so.2"},
		{At: at(dockerfile, "alpine:3.22"), Text: "musl 1.2: no such loader"},
		{At: at(dockerfile, "--from=build"), Text: "from the stage above"},
		{At: relay, Text: "the binary arrives here"},
	}
	libc := rule.Finding{
		Rule: libcMismatch, At: relay,
		Message: "/relay needs the glibc loader, but alpine:3.22 has only musl",
		Proof:   fact.Proof{Path: path, Confidence: fact.Medium},
		Result:  "exec /relay: no such file or directory",
		Related: []fact.Note{{At: at(dockerfile, `"/relay"`), Text: "starts it"}},
		Fixes: []rule.Fix{
			{Title: "set CGO_ENABLED=0 for the build", Safe: true, Edits: []source.Edit{{Span: dockerfile.Span(path[2].At.Start, path[2].At.Start), New: "CGO_ENABLED=0 "}}},
			{Title: "run it in debian:trixie-slim", Edits: []source.Edit{{Span: path[3].At, New: "debian:trixie-slim"}, {Span: multi.Span(0, 0), New: "# Debian\n"}}},
		},
	}
	one := func(r *rule.Rule, at source.Span, c fact.Confidence, message, text string) rule.Finding {
		return rule.Finding{Rule: r, At: at, Message: message, Proof: fact.Because(fact.Note{At: at, Text: text}, fact.Fact[int]{Confidence: c})}
	}
	withFix := one(gomodInvalid, goMod.Span(0, 3), fact.High, "go.mod starts with a byte order mark", "")
	withFix.Fixes = []rule.Fix{{Title: "remove the byte order mark", Safe: true, Edits: []source.Edit{{Span: goMod.Span(0, 3)}}}}
	quota := one(quotaIgnored, at(unit, "150%"), fact.High, "CPUQuota=150% is ignored by go 1.24", "")
	quota.Path = append([]fact.Note{{At: at(unit, "quota"), Text: "a place behind wide characters"}}, quota.Path...)
	hidden := one(rootUser, at(dockerfile, "alpine:3.22"), fact.High, "alpine:3.22 runs as root", "the default user is root")
	hidden.Hidden = true
	silenced := one(entrypointMissing, at(dockerfile, `"/relay"`), fact.High, "/relay is not there", "")
	silenced.Suppression = &rule.Suppression{At: at(dockerfile, "# the relay"), Rules: []string{"image/entrypoint-missing"}, Reason: "mounted at run time"}
	lower := one(libcMismatch, at(multi, "docker build \\\n\t\t--target run \\\n\t\t--tag relay ."), fact.Medium, "a span of several lines", "all of it")
	lower.Severity = rule.Warning
	return Report{
		Tool: Tool{Name: "seaworthy", Version: "v0.1.0", Knowledge: "2026-03-01"},
		Findings: []rule.Finding{
			silenced, hidden, libc,
			one(libcMismatch, at(dockerfile, "/relay", 3), fact.Medium, "/relay is there twice", "a second finding of the rule on the line"),
			lower,
			one(entrypointMissing, empty.Span(0, 0), fact.Medium, "there is no service", "the file is empty"),
			quota, withFix,
			one(rootUser, goMod.Span(99, 99), fact.High, "there is no toolchain line", "the file ends"),
			one(quotaIgnored, at(long, "CGO_ENABLED=1"), fact.Medium, "CGO_ENABLED=1 is far to the right", "in a long line"),
		},
		Unjudged: []rule.Unjudged{
			{At: at(dockerfile, "golang:1.26"), Text: "base image registry.corp.example/base unknown", Hint: "add it under [images]"},
			{At: at(multi, "docker build"), Text: "base image registry.corp.example/base unknown", Hint: "add it under [images]"},
			{Text: "imports of modules outside of the repository", Hint: "--resolve=cache"},
		},
		Rules: allRules, Files: 41, Judged: 7,
		Page: func(id string) string {
			return "# " + id + "\n\n`" + id + "` · error · since v0.1.0\n\nThe binary asks for a *loader*\nthat is not there.\n\n# Fix\n\nMake it static.\n"
		},
	}
}

// options make every format say all it can, the same at each run.
var options = Options{Elapsed: 20 * time.Millisecond, Token: "token-of-the-test",
	Server: "https://github.com", Repository: "example/relay", Commit: "4b6472266afd7b471e86085a6659e8c7f2b119da"}

// render writes a report in a format.
func render(t testing.TB, format string, r Report, o Options) string {
	t.Helper()
	f, ok := Lookup(format)
	if !ok {
		t.Fatalf("there is no format %s", format)
	}
	var b bytes.Buffer
	if err := f.Writer(o)(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		golden(t, f.Name, render(t, f.Name, sample(), options))
	}
	color := options
	color.Color, color.Width = true, 60
	golden(t, "text-color", render(t, "text", sample(), color))
	golden(t, "text-none", render(t, "text", Report{Files: 3, Judged: 1}, Options{}))
}

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return "want " + x + "\ngot  " + y
		}
	}
	return ""
}

func TestDeterministic(t *testing.T) {
	for _, f := range Formats() {
		first := render(t, f.Name, sample(), options)
		for range 5 {
			if render(t, f.Name, sample(), options) != first {
				t.Errorf("%s differs from run to run", f.Name)
			}
		}
	}
}
