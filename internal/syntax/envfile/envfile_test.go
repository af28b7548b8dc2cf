package envfile

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// TestDialects replays what the readers themselves made of files.
func TestDialects(t *testing.T) {
	path := "testdata/dialects.tsv"
	if more := os.Getenv("ENVFILE_DIALECTS"); more != "" {
		path = more
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dialects := map[string]Dialect{"systemd": Systemd, "compose": Compose, "docker": Docker}
	count := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if line[0] == '#' {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		text, err := strconv.Unquote(f[1])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got := Parse(source.New("env", []byte(text)), dialects[f[0]])
		// Compose sets variables without a name; here they are problems.
		want := slices.DeleteFunc(f[2:], func(s string) bool { return strings.HasPrefix(s, `"=`) && len(got.Problems) > 0 })
		if have := outcome(got); !slices.Equal(want, have) && !expands(got) {
			t.Errorf("%s %q\n\tis here %q\n\tbut     %q", f[0], text, have, want)
		}
		count[f[0]]++
	}
	for d := range dialects {
		if count[d] < 200 {
			t.Errorf("only %d files for %s", count[d], d)
		}
	}
}

// expands reports whether the values depend on the environment.
func expands(f *File) bool {
	return slices.ContainsFunc(f.Variables, func(v Variable) bool { return v.Expands })
}

// outcome writes a file's variables as the table does.
func outcome(f *File) []string {
	if f.Refused != nil {
		return []string{"FAIL"}
	}
	last := map[string]string{}
	for _, v := range f.Variables {
		last[v.Name] = "from the environment"
		if v.Value != nil {
			last[v.Name] = v.Value.Text
		}
	}
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(last)) {
		out = append(out, strconv.Quote(name+"="+last[name]))
	}
	return out
}
