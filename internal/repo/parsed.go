package repo

import (
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/bakefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// The files of each format, parsed.
var (
	GoMods  = parsed(GoMod, gomod.ParseMod)
	GoWorks = parsed(GoWork, gomod.ParseWork)
	GoSums  = parsed(GoSum, gomod.ParseSum)
	Vendors = parsed(VendorModules, gomod.ParseVendor)

	Dockerfiles   = parsed(Dockerfile, dockerfile.Parse)
	Dockerignores = parsed(Dockerignore, dockerignore.Parse)
	Bakes         = parsed(Bake, bakefile.Parse)

	Units   = parsed(Unit, systemd.Parse)
	DropIns = parsed(DropIn, systemd.Parse)

	Composes       = parsed(Compose, yamlfile.Parse)
	Manifests      = parsed(Kubernetes, yamlfile.Parse)
	Kustomizations = parsed(Kustomization, yamlfile.Parse)
	HelmCharts     = parsed(HelmChart, yamlfile.Parse)
	HelmValueFiles = parsed(HelmValues, yamlfile.Parse)
	Workflows      = parsed(Workflow, yamlfile.Parse)
	Actions        = parsed(Action, yamlfile.Parse)
	GoReleasers    = parsed(GoReleaser, yamlfile.Parse)
	Kos            = parsed(Ko, yamlfile.Parse)
	NFPMs          = parsed(NFPM, yamlfile.Parse)
)

// parsed is the model of all files of one kind, by path. Files that cannot be
// read are left out: they are findings of their own.
func parsed[T any](kind Kind, parse func(*source.File) T) *Model[map[string]T] {
	return NewModel(func(r *Repo) map[string]T {
		files := r.Of(kind)
		trees := make([]T, len(files))
		Parallel(len(files), func(i int) {
			if files[i].Err() == nil {
				trees[i] = parse(files[i])
			}
		})
		byPath := make(map[string]T, len(files))
		for i, f := range files {
			if f.Err() == nil {
				byPath[f.Path] = trees[i]
			}
		}
		return byPath
	})
}
