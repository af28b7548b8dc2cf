package kofile

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

const config = `defaultBaseImage: "gcr.io/distroless/base:nonroot"
baseImageOverrides:
  example.com/App/cmd/Relay: debian:12
DEFAULTPLATFORMS: [linux/amd64, linux/arm64]
defaultEnv:
  - GOWORK=off
defaultFlags: -v  -tags=netgo
defaultLdflags: [-s -w]
builds:
  - id: relay
    dir: .
    main: ./cmd/relay/main.go
    env:
      - CGO_ENABLED=1
      - VERSION={{ .Env.V }}
      - nothing
    flags: ["-tags", '{{ .Env.TAGS }}']
    ldflags:
      - -X main.version={{ .Git.Tag }}
      - -s
  - {ID: one, Flags: "-v -x", ldflags: -w -s}
  - text
`

func read(t *testing.T, text string) *Config {
	t.Helper()
	file := yamlfile.Parse(source.New(".ko.yaml", []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("problems %v", file.Problems)
	}
	return Read(file)
}

func TestRead(t *testing.T) {
	c := read(t, config)
	if v := c.BaseImage; !v.Is("gcr.io/distroless/base:nonroot") || v.At.Text() != `"gcr.io/distroless/base:nonroot"` {
		t.Errorf("base %+v", v)
	}
	if v := c.Override("example.com/app/cmd/relay"); !v.Is("debian:12") || v.At.Text() != "debian:12" {
		t.Errorf("override %+v", v)
	}
	if v := c.Override("example.com/app"); v.Given() {
		t.Errorf("override of another %+v", v)
	}
	d := c.Defaults
	if got := strings.Join(c.Platforms.Texts(), " "); got != "linux/amd64 linux/arm64" {
		t.Errorf("platforms %s", got)
	}
	if v, _ := d.Env.Get("GOWORK"); !v.Value.Is("off") || v.Value.At.Text() != "off" {
		t.Errorf("defaultEnv %+v", d.Env)
	}
	if got := strings.Join(d.Flags.Texts(), "|"); got != "-v|-tags=netgo" || d.Flags.Items[1].At.Text() != "-tags=netgo" {
		t.Errorf("defaultFlags %s", got)
	}
	if got := strings.Join(d.Ldflags.Texts(), "|"); got != "-s -w" {
		t.Errorf("defaultLdflags %s", got)
	}
	if len(c.Builds) != 2 {
		t.Fatalf("%d builds", len(c.Builds))
	}
	b := c.Builds[0]
	if !b.ID.Is("relay") || !b.Dir.Is(".") || !b.Main.Is("./cmd/relay/main.go") {
		t.Errorf("build %+v", b)
	}
	if v, _ := b.Env.Get("CGO_ENABLED"); !v.Value.Is("1") || len(b.Env.Items) != 2 {
		t.Errorf("env %+v", b.Env)
	}
	if v, _ := b.Env.Get("VERSION"); !v.Value.Is("{{ .Env.V }}") {
		t.Errorf("variables have no templates: %+v", v)
	}
	if f := b.Flags.Items; len(f) != 2 || !f[0].Known || f[1].Known {
		t.Errorf("flags %+v", f)
	}
	if l := b.Ldflags.Items; len(l) != 2 || l[0].Known || !l[1].Is("-s") {
		t.Errorf("ldflags %+v", l)
	}
	b = c.Builds[1]
	if !b.ID.Is("one") || strings.Join(b.Flags.Texts(), "|") != "-v|-x" || strings.Join(b.Ldflags.Texts(), "|") != "-w -s" {
		t.Errorf("short form %+v", b)
	}
}

func TestReadOther(t *testing.T) {
	for _, text := range []string{"", "- x", "text", "builds: {main: x}", "builds:", "defaultEnv: {A: b}", "baseImageOverrides: [x]"} {
		c := read(t, text)
		if c.BaseImage.Given() || len(c.Builds) > 0 || len(c.Overrides.Items) > 0 || len(c.Defaults.Env.Items) > 0 {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(config))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := yamlfile.Parse(source.New(".ko.yaml", data))
		c := Read(file)
		values := []yamlfile.Value{c.BaseImage}
		for _, s := range append(settings(c), c.Defaults) {
			values = append(append(values, s.Flags.Items...), s.Ldflags.Items...)
			for _, v := range s.Env.Items {
				values = append(values, v.Name, v.Value)
			}
		}
		for _, v := range values {
			if v.Given() && (v.At.File != file.Source || v.At.End > len(data)) {
				t.Errorf("value at %v", v.At)
			}
		}
	})
}

func settings(c *Config) []Settings {
	var all []Settings
	for _, b := range c.Builds {
		all = append(all, b.Settings)
	}
	return all
}
