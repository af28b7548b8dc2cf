package repo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func open(t *testing.T, files map[string]string) *Repo {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		if strings.HasPrefix(text, "#!") {
			fsys[name].Mode = 0o755
		}
	}
	r, err := Open(fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKinds(t *testing.T) {
	const unit, manifest = "# c\n[Unit]\n", "apiVersion: v1\nkind: Pod\n"
	for path, c := range map[string]struct {
		text string
		kind Kind
	}{
		"go.mod":                        {"", GoMod},
		"sub/go.sum":                    {"", GoSum},
		"go.work":                       {"", GoWork},
		"vendor/modules.txt":            {"", VendorModules},
		"sub/vendor/modules.txt":        {"", VendorModules},
		"vendor/x/vendor/modules.txt":   {"", ""},
		"vendor/x/Dockerfile":           {"", ""},
		"a.go":                          {"", GoSource},
		"Dockerfile":                    {"", Dockerfile},
		"Dockerfile.dev":                {"", Dockerfile},
		"Dockerfile-alpine":             {"", Dockerfile},
		"api.Dockerfile":                {"", Dockerfile},
		"Containerfile.prod":            {"", Dockerfile},
		"Dockerfile.md":                 {"", ""},
		"syntax/Dockerfile.tmLanguage":  {"", ""},
		"Dockerfile.tmpl":               {"", Template},
		"Dockerfile.dockerignore":       {"", Dockerignore},
		"dockerfile.go":                 {"", GoSource},
		".dockerignore":                 {"", Dockerignore},
		"docker-bake.hcl":               {"", Bake},
		"compose.yaml":                  {"", Compose},
		"docker-compose.override.yml":   {"", Compose},
		"dev.compose.yaml":              {"", Compose},
		"decompose.yaml":                {"a: 1\n", ""},
		"deploy/app.service":            {unit, Unit},
		"deploy/bom.timer":              {"\ufeff[Timer]\n", Unit},
		"dbus/org.example.App.service":  {"[D-BUS Service]\n", ""},
		"avahi/http.service":            {"<?xml version=\"1.0\"?>\n", ""},
		"d/app.service.d/10-cpu.conf":   {"", DropIn},
		"d/service.d/10.conf":           {"", ""},
		"app.service.tpl":               {"", Template},
		"k8s/pod.yaml":                  {manifest, Kubernetes},
		"k8s/list.yaml":                 {"items:\n- apiVersion: v1\n  kind: Pod\n", Kubernetes},
		"k8s/tpl.yaml":                  {manifest + "metadata:\n  name: {{ .Name }}\n", Template},
		"k8s/rule.yaml":                 {manifest + "summary: \"{{ $labels.x }}\"\n", Kubernetes},
		"k8s/other.yaml":                {"a: 1\n", ""},
		"k8s/kustomization.yaml":        {"", Kustomization},
		"chart/Chart.yaml":              {"", HelmChart},
		"chart/values.yaml":             {"", HelmValues},
		"chart/values-prod.yaml":        {"", HelmValues},
		"chart/templates/a/deploy.yaml": {"", HelmTemplate},
		"templates/deploy.yaml":         {"a: 1\n", ""},
		".github/workflows/ci.yml":      {"", Workflow},
		"action.yml":                    {"", Action},
		".goreleaser.yaml":              {"", GoReleaser},
		".goreleaser.pro.yml":           {"", GoReleaser},
		".ko.yaml":                      {"", Ko},
		"nfpm.yaml":                     {"", NFPM},
		"Makefile":                      {"", Makefile},
		"build/common.mk":               {"", Makefile},
		"build.sh":                      {"CGO_ENABLED=0\n", Script},
		"hello.sh":                      {"echo hi\n", ""},
		"scripts/build":                 {"#!/bin/sh\ngo build\n", Script},
		"scripts/run.py":                {"#!/usr/bin/python\n", ""},
		".env":                          {"", EnvFile},
		"prod.env":                      {"", EnvFile},
		".env.local":                    {"", EnvFile},
		".env.example":                  {"", Template},
		".go-version":                   {"", GoVersion},
		".tool-versions":                {"", ToolVersions},
		".gitmodules":                   {"", Gitmodules},
		"testdata/Dockerfile":           {"", ""},
		"a/_old/go.mod":                 {"", ""},
	} {
		r := open(t, map[string]string{path: c.text, "chart/Chart.yaml": ""})
		if got := r.KindOf(path); got != c.kind {
			t.Errorf("%s is read as %q, want %q", path, got, c.kind)
		}
	}
}

func TestIgnored(t *testing.T) {
	r := open(t, map[string]string{
		".gitignore":        "# c\n/vendor\n*.sum\n!keep.sum\nbuild/\nrelay\n",
		"vendor/x/x.go":     "",
		"go.sum":            "",
		"keep.sum":          "",
		"sub/.gitignore":    "Dockerfile\n",
		"sub/Dockerfile":    "",
		"Dockerfile":        "",
		"build":             "a file is no folder",
		"node_modules/a/b":  "",
		"testdata/mod/a.go": "",
		"relay":             "a program",
		"cmd/relay/main.go": "package main",
		"web/relay/main.js": "",
		"sub/build/main.go": "package main",
	})
	for p, want := range map[string]Presence{
		"relay": Ignored, "cmd/relay/main.go": IsFile, "web/relay": Ignored, "sub/build": Ignored,
		"vendor": Ignored, "vendor/x/x.go": Ignored, "go.sum": Ignored, "keep.sum": IsFile,
		"sub/Dockerfile": Ignored, "Dockerfile": IsFile, "build": IsFile, "node_modules/a": Maybe,
		"testdata/mod": IsDir, "nowhere": Absent, "new.sum": Ignored, "gone/build/x": Ignored, "gone/build": Ignored, "gone/x": Absent, "other/Dockerfile": Absent, "../x": Maybe, "sub/../Dockerfile": IsFile, ".": IsDir,
	} {
		if got := r.Has(p); got != want {
			t.Errorf("Has(%q) = %d, want %d", p, got, want)
		}
	}
}

func TestModelIsComputedOnce(t *testing.T) {
	n := 0
	m := NewModel(func(r *Repo) int { n++; return len(r.Inputs) })
	r := open(t, map[string]string{"go.mod": "", "Dockerfile": ""})
	for range 3 {
		if got := m.Of(r); got != 2 {
			t.Errorf("Of = %d", got)
		}
	}
	if n != 1 {
		t.Errorf("computed %d times", n)
	}
}

func TestParallelPanics(t *testing.T) {
	defer func() {
		p, ok := recover().(*Panic)
		if !ok || p.Cause != "3" || !strings.Contains(p.Where, "repo_test.go:") {
			t.Errorf("recovered %v", p)
		}
	}()
	Parallel(100, func(i int) {
		if i == 3 || i >= 50 {
			panic(i)
		}
	})
}

// TestLinks runs on a real folder: what leads out of the root does not exist.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	root := filepath.Join(dir, "root")
	for name, text := range map[string]string{"outside/go.mod": "secret", "root/go.mod": "module m", "root/d/Dockerfile": "FROM scratch"} {
		must(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	must(t, os.Symlink(outside, filepath.Join(root, "away")))
	must(t, os.Symlink("../../outside/go.mod", filepath.Join(root, "d", "go.mod")))
	must(t, os.Symlink("..", filepath.Join(root, "d", "loop")))
	must(t, os.Symlink("self", filepath.Join(root, "self")))
	must(t, os.Symlink("d/Dockerfile", filepath.Join(root, "Dockerfile")))
	handle, err := os.OpenRoot(root)
	must(t, err)
	defer handle.Close()
	r, err := Open(Disk(handle), Options{})
	must(t, err)
	var got []string
	for _, in := range r.Inputs {
		got = append(got, fmt.Sprintf("%s=%s", in.Path, in.Kind))
	}
	if want := "[d/Dockerfile=dockerfile go.mod=go.mod]"; fmt.Sprint(got) != want {
		t.Errorf("inputs %v, want %s", got, want)
	}
	for _, p := range []string{"away", "away/go.mod", "d/go.mod", "self"} {
		if r.Has(p) != Absent || r.File(p) != nil {
			t.Errorf("%s is there", p)
		}
	}
	if r.File("Dockerfile") == nil || r.Has("d/loop") != IsDir {
		t.Error("links inside the root do not count")
	}
}

func TestReadErrors(t *testing.T) {
	big := make([]byte, maxSize+1)
	r, err := Open(fstest.MapFS{"go.sum": {Data: big}}, Options{})
	must(t, err)
	if err := r.File("go.sum").Err(); !errors.Is(err, source.ErrTooLarge) {
		t.Errorf("err = %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
