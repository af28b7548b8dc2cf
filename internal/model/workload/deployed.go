package workload

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Deployed returns the Compose services and containers that run an image: the
// one of a stage or, where only its name tells, one with a program.
func Deployed(r *repo.Repo, st *buildplan.Stage, main *goprogram.Package) []*Service {
	var all []*Service
	for _, s := range Services.Of(r) {
		switch {
		case s.Kind != Compose && s.Kind != Container:
		case s.Stage != nil && (s.Stage.Syntax == st.Syntax || sameKo(s.Stage.Plan, st.Plan)):
			all = append(all, s)
		case s.Stage == nil && s.Program.Known() && s.Program.Value.Main.Dir == main.Dir:
			all = append(all, s)
		}
	}
	return all
}

// sameKo reports whether two plans are images that ko makes of one program, on
// whatever base.
func sameKo(a, b *buildplan.Plan) bool {
	return a.Ko != nil && b.Ko != nil && a.Ko.Main == b.Ko.Main
}

// Gives reports whether what starts a service gives it a variable, or may: its
// image does not count.
func (s *Service) Gives(name string) bool {
	f, ok := s.env[name]
	if !ok {
		return false
	}
	if s.Stage == nil || len(f.Why) == 0 {
		return true
	}
	return !s.Stage.Sets(f.Why[len(f.Why)-1].At)
}

// Mounts reports whether what starts a service puts something at one of the
// folders, above or below it, or may.
func (s *Service) Mounts(folders ...string) bool {
	for _, at := range s.targets() {
		if !at.Known && len(folders) > 0 {
			return true
		}
		for _, folder := range folders {
			if inFolder(folder, at.Text) || inFolder(at.Text, folder) {
				return true
			}
		}
	}
	return false
}

// targets are the paths at which a service gets something else than what its
// image has.
func (s *Service) targets() []yamlfile.Value {
	var all []yamlfile.Value
	switch {
	case s.Compose != nil:
		for _, v := range s.Compose.Volumes {
			all = append(all, v.Target)
		}
		for _, f := range s.Compose.Files {
			all = append(all, f.Target)
		}
	case s.Pack != nil:
		for _, m := range s.Pack.Mounts {
			all = append(all, m.Path)
		}
	}
	return all
}

// inFolder reports whether p is dir or below it.
func inFolder(dir, p string) bool {
	dir, p = path.Clean("/"+dir), path.Clean("/"+p)
	return p == dir || dir == "/" || strings.HasPrefix(p, dir+"/")
}
