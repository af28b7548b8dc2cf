package goreleaser

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

func parse(t *testing.T, text string) *yamlfile.File {
	t.Helper()
	file := yamlfile.Parse(source.New(".goreleaser.yaml", []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("problems %v", file.Problems)
	}
	return file
}

const config = `version: 2
project_name: app
env: [GO111MODULE=on]
before:
  hooks:
    - go mod tidy
    - {cmd: make gen, dir: x}
builds:
  - id: server
    main: ./cmd/server
    binary: server
    env:
      - CGO_ENABLED=0
      - VERSION={{ .Version }}
      - "{{ .Name }}=x"
    goos: [linux]
    goarch: [amd64, arm64]
    flags: -trimpath -v
    ldflags:
      - -s -w
      - -X main.version={{ .Version }}
    tags: [netgo]
    buildmode: pie
    gobinary: go1.25
    hooks: {pre: ./pre.sh}
    overrides:
      - {goos: linux, goarch: arm64, env: [CC=aarch64-linux-gnu-gcc]}
dockers:
  - ids: [server]
    dockerfile: Dockerfile.release
    goarch: arm64
    image_templates: ["example.com/app:{{ .Tag }}"]
    build_flag_templates: [--platform=linux/arm64, --build-arg=A=b]
    extra_files: [config.yaml]
dockers_v2:
  - {images: [example.com/app], platforms: [linux/amd64], build_args: {A: b}}
kos:
  - build: server
    working_dir: svc
    base_image: debian:12
    platforms: [linux/arm64]
    env: [CGO_ENABLED=1]
    ldflags: ["-X v={{ .Tag }}"]
`

func TestConfig(t *testing.T) {
	c := Read(parse(t, config))
	if len(c.Problems) > 0 || len(c.Builds) != 1 || len(c.Dockers) != 2 {
		t.Fatalf("%+v", c)
	}
	b := c.Builds[0]
	if v, _ := b.Env.Get("CGO_ENABLED"); !v.Value.Is("0") || v.Value.At.Text() != "0" {
		t.Errorf("CGO_ENABLED %+v", v)
	}
	if v, ok := b.Env.Get("VERSION"); !ok || v.Value.Known || !v.Name.Known || !b.Env.Open {
		t.Errorf("VERSION %+v", v)
	}
	if !b.Main.Is("./cmd/server") || b.GOARCH.Texts()[1] != "arm64" || strings.Join(b.Flags.Texts(), ",") != "-trimpath,-v" || b.Flags.Items[1].At.Text() != "-v" || !b.Tool.Is("go1.25") || !b.Buildmode.Is("pie") {
		t.Errorf("build %+v", b)
	}
	if b.Ldflags.Known() || !b.Ldflags.Items[0].Is("-s -w") || len(b.Pre) != 1 || !b.Pre[0].Command.Is("./pre.sh") {
		t.Errorf("build %+v", b)
	}
	if v, _ := b.Overrides[0].Env.Get("CC"); !v.Value.Known || !b.Overrides[0].GOARCH.Is("arm64") {
		t.Errorf("overrides %+v", b.Overrides)
	}
	if len(c.Before) != 2 || !c.Before[1].Dir.Is("x") || !c.Before[0].Command.Is("go mod tidy") {
		t.Errorf("before %+v", c.Before)
	}
	if len(c.Kos) != 1 {
		t.Fatalf("kos %+v", c.Kos)
	}
	k := c.Kos[0]
	if v, _ := k.Env.Get("CGO_ENABLED"); !v.Value.Is("1") || !k.Build.Is("server") || !k.Dir.Is("svc") || !k.BaseImage.Is("debian:12") || k.Ldflags.Known() || k.Platforms.Texts()[0] != "linux/arm64" {
		t.Errorf("ko %+v", k)
	}
	d := c.Dockers[0]
	if !d.Dockerfile.Is("Dockerfile.release") || d.Images.Known() || d.ExtraFiles.Texts()[0] != "config.yaml" || d.V2 || !c.Dockers[1].V2 {
		t.Errorf("docker %+v", d)
	}
	if v, _ := c.Dockers[1].BuildArgs.Get("A"); !v.Value.Is("b") {
		t.Errorf("docker %+v", c.Dockers[1])
	}
}

func TestEmpty(t *testing.T) {
	if Read(parse(t, "")) != nil || Read(parse(t, "# nothing\n")) != nil {
		t.Error("an empty file is something")
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"builds: {main: x}", "{main: x}", "builds must be a sequence, not a mapping"},
		{"builds: [x]", "x", "builds must be a mapping, not a scalar"},
		{"builds: [{env: {A: b}}]", "{A: b}", "env must be a sequence, not a mapping"},
		{"- x", "- x", "configuration must be a mapping, not a sequence"},
	} {
		got := Read(parse(t, c.text)).Problems
		if len(got) != 1 || got[0].Text != c.want || got[0].At.Text() != c.at {
			t.Errorf("%s: %v", c.text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(config))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := yamlfile.Parse(source.New("f.yaml", data))
		if c := Read(file); c != nil {
			for _, b := range c.Builds {
				for _, v := range b.Env.Items {
					if v.Name.At.File != file.Source {
						t.Errorf("variable at %v", v.Name.At)
					}
				}
			}
		}
	})
}

func TestRoot(t *testing.T) {
	for config, want := range map[string]string{".goreleaser.yaml": ".", ".config/goreleaser.yml": ".", "a/.config/goreleaser.yml": "a", "a/b.yaml": "a"} {
		if got := Root(config); got != want {
			t.Errorf("Root(%q) = %q, want %q", config, got, want)
		}
	}
}
