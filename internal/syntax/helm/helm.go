// Package helm reads the templates of Helm charts without running them.
//
// A template is not YAML. Each {{action}} is replaced by a placeholder of the
// same length, or by empty lines if it prints nothing, the rest is read as YAML,
// and what the placeholders stand for is put back: values of values.yaml where an action only names one, and nodes
// that are unknown where it computes anything. What values.yaml says is a
// default that the user of the chart can override, and so is what depends on it.
package helm

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Chart is a chart with its default values.
type Chart struct {
	Name       yamlfile.Value
	Version    yamlfile.Value
	AppVersion yamlfile.Value
	Type       yamlfile.Value // library charts have no manifests
	Values     *yamlfile.Node // of values.yaml; nil if there is none
	Problems   []source.Problem
}

// IsTemplate reports whether a file below the folder of a chart is a template
// that becomes manifests.
func IsTemplate(dir, file string) bool {
	rest, ok := strings.CutPrefix(file, path.Join(dir, "templates")+"/")
	name := path.Base(rest)
	return ok && !strings.HasPrefix(name, "_") && (path.Ext(name) == ".yaml" || path.Ext(name) == ".yml")
}

// Read reads a chart from its Chart.yaml and its values.yaml, which may be nil.
func Read(chart, values *yamlfile.File) *Chart {
	var shapes yamlfile.Shapes
	c := &Chart{}
	if len(chart.Docs) > 0 {
		doc := shapes.Mapping(chart.Docs[0], "Chart.yaml")
		c.Name, c.Version = doc.Get("name").Scalar(), doc.Get("version").Scalar()
		c.AppVersion, c.Type = doc.Get("appVersion").Scalar(), doc.Get("type").Scalar()
	}
	if values != nil && len(values.Docs) > 0 {
		c.Values = shapes.Mapping(values.Docs[0], "values.yaml")
	}
	c.Problems = shapes.Problems
	return c
}

// Template reads a template of the chart as the manifests it becomes with the
// default values. Problems are those of the YAML around the actions: a template
// with one cannot be judged, and need not be wrong.
func (c *Chart) Template(f *source.File) *yamlfile.File {
	t := &template{chart: c, file: f, places: map[int]*action{}, moved: map[*action]bool{}}
	t.lex()
	t.nest()
	file := yamlfile.ParseText(f, t.mask())
	for i, doc := range file.Docs {
		file.Docs[i] = t.settle(doc)
	}
	problems := file.Problems
	file.Problems = t.problems
	for _, p := range problems {
		// Keys given in both branches of a condition are no duplicates, nor
		// are placeholders that look alike.
		duplicate := strings.Contains(p.Text, "already defined")
		if !duplicate || !t.regionAt(p.At.Start).conditional && len(t.within(p.At)) == 0 {
			file.Problems = append(file.Problems, p)
		}
	}
	return file
}
