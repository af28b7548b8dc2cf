package buildplan

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// hostile are repositories that are made to cost time or memory.
func hostile() map[string][]txtar.File {
	repeat := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	file := func(name, text string) txtar.File { return txtar.File{Name: name, Data: []byte(text)} }
	var many []txtar.File
	for i := range 3000 {
		many = append(many, file(fmt.Sprintf("f/%d/%d/%d/x.txt", i%10, i/10%10, i/100), ""))
	}
	return map[string][]txtar.File{
		"stages that copy from one another": {file("Dockerfile", repeat(300, func(i int) string {
			text := fmt.Sprintf("FROM scratch AS s%d\n", i)
			for j := max(0, i-10); j < i; j++ {
				text += fmt.Sprintf("COPY --from=s%d / /d%d\n", j, j)
			}
			return text
		})+"COPY --from=s0 /x /y\n")},
		"stages that double": {file("Dockerfile", "FROM golang:1.26 AS s0\nCOPY . /src\nRUN go build -C /src -o /a .\n"+repeat(60, func(i int) string {
			return fmt.Sprintf("FROM scratch AS s%d\nCOPY --from=s%d / /a/\nCOPY --from=s%d / /b/\n", i+1, i, i)
		}))},
		"layers": {file("Dockerfile", "FROM golang:1.26\nCOPY . /src\nWORKDIR /src\n"+repeat(5000, func(i int) string {
			return fmt.Sprintf("RUN go build -o /out/%d . && cp /out/%d /copy%d\n", i, i, i)
		}))},
		"stage from stage": {file("Dockerfile", "FROM golang:1.26 AS s0\n"+repeat(1000, func(i int) string {
			return fmt.Sprintf("FROM s%d AS s%d\nRUN apk add p%d && adduser u%d\n", i, i+1, i, i)
		}))},
		"patterns": append(many, file("Dockerfile", "FROM alpine AS a\n"+repeat(200, func(int) string {
			return "COPY */*/*/*/* /x/\nRUN cp /x/* /y/ && rm -rf /x/*/*/*\n"
		})+"FROM scratch\n"+strings.Repeat("COPY --from=a /*/*/*/* /z/\n", 200))),
		"many arguments": {file("Dockerfile", "FROM golang:1.26\n"+repeat(3000, func(i int) string {
			return fmt.Sprintf("ARG A%d=$A%d$A%d\nRUN go env\n", i, i-1, i-1)
		}))},
		"targets that build": {file("Dockerfile", "FROM scratch\nCOPY x y\n"), file("Makefile", repeat(600, func(i int) string {
			return fmt.Sprintf("t%d: t%d\n\tdocker build --build-arg A=%d .\n\tgo build -o bin/%d .\n", i, i+1, i, i)
		}))},
		"steps that build": {file("Dockerfile", "FROM scratch\nARG A\n"), file(".github/workflows/x.yml", "on: push\njobs:\n  a:\n    steps:\n"+
			repeat(2000, func(i int) string {
				return fmt.Sprintf("      - run: docker build --build-arg A=%d . && go build -o bin/%d .\n", i, i)
			}))},
		"a bind mount for every command": {file("Dockerfile", "FROM golang:1.26\n"+repeat(2000, func(int) string {
			return "RUN --mount=target=/src --mount=type=cache,target=/c cd /src && go build -o /out/x ./...\n"
		}))},
	}
}

// TestHostile shows that hostile repositories are planned at all: the
// benchmark tells what that costs.
func TestHostile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, files := range hostile() {
		t.Run(name, func(t *testing.T) {
			r := open(t, append(files, sources...))
			if len(Plans.Of(r)) == 0 {
				t.Error("no plan")
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, files := range hostile() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, p := range Plans.Of(open(b, append(files, sources...))) {
					for _, st := range p.Stages {
						for _, placed := range st.Binaries {
							placed.Binary.Link()
						}
					}
				}
			}
		})
	}
}
