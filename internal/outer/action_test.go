package outer

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/codescan/fake"
)

// scratch is a folder that is removed after all tests.
var scratch string

// program builds seaworthy once.
var program = sync.OnceValues(func() (string, error) {
	name := filepath.Join(scratch, "seaworthy.exe")
	out, err := exec.Command("go", "build", "-o", name, "../../cmd/seaworthy").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return name, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "seaworthy")
	if err != nil {
		panic(err)
	}
	scratch = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// step is one run of a script of the action.
type step struct {
	code    int
	log     string
	outputs map[string]string
	summary string
}

// inputs are those of action.yml, by default.
func inputs(t *testing.T, more map[string]string) map[string]string {
	t.Helper()
	name, err := program()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"SEAWORTHY": name, "SEAWORTHY_DIR": t.TempDir(), "SEAWORTHY_PATH": ".", "SEAWORTHY_PROFILE": "default",
		"SEAWORTHY_FAIL_ON": "error", "SEAWORTHY_ONLY_NEW": "false", "SEAWORTHY_FORMAT": "text", "SEAWORTHY_SUMMARY": "true",
		"SEAWORTHY_UPLOAD": "auto", "SEAWORTHY_ANNOTATIONS": "auto",
	}
	for k, v := range more {
		env[k] = v
	}
	return env
}

// script runs a script of the action. The folder is that of the scripts, empty
// for ours.
func script(t *testing.T, folder, name string, env map[string]string) step {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("bash may be that of another system, and files cannot have such names; self-check.yml runs the action there")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	if folder == "" {
		folder = filepath.Join("..", "..", ".github", "action")
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	c := exec.Command(bash, filepath.Join(folder, name))
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + temp, "RUNNER_TEMP=" + temp,
		"GITHUB_OUTPUT=" + filepath.Join(temp, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(temp, "summary"),
	}
	for k, v := range env {
		c.Env = append(c.Env, k+"="+v)
	}
	c.Dir = temp
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	s := step{outputs: map[string]string{}}
	var exit *exec.ExitError
	if err := c.Run(); errors.As(err, &exit) {
		s.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	s.log = log.String()
	if data, err := os.ReadFile(filepath.Join(temp, "output")); err == nil {
		s.outputs = parseOutputs(t, string(data))
	}
	if data, err := os.ReadFile(filepath.Join(temp, "summary")); err == nil {
		s.summary = string(data)
	}
	return s
}

// parseOutputs reads a file of outputs as the runner does (FileCommandManager).
func parseOutputs(t *testing.T, text string) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		name, end, ok := strings.Cut(lines[i], "<<")
		if !ok {
			t.Fatalf("%q is not written with a delimiter", lines[i])
		}
		var value []string
		for i++; i < len(lines) && lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		outputs[name] = strings.Join(value, "\n")
	}
	return outputs
}

// commands returns the workflow commands that a runner would obey: those at the
// start of a line, and the older form anywhere in one, but not between
// stop-commands and its token (ActionCommandManager).
func commands(log string) []string {
	var all []string
	stopped := ""
	for _, line := range strings.Split(log, "\n") {
		line = strings.TrimLeft(line, " \t")
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		switch {
		case stopped != "" && line == "::"+stopped+"::":
			stopped = ""
		case stopped != "":
		case strings.HasPrefix(line, "::stop-commands::"):
			stopped = strings.TrimPrefix(line, "::stop-commands::")
		case strings.HasPrefix(line, "::"):
			word, _, _ := strings.Cut(name, " ")
			all = append(all, word)
		case strings.Contains(line, "##["):
			all = append(all, line)
		}
	}
	return all
}

const ignoreWithoutReason = "# seaworthy:ignore image/libc-mismatch\nFROM alpine:3.22\n"

// hostile is a name that is code, a command or markup where somebody forgets to
// quote.
const hostile = "$(touch pwned) `touch pwned`; '\"##[error]x %0A::error::x"

// TestActionRun runs the program as the action does, with values that are code
// where somebody forgets to quote.
func TestActionRun(t *testing.T) {
	env := inputs(t, map[string]string{
		"SEAWORTHY_FAIL_ON": "warning", "SEAWORTHY_PATH": hostile, "SEAWORTHY_CATEGORY": "$(touch pwned)\n::error::x",
		"SEAWORTHY_SARIF": "$(touch pwned).sarif", "SEAWORTHY_OUTPUT": "concise=a `touch pwned`.txt\r\n\njunit=b.xml\n",
		"SEAWORTHY_ARGS": "--now\n2027-03-01 --color never", "GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": "abc", "GITHUB_SERVER_URL": "https://github.com",
	})
	dir := env["SEAWORTHY_DIR"]
	write(t, dir, hostile+"/Dockerfile", ignoreWithoutReason)
	s := script(t, "", "run.sh", env)
	if s.code != 0 {
		t.Fatalf("it ends with %d\n%s", s.code, s.log)
	}
	for name, want := range map[string]string{"exit-code": "1", "errors": "0", "warnings": "1", "notes": "0", "findings": "1",
		"sarif-file": filepath.Join(dir, "$(touch pwned).sarif"), "root": filepath.Join(dir, hostile)} {
		if got := s.outputs[name]; got != want {
			t.Errorf("the output %s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"$(touch pwned).sarif", "a `touch pwned`.txt", "b.xml"} {
		if len(readFile(t, dir, name)) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	if got := commands(s.log); len(got) > 0 {
		t.Errorf("a runner obeys %q in\n%s", got, s.log)
	}
	if !strings.Contains(s.summary, "seaworthy/ignore-without-reason") {
		t.Errorf("the summary is\n%s", s.summary)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("a value was run as code")
	}

	for _, c := range []struct{ annotations, uploaded, upload, code, want string }{
		{"auto", "skipped", "auto", "1", "[warning]"},
		{"auto", "success", "auto", "1", "[]"},
		{"auto", "failure", "auto", "1", "[warning warning]"},
		{"auto", "failure", "true", "0", "[warning error]"},
		{"false", "skipped", "auto", "1", "[]"},
		{"true", "skipped", "auto", "0", "[warning]"},
		{"true", "skipped", "auto", "2", "[warning error]"},
		{"true", "skipped", "auto", "3", "[warning notice]"},
	} {
		r := script(t, "", "result.sh", map[string]string{"SEAWORTHY": env["SEAWORTHY"], "SEAWORTHY_ANNOTATIONS": c.annotations,
			"SEAWORTHY_UPLOAD": c.upload, "UPLOADED": c.uploaded, "CODE": c.code, "JSON": s.outputs["json-file"], "ROOT": s.outputs["root"]})
		want := map[string]int{"0": 0, "1": 1, "2": 1, "3": 0}[c.code]
		if c.uploaded == "failure" && c.upload == "true" && c.code == "0" {
			want = 2
		}
		if r.code != want || fmt.Sprint(commands(r.log)) != c.want {
			t.Errorf("%+v: it ends with %d, a runner obeys %q in\n%s", c, r.code, commands(r.log), r.log)
		}
	}
}

// TestActionWrongInputs: a value that is none of those that exist is one error,
// of the script or of the program.
func TestActionWrongInputs(t *testing.T) {
	for name, c := range map[string]struct{ value, want, code string }{
		"SEAWORTHY_ANNOTATIONS": {"maybe", "annotations is one of: auto true false", ""},
		"SEAWORTHY_UPLOAD":      {"$(x)", "upload-sarif is one of: auto true false", ""},
		"SEAWORTHY_ONLY_NEW":    {"yes", "only-new is one of: true false", ""},
		"SEAWORTHY_SUMMARY":     {"yes", "summary is one of: true false", ""},
		"SEAWORTHY_FORMAT":      {"github", "format is one of: text concise", ""},
		"SEAWORTHY_FAIL_ON":     {"::error::x", "--fail-on is error, warning, note or never", "2"},
		"SEAWORTHY_OUTPUT":      {"sarif", "--output is FORMAT=FILE", "2"},
		"SEAWORTHY_ARGS":        {"--nothing", "unknown flag: --nothing", "2"},
		"SEAWORTHY_CONFIG":      {"nowhere.toml", "reading nowhere.toml", "2"},
		"SEAWORTHY_BASELINE":    {"nowhere.json", "reading nowhere.json", "2"},
	} {
		env := inputs(t, map[string]string{name: c.value})
		write(t, env["SEAWORTHY_DIR"], "Dockerfile", "FROM scratch\n")
		s := script(t, "", "run.sh", env)
		if !strings.Contains(s.log, c.want) || (c.code == "") != (s.code == 1) || s.outputs["exit-code"] != c.code {
			t.Errorf("%s: it ends with %d, %q\n%s", name, s.code, s.outputs["exit-code"], s.log)
		}
	}
}

// TestActionPlan: what is uploaded, and what is not.
func TestActionPlan(t *testing.T) {
	hub := fake.New(t, "", "secret")
	sarif := filepath.Join(t.TempDir(), "x.sarif")
	write(t, filepath.Dir(sarif), "x.sarif", `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"seaworthy"}},"results":[]}]}`)
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"a push":                     {nil, "true"},
		"a schedule":                 {map[string]string{"GITHUB_EVENT_NAME": "schedule"}, "true"},
		"a pull request":             {map[string]string{"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "HEAD_REPOSITORY": "o/r"}, "true"},
		"from a fork":                {map[string]string{"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge", "HEAD_REPOSITORY": "x/r"}, "false"},
		"from a fork that is gone":   {map[string]string{"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}, "false"},
		"a merge group":              {map[string]string{"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7-abc"}, "false"},
		"a push of a merge group":    {map[string]string{"GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7-abc"}, "false"},
		"a tag":                      {map[string]string{"GITHUB_REF": "refs/tags/v1"}, "false"},
		"another event":              {map[string]string{"GITHUB_EVENT_NAME": "pull_request_target"}, "false"},
		"Dependabot":                 {map[string]string{"GITHUB_ACTOR": "dependabot[bot]"}, "false"},
		"no permission":              {map[string]string{"GITHUB_TOKEN": "other"}, "false"},
		"no report":                  {map[string]string{"SARIF": ""}, "false"},
		"never":                      {map[string]string{"SEAWORTHY_UPLOAD": "false"}, "false"},
		"always":                     {map[string]string{"SEAWORTHY_UPLOAD": "true", "GITHUB_EVENT_NAME": "x", "GITHUB_TOKEN": "other"}, "true"},
		"always, but with no report": {map[string]string{"SEAWORTHY_UPLOAD": "true", "SARIF": ""}, "false"},
	} {
		env := inputs(t, map[string]string{"SARIF": sarif, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main",
			"GITHUB_SHA": strings.Repeat("ab", 20), "GITHUB_REPOSITORY": "o/r", "GITHUB_API_URL": hub.API(), "GITHUB_TOKEN": "secret"})
		for k, v := range c.change {
			env[k] = v
		}
		s := script(t, "", "plan.sh", env)
		if s.code != 0 || s.outputs["upload"] != c.want || (c.want == "false") != strings.Contains(s.log, "Not uploaded to code scanning: ") {
			t.Errorf("%s: it ends with %d, upload %q\n%s", name, s.code, s.outputs["upload"], s.log)
		}
	}
	if len(hub.Uploads()) > 0 || len(hub.Problems()) > 0 {
		t.Errorf("uploaded %v, problems %q", hub.Uploads(), hub.Problems())
	}
}

// TestActionInstall: a release is what the tagged commit says, also out of a
// cache; what is not is one error.
func TestActionInstall(t *testing.T) {
	const released = "#!/bin/sh\necho 'seaworthy v1.2.3'\n"
	name := "seaworthy_v1.2.3_linux_amd64"
	scripts := t.TempDir()
	for _, f := range []string{"lib.sh", "install.sh"} {
		write(t, scripts, f, read(t, ".github/action/"+f))
	}
	write(t, scripts, "digests.txt", fmt.Sprintf("%s  seaworthy_v1.2.3_darwin_arm64\n%x  %s\n", strings.Repeat("0", 64), sha256.Sum256([]byte(released)), name))
	served, requests := released, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.URL.Path != "/v1.2.3/"+name {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, served)
	}))
	defer server.Close()
	cache := t.TempDir()
	env := map[string]string{"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TOOL_CACHE": cache, "SEAWORTHY_RELEASES": server.URL}
	install := func(version string) step {
		env["SEAWORTHY_VERSION"] = version
		return script(t, scripts, "install.sh", env)
	}
	cached := filepath.Join(cache, "seaworthy", "v1.2.3", "amd64", "seaworthy")
	good := func(what string, s step, sent int) {
		t.Helper()
		if s.code != 0 || s.outputs["version"] != "v1.2.3" || s.outputs["program"] != cached || requests != sent {
			t.Errorf("%s: it ends with %d after %d requests, outputs %q\n%s", what, s.code, requests, s.outputs, s.log)
		}
	}
	good("the first use", install(""), 1)
	good("the second use", install("v1.2.3"), 1)
	write(t, filepath.Dir(cached), "seaworthy", "#!/bin/sh\necho poisoned\n")
	good("a cache that somebody has poisoned", install(""), 2)

	bad := func(what string, s step, want string) {
		t.Helper()
		if s.code != 1 || fmt.Sprint(commands(s.log)) != "[error]" || !strings.Contains(s.log, want) || s.outputs["program"] != "" {
			t.Errorf("%s: it ends with %d, outputs %q\n%s", what, s.code, s.outputs, s.log)
		}
	}
	bad("a version that this commit does not know", install("v9.9.9"), "This commit of the action knows v1.2.3, not v9.9.9")
	bad("a version that is code", install("$(x)\n::error::y"), "knows v1.2.3, not xerrory")
	if err := os.RemoveAll(cache); err != nil {
		t.Fatal(err)
	}
	served = "#!/bin/sh\necho 'seaworthy v1.2.3 # evil'\n"
	bad("a release that was replaced", install(""), "is not what was released: its SHA-256 is")
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(cached), "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	env["SEAWORTHY_RELEASES"] = server.URL + "/elsewhere"
	bad("a release that is not there", install(""), "cannot be downloaded (curl: (22)")
	server.Close()
	bad("a server that is gone", install(""), "cannot be downloaded (curl: (7)")
}

// TestActionManyFindings: a repository that nobody has mended stays within what
// GitHub takes.
func TestActionManyFindings(t *testing.T) {
	env := inputs(t, map[string]string{"SEAWORTHY_FORMAT": "concise", "SEAWORTHY_FAIL_ON": "warning"})
	const files, lines = 60, 500
	for i := range files {
		write(t, env["SEAWORTHY_DIR"], fmt.Sprintf("services/team-%d/Dockerfile", i), strings.Repeat("# seaworthy:ignore image/libc-mismatch\n", lines)+"FROM scratch\n")
	}
	s := script(t, "", "run.sh", env)
	if s.code != 0 || s.outputs["warnings"] != fmt.Sprint(files*lines) || s.outputs["exit-code"] != "1" {
		t.Fatalf("it ends with %d, outputs %q", s.code, s.outputs)
	}
	if len(s.summary) > 1<<20 || !strings.Contains(s.summary, "findings not shown") {
		t.Errorf("the summary has %d bytes", len(s.summary))
	}
	if got := commands(s.log); len(got) > 0 {
		t.Errorf("a runner obeys %q", got)
	}
	r := script(t, "", "result.sh", map[string]string{"SEAWORTHY": env["SEAWORTHY"], "SEAWORTHY_ANNOTATIONS": "auto",
		"SEAWORTHY_UPLOAD": "auto", "CODE": "1", "JSON": s.outputs["json-file"], "ROOT": s.outputs["root"]})
	if got := commands(r.log); r.code != 1 || len(got) != 10 || !strings.Contains(r.log, "29991 warnings more, in the log and the summary of the job") {
		t.Errorf("it ends with %d and a runner obeys %q", r.code, got)
	}
	if len(r.log) > 1<<16 {
		t.Errorf("the log has %d bytes", len(r.log))
	}
}
