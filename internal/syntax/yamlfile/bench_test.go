package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// deployments is a stream of n documents as teams write them, about 900 bytes
// each.
func deployments(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "web-%d"
  labels: {app: web, tier: front}
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: app # the server
          image: registry.example.com/team/app:v1.2.3
          command: ["/bin/sh", "-c"]
          args:
            - |
              set -e
              exec /app --listen :8080 \
                --log json
          env:
            - name: GOMEMLIMIT
              valueFrom:
                resourceFieldRef:
                  resource: limits.memory
            - {name: GODEBUG, value: 'madvdontneed=1'}
          resources:
            limits:
              cpu: 500m
              memory: 256Mi
            requests:
              cpu: "0.1"
              memory: 128Mi
`, i)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	data := deployments(100)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if file := Parse(source.New("f.yaml", data)); len(file.Docs) != 100 {
			b.Fatal(len(file.Docs), file.Problems)
		}
	}
}

// BenchmarkLibrary is the part of BenchmarkParse that the library takes.
func BenchmarkLibrary(b *testing.B) {
	data := deployments(100)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range split(data, 0) {
			var n yaml.Node
			if err := yaml.Unmarshal(data[c.start:c.end], &n); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkHostile reads input made to be slow. The time for a byte must not
// grow with the size.
func BenchmarkHostile(b *testing.B) {
	for _, c := range []struct {
		name string
		text func(n int) string
	}{
		{"flow-line", func(n int) string { return "[" + strings.Repeat("a, ", n/3) + "]" }},
		{"flow-maps", func(n int) string { return "[" + strings.Repeat("{a: 1},", n/7) + "]" }},
		{"literal", func(n int) string { return "a: |\n" + strings.Repeat("  x\n", n/4) }},
		{"folded", func(n int) string { return "a: >\n" + strings.Repeat("  x\n", n/4) }},
		{"quoted", func(n int) string { return "a: \"" + strings.Repeat(`\x41 `, n/5) + "\"" }},
		{"plain-lines", func(n int) string { return "a: " + strings.Repeat("b\n  ", n/4) }},
		{"keys", func(n int) string {
			var s strings.Builder
			for i := 0; s.Len() < n; i++ {
				fmt.Fprintf(&s, "k%d: v\n", i)
			}
			return s.String()
		}},
		{"comments", func(n int) string { return strings.Repeat("# c\n", n/4) + "a: 1\n" }},
		{"documents", func(n int) string { return strings.Repeat("---\na\n", n/6) }},
		{"bad-documents", func(n int) string { return strings.Repeat("---\na: b: c\n", n/12) }},
		{"bad-end", func(n int) string { return strings.Repeat("a: 1\n", n/5) + "\"" }},
		{"laughs", func(n int) string {
			s := "a: &a [x,x,x,x,x,x,x,x,x]\n"
			for c := 'b'; c < 'k'; c++ {
				s += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), ","))
			}
			return s + strings.Repeat("# c\n", (n-len(s))/4)
		}},
		{"anchors", func(n int) string {
			return "a: &a {x: 1}\nb:\n" + strings.Repeat("- <<: *a\n", n/9)
		}},
		{"indentation", func(n int) string { return strings.Repeat("- ", 400) + strings.Repeat("\n ", n/2) }},
	} {
		for _, n := range []int{50_000, 500_000} {
			data := []byte(c.text(n))
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					Parse(source.New("f.yaml", data))
				}
			})
		}
	}
}
