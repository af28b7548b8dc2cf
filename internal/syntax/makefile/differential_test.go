package makefile

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// probed are the variables that a probe reports from its environment.
var probed = []string{"V", "W", "X", "Y"}

// generator writes random makefiles whose recipes run a probe.
type generator struct {
	rnd   *rand.Rand
	tag   int
	probe string
}

func (g *generator) pick(list ...string) string { return list[g.rnd.Intn(len(list))] }
func (g *generator) name() string               { return g.pick(probed...) }
func (g *generator) chance(n int) bool          { return g.rnd.Intn(n) == 0 }

func (g *generator) value() string {
	return g.pick("0", "1", "", "a b", "$(V)", "${W}x", "$(X:.c=.o)", "a.c b.c", "$(V) $(W)", "$$HOME", "$(call f,$(V),q)", "$(if $(V),yes,no)",
		"$(shell echo one two)", "$(shell cat u)", "-X main.v=$(shell cat u) -s", "$(patsubst %.c,%.o,$(X))", "x # note", "$(subst a,b,$(W))",
		"$(filter %.c,$(X))", "$(filter-out a,$(V))", "$(sort c b a $(V))", "$(word 2,a b c)", "$(words $(X))", "$(firstword $(V) z)",
		"$(lastword z $(V))", "$(dir a/b c)", "$(notdir a/b.c $(X))", "$(suffix a.c b)", "$(basename a/b.c x)", "$(addprefix p/,$(V))",
		"$(addsuffix .s,$(X))", "$(join a b,1 2 3)", "$(or $(V),$(W),last)", "$(and $(V),$(W))", "$(foreach i,$(V) z,<$(i)>)", "$(origin V)",
		"$(flavor W)", "$(value X)", "$(strip  a   b )", "$(findstring a,$(V))", "$(wordlist 2,3,a b c d)", "\\#h", "$(abspath d/../e)", "$(CURDIR)",
		"$($(Y))", "$(wildcard *.txt d/* ./[iu]* none)", "$(wildcard inc.?k */M*e d/*)", "$(MAKECMDGOALS)", "b\\\n   c", "$(V:%=%.z)", "$(subst $(V),-,a 0 b)", "$(shell pwd)", "$(info hi)q", "$(MAKE)", "$U", "$(call g,x)")
}

func (g *generator) assignment() string {
	mods := g.pick("", "", "", "", "export ", "override ", "unexport ", "export override ")
	if mods == "unexport " {
		return mods + g.name()
	}
	return mods + g.name() + g.pick(" = ", " := ", " ?= ", " += ", "=", "::=", ":=") + g.value()
}

func (g *generator) lines(depth int) string {
	var b strings.Builder
	for range 1 + g.rnd.Intn(3) {
		switch n := g.rnd.Intn(16); {
		case n < 8 || depth > 2:
			b.WriteString(g.assignment() + "\n")
		case n < 11:
			b.WriteString(g.pick("ifeq ($(V),0)", "ifneq ($(V),)", "ifdef W", "ifndef X", "ifeq ($(shell cat u),unknown)", "ifeq \"$(W)\" 'x'", "ifeq ($(origin V),environment)", "ifneq ($(words $(V)),1)") + "\n")
			b.WriteString(g.lines(depth + 1))
			if g.chance(2) {
				b.WriteString(g.pick("else\n", "else ifdef Y\n", "else ifeq ($(W),0)\n") + g.lines(depth+1))
			}
			b.WriteString("endif\n")
		case n == 11:
			b.WriteString(g.pick("export\n", "export "+g.name()+"\n", ".EXPORT_ALL_VARIABLES:\n", "unexport\n", "undefine "+g.name()+"\n"))
		case n == 12:
			b.WriteString("define " + g.name() + g.pick("", " =", " :=", " +=") + "\n" + g.value() + "\nendef\n")
		case n == 13:
			b.WriteString(g.pick("include inc.mk\n", "include in?.*\n", "-include none*.mk\n", "-include none.mk\n", "-include inc.mk none.mk\n", "sinclude $(INC)\n"))
		case n == 14:
			b.WriteString("$(eval " + g.name() + " := ev)\n")
		default:
			b.WriteString("all b c: " + g.pick("", "export ", "private ", "override ") + g.name() + g.pick(" = ", " := ", " += ", " ?= ") + g.value() + "\n")
		}
	}
	return b.String()
}

func (g *generator) call() string {
	g.tag++
	text := g.pick("", "@", "-", "+@ ", "@$(Q)") + g.pick("", "", "V=1 ", "env W=2 ", "cd d && ", "export X='$(V)'; ", "W=z && ")
	text += fmt.Sprintf("%s %d", g.probe, g.tag)
	for range g.rnd.Intn(3) {
		text += " " + g.pick("'$(V)'", "'$(W)'", "'$(X)' '$(Y)'", "'$@'", "'$<'", "'$^'", "'$(@F)'", "\"$$V\"", "$$W", "'$(call f,a,b)'", "\\\n\tnext", "'$*'", "'$(U)'", "'$(addprefix -,$(V))'", "'$(@D)'", "'$|'", "'$(<F)'", "'$(N)'", "'a\\\n\tb'")
	}
	return text
}

func (g *generator) recipe() string {
	var b strings.Builder
	for range 1 + g.rnd.Intn(2) {
		switch g.rnd.Intn(8) {
		case 0:
			b.WriteString("\t$(MAKE) -s " + g.pick("", "-C d ", "--directory=d ", "V=sub ") + "sub" + g.pick("", " W=cmd", " X='$(V)'") + "\n")
		case 1:
			b.WriteString("\tif [ \"$$V\" = 0 ]; then " + strings.TrimLeft(g.call(), "@-+ ") + "; fi\n")
		default:
			b.WriteString("\t" + g.call() + "\n")
		}
	}
	return strings.ReplaceAll(b.String(), "then $(Q)", "then ")
}

func (g *generator) makefile() string {
	var b strings.Builder
	b.WriteString("f = [$(1)|$(2)|$(0)]\ng = $(call f,$(1)$(1))\nINC = inc.mk\nU := $(shell cat u)\nQ = @\n")
	if g.chance(8) {
		b.WriteString(".ONESHELL:\n")
	}
	b.WriteString(g.lines(0))
	b.WriteString("all: b " + g.pick("", "c", "x.gen", "| c", "d/y.gen") + "\n" + g.recipe())
	b.WriteString(g.lines(1))
	b.WriteString("b: " + g.pick("", "c", "src.txt", "$(DEP)") + "\n" + g.recipe() + "\nc" + g.pick("", " extra") + ":: " + "\n" + g.recipe())
	b.WriteString("%.gen: src.txt " + g.pick("", "c") + "\n" + g.recipe())
	b.WriteString("sub: ;" + strings.ReplaceAll(g.call(), "\n\t", "\n") + "\n.PHONY: all b sub\n")
	b.WriteString(g.lines(1))
	return b.String()
}

func (g *generator) args() []string {
	var args []string
	for range g.rnd.Intn(3) {
		args = append(args, g.pick("V=0", "W=x y", "X:=a.c", "Y=V", "V=", "W=$(V)", "-e", "-s", "all", "b", "c", "-j1", "x.gen", "-k"))
	}
	return args
}

// run is one probe as make really ran it.
type run struct {
	args []string
	env  map[string]string
	dir  string
}

func realRuns(t *testing.T, dir string, args []string) (map[string][]run, bool) {
	t.Helper()
	log := filepath.Join(dir, "log")
	os.Remove(log)
	cmd := exec.Command("make", args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "V=env", "X=x.c", "LC_ALL=C"}
	_, err := cmd.CombinedOutput()
	data, _ := os.ReadFile(log)
	runs := map[string][]run{}
	for _, line := range strings.Split(string(data), "\x02")[1:] {
		r := run{env: map[string]string{}}
		for _, f := range strings.Split(line, "\x01")[1:] {
			switch f[0] {
			case 'A':
				r.args = append(r.args, f[1:])
			case 'E':
				k, v, _ := strings.Cut(f[1:], "=")
				r.env[k] = v
			case 'D':
				r.dir = strings.TrimSuffix(f[1:], "\n")
			}
		}
		runs[r.args[0]] = append(runs[r.args[0]], r)
	}
	return runs, err == nil
}

// TestAgainstGNUMake runs generated makefiles and compares what the probes in
// their recipes report with what the plan claims to know.
func TestAgainstGNUMake(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed: nothing was compared with it")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n{ printf '\\002'; for a; do printf '\\001A%s' \"$a\"; done\n"
	for _, v := range probed {
		script += fmt.Sprintf("[ \"${%s+x}\" ] && printf '\\001E%s=%%s' \"$%s\"\n", v, v, v)
	}
	write(t, dir, "probe", script+"printf '\\001D'; pwd -P; } >>'"+dir+"/log'\nexit 0\n")
	write(t, dir, "u", "unknown\n")
	write(t, dir, "src.txt", "")
	write(t, dir, "inc.mk", "W := included\nexport Y = $(V)i\n")
	if err := os.MkdirAll(filepath.Join(dir, "d/d/d/d"), 0o755); err != nil {
		t.Fatal(err)
	}
	n := &counts{}
	failures := 0
	for _, seed := range seeds() {
		g := &generator{rnd: rand.New(rand.NewSource(seed)), probe: dir + "/probe"}
		text, args := g.makefile(), g.args()
		write(t, dir, "Makefile", text)
		write(t, dir, "d/Makefile", "sub:\n\t"+dir+"/probe 0 '$(V)' '$(W)' '$(X)'\n")
		real, ok := realRuns(t, dir, args)
		if !ok {
			n.failed++
			continue
		}
		if err := compare(dir, args, real, n); err != nil {
			if failures++; failures <= 5 {
				t.Errorf("seed %d: make %q: %v\n%s", seed, args, err, strings.ReplaceAll(text, dir+"/probe", "probe"))
			}
		}
	}
	t.Logf("%d wrong of %d makefiles (%d more that make rejects, %d not followed), %d probes, %d of %d values known",
		failures, n.makefiles, n.failed, n.unknown, n.probes, n.known, n.values)
}

// seeds are those of the makefiles: first some that the model once got wrong.
func seeds() []int64 {
	seeds := []int64{30_000_119, 30_001_578, 30_001_931, 30_002_073}
	n := 400
	if testing.Short() {
		n = 60
	}
	for seed := range int64(n) {
		seeds = append(seeds, seed)
	}
	return seeds
}

type counts struct{ makefiles, failed, unknown, probes, values, known int }

func compare(dir string, args []string, real map[string][]run, n *counts) error {
	n.makefiles++
	file, exists := onDisk(dir)
	env := shell.NewEnv(shell.Var{}).Export("V", shell.Value{Text: "env"}).Export("X", shell.Value{Text: "x.c"})
	commands, unknown := follow(Call{Dir: shell.Value{Text: dir}, Env: env, Args: ParseArgs(wordsOf(args...)), File: file, Exists: exists, Names: namesOnDisk}, 0)
	if len(unknown) > 0 {
		n.unknown++
	}
	byTag := map[string][]shell.Command{}
	opaque := len(unknown) > 0
	for _, c := range commands {
		opaque = opaque || c.Opaque.Text != ""
		if c.Words[0].Is(dir+"/probe") && len(c.Words) > 1 {
			byTag[c.Words[1].Text] = append(byTag[c.Words[1].Text], c)
		}
	}
	for tag, runs := range real {
		for k, r := range runs {
			n.probes++
			if err := agreesWithOne(byTag[tag], k, r, opaque, n); err != nil {
				return fmt.Errorf("probe %s: %w", tag, err)
			}
		}
	}
	for tag, list := range byTag {
		certain := 0
		for _, c := range list {
			if !c.Conditional {
				certain++
			}
		}
		if len(real[tag]) < certain {
			return fmt.Errorf("probe %s ran %d times, expected %d", tag, len(real[tag]), certain)
		}
	}
	return nil
}

func agreesWithOne(list []shell.Command, k int, r run, opaque bool, n *counts) error {
	if k < len(list) && !opaque && !list[k].Conditional {
		return agree(list[k], r, n)
	}
	last := fmt.Errorf("it ran with %q", r.args)
	for _, c := range list {
		if last = agree(c, r, n); last == nil {
			return nil
		}
	}
	if opaque {
		return nil
	}
	return last
}

func agree(c shell.Command, r run, n *counts) error {
	for _, w := range c.Words[1:] {
		n.values++
		if w.Exact() {
			n.known++
		}
	}
	if !match(c.Words[1:], r.args) {
		return fmt.Errorf("words %s, really %q", describe(c), r.args)
	}
	for _, name := range probed {
		v := c.Getenv(name)
		got, set := r.env[name]
		n.values++
		if v.Set != shell.Maybe && v.Known() {
			n.known++
		}
		if v.Set == shell.No && set || v.Set == shell.Yes && (!set || !matchText(v.Text, got)) {
			return fmt.Errorf("%s is %q (%d), really %q (%v)", name, v.Text, v.Set, got, set)
		}
	}
	if !matchText(c.Dir.Text, r.dir) {
		return fmt.Errorf("directory %s, really %s", c.Dir.Text, r.dir)
	}
	return nil
}

func match(words []shell.Word, real []string) bool {
	if len(words) == 0 {
		return len(real) == 0
	}
	if words[0].Many {
		for i := range len(real) + 1 {
			if match(words[1:], real[i:]) {
				return true
			}
		}
		return false
	}
	return len(real) > 0 && matchText(words[0].Text, real[0]) && match(words[1:], real[1:])
}

// matchText matches text in which a hole stands for anything.
func matchText(text, real string) bool {
	parts := strings.Split(text, shell.Hole)
	if len(parts) == 1 {
		return text == real
	}
	if !strings.HasPrefix(real, parts[0]) {
		return false
	}
	real = real[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(real, p)
		if i < 0 {
			return false
		}
		real = real[i+len(p):]
	}
	return strings.HasSuffix(real, parts[len(parts)-1])
}
