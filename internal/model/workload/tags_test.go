package workload

import (
	"maps"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/fact"
)

// TestImagesByTag shows how a container is joined with the Dockerfile whose
// build names its image, whatever asks for that build.
func TestImagesByTag(t *testing.T) {
	dockerfile := "FROM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /out/boat ./cmd/%\nFROM alpine:3.22\n" +
		"ENV GOMEMLIMIT=100MiB\nCOPY --from=build /out/boat /usr/local/bin/boat\nCOPY run /usr/local/bin/\nENTRYPOINT [\"run\"]\nCMD [\"boat\"]\n"
	common := map[string]string{
		"go.mod": "module example.com/fleet\n\ngo 1.25\n", "cmd/tug/main.go": mainFile, "cmd/skiff/main.go": mainFile,
		"run":            "#!/bin/sh\nif [ \"${1#-}\" != \"$1\" ]; then\n\tset -- boat \"$@\"\nfi\nexec \"$@\"\n",
		"tug/Dockerfile": strings.ReplaceAll(dockerfile, "%", "tug"), "skiff/Dockerfile": strings.ReplaceAll(dockerfile, "%", "skiff"),
	}
	workflow := "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: actions/checkout@v5\n"
	push := "    - uses: docker/build-push-action@v6\n      with:\n        context: .\n        file: tug/Dockerfile\n        tags: "
	for name, c := range map[string]struct {
		files map[string]string
		image string
		want  string // folder of the program
	}{
		"make":           {map[string]string{"Makefile": "TAG ?= dev\nimage:\n\tdocker build -t harbour/ferry:$(TAG) -f tug/Dockerfile .\n"}, "harbour/ferry:1.2", "cmd/tug"},
		"make, computed": {map[string]string{"Makefile": "image:\n\tdocker build --tag=harbour/ferry:$(shell git describe) -f tug/Dockerfile .\n"}, "docker.io/harbour/ferry:1.2", "cmd/tug"},
		"other registry": {map[string]string{"Makefile": "image:\n\tdocker build -t ghcr.io/harbour/ferry -f tug/Dockerfile .\n"}, "harbour/ferry", ""},
		"name computed":  {map[string]string{"Makefile": "image:\n\tdocker build -t harbour/$(shell git describe):ferry -f tug/Dockerfile .\n"}, "harbour/ferry", ""},
		"by tag": {map[string]string{"Makefile": "image:\n\tdocker build -t harbour/ferry:tug -f tug/Dockerfile .\n\tdocker build -t harbour/ferry:skiff -f skiff/Dockerfile .\n"},
			"harbour/ferry:skiff", "cmd/skiff"},
		"two of a name": {map[string]string{"Makefile": "image:\n\tdocker build -t harbour/ferry:tug -f tug/Dockerfile .\n\tdocker build -t harbour/ferry:skiff -f skiff/Dockerfile .\n"},
			"harbour/ferry:1", ""},
		"action":   {map[string]string{".github/workflows/a.yml": workflow + push + "ghcr.io/harbour/ferry:latest,harbour/ferry:${{ github.sha }}\n"}, "harbour/ferry:1", "cmd/tug"},
		"metadata": {map[string]string{".github/workflows/a.yml": workflow + "    - id: meta\n      uses: docker/metadata-action@v5\n      with:\n        images: |\n          name=harbour/ferry\n" + push + "${{ steps.meta.outputs.tags }}\n"}, "harbour/ferry:1", "cmd/tug"},
		"bake":     {map[string]string{"docker-bake.hcl": "target \"a\" {\n  dockerfile = \"tug/Dockerfile\"\n  tags = [\"harbour/ferry:1\"]\n}\n"}, "harbour/ferry:2", "cmd/tug"},
		"compose":  {map[string]string{"compose.yaml": "services:\n  a:\n    image: harbour/ferry\n    build: {context: ., dockerfile: tug/Dockerfile}\n"}, "harbour/ferry:2", "cmd/tug"},
		"override": {map[string]string{
			"Makefile":           "IMG ?= ghcr.io/harbour/ferry:v1\nCONTAINER_TOOL ?= docker\nimage:\n\t$(CONTAINER_TOOL) build -t ${IMG} -f tug/Dockerfile .\n",
			"kustomization.yaml": "resources: [x.yaml]\nimages:\n- {name: controller, newName: ghcr.io/harbour/ferry, newTag: v2}\n",
		}, "controller:latest", "cmd/tug"},
		"overridden for others": {map[string]string{
			"Makefile":           "IMG ?= controller:latest\nimage:\n\tdocker build -t ${IMG} -f tug/Dockerfile .\n",
			"kustomization.yaml": "resources: [x.yaml]\nimages:\n- {name: controller, newName: ghcr.io/harbour/ferry}\n",
		}, "controller:latest", "cmd/tug"},
		"two overrides": {map[string]string{
			"Makefile":           "image:\n\tdocker build -t harbour/tug -f tug/Dockerfile .\n\tdocker build -t harbour/skiff -f skiff/Dockerfile .\n",
			"kustomization.yaml": "resources: [x.yaml]\nimages:\n- {name: controller, newName: harbour/tug}\n- {name: controller, newName: harbour/skiff}\n",
		}, "controller", ""},
	} {
		files := maps.Clone(common)
		maps.Copy(files, c.files)
		files["x.yaml"] = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - {name: a, image: '" + c.image + "', args: [-v]}\n"
		s := byName(t, Services.Of(open(t, files)), "x/a")
		got := ""
		if s.Program.Known() {
			got = s.Program.Value.Main.Dir
		}
		limit := s.Getenv("GOMEMLIMIT").Value.Text
		if got != c.want || (c.want != "") != (limit == "100MiB") {
			t.Errorf("%s: %q with GOMEMLIMIT %q, want %q", name, got, limit, c.want)
		}
		if got != "" && s.Program.Confidence != fact.Medium {
			t.Errorf("%s: %s", name, s.Program.Confidence)
		}
	}
}
