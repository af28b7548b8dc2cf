// Package k8s reads Kubernetes manifests and kustomizations as far as they say
// how a program is run: images, commands, environment, limits, privileges.
//
// Field names and meaning follow k8s.io/api (core/v1, apps/v1, batch/v1).
package k8s

import (
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Object is one manifest.
type Object struct {
	Node       *yamlfile.Node
	APIVersion yamlfile.Value
	Kind       yamlfile.Value
	Name       yamlfile.Value
	Namespace  yamlfile.Value

	// Workload is what the object runs, or nil: a Pod, Deployment, StatefulSet,
	// DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate,
	// or another kind with a pod template at spec.template.
	Workload *Workload
	// Data of a ConfigMap.
	Data yamlfile.Dict
	// Defaults of a LimitRange.
	Defaults []LimitRangeItem
}

// Workload is a pod that an object creates.
type Workload struct {
	OneShot  bool // it runs to its end: a Job or CronJob
	Replicas yamlfile.Value
	Pod      Pod
}

// LimitRangeItem is what a LimitRange gives to containers without limits.
type LimitRangeItem struct {
	Type     yamlfile.Value // Container, Pod …
	Defaults Amounts        // limits
	Requests Amounts
}

// IsObject reports whether a document is a Kubernetes manifest: it names an
// apiVersion and a kind at its top level. A kustomization without them is none.
func IsObject(doc *yamlfile.Node) bool {
	return doc.Get("apiVersion").IsScalar() && doc.Get("kind").IsScalar()
}

// Read returns the objects of documents, those of lists included, in order.
// Documents that are no manifests are left out.
func Read(docs []*yamlfile.Node) ([]*Object, []source.Problem) {
	r := reader{}
	for _, doc := range docs {
		r.document(doc, 0)
	}
	return r.objects, r.Problems
}

type reader struct {
	yamlfile.Shapes
	objects []*Object
}

// maxLists is how deep lists of lists are followed.
const maxLists = 4

func (r *reader) document(doc *yamlfile.Node, depth int) {
	if !IsObject(doc) || depth > maxLists {
		return
	}
	if items := doc.Get("items"); items.IsSequence() {
		for _, item := range items.Items {
			r.document(item, depth+1)
		}
		return
	}
	o := &Object{
		Node:       doc,
		APIVersion: doc.Get("apiVersion").Scalar(),
		Kind:       doc.Get("kind").Scalar(),
		Name:       doc.Get("metadata", "name").Scalar(),
		Namespace:  doc.Get("metadata", "namespace").Scalar(),
	}
	switch o.Kind.Text {
	case "ConfigMap":
		o.Data = r.Mapping(doc.Get("data"), "data").Dict()
	case "LimitRange":
		o.Defaults = r.limitRange(doc)
	default:
		o.Workload = r.workload(o, doc)
	}
	r.objects = append(r.objects, o)
}

func (r *reader) limitRange(doc *yamlfile.Node) []LimitRangeItem {
	limits := r.Sequence(doc.Get("spec", "limits"), "limits")
	if limits == nil {
		return nil
	}
	var items []LimitRangeItem
	for _, item := range limits.Items {
		items = append(items, LimitRangeItem{
			Type:     item.Get("type").Scalar(),
			Defaults: r.amounts(item.Get("default"), "default"),
			Requests: r.amounts(item.Get("defaultRequest"), "defaultRequest"),
		})
	}
	return items
}

func (r *reader) workload(o *Object, doc *yamlfile.Node) *Workload {
	spec := doc.Get("spec")
	w := &Workload{Replicas: spec.Get("replicas").Scalar()}
	var pod *yamlfile.Node
	switch o.Kind.Text {
	case "Pod":
		pod = spec
	case "PodTemplate":
		pod = doc.Get("template", "spec")
	case "CronJob":
		w.OneShot = true
		pod = spec.Get("jobTemplate", "spec", "template", "spec")
	case "Job":
		w.OneShot = true
		pod = spec.Get("template", "spec")
	default:
		pod = spec.Get("template", "spec")
		if !standard(o.Kind.Text) && !pod.Get("containers").IsSequence() {
			return nil // a template of something else
		}
	}
	if pod = r.Mapping(pod, "pod spec"); pod == nil {
		return nil
	}
	w.Pod = r.pod(pod)
	return w
}

func standard(kind string) bool {
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController":
		return true
	}
	return false
}
