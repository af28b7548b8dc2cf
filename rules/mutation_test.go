package rules

import (
	"bytes"
	"io/fs"
	"math/rand"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/fixture"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// mutations returns how many changed fixtures are run.
func mutations() int {
	if testing.Short() {
		return 100
	}
	return 1000
}

// TestMutations holds the laws over the fixtures of all rules as they are, with
// the same bytes twice, and over many that an accident befell: lines lost or doubled, files cut short or
// swapped, other line ends and encodings.
func TestMutations(t *testing.T) {
	cases := fixtures(t)
	for _, c := range cases {
		broken, out := lawless(c.fsys())
		if len(broken) > 0 {
			t.Errorf("%s: %s", c.name, strings.Join(broken, "\n"))
		}
		if _, again := lawless(c.fsys()); !bytes.Equal(out, again) {
			t.Errorf("%s: two runs differ", c.name)
		}
	}
	rnd := rand.New(rand.NewSource(4242))
	changed := make([]mutant, mutations())
	for i := range changed {
		changed[i] = mutate(rnd, cases[i%len(cases)])
	}
	all := make([][]string, len(changed))
	repo.Parallel(len(changed), func(i int) { all[i], _ = lawless(changed[i].fsys()) })
	for i, broken := range all {
		if len(broken) > 0 {
			t.Errorf("%s, %s: %.2000s\n%.4000s", changed[i].name, changed[i].how, strings.Join(broken, "\n"), changed[i].text())
		}
	}
}

// mutant is a fixture, changed or not.
type mutant struct {
	name, how string
	files     []fixture.File
}

func fixtures(t *testing.T) []mutant {
	t.Helper()
	var cases []mutant
	err := fs.WalkDir(os.DirFS("../fixtures"), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(p) != ".txtar" || path.Dir(p) == "cli" {
			return err
		}
		c, err := fixture.Load(os.DirFS("../fixtures"), p)
		if err != nil {
			return err
		}
		cases = append(cases, mutant{name: p, files: c.Files()})
		return nil
	})
	if err != nil || len(cases) < 10 {
		t.Fatal(len(cases), err)
	}
	return cases
}

// fsys holds the files; links are left out.
func (m mutant) fsys() fs.FS {
	fsys := fstest.MapFS{}
	for _, f := range m.files {
		if f.Link == "" {
			fsys[f.Path] = &fstest.MapFile{Data: f.Data, Mode: 0o755}
		}
	}
	return fsys
}

// text shows a mutant whose files are text.
func (m mutant) text() []byte {
	var archive txtar.Archive
	for _, f := range m.files {
		archive.Files = append(archive.Files, txtar.File{Name: f.Path, Data: f.Data})
	}
	return txtar.Format(&archive)
}

// mutate lets up to three accidents happen.
func mutate(rnd *rand.Rand, m mutant) mutant {
	m.files = slices.Clone(m.files)
	if len(m.files) == 0 {
		return m
	}
	for range 1 + rnd.Intn(3) {
		i := rnd.Intn(len(m.files))
		f := &m.files[i]
		change := accidents[rnd.Intn(len(accidents))]
		m.how += change.name + " " + f.Path + "; "
		if change.name == "swap" {
			j := rnd.Intn(len(m.files))
			m.files[i].Data, m.files[j].Data = m.files[j].Data, m.files[i].Data
			continue
		}
		f.Data = change.do(rnd, slices.Clone(f.Data))
	}
	return m
}

// accidents change the bytes of a file; "swap" takes two.
var accidents = []struct {
	name string
	do   func(rnd *rand.Rand, data []byte) []byte
}{
	{"lose a line of", func(rnd *rand.Rand, data []byte) []byte {
		lines := bytes.SplitAfter(data, []byte("\n"))
		i := rnd.Intn(len(lines))
		return slices.Concat(slices.Concat(lines[:i]...), slices.Concat(lines[i+1:]...))
	}},
	{"double a line of", func(rnd *rand.Rand, data []byte) []byte {
		lines := bytes.SplitAfter(data, []byte("\n"))
		i := rnd.Intn(len(lines))
		return slices.Concat(slices.Concat(lines[:i+1]...), slices.Concat(lines[i:]...))
	}},
	{"swap lines of", func(rnd *rand.Rand, data []byte) []byte {
		lines := bytes.SplitAfter(data, []byte("\n"))
		i, j := rnd.Intn(len(lines)), rnd.Intn(len(lines))
		lines[i], lines[j] = lines[j], lines[i]
		return slices.Concat(lines...)
	}},
	{"cut", func(rnd *rand.Rand, data []byte) []byte { return data[:rnd.Intn(len(data)+1)] }},
	{"empty", func(*rand.Rand, []byte) []byte { return nil }},
	{"CRLF in", func(_ *rand.Rand, data []byte) []byte { return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")) }},
	{"BOM before", func(_ *rand.Rand, data []byte) []byte { return append([]byte("\ufeff"), data...) }},
	{"no newline after", func(_ *rand.Rand, data []byte) []byte { return bytes.TrimRight(data, "\n") }},
	{"a byte of", func(rnd *rand.Rand, data []byte) []byte {
		if len(data) > 0 {
			data[rnd.Intn(len(data))] = byte(rnd.Intn(256))
		}
		return data
	}},
	{"lose a byte of", func(rnd *rand.Rand, data []byte) []byte {
		if len(data) == 0 {
			return data
		}
		i := rnd.Intn(len(data))
		return slices.Delete(data, i, i+1)
	}},
	{"put a sign into", func(rnd *rand.Rand, data []byte) []byte {
		signs := []string{"\\\n", "\"", "'", "$", "${", "#", "{{", "}}", "*", "&a ", "*a", ":", "\t", "\x00", "\xff", "€", "\U0001F6F6", "=", "\\", "`", "%", "[", "<<EOF\n", "$(", ")"}
		i := rnd.Intn(len(data) + 1)
		return slices.Insert(data, i, []byte(signs[rnd.Intn(len(signs))])...)
	}},
	{"swap", nil},
}
