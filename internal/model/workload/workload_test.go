package workload

import (
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

func open(t *testing.T, files map[string]string) *repo.Repo {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestUnit(t *testing.T) {
	r := open(t, map[string]string{
		"go.mod":            "module example.com/relay\n\ngo 1.24\n",
		"cmd/relay/main.go": "package main\n\nfunc main() {}\n",
		"deploy/relay.service": "[Service]\nExecStart=/usr/bin/relay\nCPUQuota=150%\nMemoryMax=512M\n" +
			"Environment=GOGC=50 \"GODEBUG=gctrace=1,containermaxprocs=0\"\nEnvironmentFile=/etc/default/relay\nSlice=api-eu.slice\n",
		"deploy/relay.service.d/10.conf": "[Service]\nCPUQuota=250%\n",
		"deploy/api.slice":               "[Slice]\nCPUQuota=200%\nAllowedCPUs=0-2\n",
		"deploy/default/relay":           "GOMAXPROCS=3\n",
	})
	all := Services.Of(r)
	if len(all) != 1 {
		t.Fatalf("%d services, want 1", len(all))
	}
	s := all[0]
	if !s.Program.Known() || s.Program.Value.Main.Dir != "cmd/relay" {
		t.Errorf("program is %v", s.Program.Value)
	}
	if q := s.CPU; q.Quota.Value != 2.5 || q.Parent.Value != 2 || q.Set.Value != 3 {
		t.Errorf("CPU is %+v", q)
	}
	if m := s.Memory.Max; m.Value != 512<<20 {
		t.Errorf("memory is %d", m.Value)
	}
	for name, want := range map[string]string{"GOGC": "50", "GODEBUG": "gctrace=1,containermaxprocs=0", "GOMAXPROCS": "3", "GOMEMLIMIT": ""} {
		if got := s.Getenv(name); got.Value.Text != want || got.Value.Set != (want != "") {
			t.Errorf("%s is %+v, want %q", name, got, want)
		}
	}
	if a := s.Aware(); !a.Known() || a.Value {
		t.Errorf("aware: %+v", a)
	}
	if len(Assignments.Of(r)) != 3 {
		t.Errorf("assignments: %v", Assignments.Of(r))
	}
}

func TestManifest(t *testing.T) {
	r := open(t, map[string]string{
		"go.mod":            "module github.com/harbour/relay\n\ngo 1.25\n",
		"cmd/relay/main.go": "package main\n\nfunc main() {}\n",
		"deploy/relay.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: relay}
spec:
  template:
    spec:
      containers:
      - name: relay
        image: ghcr.io/harbour/relay:1
        envFrom:
        - configMapRef: {name: settings}
        env:
        - name: GOMEMLIMIT
          valueFrom:
            resourceFieldRef: {resource: limits.memory, divisor: 1Mi}
        resources:
          limits: {cpu: 1500m, memory: 256Mi}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  GOGC: "off"
`,
		"compose.yaml": "services:\n  relay:\n    image: harbour/relay\n    cpus: 0.5\n    mem_limit: 128m\n    environment:\n      - GOMAXPROCS=2\n",
	})
	all := Services.Of(r)
	if len(all) != 2 {
		t.Fatalf("%d services, want 2", len(all))
	}
	c, k := all[0], all[1]
	if c.CPU.Quota.Value != 0.5 || c.Memory.Max.Value != 128<<20 || c.Getenv("GOMAXPROCS").Value.Text != "2" || !c.Program.Known() {
		t.Errorf("compose: %+v", c)
	}
	if k.CPU.Quota.Value != 1.5 || k.Memory.Max.Value != 256<<20 || k.Getenv("GOGC").Value.Text != "off" || k.Getenv("GOMEMLIMIT").Value.Text != "256" || !k.Program.Known() {
		t.Errorf("container: %+v", k)
	}
	if p := k.Procs(8); p.Value != 2 {
		t.Errorf("GOMAXPROCS is %+v", p)
	}
}
