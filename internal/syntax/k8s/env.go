package k8s

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Env is the environment that a container adds to that of its image.
type Env struct {
	Vars []Var
	From []EnvFrom // earlier ones lose against later ones, and all against Vars
	// Open says that there may be more variables than are listed here and in
	// the sources of From.
	Open bool
}

// Var is an entry of env.
type Var struct {
	Name  yamlfile.Value
	Value yamlfile.Value // with $(NAME) replaced where that is known
	From  *VarSource     // where the value comes from instead, or nil
}

// VarSource is a valueFrom.
type VarSource struct {
	At   source.Span
	Kind yamlfile.Value // resourceFieldRef, fieldRef, configMapKeyRef, secretKeyRef, fileKeyRef, at its key

	Name     yamlfile.Value // of the ConfigMap or Secret
	Key      yamlfile.Value // in it
	Optional yamlfile.Value

	FieldPath yamlfile.Value // of fieldRef

	Resource  yamlfile.Value // of resourceFieldRef: limits.cpu, requests.memory …
	Container yamlfile.Value // whose resource; not given: its own
	Divisor   Amount         // not given: 1
}

// EnvFrom is an entry of envFrom.
type EnvFrom struct {
	Kind     yamlfile.Value // configMapRef or secretRef, at its key
	Name     yamlfile.Value
	Prefix   yamlfile.Value
	Optional yamlfile.Value
}

// Get returns the entry that counts for a name, which is the last one.
func (e Env) Get(name string) (Var, bool) {
	for i := len(e.Vars) - 1; i >= 0; i-- {
		if e.Vars[i].Name.Is(name) {
			return e.Vars[i], true
		}
	}
	return Var{}, false
}

func (r *reader) env(container *yamlfile.Node) Env {
	n, from := container.Get("env"), container.Get("envFrom")
	e := Env{Open: container.Open}
	for _, list := range []*yamlfile.Node{n, from} {
		e.Open = e.Open || list != nil && (list.Open || list.Unknown)
	}
	if from = r.Sequence(from, "envFrom"); from != nil {
		for _, item := range from.Items {
			e.From = append(e.From, envFrom(item))
			e.Open = e.Open || item.Unknown || item.Open
		}
	}
	if n = r.Sequence(n, "env"); n != nil {
		for _, item := range n.Items {
			e.Open = e.Open || item.Unknown || item.Open
			if item = r.Mapping(item, "env entry"); item == nil {
				continue
			}
			v := Var{Name: item.Get("name").Scalar(), Value: r.Scalar(item.Get("value"), "value"), From: r.varSource(item.Get("valueFrom"))}
			r.text(&v.Value, "EnvVar.value")
			e.expandValue(&v.Value)
			e.Vars = append(e.Vars, v)
		}
	}
	return e
}

func envFrom(n *yamlfile.Node) EnvFrom {
	f := EnvFrom{Prefix: n.Get("prefix").Scalar()}
	if n.IsMapping() {
		for _, p := range n.Pairs {
			if p.Key.Value == "configMapRef" || p.Key.Value == "secretRef" {
				f.Kind = p.Key.Scalar()
				f.Name, f.Optional = p.Value.Get("name").Scalar(), p.Value.Get("optional").Scalar()
			}
		}
	}
	return f
}

func (r *reader) varSource(n *yamlfile.Node) *VarSource {
	if n.IsNull() {
		return nil
	}
	s := &VarSource{At: n.Pos()}
	if n = r.Mapping(n, "valueFrom"); n == nil || len(n.Pairs) == 0 {
		return s
	}
	p := n.Pairs[len(n.Pairs)-1]
	s.Kind = p.Key.Scalar()
	switch ref := r.Mapping(p.Value, p.Key.Value); p.Key.Value {
	case "fieldRef":
		s.FieldPath = ref.Get("fieldPath").Scalar()
	case "resourceFieldRef":
		s.Resource = ref.Get("resource").Scalar()
		s.Container = ref.Get("containerName").Scalar()
		s.Divisor = r.amount(ref.Get("divisor"))
	default:
		s.Name, s.Key = ref.Get("name").Scalar(), ref.Get("key").Scalar()
		s.Optional = ref.Get("optional").Scalar()
	}
	return s
}

// expand replaces references in the members of a list.
func (e Env) expand(l *yamlfile.List) {
	for i := range l.Items {
		e.expandValue(&l.Items[i])
	}
}

// maxExpanded is how long a value with references may become, in bytes.
const maxExpanded = 4096

// expandValue replaces $(NAME) as the kubelet does (third_party/forked/golang
// /expansion): by the value of an entry above; what is defined nowhere stays.
// A value that depends on what is not known becomes unknown.
func (e Env) expandValue(v *yamlfile.Value) {
	if !v.Known || !strings.Contains(v.Text, "$") {
		return
	}
	var out source.Joined
	text, done := v.Text, 0
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		if text[i+1] == '$' {
			out.AppendPart(&v.Joined, done, i+1)
			i++
			done = i + 1
			continue
		}
		end := strings.IndexByte(text[i:], ')')
		if text[i+1] != '(' || end < 0 {
			continue
		}
		end += i + 1
		value, known, defined := e.lookup(text[i+2 : end-1])
		if !known || out.Text != "" && len(out.Text)+len(value) > maxExpanded {
			v.Known = false
			return
		}
		if defined {
			out.AppendPart(&v.Joined, done, i)
			out.AppendAs(value, v.Span(i, end))
			done = end
		}
		i = end - 1
	}
	out.AppendPart(&v.Joined, done, len(text))
	v.Joined = out
}

func (e Env) lookup(name string) (value string, known, defined bool) {
	for i := len(e.Vars) - 1; i >= 0; i-- {
		switch v := e.Vars[i]; {
		case !v.Name.Known:
			return "", false, true
		case v.Name.Text == name && v.From != nil:
			return "", false, true
		case v.Name.Text == name:
			return v.Value.Text, v.Value.Known || !v.Value.Given(), true
		}
	}
	return "", !e.Open && len(e.From) == 0, false
}
