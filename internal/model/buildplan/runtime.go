package buildplan

import (
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/link"
)

// compat are the packages that put a glibc loader into a musl system, or the
// other way round.
var compat = words("gcompat libc6-compat glibc glibc-bin musl musl-dev")

// HasLoader says whether the dynamic loader that a binary names is in the stage.
func (st *Stage) HasLoader(b Linked) fact.Fact[bool] {
	v := b.Value
	if !b.Known() || v.NeedsLoader() != knowledge.Yes || !st.Image.Known() || !st.Platform.Known() {
		return fact.Not[bool]()
	}
	_, arch, _ := strings.Cut(st.Plan.Platform, "/")
	arch, _, _ = strings.Cut(arch, "/")
	at := v.Interp
	if at == "" {
		at = st.Plan.repo.Knowledge().LoaderPath(arch, v.Loader, v.InternalLink)
	}
	if at == "" {
		return fact.Not[bool]()
	}
	for _, in := range st.Installs {
		if in.Package == "" || compat[in.Package] {
			return fact.Not[bool](fact.Note{At: in.At, Text: "may bring a loader"})
		}
	}
	if len(st.Opaque) > 0 {
		return fact.Not[bool](st.Opaque[0])
	}
	if o := st.Tree.Lookup(at); o.Kind != Unknown && o.Kind != Absent {
		return fact.Of(true, fact.High, o.Why...)
	}
	if st.copiesSystem() {
		return fact.Not[bool]()
	}
	switch st.Plan.repo.Knowledge().HasLoader(st.Image.Value, arch, at) {
	case knowledge.Yes:
		return fact.Then(st.Image, true)
	case knowledge.No:
		return fact.Then(st.Image, false)
	}
	return fact.Not[bool]()
}

// Glibc is the version of glibc in the stage, "" where it is not glibc.
func (st *Stage) Glibc() fact.Fact[string] {
	image := st.Image.Value
	switch {
	case !st.Image.Known() || image.LibcVersion == "" || image.Libc != knowledge.Glibc:
		return fact.Not[string]()
	case len(st.Opaque) > 0:
		return fact.Not[string](st.Opaque[0])
	case st.copiesSystem():
		return fact.Not[string]()
	}
	for _, in := range st.Installs {
		if in.Package == "" || in.Package == "libc6" || in.Package == "glibc" || in.Manager == "dpkg" || in.Manager == "rpm" {
			return fact.Not[string](fact.Note{At: in.At, Text: "may bring another glibc"})
		}
	}
	for _, list := range []string{"/etc/apt/sources.list", "/etc/apt/sources.list.d"} {
		if o := st.Tree.Lookup(list); len(o.Why) > 0 {
			return fact.Not[string](o.Why...)
		}
	}
	return fact.Then(st.Image, image.LibcVersion)
}

// copiesSystem reports whether a folder of libraries was brought from
// somewhere that we do not see into.
func (st *Stage) copiesSystem() bool {
	for t := st.Tree; t != nil; t = t.below {
		if t.kind == fromTree || t.kind == opaque && !t.packages || t.kind == fromContext {
			for _, dir := range []string{"/lib", "/lib64", "/usr/lib"} {
				if _, ok := under(t.dest, dir); ok && t.dest != "/" {
					return true
				}
				if _, ok := under(dir, t.dest); ok {
					return true
				}
			}
		}
	}
	return false
}

// Dynamic reports whether a verdict names a loader that is known.
func Dynamic(v link.Verdict) bool {
	return v.Kind == link.Glibc || v.Kind == link.Musl || v.Kind == link.LoaderOnly
}
