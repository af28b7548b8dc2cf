package dockerfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func parse(text string) *File { return Parse(source.New("Dockerfile", []byte(text))) }

// dump shows an instruction in one line: its words, each with the text it was
// written as where that differs.
func dump(ins *Instruction) string {
	var b strings.Builder
	show := func(label string, words ...Word) {
		for i := range words {
			if w := &words[i]; w.Given() {
				fmt.Fprintf(&b, " %s%q", label, w.Text)
				if at := w.At.Text(); at != w.Text {
					fmt.Fprintf(&b, "<%q", at)
				}
			}
		}
	}
	b.WriteString(ins.Cmd)
	for _, f := range ins.Flags {
		show("--"+f.Name+"=", f.Value)
	}
	if f := ins.From; f != nil {
		show("", f.Image)
		show("as ", f.Name)
	}
	if ins.Health != nil {
		show("", ins.Health.Type)
	}
	if c := ins.Command; c != nil {
		show("exec ", c.Exec...)
		if !c.JSON {
			fmt.Fprintf(&b, " sh %q", c.Shell.Text)
		}
		if c.Bracket {
			b.WriteString(" bracket")
		}
	}
	if c := ins.Copy; c != nil {
		show("", c.Sources...)
		for _, f := range c.Files {
			text := f.Text()
			fmt.Fprintf(&b, " file %s %q %v", f.Name, text.Text, f.Expand)
		}
		show("to ", c.Dest)
	}
	for _, p := range ins.Pairs {
		show("", p.Key)
		show("= ", p.Value)
	}
	show("", ins.Words...)
	if ins.Trigger != nil {
		b.WriteString(" (" + dump(ins.Trigger) + ")")
	}
	return b.String()
}

// TestInstructions shows what becomes of instructions. The oracle compares far
// more of them with BuildKit.
func TestInstructions(t *testing.T) {
	for text, want := range map[string]string{
		"from golang:1.27 As Build":                    `FROM "golang:1.27" as "Build"`,
		"FROM --platform=$BUILDPLATFORM x":             `FROM --platform="$BUILDPLATFORM" "x"`,
		"RUN a \\\n# c\n\n  b\\\nc":                    `RUN sh "a   bc"`,
		"RUN a \\ \t\nb \\\\\nRUN c":                   `RUN sh "a b \\\\"`,
		"RUN [\"a\", \"\\u0062\"]":                     `RUN exec "a"<"\"a\"" exec "b"<"\"\\u0062\""`,
		"CMD ['/app']":                                 `CMD sh "['/app']" bracket`,
		"CMD []":                                       `CMD`,
		"ENV a=1 b=\"x y\" c=x\\ y":                    `ENV "a" = "1" "b" = "\"x y\"" "c" = "x\\ y"`,
		"ENV a  b c=d":                                 `ENV "a" = "b c=d"`,
		"ENV a=":                                       `ENV "a" = ""`,
		"ARG a b= c=1":                                 `ARG "a" "b" = "" "c" = "1"`,
		"COPY --from=b --chown=1:1 x y /z/":            `COPY --from="b" --chown="1:1" "x" "y" to "/z/"`,
		"COPY --from=\"b\\c\" x y":                     `COPY --from="bc"<"b\\c" "x" to "y"`,
		"ADD [\"a b\", \"/\"]":                         `ADD "a b"<"\"a b\"" to "/"<"\"/\""`,
		"COPY <<-'A' <<B /d\n\tx\n\tA\n$y\nB\n":        `COPY file A "x\n" false file B "$y\n" true to "/d"`,
		"RUN <<EOF\na\nb\nEOF\n":                       `RUN sh "a\nb\n"`,
		"RUN cat <<E > /x && b\na\nE\n":                `RUN sh "cat <<E > /x && b\na\nE"`,
		"RUN cat <<< x <<":                             `RUN sh "cat <<< x <<"`,
		"HEALTHCHECK --interval=5s CMD a b":            `HEALTHCHECK --interval="5s" "CMD" sh "a b"`,
		"HEALTHCHECK none":                             `HEALTHCHECK "none"`,
		"ONBUILD COPY a b":                             `ONBUILD (COPY "a" to "b")`,
		"EXPOSE 80/tcp $P":                             `EXPOSE "80/tcp" "$P"`,
		"VOLUME [\"/a \"]":                             `VOLUME "/a"<"\"/a \""`,
		"WORKDIR /a b":                                 `WORKDIR "/a b"`,
		"USER a\r\n":                                   `USER "a"`,
		"SHELL [\"bash\",\"-c\"]":                      `SHELL exec "bash"<"\"bash\"" exec "-c"<"\"-c\""`,
		"RUN caf\xe9 \x00":                             "RUN sh \"caf\\xe9 \\x00\"",
		"\ufeff# escape=`\nRUN a `\n b \\":             `RUN sh "a  b \\"`,
		"# c\n# escape=`\nRUN a \\\n b":                `RUN sh "a  b"`,
		"COPY --from=x\\\n a \\\nb":                    `COPY --from="x" "a" to "b"`,
		"MAINTAINER  a <b@example.com> ":               `MAINTAINER "a <b@example.com>"`,
		"RUN a\rb":                                     `RUN sh "a\rb"`,
		"LABEL a=$b 'c d'=e":                           `LABEL "a" = "$b" "'c d'" = "e"`,
		"ENTRYPOINT [\"a\", \"\\ud83d\\ude00\", \"\"]": `ENTRYPOINT exec "a"<"\"a\"" exec "😀"<"\"\\ud83d\\ude00\"" exec ""<"\"\""`,
	} {
		f := parse(text)
		if len(f.Instructions) == 0 || dump(f.Instructions[0]) != want {
			t.Errorf("%q:\n got %s\nwant %s", text, dumpAll(f), want)
		}
	}
}

func dumpAll(f *File) string {
	var lines []string
	for _, ins := range f.Instructions {
		lines = append(lines, dump(ins))
	}
	return strings.Join(lines, "\n")
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"":                                          `1:1 file with no instructions`,
		"# only\n\n":                                `1:1 file with no instructions`,
		"ARG a":                                     `1:1 dockerfile contains no stages to build`,
		"FROM a\n{{ if }}\nRUN b":                   `2:1 unknown instruction: {{`,
		"FROM a b":                                  `1:1 FROM requires either one or three arguments`,
		"FROM a AS 1":                               `1:11 invalid name for build stage: "1", name can't start with a number or contain symbols`,
		"FROM a\nRUN x <<E\ny":                      `2:7 unterminated heredoc`,
		"FROM a\nCOPY --form=b c d":                 `2:6 unknown flag: --form`,
		"FROM a\nCOPY --from=b --from=c c d":        `2:15 duplicate flag specified: --from`,
		"FROM a\nCOPY --link=x c d":                 `2:6 expecting boolean value for flag --link, not: x`,
		"FROM a\nCOPY --from=$X c d":                `2:13 variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround`,
		"FROM a\nCOPY --from=1 c d":                 `2:13 invalid stage index 1`,
		"FROM a\nCOPY a":                            `2:1 COPY requires at least two arguments, but only one was provided. Destination could not be determined`,
		"FROM a\nCMD [1]":                           `2:5 when using JSON array syntax, arrays must be comprised of strings only`,
		"FROM a\nENV a":                             `2:1 ENV must have two arguments`,
		"FROM a\nENV a=b c":                         `2:9 Syntax error - can't find = in "c". Must be of the form: name=value`,
		"FROM a\nSHELL sh":                          `2:1 SHELL requires the arguments to be in JSON form`,
		"FROM a\nHEALTHCHECK x":                     `2:13 Unknown type "X" in HEALTHCHECK (try CMD)`,
		"FROM a\nHEALTHCHECK --retries=x CMD a":     `2:13 strconv.ParseInt: parsing "x": invalid syntax`,
		"FROM a\nRUN --mount=type=x b":              `2:5 unsupported mount type "x"`,
		"FROM a\nRUN --mount=type=bind,from=$X b":   `2:5 'from' doesn't support variable expansion, define alias stage instead`,
		"FROM a\nONBUILD FROM b":                    `2:9 FROM isn't allowed as an ONBUILD trigger`,
		"RUN a\nFROM b":                             `1:1 no build stage in current context`,
		"# escape=x\nFROM a":                        "1:10 invalid escape token 'x' does not match ` or \\",
		"# escape=`\n# escape=`\nFROM a":            `2:1 only one escape parser directive can be used`,
		"FROM a\nRUN " + strings.Repeat("x", 65532): `2:1 dockerfile line greater than max allowed size of 65535`,
		"FROM a\nRUN " + strings.Repeat("x", 65531): ``,
	} {
		var got []string
		for _, p := range parse(text).Problems {
			pos := p.At.Begin()
			got = append(got, fmt.Sprintf("%d:%d %s", pos.Line, pos.Column, p.Text))
		}
		if s := strings.Join(got, "\n"); s != want {
			t.Errorf("%.60q:\n got %s\nwant %s", text, s, want)
		}
	}
}

// TestTolerance checks that what follows a broken line is still read.
func TestTolerance(t *testing.T) {
	f := parse("{{ if x }}\nFROM a AS b\n<<<<<<< HEAD\nENV x\nRUN go build\n}}\nFROM\nCOPY --from=b x y\n")
	if got := dumpAll(f); got != "FROM \"a\" as \"b\"\nENV\nRUN sh \"go build\"\nFROM\nCOPY --from=\"b\" \"x\" to \"y\"" {
		t.Errorf("got %s", got)
	}
	if len(f.Stages) != 2 || len(f.Problems) != 5 {
		t.Errorf("%d stages, problems %v", len(f.Stages), f.Problems)
	}
}

func TestSpans(t *testing.T) {
	f := parse("FROM a\nRUN --mount=type=cache,target=/go \\\n  # note\n  go build \\\n  -o /a && cat <<E\nx\nE\nUSER b\n")
	run := f.Instructions[1]
	if got, want := run.At.Text(), "RUN --mount=type=cache,target=/go \\\n  # note\n  go build \\\n  -o /a && cat <<E\nx\nE"; got != want {
		t.Errorf("At = %q", got)
	}
	shell := run.Command.Shell
	i := strings.Index(shell.Text, "-o /a")
	if got := shell.Span(i, i+5).Begin(); got.Line != 5 || got.Column != 3 {
		t.Errorf("-o is at %d:%d", got.Line, got.Column)
	}
	if i := strings.Index(shell.Text, "x\n"); shell.Span(i, i+1).Begin().Line != 6 {
		t.Error("the heredoc is not traced")
	}
	m := run.Run.Mounts[0]
	if m.Target.At.Text() != "/go" || m.At.Text() != "--mount=type=cache,target=/go" {
		t.Errorf("mount at %q, target %q", m.At.Text(), m.Target.At.Text())
	}
	if len(f.Comments) != 1 || f.Comments[0].Text() != "# note" {
		t.Errorf("comments %v", f.Comments)
	}
}

func TestMounts(t *testing.T) {
	for flags, want := range map[string]string{
		"type=cache,target=/x":             "cache /x   false",
		"dst=/x,src=a,from=b":              "bind /x a b true",
		"type=bind,destination=/x,rw":      "bind /x   false",
		"type=tmpfs,target=/x,ro":          "tmpfs /x   true",
		"TYPE=Secret,id=k,required":        "secret    true",
		"type=$T,target=$X":                " $X   true",
		`type=cache,"target=/a,b",rw=0`:    "cache /a,b   true",
		"type=bind,source=.,readonly=True": "bind  .  true",
	} {
		m := parse("FROM a\nRUN --mount=" + strings.ReplaceAll(flags, `"`, `\"`) + " b").Instructions[1].Run.Mounts[0]
		if got := fmt.Sprintf("%s %s %s %s %v", m.Type, m.Target.Text, m.Source.Text, m.From.Text, m.ReadOnly); got != want || m.err+m.late != "" {
			t.Errorf("%s: got %q (%s%s), want %q", flags, got, m.err, m.late, want)
		}
	}
}

func TestStages(t *testing.T) {
	f := parse("FROM golang AS Build\nFROM build AS build\nFROM BUILD\nCOPY --from=BUILD a b\nCOPY --from=0 a b\nCOPY --from=alpine a b\nCOPY --from=7 a b\nRUN --mount=from=0,target=/x c\n")
	if f.Target("") != f.Stages[2] || f.Target("BuIlD") != f.Stages[1] || f.Target("0") != nil {
		t.Error("targets")
	}
	if f.Base(f.Stages[1], "build") != f.Stages[0] || f.Base(f.Stages[2], "BUILD") != nil || f.Base(f.Stages[0], "build") != nil {
		t.Error("bases")
	}
	in := f.Stages[2].Instructions
	for i, want := range []Origin{{Stage: f.Stages[1]}, {Stage: f.Stages[0]}, {Image: "alpine"}, {}} {
		if got := f.CopyOrigin(&in[i].Copy.From); got != want {
			t.Errorf("origin of %s: %v", in[i].At.Text(), got)
		}
	}
	if got := f.MountOrigin(&in[4].Run.Mounts[0].From); got.Image != "0" {
		t.Errorf("origin of the mount: %v", got)
	}
	if f := parse(""); f.Target("") != nil || f.Target("x") != nil {
		t.Error("a target in an empty file")
	}
}

func TestDirectives(t *testing.T) {
	f := parse("# Syntax = docker/dockerfile:1 \n#check=skip=all;error=true\n# a=b\n# escape=`\nFROM a")
	var got []string
	for _, d := range f.Directives {
		got = append(got, d.Name+" "+d.Value.At.Text()+"|"+d.At.Text())
	}
	want := []string{"syntax docker/dockerfile:1|# Syntax = docker/dockerfile:1", "check skip=all;error=true|#check=skip=all;error=true"}
	if !slices.Equal(got, want) || f.Escape != '\\' {
		t.Errorf("got %q, escape %c", got, f.Escape)
	}
}
