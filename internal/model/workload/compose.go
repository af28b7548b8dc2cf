package workload

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/compose"
	"github.com/goseaworthy/seaworthy/internal/syntax/envfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// composeProject is one project: a file, with its override where Compose
// merges one.
type composeProject struct {
	*compose.Project
	dir string
	// others are the services of the default file of the folder, of which this
	// file may only give a part.
	others map[string]bool
}

// projects are the Compose projects of the repository.
var projects = repo.NewModel(func(r *repo.Repo) []composeProject {
	files := repo.Composes.Of(r)
	byDir := map[string][]string{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		byDir[path.Dir(p)] = append(byDir[path.Dir(p)], path.Base(p))
	}
	var all []composeProject
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		all = append(all, projectsIn(r, dir, byDir[dir])...)
	}
	return all
})

func projectsIn(r *repo.Repo, dir string, names []string) []composeProject {
	files := repo.Composes.Of(r)
	options := compose.Options{Env: dotEnv(r, dir), Open: func(p string) *yamlfile.File {
		if parsed := files[p]; parsed != nil {
			return parsed
		}
		if f := r.File(p); f != nil && f.Err() == nil {
			return yamlfile.Parse(f)
		}
		return nil
	}}
	var all []composeProject
	others := map[string]bool{}
	main, override := compose.Default(names)
	if main != "" {
		parsed := []*yamlfile.File{files[path.Join(dir, main)]}
		if override != "" {
			parsed = append(parsed, files[path.Join(dir, override)])
		}
		p := compose.Read(parsed, options)
		for _, s := range p.Services {
			others[s.Name.Text] = true
		}
		all = append(all, composeProject{Project: p, dir: dir})
	}
	for _, name := range names {
		if name != main && name != override {
			p := compose.Read([]*yamlfile.File{files[path.Join(dir, name)]}, options)
			all = append(all, composeProject{Project: p, dir: dir, others: others})
		}
	}
	return all
}

// dotEnv looks variables up in the .env file beside a Compose file.
func dotEnv(r *repo.Repo, dir string) func(string) (yamlfile.Value, bool) {
	p := path.Join(dir, ".env")
	if r.Has(p) != repo.IsFile {
		return nil
	}
	file := envfile.Parse(r.File(p), envfile.Compose)
	return func(name string) (yamlfile.Value, bool) {
		v := file.Last(name)
		if v == nil || v.Value == nil {
			return yamlfile.Value{}, false
		}
		return yamlfile.Value{Joined: *v.Value, At: v.ValueAt, Known: !v.Expands, Overridable: true}, true
	}
}

func (b *builder) composes() {
	for _, p := range projects.Of(b.repo) {
		for _, svc := range p.Services {
			b.compose(p, svc)
		}
	}
}

func (b *builder) compose(p composeProject, svc *compose.Service) {
	s := &Service{Kind: Compose, Name: svc.Name.Text, At: svc.Name.At, Compose: svc}
	s.partial = svc.Open || p.others[svc.Name.Text]
	s.OneShot = fact.Of(false, fact.Medium)
	s.User = composeUser(svc)
	var named []fact.Note
	if s.Stage = b.builtBy(p.dir, svc); svc.Build == nil {
		s.Stage, named = b.builtAs(svc.Image)
	}
	if s.Stage != nil {
		b.imageEnvironment(s, s.Stage, fact.Medium)
	}
	b.composeEnvironment(s)
	s.Argv = composeArgv(svc)
	s.CPU = composeCPU(svc)
	s.Memory = noMemory()
	s.Memory.Max = composeMemory(svc)
	s.Program = b.containerProgram(s, svc.Entrypoint.Given(), svc.Image, named)
	b.add(s)
}

func composeUser(svc *compose.Service) fact.Fact[string] {
	switch {
	case !svc.User.Given():
		return fact.Not[string]()
	case !svc.User.Known:
		return fact.Not[string](fact.Note{At: svc.User.At, Text: "the user is not known"})
	}
	user, _, _ := strings.Cut(svc.User.Text, ":")
	return fact.Of(user, sure(svc.User), fact.Note{At: svc.User.At, Text: "runs as " + user})
}

// sure is how sure a value is.
func sure(v yamlfile.Value) fact.Confidence {
	if v.Overridable {
		return fact.Medium
	}
	return fact.High
}

// notes are the places of a value, cause first.
func notes(v yamlfile.Value, text string) []fact.Note {
	var all []fact.Note
	if v.From.Valid() && v.From != v.At {
		all = append(all, fact.Note{At: v.From, Text: "gives " + quoted(v.Text)})
	}
	if v.Via.Valid() {
		all = append(all, fact.Note{At: v.Via, Text: "is used here"})
	}
	return append(all, fact.Note{At: v.At, Text: text})
}

// builtBy returns the stage that a service is built from, where the repository
// has its Dockerfile.
func (b *builder) builtBy(dir string, svc *compose.Service) *buildplan.Stage {
	build := svc.Build
	if build == nil || build.Inline.Given() || build.Context.Given() && !build.Context.Known || build.Target.Given() && !build.Target.Known {
		return nil
	}
	if at := svc.Build.At; at.Valid() {
		dir = path.Dir(at.File.Path)
	}
	name := "Dockerfile"
	if build.Dockerfile.Given() {
		name = build.Dockerfile.Text
	}
	file := path.Join(dir, build.Context.Text, name)
	for _, plan := range buildplan.Plans.Of(b.repo) {
		if plan.File.Source.Path != file {
			continue
		}
		if st := plan.File.Target(build.Target.Text); st != nil {
			return plan.Stages[st.Index]
		}
	}
	return nil
}

// maxEnvFiles bounds the files that one service reads.
const maxEnvFiles = 100

// composeEnvironment reads env_file, then environment, which beats it.
func (b *builder) composeEnvironment(s *Service) {
	svc := s.Compose
	for i, e := range svc.EnvFiles {
		if i == maxEnvFiles {
			s.open = append(s.open, fact.Note{At: e.Path.At, Text: "and what follows is not read"})
			break
		}
		p := path.Join(path.Dir(e.Path.At.File.Path), e.Path.Text)
		if !e.Path.Known || b.repo.Has(p) != repo.IsFile {
			s.open = append(s.open, fact.Note{At: e.Path.At, Text: "brings variables that are not in the repository"})
			continue
		}
		dialect := envfile.Compose
		if e.Format.Is("raw") {
			dialect = envfile.Docker
		}
		file := envfile.Parse(b.repo.File(p), dialect)
		for i := range file.Variables {
			v := &file.Variables[i]
			s.setenv(v.Name, fileVariable(v, fact.Medium, fact.Note{At: e.Path.At, Text: "reads " + p}))
		}
	}
	for _, item := range svc.Environment.Items {
		if !item.Name.Known {
			continue
		}
		s.setenv(item.Name.Text, yamlVariable(item))
	}
	if svc.Environment.Open {
		s.open = append(s.open, fact.Note{At: svc.Environment.At, Text: "may hold more variables"})
	}
}

// yamlVariable is NAME: value of a mapping. Without a value it is that of the
// host.
func yamlVariable(item yamlfile.Named) fact.Fact[Variable] {
	v := item.Value
	if !v.Given() || !v.Known {
		return fact.Not[Variable](fact.Note{At: item.Name.At, Text: "the value of " + item.Name.Text + " is not known"})
	}
	return fact.Of(Variable{Set: true, Text: v.Text, Value: &v.Joined, At: v.At}, sure(v),
		notes(v, "sets "+item.Name.Text+" to "+quoted(v.Text))...)
}

func composeArgv(svc *compose.Service) []Word {
	return slices.Concat(yamlWords(svc.Entrypoint), yamlWords(svc.Command))
}

func yamlWords(l yamlfile.List) []Word {
	var all []Word
	for _, v := range l.Items {
		all = append(all, Word{Text: v.Text, Known: v.Known, At: v.At})
	}
	return all
}

// containerProgram is the program of a container: what the image starts, or
// what the manifest starts instead, in the image that the repository builds or
// by its name. An image that is only named like one of the repository, of which
// named is the evidence, may hold it in a way that we do not follow.
func (b *builder) containerProgram(s *Service, entrypoint bool, image yamlfile.Value, named []fact.Note) fact.Fact[*Program] {
	if len(s.Argv) > 0 {
		s.Runs = b.started(s)
	}
	if importPath, ok := buildplan.KoPath(image.Text); ok && image.Known {
		return b.koProgram(s, entrypoint, importPath, image.At)
	}
	if s.Stage != nil {
		p := b.imageProgram(s, entrypoint)
		if len(named) == 0 {
			return p
		}
		if p.Known() {
			p.Why = slices.Concat(p.Why, named, []fact.Note{{At: image.At, Text: "is this image"}})
			return p.AtMost(fact.Medium)
		}
	}
	if len(s.Argv) > 0 && !s.Argv[0].Known {
		return fact.Not[*Program]()
	}
	if entrypoint && len(s.Argv) > 0 {
		return b.names.byName(path.Base(s.Argv[0].Text), s.Argv[0].At)
	}
	if image.Given() && image.Known {
		return b.names.image(image.Text, image.At)
	}
	return fact.Not[*Program]()
}

// imageProgram is the program of a container whose image the repository builds.
func (b *builder) imageProgram(s *Service, entrypoint bool) fact.Fact[*Program] {
	if !entrypoint {
		if entry, ok := s.Stage.Entry(); ok && (entry.Instruction.Cmd == "ENTRYPOINT" || len(s.Argv) == 0) {
			return b.stageProgram(s.Stage, entry.Runs)
		}
	}
	if len(s.Argv) > 0 && s.Argv[0].Known {
		return b.stageProgram(s.Stage, s.Runs)
	}
	return fact.Not[*Program]()
}

// started follows the command line of a container in its image.
func (b *builder) started(s *Service) []commands.Ran {
	var runs []commands.Ran
	world := commands.World{
		File: func(p string) *source.File {
			if s.Stage == nil {
				return nil
			}
			return s.Stage.Tree.File(b.repo, p)
		},
		Ran: func(r commands.Ran) { runs = append(runs, r) },
	}
	var words []shell.Word
	for _, w := range s.Argv {
		if !w.Known {
			break
		}
		words = append(words, shell.Word{Value: shell.Known(w.Text, w.At)})
	}
	dir := shell.Unknown(s.At, "the working directory")
	if s.Stage != nil && s.Stage.Workdir != "" {
		dir = shell.Known(s.Stage.Workdir, s.At)
	}
	env := shell.NewEnv(shell.Anything(shell.Reason{At: s.At, Text: "the environment of the container"}))
	world.Exec(words, shell.State{Env: env, Dir: dir})
	return runs
}

// composeCPU reads the limits: those of deploy beat those of the service
// (setLimits in pkg/compose/create.go of docker/compose).
func composeCPU(svc *compose.Service) CPU {
	cpu := noCPU()
	switch limits := svc.Limits; {
	case svc.Deploy.LimitCPUs.Given():
		cpu.Quota = amount(svc.Deploy.LimitCPUs, parseCPUs, quotaNote)
	case limits.CPUs.Given():
		cpu.Quota = amount(limits.CPUs, parseCPUs, quotaNote)
	case limits.CPUQuota.Given():
		cpu.Quota = composeQuota(limits)
	}
	if set := svc.Limits.CPUSet; set.Given() {
		cpu.Set = amount(set, func(s string) (float64, bool) {
			cpus, bad, err := systemd.CPUSet(s)
			if err != nil || bad || cpus.Len() == 0 {
				return 0, false
			}
			return float64(cpus.Len()), true
		}, func(float64) string { return "lets it run on the CPUs " + set.Text })
	}
	return cpu
}

func quotaNote(n float64) string { return "limits it to " + CPUs(n) }

// parseCPUs reads a number of CPUs; 0 is no limit.
func parseCPUs(s string) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	if n == 0 {
		return goruntime.Unlimited(), true
	}
	return n, true
}

// amount reads a limit with its place.
func amount[T any](v yamlfile.Value, parse func(string) (T, bool), text func(T) string) fact.Fact[T] {
	if v.Known {
		if n, ok := parse(v.Text); ok {
			return fact.Of(n, sure(v), notes(v, text(n))...)
		}
	}
	return fact.Not[T](fact.Note{At: v.At, Text: "the limit is not known"})
}

// composeQuota is cpu_quota by cpu_period, in microseconds.
func composeQuota(l compose.Limits) fact.Fact[float64] {
	period := 100_000.0
	if l.CPUPeriod.Given() {
		n, err := strconv.ParseFloat(l.CPUPeriod.Text, 64)
		if err != nil || n <= 0 || !l.CPUPeriod.Known {
			return fact.Not[float64](fact.Note{At: l.CPUPeriod.At, Text: "the period is not known"})
		}
		period = n
	}
	return amount(l.CPUQuota, func(s string) (float64, bool) {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, false
		}
		if n <= 0 {
			return goruntime.Unlimited(), true
		}
		return n / period, true
	}, quotaNote)
}

func composeMemory(svc *compose.Service) fact.Fact[int64] {
	v := svc.Limits.Memory
	if svc.Deploy.LimitMemory.Given() {
		v = svc.Deploy.LimitMemory
	}
	if !v.Given() {
		return noMemory().Max
	}
	return amount(v, func(s string) (int64, bool) {
		n, err := compose.ParseSize(s)
		if n == 0 {
			n = goruntime.NoLimit
		}
		return n, err == nil && n > 0
	}, memoryNote)
}

func memoryNote(n int64) string { return "limits its memory to " + Bytes(n) }
