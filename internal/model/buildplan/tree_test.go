package buildplan

import (
	"testing"
	"testing/fstest"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
)

func TestTree(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{"app/go.mod", "app/cmd/a/main.go", "app/docs/x.md", "app/gen/z.go", "other.txt"} {
		fsys[name] = &fstest.MapFile{}
	}
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := &Context{Dir: "app", repo: r, Ignore: dockerignore.Parse(source.New(".dockerignore", []byte("docs\n")))}
	bin := &Binary{}
	var build *Tree
	build = build.add(layer{kind: bottomUnknown, dest: "/"})
	build = build.add(layer{kind: made, dest: "/src", dir: true})
	build = build.add(layer{kind: fromContext, dest: "/src", src: ".", context: ctx})
	build = build.add(layer{kind: output, dest: "/out/bin/app", binary: bin})
	build = build.add(layer{kind: opaque, dest: "/src/gen"})
	build = build.add(layer{kind: removed, dest: "/src/cmd/b"})
	var run *Tree
	run = run.add(layer{kind: bottomEmpty})
	run = run.add(layer{kind: fromTree, dest: "/app", tree: build, src: "/out/bin/app"})
	run = run.add(layer{kind: fromTree, dest: "/srv", tree: build, src: "/src"})
	for _, c := range []struct {
		tree *Tree
		path string
		kind OriginKind
		dir  bool
		at   string
	}{
		{build, "/src/go.mod", FromContext, false, "app/go.mod"},
		{build, "/src/cmd/a", FromContext, true, "app/cmd/a"},
		{build, "/src", FromContext, true, "app"},
		{build, "/src/docs/x.md", Unknown, false, ""}, // the image may hold /src/docs
		{build, "/src/gen/z.go", FromContext, false, "app/gen/z.go"},
		{build, "/src/gen/new.go", Unknown, false, ""},
		{build, "/src/cmd/b/main.go", Absent, false, ""},
		{build, "/out/bin/app", Output, false, ""},
		{build, "/out", Made, true, ""},
		{build, "/usr/bin/x", Unknown, false, ""},
		{run, "/app", Output, false, ""},
		{run, "/srv/go.mod", FromContext, false, "app/go.mod"},
		{run, "/srv/gen/new.go", Unknown, false, ""},
		{run, "/nothing", Absent, false, ""},
		{run, "/", Made, true, ""},
		{(*Tree)(nil).add(layer{kind: bottomEmpty}), "/", Made, true, ""},
	} {
		o := c.tree.Lookup(c.path)
		if o.Kind != c.kind || o.Dir != c.dir || o.Path != c.at {
			t.Errorf("%s: %+v, want kind %d dir %v at %q", c.path, o, c.kind, c.dir, c.at)
		}
	}
	if o := run.Lookup("/app"); o.Output != bin || len(o.Why) != 2 {
		t.Errorf("/app: %+v", o)
	}
	if f := run.File(r, "/srv/cmd/a/main.go"); f == nil || f.Path != "app/cmd/a/main.go" {
		t.Errorf("file: %v", f)
	}
}
