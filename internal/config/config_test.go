package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

const example = `exclude = [
  "examples/**", # generated
  'docs/*.yaml',
]
disable = ["image/root-user"]
knowledge = "ci/tables"

[severity]
"service/nofile-lowered" = "error"
'image/x' = "note"

[images]
"registry.corp.example/base/run" = { libc = "musl", shell = true }

[images."registry.corp.example/go"]
go = "1.25"

[[ignore]]
rule = "module/replace-outside-repo"
path = "tools/go.mod"
reason = " checked out side by side in CI "
until = 2027-03-01

[[ignore]]
rule = "image/y"
path = "**/Dockerfile"
`

func TestRead(t *testing.T) {
	for name, text := range map[string]string{
		"LF": example, "CRLF": strings.ReplaceAll(example, "\n", "\r\n"), "BOM": "\ufeff" + example,
	} {
		c, err := Read(source.New(Name, []byte(text)))
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		add := func(key string, v Text) {
			got = append(got, fmt.Sprintf("%s %s %d %s", key, v.Value, v.At.Begin().Line, v.At.Text()))
		}
		for _, v := range c.Exclude {
			add("exclude", v)
		}
		for _, v := range c.Disable {
			add("disable", v)
		}
		add("knowledge", c.Knowledge)
		for _, v := range c.Severity {
			add(v.Severity.String(), v.Rule)
		}
		for _, v := range c.Images {
			add(fmt.Sprint(v.Keys), v.Name)
		}
		for _, v := range c.Ignore {
			add("ignore", v.Rule)
			add(v.Reason+" "+v.Until.Format(time.DateOnly), v.Path)
			add("at", Text{"", v.At})
		}
		want := `exclude examples/** 2 "examples/**"
exclude docs/*.yaml 3 'docs/*.yaml'
disable image/root-user 5 "image/root-user"
knowledge ci/tables 6 "ci/tables"
error service/nofile-lowered 9 "service/nofile-lowered"
note image/x 10 'image/x'
map[libc:musl shell:true] registry.corp.example/base/run 13 "registry.corp.example/base/run"
map[go:1.25] registry.corp.example/go 15 images."registry.corp.example/go"
ignore module/replace-outside-repo 19 "module/replace-outside-repo"
checked out side by side in CI 2027-03-01 tools/go.mod 20 "tools/go.mod"
at  18 ignore
ignore image/y 25 "image/y"
 0001-01-01 **/Dockerfile 26 "**/Dockerfile"
at  24 ignore`
		if text := strings.Join(got, "\n"); text != want {
			t.Errorf("%s: read\n%s", name, text)
		}
	}
}

func TestAnswers(t *testing.T) {
	c, err := Read(source.New(Name, []byte(example)))
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]bool{"examples/a/b": true, "examples": true, "docs/a.yaml": true, "docs/a/b.yaml": false, "x/examples/a": false} {
		if got := c.Excluded(p); got != want {
			t.Errorf("Excluded(%q) = %v", p, got)
		}
	}
	if !c.Disabled("image/root-user") || c.Disabled("image/x") {
		t.Error("Disabled is wrong")
	}
	if c.SeverityOf("image/x") != rule.Note || c.SeverityOf("image/y") != rule.Default {
		t.Error("SeverityOf is wrong")
	}
	if !c.Ignore[1].Covers("Dockerfile") || !c.Ignore[1].Covers("a/b/Dockerfile") || c.Ignore[1].Covers("a/Dockerfile/b") {
		t.Error("Covers is wrong")
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"exlude = ['a']":                                     `line 1: unknown key "exlude" (did you mean exclude?)`,
		"\n[sevrity]\nx = 'error'":                           `line 2: unknown key "sevrity" (did you mean severity?)`,
		"[[ignore]]\nrule = 'a'\nrul = 'b'":                  `line 3: unknown key "ignore.rul" (did you mean rule?)`,
		"zebra = 1\n[other]\n":                               `line 1: unknown key "zebra"`,
		"exclude = 'a'":                                      `line 1 (last key "exclude"): incompatible types: TOML value has type string; destination has type slice`,
		"disable = ['a', 3]":                                 `line 1 (last key "disable"): incompatible types: TOML value has type int64; destination has type string`,
		"exclude = ['a'":                                     `line 1 (last key "exclude"): expected a comma (',') or array terminator (']'), but got end of file`,
		"exclude = ['a',\n'a[']":                             `line 2: "a[" is not a pattern of paths`,
		"exclude = ['/a']":                                   `line 1: "/a" matches nothing: paths are relative to the root, without a leading ./`,
		"exclude = ['../a']":                                 `line 1: "../a" matches nothing: paths are relative to the root, without a leading ./`,
		"[severity]\na='error'\nb='fatal'":                   `line 3: "fatal" is not a severity: error, warning or note`,
		"knowledge = '../x'":                                 `line 1: knowledge names no folder below the root: "../x"`,
		"knowledge = '/x'":                                   `line 1: knowledge names no folder below the root: "/x"`,
		"[[ignore]]\npath = 'a'":                             `line 1: an ignore without a rule`,
		"[[ignore]]\nrule = 'a'":                             `line 1: an ignore without a path`,
		"[[ignore]]\nrule='a'\npath='b'\nuntil='2027-01-01'": `line 4: until is not a date such as 2027-03-01, without quotes`,
		"[[ignore]]\nrule='a'\npath='b'\nuntil=2027-01-01T00:00:00Z": `line 4: until is not a date such as 2027-03-01, without quotes`,
		"[images]\n'a/b' = 'musl'":                                   `line 2: images."a/b" is not a table`,
		"a = " + strings.Repeat("[", 20):                             `line 1: keys or values are nested too deeply`,
		strings.Repeat("a.", 20) + "a = 1":                           `line 1: keys or values are nested too deeply`,
		"# " + strings.Repeat("x", maxSize):                          `larger than 256 KiB`,
	} {
		_, err := Read(source.New(Name, []byte(text)))
		if err == nil || err.Error() != Name+": "+want {
			t.Errorf("%.60q:\n got %v\nwant %s: %s", text, err, Name, want)
		}
	}
	broken := errors.New("disk on fire")
	if _, err := Read(source.Lazy(Name, func() ([]byte, error) { return nil, broken })); !errors.Is(err, broken) {
		t.Errorf("unreadable: %v", err)
	}
}

// TestHostileSizes keeps a configuration of the largest size from taking long:
// what is quadratic shows as a test that does not end.
func TestHostileSizes(t *testing.T) {
	for name, text := range map[string]string{
		"dots":       "[" + strings.Repeat("a.", maxSize/2-8) + "a]",
		"brackets":   "x = " + strings.Repeat("[", maxSize-8),
		"braces":     "x = " + strings.Repeat("{a=", maxSize/3-8),
		"tables":     strings.Repeat("[[a]]\n", maxSize/6),
		"ignores":    strings.Repeat("[[ignore]]\nrule='a'\npath='b'\n", maxSize/30),
		"keys":       keyList(maxSize / 12),
		"severities": "[severity]\n" + keyList(maxSize/12),
		"elements":   "exclude = [" + strings.Repeat("'a',", maxSize/4-8) + "]",
	} {
		if _, err := Read(source.New(Name, []byte(text))); err == nil && name != "ignores" && name != "elements" {
			t.Errorf("%s: no error", name)
		}
	}
}

func keyList(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d = 1\n", i)
	}
	return b.String()
}

// FuzzPlaces checks that places lie inside the file, and that every key which
// the library reads from a valid file without escapes has one.
func FuzzPlaces(f *testing.F) {
	f.Add(example)
	f.Add("a.b.'c d' = [[1, 2], {x = \"\"\"a\n\"\"\"}]\n[[a.c]]\n[x]\n")
	f.Add("\ufeff[a]\r\nb=1979-05-27 07:32:00\r\n")
	f.Add("a=[0,#")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		file := source.New(Name, []byte(text))
		found, err := places(file)
		if err != nil {
			return
		}
		at := map[string]bool{}
		for _, p := range found {
			if !file.Whole().Contains(p.key) || p.value.Valid() && !file.Whole().Contains(p.value) {
				t.Errorf("%s stands outside: %v %v", p.path, p.key, p.value)
			}
			at[elementNumber.ReplaceAllString(p.path, "")] = true
		}
		var doc map[string]any
		meta, err := toml.Decode(text, &doc)
		if err != nil || strings.ContainsAny(text, `\[{`) {
			return
		}
		for _, k := range meta.Keys() {
			if !at[k.String()] && meta.Type(k...) != "Hash" {
				t.Errorf("%q has no place; known are %v", k.String(), at)
			}
		}
	})
}
