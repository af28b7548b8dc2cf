package yamlfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	file := Parse(source.New("f.yaml", []byte(text)))
	checkLaws(t, file)
	return file
}

func TestSpans(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a: b c # d\n", "b c"},
		{"a: b\n  c\n\n  d\ne: f", "b\n  c\n\n  d"},
		{"a: 'it''s' \n", "'it''s'"},
		{"a: \"x\\\n  y\"\n", "\"x\\\n  y\""},
		{"a: &n !!str x\n", "x"},
		{"a: !!str &n\n  'x'\n", "'x'"},
		{"a: |\n  x\n  y\n\nb: c\n", "|\n  x\n  y\n"},
		{"a: |- # c\n  x\n\nb: c\n", "|- # c\n  x"},
		{"a: >+\n  x\n\nb: c\n", ">+\n  x\n\n"},
		{"a: |2\n    x\n", "|2\n    x\n"},
		{"a: |\r\n  x\r\nb: c\r\n", "|\r\n  x\r\n"},
		{"a: [1, {b: c}, ] # d\n", "[1, {b: c}, ]"},
		{"a: {b: [c], # }\n  d: } \n", "{b: [c], # }\n  d: }"},
		{"é𝄞: é𝄞 x\n", "é𝄞 x"},
		{"\ufeffa: x\n", "x"},
		{"a:\tx\t# c\n", "x"},
		{"a:\n  - x\n  -\n", "- x\n  -"},
		{"a:\n  b: 1\n  c:\n# d\n", "b: 1\n  c:"},
		{"--- {a: x}\n", "x"},
		{"a:\n", ""},
		{"a: &n\n", ""},
		{"a: http://x:80/#y\n", "http://x:80/#y"},
	} {
		file := parse(t, c.text)
		if len(file.Docs) != 1 || len(file.Problems) > 0 {
			t.Errorf("%q: %d documents, %v", c.text, len(file.Docs), file.Problems)
			continue
		}
		if got := file.Docs[0].Pairs[0].Value.At.Text(); got != c.want {
			t.Errorf("%q: value is at %q, want %q", c.text, got, c.want)
		}
	}
}

func TestJoinedTracesBack(t *testing.T) {
	text := "run: |\n    go build \\\n      -o x\n\n    make\n>: >\n  a\n  b\nq: \"go\\x20run \\\n  x\"\n"
	doc := parse(t, strings.Replace(text, ">: >", "f: >", 1)).Docs[0]
	for key, cases := range map[string]map[string]string{
		"run": {"-o x": "-o x", "make\n": "make\n", "build \\\n  -o": "build \\\n      -o"},
		"f":   {"a b": "a\n  b"},
		"q":   {" ": `\x20`, "run x": "run \\\n  x"},
	} {
		n := doc.Get(key)
		j := n.Joined()
		if j.Text != n.Value {
			t.Errorf("%s is %q, want %q", key, j.Text, n.Value)
		}
		for part, want := range cases {
			i := strings.Index(j.Text, part)
			if i < 0 {
				t.Errorf("%s is %q, without %q", key, j.Text, part)
			} else if got := j.Span(i, i+len(part)).Text(); got != want {
				t.Errorf("%s: %q is traced to %q, want %q", key, part, got, want)
			}
		}
	}
}

func TestAliases(t *testing.T) {
	doc := parse(t, "base: &b\n  mem: 64m\n  env: &e {A: 1}\nx:\n  <<: *b\n  mem: 1g\ny: *e\nz: {<<: [*b, *e]}\n").Docs[0]
	if n := doc.Get("x", "mem"); n.Value != "1g" || n.Via.Valid() {
		t.Errorf("a key beats what is merged: %+v", n)
	}
	n := doc.Get("x", "env", "A")
	if n == nil || n.At.Text() != "1" || n.Via.Begin().Line != 5 || n.Via.Text() != "*b" {
		t.Errorf("merged value: %+v", n)
	}
	if n := doc.Get("y"); n.At.Text() != "*e" || n.Anchored.Text() != "{A: 1}" || n.KeyAt.Text() != "y" || n.Get("A").Via != n.At {
		t.Errorf("alias: %+v", n)
	}
	if n := doc.Get("z", "A"); n == nil || n.Via.Text() != "*e" {
		t.Errorf("merge of a list: %+v", n)
	}
	if v := doc.Get("y", "A").Scalar(); !v.Is("1") || v.Tag != "!!int" || v.Via.Text() != "*e" {
		t.Errorf("value: %+v", v)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ text, at, want string }{
		{"a: 1\nb: c: d\ne: f\n", "b: c: d", "mapping values are not allowed in this context"},
		{"a:\n  b: 1\n c: 2\n", "c: 2", "did not find expected key"},
		{"a: [1\nb: 2\n", "a: [1", "did not find expected ',' or ']'"},
		{"a: 1\nb: \"x\nc: 2\n", "b: \"x", "found unexpected end of stream"},
		{"a: 1\n\tb: 2\n", "b: 2", "found a tab character that violates indentation"},
		{"a: *x\n", "*x", "unknown anchor 'x' referenced"},
		{"a: &x [*x]\n", "*x", "anchor 'x' value contains itself"},
		{"a: 1\na: 2\n", "a", `mapping key "a" already defined at line 1`},
		{"a: \x01\n", "\x01", "control characters are not allowed"},
		{"a: \xff\n", "\xff", "invalid leading UTF-8 octet"},
		{"<<: x\n", "x", mergeProblem},
		{"\xff\xfea\x00", "\xff\xfe", "UTF-16 is not read, only UTF-8"},
		{"'x'\n]\n", "]", "did not find expected <document start>"},
	} {
		file := parse(t, c.text)
		if len(file.Problems) != 1 {
			t.Errorf("%q: problems %v", c.text, file.Problems)
			continue
		}
		if p := file.Problems[0]; p.At.Text() != c.at || p.Text != c.want {
			t.Errorf("%q: %q at %q, want %q at %q", c.text, p.Text, p.At.Text(), c.want, c.at)
		}
	}
}

func TestDocuments(t *testing.T) {
	file := parse(t, "# c\n%YAML 1.1\n---\na: |\n  x\n---\nb: [\n---\nc: 1\n...\n---\n# end\n")
	if len(file.Docs) != 3 || len(file.Problems) != 1 {
		t.Fatalf("%d documents, problems %v", len(file.Docs), file.Problems)
	}
	if file.Docs[0].Get("a").Value != "x\n" || file.Docs[1].Get("c").Value != "1" || !file.Docs[2].IsNull() {
		t.Errorf("documents %+v", file.Docs)
	}
	if p := file.Problems[0]; p.At.Begin().Line != 7 {
		t.Errorf("problem in line %d, want 7", p.At.Begin().Line)
	}
}

func TestLimits(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		alias := "*" + string(c-1)
		laughs += string(c) + ": &" + string(c) + " [" + strings.Repeat(alias+",", 9) + alias + "]\n"
	}
	for name, text := range map[string]string{
		"document contains excessive aliasing": laughs,
		"nested deeper than 500":               strings.Repeat("[", 600) + strings.Repeat("]", 600),
		"larger than 8388608 bytes":            strings.Repeat("#", maxSize+1),
	} {
		if file := parse(t, text); len(file.Problems) != 1 || file.Problems[0].Text != name {
			t.Errorf("problems %v, want %s", file.Problems, name)
		}
	}
}

func TestMissing(t *testing.T) {
	var n *Node
	if n.Get("a", "b") != nil || !n.IsNull() || n.Scalar().Given() || n.Pos().Valid() {
		t.Error("a missing node is something")
	}
	doc := parse(t, "a: ~\nb: [x, ~, *u]\nc: 1.20\n").Docs
	if len(doc) != 0 {
		t.Errorf("documents %v", doc)
	}
	root := parse(t, "a: ~\nb: [x, ~]\nc: 1.20\nd: '1.20'\n").Docs[0]
	if v := root.Get("a").Scalar(); v.Given() {
		t.Errorf("null is %+v", v)
	}
	if l := root.Get("b").List(); len(l.Items) != 1 || !l.Known() || !l.Given() {
		t.Errorf("members %+v", l)
	}
	if v := root.Get("c").Scalar(); v.Tag != "!!float" || v.Quoted || !v.Is("1.20") {
		t.Errorf("float is %+v", v)
	}
	if v := root.Get("d").Scalar(); v.Tag != "!!str" || !v.Quoted {
		t.Errorf("text is %+v", v)
	}
}

// TestManyKeys looks for keys of a mapping that is large enough for an index,
// and of copies with other pairs.
func TestManyKeys(t *testing.T) {
	var text strings.Builder
	text.WriteString("m: &m {k1: merged, only: merged}\nbig:\n  <<: *m\n  ? [a]\n  : list\n")
	for i := range 200 {
		fmt.Fprintf(&text, "  k%d: v%d\n", i, i)
	}
	text.WriteString("  k7: twice\n")
	big := Parse(source.New("x.yaml", []byte(text.String()))).Docs[0].Get("big")
	fewer := *big
	fewer.Pairs = slices.Clone(big.Pairs[:100])
	other := *big
	other.Pairs = slices.Clone(big.Pairs)
	other.Pairs[50].Key = &Node{Value: "new"}
	for _, c := range []struct {
		n         *Node
		key, want string
	}{
		{big, "k0", "v0"}, {big, "k199", "v199"}, {big, "k7", "twice"}, {big, "k1", "v1"}, {big, "only", "merged"}, {big, "none", ""},
		{&fewer, "k7", "v7"}, {&fewer, "k199", ""}, {&other, "new", other.Pairs[50].Value.Value}, {&other, "only", "merged"},
	} {
		if got := c.n.Get(c.key); got == nil && c.want != "" || got != nil && got.Value != c.want {
			t.Errorf("%s is %+v, want %q", c.key, got, c.want)
		}
	}
}
