package makefile

import (
	"strings"
	"testing"
	"time"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

func callFor(file *source.File, targets ...string) Call {
	return Call{
		Dir: shell.Value{Text: "/w"}, Env: shell.NewEnv(shell.Var{}), Args: ParseArgs(wordsOf(targets...)),
		File: func(path string) *source.File {
			if path == "/w/Makefile" {
				return file
			}
			return nil
		},
	}
}

// FuzzPlan checks the laws: no panic, every place within the file, recipe text
// that maps back, the same result twice.
func FuzzPlan(f *testing.F) {
	for _, s := range []string{
		"all: b\n\tgo build\nb: ; @go vet\n", "V ?= 1\nexport V\nifeq ($(V),1)\nall:\n\t$(MAKE) -C d V=2\nelse\nendif\n", "define X\na\\\nb\nendef\nall:\n\t$(X)\n",
		"%.o: %.c\n\tcc $< $@ $(@D)\nx.o y.o: export V := $*\n", ".ONESHELL:\nall:\n\ta\n\tb\n", "A = $(B)$(B)\nB = $(A)\nall: ; $(A)\n", "$(eval all: ; x)\n",
		"a b: %: c.%\n\t-@+x \\\n\ty\ninclude Makefile\n", "all:: a | b\nunexport\nundefine V\noverride private V += $(subst a,b,$(foreach i,1 2,$i))\n", "x = $(call f,$(1),${a:b=c})\nf = $(0)\n$(x)\n",
		"a bH %: c.%\n\t-@+x \\\n\ty\ninclude Makefile\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.New("Makefile", []byte(text))
		whole := file.Whole()
		inside := func(what string, s source.Span) {
			if s.Valid() && !whole.Contains(s) {
				t.Errorf("%s is outside the file: %d-%d", what, s.Start, s.End)
			}
		}
		mk := Load(callFor(file))
		plan := mk.Plan()
		for _, l := range plan.Lines {
			inside("a line", l.At)
			inside("its text", l.Text.Whole())
			for _, u := range l.Uses {
				inside("a use", u.Ref)
				inside("a definition", u.Value.At)
			}
			if !strings.Contains(text, "$") && len(plan.Lines) == 1 && !strings.Contains(text, "\\") && l.Text.Whole().Text() != l.Text.Text && !strings.Contains(l.Text.Text, "\n") {
				t.Errorf("%q maps back to %q", l.Text.Text, l.Text.Whole().Text())
			}
			l.Env.Getenv("V")
		}
		for _, p := range mk.Problems {
			inside("a problem", p.At)
		}
		if again := Load(callFor(file)).Plan(); len(again.Lines) != len(plan.Lines) || len(again.Unknown) != len(plan.Unknown) {
			t.Errorf("%d lines, then %d", len(plan.Lines), len(again.Lines))
		}
	})
}

// TestHostileMakefiles checks that bounds hold.
func TestHostileMakefiles(t *testing.T) {
	doubling := "A0 = aaaaaaaa\n"
	for i := range 60 {
		doubling += "A" + itoa(i+1) + " = $(A" + itoa(i) + ")$(A" + itoa(i) + ")\n"
	}
	chain := "all: t0\n"
	for i := range 3000 {
		chain += "t" + itoa(i) + ": t" + itoa(i+1) + " ; x\n"
	}
	for name, text := range map[string]string{
		"doubling":     doubling + "all: ; $(A60)\n",
		"self":         "A = $(A)x\nall: ; $(A)\n",
		"nesting":      "all: ; " + strings.Repeat("$(", 100_000) + "\n",
		"closed":       "all: ; " + strings.Repeat("$(A", 20_000) + strings.Repeat(")", 20_000) + "\n",
		"calls":        "f = $(call f,$(1)a)$(call f,$(1)b)\nall: ; $(call f,x)\n",
		"foreach":      "L = 1 2 3 4 5 6 7 8 9 0\nF = $(foreach a,$(L),$(foreach b,$(L),$(foreach c,$(L),$(foreach d,$(L),$(foreach e,$(L),$(foreach f,$(L),$(foreach g,$(L),x)))))))\nall: ; $(F)\n",
		"chain":        chain,
		"conditionals": strings.Repeat("ifeq ($(shell x),1)\nV += 1\nW = 2\n", 2000) + strings.Repeat("endif\n", 2000),
		"include":      strings.Repeat("include Makefile\n", 50),
		"eval":         "define X\n$(eval $(X))$(eval $(X))\nendef\n$(eval $(value X))\n",
		"targets":      strings.Repeat("a b c d e f g h ", 2000) + ": " + strings.Repeat("i j k l ", 2000) + "\n\tx\n",
		"appends":      strings.Repeat("V += aaaaaaaaaaaaaaaa\n", 30_000) + "all: ; $(V)\n",
		"exports":      "export\n" + strings.Repeat("V$(X) = a\n", 3000) + strings.Repeat("all: ; x\n", 3000),
		"continued":    "V = a " + strings.Repeat("\\\n b ", 50_000) + "\nall: ; $(V)\n",
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan *Plan)
			go func() { done <- Load(callFor(source.New("Makefile", []byte(text)), "all")).Plan() }()
			select {
			case <-done:
			case <-time.After(time.Minute): // it takes a second at most
				t.Fatal("not done after a minute")
			}
		})
	}
}

func BenchmarkPlan(b *testing.B) {
	text := "BIN := bin/app\nVERSION ?= $(shell git describe)\nLDFLAGS := -s -w -X main.version=$(VERSION)\nexport CGO_ENABLED = 0\n" +
		"ifeq ($(DEBUG),1)\nLDFLAGS += -v\nendif\n.PHONY: all build test\nall: build test\nbuild: $(BIN)\n$(BIN): generate\n\tgo build -ldflags \"$(LDFLAGS)\" -o $@ ./cmd/app\n" +
		"generate:\n\t@go generate ./...\ntest:\n\tgo test ./...\n"
	file := source.New("Makefile", []byte(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if plan := Load(callFor(file, "all")).Plan(); len(plan.Lines) != 3 {
			b.Fatal(len(plan.Lines))
		}
	}
}
