package buildplan

import (
	"path"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/kofile"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// koFiles keeps the configurations of ko that were read: many calls share one.
var koFiles = repo.NewModel(func(*repo.Repo) *koFileSet { return &koFileSet{} })

type koFileSet struct {
	files sync.Map // path → func() *koFile
}

// koFile is a configuration of ko.
type koFile struct {
	*kofile.Config
	byDir sync.Map // folder → func() map[*goprogram.Package]kofile.Settings
}

// at returns the configuration in a file of the repository, of whatever name;
// nil where it cannot be read.
func (s *koFileSet) at(r *repo.Repo, p string) *koFile {
	read, _ := s.files.LoadOrStore(p, sync.OnceValue(func() *koFile {
		parsed := repo.Kos.Of(r)[p]
		if f := r.File(p); parsed == nil && f != nil && f.Err() == nil {
			parsed = yamlfile.Parse(f)
		}
		if parsed == nil {
			return nil
		}
		return &koFile{Config: kofile.Read(parsed)}
	}))
	return read.(func() *koFile)()
}

// builds are the settings of programs for calls of ko in a folder of the
// repository. Main names the folder of a program, or a file in it; of several
// entries for one the last counts.
func (f *koFile) builds(r *repo.Repo, dir string) map[*goprogram.Package]kofile.Settings {
	read, _ := f.byDir.LoadOrStore(dir, sync.OnceValue(func() map[*goprogram.Package]kofile.Settings {
		all := map[*goprogram.Package]kofile.Settings{}
		for _, b := range f.Builds {
			at := path.Join(dir, b.Dir.Text, b.Main.Text)
			if r.Has(at) == repo.IsFile {
				at = path.Dir(at)
			}
			if p := goprogram.Packages.Of(r).In(at); p != nil {
				all[p] = b.Settings
			}
		}
		return all
	}))
	return read.(func() map[*goprogram.Package]kofile.Settings)()
}
