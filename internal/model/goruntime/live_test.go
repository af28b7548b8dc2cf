package goruntime

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// probe makes the test binary print what the runtime made of its environment.
const probe = "SEAWORTHY_PROBE"

func TestMain(m *testing.M) {
	if os.Getenv(probe) != "" {
		fmt.Println(debug.SetMemoryLimit(-1), debug.SetGCPercent(100), runtime.GOMAXPROCS(0), runtime.NumCPU())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// started is what a real process made of a variable.
type started struct {
	limit               int64
	percent, procs, cpu int
	output              string
	ok                  bool
}

func start(t *testing.T, name, value string) started {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = []string{probe + "=1", name + "=" + value}
	out, err := cmd.CombinedOutput()
	s := started{output: string(out), ok: err == nil}
	if s.ok {
		if _, err := fmt.Sscan(s.output, &s.limit, &s.percent, &s.procs, &s.cpu); err != nil {
			t.Fatalf("%s=%s: %q: %v", name, value, out, err)
		}
	}
	return s
}

// signs reports whether the release that runs the tests reads a sign.
func signs(t *testing.T) bool {
	t.Helper()
	minor, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go1."), ".")
	n, err := strconv.Atoi(strings.TrimRight(minor, "-abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		return true // a development version
	}
	return n >= SignSince
}

func TestMemoryLimitOfRealProcesses(t *testing.T) {
	values := strings.Split(`|off|0|1|512|512B|512KiB|512MiB|2GiB|1TiB|007MiB|+512MiB|+5|-0|-1|9223372036854775807|9223372036854775808`+
		`|8388607TiB|8388608TiB|9007199254740991KiB|9007199254740992KiB`+
		`|512M|512MB|512m|512mib|512Mi|512 MiB| 512MiB|512MiB |0.5GiB|1.2GiB|1e9|OFF|Off|max|50%|B|iB|KiB|KB|5iB|0x10|1_000|512PiB|۵MiB|none|unlimited|infinity`, "|")
	for _, v := range values {
		limit, signed, ok := MemoryLimit(v)
		ok = ok && (!signed || signs(t))
		switch s := start(t, MemoryLimitVar, v); {
		case s.ok != ok:
			t.Errorf("%q: the process starts: %v, predicted %v (%s)", v, s.ok, ok, s.output)
		case ok && s.limit != limit:
			t.Errorf("%q: the limit is %d, predicted %d", v, s.limit, limit)
		case !ok && !strings.Contains(s.output, "malformed GOMEMLIMIT"):
			t.Errorf("%q: dies of something else: %s", v, s.output)
		}
	}
}

func TestGCPercentOfRealProcesses(t *testing.T) {
	for v := range strings.SplitSeq("|off|OFF|0|1|50|100|400|-1|-50|+50|50.5|100%|abc| 50|50 |2147483647|2147483648|-2147483648|0x10", "|") {
		percent, signed, _ := GCPercent(v)
		if signed && !signs(t) {
			percent = 100
		}
		// All that is negative is off, and reported as -1.
		if s := start(t, GCPercentVar, v); !s.ok || max(s.percent, -1) != max(percent, -1) {
			t.Errorf("%q: %d %s, predicted %d", v, s.percent, s.output, percent)
		}
	}
}

func TestMaxProcsOfRealProcesses(t *testing.T) {
	for v := range strings.SplitSeq("|1|2|3|16|007|0|-1|+4|4cpu| 4|4 |nproc|auto|$(nproc)|2.5|0x4|2147483648|99999999999", "|") {
		n, signed, ok := MaxProcs(v)
		s := start(t, MaxProcsVar, v)
		if want := n; ok && (!signed || signs(t)) && s.procs != want {
			t.Errorf("%q: GOMAXPROCS is %d, predicted %d", v, s.procs, want)
		} else if plain := start(t, MaxProcsVar, ""); !ok && s.procs != plain.procs {
			t.Errorf("%q: GOMAXPROCS is %d, but %d without it", v, s.procs, plain.procs)
		}
	}
}

func TestDebugOfRealProcesses(t *testing.T) {
	for v, fatal := range map[string]bool{
		"cgocheck=2": true, "gctrace=0,cgocheck=2": true, "cgocheck=2,cgocheck=1": false, "cgocheck=1,cgocheck=3": true,
		"cgocheck=1": false, "cgocheck=0": false, "cgocheck=x": false, "cgocheck=2x": false, " cgocheck=2": false, "cgocheck": false,
		"unheard=1": false, "containermaxprocs=off": false,
	} {
		n, _ := DebugNumber(Debug(v), "cgocheck")
		if predicted := n > 1; predicted != fatal {
			t.Errorf("%q: predicted fatal: %v", v, predicted)
		}
		if s := start(t, DebugVar, v); s.ok == fatal {
			t.Errorf("%q: %s", v, s.output)
		}
	}
}
