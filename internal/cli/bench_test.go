package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/rules"
)

// BenchmarkRun compares a whole run over a repository of 13,000 files with the
// least that it could do: list the same tree and read of each file the bytes
// that the run reads. The run is measured within this process, where what it knows is read
// once, and as a process of its own. Compare the lowest of several:
//
//	go test ./internal/cli -run '^$' -bench Run -count 10 -benchtime 15x
func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	writeTree(b, dir)
	needed := neededFiles(b, dir)
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			floor(b, dir, needed)
		}
		total := 0
		for _, n := range needed {
			total += n.bytes
		}
		b.ReportMetric(float64(len(needed)), "files-read")
		b.ReportMetric(float64(total), "bytes-read")
	})
	b.Run("process", func(b *testing.B) {
		for b.Loop() {
			out, err := exec.Command("seaworthy", dir).CombinedOutput()
			if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() > exitFindings) {
				b.Fatal(err, string(out))
			}
		}
	})
	b.Run("run", func(b *testing.B) {
		for b.Loop() {
			var stderr bytes.Buffer
			env := Env{Args: []string{dir}, Stdout: io.Discard, Stderr: &stderr, Getenv: func(string) string { return "" }}
			if code := Main(env); code > exitFindings {
				b.Fatal(code, stderr.String())
			}
		}
	})
}

// floor lists the tree and reads the files as far as they are needed, on all
// CPUs.
func floor(b *testing.B, dir string, needed []need) {
	names := 0
	err := filepath.WalkDir(dir, func(string, fs.DirEntry, error) error { names++; return nil })
	if err != nil || names < 13000 {
		b.Fatal(names, err)
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(needed); i += workers {
				if err := needed[i].read(dir); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// need is a file that a run reads, and how many bytes of it.
type need struct {
	name  string
	bytes int
}

func (n need) read(dir string) error {
	f, err := os.Open(filepath.Join(dir, n.name))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadFull(f, make([]byte, n.bytes))
	return err
}

// neededFiles returns what a run reads: of most Go files that is the head.
func neededFiles(b *testing.B, dir string) []need {
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	rec := &recorder{FS: repo.Disk(root), read: map[string]int{}}
	r, err := repo.Open(rec, repo.Options{})
	if err != nil {
		b.Fatal(err)
	}
	engine.Run(r, engine.Options{Rules: rules.All(), Now: time.Now()})
	var needed []need
	for name, n := range rec.read {
		needed = append(needed, need{name, n})
	}
	slices.SortFunc(needed, func(x, y need) int { return strings.Compare(x.name, y.name) })
	return needed
}

// recorder notes how far each file is read.
type recorder struct {
	fs.FS
	mu   sync.Mutex
	read map[string]int
}

func (r *recorder) Stat(name string) (fs.FileInfo, error)      { return fs.Stat(r.FS, name) }
func (r *recorder) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

func (r *recorder) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	return &recorded{File: f, r: r, name: name}, err
}

type recorded struct {
	fs.File
	r    *recorder
	name string
	n    int
}

func (f *recorded) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.n += n
	f.r.mu.Lock()
	defer f.r.mu.Unlock()
	f.r.read[f.name] = max(f.r.read[f.name], f.n)
	return n, err
}

// writeTree writes a repository of 13,000 files as large ones are: 10,000 Go
// files with the imports that such files have, 24 Dockerfiles, 200 YAML files,
// units, Makefiles and scripts, and files that are nobody's input.
func writeTree(b *testing.B, dir string) {
	w := &treeWriter{b: b, dir: dir, rand: rand.New(rand.NewSource(1))}
	w.write("go.mod", "module example.com/big\n\ngo 1.25.0\n\nrequire (\n\texample.com/dep v1.2.3\n\tgolang.org/x/net v0.47.0\n)\n")
	w.write("go.sum", w.sums())
	w.write(".gitignore", "# build output\n/bin/\n/dist/\n*.test\n*.out\n*.log\n.idea/\n.vscode/\n.DS_Store\ncoverage.*\n/tmp\n!keep.log\nnode_modules/\n")
	for i := range 10000 {
		w.goFile(i)
	}
	for i := range 24 {
		w.write(fmt.Sprintf("cmd/app%d/Dockerfile", i), fmt.Sprintf(dockerfileText, i, i))
		w.write(fmt.Sprintf("deploy/app%d.service", i), fmt.Sprintf(unitText, i))
		w.write(fmt.Sprintf("cmd/app%d/Makefile", i), "build:\n\tCGO_ENABLED=0 go build -o bin/app .\n")
		w.write(fmt.Sprintf("scripts/build%d.sh", i), "#!/bin/sh\nset -e\ngo build ./...\n")
	}
	for i := range 200 {
		switch {
		case i < 12:
			w.write(fmt.Sprintf(".github/workflows/w%d.yml", i), workflowText)
		case i < 150:
			w.write(fmt.Sprintf("deploy/k8s/d%d/deployment.yaml", i), strings.ReplaceAll(manifestText, "APP", fmt.Sprint("app", i)))
		default:
			w.write(fmt.Sprintf("config/c%d.yaml", i), "a: 1\nb:\n  - x\n  - y\n")
		}
	}
	for ext := 0; w.files < 13000; ext++ {
		kind := []string{"md", "json", "txt", "proto", "ts", "css", "svg", "golden"}[ext%8]
		w.write(fmt.Sprintf("web/d%d/f%d.%s", w.files/40, w.files, kind), strings.Repeat("Some text that nobody judges.\n", 40))
	}
}

type treeWriter struct {
	b     *testing.B
	dir   string
	rand  *rand.Rand
	files int
	made  map[string]bool
}

func (w *treeWriter) write(name, text string) {
	p := filepath.Join(w.dir, name)
	if dir := filepath.Dir(p); !w.made[dir] {
		if w.made == nil {
			w.made = map[string]bool{}
		}
		w.made[dir] = true
		if err := os.MkdirAll(dir, 0o755); err != nil {
			w.b.Fatal(err)
		}
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		w.b.Fatal(err)
	}
	w.files++
}

// goFile writes one of 20 files of a package. The first 24 packages are
// programs. The files of a package import 12 packages of the standard library
// and 8 others: of four large repositories a package imports 12 to 18.
func (w *treeWriter) goFile(i int) {
	pkg, n := i/20, i%20
	dir, name := fmt.Sprintf("pkg/area%d/p%d", pkg%25, pkg), fmt.Sprintf("p%d", pkg)
	if pkg < 24 {
		dir, name = fmt.Sprintf("cmd/app%d", pkg), "main"
	}
	std := []string{"context", "encoding/json", "errors", "fmt", "io", "net/http", "os", "path/filepath", "sort", "strings", "sync", "time"}
	var t strings.Builder
	fmt.Fprintf(&t, "// Copyright the authors.\n\npackage %s\n\nimport (\n", name)
	for j, s := range std {
		if (i+j)%3 == 0 {
			fmt.Fprintf(&t, "\t%q\n", s)
		}
	}
	t.WriteString("\n")
	for j := range 4 {
		other := 24 + (pkg*31+(i+j)%8*97)%476
		fmt.Fprintf(&t, "\t_ \"example.com/big/pkg/area%d/p%d\"\n", other%25, other)
	}
	t.WriteString(")\n\n")
	if pkg < 24 && n == 0 {
		t.WriteString("func main() {}\n\n")
	}
	for j := range 20 + w.rand.Intn(60) {
		fmt.Fprintf(&t, "// F%d does something that takes a few lines.\nfunc F%d_%d(a, b int) int {\n\tif a > b {\n\t\treturn a - b\n\t}\n\treturn b\n}\n\n", j, n, j)
	}
	suffix := ""
	if n >= 14 {
		suffix = "_test"
	}
	w.write(fmt.Sprintf("%s/f%d%s.go", dir, n, suffix), t.String())
}

func (w *treeWriter) sums() string {
	var t strings.Builder
	for i := range 600 {
		fmt.Fprintf(&t, "example.com/dep%d v1.2.3 h1:%044d\nexample.com/dep%d v1.2.3/go.mod h1:%044d\n", i, i, i, i)
	}
	return t.String()
}

const dockerfileText = `FROM golang:1.25 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /out/app%d ./cmd/app%d
FROM alpine:3.22
COPY --from=build /out/* /usr/bin/
`

const unitText = `[Unit]
Description=App

[Service]
ExecStart=/usr/bin/app%d
Environment=GOMEMLIMIT=512MiB
MemoryMax=1G
Restart=always

[Install]
WantedBy=multi-user.target
`

const workflowText = `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-go@v6
        with:
          go-version-file: go.mod
      - run: go test ./...
`

const manifestText = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: APP
spec:
  template:
    spec:
      containers:
        - name: APP
          image: registry.example.com/APP:v1
          resources:
            limits:
              cpu: 500m
              memory: 256Mi
          env:
            - name: LOG_LEVEL
              value: info
`
