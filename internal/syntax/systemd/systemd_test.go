package systemd

import (
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func TestSpans(t *testing.T) {
	f := parseUnit("[Service]\nEnvironment = \"A=x\\x20y\" \\\n  # note\n  B=%n\\\n C='1\\\n 2'\nExecStart=-/usr/bin/app --a \"b c\"\n")
	a := &f.Sections[0].Assignments[0]
	if a.KeyAt.Text() != "Environment" || !strings.HasPrefix(a.At.Text(), "Environment") || !strings.HasSuffix(a.At.Text(), "2'") {
		t.Errorf("assignment %q", a.At.Text())
	}
	s := Scope{Unit: "app.service"}
	vars, _ := s.Environment(a.Value, a.ValueAt)
	for i, want := range []struct{ name, value, at, valueAt string }{
		{"A", "x y", `"A=x\x20y"`, `x\x20y`},
		{"B", "app.service", "B=%n", "%n"},
		{"C", "1  2", "C='1\\\n 2'", "1\\\n 2"},
	} {
		v := vars[i]
		if v.Name != want.name || v.NameAt.Text() != want.name || v.Value.Text != want.value || v.At.Text() != want.at || v.Value.Whole().Text() != want.valueAt {
			t.Errorf("%s=%q at %q, value at %q", v.Name, v.Value.Text, v.At.Text(), v.Value.Whole().Text())
		}
	}
	e := &f.Sections[0].Assignments[1]
	cmds, _ := s.Exec(e.Key, e.Value, e.ValueAt)
	c := cmds[0]
	if c.PrefixesAt.Text() != "-" || c.Path.At.Text() != "/usr/bin/app" || c.Args[1].At.Text() != `"b c"` || c.Args[1].Span(2, 3).Text() != "c" {
		t.Errorf("command %q: path %q, last word %q", c.At.Text(), c.Path.At.Text(), c.Args[1].At.Text())
	}
	empty := parseUnit("[Service]\nExecStart=  \n").Sections[0].Assignments[0]
	if !empty.ValueAt.Valid() || empty.ValueAt.Len() != 0 {
		t.Errorf("an empty value is at %v", empty.ValueAt)
	}
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for _, text := range []string{"[Service]\nA=" + long, "[Service]\nA=" + long[:maxLine/2] + "\\\n" + long[:maxLine/2+10] + "\n"} {
		if f := parseUnit(text + "\nB=1\n"); f.Refused == nil || !strings.HasSuffix(f.Refused.Text, "too long") {
			t.Errorf("a line of %d bytes: %v", len(text), f.Refused)
		}
	}
	if f := parseUnit("[Service]\nA=" + long[:maxLine-3]); f.Refused != nil {
		t.Errorf("a line of %d bytes: %v", maxLine-1, f.Refused)
	}
}

func TestDirectives(t *testing.T) {
	if n := len(directiveTable()); n != 1341 {
		t.Errorf("%d directives", n)
	}
	for _, c := range []struct{ section, key, want string }{
		{"Service", "CpuQuota", "CPUQuota"},
		{"Service", "MemoryMaxx", "MemoryMax"},
		{"Service", "Enviroment", "Environment"},
		{"Service", "ExecStrat", "ExecStart"},
		{"Service", "RestartSeconds", ""},
		{"Service", "WorkDirectory", ""},
		{"Service", "DropCapabilities", "CapabilityBoundingSet"},
		{"Service", "ImportEnvironment", "PassEnvironment"},
		{"Unit", "ImportEnvironment", ""},
		{"Service", "GOMAXPROCS", ""},
		{"Service", "Foo", ""},
		{"Unit", "Descripton", "Description"},
	} {
		if got := Suggest(c.section, c.key); got != c.want {
			t.Errorf("Suggest(%s, %s) = %q, want %q", c.section, c.key, got, c.want)
		}
	}
	if got := SectionsWith("service", "StartLimitIntervalSec"); !slices.Equal(got, []string{"Unit"}) {
		t.Errorf("StartLimitIntervalSec= is known in %v", got)
	}
	if got := SectionsWith("service", "CPUQuota"); !slices.Equal(got, []string{"Service"}) {
		t.Errorf("CPUQuota= is known in %v", got)
	}
}

func TestComment(t *testing.T) {
	for value, want := range map[string]string{
		"a;":                 "",
		"a # b":              "# b",
		"a#b":                "",
		"\"a # b\"":          "",
		"a \\# b":            "",
		"/bin/a ; /bin/b":    "",
		"/bin/a ;; note":     ";; note",
		"/bin/a ; /bin/b #c": "#c",
		"# all":              "",
	} {
		a := parseUnit("[Service]\nExecStart=" + value + "\n").Sections[0].Assignments[0]
		if got, ok := a.Comment(); got.Text() != want || ok != (want != "") {
			t.Errorf("Comment of %q = %q, want %q", value, got.Text(), want)
		}
	}
	// A lone ";" separates commands; elsewhere it looks like a comment.
	a := parseUnit("[Service]\nCPUQuota=50%   ; half\n").Sections[0].Assignments[0]
	if got, _ := a.Comment(); got.Text() != "; half" {
		t.Errorf("comment %q", got.Text())
	}
}

func TestNewerThanTheTable(t *testing.T) {
	f := parseUnit("[Service]\nExecStart=|echo $HOME && true\nPrivateUsers=full\nProtectHostname=private:x\nExecReloadPost=/bin/a\n" +
		"StateDirectoryQuota=5%\nBPFDelegateMaps=all\n")
	for i := range f.Sections[0].Assignments {
		a := &f.Sections[0].Assignments[i]
		if v := (Scope{}).CheckAssignment(a); v.Outcome != Unknown || len(v.Notes) > 0 {
			t.Errorf("%s=%s: outcome %d, %q", a.Key, a.Value.Text, v.Outcome, v.Text())
		}
	}
	if v := (Scope{}).CheckAssignment(&parseUnit("[Service]\nExecStart=|/bin/a \"b\n").Sections[0].Assignments[0]); v.Outcome != Refused {
		t.Errorf("an open quote behind |: outcome %d", v.Outcome)
	}
}

func TestSpecifiers(t *testing.T) {
	for _, c := range []struct {
		scope       Scope
		text, want  string
		known, good bool
	}{
		{Scope{Unit: "a-b@c-d.service"}, "%n %N %p %P %i %I %j %J %f %%", "a-b@c-d.service a-b@c-d a-b a/b c-d c/d b b /c/d %", true, true},
		{Scope{Unit: "a@.service"}, "%p-%i", "a-%i", false, true},
		{Scope{Unit: "a.service"}, "%i|%f|%h|%t", "|/a|/root|/run", true, true},
		{Scope{Unit: "a.service", User: true}, "%h%t", "%h%t", false, true},
		{Scope{}, "%n", "%n", false, true},
		{Scope{}, "100% %- %", "100% %- %", true, true},
		{Scope{}, "%z", "%z", false, false},
		{Scope{}, "%H", "%H", false, true},
	} {
		f := source.New("x", []byte(c.text))
		v := &source.Joined{}
		v.Append(f.Whole())
		out, known, err := c.scope.expand(v, inText())
		ok := err == nil
		if out.Text != c.want || known != c.known || ok != c.good {
			t.Errorf("%v expands %q to %q, known %t, ok %t", c.scope, c.text, out.Text, known, ok)
		}
	}
}

var fuzzSeeds = []string{
	"[Service]\nExecStart=/bin/a \"b\\x20c\" ; -/bin/d $E\\\n# f\n ${G}\nEnvironment=A=1 \"B=%n\\\n'\n",
	"\ufeff[Unit]\r\nAfter=a.service b@%i.service\r[X-a]\nx\n=1\n[Service]\nCPUQuota=12.5%\nMemoryMax=1G 5M\nAllowedCPUs=0-3,9\n",
	"[Service]\nLimitNOFILE=1:2\nTimeoutSec=1min 2\nStateDirectory=a:b:ro\nDocumentation=man:x\nUser=%i\nDelegate=cpu\n",
}

// FuzzParse checks the laws of a parser: spans lie in the file and in each
// other, siblings do not overlap, and joined text traces back.
func FuzzParse(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse(source.New("app.service", data))
		whole, end := file.Source.Whole(), 0
		for _, s := range file.Sections {
			if s.At.Start < end || !whole.Contains(s.At) || !s.At.Contains(s.NameAt) {
				t.Fatalf("%q: section %s at %v behind %d", data, s.Name, s.At, end)
			}
			end = s.At.End
			for _, a := range s.Assignments {
				if a.At.Start < end || !whole.Contains(a.At) || !a.At.Contains(a.KeyAt) || !a.At.Contains(a.ValueAt) || a.KeyAt.End > a.ValueAt.Start {
					t.Fatalf("%q: %s= at %v behind %d, value at %v", data, a.Key, a.At, end, a.ValueAt)
				}
				end = a.At.End
				traces(t, a.Value, a.ValueAt)
			}
		}
		for _, p := range file.Problems {
			if !whole.Contains(p.At) || p.Text == "" {
				t.Fatalf("%q: problem %v", data, p)
			}
		}
		u := load(file, nil)
		for _, s := range u.Settings() {
			for _, n := range s.Verdict.Notes {
				if !s.At.Contains(n.At) {
					t.Fatalf("%q: note %q at %v outside of %v", data, n.Text, n.At, s.At)
				}
			}
		}
	})
}

// traces checks that the bytes of a value come from its span, in order.
func traces(t *testing.T, v *source.Joined, at source.Span) {
	t.Helper()
	last := at.Start
	for i := range v.Text {
		s := v.Span(i, i+1)
		if s.Start < last || !at.Contains(s) {
			t.Fatalf("byte %d of %q is at %v in %v", i, v.Text, s, at)
		}
		last = s.Start
	}
}

// FuzzValue checks that every kind of value can be judged, that notes lie in
// the value, and that words trace back.
func FuzzValue(f *testing.F) {
	table := directiveTable()
	for i, d := range table {
		for _, v := range oracleValues(d) {
			if i%40 == 0 && len(v) < 200 {
				f.Add(uint16(i), v)
			}
		}
	}
	f.Fuzz(func(t *testing.T, key uint16, text string) {
		d := table[int(key)%len(table)]
		file := source.New("x", []byte(text))
		v := &source.Joined{}
		v.Append(file.Whole())
		s := Scope{Unit: "a-b@c.service"}
		for _, n := range s.Check(d.Section, d.Key, v, file.Whole()).Notes {
			if !file.Whole().Contains(n.At) || n.Text == "" {
				t.Fatalf("%s=%q: note %v", d.Key, text, n)
			}
		}
		if strings.Contains(text, "\x00") {
			return // ends a line
		}
		end := 0
		ws, _ := words(v, blanks, unquote|unescape)
		for _, w := range ws {
			if w.At.Start < end {
				t.Fatalf("%q: words overlap at %v", text, w.At)
			}
			end = w.At.End
			traces(t, w.Joined, w.At)
		}
		cmds, _ := s.Exec("ExecStart", v, file.Whole())
		for _, c := range cmds {
			for _, w := range c.Args {
				for _, r := range References(w) {
					if !w.At.Contains(r.At) {
						t.Fatalf("%q: reference %v outside of %v", text, r.At, w.At)
					}
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := []byte(strings.Repeat(fuzzSeeds[0]+"# comment\nMemoryMax=1G\nRestart=always\nRestartSec=5\n", 20))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(source.New("app.service", text))
	}
}

func BenchmarkLoad(b *testing.B) {
	text := []byte(strings.Repeat("[Service]\nExecStart=/bin/a \"b\\x20c\" $E\nEnvironment=A=1 B=2\nMemoryMax=1G\nRestart=always\nRestartSec=5\nUser=app\n", 20))
	f := Parse(source.New("app.service", text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		load(f, nil)
	}
}

// BenchmarkHostile parses and judges lines that would cost the square of their
// length if done carelessly.
func BenchmarkHostile(b *testing.B) {
	const n = 300_000
	for name, text := range map[string]string{
		"continuations": "[Service]\nEnvironment=" + strings.Repeat("a\\\n", n) + "\n",
		"words":         "[Service]\nEnvironment=" + strings.Repeat("a ", n) + "\n",
		"specifiers":    "[Service]\nEnvironment=A=" + strings.Repeat("%%", n) + "\n",
		"assignments":   "[Service]\n" + strings.Repeat("A=\n", n),
		"resets":        "[Service]\n" + strings.Repeat("Type=exec\nExecStart=\n", n/10),
		"cpus":          "[Service]\nAllowedCPUs=" + strings.Repeat("0-8191 ", n/3) + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				load(parseUnit(text), nil)
			}
		})
	}
}
