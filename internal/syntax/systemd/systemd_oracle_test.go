package systemd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// analyzer returns the systemd-analyze of this machine and its major version,
// and skips the test where there is none.
func analyzer(t *testing.T) (string, int) {
	t.Helper()
	bin, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skipf("not compared with systemd: there is no systemd-analyze here: %v", err)
	}
	out, err := exec.Command(bin, "--version").Output()
	if err != nil {
		t.Skipf("not compared with systemd: %s --version: %v", bin, err)
	}
	fields := strings.Fields(string(out))
	version, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatalf("version of systemd-analyze: %q", out)
	}
	return bin, version
}

// said is what systemd-analyze verify printed about files.
type said struct {
	lines  map[string][]string // "name:line" -> messages
	order  []string            // the keys of lines as they come
	failed map[string]bool     // units whose file was refused
}

var (
	lineMessage = regexp.MustCompile(`^(/\S+?):(\d+): (.*)$`)
	loadFailed  = regexp.MustCompile(`^Unit (\S+) failed to load properly`)
)

// batch is how many units one call judges: its time grows with their square.
const batch = 200

// verify writes files into directories and lets systemd judge the units among
// them. Drop-ins go where their unit goes.
func verify(t *testing.T, bin string, files map[string]string) said {
	t.Helper()
	s := said{lines: map[string][]string{}, failed: map[string]bool{}}
	var units []string
	for _, name := range sortedKeys(files) {
		if !strings.HasSuffix(name, ".conf") {
			units = append(units, name)
		}
	}
	for some := range slices.Chunk(units, batch) {
		dir := t.TempDir()
		for name, text := range files {
			if !strings.HasSuffix(name, ".conf") && !slices.Contains(some, name) {
				continue
			}
			p := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		s.run(t, bin, dir, some)
	}
	return s
}

func (s *said) run(t *testing.T, bin, dir string, units []string) {
	t.Helper()
	args := []string{"verify", "--man=no"}
	for _, name := range units {
		args = append(args, filepath.Join(dir, name))
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":", "LC_ALL=C", "HOME=/root")
	out, _ := cmd.CombinedOutput() // fails where a unit does not load
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		if m := lineMessage.FindStringSubmatch(line); m != nil {
			if name, err := filepath.Rel(dir, m[1]); err == nil {
				place := name + ":" + m[2]
				if len(s.lines[place]) == 0 {
					s.order = append(s.order, place)
				}
				s.lines[place] = append(s.lines[place], m[3])
			}
		} else if m := loadFailed.FindStringSubmatch(line); m != nil {
			s.failed[m[1]] = true
		}
	}
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// oracleCase is one assignment in a unit of its own.
type oracleCase struct{ section, key, value string }

// frames hold what a unit of a section needs to load.
var frames = map[string]struct{ suffix, text string }{
	"Service": {".service", "[Service]\nExecStart=/bin/true\n"},
	"Unit":    {".service", "[Service]\nExecStart=/bin/true\n"},
	"Socket":  {".socket", "[Socket]\nListenStream=/run/x\nService=dbus.service\n"},
	"Timer":   {".timer", "[Timer]\nOnBootSec=1\nUnit=dbus.service\n"},
	"Path":    {".path", "[Path]\nPathExists=/x\nUnit=dbus.service\n"},
	"Slice":   {".slice", ""},
}

// oracleCases makes assignments of every directive of the sections above whose
// kind is modelled, with values that the kinds of each family are tried with.
func oracleCases() []oracleCase {
	var out []oracleCase
	keys := map[string]int{}
	for _, d := range directiveTable() {
		if _, ok := frames[d.Section]; !ok {
			continue
		}
		keys[d.Kind]++
		for i, v := range oracleValues(d) {
			// Keys of one kind share a parser: some are tried with every value,
			// the others with one in seven.
			if keys[d.Kind] <= 2 || keyMatters(d.Kind) || (i+keys[d.Kind])%7 == 0 {
				out = append(out, oracleCase{d.Section, d.Key, v})
			}
		}
	}
	return out
}

// keyMatters names the kinds whose parser looks at the key.
func keyMatters(kind string) bool { return kind == "memory_limit" || kind == "rlimit" }

// canary is an assignment that systemd complains about: where it is silent, it
// gave up on the file before.
const canary = "Canary=1\n"

// packed is a unit made of many cases, one a line.
type packed struct {
	name, text string
	first      int // line of the first case
	cases      []oracleCase
}

// pack puts the cases of a section into units. A case that refuses the unit, or
// may do so, has one of its own.
func pack(cases []oracleCase) []packed {
	const perUnit = 60
	var out []packed
	open := map[string]*packed{}
	flush := func(section string) {
		if p := open[section]; p != nil {
			p.text += canary
			out = append(out, *p)
			open[section] = nil
		}
	}
	add := func(c oracleCase) {
		f := frames[c.section]
		p := open[c.section]
		if p == nil {
			text := f.text + "[" + c.section + "]\n"
			p = &packed{name: fmt.Sprintf("t%d%s", len(out)+len(open)*1000, f.suffix), text: text, first: strings.Count(text, "\n") + 1}
			open[c.section] = p
		}
		p.text += c.key + "=" + c.value + "\n"
		p.cases = append(p.cases, c)
	}
	for _, c := range cases {
		o := verdictOf(c).Outcome
		alone := o == Refused || o == Unknown
		if p := open[c.section]; alone || p != nil && len(p.cases) == perUnit {
			flush(c.section)
		}
		add(c)
		if alone {
			flush(c.section)
		}
	}
	for _, section := range []string{"Path", "Service", "Slice", "Socket", "Timer", "Unit"} {
		flush(section)
	}
	for i := range out {
		_, suffix, _ := strings.Cut(out[i].name, ".")
		out[i].name = fmt.Sprintf("t%d.%s", i, suffix)
	}
	return out
}

func verdictOf(c oracleCase) Verdict {
	f := source.New("x", []byte(c.value))
	v := &source.Joined{}
	v.Append(f.Whole())
	return Scope{Unit: "t0" + frames[c.section].suffix}.Check(c.section, c.key, v, f.Whole())
}

// TestVerdictsAgainstSystemd lets systemd judge every value of oracleCases and
// compares. With the version of the table the messages must be the same too.
func TestVerdictsAgainstSystemd(t *testing.T) {
	bin, version := analyzer(t)
	cases := oracleCases()
	if version != 257 {
		cases = slices.DeleteFunc(cases, changedSince252)
	}
	if len(cases) < 300 {
		t.Fatalf("only %d cases", len(cases))
	}
	units, files := pack(cases), map[string]string{}
	for _, u := range units {
		files[u.name] = u.text
	}
	s := verify(t, bin, files)
	compared, unknown := 0, 0
	for _, u := range units {
		n, m := u.compare(t, s, version)
		compared, unknown = compared+n, unknown+m
	}
	t.Logf("systemd %d: %d of %d assignments in %d units compared, %d are unknown here", version, compared, len(cases), len(units), unknown)
}

// logLine is a length to which systemd prints messages in full.
const logLine = 1900

// compare compares the verdicts on the cases of a unit with what systemd said.
func (u packed) compare(t *testing.T, s said, version int) (compared, unknown int) {
	f := Parse(source.New(u.name, []byte(u.text)))
	assignments := f.Sections[len(f.Sections)-1].Assignments
	refused := false
	for i, c := range u.cases {
		a := &assignments[i]
		line := a.ValueAt.Finish().Line
		var messages []string
		for _, m := range s.lines[fmt.Sprintf("%s:%d", u.name, line)] {
			messages = append(messages, m[:min(len(m), logLine)])
		}
		if len(messages) == 1 && strings.HasPrefix(messages[0], "Unknown key ") {
			continue
		}
		v := Scope{Unit: u.name}.CheckAssignment(a)
		refused = refused || v.Outcome == Refused
		if v.Outcome == Unknown {
			unknown++
			continue
		}
		compared++
		var want []string
		for _, n := range v.Notes {
			if !n.Silent {
				want = append(want, n.Text[:min(len(n.Text), logLine)])
			}
		}
		if version == 257 && !slices.Equal(messages, want) || (len(messages) > 0) != (len(want) > 0) {
			t.Errorf("[%s] %s=%.60s\n\tsystemd %d %.400q\n\there         %.400q", c.section, c.key, c.value, version, messages, want)
		}
	}
	end := strings.Count(u.text, "\n")
	if unknown > 0 {
		return compared, unknown
	}
	if read := len(s.lines[fmt.Sprintf("%s:%d", u.name, end)]) > 0; read == refused {
		t.Errorf("%s with %d cases, the first [%s] %s=%.60s: read to its end by systemd %t, here %t",
			u.name, len(u.cases), u.cases[0].section, u.cases[0].key, u.cases[0].value, read, !refused)
	}
	return compared, unknown
}
