package workload

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/envfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/helm"
	"github.com/goseaworthy/seaworthy/internal/syntax/k8s"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// objectSet are the Kubernetes objects that are applied together: the plain
// manifests of a folder, what a kustomization makes, the templates of a chart.
type objectSet struct {
	objects []*k8s.Object
	configs map[string][]*k8s.Object        // the ConfigMaps among them, by name
	limits  map[string][]k8s.LimitRangeItem // the defaults for containers, by namespace
	// generated are the ConfigMaps that a kustomization makes, by name.
	generated map[string]yamlfile.Dict
	// images are the overrides of kustomizations, in the order they are applied.
	images []k8s.ImageOverride
	// partial says that something else may change the objects.
	partial bool
}

// take makes the set that of the objects in documents.
func (set *objectSet) take(docs []*yamlfile.Node) {
	set.objects, _ = k8s.Read(docs)
	set.configs, set.limits = map[string][]*k8s.Object{}, map[string][]k8s.LimitRangeItem{}
	for _, o := range set.objects {
		if o.Kind.Is("ConfigMap") && o.Name.Known {
			set.configs[o.Name.Text] = append(set.configs[o.Name.Text], o)
		}
		for _, item := range o.Defaults {
			if item.Type.Is("Container") {
				set.limits[o.Namespace.Text] = append(set.limits[o.Namespace.Text], item)
			}
		}
	}
}

// objects are all sets of the repository.
var objects = repo.NewModel(func(r *repo.Repo) []objectSet {
	k := &kustomizer{repo: r, files: map[string]*k8s.Kustomization{}, nodes: map[string][]*yamlfile.Node{}, used: map[string]bool{}}
	sets := k.roots()
	plain := map[string][]*yamlfile.Node{}
	for _, p := range slices.Sorted(maps.Keys(repo.Manifests.Of(r))) {
		if !k.used[p] {
			plain[path.Dir(p)] = append(plain[path.Dir(p)], k.docs(p)...)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(plain)) {
		var set objectSet
		set.take(plain[dir])
		sets = append(sets, set)
	}
	return append(sets, charts(r)...)
})

// charts are the objects of Helm charts with their default values.
func charts(r *repo.Repo) []objectSet {
	templates := r.Of(repo.HelmTemplate)
	var sets []objectSet
	files := repo.HelmCharts.Of(r)
	for _, p := range slices.Sorted(maps.Keys(files)) {
		dir := path.Dir(p)
		values := repo.HelmValueFiles.Of(r)[path.Join(dir, "values.yaml")]
		chart := helm.Read(files[p], values)
		var docs []*yamlfile.Node
		for _, t := range templates {
			if helm.IsTemplate(dir, t.Path) {
				docs = append(docs, chart.Template(t).Docs...)
			}
		}
		var set objectSet
		set.take(docs)
		sets = append(sets, set)
	}
	return sets
}

// image is what kustomizations make of an image. Which of two overrides of one
// name is meant is not looked into: then it stays as it is.
func (set objectSet) image(v yamlfile.Value) yamlfile.Value {
	for i, o := range set.images {
		of := func(other k8s.ImageOverride) bool { return other.Name.Text == o.Name.Text }
		name := buildplan.Repository(v.Text)
		if !v.Known || buildplan.Repository(o.Name.Text) != name || !o.NewName.Known || !o.NewName.Given() ||
			slices.ContainsFunc(set.images[:i], of) || slices.ContainsFunc(set.images[i+1:], of) {
			continue
		}
		tag := strings.TrimPrefix(v.Text, name)
		switch {
		case o.Digest.Given():
			tag = "@" + o.Digest.Text
		case o.NewTag.Given():
			tag = ":" + o.NewTag.Text
		}
		v = text(o.NewName.Text+tag, v.At)
	}
	return v
}

// configMap returns the variables that an entry of envFrom brings.
func (set objectSet) configMap(from k8s.EnvFrom) (yamlfile.Dict, bool) {
	if from.Kind.Text != "configMapRef" || !from.Name.Known {
		return yamlfile.Dict{}, false
	}
	return set.dataOf(from.Name.Text)
}

func (set objectSet) configMapKey(from *k8s.VarSource) (yamlfile.Named, bool) {
	data, ok := set.dataOf(from.Name.Text)
	if !ok || !from.Name.Known || !from.Key.Known {
		return yamlfile.Named{}, false
	}
	return data.Get(from.Key.Text)
}

// dataOf returns the data of the only ConfigMap of a name.
func (set objectSet) dataOf(name string) (data yamlfile.Dict, ok bool) {
	if data, ok := set.generated[name]; ok {
		return data, true
	}
	if configs := set.configs[name]; len(configs) == 1 {
		return configs[0].Data, true
	}
	return yamlfile.Dict{}, false
}

// kustomizer applies the kustomizations of a repository.
type kustomizer struct {
	repo  *repo.Repo
	files map[string]*k8s.Kustomization // by folder
	nodes map[string][]*yamlfile.Node   // documents by file
	used  map[string]bool               // manifests and folders that a kustomization takes
	depth int
}

// maxKustomizations bounds how deep kustomizations refer to one another.
const maxKustomizations = 20

// roots are the results of the kustomizations that no other one takes.
func (k *kustomizer) roots() []objectSet {
	var dirs []string
	files := repo.Kustomizations.Of(k.repo)
	for _, p := range slices.Sorted(maps.Keys(files)) {
		if parsed, _ := k8s.ReadKustomization(files[p]); parsed != nil {
			dir := path.Dir(p)
			k.files[dir] = parsed
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		k.refer(dir)
	}
	var sets []objectSet
	for _, dir := range dirs {
		if k.used[dir] {
			continue
		}
		set := objectSet{generated: map[string]yamlfile.Dict{}}
		set.take(k.build(dir, &set))
		sets = append(sets, set)
	}
	return sets
}

// refer notes what a kustomization takes.
func (k *kustomizer) refer(dir string) {
	for _, list := range []yamlfile.List{k.files[dir].Resources, k.files[dir].Components} {
		for _, v := range list.Items {
			k.used[path.Join(dir, v.Text)] = v.Known
		}
	}
	for _, p := range k.files[dir].Patches {
		if p.Path.Known {
			k.used[path.Join(dir, p.Path.Text)] = true
		}
	}
}

// docs are the objects of a manifest, those of a List one by one.
func (k *kustomizer) docs(file string) []*yamlfile.Node {
	if docs, ok := k.nodes[file]; ok {
		return docs
	}
	var all []*yamlfile.Node
	parsed := repo.Manifests.Of(k.repo)[file]
	if f := k.repo.File(file); parsed == nil && f != nil && f.Err() == nil {
		parsed = yamlfile.Parse(f)
	}
	if parsed != nil {
		for _, doc := range parsed.Docs {
			if items := doc.Get("items"); items.IsSequence() && strings.HasSuffix(doc.Get("kind").Scalar().Text, "List") {
				all = append(all, items.Items...)
			} else {
				all = append(all, doc)
			}
		}
	}
	k.nodes[file] = all
	return all
}

// build returns the objects that a kustomization makes. What it cannot follow
// makes the set partial.
func (k *kustomizer) build(dir string, set *objectSet) []*yamlfile.Node {
	this := k.files[dir]
	if k.depth++; k.depth > maxKustomizations || this == nil {
		set.partial = true
		return nil
	}
	set.partial = set.partial || this.Open
	var docs []*yamlfile.Node
	for i, list := range []yamlfile.List{this.Resources, this.Components} {
		for _, v := range list.Items {
			p := path.Join(dir, v.Text)
			switch has := k.repo.Has(p); {
			case !v.Known || i == 1 && remote(v.Text): // of components; resources only add objects
				set.partial = true
			case has == repo.IsFile:
				docs = append(docs, k.docs(p)...)
			case has == repo.IsDir && k.files[p] != nil:
				depth := k.depth
				docs = append(docs, k.build(p, set)...)
				k.depth = depth
			}
		}
	}
	for _, g := range this.ConfigMaps {
		if data, ok := k.generate(dir, g); ok {
			set.generated[g.Name.Text] = data
		}
	}
	for _, p := range this.Patches {
		docs = k.patch(dir, p, docs, set)
	}
	set.images = append(set.images, this.Images...)
	return docs
}

// remote reports whether a kustomization is fetched: host/path, or a URL.
func remote(p string) bool {
	host, _, below := strings.Cut(p, "/")
	return strings.Contains(p, "://") || below && strings.Contains(strings.Trim(host, "."), ".")
}

// generate is the data of a ConfigMap that a kustomization makes of literals and
// files of NAME=value lines.
func (k *kustomizer) generate(dir string, g k8s.Generator) (yamlfile.Dict, bool) {
	if !g.Name.Known || g.Behavior.Given() && !g.Behavior.Is("create") {
		return yamlfile.Dict{}, false
	}
	data := yamlfile.Dict{At: g.Name.At}
	for _, v := range g.Literals.Items {
		if i := strings.IndexByte(v.Text, '='); i > 0 && v.Known {
			data.Items = append(data.Items, yamlfile.Named{Name: v.Part(0, i), Value: v.Part(i+1, len(v.Text))})
		}
	}
	for _, v := range g.Envs.Items {
		p := path.Join(dir, v.Text)
		if k.repo.Has(p) != repo.IsFile {
			data.Open = true
			continue
		}
		for _, e := range envfile.Parse(k.repo.File(p), envfile.Docker).Variables {
			data.Items = append(data.Items, yamlfile.Named{Name: text(e.Name, e.NameAt), Value: joined(e.Value, e.ValueAt)})
		}
	}
	return data, true
}

func text(s string, at source.Span) yamlfile.Value {
	v := yamlfile.Value{At: at, Known: true}
	v.AppendAs(s, at)
	return v
}

func joined(j *source.Joined, at source.Span) yamlfile.Value {
	if j == nil {
		return yamlfile.Value{}
	}
	return yamlfile.Value{Joined: *j, At: at, Known: true}
}

// patch applies a patch to the objects that it selects.
func (k *kustomizer) patch(dir string, p k8s.Patch, docs []*yamlfile.Node, set *objectSet) []*yamlfile.Node {
	patches := []*yamlfile.Node{p.Inline}
	if p.Path.Given() {
		patches = k.docs(path.Join(dir, p.Path.Text))
	}
	if len(patches) == 0 || p.Target.Label.Given() || p.Target.Anno.Given() {
		set.partial = true
		return docs
	}
	out := slices.Clone(docs)
	for _, patch := range patches {
		apply := k8s.StrategicMerge
		if patch.IsSequence() && p.Target.Given {
			apply = k8s.JSONPatch
		} else if !patch.IsMapping() {
			set.partial = true
			continue
		}
		for i, doc := range out {
			if !selects(p, patch, doc) {
				continue
			}
			merged, ok := apply(doc, patch)
			if !ok {
				set.partial = true
				continue
			}
			out[i] = named(merged, doc)
		}
	}
	return out
}

// named gives a merged object the name it had: the patch of a target may have
// another.
func named(merged, doc *yamlfile.Node) *yamlfile.Node {
	c := *merged
	c.Pairs = slices.Clone(merged.Pairs)
	for i, p := range c.Pairs {
		if p.Key.Value == "metadata" {
			c.Pairs[i].Value = doc.Get("metadata")
		}
	}
	return &c
}

// selects reports whether a patch is for an object: by its target, else by kind
// and name of its own.
func selects(p k8s.Patch, patch, doc *yamlfile.Node) bool {
	kind, name := patch.Get("kind").Scalar(), patch.Get("metadata", "name").Scalar()
	if p.Target.Given {
		kind, name = p.Target.Kind, p.Target.Name
	}
	return matches(kind, doc.Get("kind").Scalar().Text) && matches(name, doc.Get("metadata", "name").Scalar().Text)
}

func matches(pattern yamlfile.Value, text string) bool {
	if !pattern.Given() {
		return true
	}
	re, err := regexp.Compile("^(?:" + pattern.Text + ")$")
	return err == nil && re.MatchString(text)
}
