package shell

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// shells are the real ones to compare with. A POSIX script must be read in a
// way that is right for all that can be /bin/sh.
var shells = []struct {
	name    string
	args    []string
	dialect Dialect
}{
	{"dash", []string{"dash"}, POSIX},
	{"busybox", []string{"busybox", "sh"}, POSIX},
	{"bash as sh", []string{"bash", "--posix"}, POSIX},
	{"bash", []string{"bash"}, Bash},
	{"mksh", []string{"mksh"}, MirBSDKorn},
}

// probed are the variables that a probe reports.
var probed = []string{"V", "W", "X", "Y"}

// probe is one run of the probe command as it was seen by the real program.
type probe struct {
	tag  string
	args []string
	env  map[string]string // unset ones are absent
	dir  string
}

// sandbox is a directory in which scripts run.
type sandbox struct{ dir, log, probe string }

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &sandbox{dir: dir, log: filepath.Join(dir, "log"), probe: filepath.Join(dir, "probe")}
	for _, d := range []string{"d/e", "d/d", "e"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!/bin/sh\n{ printf 'P'; for a; do printf '\\001A%s' \"$a\"; done\n"
	for _, v := range probed {
		script += fmt.Sprintf("[ \"${%s+x}\" ] && printf '\\001E%s=%%s' \"$%s\"\n", v, v, v)
	}
	script += "printf '\\001D'; pwd -P; } >>'" + s.log + "'\nexit 0\n"
	s.write(t, "probe", script, 0o755)
	s.write(t, "u", "unknown\n", 0o644)
	s.write(t, "inc.sh", "V=inc\nexport W=inc\n", 0o644)
	s.write(t, "run.sh", "#!/bin/sh\nV=run\nset -- \"$@\" run\n"+s.probe+" 900 \"$@\"\nexport V\n"+s.probe+" 901 \"$#\"\n", 0o755)
	return s
}

func (s *sandbox) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// environment is what every script starts with.
var environment = map[string]string{"V": "env", "X": "x y"}

func (s *sandbox) run(t *testing.T, shell []string, script string) []probe {
	t.Helper()
	os.Remove(s.log)
	cmd := exec.Command(shell[0], append(shell[1:len(shell):len(shell)], "-c", script)...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	for k, v := range environment {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Run() // the status is that of the last condition
	data, _ := os.ReadFile(s.log)
	var out []probe
	for _, line := range strings.Split(string(data), "\nP") {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\x01")
		p := probe{env: map[string]string{}}
		for _, f := range fields[1:] {
			switch f[0] {
			case 'A':
				p.args = append(p.args, f[1:])
			case 'E':
				k, v, _ := strings.Cut(f[1:], "=")
				p.env[k] = v
			case 'D':
				p.dir = f[1:]
			}
		}
		if len(p.args) > 0 {
			p.tag = p.args[0]
			out = append(out, p)
		}
	}
	return out
}

func (s *sandbox) trace(script string, d Dialect) *Trace {
	env := NewEnv(Var{})
	for _, k := range probed {
		if v, ok := environment[k]; ok {
			env = env.Export(k, Value{Text: v})
		}
	}
	r := &Runner{File: func(path string) *source.File {
		data, err := os.ReadFile(path)
		if err != nil || filepath.Base(path) == "probe" {
			return nil
		}
		return source.New(path, data)
	}}
	return r.Run(ParseFile(source.New("script", []byte(script)), d), State{Env: env, Dir: Value{Text: s.dir}})
}

// comparison counts what was compared.
type comparison struct {
	scripts, stopped, probes, certain, values, known int
}

// compare reports every known value that is wrong.
func (s *sandbox) compare(real []probe, trace *Trace, n *comparison) error {
	n.scripts++
	if trace.Stop.Text != "" {
		n.stopped++
		return nil
	}
	byTag := map[string][]Command{}
	opaque := false
	for _, c := range trace.Commands {
		opaque = opaque || c.Opaque.Text != ""
		if c.Words[0].Is(s.probe) && len(c.Words) > 1 {
			byTag[c.Words[1].Text] = append(byTag[c.Words[1].Text], c)
		}
	}
	seen := map[string]int{}
	for _, p := range real {
		n.probes++
		k := seen[p.tag]
		seen[p.tag]++
		candidates := byTag[p.tag]
		certain := true
		for _, c := range candidates {
			certain = certain && !c.Conditional
		}
		if certain && !opaque && k < len(candidates) {
			n.certain++
			if err := s.agree(candidates[k], p, n); err != nil {
				return err
			}
			continue
		}
		ok := opaque
		var last error
		for _, c := range candidates {
			if last = s.agree(c, p, n); last == nil {
				ok = true
			}
		}
		if !ok {
			return fmt.Errorf("probe %s ran as %v: no command of the trace is like it (%v)", p.tag, p, last)
		}
	}
	for tag, candidates := range byTag {
		certain, conditional := 0, 0
		for _, c := range candidates {
			if c.Conditional {
				conditional++
			} else {
				certain++
			}
		}
		if seen[tag] < certain || conditional == 0 && !opaque && seen[tag] > certain {
			return fmt.Errorf("probe %s ran %d times, expected %d", tag, seen[tag], certain)
		}
	}
	return nil
}

func (s *sandbox) agree(c Command, p probe, n *comparison) error {
	for _, w := range c.Words[1:] {
		n.values++
		if w.Exact() {
			n.known++
		}
	}
	if !wordsMatch(c.Words[1:], p.args) {
		return fmt.Errorf("probe %s: words %v, really %q", p.tag, texts(c.Words), p.args)
	}
	for _, name := range probed {
		v := c.Getenv(name)
		got, set := p.env[name]
		n.values++
		if v.Set != Maybe && v.Known() {
			n.known++
		}
		switch {
		case v.Set == No && set:
			return fmt.Errorf("probe %s: %s is unset, really %q", p.tag, name, got)
		case v.Set == Yes && !set:
			return fmt.Errorf("probe %s: %s is %q, really unset", p.tag, name, v.Text)
		case v.Set == Yes && !textMatches(v.Text, got):
			return fmt.Errorf("probe %s: %s is %q, really %q", p.tag, name, v.Text, got)
		}
	}
	n.values++
	if c.Dir.Known() {
		n.known++
	}
	if !textMatches(c.Dir.Text, p.dir) {
		return fmt.Errorf("probe %s: directory %q, really %q", p.tag, c.Dir.Text, p.dir)
	}
	return nil
}

func texts(words []Word) []string {
	var out []string
	for _, w := range words {
		text := strings.ReplaceAll(w.Text, Hole, "◌")
		if w.Many {
			text += "…"
		}
		out = append(out, text)
	}
	return out
}

// wordsMatch matches words with holes against real ones.
func wordsMatch(words []Word, real []string) bool {
	if len(words) == 0 {
		return len(real) == 0
	}
	if words[0].Many {
		for i := 0; i <= len(real); i++ {
			if wordsMatch(words[1:], real[i:]) {
				return true
			}
		}
		return false
	}
	return len(real) > 0 && textMatches(words[0].Text, real[0]) && wordsMatch(words[1:], real[1:])
}

// textMatches matches text in which a hole stands for anything.
func textMatches(text, real string) bool {
	var p pattern
	for i, part := range strings.Split(text, Hole) {
		if i > 0 {
			p.items = append(p.items, patternItem{kind: '*'})
		}
		p.literal(part)
	}
	return matchItems(p.items, real)
}

// TestAgainstRealShells runs generated scripts and compares what the probes
// in them report with what the trace claims to know.
func TestAgainstRealShells(t *testing.T) {
	for _, sh := range shells {
		t.Run(sh.name, func(t *testing.T) {
			if _, err := exec.LookPath(sh.args[0]); err != nil {
				t.Skipf("%s is not installed: nothing was compared with it", sh.args[0])
			}
			box, n, failures := newSandbox(t), &comparison{}, 0
			for seed := range int64(scripts()) {
				script := newGenerator(seed, sh.dialect, box.probe).script()
				trace := box.trace(script, sh.dialect)
				if err := box.compare(box.run(t, sh.args, script), trace, n); err != nil {
					if failures++; failures <= 5 {
						t.Errorf("seed %d: %v\n%s", seed, err, strings.ReplaceAll(script, box.probe, "probe"))
					}
				}
			}
			t.Logf("%d wrong of %d scripts (%d not followed to the end), %d probes, %d of them certain to run, %d of %d values known",
				failures, n.scripts, n.stopped, n.probes, n.certain, n.known, n.values)
		})
	}
}

func scripts() int {
	if testing.Short() {
		return 50
	}
	return 200
}

// generator writes random scripts.
type generator struct {
	rnd         *rand.Rand
	dialect     Dialect
	probe       string
	tag         int
	depth       int
	inFunc      bool
	inLoop      bool
	substituted bool
	funcs       []string
}

func newGenerator(seed int64, d Dialect, probe string) *generator {
	return &generator{rnd: rand.New(rand.NewSource(seed)), dialect: d, probe: probe}
}

func (g *generator) pick(list ...string) string { return list[g.rnd.Intn(len(list))] }

func (g *generator) script() string {
	var b strings.Builder
	for range 3 + g.rnd.Intn(5) {
		b.WriteString(g.statement())
		b.WriteString(g.pick("\n", "\n", "; "))
		if s := b.String(); strings.HasSuffix(s, "\n; ") || strings.HasSuffix(s, "& ; ") {
			b.WriteString(":\n")
		}
	}
	text := strings.ReplaceAll(b.String(), "\n; ", "\n") + "\n" + g.call()
	text = strings.ReplaceAll(text, "cat u)", "cat "+strings.TrimSuffix(g.probe, "probe")+"u)")
	text = strings.ReplaceAll(text, "<u", "<"+strings.TrimSuffix(g.probe, "probe")+"u")
	return strings.ReplaceAll(text, "$((", "$( (")
}

func (g *generator) variable() string { return g.pick(probed...) }

func (g *generator) value() string {
	return g.pick("0", "1", "", "'a b'", "\"$V\"", "$W", "${X:-d}", "\"${Y-e f}\"", "$(cat u)", "\"p$(echo q)\"", "$(echo a b)",
		"\"$1\"", "a\\ b", "${V%v}", "\"${X#x }\"", "${W:+w}", "'*'", "$#", "\"$Y-1\"", "${V:=z}", "$(pwd)", "\"`echo b`\"", "x'y'\"z\"",
		"$(echo $V x | tr a-z A-Z)", "\"$(echo \"$X\" Ab | tr '[:upper:]' '[:lower:]')\"", "$(printf %s env_v | sed s/env_v/n/ | tr '[a-z]' '[A-Z]')",
		"$(echo aa $W | sed -e 's/a/b/' -e s,b,c-,g)", "$(cat u | tr a-z A-Z)", "$(echo a | sed s/a./b/)", "$(echo a | tr a-z A-Z >u2)", "$({ echo a; echo \"$1\"; } | tr a-z A-Z)")
}

func (g *generator) word() string {
	return g.pick("a", "'b c'", "$V", "\"$V\"", "$W", "\"$W$Y\"", "${X}", "\"$X\"", "$Y", "\"$@\"", "$*", "\"$*\"", "$#", "${V:-x y}",
		"\"${W:-x y}\"", "${X%%y}", "${X##* }", "$(cat u)", "\"$(cat u) t\"", "p$X", "\"\"$Y", "${Y+set}", "${#V}", "$1", "\"a$2b\"", "d*", "-o=$X", "${Y:-\"q r\"}", "\\$V", "~x", "[a]", "a\"b c\"'d'")
}

// call writes a probe.
func (g *generator) call() string {
	g.tag++
	var b strings.Builder
	b.WriteString(g.pick("", "", "", "", g.variable()+"="+g.value()+" ", "env "+g.variable()+"=i ", "env -u "+g.variable()+" ", "env -i "+g.variable()+"=j ",
		"command ", "exec_ ", "nice -n 1 ", "V=1 W=$V ", "X= ", "time_ "))
	text := strings.NewReplacer("exec_ ", "", "time_ ", "").Replace(b.String())
	text += fmt.Sprintf("%s %d", g.probe, g.tag)
	for range g.rnd.Intn(3) {
		text += " " + g.word()
	}
	return text
}

func (g *generator) condition() string {
	return g.pick("[ \"$V\" = 0 ]", "[ -n \"$W\" ]", "[ -z \"$Y\" ]", "test \"$X\" != 'x y'", "[ -f u ]", "[ -f nofile ]", "true", "false",
		"grep -q unknown u", "grep -q nothing u", "! [ \"$V\" = env ]", "[ $# -gt 1 ]", "[ \"$V\" = \"$W\" ]", "[ -n \"$V\" -a -z \"$Y\" ]",
		"[ \"$(cat u)\" = unknown ]", "test -n \"$(cat u)\"", "[ ! -z \"$V\" ]", "[ \"x$V\" = xenv ]", "{ [ -f u ] && [ \"$V\" = 1 ]; }", "case $V in e*) true;; *) false;; esac")
}

func (g *generator) statement() string {
	g.depth++
	defer func() { g.depth-- }()
	simple := []func() string{
		g.call, g.call, g.call, g.call,
		func() string { return g.variable() + "=" + g.value() },
		func() string { return g.variable() + "=" + g.value() + " " + g.variable() + "=" + g.value() },
		func() string { return "export " + g.variable() + "=" + g.value() },
		func() string { return "export " + g.variable() },
		func() string { return "unset " + g.variable() },
		func() string {
			return g.pick("set -a", "set +a", "set -- a 'b c'", "set --", "set -- q; shift", "set -- \"$@\" z", "set -- $X")
		},
		func() string {
			return g.pick("cd d", "cd ..", "cd e", "cd '"+g.probe[:len(g.probe)-6]+"'", "cd ./d/../e", "cd -") + " 2>/dev/null || true"
		},
		func() string { return "cd '" + strings.TrimSuffix(g.probe, "/probe") + "/d' && " + g.call() },
		func() string { return ". " + strings.TrimSuffix(g.probe, "probe") + "inc.sh" },
		func() string { return strings.TrimSuffix(g.probe, "probe") + "run.sh " + g.word() },
		func() string { return "eval '" + g.variable() + "=ev; export W'" },
		func() string {
			return "sh -c 'V=c; " + g.probe + fmt.Sprintf(" %d \"$V\" \"$1\"; export V; ", 500+g.rnd.Intn(9)) + g.probe + " 510 \"$0\"' n " + g.word()
		},
		func() string {
			if g.substituted { // bash 5.2 reads a here-document within $(…) wrongly
				return ":"
			}
			return "sh <<EOF\n" + g.probe + " 520 $V '$W' \\$X\nEOF\n"
		},
		func() string { return "read -r Y <u" },
		func() string { return ": \"${Y:=dflt}\"" },
		func() string {
			outer := g.substituted
			g.substituted = true
			defer func() { g.substituted = outer }()
			return g.variable() + "=$(" + g.statementIn() + ")"
		},
	}
	if g.dialect == Bash {
		simple = append(simple,
			func() string { return g.variable() + "+=" + g.value() },
			func() string { return "declare -x " + g.variable() + "=" + g.value() },
			func() string { return "export -n " + g.variable() },
			func() string { return "if [[ $V == e* && -n $X ]]; then " + g.call() + "; fi" },
			func() string { return "pushd d >/dev/null 2>&1 || true" },
			func() string { return "A=(1 2); " + g.call() + " \"${A[@]}\"" },
			func() string { return "bash -ec '" + g.probe + " 530 \"$V\"'" },
			func() string { return g.call() + " <<<\"$V\"" },
			func() string { return g.call() + " {a,b}$V" },
			func() string { return g.call() + " $'a' ${V/e/f} ${X:1:2}" },
		)
	}
	if g.depth > 3 {
		return simple[g.rnd.Intn(len(simple))]()
	}
	if g.rnd.Intn(2) == 0 {
		return simple[g.rnd.Intn(len(simple))]()
	}
	return g.compound()
}

// statementIn writes a statement in which no loop or function is left.
func (g *generator) statementIn() string {
	inFunc, inLoop := g.inFunc, g.inLoop
	g.inFunc, g.inLoop = false, false
	s := g.statement()
	g.inFunc, g.inLoop = inFunc, inLoop
	if strings.HasSuffix(s, "\n") {
		return s
	}
	return s + " "
}

func (g *generator) list() string {
	var b strings.Builder
	for range 1 + g.rnd.Intn(3) {
		s := g.statement()
		b.WriteString(s)
		if !strings.HasSuffix(s, "\n") {
			b.WriteString("; ")
		}
	}
	if g.inLoop && g.rnd.Intn(4) == 0 {
		b.WriteString(g.condition() + " && " + g.pick("break", "continue") + "; ")
	}
	if g.inFunc && g.rnd.Intn(4) == 0 {
		b.WriteString(g.condition() + " && return; ")
	}
	if g.rnd.Intn(30) == 0 {
		b.WriteString(g.condition() + " && exit; ")
	}
	return b.String()
}

func (g *generator) loop(head string) string {
	outer := g.inLoop
	g.inLoop = true
	defer func() { g.inLoop = outer }()
	return head + "; do " + g.list() + "done"
}

func (g *generator) compound() string {
	switch g.rnd.Intn(14) {
	case 0:
		return "if " + g.condition() + "; then " + g.list() + "else " + g.list() + "fi"
	case 1:
		return "if " + g.condition() + "; then " + g.list() + "elif " + g.condition() + "; then " + g.list() + "fi"
	case 2:
		return "( " + g.list() + ")"
	case 3:
		return "{ " + g.list() + "}"
	case 4:
		return g.loop("for " + g.variable() + " in " + g.pick("a b", "1 2 3", "$X", "\"$X\" z", "$(cat u)", "\"$@\"", "d/*", ""))
	case 5:
		return "case " + g.pick("$V", "\"$X\"", "$(cat u)", "$W") + " in " + g.pick("env", "e*", "'x y'", "\"$W\"", "a|b", "[01]") + ") " + g.list() + ";; " +
			g.pick("1", "?", "*") + ") " + g.list() + ";; esac"
	case 6:
		return g.condition() + " && " + g.call()
	case 7:
		return g.condition() + " || " + g.call()
	case 8:
		return g.condition() + " && " + g.variable() + "=" + g.value() + " || " + g.variable() + "=" + g.value()
	case 9:
		first := g.statementIn()
		if strings.HasSuffix(first, "\n") {
			return first
		}
		return first + " && " + g.call() + " && " + g.variable() + "=and"
	case 10:
		return "echo a | { " + g.list() + "} | cat >/dev/null"
	case 11:
		return g.function()
	case 12:
		g.tag++
		counter := fmt.Sprintf("C%d", g.tag)
		return counter + "=x; " + g.loop("while [ \"$"+counter+"\" != xxx ] && "+counter+"=\"${"+counter+"}x\"") // two rounds at most
	}
	return g.condition() + " && { " + g.list() + "} || " + g.call()
}

func (g *generator) function() string {
	name := fmt.Sprintf("f%d", len(g.funcs))
	outerLoop, outerFunc := g.inLoop, g.inFunc
	g.inLoop, g.inFunc = false, true
	local := ""
	if g.rnd.Intn(2) == 0 {
		local = "local " + g.variable() + g.pick("", "="+g.value()) + "; "
		if g.dialect == MirBSDKorn {
			local = strings.Replace(local, "local", "typeset", 1)
		}
	}
	body := name + "() { " + local + g.list() + "}; "
	g.inLoop, g.inFunc = outerLoop, outerFunc
	g.funcs = append(g.funcs, name)
	return body + g.pick("", g.variable()+"=pre ") + name + " " + g.word() + "; " + g.pick(":", name)
}
