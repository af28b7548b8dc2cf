package rules

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestHostile runs all rules over repositories that nobody writes in good
// faith. None of them may take more than moments or break a law: what is
// exponential here ends with the time limit of go test, not with a failure.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long under the race detector, which is run with -short")
	}
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for p, text := range hostile[name]() {
				fsys[p] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
			}
			broken, _ := lawless(fsys)
			for i, b := range broken {
				if i < 10 {
					t.Errorf("%.500s", b)
				}
			}
		})
	}
}

// known are names of all kinds of files.
var known = strings.Fields(`go.mod go.sum go.work go.work.sum vendor/modules.txt main.go main_test.go Dockerfile Dockerfile.dev a.Dockerfile
	Containerfile .dockerignore app.service app.socket app.timer app.slice app.service.d/10-x.conf compose.yaml docker-compose.yml k8s/pod.yaml
	.github/workflows/ci.yml action.yml Makefile inc.mk .goreleaser.yaml docker-bake.hcl docker-bake.json .ko.yaml nfpm.yaml chart/Chart.yaml
	chart/values.yaml chart/templates/d.yaml chart/templates/_h.tpl kustomization.yaml .go-version .tool-versions .gitmodules build.sh .env a.env .gitignore`)

// yamls are those of them that are YAML.
var yamls = strings.Fields(`compose.yaml docker-compose.yml k8s/pod.yaml .github/workflows/ci.yml action.yml .goreleaser.yaml .ko.yaml nfpm.yaml
	chart/Chart.yaml chart/values.yaml chart/templates/d.yaml kustomization.yaml`)

const (
	plainMod  = "module example.com/m\n\ngo 1.24\n"
	plainMain = "package main\n\nimport \"net\"\n\nfunc main() { net.Dial(\"a\", \"b\") }\n"
	plainFile = "FROM golang:1.22 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /a .\nFROM alpine:3.20\nCOPY --from=b /a /a\nENTRYPOINT [\"/a\"]\n"
)

type tree map[string]string

// in returns a tree with the text in all the files.
func in(names []string, text string) tree {
	t := tree{}
	for _, n := range names {
		t[n] = text
		if strings.HasPrefix(n, "k8s/") {
			t[n] = "apiVersion: v1\nkind: Pod\n" + text
		}
	}
	return t
}

// program returns the tree with a program that is built in a Dockerfile, whose
// files it may replace.
func program(t tree) tree {
	for name, text := range map[string]string{"go.mod": plainMod, "main.go": plainMain, "Dockerfile": plainFile} {
		if _, ok := t[name]; !ok {
			t[name] = text
		}
	}
	return t
}

func repeat(n int, line func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(i))
	}
	return b.String()
}

func random(n int) string {
	data := make([]byte, n)
	rand.New(rand.NewSource(1)).Read(data)
	return string(data)
}

var hostile = map[string]func() tree{
	"nothing":      func() tree { return tree{} },
	"only .git":    func() tree { return tree{".git/HEAD": "ref: x\n", ".git/config": "[core]\n"} },
	".git is file": func() tree { return program(tree{".git": "gitdir: /nowhere\n"}) },
	"empty files":  func() tree { return in(known, "") },
	"newlines":     func() tree { return in(known, "\n\n\n") },
	"carriage":     func() tree { return in(known, "\r\r\r\n\r") },
	"byte order":   func() tree { return in(known, "\ufeff") },
	"binary":       func() tree { return in(known, random(3000)) },
	"NUL":          func() tree { return in(known, strings.Repeat("\x00", 3000)) },
	"not UTF-8":    func() tree { return in(known, "a: \xff\xfe\n[Service]\nb=\xc3\x28\nFROM \xe2\x82\n\tgo build \xf0\n") },
	"UTF-16":       func() tree { return in(known, "\xff\xfeF\x00R\x00O\x00M\x00 \x00a\x00\n\x00") },
	"braces":       func() tree { return in(known, strings.Repeat("{[(", 5000)) },
	"quotes":       func() tree { return in(known, strings.Repeat(`"'`+"`", 5000)) },
	"backslashes":  func() tree { return in(known, strings.Repeat("\\\n", 5000)) },
	"semicolons":   func() tree { return in(known, "[Service]\nExecStart=/a "+strings.Repeat(";", 200000)) },
	"conditionals": func() tree {
		return program(tree{"Makefile": strings.Repeat("ifdef A\n", 30000) + "all:\n\tgo build .\n"})
	},
	"dollars":   func() tree { return in(known, strings.Repeat("${$(", 2000)) },
	"deep YAML": func() tree { return in(yamls, "a: "+strings.Repeat("[", 10000)+strings.Repeat("]", 10000)+"\n") },
	"indented YAML": func() tree {
		return in(yamls, repeat(1500, func(i int) string { return strings.Repeat(" ", i) + "a:\n" }))
	},
	"documents": func() tree { return in(yamls, strings.Repeat("---\n", 3000)) },
	"wide YAML": func() tree {
		return in(yamls, "x:\n"+repeat(5000, func(i int) string { return fmt.Sprintf("  k%d: v\n", i) }))
	},
	"self YAML": func() tree {
		return in(yamls, "a: &a\n  b: *a\n  <<: *a\nservices: &s\n  x: *s\n  y:\n    <<: [*s, *s]\nspec: &p\n  containers: [*p]\njobs: &j\n  a: *j\n")
	},
	"alias bomb": func() tree {
		return in(yamls, "l0: &l0 [x, x, x, x, x, x, x, x, x]\n"+repeat(22, func(i int) string {
			return fmt.Sprintf("l%d: &l%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*l%d, ", i), 9))
		}))
	},
	"merge bomb": func() tree {
		return tree{"compose.yaml": "x0: &x0\n  a: 1\n" + repeat(39, func(i int) string {
			return fmt.Sprintf("x%d: &x%d\n  <<: [*x%d, *x%d]\n  k%d: 1\n", i+1, i+1, i, i, i)
		}) + "services:\n  app:\n    <<: *x39\n    image: x\n    environment: *x39\n"}
	},

	"references of ko": func() tree {
		return program(tree{
			".ko.yaml": "baseImageOverrides: {example.com/m: alpine}\nbuilds:\n" + repeat(2000, func(i int) string { return fmt.Sprintf("- {id: b%d, env: [A=%d], main: main.go}\n", i, i) }),
			"k8s/pod.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" + repeat(3000, func(i int) string {
				return fmt.Sprintf("  - {name: c%d, image: \"ko://example.com/m\", args: [\"ko://\", \"ko://..\"]}\n", i)
			}),
			"Makefile": repeat(150, func(i int) string {
				return fmt.Sprintf("t%d:\n\tCGO_ENABLED=%d ko build --platform=linux/a%d . ko://example.com/m ../.. --image-user=$(X)\n\tKO_CONFIG_PATH=k8s/pod.yaml ko apply -f k8s,/,. -R\n", i, i, i)
			}),
			".goreleaser.yaml": "kos:\n- {}\n- {main: ../../.., working_dir: ../.., platforms: [all, windows]}\n- {base_image: scratch, user: \"\"}\n",
		})
	},
	"modules": func() tree {
		t := tree{}
		for i := range 500 {
			t[fmt.Sprintf("m%d/go.mod", i)] = fmt.Sprintf("module example.com/m%d\n\ngo 1.24\n\nrequire example.com/m%d v1.0.0\nreplace example.com/m%d => ../m%d\n", i, (i+1)%500, (i+1)%500, (i+1)%500)
			t[fmt.Sprintf("m%d/main.go", i)] = fmt.Sprintf("package main\nimport _ \"example.com/m%d\"\nfunc main() {}\n", (i+1)%500)
		}
		return t
	},
	"nested modules": func() tree {
		t, dir := tree{}, ""
		for i := range 150 {
			t[dir+"go.mod"], t[dir+"main.go"], t[dir+"Dockerfile"] = fmt.Sprintf("module example.com/m%d\n\ngo 1.24\n", i), plainMain, plainFile
			dir += "x/"
		}
		return t
	},
	"workspaces": func() tree {
		t := tree{"go.work": "go 1.24\n" + repeat(500, func(i int) string { return fmt.Sprintf("use ./m%d\n", i) })}
		for i := range 500 {
			t[fmt.Sprintf("m%d/go.mod", i)] = fmt.Sprintf("module example.com/m%d\n\ngo 1.24\n\nrequire example.com/m%d v1.0.0\n", i, (i+1)%500)
			t[fmt.Sprintf("m%d/main.go", i)] = fmt.Sprintf("package main\nimport _ \"example.com/m%d\"\nfunc main() {}\n", (i+1)%500)
			t[fmt.Sprintf("m%d/go.work", i)] = "go 1.24\nuse .\nuse ..\n"
		}
		return t
	},
	"own workspace": func() tree {
		return tree{
			"go.work":  "go 1.24\nuse (\n.\n./\n../work\n./a\n./a/../a\n/etc\n)\nreplace example.com/m => example.com/m v1.0.0\n",
			"go.mod":   plainMod + "replace example.com/m => ./\nreplace example.com/x => ./a\nrequire example.com/x v1.0.0\n",
			"a/go.mod": "module example.com/x\nreplace example.com/m => ../\nrequire example.com/m v1.0.0\n",
			"main.go":  "package main\nimport _ \"example.com/x\"\n",
			"a/a.go":   "package a\nimport _ \"example.com/m\"\nimport _ \"./a\"\nimport _ \"/etc\"\nimport _ \"../a\"\nimport _ \"example.com/m/../..\"\n",
		}
	},
	"requirements": func() tree {
		return program(tree{
			"go.mod": plainMod + "require (\n" + repeat(3000, func(i int) string { return fmt.Sprintf("\texample.com/d%d v1.0.0\n", i) }) + ")\nreplace (\n" +
				repeat(2000, func(i int) string { return fmt.Sprintf("\texample.com/d%d => ./x%d\n", i, i) }) + ")\n",
			"go.sum": repeat(2000, func(i int) string { return fmt.Sprintf("garbage %d\n", i) }),
			"vendor/modules.txt": repeat(2000, func(i int) string {
				return fmt.Sprintf("# example.com/d%d v1.0.0 => ./x\n## explicit\nexample.com/d%d\n", i, i)
			}),
		})
	},
	"imports": func() tree {
		t := program(tree{})
		for i := range 150 {
			t[fmt.Sprintf("p%d/p.go", i)] = "package p\nimport (\n" + repeat(150, func(j int) string { return fmt.Sprintf("_ \"example.com/m/p%d\"\n", j) }) + ")\n"
			t[fmt.Sprintf("cmd/c%d/main.go", i)] = fmt.Sprintf("package main\nimport _ \"example.com/m/p%d\"\nfunc main() {}\n", i)
			t[fmt.Sprintf("cmd/c%d/Dockerfile", i)] = strings.ReplaceAll(plainFile, "/a .", fmt.Sprintf("/a ./cmd/c%d", i))
		}
		return t
	},
	"Go files": func() tree {
		return program(tree{
			"a.go": "package main\nimport (\n" + repeat(3000, func(i int) string { return fmt.Sprintf("\"example.com/x%d\"\n", i) }) + ")\n",
			"b.go": "package main\nimport \"os/signal\"\nvar x = " + strings.Repeat("(", 100000) + strings.Repeat(")", 100000),
			"c.go": "//go:build " + strings.Repeat("(", 100000) + "a" + strings.Repeat(")", 100000) + "\npackage main\n",
			"d.go": "//go:build " + strings.Repeat("!", 100001) + "a\npackage main\n",
			"e.go": strings.Repeat("/*", 100000),
			"f.go": "//go:build " + strings.Repeat("a && ", 50000) + "a\npackage main\n",
			"g.go": "// +build " + strings.Repeat("a,", 50000) + "a\n\npackage main\n",
			"h.go": "package main\nimport \"" + strings.Repeat("x/", 5000) + "\"\n",
			"i.go": "package main\nimport \"C\"\n//#cgo LDFLAGS: " + strings.Repeat("-lx ", 50000) + "\nimport \"C\"\n",
		})
	},

	"Dockerfiles": func() tree {
		t := tree{"go.mod": plainMod, "Makefile": "build:\n\tgo build -o /b ./...\n"}
		for i := range 300 {
			dir := fmt.Sprintf("d%d", i)
			t[dir+"/main.go"], t[dir+"/Dockerfile"] = plainMain, strings.ReplaceAll(plainFile, "RUN go build -o /a .", "RUN make build && go build -o /a ./"+dir)
		}
		return t
	},
	"stages": func() tree {
		return program(tree{"Dockerfile": strings.ReplaceAll(plainFile, "ENTRYPOINT", repeat(300, func(i int) string {
			return fmt.Sprintf("FROM alpine:3.20 AS s%d\n", i) + repeat(i, func(j int) string { return fmt.Sprintf("COPY --from=s%d / /\n", j) }) + "COPY --from=b / /\n"
		})+"ENTRYPOINT")})
	},
	"chain of stages": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22 AS s0\nWORKDIR /s\nCOPY . .\nRUN go build -o /a .\n" + repeat(60, func(i int) string {
			return fmt.Sprintf("FROM s%d AS s%d\nCOPY --from=s%d /a /b%d\nRUN cp -r / /x%d && mv /b%d /c%d && ls /*/*/* && go build -o /a%d .\n", i, i+1, i, i, i, i, i, i)
		})})
	},
	"chain of copies": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22 AS s0\nCOPY . .\nRUN go build -o /a .\n" + repeat(1500, func(i int) string {
			return fmt.Sprintf("FROM alpine AS s%d\nCOPY --from=s%d /a /a\n", i+1, i)
		}) + "ENTRYPOINT [\"/a\"]\n"})
	},
	"commands": func() tree {
		return program(tree{"Dockerfile": plainFile + strings.Repeat("RUN echo a\n", 20000)})
	},
	"variables": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nCOPY . .\n" + repeat(10000, func(i int) string { return fmt.Sprintf("ENV A%d=$A%dx\n", i+1, i) }) + "RUN go build -o /a .\n"})
	},
	"variables and commands": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nCOPY . .\n" + repeat(10000, func(i int) string {
			return fmt.Sprintf("ARG A%d\nENV B%d=1\nRUN true\n", i, i)
		}) + "ENTRYPOINT [\"/a\"]\n"})
	},
	"folders": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nCOPY . .\n" + strings.Repeat("WORKDIR ab/cd\n", 30000) + "RUN go build .\n"})
	},
	"copies and patterns": func() tree {
		return program(tree{
			".dockerignore": repeat(300, func(i int) string { return fmt.Sprintf("**/a*b*c*%d*/**/x*\n", i%10) }),
			"Dockerfile":    "FROM golang:1.22\n" + repeat(2000, func(i int) string { return fmt.Sprintf("COPY abc/abc%d /x%d/\n", i, i) }) + "RUN go build .\n",
		})
	},
	"own stage": func() tree {
		return program(tree{"Dockerfile": "FROM a AS a\nCOPY --from=a /x /y\nFROM b AS c\nFROM c AS b\nCOPY --from=2 /a /b\nCOPY --from=99 /a /b\nRUN --mount=from=b,source=/,target=/m go build .\n"})
	},
	"own argument": func() tree {
		return program(tree{"Dockerfile": "ARG A=$A\nARG B=${C:-$B}\nARG C=${B:-${C}${C}}\nFROM golang:$A AS x\nARG A=aaaaaaaaaa\nENV A=$A$A$A B=$A$A\n" +
			strings.Repeat("ENV A=$A$A$A$A$A$A$A$A\n", 60) + "RUN CGO_ENABLED=$A go build -o $A .\nFROM alpine:$A\nCOPY --from=x $A $A\n"})
	},
	"users": func() tree {
		return program(tree{"Dockerfile": "FROM alpine:3.20\n" + repeat(500, func(i int) string {
			return fmt.Sprintf("RUN adduser -D u%d && chown -R u%d / && chmod -R 000 /x%d\nUSER u%d\nVOLUME /v%d\n", i, i, i, i, i)
		})})
	},

	"shell values": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nRUN A=aaaaaaaaaa; " + strings.Repeat("A=$A$A$A$A$A$A$A$A; ", 60) + "go build -ldflags=\"$A\" .\n"})
	},
	"shell loops": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nRUN " + strings.Repeat("for b in 1 2 3 4 5 6 7 8 9 10; do ", 20) + "go build $b;" + strings.Repeat(" done;", 20) + "\nRUN while true; do go build .; done\n"})
	},
	"shell functions": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nRUN f(){ f; f; }; f\nRUN f(){ g; g; }; g(){ f; f; go build .; }; f\nRUN " +
			repeat(40, func(i int) string { return fmt.Sprintf("f%d() { f%d; f%d; }; ", i, i+1, i+1) }) + "f40() { go build .; }; f0\n"})
	},
	"shell nesting": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nRUN " + strings.Repeat("$(", 3000) + "go build" + strings.Repeat(")", 3000) + "\nRUN " + strings.Repeat("(", 3000) + "go build" + strings.Repeat(")", 3000) + "\n"})
	},
	"shell lists": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nRUN " + strings.Repeat("go build . && ", 3000) + "true\nRUN " + strings.Repeat("sh -c '", 30) + "go build" + strings.Repeat("'", 30) + "\n"})
	},
	"shell braces": func() tree {
		return program(tree{"Dockerfile": "FROM golang:1.22\nSHELL [\"/bin/bash\", \"-c\"]\nRUN go build " + strings.Repeat("{a,b}", 40) + "\nRUN echo {1..1000000000} && go build {1..99999999}\n"})
	},
	"scripts": func() tree {
		t := program(tree{"Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN ./s0.sh\n", "s40.sh": "#!/bin/sh\n. ./s40.sh\ngo build .\n"})
		for i := range 40 {
			t[fmt.Sprintf("s%d.sh", i)] = fmt.Sprintf("#!/bin/sh\n./s%d.sh\nsh ./s%d.sh\n. ./s%d.sh\ngo build .\n", i+1, i+1, i+1)
		}
		return t
	},
	"makefile in itself": func() tree {
		return program(tree{
			"Makefile": "include Makefile\n-include ./Makefile */*.mk\nA=$(A)\nB=$(C)$(C)\nC=$(B)\nall: all b\n\tgo build $(A) $(B)\n\t$(MAKE) all\n\t$(MAKE) -C . all\n\tmake -f Makefile b\nb: all\n\t./x.sh\n%: %.x\n\tgo build\n" +
				"X0=aaaaaaaaaa\n" + repeat(60, func(i int) string { return fmt.Sprintf("X%d=%s\n", i+1, strings.Repeat(fmt.Sprintf("$(X%d)", i), 4)) }) + "c:\n\tgo build -ldflags \"$(X60)\"\n",
			"x.sh": "#!/bin/sh\nmake all\n./x.sh\ngo build\n", "a/b.mk": "include ../Makefile\ninclude b.mk\n", "Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN make all\nRUN make c\nRUN ./x.sh\n",
		})
	},
	"make targets": func() tree {
		return program(tree{
			"Makefile":   repeat(150, func(i int) string { return fmt.Sprintf("t%d: t%d t%d\n\tgo build -o /a%d .\n", i, i+1, i+2, i) }) + "t150:\nt151:\n",
			"Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN make t0\n",
		})
	},
	"make calls": func() tree {
		return program(tree{
			"Makefile": repeat(60, func(i int) string {
				return fmt.Sprintf("t%d:\n\t$(MAKE) t%d\n\t$(MAKE) t%d\n\tgo build -o /a%d .\n", i, i+1, i+1, i)
			}) + "t60:\n\tgo build .\n",
			"Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN make t0\n",
		})
	},
	"make exports": func() tree {
		return program(tree{
			"Makefile": repeat(2000, func(i int) string {
				return fmt.Sprintf("export A%d = $(A%d)\nt%d:\n\tgo build -o a%d .\nall: t%d\n", i, i+1, i, i, i)
			}),
			"Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN make all\n",
		})
	},
	"make functions": func() tree {
		return program(tree{
			"Makefile": "L := " + strings.Repeat("a b c d e f g h ", 500) + "\nA = $(foreach a,$(L),$(foreach b,$(L),$(foreach c,$(L),$(a)$(b)$(c))))\nB = $(call B,$(call B,1))\nC = $(eval C = $(C) $(C))$(C)\n" +
				"P = $(patsubst %a%,%b%,$(subst a,aa,$(subst a,aa,$(L))))\nx:\n\tgo build $(A) $(B) $(C) $(P)\n",
			"Dockerfile": "FROM golang:1.22\nCOPY . .\nRUN make x\n",
		})
	},

	"Helm": func() tree {
		return tree{
			"chart/Chart.yaml": "name: x\nversion: 1\n", "chart/values.yaml": "a: \"{{ .Values.a }}\"\nb: {{ .Values.b }}\n",
			"chart/templates/_h.tpl": `{{ define "a" }}{{ include "a" . }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ template "a" . }}{{ end }}`,
			"chart/templates/d.yaml": "apiVersion: v1\nkind: Pod\n" + strings.Repeat("{{ include \"a\" . }}\n{{ range .Values.x }}", 2000) + strings.Repeat("{{ if a }}", 5000) + "x: {{ tpl .Values.a . }}\n" + strings.Repeat("{{ end }}", 9000),
			"chart/templates/e.yaml": "apiVersion: v1\nkind: Pod\n" + strings.Repeat("{{", 50000),
			"chart/templates/f.yaml": "apiVersion: v1\nkind: Pod\n" + repeat(3000, func(i int) string {
				return fmt.Sprintf("{{ if .Values.a%d }}\na%d: 1\n{{ else }}\na%d: 2\n{{ end }}\n", i, i, i)
			}),
		}
	},
	"kustomizations": func() tree {
		t := tree{"kustomization.yaml": "resources: [., ./, ../x, a, a, k0]\nbases: [.]\n", "a/kustomization.yaml": "resources: [.., ../a]\n"}
		for i := range 40 {
			t[fmt.Sprintf("k%d/kustomization.yaml", i)] = fmt.Sprintf("resources: [../k%d, ../k%d]\n", i+1, i+1)
		}
		return t
	},
	"compose in itself": func() tree {
		t := tree{
			"compose.yaml": "include: [compose.yaml, compose.yaml, c0/compose.yaml]\nservices:\n  a:\n    extends: {service: a, file: compose.yaml}\n    build: .\n  b:\n    extends: c\n  c:\n    extends: b\n    env_file: [.env, .env]\n    environment:\n      A: ${A:-${A:-${A}}}\n",
			".env": "A=$A\nB=${A}${B}\n" + repeat(60, func(i int) string {
				return fmt.Sprintf("X%d=%s\n", i+1, strings.Repeat(fmt.Sprintf("${X%d-aaaaaaaa}", i), 8))
			}),
		}
		for i := range 40 {
			t[fmt.Sprintf("c%d/compose.yaml", i)] = fmt.Sprintf("include: [../c%d/compose.yaml, ../c%d/compose.yaml]\nservices:\n  s:\n    extends: {service: s, file: ../c%d/compose.yaml}\n", i+1, i+1, i+1)
		}
		return t
	},
	"chain of services": func() tree {
		return program(tree{"compose.yaml": "services:\n" + repeat(5000, func(i int) string { return fmt.Sprintf("  s%d:\n    extends: s%d\n", i, i+1) }) + "  s5000:\n    build: .\n"})
	},
	"includes": func() tree {
		return program(tree{
			"compose.yaml": "include:\n" + strings.Repeat("  - all.yaml\n", 20000) + "services:\n  s:\n    build: .\n    env_file:\n" + strings.Repeat("      - .env\n", 20000),
			"all.yaml":     "services:\n" + repeat(100, func(i int) string { return fmt.Sprintf("  s%d:\n    build: .\n", i) }),
			".env":         strings.Repeat("A=1\n", 500),
		})
	},
	"chart values": func() tree {
		return tree{
			"chart/Chart.yaml": "name: x\nversion: 1\n", "chart/values.yaml": repeat(20000, func(i int) string { return fmt.Sprintf("a%d: 1\n", i) }),
			"chart/templates/d.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n" + repeat(2000, func(i int) string {
				return fmt.Sprintf("  - name: c%d\n    image: {{ .Values.a%d }}\n", i, i)
			}),
		}
	},
	"bake": func() tree {
		return program(tree{
			"docker-bake.hcl": "variable \"A\" { default = \"${A}${A}\" }\ngroup \"default\" { targets = [\"default\", \"a\"] }\ntarget \"a\" {\n  inherits = [\"a\", \"b\"]\n  contexts = { x = \"target:a\" }\n}\n" +
				"target \"b\" {\n  inherits = [\"a\"]\n  args = { A = \"${B}\" }\n  matrix = { x = [1, 2, 3], y = [1, 2, 3] }\n}\n" + repeat(40, func(i int) string {
				return fmt.Sprintf("target \"t%d\" {\n  inherits = [\"t%d\", \"t%d\"]\n}\n", i, i+1, i+1)
			}),
			"bake.docker-bake.hcl": "target \"x\" { a = " + strings.Repeat("[", 50000) + strings.Repeat("]", 50000) + " }\n",
			"docker-bake.json":     "{\"target\":" + strings.Repeat("{\"a\":", 50000) + "1" + strings.Repeat("}", 50000) + "}",
		})
	},
	"workflows": func() tree {
		t := program(tree{
			".github/workflows/a.yml": "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n" + repeat(30, func(i int) string { return fmt.Sprintf("        k%d: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n", i) }) +
				"    runs-on: x\n    steps:\n      - uses: actions/setup-go@v6\n        with: {go-version: \"${{ matrix.k1 }}.${{ matrix.k2 }}.${{ matrix.k3 }}.${{ matrix.k4 }}.${{ matrix.k5 }}.${{ matrix.k6 }}.${{ matrix.k7 }}\"}\n      - run: go build ${{ matrix.k2 }}\n      - uses: ./\n      - uses: ./.github/actions/x\n  b:\n    uses: ./.github/workflows/a.yml\n    needs: [a, b]\n",
			".github/actions/x/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: ./.github/actions/x\n    - uses: ./\n      run: go build\n", "action.yml": "runs:\n  using: composite\n  steps:\n    - uses: ./\n    - uses: ./.github/actions/x\n",
		})
		for i := range 300 {
			t[fmt.Sprintf(".github/workflows/w%d.yml", i)] = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/setup-go@v6\n        with: {go-version: \"1.20\"}\n      - run: make all\n      - run: go build ./...\n"
		}
		return t
	},
	"services": func() tree {
		t := program(tree{"cmd/app1/main.go": plainMain})
		for i := range 1000 {
			t[fmt.Sprintf("s%d.service", i)] = fmt.Sprintf("[Service]\nExecStart=/usr/bin/app%d\nEnvironmentFile=/etc/app\nCPUQuota=50%%\nMemoryMax=1G\n", i)
		}
		return t
	},
	"units": func() tree {
		t := tree{"app.service": strings.Repeat("[Service]\nExecStart=/a \\\n", 2000) + "[Service]\nEnvironment=" + strings.Repeat("A=1 ", 20000) + "\nMemoryMax=99999999999999999999T\nCPUQuota=1e309%\n" +
			repeat(3000, func(i int) string { return fmt.Sprintf("Environment=GOMEMLIMIT=%d\n", i) })}
		for i := range 500 {
			t[fmt.Sprintf("app.service.d/%d.conf", i)] = fmt.Sprintf("[Service]\nMemoryMax=%d\nEnvironment=A%d=%%%%%%i\n", i, i)
		}
		return t
	},

	"long lines": func() tree {
		const n = 1 << 20
		a := strings.Repeat("a", n)
		return tree{
			"Dockerfile": "FROM golang:1.22\nRUN " + a + "\nENV A=" + a + "\n", "go.mod": "module " + strings.Repeat("a/", n/2) + "b\n", "app.service": "[Service]\nExecStart=" + a + "\nMemoryMax=" + strings.Repeat("9", n) + "\n",
			"Makefile": "a: " + strings.Repeat("b ", n/8) + "\n\tgo build\n", "compose.yaml": "services: {a: {image: \"" + a + "\"}}\n", ".env": "A=" + a + "\n", "build.sh": "#!/bin/sh\ngo build " + strings.Repeat("a ", n/8) + "\n",
			".gitignore": strings.Repeat("*", 20000) + "a\n" + strings.Repeat("*a", 50) + "b\n", ".dockerignore": strings.Repeat(strings.Repeat("*", 100)+"a", 50) + "\n", strings.Repeat("a", 200): "",
		}
	},
	"many patterns": func() tree {
		t := program(tree{
			".gitignore":    repeat(2000, func(i int) string { return fmt.Sprintf("a*b*c*d*e*f*g*h*i*j*k%d*\n", i) }) + strings.Repeat("**/", 200) + "x\n" + strings.Repeat("a/**/", 50) + "b\n",
			".dockerignore": repeat(200, func(i int) string { return fmt.Sprintf("**/a*b*c*d*e*f*g*h*i*j*k%d*\n", i) }) + strings.Repeat("**/", 200) + "x\n" + strings.Repeat("a/**/", 50) + "b\n",
		})
		for i := range 50 {
			t[strings.Repeat("a/", i)+"abcdefghijabcdefghijabcdefghijabcdefghij.go"] = plainMain
		}
		return t
	},
	"ignores": func() tree {
		return program(tree{
			"Dockerfile": plainFile + repeat(3000, func(i int) string { return fmt.Sprintf("# seaworthy:ignore image/x%d because\nRUN x\n", i) }),
			"go.mod":     plainMod + repeat(3000, func(i int) string { return fmt.Sprintf("// seaworthy:ignore module/x%d because\n", i) }),
		})
	},
}
