package workload

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/envfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// unitFolder are the units that stand beside one another, with their drop-ins.
type unitFolder map[string]*systemd.Unit

func (b *builder) units() {
	all := units.All.Of(b.repo)
	byDir := map[string]unitFolder{}
	for _, u := range all {
		if u.Main == nil {
			continue
		}
		dir := path.Dir(u.Main.Source.Path)
		if byDir[dir] == nil {
			byDir[dir] = unitFolder{}
		}
		byDir[dir][u.Name] = u
	}
	// What a program fills in before it is installed is not judged.
	judged := map[*systemd.File]bool{}
	for _, f := range units.Files.Of(b.repo) {
		judged[f] = true
	}
	for _, u := range all {
		if judged[u.Main] && path.Ext(u.Name) == ".service" && u.Refused == nil && !u.Masked {
			b.unit(byDir[path.Dir(u.Main.Source.Path)], u)
		}
	}
}

func (b *builder) unit(beside unitFolder, u *systemd.Unit) {
	start := u.Last("Service", "ExecStart")
	if start == nil {
		return
	}
	commands, _ := u.Scope.Exec("ExecStart", start.Value, start.ValueAt)
	if len(commands) == 0 {
		return
	}
	exec := &commands[len(commands)-1]
	s := &Service{Kind: Unit, Name: u.Name, At: exec.Path.At, Unit: u, Exec: exec}
	s.Argv = append(s.Argv, Word{Text: exec.Path.Text, Known: exec.Known, At: exec.Path.At})
	for _, a := range exec.Args {
		s.Argv = append(s.Argv, Word{Text: a.Text, Known: exec.Known && !(exec.Expands() && len(systemd.References(a)) > 0), At: a.At})
	}
	s.OneShot = unitOneShot(beside, u)
	s.User = unitUser(u)
	b.unitEnvironment(s)
	s.CPU = unitCPU(beside, u)
	s.CPU.Hidden = hidesQuota(beside, u)
	s.Memory = unitMemory(beside, u)
	b.names.follow(s)
	s.Program = b.names.unit(s)
	b.add(s)
}

// unitOneShot says whether a unit runs to its end: by its type, or because a
// timer starts it.
func unitOneShot(beside unitFolder, u *systemd.Unit) fact.Fact[bool] {
	if t := u.Last("Service", "Type"); t != nil && t.Value.Text == "oneshot" {
		return fact.Of(true, fact.High, fact.Note{At: t.ValueAt, Text: "runs to its end"})
	}
	for _, name := range slices.Sorted(maps.Keys(beside)) {
		if path.Ext(name) != ".timer" {
			continue
		}
		starts := strings.TrimSuffix(name, ".timer") + ".service"
		if unit := beside[name].Last("Timer", "Unit"); unit != nil {
			starts = unit.Value.Text
		}
		if starts == u.Name {
			return fact.Of(true, fact.Medium, fact.Note{At: beside[name].Main.Source.Line(1), Text: "a timer starts it"})
		}
	}
	return fact.Of(false, fact.Medium)
}

func unitUser(u *systemd.Unit) fact.Fact[string] {
	if user := u.Last("Service", "User"); user != nil {
		if user.Verdict.Outcome == systemd.Unknown {
			return fact.Not[string](fact.Note{At: user.ValueAt, Text: "the user is not known"})
		}
		return fact.Of(user.Value.Text, fact.High, fact.Note{At: user.ValueAt, Text: "runs as " + user.Value.Text})
	}
	if d := u.Last("Service", "DynamicUser"); d != nil {
		if on, ok := systemd.Bool(d.Value.Text); ok && on {
			return fact.Of(strings.TrimSuffix(u.Name, ".service"), fact.High, fact.Note{At: d.ValueAt, Text: "runs as a user made up by systemd"})
		}
	}
	if u.Scope.User {
		return fact.Not[string]()
	}
	return fact.Of("", fact.Medium)
}

// unitEnvironment reads Environment=, then what beats it whatever the order:
// EnvironmentFile=, then UnsetEnvironment=.
func (b *builder) unitEnvironment(s *Service) {
	u := s.Unit
	for _, set := range u.All("Service", "PassEnvironment") {
		vars, _ := u.Scope.PassEnvironment(set.Value, set.ValueAt)
		for _, v := range vars {
			s.setenv(v.Name, fact.Not[Variable](fact.Note{At: v.At, Text: v.Name + " is that of the service manager"}))
		}
	}
	for _, set := range u.All("Service", "Environment") {
		vars, _ := u.Scope.Environment(set.Value, set.ValueAt)
		for _, v := range vars {
			s.setenv(v.Name, unitVariable(v))
		}
	}
	for _, set := range u.All("Service", "EnvironmentFile") {
		if file, _ := u.Scope.EnvironmentFile(set.Value, set.ValueAt); file != nil {
			b.environmentFile(s, file, set.ValueAt)
		}
	}
	for _, set := range u.All("Service", "UnsetEnvironment") {
		vars, _ := u.Scope.UnsetEnvironment(set.Value, set.ValueAt)
		for _, v := range vars {
			if v.Value == nil {
				s.setenv(v.Name, fact.Of(Variable{}, fact.High, fact.Note{At: v.At, Text: "is taken out of the environment"}))
			}
		}
	}
}

func unitVariable(v systemd.Variable) fact.Fact[Variable] {
	if v.Value == nil || !v.Known {
		return fact.Not[Variable](fact.Note{At: v.At, Text: "the value is not known"})
	}
	at := v.Value.Whole()
	if !at.Valid() {
		at = v.At
	}
	return fact.Of(Variable{Set: true, Text: v.Value.Text, Value: v.Value, At: at}, fact.High,
		fact.Note{At: at, Text: "sets " + v.Name + " to " + quoted(v.Value.Text)})
}

// environmentFile reads a file that the repository has a counterpart of.
func (b *builder) environmentFile(s *Service, file *systemd.EnvironmentFile, at source.Span) {
	f := installed(b.repo, path.Dir(s.Unit.Main.Source.Path), file)
	if f == nil {
		s.open = append(s.open, fact.Note{At: at, Text: "brings variables that are not in the repository"})
		return
	}
	parsed := envfile.Parse(f, envfile.Systemd)
	for i := range parsed.Variables {
		v := &parsed.Variables[i]
		if v.Value != nil {
			s.setenv(v.Name, fileVariable(v, fact.Medium, fact.Note{At: at, Text: "reads " + f.Path}))
		}
	}
}

// fileVariable is a variable of an environment file.
func fileVariable(v *envfile.Variable, c fact.Confidence, by fact.Note) fact.Fact[Variable] {
	if v.Value == nil || v.Expands {
		return fact.Not[Variable](fact.Note{At: v.At, Text: "the value is not known"})
	}
	at := v.Value.Whole()
	if !at.Valid() {
		at = v.ValueAt
	}
	return fact.Of(Variable{Set: true, Text: v.Value.Text, Value: v.Value, At: at}, c,
		by, fact.Note{At: at, Text: "sets " + v.Name + " to " + quoted(v.Value.Text)})
}

// installed returns the file of the repository that becomes a file of
// EnvironmentFile=: the only one at the root, in the unit's folder or the one
// above whose path ends like it. A name alone has to be that of such a file.
func installed(r *repo.Repo, dir string, file *systemd.EnvironmentFile) *source.File {
	if !file.Known || strings.ContainsAny(file.Path.Text, "*?[") {
		return nil
	}
	target := strings.TrimPrefix(file.Path.Text, "/")
	var found []*source.File
	seen := map[string]bool{}
	for tail := target; tail != ""; {
		for _, base := range []string{".", dir, path.Dir(dir)} {
			p := path.Join(base, tail)
			if !seen[p] && r.Has(p) == repo.IsFile && (strings.Contains(tail, "/") || base == dir && strings.Contains(tail, "env")) {
				seen[p] = true
				found = append(found, r.File(p))
			}
		}
		_, rest, ok := strings.Cut(tail, "/")
		if !ok {
			break
		}
		tail = rest
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// unitSlices returns the slice of a unit and those above it, innermost first, as
// far as the repository has them.
func unitSlices(beside unitFolder, u *systemd.Unit) []*systemd.Unit {
	name := "system.slice"
	if prefix, _, ok := strings.Cut(u.Name, "@"); ok {
		name = "system-" + prefix + ".slice"
	}
	if set := u.Last("Service", "Slice"); set != nil {
		name = set.Value.Text
	}
	var all []*systemd.Unit
	for {
		if slice := beside[name]; slice != nil && slice.Main != nil {
			all = append(all, slice)
		}
		i := strings.LastIndexByte(name, '-')
		if i <= 0 {
			return all
		}
		name = name[:i] + ".slice"
	}
}

func unitCPU(beside unitFolder, u *systemd.Unit) CPU {
	none := fact.Of(goruntime.Unlimited(), fact.Medium)
	cpu := CPU{Quota: quotaOf(u, "Service"), Parent: none, Set: none}
	set := narrower(cpusOf(u, "Service", "AllowedCPUs"), cpusOf(u, "Service", "CPUAffinity"))
	for _, slice := range unitSlices(beside, u) {
		because := sliceNote(u, slice)
		cpu.Parent = narrower(cpu.Parent, under(because, quotaOf(slice, "Slice")))
		set = narrower(set, under(because, cpusOf(slice, "Slice", "AllowedCPUs")))
	}
	cpu.Set = set
	return cpu
}

// sliceNote says why a slice holds a unit.
func sliceNote(u, slice *systemd.Unit) []fact.Note {
	if set := u.Last("Service", "Slice"); set != nil {
		return []fact.Note{{At: set.ValueAt, Text: "runs in " + slice.Name}}
	}
	return nil
}

// under puts reasons in front of a limit, if there is one.
func under[T any](why []fact.Note, f fact.Fact[T]) fact.Fact[T] {
	if len(f.Why) > 0 {
		f.Why = slices.Concat(why, f.Why)
	}
	return f
}

// narrower returns the smaller of two limits; unknown where one is.
func narrower[T int64 | float64](a, b fact.Fact[T]) fact.Fact[T] {
	switch {
	case !a.Known():
		return a
	case !b.Known():
		return b
	case b.Value < a.Value:
		return b
	}
	return a
}

// quotaOf reads CPUQuota=.
func quotaOf(u *systemd.Unit, section string) fact.Fact[float64] {
	set := u.Last(section, "CPUQuota")
	if set == nil {
		return fact.Of(goruntime.Unlimited(), fact.Medium)
	}
	parts, err := systemd.Percent(set.Value.Text)
	if err != nil {
		return fact.Not[float64](fact.Note{At: set.At, Text: "the quota is not known"})
	}
	quota := float64(parts) / 10_000
	return fact.Of(quota, fact.High, fact.Note{At: set.ValueAt, Text: "limits it to " + CPUs(quota)})
}

// cpusOf counts the CPUs of AllowedCPUs= or CPUAffinity=, whose assignments add
// up.
func cpusOf(u *systemd.Unit, section, key string) fact.Fact[float64] {
	settings := u.All(section, key)
	if len(settings) == 0 {
		return fact.Of(goruntime.Unlimited(), fact.Medium)
	}
	sum := &systemd.CPUs{}
	var notes []fact.Note
	for _, set := range settings {
		cpus, _, err := systemd.CPUSet(set.Value.Text)
		if err != nil {
			return fact.Not[float64](fact.Note{At: set.At, Text: "the CPUs are not known"})
		}
		sum.Add(cpus)
		notes = append(notes, fact.Note{At: set.ValueAt, Text: "lets it run on the CPUs " + set.Value.Text})
	}
	if sum.Len() == 0 {
		return fact.Of(goruntime.Unlimited(), fact.Medium)
	}
	return fact.Of(float64(sum.Len()), fact.High, notes...)
}

func unitMemory(beside unitFolder, u *systemd.Unit) Memory {
	m := Memory{Max: memoryOf(u, "Service", "MemoryMax"), High: memoryOf(u, "Service", "MemoryHigh")}
	for _, slice := range unitSlices(beside, u) {
		m.Max = narrower(m.Max, under(sliceNote(u, slice), memoryOf(slice, "Slice", "MemoryMax")))
		m.High = narrower(m.High, under(sliceNote(u, slice), memoryOf(slice, "Slice", "MemoryHigh")))
	}
	return m
}

// memoryOf reads MemoryMax= and its kin. A share of the machine is not known.
func memoryOf(u *systemd.Unit, section, key string) fact.Fact[int64] {
	none := fact.Of[int64](goruntime.NoLimit, fact.Medium)
	set := u.Last(section, key)
	if set == nil {
		return none
	}
	amount, err := systemd.Memory(set.Value.Text)
	switch {
	case err != nil || amount.Relative:
		return fact.Not[int64](fact.Note{At: set.At, Text: "the limit is not known"})
	case amount.Value >= goruntime.NoLimit:
		return none
	}
	return fact.Of(int64(amount.Value), fact.High, fact.Note{At: set.ValueAt, Text: "limits its memory to " + Bytes(int64(amount.Value))})
}

// hidesQuota reports whether a unit keeps its process from seeing the quota: the
// process is put below the cgroup that has it, cannot read the files, or its
// slice has no CPU controller (measured with systemd 257 and Go 1.26: GOMAXPROCS
// is the number of CPUs).
func hidesQuota(beside unitFolder, u *systemd.Unit) bool {
	if u.Last("Service", "DelegateSubgroup") != nil {
		return true
	}
	for _, key := range []string{"InaccessiblePaths", "TemporaryFileSystem", "BindPaths", "BindReadOnlyPaths"} {
		for _, set := range u.All("Service", key) {
			for word := range strings.FieldsSeq(set.Value.Text) {
				p, dest, _ := strings.Cut(strings.TrimLeft(word, "-+"), ":")
				if strings.HasPrefix(key, "Bind") {
					p, _, _ = strings.Cut(dest, ":")
				}
				if slices.Contains([]string{"/proc", "/sys", "/sys/fs", "/sys/fs/cgroup"}, path.Clean(p)) {
					return true
				}
			}
		}
	}
	for _, slice := range unitSlices(beside, u) {
		if set := slice.Last("Slice", "DisableControllers"); set != nil && slices.Contains(strings.Fields(set.Value.Text), "cpu") {
			return true
		}
	}
	return false
}
