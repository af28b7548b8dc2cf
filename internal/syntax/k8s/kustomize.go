package k8s

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Kustomization is a kustomization.yaml, as its API type
// sigs.k8s.io/kustomize/api/types.Kustomization describes it. Paths are as
// written: relative to the folder of the file, or remote.
type Kustomization struct {
	Node       *yamlfile.Node
	Resources  yamlfile.List // with the older bases
	Components yamlfile.List
	Patches    []Patch
	Images     []ImageOverride
	Replicas   []ReplicaOverride
	ConfigMaps []Generator
	Secrets    []Generator
	Namespace  yamlfile.Value
	NamePrefix yamlfile.Value
	NameSuffix yamlfile.Value
	// Open says that something else may change pods, or what they read, as well:
	// transformers, or replacements. Generators and Helm charts only add objects,
	// configurations say where names stand, and vars fill in what names them.
	Open bool
}

// Patch changes objects. Either Path or Inline is given.
type Patch struct {
	At     source.Span
	Path   yamlfile.Value
	Inline *yamlfile.Node // nil if it is not YAML that can be read
	// JSON says that it is a list of JSON 6902 operations.
	JSON   bool
	Target Target // of a strategic merge patch it may be given by the patch itself
}

// Target selects the objects of a patch. What is not given matches all; Name
// and the like are regular expressions.
type Target struct {
	Given                                              bool
	Group, Version, Kind, Name, Namespace, Label, Anno yamlfile.Value
}

// ImageOverride replaces images by name.
type ImageOverride struct{ Name, NewName, NewTag, Digest yamlfile.Value }

// ReplicaOverride sets the replicas of a workload.
type ReplicaOverride struct{ Name, Count yamlfile.Value }

// Generator makes a ConfigMap or Secret.
type Generator struct {
	Name     yamlfile.Value
	Behavior yamlfile.Value // create, replace or merge
	Literals yamlfile.List  // KEY=value
	Envs     yamlfile.List  // files of KEY=value lines
	Files    yamlfile.List
}

// ReadKustomization reads the first document of a kustomization, or returns nil.
func ReadKustomization(file *yamlfile.File) (*Kustomization, []source.Problem) {
	r := reader{}
	if len(file.Docs) == 0 {
		return nil, nil
	}
	doc := r.Mapping(file.Docs[0], "kustomization")
	if doc == nil {
		return nil, r.Problems
	}
	k := &Kustomization{
		Node:       doc,
		Resources:  doc.Get("resources").List(),
		Components: doc.Get("components").List(),
		Namespace:  doc.Get("namespace").Scalar(),
		NamePrefix: doc.Get("namePrefix").Scalar(),
		NameSuffix: doc.Get("nameSuffix").Scalar(),
		Open:       doc.Open,
		ConfigMaps: r.generators(doc, "configMapGenerator"),
		Secrets:    r.generators(doc, "secretGenerator"),
	}
	bases := doc.Get("bases").List()
	k.Resources.Items = append(k.Resources.Items, bases.Items...)
	k.Resources.At = k.Resources.At.Cover(bases.At)
	k.Open = k.Open || !doc.Get("transformers").IsNull() || reachPods(doc.Get("replacements"))
	for _, item := range r.items(doc, "images") {
		k.Images = append(k.Images, ImageOverride{
			item.Get("name").Scalar(), item.Get("newName").Scalar(), item.Get("newTag").Scalar(), item.Get("digest").Scalar(),
		})
	}
	for _, item := range r.items(doc, "replicas") {
		k.Replicas = append(k.Replicas, ReplicaOverride{item.Get("name").Scalar(), item.Get("count").Scalar()})
	}
	k.Patches = r.patches(file.Source, doc)
	return k, r.Problems
}

// reachPods reports whether replacements may write into pods, or into what pods
// read: those of other kinds of objects, and of metadata, do not.
func reachPods(replacements *yamlfile.Node) bool {
	if replacements.IsNull() {
		return false
	}
	if !replacements.IsSequence() || replacements.Open {
		return true
	}
	for _, item := range replacements.Items {
		targets := item.Get("targets")
		if !targets.IsSequence() || targets.Open {
			return true
		}
		for _, target := range targets.Items {
			kind, fields := target.Get("select", "kind").Scalar(), target.Get("fieldPaths").List()
			if !(kind.Known && podless[kind.Text]) && (fields.Open || slices.ContainsFunc(fields.Items, func(v yamlfile.Value) bool { return !v.Known || !metadata.MatchString(v.Text) })) {
				return true
			}
		}
	}
	return false
}

// podless are kinds of objects that hold no pods, and nothing that pods read.
var podless = map[string]bool{
	"Certificate": true, "Issuer": true, "ClusterIssuer": true, "CustomResourceDefinition": true, "MutatingWebhookConfiguration": true,
	"ValidatingWebhookConfiguration": true, "Service": true, "ServiceMonitor": true, "Ingress": true, "RoleBinding": true, "ClusterRoleBinding": true,
}

// metadata matches the paths of fields that hold names, labels and annotations.
var metadata = regexp.MustCompile(`^\.?(spec\.template\.)?metadata\.`)

func (r *reader) items(n *yamlfile.Node, key string) []*yamlfile.Node {
	if list := r.Sequence(n.Get(key), key); list != nil {
		return list.Items
	}
	return nil
}

func (r *reader) generators(doc *yamlfile.Node, key string) []Generator {
	var gs []Generator
	for _, item := range r.items(doc, key) {
		g := Generator{
			Name:     item.Get("name").Scalar(),
			Behavior: item.Get("behavior").Scalar(),
			Literals: item.Get("literals").List(),
			Envs:     item.Get("envs").List(),
			Files:    item.Get("files").List(),
		}
		if env := item.Get("env").Scalar(); env.Given() {
			g.Envs.Items = append(g.Envs.Items, env)
			g.Envs.At = g.Envs.At.Cover(env.At)
		}
		gs = append(gs, g)
	}
	return gs
}

// maxInline is how many patches inside one kustomization are read.
const maxInline = 100

func (r *reader) patches(f *source.File, doc *yamlfile.Node) []Patch {
	var ps []Patch
	inline := func(n *yamlfile.Node) *yamlfile.Node {
		if len(ps) < maxInline {
			return inlineYAML(f, n)
		}
		return nil
	}
	for _, item := range r.items(doc, "patchesStrategicMerge") {
		p := Patch{At: item.Pos()}
		if item.Style == yamlfile.Literal {
			p.Inline = inline(item)
		} else {
			p.Path = item.Scalar()
		}
		ps = append(ps, p)
	}
	for _, key := range []string{"patches", "patchesJson6902"} {
		for _, item := range r.items(doc, key) {
			p := Patch{At: item.Pos(), Path: item.Get("path").Scalar(), JSON: key == "patchesJson6902"}
			if text := item.Get("patch"); text.IsScalar() {
				p.Inline = inline(text)
				p.JSON = p.JSON || p.Inline.IsSequence()
			}
			t := item.Get("target")
			p.Target = Target{
				Given: t.IsMapping(), Group: t.Get("group").Scalar(), Version: t.Get("version").Scalar(), Kind: t.Get("kind").Scalar(),
				Name: t.Get("name").Scalar(), Namespace: t.Get("namespace").Scalar(),
				Label: t.Get("labelSelector").Scalar(), Anno: t.Get("annotationSelector").Scalar(),
			}
			ps = append(ps, p)
		}
	}
	return ps
}

// inlineYAML reads the YAML in a literal block scalar where it stands: the rest
// of the file is blanked, and the indentation of the block is as good as none.
func inlineYAML(f *source.File, n *yamlfile.Node) *yamlfile.Node {
	if n.Style != yamlfile.Literal || n.Anchored.Valid() {
		return nil
	}
	header := bytes.IndexByte(f.Data()[n.At.Start:n.At.End], '\n')
	if header < 0 {
		return nil
	}
	start := n.At.Start + header + 1
	masked := bytes.Repeat([]byte(" "), len(f.Data()))
	copy(masked[start:n.At.End], f.Data()[start:n.At.End])
	if start > 0 {
		masked[start-1] = '\n'
	}
	docs := yamlfile.ParseText(f, masked).Docs
	if len(docs) != 1 {
		return nil
	}
	return docs[0]
}

// mergeKey returns the field by which a list is merged, from the patchMergeKey
// tags of k8s.io/api/core/v1. Other lists are replaced.
func mergeKey(list string) string {
	switch list {
	case "containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets":
		return "name"
	case "ports":
		return "containerPort"
	case "volumeMounts":
		return "mountPath"
	case "volumeDevices":
		return "devicePath"
	case "hostAliases":
		return "ip"
	}
	return ""
}

// StrategicMerge returns base with a strategic merge patch applied. Nodes keep
// the places they come from. It gives up, with ok false, where the patch uses
// directives ($patch, $setElementOrder …) or base or patch are not known.
func StrategicMerge(base, patch *yamlfile.Node) (merged *yamlfile.Node, ok bool) {
	return strategicMerge(base, patch, "")
}

func strategicMerge(base, patch *yamlfile.Node, field string) (*yamlfile.Node, bool) {
	switch {
	case base == nil || patch.Kind != base.Kind || patch.Unknown || base.Unknown:
		return patch, !patch.Unknown && (base == nil || !base.Unknown)
	case patch.Kind == yamlfile.Mapping:
		return mergeMappings(base, patch)
	case patch.Kind == yamlfile.Sequence && mergeKey(field) != "":
		return mergeLists(base, patch, mergeKey(field))
	}
	return patch, true
}

func mergeMappings(base, patch *yamlfile.Node) (*yamlfile.Node, bool) {
	merged := *base
	merged.Pairs = append([]yamlfile.Pair(nil), base.Pairs...)
	merged.Open = base.Open || patch.Open
	at := map[string]int{}
	for i, p := range merged.Pairs {
		at[p.Key.Value] = i
	}
	for _, p := range patch.Pairs {
		if p.Key.Value != "" && p.Key.Value[0] == '$' {
			return base, false
		}
		i, have := at[p.Key.Value]
		if !have {
			at[p.Key.Value] = len(merged.Pairs)
			merged.Pairs = append(merged.Pairs, p)
			continue
		}
		value, ok := strategicMerge(merged.Pairs[i].Value, p.Value, p.Key.Value)
		if !ok {
			return base, false
		}
		merged.Pairs[i].Value = value
	}
	return &merged, true
}

func mergeLists(base, patch *yamlfile.Node, key string) (*yamlfile.Node, bool) {
	merged := *base
	merged.Items = append([]*yamlfile.Node(nil), base.Items...)
	merged.Open = base.Open || patch.Open
	at := map[string]int{}
	for i, item := range merged.Items {
		at[item.Get(key).Scalar().Text] = i
	}
	for _, item := range patch.Items {
		name := item.Get(key).Scalar()
		if !name.Known {
			return base, false
		}
		i, have := at[name.Text]
		if !have {
			at[name.Text] = len(merged.Items)
			merged.Items = append(merged.Items, item)
			continue
		}
		value, ok := strategicMerge(merged.Items[i], item, "")
		if !ok {
			return base, false
		}
		merged.Items[i] = value
	}
	return &merged, true
}
