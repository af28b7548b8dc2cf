package yamlfile

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// checkLaws tests what holds for every file: spans lie in the file and in their
// parent, those of siblings do not overlap, and the content of every scalar can
// be traced.
func checkLaws(t *testing.T, file *File) {
	t.Helper()
	for _, p := range file.Problems {
		if p.At.File != file.Source || p.Text == "" {
			t.Errorf("problem %q at %v", p.Text, p.At)
		}
	}
	end := 0
	for _, doc := range file.Docs {
		if doc.At.Start < end {
			t.Errorf("document at %v starts inside the one before", doc.At)
		}
		end = doc.At.End
		checkNode(t, file, doc, doc.At)
	}
}

func checkNode(t *testing.T, file *File, n *Node, parent source.Span) {
	t.Helper()
	if n.At.File != file.Source || n.At.End > len(file.Source.Data()) || n.At.Start > n.At.End {
		t.Errorf("%v outside the file", n.At)
	}
	if !n.Via.Valid() && !parent.Contains(n.At) {
		t.Errorf("%v %q is outside of its parent %v %q", n.At, n.At.Text(), parent, parent.Text())
	}
	if j := n.Joined(); j.Text != n.Value || (j.Text != "" && !j.Whole().Valid()) {
		t.Errorf("%v: content is traced as %q, not %q", n.At, j.Text, n.Value)
	}
	if n.Anchored.Valid() && n.At.Len() > 0 && n.At.Text()[0] != '*' {
		t.Errorf("%v: an alias reads %q", n.At, n.At.Text())
	}
	own := n.At
	if n.Anchored.Valid() {
		own = n.Anchored
	}
	last := own.Start
	member := func(m *Node) {
		if m.Via == n.Via && m.At.Len() > 0 {
			if m.At.Start < last {
				t.Errorf("%v %q overlaps what is before it", m.At, m.At.Text())
			}
			last = m.At.End
		}
		checkNode(t, file, m, own)
	}
	for _, p := range n.Pairs {
		if p.Value.KeyAt != p.Key.At {
			t.Errorf("key of %v is at %v, not %v", p.Value.At, p.Value.KeyAt, p.Key.At)
		}
		member(p.Key)
		member(p.Value)
	}
	for _, m := range n.Items {
		member(m)
	}
}

// checkMeaning compares nodes with the library's: kind, tag and value of every
// node that is not an alias.
func checkMeaning(t *testing.T, file *File) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(file.Source.Data()))
	for i := 0; ; i++ {
		var want yaml.Node
		if err := dec.Decode(&want); err != nil {
			return
		}
		if i >= len(file.Docs) {
			t.Fatalf("%d documents, want more", len(file.Docs))
		}
		if a, b := render(file.Docs[i]), renderLibrary(want.Content[0]); a != b {
			t.Errorf("document %d reads\n%s\nwant\n%s", i, a, b)
		}
	}
}

func render(n *Node) string {
	if n.Anchored.Valid() {
		return "alias"
	}
	s := fmt.Sprintf("%s %s %q", n.Kind, n.Tag, n.Value)
	for _, p := range n.Pairs {
		if !p.Key.Via.Valid() {
			s += "(" + render(p.Key) + ": " + render(p.Value) + ")"
		}
	}
	for _, m := range n.Items {
		s += "(" + render(m) + ")"
	}
	return s
}

func renderLibrary(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode {
		return "alias"
	}
	kind := map[yaml.Kind]Kind{yaml.ScalarNode: Scalar, yaml.MappingNode: Mapping, yaml.SequenceNode: Sequence}[n.Kind]
	s := fmt.Sprintf("%s %s %q", kind, n.ShortTag(), n.Value)
	for i, m := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			s += "(" + renderLibrary(m) + ")"
		case i%2 == 0 && !isMerge(m):
			s += "(" + renderLibrary(m) + ": " + renderLibrary(n.Content[i+1]) + ")"
		}
	}
	return s
}

// checkExact proves both ends of every scalar: with its bytes replaced by other
// text, the document reads the same but for this one value.
func checkExact(t *testing.T, file *File) {
	t.Helper()
	if len(file.Problems) > 0 || len(file.Docs) != 1 {
		return
	}
	data := file.Source.Data()
	want := render(file.Docs[0])
	walk(file.Docs[0], func(n *Node) {
		if n.Kind != Scalar || n.Via.Valid() || n.Anchored.Valid() || n.At.Len() == 0 || n.Tag == mergeTag {
			return
		}
		text := `"` + escapeAll(n.Value) + `"`
		if n.Style == Literal || n.Style == Folded {
			text += "\n"
		}
		changed := bytes.Join([][]byte{data[:n.At.Start], []byte(text), data[n.At.End:]}, nil)
		var doc yaml.Node
		if err := yaml.Unmarshal(changed, &doc); err != nil {
			t.Errorf("%v %q cannot be replaced: %v", n.At, n.At.Text(), err)
			return
		}
		tag, style := n.Tag, n.Style
		if style == Plain && n.At.Start == n.At.End {
			return
		}
		n.Tag = "!!str"
		with := render(file.Docs[0])
		n.Tag = tag
		if got := renderLibrary(doc.Content[0]); got != with && got != want {
			t.Errorf("%v %q replaced gives\n%s\nwant\n%s", n.At, n.At.Text(), got, with)
		}
	})
}

// checkDecodes proves that the bytes of a scalar alone, read as a document,
// give its value.
func checkDecodes(t *testing.T, n *Node) {
	t.Helper()
	if n.Kind != Scalar || n.Anchored.Valid() || n.At.Len() == 0 || strings.HasSuffix(n.Value, ":") || n.Value == "?" || n.Value == "-" {
		return
	}
	text := " " + n.At.Text() // "---" is a scalar only when it is indented
	if n.Style == Literal || n.Style == Folded {
		header, content, _ := strings.Cut(text, "\n")
		if strings.TrimSpace(content) == "" || strings.ContainsAny(header, "123456789") {
			return // depends on the indentation around it
		}
		text = "k:" + text
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Errorf("%v %q alone: %v", n.At, text, err)
		return
	}
	got := doc.Content[0]
	if got.Kind == yaml.MappingNode {
		got = got.Content[1]
	}
	if got.Value != n.Value {
		t.Errorf("%v %q alone reads %q, want %q", n.At, text, got.Value, n.Value)
	}
}

func escapeAll(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		fmt.Fprintf(&b, `\U%08x`, r)
	}
	return b.String()
}

func walk(n *Node, visit func(*Node)) {
	visit(n)
	for _, p := range n.Pairs {
		walk(p.Key, visit)
		walk(p.Value, visit)
	}
	for _, m := range n.Items {
		walk(m, visit)
	}
}

var samples = []string{
	"a: b c\n  d e\nf: 'x\n\n  y'\n",
	"a: |2-\n    x\n   y\n\nb: >+\n  f\n  g\n\n\nc: 1\n",
	"é: &x !!str 12 # c\nb: *x\nc: {c: *x}\n",
	"\ufeffa: 1\r\nb: \"x\\\r\n  y\"\r\n",
	"a:\n- b\n-\n- c: 1\nd:\ne: {f: , g: [1,\t2]}\n",
	"a:\tb\n? k\n: v\n",
	"a: &anchor\n  b: 1\nc: !!map\n  <<: [*anchor, *anchor]\n  b: 2\n",
	"a: \"\\u00e9 \\x41\\\n   b\"\nb: 'it''s'\nc: ~\n",
	"a: >\n  folded\n  text\n\n   more\n  end\n",
	"a: |\n\n  x\n\n\nb: >-\n\n\n y\n z\n",
	"- |\n x\n- >\n y\n- - |1\n   z\n  - q\n",
	"a: {\"b\":1, 'c' : [x y, {d: e}, f: g, ? h : i], j}\n",
	"? |\n  key\n: - v\n? [a, b]\n: c\n",
	"run: |\n  go build \\\n    -o x\n  # no comment\n\n  echo\nnext: x # yes\n",
	"a: &x !foo\n  b: c\nd: !<tag:yaml.org,2002:str> 5\ne: ! 5\nf: &y\ng: !!null\nh: *y\n",
	"\"one \\\n  line\" \n# c\n",
	"a: b\u2028 c\nd: x\n",
	"--- >\n x\n y\n",
	"--- 'x'\n",
	"%YAML 1.1\n---\na: 1\n",
	"&m\n&k key: v\n",
	"a: x#y # z\nb: http://a:80/#q\n",
	"[a, b,\n # c ]\n c]\n",
	"a: |\n  x",
	"a: |+\n\nb: |\nc: >-\n",
	"a: 1\r\nb: |\r\n  x\r\n  y\r\nc: >\r\n  f\r\n  g\r\n",
}

func TestLaws(t *testing.T) {
	for _, s := range samples {
		t.Run("", func(t *testing.T) {
			file := Parse(source.New("f.yaml", []byte(s)))
			if len(file.Problems) > 0 {
				t.Errorf("%q: %v", s, file.Problems)
			}
			checkLaws(t, file)
			checkMeaning(t, file)
			checkExact(t, file)
			for _, doc := range file.Docs {
				walk(doc, func(n *Node) { checkDecodes(t, n) })
			}
			if t.Failed() {
				t.Logf("%q", s)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse(source.New("f.yaml", data))
		checkLaws(t, file)
		if len(split(data, 0)) == 1 && len(file.Problems) == 0 {
			checkMeaning(t, file)
			for _, doc := range file.Docs {
				walk(doc, func(n *Node) { checkDecodes(t, n) })
			}
		}
	})
}
