package workload

import (
	"fmt"
	"strings"
	"testing"
)

const mainFile = "package main\n\nfunc main() {}\n"

// byName returns the only service of a name.
func byName(t *testing.T, all []*Service, name string) *Service {
	t.Helper()
	var found []*Service
	for _, s := range all {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d services are called %s", len(found), name)
	}
	return found[0]
}

// limits writes what a service is limited to: CPUs, CPUs above it, bytes.
func limits(s *Service) string {
	show := func(known bool, value any, c fmt.Stringer) string {
		if !known {
			return "?"
		}
		return fmt.Sprint(value, "/", c)
	}
	return strings.Join([]string{
		show(s.CPU.Quota.Known(), s.CPU.Quota.Value, s.CPU.Quota.Confidence),
		show(s.CPU.Parent.Known(), s.CPU.Parent.Value, s.CPU.Parent.Confidence),
		show(s.Memory.Max.Known(), s.Memory.Max.Value, s.Memory.Max.Confidence),
	}, " ")
}

func TestContainers(t *testing.T) {
	const none = "9223372036854775807/medium"
	workload := func(kind, containers string) string {
		return "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\nspec:\n  template:\n    spec:\n      containers:\n" + containers
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"limits":   {map[string]string{"x.yaml": workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 250m, memory: 64Mi}}}\n")}, "0.25/high +Inf/medium 67108864/high"},
		"requests": {map[string]string{"x.yaml": workload("Deployment", "      - {name: a, image: i, resources: {requests: {cpu: 2}}}\n")}, "+Inf/medium +Inf/medium " + none},
		"limit range": {map[string]string{"x.yaml": workload("Deployment", "      - {name: a, image: i}\n") +
			"---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec:\n  limits:\n  - type: Container\n    default: {cpu: 1, memory: 1Gi}\n"},
			"1/medium +Inf/medium 1073741824/medium"},
		"patch": {map[string]string{
			"base/kustomization.yaml": "resources: [x.yaml]\n",
			"base/x.yaml":             workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 1}}}\n"),
			"over/kustomization.yaml": "resources: [../base]\npatches:\n- path: p.yaml\n",
			"over/p.yaml":             workload("Deployment", "      - {name: a, resources: {limits: {cpu: 3}}}\n"),
		}, "3/high +Inf/medium " + none},
		"JSON patch": {map[string]string{
			"kustomization.yaml": "resources: [x.yaml]\npatches:\n- target: {kind: Deployment}\n  path: p.yaml\n- target: {kind: Deployment, name: y}\n  patch: |\n    - {op: copy, path: /spec, from: /}\n",
			"x.yaml":             workload("Deployment", "      - {name: a, image: i, args: [v], resources: {limits: {cpu: 1}}}\n"),
			"p.yaml":             "- {op: add, path: /spec/template/spec/containers/0/args/0, value: --secure}\n- {op: replace, path: /spec/template/spec/containers/0/resources/limits/cpu, value: 4}\n",
		}, "4/high +Inf/medium " + none},
		"JSON patch that is not followed": {map[string]string{
			"kustomization.yaml": "resources: [x.yaml]\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: copy, path: /spec, from: /}\n",
			"x.yaml":             workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 1}}}\n"),
		}, "1/low +Inf/low 9223372036854775807/low"},
		"what does not reach pods": {map[string]string{
			"kustomization.yaml": "resources: [x.yaml, 'https://example.com/crds.yaml', example.com/crds]\nconfigurations: [names.yaml]\nreplacements:\n" +
				"- source: {kind: Service}\n  targets:\n  - {select: {kind: Certificate}, fieldPaths: [.spec.dnsNames.0]}\n  - {select: {name: x}, fieldPaths: [.metadata.annotations.a]}\n",
			"x.yaml": workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 1}}}\n"),
		}, "1/high +Inf/medium " + none},
		"what may reach pods": {map[string]string{
			"kustomization.yaml": "resources: [x.yaml]\nreplacements:\n- source: {kind: Service}\n  targets:\n  - {select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.resources.limits.cpu]}\n",
			"x.yaml":             workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 1}}}\n"),
		}, "1/low +Inf/low 9223372036854775807/low"},
		"remote component": {map[string]string{
			"kustomization.yaml": "resources: [x.yaml]\ncomponents: [example.com/a]\n",
			"x.yaml":             workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: 1}}}\n"),
		}, "1/low +Inf/low 9223372036854775807/low"},
		"computed by a chart": {map[string]string{
			"Chart.yaml":       "apiVersion: v2\nname: c\nversion: 1.0.0\n",
			"values.yaml":      "cpu: 2\n",
			"templates/x.yaml": workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: {{ mul .Values.cpu 2 }}, memory: 1Gi}}}\n"),
		}, "? +Inf/medium 1073741824/high"},
		"value of a chart": {map[string]string{
			"Chart.yaml":       "apiVersion: v2\nname: c\nversion: 1.0.0\n",
			"values.yaml":      "cpu: 2\n",
			"templates/x.yaml": workload("Deployment", "      - {name: a, image: i, resources: {limits: {cpu: {{ .Values.cpu }}}}}\n"),
		}, "2/medium +Inf/medium " + none},
	} {
		if got := limits(byName(t, Services.Of(open(t, c.files)), "x/a")); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestJobsAreNoServers(t *testing.T) {
	r := open(t, map[string]string{
		"job.yaml":  "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n          - {name: a, image: i}\n",
		"a.service": "[Service]\nType=oneshot\nExecStart=/bin/a\n", "b.service": "[Service]\nExecStart=/bin/b\n", "b.timer": "[Timer]\nOnBootSec=1\n",
		"c.service": "[Service]\nExecStart=/bin/c\n", "x.timer": "[Timer]\nUnit=c.service\n", "d.service": "[Service]\nExecStart=/bin/d\n",
	})
	for name, want := range map[string]bool{"j/a": true, "a.service": true, "b.service": true, "c.service": true, "d.service": false} {
		if got := byName(t, Services.Of(r), name).OneShot; !got.Known() || got.Value != want {
			t.Errorf("%s: %+v, want %v", name, got, want)
		}
	}
}

func TestComposeLimits(t *testing.T) {
	r := open(t, map[string]string{
		"compose.yaml": `services:
  a: {image: i, cpus: 2, deploy: {resources: {limits: {cpus: "0.5", memory: 1g}}}}
  b: {image: i, cpu_quota: 150000, mem_limit: 64m}
  c: {image: i, cpu_quota: 50000, cpu_period: 25000, cpuset: "0,2-3"}
  d: {image: i, cpu_shares: 512, cpus: 0}
  e: {image: i, cpus: "${CPUS}"}
`,
		"compose.override.yaml": "services:\n  b: {mem_limit: 128m}\n",
		"compose.test.yaml":     "services:\n  a: {cpus: 4}\n",
	})
	want := map[string]string{
		"a": "0.5/high +Inf/medium 1073741824/high", "b": "1.5/high +Inf/medium 134217728/high",
		"c": "2/high +Inf/medium 9223372036854775807/medium", "d": "+Inf/high +Inf/medium 9223372036854775807/medium",
		"e": "? +Inf/medium 9223372036854775807/medium",
	}
	for _, s := range Services.Of(r) {
		if s.At.File.Path != "compose.test.yaml" && limits(s) != want[s.Name] {
			t.Errorf("%s: %s, want %s", s.Name, limits(s), want[s.Name])
		}
		if s.At.File.Path == "compose.test.yaml" && s.Getenv("GOGC").Confidence.String() != "low" {
			t.Errorf("a file that others add to is taken for the whole: %+v", s.Getenv("GOGC"))
		}
	}
	if set := byName(t, Services.Of(r), "c").CPU.Set; set.Value != 3 {
		t.Errorf("cpuset: %+v", set)
	}
}

// TestEnvironmentOrder shows what beats what.
func TestEnvironmentOrder(t *testing.T) {
	r := open(t, map[string]string{
		"go.mod": "module example.com/a\n\ngo 1.25\n", "main.go": mainFile,
		"Dockerfile":   "FROM golang:1.26 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /a .\nFROM scratch\nARG GODEBUG=x=1\nENV GOGC=10 GOMAXPROCS=1 GOMEMLIMIT=1GiB\nCOPY --from=b /a /a\nENTRYPOINT [\"/a\"]\n",
		"compose.yaml": "services:\n  a:\n    build: .\n    env_file: [one.env, two.env, missing.env]\n    environment: {GOGC: 40}\n",
		"one.env":      "GOGC=20\nGOMAXPROCS=2\n", "two.env": "GOMAXPROCS=3\n",
		"u.service": "[Service]\nEnvironment=GOGC=1 GOMAXPROCS=1\nEnvironment=GOGC=2 GODEBUG=a=1\nEnvironmentFile=-/etc/default/u\nUnsetEnvironment=GODEBUG\nPassEnvironment=GOMEMLIMIT\nExecStart=/bin/u\n",
		"default/u": "GOMAXPROCS=7\n",
	})
	all := Services.Of(r)
	for _, c := range []struct{ service, variable, want string }{
		{"a", "GOGC", "40"}, {"a", "GOMAXPROCS", "3"}, {"a", "GOMEMLIMIT", "1GiB"}, {"a", "GODEBUG", "-"},
		{".", "GOGC", "10"}, {".", "GODEBUG", "-"},
		{"u.service", "GOGC", "2"}, {"u.service", "GOMAXPROCS", "7"}, {"u.service", "GODEBUG", "-"}, {"u.service", "GOMEMLIMIT", "?"},
	} {
		got := "?"
		if f := byName(t, all, c.service).Getenv(c.variable); f.Known() {
			if got = "-"; f.Value.Set {
				got = f.Value.Text
			}
		}
		if got != c.want {
			t.Errorf("%s of %s is %s, want %s", c.variable, c.service, got, c.want)
		}
	}
	if s := byName(t, all, "a"); len(s.Open()) != 1 || !s.Program.Known() {
		t.Errorf("open: %v, program %v", s.Open(), s.Program)
	}
}

// TestPrograms shows how commands and images are joined with programs.
func TestPrograms(t *testing.T) {
	files := map[string]string{
		"go.mod": "module github.com/harbour/relay\n\ngo 1.25\n", "main.go": mainFile, "cmd/tool/main.go": mainFile, "cmd/server/main.go": mainFile,
		"a/twin/main.go": mainFile, "b/twin/main.go": mainFile,
		"Makefile":         "all:\n\tgo build -o bin/relayd ./cmd/server\n",
		".goreleaser.yaml": "version: 2\nbuilds:\n- {main: ./cmd/tool, binary: harbour-tool}\n",
		"run.sh":           "#!/bin/sh\nmake -v\nexec /opt/relayd --go\n",
	}
	for command, want := range map[string]string{
		"/usr/bin/relay": ".", "/usr/bin/tool": "cmd/tool", "/usr/bin/relayd": "cmd/server", "/usr/bin/harbour-tool": "cmd/tool",
		"/usr/bin/twin": "", "/usr/sbin/nginx": "", "/usr/bin/relay-linux-amd64": ".", "/opt/run.sh": "cmd/server",
		"/bin/sh -c 'cd /srv && tool'": "cmd/tool", "/bin/sh -c 'tool; relay'": "", "/usr/bin/env": "",
	} {
		files["x.service"] = "[Service]\nExecStart=" + command + "\n"
		p := byName(t, Services.Of(open(t, files)), "x.service").Program
		got := ""
		if p.Known() {
			got = p.Value.Main.Dir
		}
		if got != want {
			t.Errorf("%s is %q, want %q", command, got, want)
		}
	}
	delete(files, "x.service")
	for image, want := range map[string]string{"harbour/relay": "medium", "ghcr.io/harbour/tool:1@sha256:00": "medium", "relay": "low", "other/tool": "low", "redis": "unknown"} {
		files["compose.yaml"] = "services:\n  x:\n    image: " + image + "\n"
		if p := byName(t, Services.Of(open(t, files)), "x").Program; p.Confidence.String() != want {
			t.Errorf("%s: %s, want %s", image, p.Confidence, want)
		}
	}
}

// TestWorkspace shows that a program which is built in and outside of a
// workspace is only judged where that makes no difference.
func TestWorkspace(t *testing.T) {
	for name, c := range map[string]struct {
		work, mod string
		want      string
	}{
		"same":        {"go 1.25.0\n\nuse .\n", "go 1.25.0\n", "true"},
		"both old":    {"go 1.24.0\n\nuse .\n", "go 1.23.0\n", "false"},
		"differ":      {"go 1.26.0\n\nuse .\n", "go 1.24.0\n", "?"},
		"only go.mod": {"", "go 1.24.0\n", "false"},
		"godebug":     {"go 1.25.0\n\nuse .\n\ngodebug containermaxprocs=0\n", "go 1.25.0\n", "?"},
	} {
		files := map[string]string{"go.mod": "module example.com/a\n\n" + c.mod, "main.go": mainFile}
		if c.work != "" {
			files["go.work"] = c.work
		}
		got := "?"
		if f := Programs.Of(open(t, files)).All()[0].Aware(); f.Known() {
			got = fmt.Sprint(f.Value)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
