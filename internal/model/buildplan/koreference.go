package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// references are the images of the references in manifests, as the calls of ko
// make them that are given these files. Where none is seen, somebody calls ko
// without further options in the folder of the module.
func references(r *repo.Repo, runs []*koRun) []*koImage {
	var images []*koImage
	unseen := map[*goprogram.Module]*koRun{}
	for _, f := range sorted(repo.Manifests.Of(r)) {
		if !strings.Contains(string(f.Source.Data()), koScheme) {
			continue
		}
		callers := slices.DeleteFunc(slices.Clone(runs), func(k *koRun) bool { return !k.given(f.Source.Path) })
		callers = callers[:min(len(callers), maxCallsEach)]
		for _, ref := range koReferences(f) {
			main := koPrograms.Of(r)[strings.TrimSpace(strings.TrimPrefix(ref.Text, koScheme))]
			if main == nil || len(images) >= maxReferences {
				continue
			}
			given := slices.Clip(callers)
			if len(given) == 0 {
				if unseen[main.Module] == nil {
					unseen[main.Module] = somebody(r, main.Module)
				}
				k := *unseen[main.Module]
				k.at = fact.Note{At: ref.At, Text: "asks for the image"}
				given = append(given, &k)
			}
			for _, k := range given {
				if in, ok := k.image(main, ref.At); ok {
					images = append(images, in)
				}
			}
		}
	}
	return images
}

// maxReferences bounds the images of references that are looked at.
const maxReferences = 20 * maxKoImages

// given reports whether ko is given a file of the repository.
func (k *koRun) given(file string) bool {
	return slices.ContainsFunc(k.files, func(f string) bool {
		rest, below := belowDir(f, file)
		return f == file || below && (k.recursive || !strings.Contains(rest, "/"))
	})
}

// koReferences are the texts of a file that ko replaces: all that begin with the
// scheme (pkg/resolve/resolve.go).
func koReferences(f *yamlfile.File) []yamlfile.Value {
	var found []yamlfile.Value
	var visit func(n *yamlfile.Node)
	visit = func(n *yamlfile.Node) {
		if v := n.Scalar(); n.IsScalar() && v.Known && strings.HasPrefix(v.Text, koScheme) && v.At.File == f.Source {
			found = append(found, v)
		}
		for _, item := range n.Items {
			visit(item)
		}
		for _, p := range n.Pairs {
			visit(p.Value)
		}
	}
	for _, doc := range f.Docs {
		visit(doc)
	}
	return found
}

// somebody is a call of ko that is not seen: in the folder of the module, with the
// configuration there or the only one of the repository.
func somebody(r *repo.Repo, m *goprogram.Module) *koRun {
	w := newWork(1000, 1)
	defer func() { w.visits.off = true }() // the plans of all its images look at its files
	machine := newMachine(r, w)
	k := &koRun{repo: r, machine: machine.koMachine(), dir: path.Join(machine.root, m.Dir), env: ownEnv()}
	k.configIn(k.dir, machine.fresh)
	if all := r.Of(repo.Ko); k.config == nil && !k.open && len(all) == 1 {
		k.config = koFiles.Of(r).at(r, all[0].Path)
	} else if k.config == nil && len(all) > 0 {
		k.open = true
	}
	return k
}
