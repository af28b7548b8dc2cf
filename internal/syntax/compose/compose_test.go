package compose

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

func parse(t *testing.T, name, text string) *yamlfile.File {
	t.Helper()
	file := yamlfile.Parse(source.New(name, []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("%s: problems %v", name, file.Problems)
	}
	return file
}

func read(t *testing.T, text string) *Project {
	t.Helper()
	return Read([]*yamlfile.File{parse(t, "compose.yaml", text)}, Options{})
}

const full = `x-env: &env
  GOGC: "50"
services:
  web:
    image: app:${TAG:-v1}
    build:
      context: .
      dockerfile: build/Dockerfile
      target: prod
      args:
        - GO_VERSION=1.25
        - VERSION
      platforms: [linux/amd64]
    command: /app --x="a b" # words
    entrypoint: ["/bin/sh", "-c"]
    environment:
      <<: *env
      GOMEMLIMIT: ${LIMIT}
      GODEBUG:
      GOMAXPROCS: 2
    env_file:
      - app.env
      - {path: local.env, required: false, format: raw}
    profiles: [prod]
    deploy:
      replicas: 2
      resources:
        limits: {cpus: "0.5", memory: 512M}
        reservations: {memory: 64m}
    cpus: 0.5
    cpuset: 0-1
    mem_limit: 512MB
    user: "65532:65532"
    cap_add: [NET_BIND_SERVICE]
    cap_drop: [ALL]
    sysctls: ["net.core.somaxconn=1024"]
    ulimits: {nofile: {soft: 1024, hard: 2048}, nproc: 64}
    read_only: true
    tmpfs: /tmp
    volumes:
      - data:/data:ro
      - ./cfg:/etc/app
      - /anonymous
      - {type: bind, source: ., target: /src, read_only: true}
    healthcheck: {test: ["CMD", "curl", "-f", "http://localhost"]}
    ports: ["8080:80", {target: 443}]
    restart: always
`

func TestService(t *testing.T) {
	p := read(t, full)
	if len(p.Problems) > 0 || len(p.Services) != 1 || p.Open {
		t.Fatalf("%+v", p)
	}
	s := p.Services[0]
	if !s.Name.Is("web") || !s.Image.Is("app:v1") || !s.Image.Overridable || s.Image.Span(4, 6).Text() != "v1" {
		t.Errorf("image %+v", s.Image)
	}
	if b := s.Build; !b.Context.Is(".") || !b.Dockerfile.Is("build/Dockerfile") || !b.Target.Is("prod") || len(b.Platforms.Items) != 1 {
		t.Errorf("build %+v", b)
	}
	if arg, ok := s.Build.Args.Get("GO_VERSION"); !ok || !arg.Value.Is("1.25") || arg.Value.At.Text() != "1.25" || arg.Name.At.Text() != "GO_VERSION" {
		t.Errorf("arg %+v", arg)
	}
	if arg, ok := s.Build.Args.Get("VERSION"); !ok || arg.Value.Given() {
		t.Errorf("arg from the host %+v", arg)
	}
	if got := strings.Join(s.Command.Texts(), "|"); got != "/app|--x=a b" || s.Command.Items[1].At.Text() != `--x="a b"` {
		t.Errorf("command %q at %q", got, s.Command.Items[1].At.Text())
	}
	for name, want := range map[string]struct{ given, known bool }{"GOGC": {true, true}, "GOMEMLIMIT": {true, false}, "GODEBUG": {false, false}, "GOMAXPROCS": {true, true}} {
		v, ok := s.Environment.Get(name)
		if !ok || v.Value.Given() != want.given || v.Value.Known != want.known {
			t.Errorf("%s is %+v", name, v.Value)
		}
	}
	if v, _ := s.Environment.Get("GOGC"); v.Value.Via.Text() != "*env" || v.Value.At.Text() != `"50"` {
		t.Errorf("GOGC %+v", v.Value)
	}
	if len(s.EnvFiles) != 2 || !s.EnvFiles[0].Path.Is("app.env") || !s.EnvFiles[1].Required.Is("false") || !s.EnvFiles[1].Format.Is("raw") {
		t.Errorf("env files %+v", s.EnvFiles)
	}
	if !s.Deploy.LimitCPUs.Is("0.5") || !s.Deploy.LimitCPUs.Quoted || !s.Deploy.LimitMemory.Is("512M") || !s.Deploy.Replicas.Is("2") || !s.Deploy.ReserveMemory.Is("64m") {
		t.Errorf("deploy %+v", s.Deploy)
	}
	if !s.Limits.CPUs.Is("0.5") || s.Limits.CPUs.Tag != "!!float" || !s.Limits.CPUSet.Is("0-1") || !s.Limits.Memory.Is("512MB") {
		t.Errorf("limits %+v", s.Limits)
	}
	if len(s.Ulimits) != 2 || !s.Ulimits[0].Hard.Is("2048") || !s.Ulimits[1].Soft.Is("64") {
		t.Errorf("ulimits %+v", s.Ulimits)
	}
	if v, _ := s.Sysctls.Get("net.core.somaxconn"); !v.Value.Is("1024") || !s.Tmpfs.Items[0].Is("/tmp") || !s.ReadOnly.Is("true") {
		t.Errorf("sysctls %+v", s.Sysctls)
	}
	for i, target := range []string{"/data", "/etc/app", "/anonymous", "/src"} {
		if !s.Volumes[i].Target.Is(target) {
			t.Errorf("volume %+v, want it at %s", s.Volumes[i], target)
		}
	}
	if !s.Volumes[0].ReadOnly.Is("true") || s.Volumes[1].ReadOnly.Given() || !s.Volumes[0].Source.Is("data") {
		t.Errorf("volume %+v", s.Volumes[0])
	}
	if got := strings.Join(s.Healthcheck.Test.Texts(), " "); got != "curl -f http://localhost" || s.Healthcheck.Shell {
		t.Errorf("healthcheck %+v", s.Healthcheck)
	}
	if got := strings.Join(s.Ports.Texts(), " "); got != "8080:80 443" {
		t.Errorf("ports %q", got)
	}
}

func TestVolumesOfUnknownSources(t *testing.T) {
	p := Read([]*yamlfile.File{parse(t, "c.yaml", `services:
  web:
    volumes:
      - ${CERTS}:/etc/ssl/certs:ro
      - "${CERTS:?where}:/etc/pki"
      - ./a:${TARGET}
      - $BOTH
    configs:
      - plain
      - {source: ca, target: /etc/ssl/ca.pem}
    secrets:
      - source: key
`)}, Options{})
	s := p.Services[0]
	var got []string
	for _, v := range s.Volumes {
		got = append(got, fmt.Sprint(v.Target.Text, v.Target.Known))
	}
	for _, f := range s.Files {
		got = append(got, f.Source.Text+" "+f.Target.Text)
	}
	if want := "/etc/ssl/certstrue,/etc/pkitrue,false,false,ca /etc/ssl/ca.pem"; strings.Join(got, ",") != want {
		t.Errorf("targets %q, want %q", strings.Join(got, ","), want)
	}
}

func TestInterpolation(t *testing.T) {
	env := func(name string) (yamlfile.Value, bool) {
		v := yamlfile.Value{Known: true}
		v.Text = map[string]string{"SET": "s"}[name]
		return v, name == "SET" || name == "EMPTY"
	}
	for _, c := range []struct {
		text, want         string
		known, overridable bool
	}{
		{"a$$b", "a$b", true, false},
		{"${X}", "${X}", false, false},
		{"$X-y", "$X-y", false, false},
		{"$SET.y", "s.y", true, true},
		{"${SET}${SET}", "ss", true, true},
		{"${X:-d}", "d", true, true},
		{"${X-}", "", true, true},
		{"${EMPTY-d}", "", true, true},
		{"${EMPTY:-d}", "d", true, true},
		{"${X:-${SET}/${Y:-z}}e", "s/ze", true, true},
		{"${X:-${Y}}", "${X:-${Y}}", false, true},
		{"${SET:+alt}", "alt", true, true},
		{"${X:+alt}", "${X:+alt}", false, false},
		{"${SET:?must}", "s", true, true},
		{"${X:?must}", "${X:?must}", false, false},
		{"$(date) $1 50$", "$(date) $1 50$", true, false},
		{"$${X}", "${X}", true, false},
	} {
		file := parse(t, "compose.yaml", "services: {a: {image: '"+c.text+"'}}")
		p := Read([]*yamlfile.File{file}, Options{Env: env})
		v := p.Services[0].Image
		if v.Text != c.want || v.Known != c.known || v.Overridable != c.overridable || len(p.Problems) > 0 {
			t.Errorf("%s: %q known %v overridable %v %v, want %+v", c.text, v.Text, v.Known, v.Overridable, p.Problems, c)
		}
	}
	for _, bad := range []string{"${", "${}", "${1}", "${a b}", "${a:x}"} {
		if p := read(t, "services: {a: {image: '"+bad+"'}}"); len(p.Problems) != 1 || p.Services[0].Image.Known {
			t.Errorf("%s: problems %v", bad, p.Problems)
		}
	}
}

func TestOverride(t *testing.T) {
	base := parse(t, "compose.yaml", `services:
  web:
    build: ./web
    command: [a, b]
    environment: {A: 1, B: 2}
    mem_limit: 1g
    cap_add: [X]
    volumes: ["./a:/data", "b:/b"]
    user: root
    env_file: a.env
`)
	over := parse(t, "compose.override.yaml", `services:
  web:
    build: {target: dev}
    command: c
    environment: ["B=3", "C=4"]
    mem_limit: 2g
    cap_add: [X, Y]
    volumes: ["./c:/data"]
    user: !reset null
    env_file: [b.env]
  db: {image: postgres}
`)
	p := Read([]*yamlfile.File{base, over}, Options{})
	if len(p.Problems) > 0 || len(p.Services) != 2 {
		t.Fatalf("%+v", p)
	}
	s := p.Services[0]
	if !s.Build.Context.Is("./web") || !s.Build.Target.Is("dev") || s.Build.Target.At.File != over.Source {
		t.Errorf("build %+v", s.Build)
	}
	for name, want := range map[string]string{"A": "1", "B": "3", "C": "4"} {
		if v, _ := s.Environment.Get(name); !v.Value.Is(want) {
			t.Errorf("%s is %+v", name, v.Value)
		}
	}
	if got := s.Command.Texts(); len(got) != 1 || got[0] != "c" {
		t.Errorf("command %q", got)
	}
	if got := strings.Join(s.CapAdd.Texts(), " "); got != "X Y" || !s.Limits.Memory.Is("2g") || s.User.Given() {
		t.Errorf("service %+v", s)
	}
	if len(s.Volumes) != 2 || !s.Volumes[0].Source.Is("./c") || len(s.EnvFiles) != 2 {
		t.Errorf("volumes %+v, env files %+v", s.Volumes, s.EnvFiles)
	}
	clash := parse(t, "o.yaml", "services: {web: {environment: {A: 1}, labels: {a: b}, logging: []}}")
	p = Read([]*yamlfile.File{parse(t, "c.yaml", "services: {web: {logging: {driver: x}}}"), clash}, Options{})
	if len(p.Problems) != 1 || p.Problems[0].Text != "cannot override services.*.logging" {
		t.Errorf("problems %v", p.Problems)
	}
}

func TestExtendsAndInclude(t *testing.T) {
	files := map[string]string{
		"base/common.yaml": "services: {go: {extends: {service: root}, environment: {GOGC: 50}}, root: {mem_limit: 1g}}",
		"inc/compose.yaml": "include: [../compose.yaml, missing.yaml]\nservices: {db: {image: postgres}}",
	}
	main := `include: [inc/compose.yaml]
services:
  web:
    extends: {file: base/common.yaml, service: go}
    environment: {A: 1}
  api: {extends: web}
  bad: {extends: nobody}
  far: {extends: {file: https://example.com/x.yaml, service: x}, mem_limit: 2g}
`
	open := func(path string) *yamlfile.File {
		if text, ok := files[path]; ok {
			return parse(t, path, text)
		}
		return nil
	}
	p := Read([]*yamlfile.File{parse(t, "compose.yaml", main)}, Options{Open: open})
	if len(p.Problems) != 1 || p.Problems[0].Text != `cannot extend service "bad" in compose.yaml: service "nobody" not found` {
		t.Errorf("problems %v", p.Problems)
	}
	byName := map[string]*Service{}
	for _, s := range p.Services {
		byName[s.Name.Text] = s
	}
	for _, name := range []string{"web", "api"} {
		s := byName[name]
		if v, _ := s.Environment.Get("GOGC"); !v.Value.Is("50") || v.Value.At.File.Path != "base/common.yaml" || !s.Limits.Memory.Is("1g") || s.Open {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if far := byName["far"]; !far.Open || far.Extends == nil || !far.Limits.Memory.Is("2g") {
		t.Errorf("far: %+v", byName["far"])
	}
	if byName["db"] == nil || !p.Open {
		t.Errorf("included services: %+v", p)
	}
}

func TestWordsLikeCompose(t *testing.T) {
	table(t, "testdata/words.tsv", func(text, want string) {
		v := yamlfile.NewScalar(text, source.New("f", []byte(text)).Whole()).Scalar()
		words, ok := Split(v)
		got := []string{}
		for _, w := range words {
			got = append(got, w.Text)
		}
		if want == "error" {
			if ok {
				t.Errorf("%q splits into %q, want an error", text, got)
			}
			return
		}
		var list []string
		if err := json.Unmarshal([]byte(want), &list); err != nil {
			t.Fatal(err)
		}
		if !ok || !reflect.DeepEqual(got, list) {
			t.Errorf("%q splits into %q, want %q", text, got, list)
		}
	})
}

func TestSizesLikeCompose(t *testing.T) {
	table(t, "testdata/sizes.tsv", func(text, want string) {
		got := "error"
		if n, err := ParseSize(text); err == nil {
			got = strconv.FormatInt(n, 10)
		}
		if got != want {
			t.Errorf("ParseSize(%q) = %s, want %s", text, got, want)
		}
	})
}

func table(t *testing.T, file string, check func(text, want string)) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		quoted, want, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatal(err)
		}
		check(text, want)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"services: []", "[]", "services must be a mapping, not a sequence"},
		{"services: {a: x}", "x", "services.a must be a mapping, not a scalar"},
		{"services: {a: {mem_limit: 5Mi}}", "5Mi", "invalid suffix: 'mi'"},
		{"services: {a: {command: 'x \"y'}}", `'x "y'`, "invalid command line string"},
		{"services: {a: {environment: x}}", "x", "environment must be a mapping or a sequence"},
	} {
		p := read(t, c.text)
		if len(p.Problems) != 1 || p.Problems[0].Text != c.want || p.Problems[0].At.Text() != c.at {
			t.Errorf("%s: %v", c.text, p.Problems)
		}
	}
}

func TestNames(t *testing.T) {
	file, over := Default([]string{"docker-compose.yml", "compose.yml", "compose.override.yaml"})
	if file != "compose.yml" || over != "compose.override.yaml" || !IsOverride("x/compose.override.yml") {
		t.Errorf("default files %s and %s", file, over)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("services: {a: {extends: a, command: 'x \"y', environment: ['A=${B:-c}', $C=d]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := yamlfile.Parse(source.New("compose.yaml", data))
		open := func(string) *yamlfile.File { return file }
		p := Read([]*yamlfile.File{file, file}, Options{Open: open})
		for _, problem := range p.Problems {
			if problem.At.File != file.Source {
				t.Errorf("problem %v outside the file", problem)
			}
		}
		for _, s := range p.Services {
			for _, l := range []yamlfile.List{s.Command, s.Entrypoint} {
				for _, v := range l.Items {
					if v.At.File != file.Source || v.Text != "" && !v.Whole().Valid() {
						t.Errorf("word %q at %v", v.Text, v.At)
					}
				}
			}
		}
	})
}
