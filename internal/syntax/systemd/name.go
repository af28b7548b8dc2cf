package systemd

import (
	"path"
	"slices"
	"strings"
)

// unitTypes are the suffixes of unit names.
const unitTypes = "service mount swap socket target device automount timer path slice scope"

// IsType reports whether t is a type of unit: "service", "slice", ….
func IsType(t string) bool {
	return t != "" && !strings.Contains(t, " ") && slices.Contains(strings.Fields(unitTypes), t)
}

// TypeOf returns the type of unit to which the file at a path belongs, from the
// name of a unit file or of the directory of a drop-in ("app.service.d",
// "service.d"). It is empty where neither says.
func TypeOf(p string) string {
	if name, ok := dropinOf(p); ok {
		p = name
	}
	t := p[strings.LastIndexByte(p, '.')+1:]
	if t = path.Base(t); IsType(t) {
		return t
	}
	return ""
}

// dropinOf returns the name in front of ".d" in the directory of a drop-in.
func dropinOf(p string) (string, bool) {
	dir, ok := strings.CutSuffix(path.Base(path.Dir(p)), ".d")
	return dir, ok && strings.HasSuffix(p, ".conf")
}

// sectionsOf returns the sections that units of a type have. Without a type it
// returns all of them.
func sectionsOf(unitType string) []string {
	switch unitType {
	case "":
		all := []string{"Unit", "Install"}
		for _, t := range strings.Fields(unitTypes) {
			all = append(all, strings.ToUpper(t[:1])+t[1:])
		}
		return all
	default:
		return []string{"Unit", strings.ToUpper(unitType[:1]) + unitType[1:], "Install"}
	}
}

// unitName holds the parts of a unit name: prefix, optional "@" and instance,
// and type.
type unitName struct {
	prefix, instance, unitType string
	at                         bool // there is an "@": a template or an instance
}

const unitNameChars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\"

// splitUnitName takes a name apart; ok is false where systemd refuses it
// (unit_name_is_valid in src/basic/unit-name.c).
func splitUnitName(name string) (u unitName, ok bool) {
	dot := strings.LastIndexByte(name, '.')
	if len(name) >= 256 || dot <= 0 || !IsType(name[dot+1:]) {
		return u, false
	}
	u.unitType = name[dot+1:]
	u.prefix, u.instance, u.at = strings.Cut(name[:dot], "@")
	if u.prefix == "" {
		return u, false
	}
	return u, onlyOf(u.prefix, unitNameChars) && onlyOf(u.instance, unitNameChars+"@")
}

func (u unitName) String() string {
	s := u.prefix
	if u.at {
		s += "@" + u.instance
	}
	return s + "." + u.unitType
}

// template returns the name of the template of an instance.
func (u unitName) template() unitName {
	u.instance = ""
	return u
}

// parent returns the name with its prefix cut behind the last dash before its
// end: web-api.service becomes web-.service, whose drop-ins serve the former
// too. A template loses its "@", an instance keeps it.
func (u unitName) parent() (unitName, bool) {
	prefix := strings.TrimSuffix(u.prefix, "-")
	dash := strings.LastIndexByte(prefix, '-')
	if dash <= 0 {
		return u, false
	}
	u.prefix, u.at = prefix[:dash+1], u.instance != ""
	return u, true
}

// DropinDirs returns the names of the directories whose *.conf files are
// drop-ins of a unit, the most specific first. For web-api@x.service they are
// web-api@x.service.d, web-api@.service.d, web-.service.d, web-@x.service.d,
// web-@.service.d and service.d (unit_file_find_dirs in src/shared/dropin.c).
func DropinDirs(unit string) []string {
	u, ok := splitUnitName(unit)
	if !ok {
		return nil
	}
	var dirs []string
	seen := map[string]bool{}
	for _, dir := range append(u.dropinDirs(nil), u.unitType+".d") {
		if !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// dropinDirs adds the directories of a name, some of them more than once.
func (u unitName) dropinDirs(dirs []string) []string {
	dirs = append(dirs, u.String()+".d")
	if u.instance != "" {
		dirs = u.template().dropinDirs(dirs)
	}
	if parent, ok := u.parent(); ok {
		dirs = parent.dropinDirs(dirs)
	}
	return dirs
}

func onlyOf(s, chars string) bool {
	for i := range len(s) {
		if strings.IndexByte(chars, s[i]) < 0 {
			return false
		}
	}
	return true
}
