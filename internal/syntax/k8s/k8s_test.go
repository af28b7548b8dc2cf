package k8s

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

func read(t *testing.T, text string) ([]*Object, []source.Problem) {
	t.Helper()
	file := yamlfile.Parse(source.New("app.yaml", []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("problems %v", file.Problems)
	}
	return Read(file.Docs)
}

const deployment = `# the app
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
      terminationGracePeriodSeconds: 20
      initContainers:
        - {name: migrate, image: app, command: [/migrate]}
        - {name: proxy, image: proxy, restartPolicy: Always}
      containers:
        - name: app
          image: registry.example.com/app:1
          command: ["/app"]
          args: ["--mem=$(GOMEMLIMIT)", "--x=$(X)", "--y=$$(X)", "--z=$(CPU)"]
          env:
            - {name: GOMEMLIMIT, value: 400MiB}
            - name: CPU
              valueFrom:
                resourceFieldRef: {resource: limits.cpu, divisor: 1m}
            - {name: HOST, valueFrom: {configMapKeyRef: {name: cfg, key: host, optional: true}}}
          resources:
            limits: {cpu: 0.5, memory: 512Mi}
            requests: {memory: 256Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
          ports: [{name: http, containerPort: 80}]
          livenessProbe: {httpGet: {path: /healthz, port: http}}
          volumeMounts: [{name: cache, mountPath: /cache}]
      volumes:
        - name: cache
          emptyDir: {}
        - {name: cfg, configMap: {name: web-config}}
`

// TestJSONPatch shows what each operation does.
func TestJSONPatch(t *testing.T) {
	const base = "a: {b: 1, c/d: 2}\nl: [x, y]\n"
	for ops, want := range map[string]string{
		"- {op: add, path: /a/e, value: 3}":                 "a:b=1 a:c/d=2 a:e=3 l=x,y",
		"- {op: add, path: /a/b, value: 3}":                 "a:b=3 a:c/d=2 l=x,y",
		"- {op: replace, path: /a/c~1d, value: 3}":          "a:b=1 a:c/d=3 l=x,y",
		"- {op: remove, path: /a/b}":                        "a:c/d=2 l=x,y",
		"- {op: add, path: /l/-, value: z}":                 "a:b=1 a:c/d=2 l=x,y,z",
		"- {op: add, path: /l/0, value: z}":                 "a:b=1 a:c/d=2 l=z,x,y",
		"- {op: replace, path: /l/1, value: z}":             "a:b=1 a:c/d=2 l=x,z",
		"- {op: remove, path: /l/0}":                        "a:b=1 a:c/d=2 l=y",
		"- {op: test, path: /a/b, value: 9}":                "a:b=1 a:c/d=2 l=x,y",
		"- {op: add, path: /n/b, value: 3}":                 "?", // no parent
		"- {op: replace, path: /a/n, value: 3}":             "?",
		"- {op: remove, path: /l/2}":                        "?",
		"- {op: add, path: /l/3, value: z}":                 "?",
		"- {op: add, path: /a/b/c, value: z}":               "?", // below a scalar
		"- {op: move, from: /a/b, path: /a/c}":              "?",
		"- {op: add, path: '', value: {}}":                  "?",
		"- {op: add, path: /a/e}":                           "?",
		"- {op: remove, path: /a/b}\n- {op: test, path: /}": "a:c/d=2 l=x,y",
	} {
		parse := func(text string) *yamlfile.Node {
			return yamlfile.Parse(source.New("x.yaml", []byte(text))).Docs[0]
		}
		node := parse(base)
		patched, ok := JSONPatch(node, parse(ops))
		got := "?"
		if ok {
			var all []string
			for _, p := range patched.Get("a").Pairs {
				all = append(all, "a:"+p.Key.Value+"="+p.Value.Value)
			}
			got = strings.Join(append(all, "l="+strings.Join(patched.Get("l").List().Texts(), ",")), " ")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", ops, got, want)
		}
		if len(node.Get("a").Pairs) != 2 || len(node.Get("l").Items) != 2 || node.Get("a", "b").Value != "1" {
			t.Errorf("%s changes what it is applied to", ops)
		}
	}
}

func TestDeployment(t *testing.T) {
	objects, problems := read(t, deployment)
	if len(objects) != 1 || len(problems) > 0 || objects[0].Workload == nil {
		t.Fatalf("objects %v, problems %v", objects, problems)
	}
	o := objects[0]
	pod := o.Workload.Pod
	if o.Name.Text != "web" || o.Workload.OneShot || !o.Workload.Replicas.Is("2") || !pod.TerminationTime.Is("20") {
		t.Errorf("object %+v", o)
	}
	if !pod.Security.RunAsUser.Is("65532") || pod.Security.RunAsNonRoot.Tag != "!!bool" || len(pod.Containers) != 3 {
		t.Errorf("pod %+v", pod)
	}
	if pod.Containers[0].Role != Init || pod.Containers[1].Role != Sidecar || pod.Containers[2].Role != Main {
		t.Errorf("roles %v %v %v", pod.Containers[0].Role, pod.Containers[1].Role, pod.Containers[2].Role)
	}
	c := pod.Containers[2]
	if got := c.Resources.Limits.CPU; !got.Valid || got.Quantity.Milli() != 500 || got.At.Text() != "0.5" {
		t.Errorf("cpu %+v", got)
	}
	if got := c.Resources.Limits.Memory; got.Quantity.Value() != 512<<20 || c.Resources.Requests.CPU.Given() {
		t.Errorf("memory %+v", got)
	}
	v, ok := c.Env.Get("GOMEMLIMIT")
	if !ok || !v.Value.Is("400MiB") || v.Value.At.Begin().Line != 22 {
		t.Errorf("GOMEMLIMIT %+v", v)
	}
	v, _ = c.Env.Get("CPU")
	if v.From == nil || !v.From.Kind.Is("resourceFieldRef") || !v.From.Resource.Is("limits.cpu") || v.From.Divisor.Quantity.Milli() != 1 || v.Value.Given() {
		t.Errorf("CPU %+v", v)
	}
	v, _ = c.Env.Get("HOST")
	if !v.From.Name.Is("cfg") || !v.From.Key.Is("host") || !v.From.Optional.Is("true") {
		t.Errorf("HOST %+v", v.From)
	}
	if got, want := strings.Join(c.Args.Texts(), " "), "--mem=400MiB --x=$(X) --y=$(X) --z=$(CPU)"; got != want || c.Args.Items[3].Known {
		t.Errorf("args %q, want %q", got, want)
	}
	if j := c.Args.Items[0]; j.Span(6, 12).Text() != "$(GOMEMLIMIT)" || j.Span(0, 5).Text() != "--mem" {
		t.Errorf("places of %q: %q", j.Text, j.Span(6, 12).Text())
	}
	if !c.Security.AllowEscalation.Is("false") || c.Security.AddCapabilities.Texts()[0] != "NET_BIND_SERVICE" {
		t.Errorf("security %+v", c.Security)
	}
	if c.Liveness == nil || !c.Liveness.Port.Is("http") || !c.Ports[0].Number.Is("80") || !c.Mounts[0].Path.Is("/cache") {
		t.Errorf("container %+v", c)
	}
	if pod.Volumes[0].Kind.Text != "emptyDir" || !pod.Volumes[1].Source.Is("web-config") || !pod.Volumes[1].Name.Is("cfg") {
		t.Errorf("volumes %+v", pod.Volumes)
	}
}

func TestKinds(t *testing.T) {
	pod := "containers: [{name: a, image: b}]"
	for _, c := range []struct {
		text    string
		found   bool
		oneShot bool
	}{
		{"{apiVersion: v1, kind: Pod, spec: {" + pod + "}}", true, false},
		{"{apiVersion: batch/v1, kind: Job, spec: {template: {spec: {" + pod + "}}}}", true, true},
		{"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {" + pod + "}}}}}}", true, true},
		{"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {template: {spec: {" + pod + "}}}}", true, false},
		{"{apiVersion: cert-manager.io/v1, kind: Certificate, spec: {template: {spec: {x: y}}}}", false, false},
		{"{apiVersion: v1, kind: Service, spec: {ports: []}}", false, false},
		{"{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, spec: {" + pod + "}}]}", true, false},
	} {
		objects, problems := read(t, c.text)
		if len(objects) != 1 || len(problems) > 0 {
			t.Errorf("%s: objects %v, problems %v", c.text, objects, problems)
			continue
		}
		if w := objects[0].Workload; (w != nil) != c.found || w != nil && (w.OneShot != c.oneShot || len(w.Pod.Containers) != 1) {
			t.Errorf("%s: workload %+v", c.text, w)
		}
	}
	if objects, _ := read(t, "kind: x\nname: y\n---\n- 1\n---\n"); len(objects) > 0 {
		t.Errorf("objects %v", objects)
	}
}

func TestOtherKinds(t *testing.T) {
	objects, _ := read(t, `apiVersion: v1
kind: ConfigMap
metadata: {name: cfg}
data: {GOMEMLIMIT: "512M"}
---
apiVersion: v1
kind: LimitRange
spec: {limits: [{type: Container, default: {memory: 128Mi}}]}
`)
	if n, ok := objects[0].Data.Get("GOMEMLIMIT"); !ok || !n.Value.Is("512M") {
		t.Errorf("data %+v", objects[0].Data)
	}
	if d := objects[1].Defaults; len(d) != 1 || d[0].Defaults.Memory.Quantity.Value() != 128<<20 {
		t.Errorf("defaults %+v", d)
	}
}

func TestManifestProblems(t *testing.T) {
	head := "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    "
	for _, c := range []struct{ text, at, want string }{
		{"env: [{name: A, value: 5}]", "5", "cannot unmarshal number into EnvVar.value of type string"},
		{"env: [{name: A, value: yes}]", "yes", "cannot unmarshal bool into EnvVar.value of type string"},
		{"env: {A: b}", "{A: b}", "env must be a sequence, not a mapping"},
		{"resources: {limits: {memory: 512MB}}", "512MB", ErrFormat.Error()},
		{"resources: {limits: {cpu: 2K}}", "2K", ErrSuffix.Error()},
		{"command: /app -x", "/app -x", "command must be a sequence, not a scalar"},
	} {
		_, problems := read(t, head+c.text+"\n")
		if len(problems) != 1 || problems[0].Text != c.want || problems[0].At.Text() != c.at {
			t.Errorf("%s: problems %v, want %s at %s", c.text, problems, c.want, c.at)
		}
	}
}

const kustomization = `resources: [deployment.yaml]
bases: [../base]
components:
- ../comp
namePrefix: prod-
images:
- {name: app, newName: example.com/app, newTag: v2}
configMapGenerator:
- name: cfg
  literals: [GOGC=off]
  envs: [app.env]
patchesStrategicMerge:
- memory.yaml
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - name: app
            env:
            - {name: GOMEMLIMIT, value: 900MiB}
            - {name: GOGC, value: "50"}
            resources: {limits: {memory: 1Gi}}
- target: {kind: Deployment, name: web}
  patch: |-
    - {op: remove, path: /spec}
`

func TestKustomization(t *testing.T) {
	file := yamlfile.Parse(source.New("overlays/prod/kustomization.yaml", []byte(kustomization)))
	k, problems := ReadKustomization(file)
	if len(problems) > 0 || k == nil {
		t.Fatal(problems)
	}
	if got := strings.Join(k.Resources.Texts(), " "); got != "deployment.yaml ../base" || k.Open || !k.NamePrefix.Is("prod-") {
		t.Errorf("kustomization %+v", k)
	}
	if !k.Images[0].NewTag.Is("v2") || k.ConfigMaps[0].Literals.Texts()[0] != "GOGC=off" || len(k.Patches) != 3 {
		t.Fatalf("kustomization %+v", k)
	}
	if !k.Patches[0].Path.Is("memory.yaml") || !k.Patches[2].JSON || !k.Patches[2].Target.Name.Is("web") || k.Patches[1].JSON {
		t.Errorf("patches %+v", k.Patches)
	}
	inline := k.Patches[1].Inline
	if got := inline.Get("spec", "template", "spec", "containers"); got == nil || !strings.HasPrefix(got.At.Text(), "- name: app") {
		t.Fatalf("patch %+v", inline)
	}
	base := yamlfile.Parse(source.New("base/deployment.yaml", []byte(deployment)))
	merged, ok := StrategicMerge(base.Docs[0], inline)
	if !ok {
		t.Fatal("not merged")
	}
	objects, _ := Read([]*yamlfile.Node{merged})
	c := objects[0].Workload.Pod.Containers[2]
	limit := c.Resources.Limits.Memory
	if limit.Quantity.Value() != 1<<30 || limit.At.File != file.Source || limit.At.Text() != "1Gi" {
		t.Errorf("memory %+v", limit)
	}
	if v, _ := c.Env.Get("GOMEMLIMIT"); !v.Value.Is("900MiB") || len(c.Env.Vars) != 4 {
		t.Errorf("env %+v", c.Env)
	}
	if c.Resources.Limits.CPU.At.File != base.Source || c.Image.Text != "registry.example.com/app:1" {
		t.Errorf("container %+v", c)
	}
	deleted := yamlfile.Parse(source.New("p.yaml", []byte("spec: {template: {$patch: delete}}"))).Docs[0]
	if _, ok := StrategicMerge(base.Docs[0], deleted); ok {
		t.Error("a directive is merged")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(deployment))
	f.Add([]byte(kustomization))
	f.Add([]byte("kind: List\napiVersion: v1\nitems: [{kind: Pod, apiVersion: v1, spec: {containers: [{env: [{value: $(A)}]}]}}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := yamlfile.Parse(source.New("kustomization.yaml", data))
		objects, problems := Read(file.Docs)
		for _, p := range problems {
			if p.At.File != file.Source {
				t.Errorf("problem %v outside the file", p)
			}
		}
		for _, o := range objects {
			if o.Workload == nil {
				continue
			}
			for _, c := range o.Workload.Pod.Containers {
				if c.Image.Given() && c.Image.At.File != file.Source {
					t.Errorf("image at %v", c.Image.At)
				}
			}
			if merged, ok := StrategicMerge(o.Node, o.Node); ok && len(merged.Pairs) > len(o.Node.Pairs) {
				t.Errorf("merged with itself, %v has %d members, not %d", o.Node.At, len(merged.Pairs), len(o.Node.Pairs))
			}
		}
		ReadKustomization(file)
	})
}
