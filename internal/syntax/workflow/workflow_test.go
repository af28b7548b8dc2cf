package workflow

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

func read(t *testing.T, text string) *File {
	t.Helper()
	file := yamlfile.Parse(source.New(".github/workflows/ci.yml", []byte(text)))
	if len(file.Problems) > 0 {
		t.Fatalf("problems %v", file.Problems)
	}
	return Read(file)
}

const ci = `name: ci
on: [push]
env:
  CGO_ENABLED: 0
  GOFLAGS: -mod=mod
defaults: {run: {shell: bash}}
jobs:
  test:
    runs-on: ubuntu-24.04
    env: {GOFLAGS: -mod=vendor}
    strategy:
      matrix:
        go: ['1.24', 1.20]
        os: [ubuntu-latest]
        dyn: ${{ fromJSON(needs.x.outputs.y) }}
        cfg: [{v: a}, {v: b}]
        include:
          - {go: '1.26', extra: x}
    container: golang:1.25
    services:
      db: {image: postgres, env: {A: b}}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-go@v6
        with:
          go-version: ${{ matrix.go }}
          cache: false
      - uses: actions/setup-go@v6
        with: {go-version: 1.20}
      - name: build
        if: github.ref == 'x'
        working-directory: cmd
        shell: sh
        env: {GOOS: linux}
        run: |
          go build ./...
          go test -race ${{ matrix.flags }}
  call:
    uses: ./.github/workflows/other.yml
    with: {a: b}
`

func TestWorkflow(t *testing.T) {
	f := read(t, ci)
	if len(f.Problems) > 0 || len(f.Jobs) != 2 {
		t.Fatalf("%+v", f)
	}
	j := f.Jobs[0]
	if !j.ID.Is("test") || !j.RunsOn.Items[0].Is("ubuntu-24.04") || !j.Container.Image.Is("golang:1.25") || !j.Services[0].Image.Is("postgres") || len(j.Steps) != 4 {
		t.Fatalf("%+v", j)
	}
	step := j.Steps[3]
	if !strings.HasPrefix(step.Run.Text, "go build ./...\n") || step.Run.Known || !step.Shell.Is("sh") || !step.If.Known {
		t.Errorf("%+v", step)
	}
	i := strings.Index(step.Run.Text, "-race")
	if at := step.Run.Span(i, i+5); at.Text() != "-race" || at.Begin().Line != 37 {
		t.Errorf("-race is at %v %q", at, at.Text())
	}
	for name, scope := range map[string]yamlfile.Dict{"CGO_ENABLED=0": f.Env, "GOFLAGS=-mod=vendor": j.Env, "GOOS=linux": step.Env} {
		name, want, _ := strings.Cut(name, "=")
		if v, ok := scope.Get(name); !ok || !v.Value.Is(want) {
			t.Errorf("%s is %+v", name, v)
		}
	}
	if !f.RunShell(j, j.Steps[0]).Is("bash") || !f.Directory(j, step).Is("cmd") || f.Directory(nil, j.Steps[0]).Given() {
		t.Error("shell or directory")
	}
	if !f.Jobs[1].Uses.Is("./.github/workflows/other.yml") || len(f.Jobs[1].With.Items) != 1 {
		t.Errorf("%+v", f.Jobs[1])
	}
	v, _ := j.Steps[2].With.Get("go-version")
	if v.Value.Tag != "!!float" || v.Value.Quoted || !v.Value.Is("1.20") {
		t.Errorf("go-version %+v", v.Value)
	}
}

func TestValues(t *testing.T) {
	f := read(t, ci)
	j := f.Jobs[0]
	v, _ := j.Steps[1].With.Get("go-version")
	values, ok := j.Values(v.Value)
	if !ok || len(values) != 3 {
		t.Fatalf("%+v", values)
	}
	if !values[0].Is("1.24") || !values[0].Quoted || values[0].From.Text() != "'1.24'" || values[0].At.Text() != "${{ matrix.go }}" {
		t.Errorf("%+v", values[0])
	}
	if values[1].Tag != "!!float" || !values[2].Is("1.26") {
		t.Errorf("%+v %+v", values[1], values[2])
	}
	for text, want := range map[string]string{
		"golang:${{matrix.go}}-alpine":         "golang:1.24-alpine golang:1.20-alpine golang:1.26-alpine",
		"${{ matrix.cfg.v }}":                  "a b",
		"${{ matrix.extra }}":                  "x",
		"${{ matrix.dyn }}":                    "",
		"${{ matrix.go }}-${{ matrix.os }}":    "",
		"${{ matrix.go == '1.24' && 'a' }}":    "",
		"${{ env.X }}":                         "",
		"${{ matrix.none }}":                   "",
		"plain":                                "plain",
		"${{ matrix.go }} of ${{ matrix.go }}": "1.24 of 1.24 1.20 of 1.20 1.26 of 1.26",
	} {
		value := yamlfile.NewScalar(text, j.ID.At).Scalar()
		value.Known = !strings.Contains(text, "${{")
		values, ok := j.Values(value)
		var got []string
		for _, v := range values {
			got = append(got, v.Text)
		}
		if strings.Join(got, " ") != want || ok != (want != "") {
			t.Errorf("%s can be %q %v, want %q", text, got, ok, want)
		}
	}
}

func TestAction(t *testing.T) {
	f := read(t, "name: a\ninputs: {go: {default: '1.25', required: true}}\nruns:\n  using: composite\n  steps: [{run: make, shell: bash}]\n")
	if a := f.Action; a == nil || !a.Using.Is("composite") || !a.Steps[0].Run.Is("make") || !a.Inputs[0].Default.Is("1.25") {
		t.Errorf("%+v", f.Action)
	}
	f = read(t, "runs: {using: docker, image: Dockerfile, args: [a], env: {B: c}}")
	if a := f.Action; !a.Image.Is("Dockerfile") || a.Args.Texts()[0] != "a" || len(a.Env.Items) != 1 {
		t.Errorf("%+v", f.Action)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"jobs: []", "[]", "jobs must be a mapping, not a sequence"},
		{"jobs: {a: {steps: {run: x}}}", "{run: x}", "steps must be a sequence, not a mapping"},
		{"jobs: {a: {steps: [{run: x, uses: y}]}}", "run", "a step cannot have both the uses and run keys"},
		{"jobs: {a: {steps: [{run: [x]}]}}", "[x]", "run must be a scalar, not a sequence"},
		{"env: x", "x", "env must be a mapping, not a scalar"},
	} {
		f := read(t, c.text)
		if len(f.Problems) != 1 || f.Problems[0].Text != c.want || f.Problems[0].At.Text() != c.at {
			t.Errorf("%s: %v", c.text, f.Problems)
		}
	}
	if f := read(t, "env: ${{ fromJSON('{}') }}"); len(f.Problems) > 0 || !f.Env.Open {
		t.Errorf("%+v", f)
	}
	if Read(yamlfile.Parse(source.New("x", nil))) != nil {
		t.Error("an empty file is something")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(ci))
	f.Add([]byte("runs: {steps: [{run: '${{ matrix.x }}'}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Read(yamlfile.Parse(source.New("ci.yml", data)))
		if file == nil {
			return
		}
		for _, j := range file.Jobs {
			for _, s := range j.Steps {
				if len(s.Run.Text) > 0 && !s.Run.Whole().Valid() {
					t.Errorf("run of %v has no place", s.Run.At)
				}
				values, ok := j.Values(s.Run)
				for _, v := range values {
					if ok && (!v.Known || v.Text != "" && !v.Whole().Valid()) {
						t.Errorf("value %+v", v)
					}
				}
			}
		}
	})
}
