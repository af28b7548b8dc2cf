package compose

import (
	"path"

	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

type reader struct {
	yamlfile.Shapes
	options  Options
	opened   map[string]*yamlfile.Node                    // services of other files
	byName   map[*yamlfile.Node]map[string]*yamlfile.Node // the services of each mapping
	project  *Project
	followed int // included files so far
}

// Read reads a Compose file with its overrides, in order, as one project.
func Read(files []*yamlfile.File, options Options) *Project {
	r := &reader{options: options, opened: map[string]*yamlfile.Node{}, byName: map[*yamlfile.Node]map[string]*yamlfile.Node{}, project: &Project{}}
	r.files(files, 0)
	r.project.Problems = r.Problems
	return r.project
}

// files adds the services of a file with its overrides.
func (r *reader) files(files []*yamlfile.File, depth int) {
	var merged *yamlfile.Node
	for _, f := range files {
		for _, doc := range f.Docs {
			doc = r.Mapping(r.interpolate(doc), "top-level object")
			if doc == nil {
				continue
			}
			if services := r.Mapping(doc.Get("services"), "services"); services != nil {
				doc = replace(doc, "services", r.extend(services, f.Source.Path))
			}
			merged = r.merge(merged, doc, "")
		}
	}
	if merged == nil {
		return
	}
	if depth == 0 {
		r.project.Name = merged.Get("name").Scalar()
	}
	services := merged.Get("services")
	r.project.Open = r.project.Open || merged.Open || services != nil && (services.Open || services.Unknown)
	if services.IsMapping() {
		for _, p := range services.Pairs {
			if p.Value.IsNull() {
				continue
			}
			if s := r.Mapping(p.Value, "services."+p.Key.Value); s != nil {
				r.project.Services = append(r.project.Services, r.service(p.Key, s))
			}
		}
	}
	r.includes(merged, depth)
}

func replace(n *yamlfile.Node, key string, value *yamlfile.Node) *yamlfile.Node {
	c := *n
	c.Pairs = append([]yamlfile.Pair(nil), n.Pairs...)
	for i, p := range c.Pairs {
		if p.Key.Value == key {
			c.Pairs[i].Value = value
		}
	}
	return &c
}

// The limits of includes: how deep they are followed in included files, and how
// many in all.
const (
	maxDepth    = 8
	maxIncludes = 100
)

// includes adds the services of included files.
func (r *reader) includes(doc *yamlfile.Node, depth int) {
	list := r.Sequence(doc.Get("include"), "include")
	if list == nil {
		return
	}
	for _, item := range list.Items {
		inc := Include{Paths: item.List()}
		if item.IsMapping() {
			inc = Include{item.Get("path").List(), item.Get("env_file").List(), item.Get("project_directory").Scalar()}
		}
		if depth == 0 {
			r.project.Includes = append(r.project.Includes, inc)
		}
		r.followed += len(inc.Paths.Items)
		if depth >= maxDepth || r.followed > maxIncludes {
			r.project.Open = true
			continue
		}
		var files []*yamlfile.File
		for _, v := range inc.Paths.Items {
			if f := r.open(v); f != nil {
				files = append(files, f)
			}
		}
		if len(files) == 0 || len(files) < len(inc.Paths.Items) {
			r.project.Open = true
			continue
		}
		r.files(files, depth+1)
	}
}

// open returns the file that a path names, relative to the file it stands in.
func (r *reader) open(v yamlfile.Value) *yamlfile.File {
	if !v.Known || r.options.Open == nil || path.IsAbs(v.Text) {
		return nil
	}
	return r.options.Open(path.Join(path.Dir(v.At.File.Path), v.Text))
}

func (r *reader) service(key, n *yamlfile.Node) *Service {
	get := func(keys ...string) yamlfile.Value { return r.Scalar(n.Get(keys...), keys[len(keys)-1]) }
	limits, reserved := []string{"deploy", "resources", "limits"}, []string{"deploy", "resources", "reservations"}
	s := &Service{
		Node: n, Name: key.Scalar(), Open: n.Open,
		Image: get("image"), Platform: get("platform"), WorkingDir: get("working_dir"), User: get("user"),
		Build:       r.build(n.Get("build")),
		Entrypoint:  r.command(n.Get("entrypoint")),
		Command:     r.command(n.Get("command")),
		Environment: r.dict(n.Get("environment"), "environment"),
		EnvFiles:    envFiles(n.Get("env_file")),
		Profiles:    n.Get("profiles").List(),
		Healthcheck: r.healthcheck(n.Get("healthcheck")),
		Limits: Limits{
			CPUs: get("cpus"), CPUSet: get("cpuset"), CPUQuota: get("cpu_quota"), CPUPeriod: get("cpu_period"),
			CPUShares: get("cpu_shares"), CPUCount: get("cpu_count"),
			Memory: get("mem_limit"), MemoryReservation: get("mem_reservation"), MemorySwap: get("memswap_limit"), Pids: get("pids_limit"),
		},
		Deploy: Deploy{
			Replicas:  get("deploy", "replicas"),
			LimitCPUs: get(append(limits, "cpus")...), LimitMemory: get(append(limits, "memory")...), LimitPids: get(append(limits, "pids")...),
			ReserveCPUs: get(append(reserved, "cpus")...), ReserveMemory: get(append(reserved, "memory")...),
			RestartCondition: get("deploy", "restart_policy", "condition"),
		},
		Scale: get("scale"), Restart: get("restart"), Init: get("init"),
		CapAdd: n.Get("cap_add").List(), CapDrop: n.Get("cap_drop").List(), SecurityOpt: n.Get("security_opt").List(),
		Privileged: get("privileged"), ReadOnly: get("read_only"),
		Sysctls: r.dict(n.Get("sysctls"), "sysctls"),
		Ulimits: ulimits(n.Get("ulimits")),
		Tmpfs:   n.Get("tmpfs").List(),
		Network: get("network_mode"), StopSignal: get("stop_signal"), StopGrace: get("stop_grace_period"),
	}
	if ref := n.Get("extends"); !ref.IsNull() {
		s.Open = true
		s.Extends = &Extends{Service: ref.Scalar()}
		if ref.IsMapping() {
			s.Extends = &Extends{ref.Get("file").Scalar(), ref.Get("service").Scalar()}
		}
	}
	if list := r.Sequence(n.Get("volumes"), "volumes"); list != nil {
		for _, item := range list.Items {
			s.Volumes = append(s.Volumes, volume(item))
		}
	}
	s.Files = append(files(n.Get("configs")), files(n.Get("secrets"))...)
	s.Ports = ports(n.Get("ports"))
	r.checkSizes(s)
	return s
}

// checkSizes reports amounts of memory that Compose refuses.
func (r *reader) checkSizes(s *Service) {
	for _, v := range []yamlfile.Value{s.Limits.Memory, s.Limits.MemoryReservation, s.Deploy.LimitMemory, s.Deploy.ReserveMemory} {
		if v.Known {
			if _, err := ParseSize(v.Text); err != nil {
				r.Problem(v.At, "%v", err)
			}
		}
	}
}

func (r *reader) build(n *yamlfile.Node) *Build {
	if n.IsNull() {
		return nil
	}
	b := &Build{At: n.Pos(), Open: n.Open || n.Unknown}
	if n.Kind == yamlfile.Scalar {
		b.Context = n.Scalar()
		return b
	}
	if n = r.Mapping(n, "build"); n == nil {
		return b
	}
	b.Context = n.Get("context").Scalar()
	b.Dockerfile = n.Get("dockerfile").Scalar()
	b.Inline = n.Get("dockerfile_inline").Scalar()
	b.Target = n.Get("target").Scalar()
	b.Args = r.dict(n.Get("args"), "args")
	b.Contexts = r.dict(n.Get("additional_contexts"), "additional_contexts")
	b.Platforms = n.Get("platforms").List()
	return b
}

// dict reads what is a mapping or a list of NAME=value.
func (r *reader) dict(n *yamlfile.Node, name string) yamlfile.Dict {
	if n.IsScalar() && !n.Unknown {
		r.Problem(n.Pos(), "%s must be a mapping or a sequence", name)
		return yamlfile.Dict{At: n.At, Open: true}
	}
	return dictionary(n).Dict()
}

func envFiles(n *yamlfile.Node) []EnvFile {
	if n.IsNull() {
		return nil
	}
	items := n.Items
	if n.Kind != yamlfile.Sequence {
		items = []*yamlfile.Node{n}
	}
	var files []EnvFile
	for _, item := range items {
		if item.IsMapping() {
			files = append(files, EnvFile{item.Get("path").Scalar(), item.Get("required").Scalar(), item.Get("format").Scalar()})
		} else {
			files = append(files, EnvFile{Path: item.Scalar()})
		}
	}
	return files
}

// files reads the entries of configs or secrets that say where they are put.
func files(n *yamlfile.Node) []Volume {
	if !n.IsSequence() {
		return nil
	}
	var all []Volume
	for _, item := range n.Items {
		if target := item.Get("target").Scalar(); item.IsMapping() && target.Given() {
			all = append(all, Volume{Source: item.Get("source").Scalar(), Target: target})
		}
	}
	return all
}

func ulimits(n *yamlfile.Node) []Ulimit {
	var limits []Ulimit
	if n.IsMapping() {
		for _, p := range n.Pairs {
			u := Ulimit{Name: p.Key.Scalar(), Soft: p.Value.Scalar(), Hard: p.Value.Scalar()}
			if p.Value.IsMapping() {
				u.Soft, u.Hard = p.Value.Get("soft").Scalar(), p.Value.Get("hard").Scalar()
			}
			limits = append(limits, u)
		}
	}
	return limits
}

func (r *reader) healthcheck(n *yamlfile.Node) *Healthcheck {
	if n = r.Mapping(n, "healthcheck"); n == nil {
		return nil
	}
	h := &Healthcheck{At: n.Pos(), Disable: n.Get("disable").Scalar()}
	h.None = h.Disable.Is("true")
	test := n.Get("test")
	h.Test = test.List()
	if test.IsScalar() {
		h.Shell = true
		return h
	}
	if len(h.Test.Items) > 0 {
		switch h.Test.Items[0].Text {
		case "NONE":
			h.None = true
		case "CMD-SHELL":
			h.Shell = true
		}
		h.Test.Items = h.Test.Items[1:]
	}
	return h
}

func ports(n *yamlfile.Node) yamlfile.List {
	l := yamlfile.List{}
	if n.IsNull() {
		return l
	}
	l.At, l.Open = n.At, n.Open || n.Unknown
	for _, item := range n.Items {
		v := item.Scalar()
		if item.IsMapping() {
			v = item.Get("target").Scalar()
		}
		l.Items = append(l.Items, v)
	}
	return l
}
