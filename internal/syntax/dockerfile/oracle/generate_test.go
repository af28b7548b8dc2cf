package oracle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// generated is how many files TestGenerated compares.
const generated = 20000

// generator writes Dockerfiles, most of them right, some of them wrong in ways
// that people are wrong.
type generator struct{ *rand.Rand }

func (g generator) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// some joins up to n results of make.
func (g generator) some(n int, sep string, make func() string) string {
	var parts []string
	for range g.IntN(n) + 1 {
		parts = append(parts, make())
	}
	return strings.Join(parts, sep)
}

func (g generator) name() string {
	return g.pick("A", "B", "EMPTY", "NONE", "VERSION", "GO_VERSION", "X", "PATH", "_x1", "TARGETARCH", "1", "é")
}

func (g generator) plain() string {
	return g.pick("a", "b", "/app", "./cmd/...", "go", "build", "-o", "x=y", "é", "\xff", "--", "-", "#", "a#b", "*", "?", ".", "go.mod", "alpine:3.20", "🐳", "\u00a0", "[", "]", ",", ";", "&&", "|", "@sha256:abc", "0", "build", "none", "cmd")
}

// variable is a reference, right or wrong.
func (g generator) variable() string {
	n := g.name()
	switch g.IntN(12) {
	case 0, 1:
		return "$" + n
	case 2, 3:
		return "${" + n + "}"
	case 4:
		return "${" + n + g.pick("-", "+", "?", ":-", ":+", ":?") + g.piece() + "}"
	case 5:
		return "${" + n + g.pick("#", "##", "%", "%%", ":#", "=", ":=", "@") + g.pattern() + "}"
	case 6:
		return "${" + n + g.pick("/", "//") + g.pattern() + g.pick("/", "/", "") + g.pick("", "z", "$A", "$1") + "}"
	case 7:
		return g.pick("$", "${", "${}", "$$", "${:}", "${{A}", "$@", "${A", "$-", "${-}", "${A:", "${A/x")
	}
	return "${" + n + ":-" + g.word() + "}"
}

func (g generator) pattern() string {
	return g.pick("", "a", "*", "?", "v*", "*.", "*:", "/*", `\*`, `\?`, `\\`, `\}`, `\/`, `\a`, "'*'", `"v"`, "$A", "$X", `'\'`, ".", "[", "é", "*b*")
}

// piece is part of a word.
func (g generator) piece() string {
	switch g.IntN(10) {
	case 0:
		return `"` + g.pick("", "a b", "$A", `\"`, `\$A`, `\a`, "'", "#", "${B:-x y}", `\\`, "`") + `"`
	case 1:
		return "'" + g.pick("", "a b", "$A", `\`, `"`, "#") + "'"
	case 2:
		return g.pick(`\`, "`") + g.pick("$", `"`, "'", " ", "a", `\`, "`", "#")
	case 3:
		return g.variable()
	case 4:
		if g.chance(10) {
			return g.pick(`"`, "'", `\`, "<", "<<", "{", "}")
		}
	}
	return g.plain()
}

func (g generator) word() string {
	return g.some(3, "", g.piece)
}

func (g generator) words() string {
	return g.some(4, g.pick(" ", " ", " ", "  ", "\t", "\v"), g.word)
}

func (g generator) json() string {
	element := func() string {
		return g.pick(`"a"`, `"/app"`, `""`, `"a b"`, `"\u00e9\n"`, `"\ud83d\ude00"`, `"\ud83d"`, `"$A"`, `"\\"`, `"\""`, `"é"`, "\"\xff\"", `" "`, `"<<EOF"`, `"sh"`)
	}
	list := "[" + g.pick("", "", " ") + g.some(3, g.pick(",", ", ", " , "), element) + g.pick("]", "]", "]", " ]", "] ", "", "] x", ",]")
	switch g.IntN(20) {
	case 0:
		return g.pick("[]", "[ ]", "[1]", "[null]", `[["a"]]`, "['/app']", "[a]", "[1e999]", `[{"a":"b"}]`, `["a" "b"]`, "[")
	case 1:
		return strings.ReplaceAll(list, " ", " \\\n ")
	}
	return list
}

// heredocs returns redirections and the lines that belong to them.
func (g generator) heredocs() (operators, bodies string) {
	for range g.IntN(2) + 1 {
		name := g.pick("EOF", "E", "file.txt", "x y")
		op := g.pick("<<", "<<", "<<-", "3<<", "<< ")
		quoted := name
		switch {
		case name == "x y":
			quoted = g.pick(`"x y"`, `'x y'`, `x\ y`)
		case g.chance(30):
			quoted = g.pick(`"`+name+`"`, "'"+name+"'", `\`+name, `"`+name[:1]+`"`+name[1:])
		}
		operators += " " + op + quoted
		for range g.IntN(3) {
			bodies += g.pick("echo $A", "\techo", "FROM x", "# no comment", "", `a \`, " "+name, "EOF x", "${A:-'x'}") + g.pick("\n", "\n", "\r\n")
		}
		if !g.chance(4) {
			bodies += g.pick("", "", "\t") + name + g.pick("\n", "\n", "\r\n")
		}
	}
	return operators, bodies
}

func (g generator) flag(flags ...string) string {
	if g.chance(3) {
		flags = []string{"--unknown", "--", "--from", "--link=maybe", "--chown=", "--é=à", "--link=", "--\"x"}
	}
	f := g.pick(flags...)
	if g.chance(10) {
		f = g.pick(`"`+f+`"`, strings.Replace(f, "=", `="`, 1)+`"`, strings.Replace(f, "=", `=\`, 1))
	}
	return f
}

// flags returns none, one or two flags.
func (g generator) flags(flags ...string) string {
	out := ""
	for g.chance(30) {
		out += g.flag(flags...) + g.pick(" ", " ", "  ", " \\\n  ")
	}
	return out
}

func (g generator) mount() string {
	field := func() string {
		return g.pick("type=cache", "type=bind", "type=secret", "type=tmpfs", "type=ssh", "TYPE=Cache", "type=x", "target=/go", "dst=/x", "destination=$A",
			"source=.", "src=a", "from=build", "from=$A", "from=0", "id=x", "ro", "rw", "readonly=true", "readwrite=false", "rw=x", "required", "required=true",
			"sharing=locked", "sharing=x", "mode=0700", "mode=9", "uid=1", "gid=x", "env=X", `"target=/a,b"`, `a"b`, `"a"b`, "nonsense", "x=y", "", "ro=$A")
	}
	return "--mount=" + g.some(4, ",", field)
}

// instruction returns one instruction, with its heredocs.
func (g generator) instruction() string {
	cmd := g.pick("FROM", "RUN", "RUN", "RUN", "CMD", "ENTRYPOINT", "COPY", "COPY", "ADD", "ENV", "ENV", "ARG", "ARG", "LABEL", "USER", "WORKDIR", "EXPOSE",
		"VOLUME", "STOPSIGNAL", "SHELL", "HEALTHCHECK", "MAINTAINER", "ONBUILD")
	if g.chance(2) {
		cmd = g.pick("FRMO", "{{", "RUN:", "}}", "", "EOF", "\u212aCMD", "COPY,")
	}
	args, bodies := g.arguments(cmd)
	if g.chance(15) {
		cmd = strings.ToLower(cmd)
	}
	line := cmd + g.pick(" ", " ", " ", "  ", "\t", " \\\n", " \\\n# comment\n  ", " \\ \t\n\n") + args
	if g.chance(10) {
		line = strings.ReplaceAll(line, " ", g.pick(" \\\n  ", " \\\n\n \t", "\\\n", " `\n", " \\\n  # c \\\n", " \\\r\n ", " \\\\\n"))
	}
	return g.pick("", "", "", " ", "\t") + line + g.pick("", "", "", " ", "\t", "\r", " \\") + "\n" + bodies
}

func (g generator) arguments(cmd string) (args, bodies string) {
	switch cmd {
	case "FROM":
		return g.flags("--platform=$BUILDPLATFORM", "--platform=linux/arm64") + g.pick("alpine", "golang:1.27", "$A", "${A:-b}", "build", "scratch", "a b") + g.pick("", "", " AS build", " as Build2", " AS 1x", " AS", " AS a b", " FOR x"), ""
	case "RUN":
		flags := ""
		for g.chance(15) {
			flags += g.mount() + " "
		}
		flags += g.flags("--network=none", "--network=x", "--security=insecure", "--security=y")
		if g.chance(25) {
			ops, bodies := g.heredocs()
			return flags + g.pick("", "", "cat", "cat $A", "cat '", "python3 -", "echo ${A:-<<E}") + ops + g.pick("", "", " > /x", " && x", " <<<b"), bodies
		}
		return flags + g.command(), ""
	case "COPY", "ADD":
		flags := g.flags("--from=build", "--from=0", "--from=9", "--from=$A", "--chown=1:1", "--chmod=755", "--link", "--link=false", "--parents", "--exclude=*.go", "--exclude=a")
		if g.chance(25) {
			ops, bodies := g.heredocs()
			return flags + g.pick("", "a ") + strings.TrimSpace(ops) + g.pick(" /x", " /x/", "", " b"), bodies
		}
		return flags + g.pick(g.words(), g.words()+" "+g.words(), g.json()), ""
	case "ENV", "LABEL", "ARG":
		pair := func() string { return g.pick(g.name()+"="+g.word(), g.name()+"="+g.word(), g.name(), g.word()) }
		return g.flags("--x=y") + g.pick(g.some(3, " ", pair), g.some(3, " ", pair), g.name()+" "+g.words(), ""), ""
	case "HEALTHCHECK":
		return g.flags("--interval=5s", "--interval=x", "--timeout=1us", "--retries=3", "--retries=-1", "--retries=a", "--start-period=0s", "--start-interval=") + g.pick("NONE", "none x", "CMD "+g.command(), "cmd "+g.command(), "CMD", "x "+g.command(), ""), ""
	case "ONBUILD":
		inner := g.pick("RUN", "COPY", "ENV", "FROM", "ONBUILD", "MAINTAINER", "CMD", "FOO", "ARG", "HEALTHCHECK")
		args, bodies := g.arguments(inner)
		return g.pick("", "", "", "--x ") + inner + " " + args, bodies
	}
	return g.flags("--x=y") + g.command(), ""
}

func (g generator) command() string { return g.pick(g.words(), g.words(), g.json(), "") }

func (g generator) file() []byte {
	var b strings.Builder
	if g.chance(5) {
		b.WriteString("\ufeff")
	}
	for g.chance(20) {
		b.WriteString(g.pick("# syntax=docker/dockerfile:1\n", "# escape=`\n", "#escape = \\\n", "# check=skip=all\n", "# comment\n", "# escape=x\n", "\n", "# unknown=1\n", "# Escape=`  \n", "# escape= \n"))
	}
	if g.chance(30) {
		b.WriteString("ARG " + g.name() + "=" + g.word() + "\n")
	}
	if g.chance(97) {
		b.WriteString("FROM alpine AS build\n")
	}
	for range g.IntN(8) {
		b.WriteString(g.instruction())
		for g.chance(15) {
			b.WriteString(g.pick("\n", "# comment\n", "  # c\\\n", "\t\n", "\r\n", "\\\n"))
		}
	}
	text := b.String()
	if g.chance(5) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if g.chance(5) {
		text = strings.TrimRight(text, "\r\n")
	}
	return []byte(text)
}

func TestGenerated(t *testing.T) {
	agree := 0
	for seed := range uint64(generated) {
		g := generator{rand.New(rand.NewPCG(seed, 1))}
		if check(t, fmt.Sprintf("seed %d", seed), g.file()) {
			agree++
		} else if seed+1-uint64(agree) > 20 {
			break
		}
	}
	t.Logf("%d of %d generated files agree", agree, generated)
}

// TestExpansion expands random words, which rarely make sense.
func TestExpansion(t *testing.T) {
	parts := []string{"$", "${", "}", "{", ":", "-", "+", "?", "#", "%", "/", "//", `\`, "'", `"`, "A", "B", "X", "EMPTY", "NONE", "a", "*", " ", "<", "<<", "`", "é", "."}
	for seed := range uint64(generated) {
		g := generator{rand.New(rand.NewPCG(seed, 2))}
		var word source.Joined
		text := g.some(12, "", func() string { return g.pick(parts...) })
		word.Append(source.New("word", []byte(text)).Whole())
		for _, escape := range []byte("\\`") {
			c := &comparison{ours: &dockerfile.File{Escape: escape}}
			c.expansion(&word)
			list, err := shell.NewLex(rune(escape)).ProcessWords(text, environment)
			ours, _, ourErr := dockerfile.ExpandWords(&word, escape, lookup)
			c.result("words", strings.Join(ours, "|"), ourErr, strings.Join(list, "|"), err)
			for _, d := range c.diffs {
				t.Errorf("%q: %s", text, d)
			}
		}
	}
}
