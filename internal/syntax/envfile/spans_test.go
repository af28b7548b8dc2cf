package envfile

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func TestSpans(t *testing.T) {
	for _, c := range []struct {
		dialect          Dialect
		text, name, at   string
		written          string // the span of the value
		part, partSource string // a part of the value, and where it comes from
	}{
		{Systemd, "A = \"x\\\"y\" z \nB=1", "A", `A = "x\"y" z`, `"x\"y" z`, `x"y`, `x\"y`},
		{Systemd, "# c\nE=multi\\\nline\n", "E", "E=multi\\\nline", "multi\\\nline", "til", "ti\\\nl"},
		{Systemd, "A=  \n", "A", "A=  ", "", "", ""},
		{Compose, "export A=\"a\\tb\" # c", "A", `export A="a\tb"`, `"a\tb"`, "\t", `\t`},
		{Compose, "A='it\\'s'\n", "A", `A='it\'s'`, `'it\'s'`, "'", `\'`},
		{Compose, "A=1 # c\n", "A", "A=1", "1", "1", "1"},
		{Docker, "  A=\"x\" # c\n", "A", `A="x" # c`, `"x" # c`, "x", "x"},
	} {
		f := Parse(source.New("env", []byte(c.text)), c.dialect)
		v := f.Last(c.name)
		if v == nil {
			t.Errorf("%s %q: no variable %s", c.dialect, c.text, c.name)
			continue
		}
		i := strings.Index(v.Value.Text, c.part)
		if v.At.Text() != c.at || v.ValueAt.Text() != c.written || i < 0 || v.Value.Span(i, i+len(c.part)).Text() != c.partSource {
			t.Errorf("%s %q: assignment %q, value %q is written %q", c.dialect, c.text, v.At.Text(), v.Value.Text, v.ValueAt.Text())
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		dialect    Dialect
		text, want string
		at         string
		fatal      bool
	}{
		{Systemd, "export FOO=bar\n", "Ignoring invalid environment assignment 'export FOO=bar'", "export FOO=bar", false},
		{Systemd, "nothing here \nA=1", "Missing '=', the line is skipped", "nothing here", false},
		{Systemd, "A=\"x\nB=1\n", "the quote is never closed: the rest of the file is the value", `"`, false},
		{Systemd, "A=\xff\n", "invalid UTF-8 value for key A", "\xff", true},
		{Compose, "A=1\nB C=1\n", "key cannot contain a space", "B C", true},
		{Compose, "A='x\n", "unterminated quoted value 'x", "'x", true},
		{Compose, "A=1\n; c\n", `unexpected character ";" in variable name "; c"`, ";", true},
		{Compose, "A=${\n", `Invalid template: "${"`, "${", true},
		{Docker, "export A=1\n", "variable 'export A' contains whitespaces", "export A", true},
		{Docker, "=1\n", "no variable name on line '=1'", "=1", true},
	} {
		f := Parse(source.New("env", []byte(c.text)), c.dialect)
		if len(f.Problems) != 1 {
			t.Errorf("%s %q: problems %v", c.dialect, c.text, f.Problems)
			continue
		}
		p := f.Problems[0]
		if p.Text != c.want || p.At.Text() != c.at || p.Fatal != c.fatal || (f.Refused != nil) != c.fatal {
			t.Errorf("%s %q: %q at %q, fatal %t", c.dialect, c.text, p.Text, p.At.Text(), p.Fatal)
		}
	}
}

// FuzzParse checks the laws of a parser: spans lie in the file and in each
// other, assignments do not overlap, and what a value is made of is in it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"A=1\n", "export A='x y' # c\n", "A=\"a\\\nb\"", "\ufeffA:\u00a0${B:-c}\r\n", "A=\\\r\n\"x"} {
		for d := Systemd; d <= Docker; d++ {
			f.Add([]byte(s), uint8(d))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, d uint8) {
		file := Parse(source.New("env", data), Dialect(d%3))
		whole := file.Source.Whole()
		end := 0
		for _, v := range file.Variables {
			if v.At.Start < end || !whole.Contains(v.At) || !v.At.Contains(v.NameAt) {
				t.Fatalf("%q: %s at %v behind %d, name at %v", data, v.Name, v.At, end, v.NameAt)
			}
			end = v.At.End
			if v.NameAt.Text() != v.Name {
				t.Fatalf("%q: name %q is %q", data, v.Name, v.NameAt.Text())
			}
			if v.Value == nil || v.Value.Text == "" {
				continue
			}
			if !v.At.Contains(v.ValueAt) || !v.ValueAt.Contains(v.Value.Whole()) {
				t.Fatalf("%q: value of %s at %v in %v", data, v.Name, v.Value.Whole(), v.ValueAt)
			}
			last := v.ValueAt.Start
			for i := range v.Value.Text {
				s := v.Value.Span(i, i+1)
				if s.Start < last {
					t.Fatalf("%q: byte %d of %s goes back", data, i, v.Name)
				}
				last = s.Start
			}
		}
		for _, p := range file.Problems {
			if !whole.Contains(p.At) || p.Text == "" {
				t.Fatalf("%q: problem %v", data, p)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := []byte(strings.Repeat("# settings\nNAME_1=value\nNAME_2=\"a quoted \\\"value\\\"\"\nNAME_3=one\\\n  two\n\n", 50))
	for d := Systemd; d <= Docker; d++ {
		b.Run(d.String(), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(source.New("env", text), d)
			}
		})
	}
}
