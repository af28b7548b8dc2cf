package module_test

// The modules of the proxy. b/deep is a module inside the path of b; c and its
// requirement e are older than graph pruning; fork carries the path of a.
var published = []publishedModule{
	{"corp.example/a", "v1.0.0", tree{"go.mod": "module corp.example/a\n\ngo 1.20\n\nrequire corp.example/b v1.0.0\n", "a.go": "package a\n\nimport _ \"corp.example/b\"\n", "sub/s.go": "package sub\n"}},
	{"corp.example/a", "v1.1.0", tree{"go.mod": "module corp.example/a\n\ngo 1.20\n\nrequire corp.example/b v1.1.0\n", "a.go": "package a\n\nimport _ \"corp.example/b\"\n", "sub/s.go": "package sub\n"}},
	{"corp.example/b", "v1.0.0", tree{"go.mod": "module corp.example/b\n\ngo 1.20\n", "b.go": "package b\n", "x/x.go": "package x\n"}},
	{"corp.example/b", "v1.1.0", tree{"go.mod": "module corp.example/b\n\ngo 1.20\n", "b.go": "package b\n", "x/x.go": "package x\n"}},
	{"corp.example/b/deep", "v1.0.0", tree{"go.mod": "module corp.example/b/deep\n\ngo 1.20\n", "deep.go": "package deep\n"}},
	{"corp.example/c", "v1.0.0", tree{"go.mod": "module corp.example/c\n\ngo 1.16\n\nrequire corp.example/e v1.0.0\n", "c.go": "package c\n\nimport _ \"corp.example/e\"\n"}},
	{"corp.example/d", "v1.0.0", tree{"go.mod": "module corp.example/d\n\ngo 1.20\n", "d.go": "package d\n"}},
	{"corp.example/e", "v1.0.0", tree{"go.mod": "module corp.example/e\n\ngo 1.16\n", "e.go": "package e\n"}},
	{"corp.example/fork", "v1.0.5", tree{"go.mod": "module corp.example/a\n\ngo 1.20\n\nrequire corp.example/b v1.0.0\n", "a.go": "package a\n\nimport _ \"corp.example/b\"\n", "sub/s.go": "package sub\n"}},
	{"corp.example/t", "v1.0.0", tree{"go.mod": "module corp.example/t\n\ngo 1.20\n", "t.go": "package main\n\nfunc main() {}\n"}},
	{"corp.example/v/v2", "v2.0.0", tree{"go.mod": "module corp.example/v/v2\n\ngo 1.20\n", "v.go": "package v\n"}},
}

const (
	appGo   = "package app\n\nimport (\n\t_ \"fmt\"\n\n\t_ \"corp.example/a\"\n\t_ \"corp.example/b/deep\"\n)\n"
	innerGo = "package inner\n\nimport (\n\t_ \"corp.example/c\"\n\t_ \"corp.example/v/v2\"\n)\n"
	wants   = "\nrequire (\n\tcorp.example/a v1.0.0\n\tcorp.example/b/deep v1.0.0\n\tcorp.example/c v1.0.0\n\tcorp.example/v/v2 v2.0.0\n)\n"
)

// The healthy repositories. What "go mod tidy" and "go mod vendor" write comes
// from the go command of this machine.
var healthy = []base{
	{"pruned", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.22\n" + wants, "app.go": appGo, "inner/inner.go": innerGo}},
	{"unpruned", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.16\n" + wants, "app.go": appGo, "inner/inner.go": innerGo}},
	{"vendored", []string{"."}, []string{".: mod tidy", ".: mod vendor"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.23.0\n" + wants, "app.go": appGo, "inner/inner.go": innerGo}},
	{"oldvendor", []string{"."}, []string{".: mod tidy", ".: mod vendor"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.16\n" + wants + "\nreplace corp.example/a => corp.example/fork v1.0.5\n", "app.go": appGo, "inner/inner.go": innerGo}},
	{"fork", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.22\n" + wants + "\nreplace corp.example/a => corp.example/fork v1.0.5\n", "app.go": appGo, "inner/inner.go": innerGo}},
	{"local", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.22\n" + wants + "\nreplace corp.example/a => ./third/a\n", "app.go": appGo, "inner/inner.go": innerGo,
		"third/a/go.mod": "module corp.example/a\n\ngo 1.20\n", "third/a/a.go": "package a\n", "third/a/sub/s.go": "package sub\n"}},
	{"tool", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.24.0\n\ntool corp.example/t\n" + wants, "app.go": appGo, "inner/inner.go": innerGo}},
	{"testdep", []string{"."}, []string{".: mod tidy"}, tree{
		"go.mod": "module corp.example/app\n\ngo 1.22\n\nrequire corp.example/d v1.0.0\n", "app.go": "package app\n", "app_test.go": "package app\n\nimport _ \"corp.example/d\"\n"}},
	{"alone", []string{"."}, nil, tree{"go.mod": "module corp.example/app\n\ngo 1.22\n", "app.go": "package app\n\nimport _ \"fmt\"\n"}},
	{"program", []string{"."}, nil, tree{"go.mod": "module corp.example/app\n\ngo 1.22\n", "main.go": "package main\n\nfunc main() {}\n"}},
	{"work", []string{"m1", "m2"}, []string{"m1: mod tidy", "m2: mod tidy", ".: work init ./m1 ./m2"}, workFiles},
	{"workvendor", []string{"m1", "m2"}, []string{"m1: mod tidy", "m2: mod tidy", ".: work init ./m1 ./m2", ".: work vendor"}, workFiles},
}

var workFiles = tree{
	"m1/go.mod": "module corp.example/m1\n\ngo 1.22\n\nrequire corp.example/a v1.0.0\n",
	"m1/m.go":   "package m1\n\nimport _ \"corp.example/a\"\n",
	"m2/go.mod": "module corp.example/m2\n\ngo 1.22\n\nrequire corp.example/c v1.0.0\n",
	"m2/m.go":   "package m2\n\nimport _ \"corp.example/c\"\n",
}
