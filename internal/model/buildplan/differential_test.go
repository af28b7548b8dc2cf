package buildplan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// fakeGo stands for the go command: it writes the number of the call to what
// -o names, or to the file or folder that go would take.
const fakeGo = `#!/bin/sh
n=$(cat "$COUNT"); echo $((n + 1)) > "$COUNT"
out=; pkg=.
while [ $# -gt 0 ]; do
	case $1 in -o) out=$2; shift;; ./*) pkg=$1;; esac
	shift
done
name=$(basename "$pkg"); [ "$pkg" = . ] && name=app
case $out in
'') out=$name;;
*/) mkdir -p "$out"; out=$out$name;;
*) [ -d "$out" ] && out=$out/$name;;
esac
[ -d "$out" ] && exit 1
mkdir -p "$(dirname "$out")"
rm -f "$out"; echo "program $n" > "$out"
`

// paths of the scripts, all relative to the folder in which they run.
func (g generator) place() string {
	return g.pick("a", "b", "d", "d/a", "d/e", "d/e/x", "out/p", "out", "../q", "./b")
}

func (g generator) step() string {
	switch g.IntN(12) {
	case 0, 1, 2:
		return "go build -o " + g.place() + g.pick("", "/") + " " + g.pick(".", "./cmd/a")
	case 3, 4:
		return "cp " + g.pick("", "-r ", "-a ", "-f ") + g.place() + g.pick("", "/.") + " " + g.place() + g.pick("", "/")
	case 5:
		return "mv " + g.place() + " " + g.place() + g.pick("", "/")
	case 6:
		return "mkdir -p " + g.place()
	case 7:
		return "rm -rf " + g.place()
	case 8:
		return "install " + g.pick("", "-m 755 ", "-D ", "-t d ") + g.place() + " " + g.place()
	case 9:
		return "cp -r " + g.pick("d", "out") + "/* " + g.place()
	case 10:
		return g.pick("cd d", "cd ..", "cd out && cd ..")
	}
	return g.pick("touch ", "echo x > ") + g.place()
}

// TestAgainstShell holds the files that the model finds against those that a
// shell leaves behind, in scripts of commands that succeed.
func TestAgainstShell(t *testing.T) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(fakeGo), 0o755); err != nil {
		t.Fatal(err)
	}
	compared, programs := 0, 0
	for seed := range uint64(250) {
		g := generator{rand.New(rand.NewPCG(seed, 3))}
		steps := []string{"mkdir -p d/e out", "go build -o a .", "go build -o d/e/x ./cmd/a", "go build -o out/ ./cmd/a"}
		for range 3 + g.IntN(9) {
			steps = append(steps, g.step())
		}
		steps, real := runSteps(t, bin, steps)
		if steps == nil {
			continue
		}
		compared++
		script := strings.Join(steps, "\n") + "\n"
		file := "FROM golang:1.26\nCOPY . /r/" + deep + "\nWORKDIR /r/" + deep + "\nRUN <<EOF\n" + script + "EOF\n"
		r := open(t, append(sources[:len(sources):len(sources)], txtar.File{Name: "Dockerfile", Data: []byte(file)}))
		programs += compareFiles(t, Plans.Of(r)[0].Target, real)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, script)
		}
	}
	t.Logf("%d scripts, %d programs", compared, programs)
	if compared < 30 || programs < 100 {
		t.Errorf("only %d scripts with %d programs were compared", compared, programs)
	}
}

// deep is the folder of the module: below as many folders as a script has steps
// that may lead out of it.
const deep = "1/2/3/4/5/6/7/8/9/src"

// runSteps runs commands where the module is. It returns those that succeed and
// the files, with what they hold, that they leave behind; nothing where a
// command failed halfway.
func runSteps(t *testing.T, bin string, steps []string) (done []string, files map[string]string) {
	t.Helper()
	root, counter := t.TempDir(), filepath.Join(t.TempDir(), "count")
	for _, f := range sources {
		name := filepath.Join(root, deep, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(counter, []byte("0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for i, step := range steps {
		fmt.Fprintf(&script, "%s && echo ok %d\n", step, i)
	}
	cmd := exec.Command("sh", "-c", script.String())
	cmd.Dir = filepath.Join(root, deep)
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "COUNT=" + counter}
	out, _ := cmd.Output()
	for i, step := range steps {
		switch ok := strings.Contains("\n"+string(out), fmt.Sprintf("\nok %d\n", i)); {
		case ok:
			done = append(done, step)
		case strings.HasPrefix(step, "cp -") || strings.HasPrefix(step, "install -") || strings.HasPrefix(step, "go "):
			return nil, nil
		}
	}
	files = map[string]string{}
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		files["/r"+strings.TrimPrefix(p, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return done, files
}

// compareFiles compares where programs are, and returns how many there are.
func compareFiles(t *testing.T, st *Stage, real map[string]string) int {
	t.Helper()
	order := map[*Binary]string{}
	n := 0
	for _, c := range st.Commands {
		if c.Go != nil {
			for _, b := range c.Go.Binaries {
				order[b] = fmt.Sprintf("program %d\n", n)
			}
			n++
		}
	}
	found := map[string]bool{}
	for _, b := range st.Binaries {
		found[b.Path] = true
		if real[b.Path] != order[b.Binary] {
			t.Errorf("%s is %q in the model and %q in truth", b.Path, order[b.Binary], real[b.Path])
		}
	}
	programs := 0
	for at, data := range real {
		o := st.Tree.Lookup(at)
		switch isProgram := strings.HasPrefix(data, "program "); {
		case o.Kind == Absent:
			t.Errorf("%s is not there in the model", at)
		case isProgram && !found[at] && o.Kind != Unknown:
			t.Errorf("%s is %v in the model and %q in truth", at, o, data)
		case isProgram:
			programs++
		case o.Kind == FromContext && !slices.ContainsFunc(sources, func(f txtar.File) bool { return string(f.Data) == data }):
			t.Errorf("%s is %v in the model and %q in truth", at, o, data)
		}
	}
	return programs
}
