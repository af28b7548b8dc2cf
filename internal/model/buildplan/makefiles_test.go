package buildplan

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// BenchmarkMakefiles follows the targets of a makefile as large repositories have
// them: some hundred variables, conditions that are not known, included files,
// and recipes that call make and a long script.
func BenchmarkMakefiles(b *testing.B) {
	var mk, tools, script strings.Builder
	mk.WriteString("export\nVERSION := $(shell ./hack/build.sh version)\ninclude tools.mk\n")
	for i := range 100 {
		fmt.Fprintf(&mk, "V%d ?= v%d # the version of a tool\n", i, i)
		fmt.Fprintf(&tools, "TOOL%d := $(CURDIR)/bin/tool%d\n$(TOOL%d):\n\tGOBIN=$(CURDIR)/bin \\\n\t\tgo install \\\n\t\texample.com/tool%d@$(V%d)\n", i, i, i, i, i)
		fmt.Fprintf(&script, "step%d() {\n\tif [ -n \"$%d\" ]; then\n\t\techo \"step %d: $1\"\n\tfi\n}\n", i, i%9+1, i)
	}
	for i := range 10 {
		fmt.Fprintf(&mk, "ifeq ($(shell git describe),v%d)\nFLAGS += -v%d\nelse\nLATEST := no\nendif\n", i, i)
	}
	for i := range 60 {
		fmt.Fprintf(&mk, ".PHONY: image%d\nimage%d:\n\t./hack/build.sh $@\n\t$(MAKE) push%d\npush%d:\n\tdocker build -t image%d:$(VERSION) .\n", i, i, i, i, i)
	}
	script.WriteString("case $1 in\nversion) echo v1 ;;\n*) step1 \"$@\"; go build -o bin/$1 . ;;\nesac\n")
	file := func(name, text string) txtar.File { return txtar.File{Name: name, Data: []byte(text)} }
	files := append(sources[:len(sources):len(sources)], file("Dockerfile", "FROM scratch\nCOPY bin/image1 /\n"),
		file("Makefile", mk.String()), file("tools.mk", tools.String()), file("hack/build.sh", "#!/bin/sh\n"+script.String()))
	for b.Loop() {
		o := outsides.Of(open(b, files))
		if len(o.calls["Dockerfile"]) == 0 || o.programs["bin/image1"] == nil {
			b.Fatalf("%d calls and %d programs", len(o.calls), len(o.programs))
		}
	}
}
