package units

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

func TestAll(t *testing.T) {
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"deploy/app.service":                     "[Service]\nExecStart=/app\nCPUQuota=50%\n",
		"deploy/app.service.d/10-cpu.conf":       "[Service]\nCPUQuota=80%\n",
		"staging/app.service.d/10-cpu.conf":      "[Service]\nCPUQuota=20%\n",
		"lib/systemd/user/agent.service":         "[Service]\nExecStart=/agent\n",
		"etc/systemd/system/db.service.d/x.conf": "[Service]\nMemoryMax=1G\n",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range All.Of(r) {
		quota := ""
		if s := u.Last("Service", "CPUQuota"); s != nil {
			quota = s.Value.Text
		}
		got = append(got, fmt.Sprint(u.Name, " ", u.Main != nil, " ", u.Scope.User, " ", quota))
	}
	want := "[app.service true false 80% agent.service true true  db.service false false  app.service false false 20%]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLines(t *testing.T) {
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"a.service":                  "[Service]\nExecStart=/bin/docker ps --format {{.ID}} $X\nEnvironment=A__B__C=1 H=${H}\nCpuQuota=$X\n",
		"a.service.d/x.conf":         "[Service]\nCPUQuota=50\n[Timer]\nOnCalendar=daily\n",
		"web-.service.d/x.conf":      "[Service]\nSlice=%n\n",
		"lib/systemd/user/b.service": "[Service]\nNice=1\n",
		"envsubst.service":           "[Service]\nUser=${USER}\n",
		"go.service":                 "[Service]\n{{ if .Nice }}\nNice=1\n{{ end }}\n",
		"autoconf.service":           "[Service]\nExecStart=@bindir@/x\n",
		"sed.service":                "[Service]\nUser=__USER__\n",
		"example.service":            "[Service]\nWorkingDirectory=/home/<your name>/app\n",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range Lines.Of(r) {
		got = append(got, fmt.Sprintf("%s %s %q %t %d", l.File.Source.Path, l.Key, l.Scope.Unit, l.Scope.User, l.Verdict.Outcome))
	}
	want := []string{
		`a.service ExecStart "a.service" false 1`,
		`a.service Environment "a.service" false 1`,
		`a.service CpuQuota "a.service" false 3`,
		`a.service.d/x.conf CPUQuota "a.service" false 3`,
		`lib/systemd/user/b.service Nice "b.service" true 1`,
		`web-.service.d/x.conf Slice "" false 0`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
