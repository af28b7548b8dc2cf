package units

import (
	"fmt"
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
