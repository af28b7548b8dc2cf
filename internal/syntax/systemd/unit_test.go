package systemd

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// files parses files of the form path, text, path, text, ….
func files(pathsAndTexts ...string) []*File {
	var out []*File
	for i := 0; i < len(pathsAndTexts); i += 2 {
		out = append(out, Parse(source.New(pathsAndTexts[i], []byte(pathsAndTexts[i+1]))))
	}
	return out
}

func values(settings []*Setting) string {
	var out []string
	for _, s := range settings {
		out = append(out, s.Value.Text)
	}
	return strings.Join(out, "|")
}

func TestDropinDirs(t *testing.T) {
	for name, want := range map[string]string{
		"app.service":       "app.service.d service.d",
		"web-api@x.service": "web-api@x.service.d web-api@.service.d web-.service.d web-@x.service.d web-@.service.d service.d",
		"a-b-c.slice":       "a-b-c.slice.d a-b-.slice.d a-.slice.d slice.d",
		"app@.service":      "app@.service.d service.d",
		"a--b.service":      "a--b.service.d a--.service.d a-.service.d service.d",
		"app":               "",
	} {
		if got := strings.Join(DropinDirs(name), " "); got != want {
			t.Errorf("DropinDirs(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	main := files("deploy/app.service", `[Service]
ExecStart=/usr/bin/app
Environment=A=1 B=2
CPUQuota=50%
MemoryMax=1G
TimeoutSec=10
BindTo=x.service
[Unit]
ConditionPathExists=/a
ConditionHost=b
StartLimitBurst=3
`)[0]
	u := load(main, files(
		"deploy/app.service.d/20-late.conf", "[Service]\nEnvironment=C=3\nCPUQuota=0.5\nExecStart=\nExecStart=/usr/bin/new\n",
		"deploy/app.service.d/10-early.conf", "[Service]\nEnvironment=\nEnvironment=D=4\nCPUQuota=80%\nTimeoutStopSec=5\n",
		"deploy/service.d/10-early.conf", "[Service]\nMemoryMax=1M\n",
		"deploy/service.d/30-all.conf", "[Service]\nMemoryMax=\nUser=a/b\nCPUQuota=10%\n[Unit]\nConditionHost=\n",
		"deploy/other.service.d/10.conf", "[Service]\nMemoryMax=5M\n",
		"deploy/service.d/40-unit.conf", "[Unit]\nConditionHost=\nStartLimitInterval=5\n[Service]\nStartLimitBurst=7\n",
	))
	var read []string
	for _, f := range u.Dropins {
		read = append(read, f.Source.Path)
	}
	if got := strings.Join(read, " "); got != "deploy/app.service.d/10-early.conf deploy/app.service.d/20-late.conf deploy/service.d/30-all.conf deploy/service.d/40-unit.conf" {
		t.Errorf("drop-ins %s", got)
	}
	if len(u.Hidden) != 1 || u.Hidden[0].Source.Path != "deploy/service.d/10-early.conf" {
		t.Errorf("hidden %v", u.Hidden)
	}
	for _, c := range []struct{ section, key, want string }{
		{"Service", "ExecStart", "/usr/bin/new"},
		{"Service", "Environment", "D=4|C=3"},
		{"Service", "CPUQuota", "80%"}, // 0.5 is ignored, and 10% stands behind a fatal line
		{"Service", "MemoryMax", ""},
		{"Service", "TimeoutStartSec", "10"},
		{"Service", "TimeoutStopSec", "5"},
		{"Unit", "ConditionPathExists", ""}, // an empty condition removes all of them
		{"Unit", "StartLimitBurst", "7"},
		{"Unit", "StartLimitIntervalSec", "5"},
	} {
		if got := values(u.All(c.section, c.key)); got != c.want {
			t.Errorf("%s= is %q, want %q", c.key, got, c.want)
		}
	}
	if s := u.Last("Service", "CPUQuota"); len(s.Replaces) != 1 || s.Replaces[0].Value.Text != "50%" || s.Replaces[0].By != s {
		t.Errorf("CPUQuota=80%% replaces %v", s.Replaces)
	}
	if h := u.History("Service", "CPUQuota"); values(h) != "50%|80%|0.5" || h[2].Verdict.Outcome != Ignored {
		t.Errorf("history of CPUQuota= %s", values(h))
	}
	if u.Refused != nil || u.Masked {
		t.Errorf("refused %v", u.Refused)
	}
}

func TestEffects(t *testing.T) {
	for _, c := range []struct{ key, lines, want string }{
		{"CapabilityBoundingSet", "CAP_KILL||CAP_CHOWN", "|CAP_CHOWN"}, // the empty set is a value
		{"CapabilityBoundingSet", "CAP_KILL|~CAP_CHOWN", "CAP_KILL|~CAP_CHOWN"},
		{"Environment", "A=1||B=2|B=3", "B=2|B=3"},
		{"After", "a.service||b.service", "a.service|b.service"}, // dependencies cannot be taken back
		{"Delegate", "cpu|memory", "cpu|memory"},
		{"Delegate", "cpu|no", "no"},
		{"AllowedCPUs", "0|1", "0|1"},
		{"AllowedCPUs", "0||1", "1"},
		{"CPUAffinity", "0|numa", "numa"},
		{"Type", "exec|bogus", "exec"},
		{"Type", "exec|", "exec"}, // an empty one is no type
		{"User", "a|", ""},
		{"Slice", "a.slice|", "a.slice"},
		{"RestrictAddressFamilies", "AF_INET|none", "none"},
		{"Unit", "a.service|b.service", "a.service"}, // of a timer the first counts
	} {
		section := map[string]string{"After": "Unit", "Unit": "Timer"}[c.key]
		if section == "" {
			section = "Service"
		}
		text := "[" + section + "]\n"
		for _, v := range strings.Split(c.lines, "|") {
			text += c.key + "=" + v + "\n"
		}
		u := load(files("app."+strings.ToLower(strings.Replace(section, "Unit", "Service", 1)), text)[0], nil)
		if got := values(u.All(section, c.key)); got != c.want {
			t.Errorf("%s= %s comes to %q, want %q", c.key, c.lines, got, c.want)
		}
	}
}

func TestRefusedUnits(t *testing.T) {
	u := load(files("app.service", "[Service]\nCPUQuota=50%\nExecStart=./app\nMemoryMax=1G\n")[0], nil)
	if u.Refused == nil || u.Refused.At.Text() != "./app" || u.Last("Service", "MemoryMax") != nil || u.Last("Service", "CPUQuota") == nil {
		t.Errorf("refused: %v", u.Refused)
	}
	if u := load(files("app.service", "[Service\n")[0], nil); u.Refused == nil {
		t.Error("a bad header does not refuse the unit")
	}
	if u := load(files("app.service", "")[0], nil); !u.Masked {
		t.Error("an empty unit is not masked")
	}
}

// TestDropinsAgainstSystemd compares the order in which drop-ins are read, and
// that a fatal line ends one of them only.
func TestDropinsAgainstSystemd(t *testing.T) {
	bin, _ := analyzer(t)
	names := []string{"service.d/05", "web-.service.d/10", "web-.service.d/20", "web-api.service.d/10", "web-api.service.d/30",
		"web-api@.service.d/40", "web-api@x.service.d/40", "web-@.service.d/50", "web-@x.service.d/50", "web-@x.service.d/40", "web.service.d/60"}
	for _, unit := range []string{"web-api.service", "web-api@x.service"} {
		contents := map[string]string{unit: "[Service]\nExecStart=/bin/true\n"}
		var dropins []*File
		for _, n := range names {
			name := n + ".conf"
			contents[name] = fmt.Sprintf("[Service]\nCPUQuota=%s\nUser=a/b\nMemoryMax=never read\n", n)
			dropins = append(dropins, files(name, contents[name])...)
		}
		s := verify(t, bin, contents)
		var want []string
		for _, place := range s.order {
			if name, ok := strings.CutSuffix(place, ":2"); ok {
				want = append(want, name)
			}
			if strings.HasSuffix(place, ":4") {
				t.Errorf("systemd reads on behind a fatal line: %s", place)
			}
		}
		u := load(files(unit, contents[unit])[0], dropins)
		var got []string
		for _, f := range u.Dropins {
			got = append(got, f.Source.Path)
		}
		if !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s reads\n\there    %v\n\tsystemd %v", unit, got, want)
		}
		if len(u.History("Service", "MemoryMax")) != 0 {
			t.Errorf("%s: lines behind a fatal one are read", unit)
		}
	}
}

// TestGrammarAgainstSystemd compares what is said of whole files.
func TestGrammarAgainstSystemd(t *testing.T) {
	bin, _ := analyzer(t)
	texts := []string{
		"Foo=1\n[Service]\n=5\nnoeq\n\ufeffBOMKey=1\n\ufeffCPU=1\n\r\n  Key\\\nword = 1\n",
		"\ufeff# c\n[Service]\n",
		"[Service]\nA\x00B=1\n\rFoo=1\r\rBar=1\n\n\rBaz=1\n\r\nQux=1\r\n\x00\x00Quux=1",
		"[]\nCPUQuota=0.5\n[X-a]\nFoo\n[Socket]\nA\n[Service]\nB=1\n[Serv\n[Service]\nC=1\n",
		"[Service] x\nA=1\n", "[Se\\rv]\nA=1\n", "[Ser\\\nvice]\nA=1\n", "[Service]\nA\xff=1\nB=1\n", "[Service]\nA=\ufffe\nB=1\n", "[Service]\n# \xff\nB=1\n",
		"[Service]\nA\\\n# c\n=\\\n  ; d\n  1\nB=\\\\\nC=\\\\\\\nD\n", "[Service]\nA=1\\", "[\n", "[Install]\nFoo=1\nWantedBy=a\n[Target]\nX\n", "\n\n", "\\\n[Service]\nA=1\n",
	}
	contents := map[string]string{}
	for i, text := range texts {
		contents[fmt.Sprintf("g%d.service", i)] = text
	}
	s := verify(t, bin, contents)
	for i, text := range texts {
		name := fmt.Sprintf("g%d.service", i)
		f := Parse(source.New(name, []byte(text)))
		var got, want []string
		for _, p := range f.Problems {
			got = append(got, p.Text)
		}
		for _, sec := range f.Sections {
			for j := range sec.Assignments {
				if a := &sec.Assignments[j]; !sec.Ignored {
					for _, n := range (Scope{Unit: name}).CheckAssignment(a).Notes {
						got = append(got, n.Text)
					}
				}
			}
		}
		for _, place := range s.order {
			if strings.HasPrefix(place, name+":") {
				want = append(want, s.lines[place]...)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q\n\there    %q\n\tsystemd %q", text, got, want)
		}
		if (f.Refused != nil) != s.failed[name] {
			t.Errorf("%q: refused here %t, by systemd %t", text, f.Refused != nil, s.failed[name])
		}
	}
}

// load loads a unit of the system manager by the name of its file.
func load(main *File, dropins []*File) *Unit {
	return Load(Scope{Unit: path.Base(main.Source.Path)}, main, dropins)
}
