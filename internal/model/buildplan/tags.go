package buildplan

import (
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Tag is a name that a build gives to its image.
type Tag struct {
	Text string // a reference; what is not known of its last part is a shell.Hole
	At   source.Span
}

// Repository returns a reference without tag, digest and the registry that is
// meant where none is named: docker.io/library/nginx:1 is nginx.
func Repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		ref = ref[:i]
	}
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(ref, "index."), "docker.io/"), "library/")
}

// tag notes a name of the image, unless it is not known before the tag.
func (c *Call) tag(text string, at source.Span) {
	if name := Repository(text); name != "" && !strings.Contains(name, shell.Hole) && !strings.ContainsAny(name, "${} ") {
		c.Tags = append(c.Tags, Tag{text, at})
	}
}

func (c *Call) tags(list yamlfile.List) {
	for _, v := range list.Items {
		c.tag(valueOf(v).Text, v.At)
	}
}

// metadataTags is how a workflow takes the names that docker/metadata-action
// makes.
var metadataTags = regexp.MustCompile(`steps\.([A-Za-z0-9_-]+)\.outputs\.tags\b`)

// tags reads the tags of an action that builds an image: references, or what
// docker/metadata-action makes of the names of images.
func (k *job) tags(s *workflow.Step, n int, call *Call) {
	v, _ := k.input(s, n, "tags")
	if strings.HasPrefix(s.Uses.Text, "redhat-actions/") { // whose tags are only what stands behind the name
		v, _ = k.input(s, n, "image")
	}
	for _, text := range listed(v) {
		call.tag(text, v.At)
	}
	if m := metadataTags.FindStringSubmatch(v.Text); m != nil {
		for _, meta := range k.job.Steps {
			if meta.ID.Is(m[1]) && strings.HasPrefix(meta.Uses.Text, "docker/metadata-action@") {
				k.images(meta, n, call)
			}
		}
	}
}

// images reads the names that docker/metadata-action adds tags to: one, or
// name=…,enable=… on each line.
func (k *job) images(meta *workflow.Step, n int, call *Call) {
	v, _ := k.input(meta, n, "images")
	for _, text := range listed(v) {
		name, given := strings.CutPrefix(text, "name=")
		if given || !strings.Contains(text, "=") {
			call.tag(name+":"+shell.Hole, v.At)
		}
	}
}

// listed are the entries of an input that holds several, with holes for
// expressions.
func listed(v yamlfile.Value) []string {
	return strings.FieldsFunc(expression.ReplaceAllLiteralString(v.Text, shell.Hole), func(r rune) bool {
		return r == ',' || r == '\n' || r == ' '
	})
}
