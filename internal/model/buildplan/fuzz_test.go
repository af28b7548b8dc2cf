package buildplan

import (
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
)

// sources is a small module that the Dockerfiles of tests build.
var sources = []txtar.File{
	{Name: "go.mod", Data: []byte("module example.com/app\n\ngo 1.25.0\n")},
	{Name: "main.go", Data: []byte("package main\n\nimport _ \"net\"\n\nfunc main() {}\n")},
	{Name: "cmd/a/main.go", Data: []byte("package main\n\nfunc main() {}\n")},
}

// generator writes Dockerfiles at random.
type generator struct{ *rand.Rand }

func (g generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) dir() string {
	return g.pick("/", "/src", "/out", "/out/bin", "/src/cmd/a", "out", ".", "..", "$D", "/a b", "/etc", "/go")
}

func (g generator) name() string {
	return g.dir() + g.pick("", "/", "/app", "/main.go", "/*", "/go.*", "/x", "/passwd", "/.", "/cmd")
}

func (g generator) command() string {
	switch g.IntN(16) {
	case 0, 1:
		return g.pick("", "CGO_ENABLED=0 ", "CGO_ENABLED=$D ", "env GOARCH=arm64 ", "GOFLAGS=-o=/x ") + g.pick("go", "xx-go", "go1.22") +
			g.pick(" build", " install", " build -C "+g.dir(), " build -race", " run", " generate", " tool", " build -ldflags \"-X a=$(x)\"") +
			g.pick("", " -o "+g.name(), " -o="+g.name()) + g.pick("", " .", " ./...", " ./cmd/a", " example.com/b@v1", " $D", " main.go", " example.com/app/...")
	case 2:
		return g.pick("cp", "cp -r", "mv", "ln -s", "install", "install -D", "cp -t "+g.dir()) + " " + g.name() + " " + g.name()
	case 3:
		return g.pick("rm -rf", "mkdir -p", "touch", "install -d", "tar -C / -xf", "sed -i s/a/b/") + " " + g.name()
	case 4:
		return "cd " + g.dir()
	case 5:
		return g.pick("apk add", "apt-get install -y", "apk del", "apk add --virtual .b", "apt-get purge", "dnf install") + g.pick(" gcc", " git", " $D", " .b", "")
	case 6:
		return g.pick("adduser -D", "useradd", "groupadd -g 1", "addgroup", "deluser", "adduser --system --group") + g.pick(" u", " u g", " $D", "")
	case 7:
		return g.pick("make", "make -C sub all", "make x=$D", "./build.sh", "sh -c 'go build'", "eval $D", "$D", "find . -exec go build {} +", "unknown")
	case 8:
		return "export " + g.pick("CGO_ENABLED=0", "D=/x", "GOBIN=/gobin")
	case 9:
		return g.pick("curl -o ", "wget -O ", "echo x > ", "echo x >> ") + g.name()
	}
	return "if [ -f x ]; then " + g.pick("go build -o /maybe", "rm -rf /out", "exit 1") + "; fi"
}

func (g generator) run() string {
	var list []string
	for range 1 + g.IntN(4) {
		list = append(list, g.command())
	}
	mount := ""
	for g.IntN(4) == 0 {
		mount += "--mount=" + g.pick("type=bind,target=", "type=cache,target=", "type=bind,from=s0,source=/,target=", "type=tmpfs,target=", "from=1,target=") + g.dir() + " "
	}
	return "RUN " + mount + strings.Join(list, g.pick(" && ", "; ", " || ", " | "))
}

func (g generator) file() string {
	var b strings.Builder
	for n := range 1 + g.IntN(4) {
		fmt.Fprintf(&b, "FROM %s%s AS s%d\n", g.pick("", "--platform=$BUILDPLATFORM ", "--platform=linux/arm64 "),
			g.pick("golang:1.26", "golang:1.26-alpine", "scratch", "alpine:3.22", "private.example.com/x", "s0", "debian@sha256:"+strings.Repeat("0", 64)), n)
		for range g.IntN(8) {
			switch g.IntN(9) {
			case 0, 1, 2:
				b.WriteString(g.run() + "\n")
			case 3:
				fmt.Fprintf(&b, "COPY %s %s\n", strings.TrimLeft(g.name(), "/")+" .", g.name())
			case 4:
				fmt.Fprintf(&b, "COPY --from=%s %s %s\n", g.pick("s0", "0", "1", "9", "s3", "busybox"), g.name(), g.name())
			case 5:
				b.WriteString(g.pick("ARG D", "ARG D=/src", "ENV D=/out", "ENV CGO_ENABLED=1", "ARG TARGETARCH") + "\n")
			case 6:
				b.WriteString("WORKDIR " + g.dir() + "\n")
			case 7:
				b.WriteString(g.pick("USER $D", "USER a:b", "SHELL [\"/bin/bash\", \"-c\"]", "ONBUILD RUN go build -o /on", "ENTRYPOINT [\"/x\"]", "COPY <<E /etc/passwd\nx\nE") + "\n")
			case 8:
				b.WriteString("COPY . .\n")
			}
		}
	}
	return b.String()
}

// check holds the laws of every plan: places are those of files, paths are
// absolute, what is asked for twice is the same.
func check(t *testing.T, r *repo.Repo) {
	t.Helper()
	for _, p := range Plans.Of(r) {
		for _, st := range p.Stages {
			checkStage(t, st)
		}
		p.Needed()
	}
}

func checkStage(t *testing.T, st *Stage) {
	t.Helper()
	if st.Workdir != "" && !path.IsAbs(st.Workdir) {
		t.Errorf("working directory %q", st.Workdir)
	}
	checkNotes(t, st.Opaque)
	for _, c := range st.Commands {
		if len(c.Words) == 0 || c.Stage != st {
			t.Errorf("command %v", c.Words)
		}
	}
	for _, b := range st.Binaries {
		l := b.Binary.Link()
		checkNotes(t, l.Why)
		checkNotes(t, b.Why)
		if o := st.Tree.Lookup(b.Path); !path.IsAbs(b.Path) || o.Kind != Output || o.Output != b.Binary {
			t.Errorf("program at %q, where there is %v", b.Path, o)
		}
	}
	for _, at := range []string{"/", "/out", "/src/main.go", "/etc/passwd", "/nothing/at/all"} {
		o := st.Tree.Lookup(at)
		checkNotes(t, o.Why)
		if again := st.Tree.Lookup(at + "/../" + path.Base(at)); o.Kind != again.Kind {
			t.Errorf("%s is %v and %v", at, o, again)
		}
	}
	st.Tree.Glob("/*/*")
}

func checkNotes(t *testing.T, notes []fact.Note) {
	t.Helper()
	for _, n := range notes {
		if n.At.Valid() && (n.At.Start < 0 || n.At.Start > n.At.End || n.At.End > len(n.At.File.Data())) {
			t.Errorf("note %q at %v outside of its file", n.Text, n.At)
		}
	}
}

func TestRandomDockerfiles(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(400) {
		g := generator{rand.New(rand.NewPCG(seed, 1))}
		text := g.file()
		r := open(t, append(sources[:len(sources):len(sources)],
			txtar.File{Name: "Dockerfile", Data: []byte(text)},
			txtar.File{Name: "Makefile", Data: []byte("all:\n\tgo build -o $(x) .\n\tdocker build .\n")},
			txtar.File{Name: "build.sh", Data: []byte("#!/bin/sh\n" + g.command() + "\n")}))
		check(t, r)
		for _, p := range Plans.Of(r) {
			for _, st := range p.Stages {
				for _, b := range st.Binaries {
					seen[b.Binary.Link().Value.Kind.String()] = true
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, text)
		}
	}
	if len(seen) < 3 {
		t.Errorf("only %v came out", seen)
	}
}

// FuzzPlan plans a repository of hostile files.
func FuzzPlan(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(generator{rand.New(rand.NewPCG(seed, 2))}.file(), "all:\n\tdocker build -f Dockerfile .\n", "on: push\njobs: { a: { steps: [ { run: docker build . } ] } }\n", "builds: [ {} ]\ndockers: [ {} ]\n")
	}
	f.Add("FROM scratch\nCOPY a* b\n", "a:\n\tcd x; docker build --build-arg A=$(B) .\n", "jobs: {a: {strategy: {matrix: {x: [1, 2]}}, steps: [{uses: docker/build-push-action@v6, with: {file: 'Dockerfile${{ matrix.x }}', build-args: \"A=1\\n\\nB=${{ x }}\"}}]}}", "dockers_v2: [{images: [a], extra_files: ['{{ x }}']}]")
	f.Fuzz(func(t *testing.T, dockerfile, makefile, workflow, goreleaser string) {
		r := open(t, append(sources[:len(sources):len(sources)],
			txtar.File{Name: "Dockerfile", Data: []byte(dockerfile)},
			txtar.File{Name: "sub/Dockerfile", Data: []byte(dockerfile)},
			txtar.File{Name: "Makefile", Data: []byte(makefile)},
			txtar.File{Name: "compose.yaml", Data: []byte(workflow)},
			txtar.File{Name: "docker-bake.hcl", Data: []byte(goreleaser)},
			txtar.File{Name: ".github/workflows/x.yml", Data: []byte(workflow)},
			txtar.File{Name: ".goreleaser.yaml", Data: []byte(goreleaser)}))
		check(t, r)
	})
}

func FuzzKo(f *testing.F) {
	f.Add("defaultBaseImage: alpine:3.22\nbuilds: [{main: ./cmd/a, env: [CGO_ENABLED=1], flags: -race, ldflags: ['{{ x }}']}]\n",
		"a:\n\tKO_CONFIG_PATH=$(X) ko build --image-user=app --platform=all,linux/arm64 . ./cmd/a\n\tgo run github.com/google/ko@v0.18.0 apply -Rf . -- x\n",
		"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: ko://example.com/app/cmd/a, args: [ko://example.com/app]}]}\n",
		"kos: [{main: ./cmd/a, user: x, base_image: 'golang:1.26'}, {}]\n")
	f.Add("- x\n", "a:\n\t$(KO) publish\n\tko run -- ./cmd/a\n", "apiVersion: v1\nkind: Pod\nspec: {a: &a ko://example.com/app, containers: [{image: *a}]}\n", "builds: [{id: b}]\nkos: [{build: b, platforms: [windows/amd64]}]\n")
	f.Fuzz(func(t *testing.T, config, makefile, manifest, goreleaser string) {
		r := open(t, append(sources[:len(sources):len(sources)],
			txtar.File{Name: ".ko.yaml", Data: []byte(config)},
			txtar.File{Name: "Makefile", Data: []byte(makefile)},
			txtar.File{Name: "pod.yaml", Data: []byte(manifest)},
			txtar.File{Name: ".goreleaser.yaml", Data: []byte(goreleaser)}))
		check(t, r)
	})
}
