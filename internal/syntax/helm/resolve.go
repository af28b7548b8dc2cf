package helm

import (
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// resolve returns the node of values.yaml that a pipeline prints, or nil. Of
// functions it knows those that pass a value on: toYaml, indent, nindent, quote,
// squote, toString, required, trim, int, int64 and default. Text reports that it
// is printed in quotes.
func (t *template) resolve(words []string, d dot) (value *yamlfile.Node, text bool) {
	known := true
	for i, stage := range stages(words) {
		if len(stage) == 0 {
			return nil, false
		}
		name, args := stage[0], stage[1:]
		switch {
		case i == 0 && len(stage) == 1:
			value, known = t.operand(name, d)
			name = ""
		case i == 0:
			value, known = t.operand(args[len(args)-1], d)
			args = args[:len(args)-1]
		}
		switch name {
		case "", "toYaml", "toString", "trim", "int", "int64", "float64":
			known = known && len(args) == 0
		case "quote", "squote":
			text = true
		case "indent", "nindent", "required":
			known = known && len(args) == 1
		case "default":
			if len(args) != 1 {
				return nil, false
			}
			if known && !truthy(value) {
				value, known = t.operand(args[0], d)
			}
		default:
			return nil, false
		}
		if !known {
			return nil, false
		}
	}
	return value, text
}

// stages divides the words of a pipeline at |. Parentheses are not followed.
func stages(words []string) [][]string {
	out := [][]string{nil}
	for _, w := range words {
		if w == "|" {
			out = append(out, nil)
			continue
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return out
}

// operand returns the node that a word names: a path below .Values, the dot or
// the chart, or a literal. It is nil, and known, for what values.yaml does not
// have.
func (t *template) operand(word string, d dot) (n *yamlfile.Node, known bool) {
	if rest, ok := strings.CutPrefix(word, "$"); ok {
		word, d = rest, dot{root: true} // a variable, unless a dot follows
	}
	switch {
	case word == "":
		return nil, false
	case word[0] == '"' || word[0] == '`':
		text, err := strconv.Unquote(word)
		n = yamlfile.NewScalar(text, source.Span{})
		n.Style = yamlfile.DoubleQuoted
		return n, err == nil
	case word[0] >= '0' && word[0] <= '9' || word == "true" || word == "false":
		n = yamlfile.NewScalar(word, source.Span{})
		n.Style, n.Tag = yamlfile.Plain, yamlfile.PlainTag(word)
		return n, n.Tag != "!!str"
	case word[0] != '.':
		return nil, false
	case !d.root && word == ".":
		return d.value, d.value != nil
	}
	keys := strings.Split(word[1:], ".")
	switch {
	case !d.root:
		return d.value.Get(keys...), d.value != nil
	case keys[0] == "Values":
		return t.chart.Values.Get(keys[1:]...), t.chart.Values != nil
	case keys[0] == "Chart" && len(keys) == 2:
		return t.ofChart(keys[1])
	}
	return nil, false
}

func (t *template) ofChart(key string) (*yamlfile.Node, bool) {
	v := map[string]yamlfile.Value{"Name": t.chart.Name, "Version": t.chart.Version, "AppVersion": t.chart.AppVersion}[key]
	return yamlfile.NewScalar(v.Text, v.At), v.Known
}

// truth returns whether a condition holds with the default values.
func (t *template) truth(words []string, d dot) presence {
	if len(words) == 2 && words[0] == "not" {
		switch t.truth(words[1:], d) {
		case present:
			return absent
		case absent:
			return present
		}
		return unsure
	}
	if len(words) > 2 && (words[0] == "and" || words[0] == "or") {
		return t.junction(words[0] == "and", words[1:], d)
	}
	if len(words) != 1 {
		return unsure
	}
	switch n, known := t.operand(words[0], d); {
	case !known:
		return unsure
	case truthy(n):
		return present
	}
	return absent
}

// junction returns whether all of some conditions hold, or one of them.
func (t *template) junction(all bool, words []string, d dot) presence {
	decisive, other := present, absent
	if all {
		decisive, other = absent, present
	}
	result := other
	for _, w := range words {
		switch t.truth([]string{w}, d) {
		case decisive:
			return decisive
		case unsure:
			result = unsure
		}
	}
	return result
}

// truthy reports whether a value counts as true for text/template.
func truthy(n *yamlfile.Node) bool {
	switch {
	case n.IsNull():
		return false
	case n.Kind == yamlfile.Mapping:
		return len(n.Pairs) > 0
	case n.Kind == yamlfile.Sequence:
		return len(n.Items) > 0
	case n.Tag == "!!bool":
		return strings.EqualFold(n.Value, "true")
	case n.Tag == "!!int" || n.Tag == "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		return err != nil || f != 0
	}
	return n.Value != ""
}
