package module

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// TestSettingsAreJudgedAsByGo runs the go command of this machine with
// settings in its environment: an error of the rules about them must be one of
// the go command, and the other way round.
func TestSettingsAreJudgedAsByGo(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command many times")
	}
	program := "package main\n\nfunc main() {}\n"
	plain := map[string]string{"go.mod": "module example.com/m\n\ngo 1.24\n", "main.go": program}
	required := map[string]string{"go.mod": "module example.com/m\n\ngo 1.24\n\nrequire example.com/lib v1.0.0\n", "main.go": program}
	workspace := map[string]string{"go.work": "go 1.24\n\nuse .\n", "go.mod": plain["go.mod"], "main.go": program}
	build := "build ."
	for _, c := range []struct {
		files      map[string]string
		env, verbs string
	}{
		{plain, "GOCACHE=off", build}, {plain, "GOCACHE=cache", build}, {plain, "GOCACHE=~/cache", build}, {plain, "GOCACHE=./c", build},
		{plain, "GOCACHE=", build}, {plain, "GOCACHE=off", "vet ."},
		{plain, "GOCACHE=off", "list ."}, {plain, "GOCACHE=off", "mod verify"}, {plain, "GOCACHE=off", "env GOOS"}, {plain, "GOCACHE=off", "test ."},
		{plain, "GOFLAGS=-mod vendor", build}, {plain, "GOFLAGS=-mod=mod", build}, {plain, "GOFLAGS=-mod=vendor", build},
		{plain, "GOFLAGS=mod=mod", build}, {plain, "GOFLAGS=-race=false -v", build}, {plain, "GOFLAGS=-nosuch", build},
		{plain, "GOFLAGS=-ldflags=-s -w", build}, {plain, "GOFLAGS='-ldflags=-s -w'", build}, {plain, "GOFLAGS=-ldflags='-s -w'", build},
		{plain, "GOFLAGS=-ldflags=-s -X", build}, {plain, "GOFLAGS=-count=1", build}, {plain, "GOFLAGS=-mod vendor", "env GOOS"},
		{plain, "GOFLAGS=-mod vendor", "version"}, {plain, "GOFLAGS=--trimpath", build}, {plain, "GOFLAGS=---trimpath", build},
		{plain, "GOFLAGS='-trimpath", build}, {plain, "GOFLAGS=-", build}, {plain, "GOFLAGS=-tags=a,b", build},
		{required, "GOFLAGS=-mod=vendor", build}, {required, "GOFLAGS=-mod=vendor", "list ."}, {required, "GOFLAGS=-mod=vendor", "vet ."},
		{required, "GOFLAGS=-mod=vendor", "fmt ."},
		{workspace, "GOFLAGS=-mod=mod", build}, {workspace, "GOFLAGS=-mod=mod", "list ."}, {workspace, "GOFLAGS=-mod=mod", "mod tidy"},
		{workspace, "GOFLAGS=-mod=readonly", build}, {workspace, "GOFLAGS=-mod=mod", "env GOOS"}, {workspace, "GOFLAGS=-mod=mod", "mod verify"},
	} {
		text, failed := runGo(t, c.files, c.env, c.verbs)
		if found := errorsOf(t, c.files, c.env, c.verbs); (found != "") != failed {
			t.Errorf("%s go %s: found %q, and go says %q", c.env, c.verbs, found, text)
		}
	}
}

func runGo(t *testing.T, files map[string]string, env, verb string) (text string, failed bool) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", strings.Fields(verb)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOWORK=", env)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err != nil
}

// errorsOf returns the messages of the errors that the rules about settings
// find where a stage has the setting and runs the command.
func errorsOf(t *testing.T, files map[string]string, env, verb string) string {
	t.Helper()
	name, value, _ := strings.Cut(env, "=")
	docker := "FROM golang:1.27\nENV " + name + "=\"" + value + "\" GOPROXY=off\nWORKDIR /src\nCOPY . .\nRUN go " + verb + "\n"
	tree := fstest.MapFS{"Dockerfile": {Data: []byte(docker)}}
	for name, data := range files {
		tree[name] = &fstest.MapFile{Data: []byte(data)}
	}
	r, err := repo.Open(tree, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	for _, one := range []*rule.Rule{GocacheOff, GoflagsMalformed, GoflagsModMod, VendorFlagWithoutVendor} {
		one.Run(&rule.Pass{Repo: r, Unjudged: func(rule.Unjudged) {}, Report: func(f rule.Finding) {
			if f.Severity == rule.Error || f.Severity == rule.Default {
				messages = append(messages, one.ID+": "+f.Message)
			}
		}})
	}
	return strings.Join(messages, "\n")
}
