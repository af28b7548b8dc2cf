package systemd

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Unit is a unit file with its drop-ins, merged as systemd merges them.
type Unit struct {
	Name    string
	Scope   Scope
	Main    *File   // nil where only drop-ins are known
	Dropins []*File // in the order in which they are read
	Hidden  []*File // drop-ins of whose name a stronger directory has one
	// Masked says that the unit file is empty: systemd refuses to start it.
	Masked bool
	// Refused is why the unit does not load, or nil. What is read up to that
	// place can still be asked for.
	Refused *source.Problem

	settings []*Setting
	fields   map[string]*field
}

// field is what assignments set: a key of a section under its current name.
type field struct {
	history, inForce []*Setting
}

// Setting is one assignment and what became of it.
type Setting struct {
	*Assignment
	File *File
	// Verdict is Accepted, Partial or Unknown for a setting in force; what an
	// Unknown one comes to cannot be told.
	Verdict Verdict
	// By is the setting that replaces or removes this one: a later one, or the
	// first Unit= of a timer or path, for which the first counts.
	By *Setting
	// Replaces are the settings that this one replaces or removes.
	Replaces []*Setting

	removed bool // an empty assignment, which only removes
}

// Load merges a unit file with its drop-ins, in any order. The scope names the
// unit, which may be an instance of the template in main, and the manager that
// reads it. Drop-ins of other units are left out, so a caller may pass all that
// lie beside the unit. main may be nil: a unit of which only drop-ins are there.
func Load(scope Scope, main *File, dropins []*File) *Unit {
	u := &Unit{Name: scope.Unit, Scope: scope, Main: main, fields: map[string]*field{}}
	if main != nil {
		u.Masked = len(main.Source.Data()) == 0
		u.Refused = u.read(main)
		if main.Refused != nil && u.Refused == nil {
			u.Refused = &main.Refused.Problem
		}
	}
	u.Dropins, u.Hidden = orderDropins(scope.Unit, dropins)
	if u.Refused == nil {
		for _, d := range u.Dropins {
			u.read(d) // what stands before a fatal line counts
		}
	}
	return u
}

// orderDropins returns the drop-ins of a unit sorted by file name over all
// directories, and those that one in a stronger directory hides.
func orderDropins(unit string, files []*File) (read, hidden []*File) {
	dirs := DropinDirs(unit)
	type candidate struct {
		*File
		name string
		rank int
	}
	var all []candidate
	for _, f := range files {
		p := f.Source.Path
		dir, ok := dropinOf(p)
		level := slices.Index(dirs, dir+".d")
		if !ok || level < 0 {
			continue
		}
		rank := lookupRank(p)*len(dirs) + level
		if level == len(dirs)-1 {
			rank += 1 << 20 // service.d, wherever it lies, comes last
		}
		all = append(all, candidate{f, path.Base(p), rank})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.Source.Path, b.Source.Path)
	})
	for i, c := range all {
		if i > 0 && all[i-1].name == c.name {
			hidden = append(hidden, c.File)
		} else {
			read = append(read, c.File)
		}
	}
	return read, hidden
}

// lookupRank returns how strong the directory of units is in which a drop-in's
// directory lies; a folder of a repository that has none of the known names
// counts as /etc.
func lookupRank(p string) int {
	base := "/" + path.Dir(path.Dir(p))
	for rank, dirs := range []string{"/.config", "/etc", "/run", "/usr/local/lib /usr/local/share", "/usr/lib /lib /usr/share"} {
		for _, dir := range strings.Fields(dirs) {
			if strings.HasSuffix(base, dir+"/systemd/system") || strings.HasSuffix(base, dir+"/systemd/user") {
				return rank
			}
		}
	}
	return 1
}

// read takes the assignments of one file, up to one that systemd refuses.
func (u *Unit) read(f *File) *source.Problem {
	for i := range f.Sections {
		s := &f.Sections[i]
		if s.Ignored {
			continue
		}
		for j := range s.Assignments {
			a := &s.Assignments[j]
			v := u.Scope.CheckAssignment(a)
			for n, name := range fieldsOf(a.Section, a.Key) {
				set := &Setting{Assignment: a, File: f, Verdict: v}
				u.assign(name, set)
				if n == 0 {
					u.settings = append(u.settings, set)
				}
			}
			if v.Outcome == Refused {
				return &v.Notes[len(v.Notes)-1].Problem
			}
		}
	}
	return nil
}

// fieldsOf returns what an assignment sets, as section and key in one string.
func fieldsOf(section, key string) []string {
	if section == "Service" && key == "TimeoutSec" {
		return []string{"Service.TimeoutStartSec", "Service.TimeoutStopSec"}
	}
	section, key = CurrentKey(section, key)
	return []string{section + "." + key}
}

// assign adds a setting of a field.
func (u *Unit) assign(name string, s *Setting) {
	f := u.field(name)
	f.history = append(f.history, s)
	if !s.Verdict.counts() {
		return
	}
	switch effectOf(s.Assignment) {
	case adds:
		f.inForce = append(f.inForce, s)
	case replaces:
		u.replace(name, s)
		f.inForce = append(f.inForce, s)
	case clears:
		u.replace(name, s)
		s.removed = true
	case nothing:
		s.removed = true
	case comesLate:
		if len(f.inForce) > 0 {
			s.By = f.inForce[0]
		} else {
			f.inForce = append(f.inForce, s)
		}
	}
}

func (u *Unit) field(name string) *field {
	if u.fields[name] == nil {
		u.fields[name] = &field{}
	}
	return u.fields[name]
}

// replace puts the settings of a field, and of those that share its list, out
// of force.
func (u *Unit) replace(name string, by *Setting) {
	for _, other := range listWith(name) {
		f := u.fields[other]
		if f == nil {
			continue
		}
		for _, s := range f.inForce {
			s.By = by
		}
		by.Replaces = append(by.Replaces, f.inForce...)
		f.inForce = nil
	}
}

// listWith returns the fields that an empty assignment empties together: all
// conditions, all assertions, all timers and so on, in order.
func listWith(name string) []string {
	section, key, _ := strings.Cut(name, ".")
	d, _ := LookUp(section, key)
	var same func(Directive) bool
	switch d.Kind {
	case "unit_condition_string", "unit_condition_path":
		same = func(other Directive) bool { return other.Key[0] == key[0] && isCondition(other.Kind) }
	case "timer", "path_spec", "socket_listen", "bind_paths":
		same = func(other Directive) bool { return other.Kind == d.Kind }
	default:
		return []string{name}
	}
	var out []string
	for _, other := range Directives(section) {
		if same(other) {
			out = append(out, section+"."+other.Key)
		}
	}
	return out
}

func isCondition(kind string) bool {
	return kind == "unit_condition_string" || kind == "unit_condition_path"
}

// effect is what an assignment does to those before it.
type effect uint8

const (
	adds     effect = iota // to a list or set
	replaces               // what was assigned before
	clears                 // what was assigned before, and sets nothing
	nothing
	comesLate // if something was assigned before
)

// effectOf returns what an assignment that systemd takes does.
func effectOf(a *Assignment) effect {
	d, ok := LookUp(a.Section, a.Key)
	empty := a.Value.Text == ""
	if !ok {
		return adds
	}
	switch d.Kind {
	case "unit_deps", "obsolete_unit_deps", "unit_mounts_for", "service_sockets", "trigger_unit", "unit_slice":
		switch {
		case empty:
			return nothing
		case d.Kind == "unit_slice":
			return replaces
		case d.Kind == "trigger_unit":
			return comesLate
		}
		return adds
	case "capability_set": // an empty set is a value
		if empty || a.Value.Text == "~" {
			return replaces
		}
		return adds
	case "delegate":
		if empty || isBool(a.Value.Text) {
			return replaces
		}
		return adds
	case "restrict_namespaces", "address_families", "exec_cpu_affinity":
		if text := a.Value.Text; !empty && (isBool(text) && d.Kind == "restrict_namespaces" || text == "none" || text == "numa") {
			return replaces
		}
	}
	switch {
	case empty:
		return clears
	case isList(d):
		return adds
	}
	return replaces
}

// isList reports whether assignments of a directive add up.
func isList(d Directive) bool {
	switch d.Kind {
	case "exec", "environ", "unit_env_file", "pass_environ", "unset_environ", "set_status", "namespace_path_strv",
		"temporary_filesystems", "bind_paths", "exec_directories", "documentation", "user_group_strv_compat",
		"disable_controllers", "restrict_namespaces", "address_families", "in_addr_prefixes", "allowed_cpuset",
		"exec_cpu_affinity", "numa_mask", "exec_coredump_filter", "io_limit", "io_device_weight", "io_device_latency",
		"blockio_bandwidth", "blockio_device_weight", "device_allow", "unit_condition_string", "unit_condition_path",
		"path_spec", "timer", "socket_listen", "syscall_filter", "syscall_log", "syscall_archs", "log_extra_fields",
		"log_filter_patterns", "set_credential", "load_credential", "import_credential", "mount_images",
		"extension_images", "restrict_filesystems", "restrict_network_interfaces", "cgroup_socket_bind",
		"cgroup_nft_set", "bpf_foreign_program", "ip_filter_bpf_progs", "exec_input_text", "exec_input_data",
		"colon_separated_paths", "unit_path_strv_printf", "open_file":
		return true
	}
	return d.Kind == "NULL" && d.Key != "DefaultInstance"
}

// History returns all assignments of a directive, under any of its names, in
// the order in which systemd reads them: ignored, replaced and in force.
func (u *Unit) History(section, key string) []*Setting {
	section, key = CurrentKey(section, key)
	if f := u.fields[section+"."+key]; f != nil {
		return f.history
	}
	return nil
}

// All returns the assignments of a directive that are in force: of a list those
// since it was last emptied, of anything else at most one.
func (u *Unit) All(section, key string) []*Setting {
	section, key = CurrentKey(section, key)
	if f := u.fields[section+"."+key]; f != nil {
		return f.inForce
	}
	return nil
}

// Last returns the last assignment of a directive that is in force, or nil.
func (u *Unit) Last(section, key string) *Setting {
	all := u.All(section, key)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// Settings returns all assignments in the order in which systemd reads them.
func (u *Unit) Settings() []*Setting { return u.settings }
