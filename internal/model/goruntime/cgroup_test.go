package goruntime

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDefaultProcsUnderQuota starts this test binary, whose go line is 1.25, in
// a cgroup with a real CPU quota, where the machine lets us make one.
func TestDefaultProcsUnderQuota(t *testing.T) {
	dir, set, ok := quotaGroup(t)
	if !ok {
		t.Skip("NOT TESTED: cgroups cannot be made on this machine (root and a writable cpu controller are needed)")
	}
	cpus := start(t, MaxProcsVar, "").cpu
	if cpus <= 2 {
		t.Logf("with %d CPUs every quota has the same result; only the settings that switch the runtime off are told apart on larger machines", cpus)
	}
	for _, quota := range []float64{0.5, 1, 1.5, 2, 2.5, 4, 7.01} {
		if err := set(quota); err != nil {
			t.Fatal(err)
		}
		for setting, aware := range map[string]bool{"": true, "containermaxprocs=1": true, "containermaxprocs=0": false, "containermaxprocs=off": true} {
			got, err := startIn(dir, DebugVar+"="+setting)
			if err != nil {
				t.Fatal(err)
			}
			if want := DefaultProcs(cpus, quota, aware); got != want {
				t.Errorf("quota %v, GODEBUG=%s: GOMAXPROCS is %d, predicted %d", quota, setting, got, want)
			}
		}
	}
}

// quotaGroup makes a cgroup, of version 2 or 1, and returns how to set its quota.
func quotaGroup(t *testing.T) (dir string, set func(float64) error, ok bool) {
	const period = 100_000
	for _, version := range []struct{ root, file, format string }{
		{"/sys/fs/cgroup", "cpu.max", "%d 100000"},
		{"/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "%d"},
	} {
		dir := filepath.Join(version.root, fmt.Sprintf("seaworthy-test-%d", os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		t.Cleanup(func() { _ = os.Remove(dir) })
		if _, err := os.Stat(filepath.Join(dir, version.file)); err != nil {
			continue
		}
		return dir, func(quota float64) error {
			text := fmt.Sprintf(version.format, int(quota*period))
			return os.WriteFile(filepath.Join(dir, version.file), []byte(text), 0o644)
		}, true
	}
	return "", nil, false
}

// startIn starts the probe in a cgroup: a shell moves itself there first.
func startIn(dir, variable string) (procs int, err error) {
	exe, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command("/bin/sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$1"`, dir, exe)
	cmd.Env = []string{probe + "=1", variable}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	var limit int64
	var percent, cpu int
	_, err = fmt.Sscan(string(out), &limit, &percent, &procs, &cpu)
	return procs, err
}
