package helm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// BenchmarkHostile reads templates made to be slow. The time for a byte must
// not grow with the size.
func BenchmarkHostile(b *testing.B) {
	c := chart(b)
	for name, text := range map[string]string{
		"lines":   "{{ x | nindent 2 }}\n",
		"control": "{{- if .x }}\n{{- else }}\n{{- end }}\n",
		"nested":  "{{- if .Values.enabled }}\n",
		"inline":  "{a: {{ .Values.port }}},",
		"blank":   "{{ x }}\n\n\n\n\n\n\n\n\n\n",
		"moved":   "a: {{ x | nindent 2 }}\n",
		"values":  "a: {{ toYaml .Values }}\n",
		"open":    "{{ \"",
		"define":  "{{ define \"x\" }}\na: {{ .y }}\n{{ end }}\n",
	} {
		for _, n := range []int{20_000, 200_000} {
			data := strings.Repeat(text, n/len(text))
			if name == "inline" {
				data = "[" + data + "]"
			}
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					c.Template(source.New("t.yaml", []byte(data)))
				}
			})
		}
	}
}
