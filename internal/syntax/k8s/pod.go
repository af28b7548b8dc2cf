package k8s

import (
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Pod is a pod spec.
type Pod struct {
	Node *yamlfile.Node
	// Containers are all of the pod in the order init, containers, ephemeral.
	Containers []*Container
	// Open says that there may be more containers than are listed.
	Open bool

	Resources       Resources // of the pod as a whole
	Security        Security
	Volumes         []Volume
	RestartPolicy   yamlfile.Value
	TerminationTime yamlfile.Value // terminationGracePeriodSeconds
	HostNetwork     yamlfile.Value
	ServiceAccount  yamlfile.Value
}

// Role says what a container is for.
type Role uint8

// The roles of containers.
const (
	Main Role = iota
	Init
	Sidecar // an init container that is restarted always
	Ephemeral
)

// Container is a container of a pod.
type Container struct {
	Node       *yamlfile.Node
	Role       Role
	Name       yamlfile.Value
	Image      yamlfile.Value
	Command    yamlfile.List // replaces ENTRYPOINT, and drops CMD
	Args       yamlfile.List // replaces CMD
	WorkingDir yamlfile.Value
	Resources  Resources
	Env        Env
	Ports      []Port
	Security   Security
	Mounts     []Mount
	Liveness   *Probe
	Readiness  *Probe
	Startup    *Probe
	PreStop    *Probe // lifecycle.preStop, which has the shape of a probe
}

// Resources are the limits and requests of a container or pod.
type Resources struct {
	At       source.Span // of the whole; no place if it is not given
	Limits   Amounts
	Requests Amounts
}

// Amounts are amounts of the resources a Go program notices.
type Amounts struct {
	At     source.Span
	CPU    Amount // cores
	Memory Amount // bytes
	// Open says that amounts which are not given may be given elsewhere.
	Open bool
}

// Amount is a quantity as it is written.
type Amount struct {
	yamlfile.Value
	Quantity Quantity // 0 unless Valid
	Valid    bool     // the text is known and a quantity
}

// Port is a port that a container declares.
type Port struct{ Name, Number, Protocol yamlfile.Value }

// Volume is a volume of a pod.
type Volume struct {
	Name yamlfile.Value
	Kind yamlfile.Value // emptyDir, configMap, hostPath …, at its key
	// Source is the name of the ConfigMap, Secret or claim, or the host's path.
	Source yamlfile.Value
}

// Mount is a volume at a path of a container.
type Mount struct{ Volume, Path, SubPath, ReadOnly yamlfile.Value }

// Security is a securityContext of a container or pod.
type Security struct {
	At               source.Span
	RunAsUser        yamlfile.Value
	RunAsGroup       yamlfile.Value
	RunAsNonRoot     yamlfile.Value
	ReadOnlyRoot     yamlfile.Value
	Privileged       yamlfile.Value
	AllowEscalation  yamlfile.Value // allowPrivilegeEscalation
	AddCapabilities  yamlfile.List
	DropCapabilities yamlfile.List
	Sysctls          yamlfile.Dict
	Open             bool
}

// Probe is a check of a container, or what runs before it stops.
type Probe struct {
	Node    *yamlfile.Node
	Exec    yamlfile.List
	Path    yamlfile.Value // of httpGet
	Port    yamlfile.Value // of httpGet, tcpSocket or grpc
	Scheme  yamlfile.Value
	Handler yamlfile.Value // exec, httpGet, tcpSocket, grpc or sleep, at its key
}

func (r *reader) pod(n *yamlfile.Node) Pod {
	p := Pod{
		Node:            n,
		Open:            n.Open,
		Resources:       r.resources(n.Get("resources")),
		Security:        r.security(n.Get("securityContext")),
		RestartPolicy:   n.Get("restartPolicy").Scalar(),
		TerminationTime: n.Get("terminationGracePeriodSeconds").Scalar(),
		HostNetwork:     n.Get("hostNetwork").Scalar(),
		ServiceAccount:  n.Get("serviceAccountName").Scalar(),
	}
	for _, group := range []struct {
		key  string
		role Role
	}{{"initContainers", Init}, {"containers", Main}, {"ephemeralContainers", Ephemeral}} {
		list := n.Get(group.key)
		p.Open = p.Open || list != nil && (list.Open || list.Unknown)
		if list = r.Sequence(list, group.key); list == nil {
			continue
		}
		for _, item := range list.Items {
			p.Open = p.Open || item.Unknown
			if item = r.Mapping(item, "container"); item != nil {
				p.Containers = append(p.Containers, r.container(item, group.role))
			}
		}
	}
	if list := r.Sequence(n.Get("volumes"), "volumes"); list != nil {
		for _, item := range list.Items {
			p.Volumes = append(p.Volumes, volume(item))
		}
	}
	return p
}

func (r *reader) container(n *yamlfile.Node, role Role) *Container {
	if role == Init && n.Get("restartPolicy").Scalar().Is("Always") {
		role = Sidecar
	}
	c := &Container{
		Node:       n,
		Role:       role,
		Name:       n.Get("name").Scalar(),
		Image:      r.Scalar(n.Get("image"), "image"),
		Command:    r.list(n.Get("command"), "command"),
		Args:       r.list(n.Get("args"), "args"),
		WorkingDir: n.Get("workingDir").Scalar(),
		Resources:  r.resources(n.Get("resources")),
		Env:        r.env(n),
		Security:   r.security(n.Get("securityContext")),
		Liveness:   probe(n.Get("livenessProbe")),
		Readiness:  probe(n.Get("readinessProbe")),
		Startup:    probe(n.Get("startupProbe")),
		PreStop:    probe(n.Get("lifecycle", "preStop")),
	}
	c.Env.expand(&c.Command)
	c.Env.expand(&c.Args)
	if list := r.Sequence(n.Get("ports"), "ports"); list != nil {
		for _, item := range list.Items {
			c.Ports = append(c.Ports, Port{
				item.Get("name").Scalar(), item.Get("containerPort").Scalar(), item.Get("protocol").Scalar(),
			})
		}
	}
	if list := r.Sequence(n.Get("volumeMounts"), "volumeMounts"); list != nil {
		for _, item := range list.Items {
			c.Mounts = append(c.Mounts, Mount{
				item.Get("name").Scalar(), item.Get("mountPath").Scalar(),
				item.Get("subPath").Scalar(), item.Get("readOnly").Scalar(),
			})
		}
	}
	return c
}

// list reads a list of strings. Other scalars are what the API server refuses.
func (r *reader) list(n *yamlfile.Node, name string) yamlfile.List {
	l := n.List()
	if l.Given() && n.Kind == yamlfile.Scalar && !n.Unknown {
		r.Problem(n.Pos(), "%s must be a sequence, not a scalar", name)
		return yamlfile.List{At: n.At, Open: true}
	}
	for i := range l.Items {
		r.text(&l.Items[i], name)
	}
	return l
}

// text checks that a value is text for the YAML 1.1 that kubectl and the API
// server read: there yes and on are booleans too.
func (r *reader) text(v *yamlfile.Value, name string) {
	if !v.Given() || !v.Known || v.Quoted {
		return
	}
	kind := ""
	switch v.Tag {
	case "!!int", "!!float":
		kind = "number"
	case "!!bool":
		kind = "bool"
	}
	switch v.Text {
	case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N":
		kind = "bool"
	}
	if kind != "" {
		v.Known = false
		r.Problem(v.At, "cannot unmarshal %s into %s of type string", kind, name)
	}
}

func (r *reader) resources(n *yamlfile.Node) Resources {
	if n.IsNull() {
		return Resources{}
	}
	res := Resources{At: n.Pos()}
	open := n.Open || n.Unknown
	if n = r.Mapping(n, "resources"); n != nil {
		res.Limits = r.amounts(n.Get("limits"), "limits")
		res.Requests = r.amounts(n.Get("requests"), "requests")
	}
	res.Limits.Open = res.Limits.Open || open
	res.Requests.Open = res.Requests.Open || open
	return res
}

func (r *reader) amounts(n *yamlfile.Node, name string) Amounts {
	if n.IsNull() {
		return Amounts{}
	}
	a := Amounts{At: n.Pos(), Open: n.Open || n.Unknown}
	n = r.Mapping(n, name)
	a.CPU = r.amount(n.Get("cpu"))
	a.Memory = r.amount(n.Get("memory"))
	return a
}

func (r *reader) amount(n *yamlfile.Node) Amount {
	a := Amount{Value: r.Scalar(n, "quantity")}
	if !a.Known {
		return a
	}
	q, err := ParseQuantity(a.Text)
	if err != nil {
		r.Problem(a.At, "%v", err)
		return a
	}
	a.Quantity, a.Valid = q, true
	return a
}

func (r *reader) security(n *yamlfile.Node) Security {
	if n.IsNull() {
		return Security{}
	}
	s := Security{At: n.Pos(), Open: n.Open || n.Unknown}
	n = r.Mapping(n, "securityContext")
	s.RunAsUser = n.Get("runAsUser").Scalar()
	s.RunAsGroup = n.Get("runAsGroup").Scalar()
	s.RunAsNonRoot = n.Get("runAsNonRoot").Scalar()
	s.ReadOnlyRoot = n.Get("readOnlyRootFilesystem").Scalar()
	s.Privileged = n.Get("privileged").Scalar()
	s.AllowEscalation = n.Get("allowPrivilegeEscalation").Scalar()
	s.AddCapabilities = r.list(n.Get("capabilities", "add"), "add")
	s.DropCapabilities = r.list(n.Get("capabilities", "drop"), "drop")
	if list := n.Get("sysctls"); list.IsSequence() {
		s.Sysctls = yamlfile.Dict{At: list.At, Open: list.Open}
		for _, item := range list.Items {
			s.Sysctls.Items = append(s.Sysctls.Items, yamlfile.Named{
				Name: item.Get("name").Scalar(), Value: item.Get("value").Scalar(),
			})
		}
	}
	return s
}

func volume(n *yamlfile.Node) Volume {
	v := Volume{Name: n.Get("name").Scalar()}
	if !n.IsMapping() {
		return v
	}
	for _, p := range n.Pairs {
		if p.Key.Value == "name" {
			continue
		}
		v.Kind = p.Key.Scalar()
		for _, key := range []string{"name", "secretName", "claimName", "path"} {
			if name := p.Value.Get(key); name != nil {
				v.Source = name.Scalar()
			}
		}
	}
	return v
}

func probe(n *yamlfile.Node) *Probe {
	if !n.IsMapping() {
		return nil
	}
	p := &Probe{Node: n}
	for _, pair := range n.Pairs {
		switch handler := pair.Value; pair.Key.Value {
		case "exec":
			p.Exec = handler.Get("command").List()
		case "httpGet":
			p.Path, p.Scheme, p.Port = handler.Get("path").Scalar(), handler.Get("scheme").Scalar(), handler.Get("port").Scalar()
		case "tcpSocket", "grpc":
			p.Port = handler.Get("port").Scalar()
		case "sleep":
		default:
			continue
		}
		p.Handler = pair.Key.Scalar()
	}
	return p
}
