package workload

import (
	"math"
	"slices"
	"strconv"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/syntax/k8s"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// manifests adds the containers of all sets of objects.
func (b *builder) manifests() {
	for _, set := range objects.Of(b.repo) {
		for _, o := range set.objects {
			if o.Workload == nil {
				continue
			}
			for _, c := range o.Workload.Pod.Containers {
				if c.Role != k8s.Ephemeral {
					b.container(set, o, c)
				}
			}
		}
	}
}

func (b *builder) container(set objectSet, o *k8s.Object, c *k8s.Container) {
	s := &Service{Kind: Container, Name: o.Name.Text + "/" + c.Name.Text, At: c.Name.At, Pod: o.Workload, Pack: c}
	s.partial = set.partial
	if !s.At.Valid() {
		s.At = c.Node.Pos()
	}
	s.OneShot = fact.Of(false, fact.Medium)
	if o.Workload.OneShot || c.Role == k8s.Init {
		s.OneShot = fact.Of(true, fact.High, fact.Note{At: o.Kind.At, Text: "runs to its end"})
	}
	s.User = containerUser(o.Workload, c)
	s.CPU = containerCPU(set, o, c)
	s.Memory = containerMemory(set, o, c)
	s.Argv = slices.Concat(yamlWords(c.Command), yamlWords(c.Args))
	var named []fact.Note
	image := set.image(c.Image)
	if s.Stage, named = b.builtAs(image); s.Stage == nil {
		s.Stage, named = b.builtAs(c.Image)
	}
	if s.Stage != nil {
		b.imageEnvironment(s, s.Stage, fact.Medium)
	}
	b.containerEnvironment(s, set)
	s.Program = b.containerProgram(s, c.Command.Given(), image, named)
	b.add(s)
}

func containerUser(w *k8s.Workload, c *k8s.Container) fact.Fact[string] {
	for _, security := range []k8s.Security{c.Security, w.Pod.Security} {
		switch user := security.RunAsUser; {
		case security.Open || user.Given() && !user.Known:
			return fact.Not[string]()
		case user.Given():
			return fact.Of(user.Text, sure(user), notes(user, "runs as "+user.Text)...)
		}
	}
	return fact.Not[string]()
}

// containerCPU reads the limits of a container and of its pod. A limit of the
// pod is one of the cgroup above. Without a limit a LimitRange may give one.
func containerCPU(set objectSet, o *k8s.Object, c *k8s.Container) CPU {
	cpu := noCPU()
	cpu.Quota = cpuLimit(c.Resources.Limits)
	if cpu.Quota.Known() && cpu.Quota.Value == goruntime.Unlimited() {
		cpu.Quota = set.defaultCPU(o)
	}
	cpu.Parent = cpuLimit(o.Workload.Pod.Resources.Limits)
	if set.partial {
		cpu.Quota, cpu.Parent = cpu.Quota.AtMost(fact.Low), cpu.Parent.AtMost(fact.Low)
	}
	return cpu
}

func cpuLimit(a k8s.Amounts) fact.Fact[float64] {
	switch {
	case !a.CPU.Given() && a.Open:
		return fact.Not[float64](fact.Note{At: a.At, Text: "a limit may be given elsewhere"})
	case !a.CPU.Given():
		return fact.Of(goruntime.Unlimited(), fact.Medium)
	case !a.CPU.Known || !a.CPU.Valid:
		return fact.Not[float64](fact.Note{At: a.CPU.At, Text: "the limit is not known"})
	}
	n := float64(a.CPU.Quantity.Milli()) / 1000
	if n <= 0 {
		return fact.Of(goruntime.Unlimited(), fact.Medium)
	}
	return fact.Of(n, sure(a.CPU.Value), notes(a.CPU.Value, quotaNote(n))...)
}

func containerMemory(set objectSet, o *k8s.Object, c *k8s.Container) Memory {
	m := noMemory()
	m.Max = memoryLimit(c.Resources.Limits)
	if m.Max.Known() && m.Max.Value == goruntime.NoLimit {
		m.Max = set.defaultMemory(o)
	}
	m.Max = narrower(m.Max, memoryLimit(o.Workload.Pod.Resources.Limits))
	if set.partial {
		m.Max = m.Max.AtMost(fact.Low)
	}
	return m
}

func memoryLimit(a k8s.Amounts) fact.Fact[int64] {
	switch {
	case !a.Memory.Given() && a.Open:
		return fact.Not[int64](fact.Note{At: a.At, Text: "a limit may be given elsewhere"})
	case !a.Memory.Given():
		return noMemory().Max
	case !a.Memory.Known || !a.Memory.Valid:
		return fact.Not[int64](fact.Note{At: a.Memory.At, Text: "the limit is not known"})
	}
	n := a.Memory.Quantity.Value()
	if n <= 0 {
		return noMemory().Max
	}
	return fact.Of(n, sure(a.Memory.Value), notes(a.Memory.Value, memoryNote(n))...)
}

// containerEnvironment reads envFrom, then env, which beats it.
func (b *builder) containerEnvironment(s *Service, set objectSet) {
	for _, from := range s.Pack.Env.From {
		data, ok := set.configMap(from)
		if !ok {
			s.open = append(s.open, fact.Note{At: from.Kind.At, Text: "brings variables that are not in the repository"})
			continue
		}
		for _, item := range data.Items {
			if item.Name.Known && (!from.Prefix.Given() || from.Prefix.Known) {
				item.Name.Text = from.Prefix.Text + item.Name.Text
				v := yamlVariable(item)
				v.Why = slices.Concat([]fact.Note{{At: from.Name.At, Text: "takes the variables of a ConfigMap"}}, v.Why)
				s.setenv(item.Name.Text, v.AtMost(fact.Medium))
			}
		}
	}
	for _, v := range s.Pack.Env.Vars {
		if v.Name.Known {
			s.setenv(v.Name.Text, containerVariable(s, set, v))
		}
	}
	if s.Pack.Env.Open {
		s.open = append(s.open, fact.Note{At: s.At, Text: "may get more variables"})
		s.partial = true
	}
}

func containerVariable(s *Service, set objectSet, v k8s.Var) fact.Fact[Variable] {
	if v.From == nil {
		return yamlVariable(yamlfile.Named{Name: v.Name, Value: orEmpty(v)})
	}
	unknown := fact.Not[Variable](fact.Note{At: v.From.At, Text: "the value of " + v.Name.Text + " is not known"})
	switch v.From.Kind.Text {
	case "resourceFieldRef":
		return downward(s, v)
	case "configMapKeyRef":
		item, ok := set.configMapKey(v.From)
		if !ok {
			return unknown
		}
		f := yamlVariable(yamlfile.Named{Name: v.Name, Value: item.Value})
		f.Why = slices.Concat([]fact.Note{{At: v.From.At, Text: "takes " + v.Name.Text + " from a ConfigMap"}}, f.Why)
		return f.AtMost(fact.Medium)
	}
	return unknown
}

// orEmpty is the value of an entry, which is empty where none is given.
func orEmpty(v k8s.Var) yamlfile.Value {
	if v.Value.Given() {
		return v.Value
	}
	return yamlfile.Value{At: v.Name.At, Known: true}
}

// downward is a variable that holds a limit of the container: the amount by the
// divisor, rounded up (k8s.io/kubernetes/pkg/api/v1/resource/helpers.go).
func downward(s *Service, v k8s.Var) fact.Fact[Variable] {
	from := v.From
	unknown := fact.Not[Variable](fact.Note{At: from.At, Text: "the value of " + v.Name.Text + " is not known"})
	if from.Container.Given() && !from.Container.Is(s.Pack.Name.Text) || !from.Resource.Known ||
		from.Divisor.Given() && (!from.Divisor.Known || !from.Divisor.Valid) {
		return unknown
	}
	limits := s.Pack.Resources.Limits
	if from.Resource.Text == "requests.cpu" || from.Resource.Text == "requests.memory" {
		limits = s.Pack.Resources.Requests
	}
	amount, cpu := limits.Memory, false
	if from.Resource.Text == "limits.cpu" || from.Resource.Text == "requests.cpu" {
		amount, cpu = limits.CPU, true
	}
	if !amount.Known || !amount.Valid {
		return unknown
	}
	n := amount.Quantity.Divided(from.Divisor.Quantity, cpu)
	text := strconv.FormatInt(n, 10)
	at := from.Resource.At
	if from.Divisor.Given() {
		at = from.Divisor.At
	}
	return fact.Of(Variable{Set: true, Text: text, At: at, Computed: true}, sure(amount.Value),
		fact.Note{At: amount.At, Text: from.Resource.Text + " is " + amount.Text},
		fact.Note{At: at, Text: "makes " + v.Name.Text + " " + text})
}

// defaultCPU is the limit that a LimitRange gives to containers that have none.
func (set objectSet) defaultCPU(o *k8s.Object) fact.Fact[float64] {
	for _, item := range set.limits[o.Namespace.Text] {
		if item.Defaults.CPU.Given() {
			return cpuLimit(item.Defaults).AtMost(fact.Medium)
		}
	}
	return fact.Of(goruntime.Unlimited(), fact.Medium)
}

func (set objectSet) defaultMemory(o *k8s.Object) fact.Fact[int64] {
	for _, item := range set.limits[o.Namespace.Text] {
		if item.Defaults.Memory.Given() {
			return memoryLimit(item.Defaults).AtMost(fact.Medium)
		}
	}
	return fact.Of[int64](math.MaxInt64, fact.Medium)
}
