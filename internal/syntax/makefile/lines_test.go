package makefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// TestLinesKept reads a makefile twice from lines that are kept, and once from
// one that is too long for that.
func TestLinesKept(t *testing.T) {
	text := "V = a \\\n\tb # note\r\nexport W := $(V)\ndefine BODY\nx$(1):\n\techo $(1) \\\n\t\t$$W\nendef\n" +
		"all: x1 x2 ; echo all # sh\n\tifeq (no conditional\n$(eval $(call BODY,1))\n$(foreach i,2 3,$(eval $(call BODY,$(i))))\n" +
		"ifeq ($(V),a b)\nall: V += c\nelse\nall: V = d\nendif\n.RECIPEPREFIX = >\nall: y\ny:\n> echo y \\\n> > z \\\n\tv\n\nundefined line\n"
	plan := func(f *source.File) string {
		word := shell.Word{Value: shell.Known(f.Path, source.Span{})}
		mk := Load(Call{
			Dir: shell.Known("/w", source.Span{}), Args: Args{Files: []shell.Word{word}},
			File: func(p string) *source.File {
				if p == "/w/"+f.Path {
					return f
				}
				return nil
			},
		})
		var out strings.Builder
		p := mk.Plan()
		for _, l := range p.Lines {
			fmt.Fprintf(&out, "%s: %q at %s, W=%q\n", l.Target, l.Text.Text, l.At, l.Env.Getenv("W").Text)
		}
		for _, problem := range mk.Problems {
			fmt.Fprintf(&out, "%s: %s\n", problem.At, problem.Text)
		}
		return out.String() + fmt.Sprint(p.Unknown, p.Work)
	}
	f := source.New("Makefile", []byte(text))
	kept := linesOf(f)
	if kept.kept == nil || linesOf(f) != kept {
		t.Error("the lines of the makefile are not kept")
	}
	want := plan(f)
	if got := plan(f); got != want || strings.Count(got, "\n") < 6 {
		t.Errorf("the second time\n%s\nthe first time\n%s", got, want)
	}
	long := source.New("Makefile", []byte(text+strings.Repeat("\n", maxKept)))
	if linesOf(long).kept != nil {
		t.Error("too many lines are kept")
	}
	if got := plan(long); got != want {
		t.Errorf("with lines that are not kept\n%s\nwith those that are\n%s", got, want)
	}
}
