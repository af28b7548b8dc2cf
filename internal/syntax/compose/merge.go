package compose

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// The tags by which an override removes or replaces what it would merge with.
const (
	resetTag    = "!reset"
	overrideTag = "!override"
)

// merge returns base with an override applied. The path is that of the nodes,
// with the names of services as "*".
func (r *reader) merge(base, over *yamlfile.Node, at string) *yamlfile.Node {
	switch {
	case over != nil && over.Tag == overrideTag:
		return over
	case base == nil:
		return over
	}
	key, _ := strings.CutPrefix(at, "services.*.")
	switch key {
	case at: // not of a service
	case "command", "entrypoint", "healthcheck.test":
		return over
	case "build":
		return r.mergeMappings(buildMapping(base), buildMapping(over), at)
	case "environment", "build.args", "build.additional_contexts", "build.labels", "labels", "sysctls", "annotations", "deploy.labels":
		return r.mergeMappings(dictionary(base), dictionary(over), at)
	case "env_file", "dns", "dns_search", "dns_opt", "tmpfs", "cap_add", "cap_drop", "profiles", "security_opt", "volumes", "ports", "label_file":
		return mergeLists(base, over, key)
	case "depends_on", "networks", "models", "extra_hosts":
		if base.Kind != over.Kind {
			return over
		}
	}
	if strings.HasPrefix(key, "ulimits.") {
		return over
	}
	switch {
	case over.IsNull():
		return base
	case base.Unknown || over.Unknown || base.Kind == yamlfile.Scalar:
		return over
	case base.Kind != over.Kind:
		r.Problem(over.Pos(), "cannot override %s", at)
		return over
	case base.Kind == yamlfile.Mapping:
		return r.mergeMappings(base, over, at)
	}
	return mergeLists(base, over, "")
}

func (r *reader) mergeMappings(base, over *yamlfile.Node, at string) *yamlfile.Node {
	if !base.IsMapping() {
		return over
	}
	if !over.IsMapping() {
		return base
	}
	merged := *base
	merged.Pairs = nil
	merged.Open = base.Open || over.Open
	seen, overs := index(base), index(over)
	for _, p := range base.Pairs {
		o := overs[p.Key.Value]
		if o == nil {
			merged.Pairs = append(merged.Pairs, p)
			continue
		}
		if o.Tag == resetTag {
			continue
		}
		next := p.Key.Value
		if at == "services" {
			next = "*"
		}
		merged.Pairs = append(merged.Pairs, yamlfile.Pair{Key: p.Key, Value: r.merge(p.Value, o, join(at, next))})
	}
	for _, p := range over.Pairs {
		if seen[p.Key.Value] == nil && p.Value.Tag != resetTag {
			merged.Pairs = append(merged.Pairs, p)
		}
	}
	return &merged
}

func index(n *yamlfile.Node) map[string]*yamlfile.Node {
	m := make(map[string]*yamlfile.Node, len(n.Pairs))
	for _, p := range n.Pairs {
		m[p.Key.Value] = p.Value
	}
	return m
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

// mergeLists appends the members of a list to another. A member that means the
// same thing as an earlier one replaces it.
func mergeLists(base, over *yamlfile.Node, key string) *yamlfile.Node {
	if base.IsNull() || over.IsNull() {
		if over.IsNull() {
			return base
		}
		return over
	}
	merged := *base
	merged.Kind, merged.Style, merged.Pairs, merged.Items = yamlfile.Sequence, yamlfile.Block, nil, nil
	index := map[string]int{}
	for _, n := range []*yamlfile.Node{base, over} {
		merged.Open = merged.Open || n.Open || n.Unknown
		items := n.Items
		if n.Kind != yamlfile.Sequence {
			items = []*yamlfile.Node{n}
		}
		for _, item := range items {
			id := identity(item, key)
			if at, ok := index[id]; ok && id != "" {
				merged.Items[at] = item
				continue
			}
			index[id] = len(merged.Items)
			merged.Items = append(merged.Items, item)
		}
	}
	return &merged
}

// identity returns what a member of a list is told apart by, or nothing.
func identity(item *yamlfile.Node, key string) string {
	switch {
	case item.Unknown || key == "" || key == "security_opt" || key == "label_file" || key == "ports":
		return ""
	case key == "env_file" && item.IsMapping():
		return item.Get("path").Scalar().Text
	case key == "volumes":
		return volume(item).Target.Text
	}
	name, _, _ := strings.Cut(item.Value, "=")
	return name
}

// buildMapping gives the short form of build, a path, the form of the long one.
func buildMapping(n *yamlfile.Node) *yamlfile.Node {
	if !n.IsScalar() || n.Unknown {
		return n
	}
	return yamlfile.NewMapping(n.At, yamlfile.Pair{Key: yamlfile.NewScalar("context", n.At), Value: n})
}

// dictionary gives a list of NAME=value texts the form of a mapping.
func dictionary(n *yamlfile.Node) *yamlfile.Node {
	if !n.IsSequence() {
		return n
	}
	m := yamlfile.NewMapping(n.At)
	m.Open = n.Open || n.Unknown
	for _, item := range n.Items {
		if item.Kind != yamlfile.Scalar || item.Value == "" {
			m.Open = m.Open || item.Unknown
			continue
		}
		name, value, found := strings.Cut(item.Value, "=")
		key := item.Part(0, len(name))
		key.Unknown = item.Unknown && strings.Contains(name, "$")
		if key.Unknown {
			m.Open = true
		}
		pair := yamlfile.Pair{Key: key, Value: item.Part(len(name), len(name))}
		pair.Value.Tag = "!!null"
		if found {
			pair.Value = item.Part(len(name)+1, len(item.Value))
			pair.Value.Unknown = item.Unknown && strings.Contains(value, "$")
		} else {
			pair.Value.Unknown = false
		}
		m.Pairs = append(m.Pairs, pair)
	}
	return m
}

// extend applies extends to the services of a file. Opened files are remembered
// by path so that a cycle ends.
func (r *reader) extend(services *yamlfile.Node, file string) *yamlfile.Node {
	if !services.IsMapping() {
		return services
	}
	out := *services
	out.Pairs = append([]yamlfile.Pair(nil), services.Pairs...)
	for i, p := range out.Pairs {
		if p.Key.Kind == yamlfile.Scalar {
			out.Pairs[i].Value = r.extended(services, p.Key.Value, file, 0)
		}
	}
	return &out
}

// maxExtends is how long a chain of extends is followed.
const maxExtends = 20

// extended returns a service with what it extends merged below it. The key
// extends stays where it could not be followed.
func (r *reader) extended(services *yamlfile.Node, name, file string, depth int) *yamlfile.Node {
	service := r.named(services, name)
	ref := service.Get("extends")
	if !service.IsMapping() || ref.IsNull() || depth > maxExtends {
		return service
	}
	target, in := ref.Scalar(), yamlfile.Value{}
	if ref.IsMapping() {
		target, in = ref.Get("service").Scalar(), ref.Get("file").Scalar()
	}
	if !target.Known || in.Given() && !in.Known {
		return service
	}
	others, from := services, file
	if in.Given() {
		from = path.Join(path.Dir(file), in.Text)
		if others = r.servicesOf(from); others == nil {
			return service
		}
	}
	if r.named(others, target.Text) == nil {
		if !others.Open {
			r.Problem(target.At, "cannot extend service %q in %s: service %q not found", name, path.Base(file), target.Text)
		}
		return service
	}
	base := r.extended(others, target.Text, from, depth+1)
	merged := r.merge(base, service, "services.*")
	if merged == nil || base.Get("extends") != nil {
		return merged // what the base extends is not known
	}
	return without(merged, "extends")
}

// named returns a service by its name. There can be very many, and each may
// extend another.
func (r *reader) named(services *yamlfile.Node, name string) *yamlfile.Node {
	if !services.IsMapping() {
		return nil
	}
	if r.byName[services] == nil {
		r.byName[services] = index(services)
	}
	return r.byName[services][name]
}

func without(n *yamlfile.Node, key string) *yamlfile.Node {
	c := *n
	c.Pairs = nil
	for _, p := range n.Pairs {
		if p.Key.Value != key {
			c.Pairs = append(c.Pairs, p)
		}
	}
	return &c
}

// servicesOf returns the services of another file, or nil.
func (r *reader) servicesOf(file string) *yamlfile.Node {
	if services, ok := r.opened[file]; ok {
		return services
	}
	var services *yamlfile.Node
	if r.options.Open != nil {
		if f := r.options.Open(file); f != nil && len(f.Docs) > 0 {
			services = r.interpolate(f.Docs[0]).Get("services")
		}
	}
	r.opened[file] = services
	return services
}
