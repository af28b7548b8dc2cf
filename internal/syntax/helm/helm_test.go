package helm

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/k8s"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

const values = `replicas: 2
image:
  repository: registry.example.com/app
  tag: ""
resources:
  limits:
    cpu: 500m
    memory: 256Mi
env:
  - {name: GOGC, value: "50"}
command: [/app, -x]
memlimit: 200MiB
enabled: true
disabled: false
empty: {}
port: 8080
nested: {deep: {name: x}}
`

func chart(t testing.TB) *Chart {
	t.Helper()
	parse := func(name, text string) *yamlfile.File {
		return yamlfile.Parse(source.New(name, []byte(text)))
	}
	c := Read(parse("chart/Chart.yaml", "name: app\nversion: 1.0.0\nappVersion: \"2.3\"\n"), parse("chart/values.yaml", values))
	if len(c.Problems) > 0 || !c.Name.Is("app") {
		t.Fatalf("%+v", c)
	}
	return c
}

func render(t *testing.T, text string) *yamlfile.Node {
	t.Helper()
	file := chart(t).Template(source.New("chart/templates/x.yaml", []byte(text)))
	if len(file.Problems) > 0 || len(file.Docs) != 1 {
		t.Fatalf("%s: problems %v", text, file.Problems)
	}
	return file.Docs[0]
}

const deployment = `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
    tier: web
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  template:
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          command:
            {{- toYaml .Values.command | nindent 12 }}
          env:
            - name: GOMEMLIMIT
              value: {{ .Values.memlimit | quote }}
            {{- if .Values.disabled }}
            - name: DEBUG
              value: "1"
            {{- end }}
            {{- range $k, $v := .Values.extra }}
            - name: {{ $k }}
              value: {{ $v }}
            {{- end }}
            {{- toYaml .Values.env | nindent 12 }}
          ports:
            - containerPort: {{ .Values.port }}
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.empty }}
          securityContext: {{ toYaml . | nindent 12 }}
          {{- end }}
{{- end }}
`

func TestDeployment(t *testing.T) {
	doc := render(t, deployment)
	objects, problems := k8s.Read([]*yamlfile.Node{doc})
	if len(objects) != 1 || len(problems) > 0 {
		t.Fatalf("%v %v", objects, problems)
	}
	o := objects[0]
	if o.Kind.Text != "Deployment" || o.Name.Known || o.Name.Text != `{{ include "app.fullname" . }}` || !o.Workload.Replicas.Is("2") {
		t.Errorf("%+v", o)
	}
	if labels := doc.Get("metadata", "labels"); !labels.Open || labels.Get("tier").Value != "web" {
		t.Errorf("labels %+v", labels)
	}
	c := o.Workload.Pod.Containers[0]
	if !c.Name.Is("app") || !c.Image.Is("registry.example.com/app:2.3") || !c.Image.Overridable {
		t.Errorf("%+v", c.Image)
	}
	if got := c.Image.Span(0, 4); got.Text() != "{{ .Values.image.repository }}" || c.Image.From.File.Path != "chart/values.yaml" {
		t.Errorf("image from %q, %v", got.Text(), c.Image.From)
	}
	memory := c.Resources.Limits.Memory
	if !memory.Valid || memory.Quantity.Value() != 256<<20 || memory.At.File.Path != "chart/values.yaml" || memory.At.Text() != "256Mi" || memory.Via.Text() != "{{- toYaml . | nindent 12 }}" || !memory.Overridable {
		t.Errorf("memory %+v", memory)
	}
	if got := strings.Join(c.Command.Texts(), " "); got != "/app -x" || c.Command.Open {
		t.Errorf("command %+v", c.Command)
	}
	v, _ := c.Env.Get("GOMEMLIMIT")
	if !v.Value.Is("200MiB") || v.Value.From.Text() != "200MiB" || v.Value.At.Text() != "{{ .Values.memlimit | quote }}" || !v.Value.Quoted {
		t.Errorf("GOMEMLIMIT %+v", v.Value)
	}
	if _, ok := c.Env.Get("DEBUG"); ok || !c.Env.Open {
		t.Errorf("env %+v", c.Env)
	}
	if v, ok := c.Env.Get("GOGC"); !ok || !v.Value.Is("50") {
		t.Errorf("GOGC %+v", v)
	}
	if port := c.Ports[0].Number; !port.Is("8080") || port.Tag != "!!int" {
		t.Errorf("port %+v", port)
	}
	if c.Security.At.Valid() || !c.Node.Open {
		t.Errorf("security %+v", c.Security)
	}
}

func TestScalars(t *testing.T) {
	for _, c := range []struct {
		text, want string
		known      bool
	}{
		{"{{ .Values.port }}", "8080", true},
		{"a{{ .Values.port }}b", "a8080b", true},
		{"'{{ .Values.nested.deep.name }}'", "x", true},
		{"{{ $.Values.port }}", "8080", true},
		{"{{ .Values.missing }}", "{{ .Values.missing }}", false},
		{"{{ .Values.missing | default \"d\" }}", "d", true},
		{"{{ default 5 .Values.missing }}", "5", true},
		{"{{ $x | default 5 }}", "{{ $x | default 5 }}", false},
		{"{{ .Values.port | add 1 }}", "{{ .Values.port | add 1 }}", false},
		{"{{ required \"need\" .Values.port }}", "8080", true},
		{"{{ (index .Values 0) }}", "{{ (index .Values 0) }}", false},
		{"{{ if .Values.enabled }}a{{ else }}b{{ end }}", "{{ if .Values.enabled }}a{{ else }}b{{ end }}", false},
		{"{{ \"}}\" }}", "}}", true},
		{"\"a\\n{{ .Values.port }}\"", "\"a\\n{{ .Values.port }}\"", false},
		{"x {{/* note */}}", "x {{/* note */}}", false},
	} {
		v := render(t, "k: "+c.text+"\nl: m\n").Get("k").Scalar()
		if v.Text != c.want || v.Known != c.known {
			t.Errorf("%s is %q, known %v", c.text, v.Text, v.Known)
		}
	}
}

func TestConditions(t *testing.T) {
	for condition, want := range map[string]string{
		".Values.enabled":                          "then",
		".Values.disabled":                         "else",
		"not .Values.disabled":                     "then",
		".Values.missing.x":                        "else",
		"and .Values.enabled .Values.port":         "then",
		"and .Values.enabled .Values.disabled":     "else",
		"or .Values.disabled .Values.port":         "then",
		"eq .Values.port 80":                       "unknown",
		".Capabilities.APIVersions":                "unknown",
		"and .Values.enabled .Capabilities.X":      "unknown",
		"or .Values.enabled .Capabilities.X":       "then",
		".Values.empty":                            "else",
		"or (.Values.disabled) .Capabilities.Kube": "unknown",
	} {
		doc := render(t, "{{- if "+condition+" }}\nk: then\n{{- else }}\nk: else\n{{- end }}\nz: 1\n")
		v := doc.Get("k").Scalar()
		got := v.Text
		if !v.Known {
			got = "unknown"
		}
		if got != want || want != "unknown" && !v.Overridable || doc.Get("z").Unknown {
			t.Errorf("if %s: k is %s, want %s", condition, got, want)
		}
	}
	doc := render(t, "{{ if .Values.disabled }}\nk: a\n{{ else if .Values.enabled }}\nk: b\n{{ else }}\nk: c\n{{ end }}\nz: 1\n")
	if v := doc.Get("k").Scalar(); !v.Is("b") || !doc.Open || len(doc.Pairs) != 2 {
		t.Errorf("else if: %+v", doc)
	}
}

func TestUnknownOutput(t *testing.T) {
	doc := render(t, `a:
  {{- include "x" . | nindent 2 }}
b:
  - 1
  {{- include "y" . | nindent 2 }}
c:
{{ toYaml .Values.resources | indent 2 }}
d: {{- toYaml .Values.resources | nindent 2 }}
{{- define "z" }}
e: {{ . }}
{{- end }}
{{/* a comment
over lines */}}
f: |
  {{ .Values.port }}
{{ .Values.nested.deep.name }}: 5
labels: {{ include "x" . | nindent 2 }}
  more: 1
{{- fail "no" }}
script: |-
{{ $x := 1 }}
  {{- range .x }} # each
  echo
  {{- end }}
  done
`)
	if a := doc.Get("a"); !a.Unknown || a.Kind != yamlfile.Scalar {
		t.Errorf("a is %+v", a)
	}
	if b := doc.Get("b"); !b.Open || len(b.Items) != 1 {
		t.Errorf("b is %+v", b)
	}
	for _, key := range []string{"c", "d"} {
		if got := doc.Get(key, "limits", "cpu").Scalar(); !got.Is("500m") {
			t.Errorf("%s is %+v", key, doc.Get(key))
		}
	}
	if labels := doc.Get("labels"); !labels.Open || labels.Get("more").Value != "1" || doc.Get("script").Scalar().Known {
		t.Errorf("labels %+v", labels)
	}
	if doc.Get("e") != nil || doc.Get("f").Scalar().Known || doc.Get("x").Value != "5" {
		t.Errorf("%+v", doc)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"c/templates/a.yaml": true, "c/templates/b/a.yml": true, "c/templates/_a.yaml": false,
		"c/templates/a.tpl": false, "c/values.yaml": false, "d/templates/a.yaml": false,
	} {
		if IsTemplate("c", name) != want {
			t.Errorf("IsTemplate(%q) is %v", name, !want)
		}
	}
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"a: {{ .x\n": "unclosed action",
		"a: 1\na: 2": `mapping key "a" already defined at line 1`,
		"a: b: c\n":  "mapping values are not allowed in this context",
	} {
		file := chart(t).Template(source.New("t.yaml", []byte(text)))
		if len(file.Problems) == 0 || file.Problems[0].Text != want {
			t.Errorf("%q: %v", text, file.Problems)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add([]byte(deployment))
	f.Add([]byte("{{ range . }}\n{{ else }}\n- a\n{{end}}{{end}}\n{{ .Values.env | nindent 4 }}\nx: {{ toYaml .Values }}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := chart(t).Template(source.New("t.yaml", data))
		var check func(n *yamlfile.Node)
		check = func(n *yamlfile.Node) {
			if n.At.File == nil || n.At.End > len(n.At.File.Data()) {
				t.Errorf("%q is at %v", n.Value, n.At)
			}
			if j := n.Joined(); n.Kind == yamlfile.Scalar && j.Text != n.Value {
				t.Errorf("%v is %q, traced as %q", n.At, n.Value, j.Text)
			}
			for _, p := range n.Pairs {
				check(p.Key)
				check(p.Value)
			}
			for _, item := range n.Items {
				check(item)
			}
		}
		for _, doc := range file.Docs {
			check(doc)
		}
		k8s.Read(file.Docs)
	})
}

func BenchmarkTemplate(b *testing.B) {
	c := chart(b)
	data := []byte(strings.Repeat("---\n"+deployment, 50))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if file := c.Template(source.New("t.yaml", data)); len(file.Docs) != 50 {
			b.Fatal(len(file.Docs), file.Problems)
		}
	}
}
