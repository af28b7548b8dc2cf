package dockerfile

import (
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// FuzzParse checks the laws every parser here keeps: it does not panic, spans
// lie within the file and within what they are part of, siblings follow each
// other, and joined text traces back to the same text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"# escape=`\nARG A=1\nFROM $A AS b\nRUN --mount=type=cache,target=/x a `\n # c\n b\n",
		"FROM a\nCOPY --from=0 <<-E <<'F' /x\n\ta\nE\nb\nF\nENV a=\"b c\" d=${a:-$b}\nCMD [\"a\", \"\\u0041\\ud83d\\ude00\"]\n",
		"FROM a\nONBUILD ONBUILD RUN <<E\nx\nE\nHEALTHCHECK --interval=1s CMD [ x\nEXPOSE 1 2\r\nVOLUME [\" a \"]\nLABEL a b\nSHELL [\"x\"]",
		"\ufeffFROM a\n\\\nRUN \\\n\n\xff\x00 \\ \nARG x y= \"z\nUSER\nADD --link=x [] \n",
		"FROM a\nENV A=${A/b/c}${A##*/}${A%?}${:}\nRUN --mount=\"type=bind,\"\"x\",ro --network=none x\nARG A\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &laws{t, Parse(source.New("Dockerfile", data))}
		l.file()
		for _, st := range l.f.Evaluate(Inputs{}).Stages {
			for i, ins := range st.Stage.Instructions {
				scope := st.Before(i)
				for n := range ins.Words {
					l.expansion(&ins.Words[n], scope)
				}
				for n := range ins.Pairs {
					l.expansion(&ins.Pairs[n].Value, scope)
				}
			}
			scope := st.Before(len(st.Stage.Instructions))
			for _, name := range scope.Names() {
				if v := scope.Lookup(name); v != nil {
					for _, at := range v.Trail() {
						l.inside(at, l.f.Source.Whole())
					}
				}
			}
		}
	})
}

// laws checks the laws on a file.
type laws struct {
	*testing.T
	f *File
}

func (l *laws) inside(s, parent source.Span) {
	l.Helper()
	if s.File != l.f.Source || s.Start > s.End || !parent.Contains(s) {
		l.Errorf("span %d-%d is not inside %d-%d", s.Start, s.End, parent.Start, parent.End)
	}
}

func (l *laws) file() {
	whole := l.f.Source.Whole()
	end := 0
	for _, ins := range l.f.Instructions {
		if ins.At.Start < end {
			l.Errorf("%s starts at %d, inside another", ins.Cmd, ins.At.Start)
		}
		end = ins.At.End
		l.inside(ins.At, whole)
		l.instruction(ins)
	}
	end = 0
	for _, c := range l.f.Comments {
		l.inside(c, whole)
		if c.Start < end || !strings.HasPrefix(c.Text(), "#") {
			l.Errorf("comment %q at %d", c.Text(), c.Start)
		}
		end = c.End
	}
	end = 0
	for _, p := range l.f.Problems {
		l.inside(p.At, whole)
		if p.At.Start < end {
			l.Errorf("problem out of order: %s", p.Text)
		}
		end = p.At.Start
	}
	for _, d := range l.f.Directives {
		l.inside(d.At, whole)
		l.inside(d.Value.At, d.At)
	}
}

func (l *laws) instruction(ins *Instruction) {
	l.inside(ins.Keyword, ins.At)
	l.joined(&ins.Args, ins.At)
	end := ins.Keyword.End
	for i := range ins.Flags {
		f := &ins.Flags[i]
		if f.At.Start < end {
			l.Errorf("flag %s overlaps", f.Name)
		}
		end = f.At.End
		l.inside(f.At, ins.At)
		if f.HasValue {
			l.word(&f.Value, f.At)
		}
	}
	for _, h := range ins.Heredocs {
		l.heredoc(h, ins.At)
	}
	l.words(ins.Words, ins.At)
	for i := range ins.Pairs {
		p := &ins.Pairs[i]
		l.inside(p.At, ins.At)
		l.word(&p.Key, p.At)
		if p.HasValue {
			l.word(&p.Value, p.At)
			l.before(p.Key.At, p.Value.At)
		}
	}
	l.typed(ins)
	if ins.Trigger != nil {
		l.inside(ins.Trigger.At, ins.At)
		l.instruction(ins.Trigger)
	}
}

func (l *laws) typed(ins *Instruction) {
	if f := ins.From; f != nil && f.Image.Given() {
		l.word(&f.Image, ins.At)
		if f.Name.Given() {
			l.word(&f.Name, ins.At)
			l.before(f.Image.At, f.Name.At)
		}
	}
	if c := ins.Command; c != nil {
		l.words(c.Exec, ins.At)
		l.joined(&c.Shell, ins.At)
	}
	if c := ins.Copy; c != nil {
		l.words(c.Sources, ins.At)
		for _, h := range c.Files {
			l.heredoc(h, ins.At)
		}
		if c.Dest.Given() {
			l.word(&c.Dest, ins.At)
		}
	}
	if ins.Run != nil {
		for _, m := range ins.Run.Mounts {
			for i := range m.Fields {
				l.inside(m.Fields[i].At, m.At)
				l.word(&m.Fields[i].Key, m.At)
			}
		}
	}
}

func (l *laws) heredoc(h *Heredoc, parent source.Span) {
	l.inside(h.At, parent)
	text := h.Text()
	if h.Body.Valid() {
		l.inside(h.Body, parent)
		l.joined(&text, parent)
	}
}

func (l *laws) before(a, b source.Span) {
	if a.End > b.Start {
		l.Errorf("%q overlaps %q", a.Text(), b.Text())
	}
}

// words are siblings.
func (l *laws) words(words []Word, parent source.Span) {
	for i := range words {
		l.word(&words[i], parent)
		if i > 0 {
			l.before(words[i-1].At, words[i].At)
		}
	}
}

func (l *laws) word(w *Word, parent source.Span) {
	l.inside(w.At, parent)
	l.joined(&w.Joined, w.At)
}

// joined checks that text traces back to itself where it is as written.
func (l *laws) joined(j *source.Joined, parent source.Span) {
	for i := 0; i < len(j.Text); i += 1 + len(j.Text)/50 {
		s := j.Span(i, i+1)
		l.inside(s, parent)
		if s.Len() == 1 && j.Text[i] < 0x80 && j.Text[i] != '\n' && s.Text() != j.Text[i:i+1] {
			l.Errorf("%q at %d is traced to %q", j.Text[i:i+1], i, s.Text())
		}
	}
}

func (l *laws) expansion(w *Word, scope Scope) {
	if got, err := scope.Expand(w); err == nil {
		for i := 0; i < len(got.Text); i += 1 + len(got.Text)/50 {
			l.inside(got.Span(i, i+1), w.At)
		}
		for _, u := range got.Uses {
			l.inside(u.At, w.At)
		}
	}
}

// hostile files, each of about size bytes, are read in linear time: see
// BenchmarkParse, which shows the time per byte for two sizes.
func hostile(size int) map[string]string {
	fill := func(head, part, tail string) string { return head + strings.Repeat(part, size/len(part)) + tail }
	return map[string]string{
		"continuations": fill("FROM a\nRUN ", "a \\\n", "b\n"),
		"comments":      fill("FROM a\nRUN a \\\n", "# c\n", "b\n"),
		"words":         fill("FROM a\nRUN <<E ", "a ", "\nE\n"),
		"copies":        fill("FROM a\nCOPY ", "a\\\n ", "b\n"),
		"pairs":         fill("FROM a\nENV ", "a=$a ", "\n"),
		"json":          fill("FROM a\nCMD [", `"\u0041",`, `"b"]`),
		"brackets":      fill("FROM a\nCMD ", "[", ""),
		"onbuild":       fill("FROM a\n", "ONBUILD ", ""),
		"heredocs":      fill("FROM a\nRUN ", "<<E ", "\n"),
		"unclosed":      fill("FROM a\n", "RUN <<E\n", ""),
		"braces":        fill("FROM a\nENV a=", "${a:-", "\n"),
		"flags":         fill("FROM a\nRUN ", "--mount=a ", "b\n"),
		"fields":        fill("FROM a\nRUN --mount=", "a=b,", " b\n"),
		"stages":        fill("FROM a AS a\n", "FROM a AS a\n", ""),
		"values":        fill("FROM scratch\nENV A=aaaaaaaa\n", "ENV A=$A$A\n", ""),
		"patterns":      fill("FROM scratch\nENV A=aaaaaaaa\n", "ENV A=${A%*b*}a\n", ""),
		"template":      fill("FROM a\n", "{{ if }}\n", ""),
		"bytes":         fill("FROM a\nRUN ", "\xff\x00\r", ""),
	}
}

func BenchmarkParse(b *testing.B) {
	real := "# syntax=docker/dockerfile:1\nFROM --platform=$BUILDPLATFORM golang:1.27 AS build\nARG TARGETOS TARGETARCH\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\nCOPY . .\nRUN --mount=type=cache,target=/root/.cache/go-build \\\n    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \\\n    go build -trimpath -ldflags '-s -w' -o /app ./cmd/app\nFROM gcr.io/distroless/static-debian13\nCOPY --from=build /app /app\nUSER 65532:65532\nENTRYPOINT [\"/app\"]\n"
	run := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(source.New("Dockerfile", []byte(text))).Evaluate(Inputs{})
			}
		})
	}
	run("real", real)
	small, large := hostile(20_000), hostile(200_000)
	for _, name := range []string{
		"continuations", "comments", "words", "copies", "pairs", "json", "brackets", "onbuild", "heredocs", "unclosed",
		"braces", "flags", "fields", "stages", "values", "patterns", "template", "bytes",
	} {
		run(name+"/20k", small[name])
		run(name+"/200k", large[name])
	}
}
