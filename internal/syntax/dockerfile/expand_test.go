package dockerfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func wordOf(text string) Word {
	f := source.New("w", []byte(text))
	w := Word{At: f.Whole()}
	w.Append(w.At)
	return w
}

// TestExpand checks what is known when a variable is not: what is known is
// compared with BuildKit by the oracle.
func TestExpand(t *testing.T) {
	vars := map[string]*Variable{
		"A": {Text: "a.b.c", Set: true, Known: true},
		"E": {Set: true, Known: true},
		"O": {Text: "o", Set: true, Known: true, Overridable: true},
		"U": {},
	}
	lookup := func(name string) *Variable { return vars[name] }
	for _, c := range []struct {
		word, want string
		known      bool
		uses       string
	}{
		{"x-$A-${A}", "x-a.b.c-a.b.c", true, "A A"},
		{"$N${N}", "", true, "N N"},
		{"x:$U", "x:$U", false, "U"},
		{"${U:-a}", "${U:-a}", false, "U"},
		{"${U:+a}", "${U:+a}", false, "U"},
		{"${U?a}", "${U?a}", false, "U"},
		{"${A:-$U}", "a.b.c", true, "A"},
		{"${E:-$U}", "$U", false, "E U"},
		{"${N+$U}", "", true, "N"},
		{"${A+$U}", "$U", false, "A U"},
		{"${A#$U}", "${A#$U}", false, "A U"},
		{"${U#x}", "${U#x}", false, "U"},
		{"${A%.*}", "a.b", true, "A"},
		{"${A%%.*}", "a", true, "A"},
		{"${A##*.}", "c", true, "A"},
		{"${A//./-}", "a-b-c", true, "A"},
		{"${A/./$U}", "${A/./$U}", false, "A U"},
		{`'$A' "$A" \$A`, "$A a.b.c $A", true, "A"},
		{`"${O}"`, "o", true, "O"},
	} {
		w := wordOf(c.word)
		got, err := Expand(&w.Joined, '\\', lookup)
		var uses []string
		for _, u := range got.Uses {
			uses = append(uses, u.Name)
			if !strings.Contains(u.At.Text(), u.Name) || u.At.Text()[0] != '$' {
				t.Errorf("%s: use of %s at %q", c.word, u.Name, u.At.Text())
			}
		}
		if err != nil || got.Text != c.want || got.Known != c.known || strings.Join(uses, " ") != c.uses || got.Overridable != (c.uses == "O") {
			t.Errorf("%s: got %q, %v, uses %v, %v", c.word, got.Text, got.Known, uses, err)
		}
	}
}

func TestExpandTraces(t *testing.T) {
	w := wordOf(`img:"${A}"-x`)
	got, err := Expand(&w.Joined, '\\', func(string) *Variable { return &Variable{Text: "1.2", Set: true, Known: true} })
	if err != nil || got.Text != "img:1.2-x" {
		t.Fatalf("%q, %v", got.Text, err)
	}
	for part, want := range map[string]string{"img": "img", "1.2": "${A}", ".": "${A}", "-x": "-x"} {
		i := strings.Index(got.Text, part)
		if s := got.Span(i, i+len(part)).Text(); s != want {
			t.Errorf("%q is traced to %q, want %q", part, s, want)
		}
	}
}

func TestExpandErrors(t *testing.T) {
	for word, want := range map[string]string{
		"${A":          "unsupported modifier (\uFFFD) in substitution",
		"${}":          "syntax error: bad substitution",
		"${A:?no way}": "A: no way",
		"${A?}":        "A: is not allowed to be unset",
		"'a":           "unexpected end of statement while looking for matching single-quote",
		"${A=b}":       "unsupported modifier (=) in substitution",
		`${A#\a}`:      `invalid pattern (\a) in substitution: invalid escape '\a'`,
		strings.Repeat("${A:-", 200) + strings.Repeat("}", 200): "substitutions nest too deeply",
	} {
		w := wordOf(word)
		if _, err := Expand(&w.Joined, '\\', nil); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%.20s: %v, want %s", word, err, want)
		}
	}
}

func TestExpandWords(t *testing.T) {
	lookup := func(name string) *Variable {
		return map[string]*Variable{"P": {Text: "80 81", Set: true, Known: true}, "U": {}}[name]
	}
	for word, want := range map[string]string{"$P": "80|81 true", `"$P"`: "80 81 true", "$U": "$U false", "1$P": "180|81 true"} {
		w := wordOf(word)
		words, known, err := ExpandWords(&w.Joined, '\\', lookup)
		got := strings.Join(words, "|") + map[bool]string{true: " true", false: " false"}[known]
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", word, got, err)
		}
	}
}

func TestExpandHeredoc(t *testing.T) {
	f := parse("# escape=`\nFROM a\nCOPY <<-E /x\n\t\"$A\" '\\$A' `$A\nE\n")
	got, err := ExpandHeredoc(f.Instructions[1].Copy.Files[0], func(string) *Variable { return &Variable{Text: "v", Set: true, Known: true} })
	if err != nil || got.Text != "\"v\" '$A' `v\n" {
		t.Errorf("%q, %v", got.Text, err)
	}
}

// values shows variables of the scope in front of the last instruction.
func values(f *File, in Inputs) string {
	stages := f.Evaluate(in).Stages
	last := stages[len(stages)-1]
	scope := last.Before(len(last.Stage.Instructions))
	var out []string
	for _, name := range scope.Names() {
		v, text := scope.Lookup(name), "?"
		if v.Known {
			text = v.Text
		}
		if !v.Set && v.Known {
			text = "unset"
		}
		if v.Overridable {
			text += "*"
		}
		out = append(out, name+"="+text)
	}
	return strings.Join(out, " ")
}

// TestScope checks scoping; * marks what --build-arg can change.
func TestScope(t *testing.T) {
	for text, want := range map[string]string{
		"ARG A=1\nFROM scratch\nENV B=$A":                                  "B=",
		"ARG A=1\nFROM scratch\nARG A\nENV B=$A":                           "A=1* B=1*",
		"ARG A=1\nFROM scratch\nARG A=2":                                   "A=2*",
		"FROM scratch\nENV A=1\nENV A=2 B=$A":                              "A=2 B=1",
		"FROM scratch\nARG A=1\nARG A=2 B=$A":                              "A=2* B=2*",
		"FROM scratch\nENV A=1\nARG A=7":                                   "A=7*",
		"FROM scratch\nENV A=1\nARG A":                                     "A=1*",
		"FROM scratch\nARG A":                                              "A=unset*",
		"FROM scratch AS a\nENV A=1\nARG A=7 B=1\nFROM a\nENV C=3":         "A=1 B=1* C=3",
		"FROM scratch AS a\nENV A=1\nFROM scratch\nENV B=$A":               "B=",
		"FROM scratch AS a\nONBUILD ENV A=1\nFROM a\nENV B=$A":             "A=1 B=1",
		"FROM scratch\nARG TARGETARCH\nENV B=x$TARGETARCH":                 "B=?* TARGETARCH=?*",
		"FROM scratch\nENV B=x$TARGETARCH":                                 "B=x",
		"FROM scratch\nARG TARGETARCH=amd64":                               "TARGETARCH=amd64*",
		"ARG TARGETARCH=amd64\nFROM scratch\nARG TARGETARCH":               "TARGETARCH=amd64*",
		"FROM unknown\nENV B=$A C=1":                                       "B=? C=1",
		"FROM known\nENV B=$A C=$N":                                        "B=base C=",
		"FROM scratch\nENV B=$A C=${A:-x}\nARG PASSED=1\nENV D=${PASSED}x": "B= C=x D=outx* PASSED=out*",
		"FROM scratch\nARG VAGUE=1\nENV D=$VAGUE":                          "D=?* VAGUE=?*",
		"ARG B=scratch\nFROM ${B}\nENV A=$X":                               "A=",
		"FROM scratch\nENV P=$PATH":                                        "P=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"FROM scratch\nENV A=${B":                                          "A=?",
	} {
		in := Inputs{
			Args: map[string]*Variable{"PASSED": {Text: "out", Set: true, Known: true}, "VAGUE": {}},
			Base: func(_ *Stage, image Expansion) Lookup {
				if image.Text != "known" {
					return nil
				}
				return func(name string) *Variable {
					return map[string]*Variable{"A": {Text: "base", Set: true, Known: true}}[name]
				}
			},
		}
		if got := values(parse(text), in); got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestStageScope(t *testing.T) {
	f := parse("ARG V=3.20\nARG EMPTY\nFROM alpine:$V AS a\nFROM a\nFROM $EMPTY\nFROM ${V\nFROM --platform=$BUILDPLATFORM golang:$U\n")
	s := f.Evaluate(Inputs{Args: map[string]*Variable{"U": {}}}).Stages
	if s[0].Image.Text != "alpine:3.20" || !s[0].Image.Known || !s[0].Image.Overridable || s[1].Base != s[0] {
		t.Errorf("%+v", s[0])
	}
	if s[2].Err == nil || s[2].Err.Error() != "base name ($EMPTY) should not be blank" || s[3].Err == nil {
		t.Errorf("errors %v, %v", s[2].Err, s[3].Err)
	}
	if s[4].Platform.Known || s[4].Image.Text != "golang:" {
		t.Errorf("platform %v, image %q", s[4].Platform.Known, s[4].Image.Text)
	}
}

func TestTrail(t *testing.T) {
	f := parse("ARG V=1\nFROM scratch\nARG V\nENV A=$V\nENV B=$A$A\nRUN x\n")
	v := f.Evaluate(Inputs{}).Stages[0].Before(3).Lookup("B")
	var got []string
	for _, at := range v.Trail() {
		got = append(got, at.Text())
	}
	if s := strings.Join(got, " "); s != "V=1 A=$V B=$A$A" {
		t.Errorf("trail %s", s)
	}
}

// TestScopeBounds evaluates files made to grow without end.
func TestScopeBounds(t *testing.T) {
	grow := "FROM scratch\nENV A=0123456789\n" + strings.Repeat("ENV A=$A$A\n", 100)
	if got := values(parse(grow), Inputs{}); got != "A=?" {
		t.Errorf("got %s", got)
	}
	var chain strings.Builder
	chain.WriteString("FROM scratch AS s\nENV A=1\n")
	for range 20000 {
		chain.WriteString("FROM s AS s\nENV B=$A\n")
	}
	if got := values(parse(chain.String()), Inputs{}); got != "" {
		t.Errorf("a chain of stages: %s", got)
	}
}

// TestSince holds that only the variables which Since names differ between two
// places of a stage.
func TestSince(t *testing.T) {
	f := Parse(source.New("Dockerfile", []byte("FROM scratch AS a\nENV A=1\nONBUILD ENV B=2\nFROM a\nARG C=3 D\nENV A=2 E=$C\nRUN x\nENV A=3\nENV B=4 A=5\n")))
	st := f.Evaluate(Inputs{}).Stages[1]
	n := len(st.Stage.Instructions)
	for i := range n + 1 {
		for j := i; j <= n; j++ {
			since := st.Before(j).Since(st.Before(i))
			for _, name := range []string{"A", "B", "C", "D", "E", "F"} {
				if st.Before(i).Lookup(name) != st.Before(j).Lookup(name) && !slices.Contains(since, name) {
					t.Errorf("%s changes between %d and %d, but not in %v", name, i, j, since)
				}
			}
		}
	}
	if got := st.Before(n).Since(st.Before(2)); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("from RUN on %v change", got)
	}
}
