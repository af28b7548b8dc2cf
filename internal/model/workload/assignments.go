package workload

import (
	"maps"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/envfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// Assignment is a place that gives a value to a variable of the Go runtime. Only
// Go programs read these, so that it does not matter which program gets it.
type Assignment struct {
	Name     string
	Variable fact.Fact[Variable]
	// Services are those that get this value.
	Services []*Service
}

// runtimeVars are the variables that assignments are listed of.
var runtimeVars = []string{goruntime.GCPercentVar, goruntime.DebugVar, goruntime.MaxProcsVar, goruntime.MemoryLimitVar}

// Assignments is the model of all values that the repository gives to variables
// of the Go runtime, sorted by place: in units, environment files, Dockerfiles,
// Compose files, manifests, workflows, scripts and makefiles.
var Assignments = repo.NewModel(func(r *repo.Repo) []*Assignment {
	c := &collector{repo: r, seen: map[seenAt]*Assignment{}}
	c.dockerfiles()
	for _, s := range Services.Of(r) {
		for _, name := range runtimeVars {
			if f, ok := s.env[name]; ok {
				c.add(name, f, s)
			}
		}
	}
	c.dropins()
	c.envFiles()
	c.configMaps()
	c.workflows()
	c.scripts()
	c.makefiles()
	slices.SortFunc(c.all, func(a, b *Assignment) int { return a.Variable.Value.At.Compare(b.Variable.Value.At) })
	return c.all
})

type seenAt struct {
	name string
	at   source.Span
}

type collector struct {
	repo *repo.Repo
	all  []*Assignment
	seen map[seenAt]*Assignment
}

// add notes an assignment, once for every place.
func (c *collector) add(name string, f fact.Fact[Variable], s *Service) {
	if !f.Known() || !f.Value.Set || f.Value.Computed || !f.Value.At.Valid() || placeholder(f.Value.Text) {
		return
	}
	key := seenAt{name, f.Value.At}
	a := c.seen[key]
	if a == nil {
		f.Why = f.Why[len(f.Why)-1:]
		if s != nil {
			f.Confidence = fact.High // how it comes to the service does not matter
		}
		a = &Assignment{Name: name, Variable: f}
		c.seen[key] = a
		c.all = append(c.all, a)
	}
	if s != nil {
		a.Services = append(a.Services, s)
	}
}

// set is add for a value that is written at a place.
func (c *collector) set(name, text string, value *source.Joined, at source.Span) {
	if slices.Contains(runtimeVars, name) {
		c.add(name, fact.Of(Variable{Set: true, Text: text, Value: value, At: at}, fact.High,
			fact.Note{At: at, Text: "sets " + name + " to " + quoted(text)}), nil)
	}
}

// placeholder reports whether a value is one that something fills in before it
// is used.
func placeholder(s string) bool {
	if strings.ContainsAny(s, "{}<>@`") || strings.Contains(s, "__") {
		return true
	}
	if i := strings.IndexByte(s, '$'); i >= 0 {
		return true
	}
	i := strings.IndexByte(s, '%')
	return i >= 0 && i+1 < len(s)
}

// dropins lists what drop-ins set for units that are not in the repository.
func (c *collector) dropins() {
	for _, u := range units.All.Of(c.repo) {
		if u.Main != nil {
			continue
		}
		for _, set := range u.All("Service", "Environment") {
			vars, _ := u.Scope.Environment(set.Value, set.ValueAt)
			for _, v := range vars {
				if slices.Contains(runtimeVars, v.Name) {
					c.add(v.Name, unitVariable(v), nil)
				}
			}
		}
	}
}

// envFiles lists what environment files set, as far as all their readers would
// agree on it.
func (c *collector) envFiles() {
	for _, f := range c.repo.Of(repo.EnvFile) {
		byDialect := map[envfile.Dialect]*envfile.File{}
		for _, d := range []envfile.Dialect{envfile.Systemd, envfile.Compose, envfile.Docker} {
			byDialect[d] = envfile.Parse(f, d)
		}
		for _, name := range runtimeVars {
			first := byDialect[envfile.Compose].Last(name)
			if first == nil || first.Value == nil || first.Expands {
				continue
			}
			agree := true
			for _, other := range byDialect {
				v := other.Last(name)
				agree = agree && v != nil && v.Value != nil && v.Value.Text == first.Value.Text
			}
			if at := first.Value.Whole(); agree && at.Valid() {
				c.set(name, first.Value.Text, first.Value, at)
			}
		}
	}
}

// dockerfiles lists what ENV sets, and what commands of RUN are given.
func (c *collector) dockerfiles() {
	files := repo.Dockerfiles.Of(c.repo)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := files[name]
		scopes := f.Evaluate(dockerfile.Inputs{})
		for _, st := range f.Stages {
			for i, ins := range st.Instructions {
				if ins.Cmd == "ENV" {
					c.env(scopes.Stages[st.Index].Before(i), ins)
				}
			}
		}
	}
	for _, plan := range buildplan.Plans.Of(c.repo) {
		for _, st := range plan.Stages {
			for _, cmd := range st.Commands {
				c.command(&cmd.Command)
			}
		}
	}
}

func (c *collector) env(scope dockerfile.Scope, ins *dockerfile.Instruction) {
	for i := range ins.Pairs {
		p := &ins.Pairs[i]
		if !slices.Contains(runtimeVars, p.Key.Text) {
			continue
		}
		if v, err := scope.Expand(&p.Value); err == nil && v.Known {
			at := p.Value.At
			sure := fact.High
			if v.Overridable {
				sure = fact.Medium
			}
			c.add(p.Key.Text, fact.Of(Variable{Set: true, Text: v.Text, Value: &v.Joined, At: at}, sure,
				fact.Note{At: at, Text: "sets " + p.Key.Text + " to " + quoted(v.Text)}), nil)
		}
	}
}

// command lists the variables that a script gives to a command.
func (c *collector) command(cmd *shell.Command) {
	for _, name := range runtimeVars {
		v := cmd.Getenv(name)
		if v.Set == shell.Yes && v.Exported == shell.Yes && v.Known() && v.At.Valid() {
			c.set(name, v.Text, nil, within(v.At, v.Text))
		}
	}
}

// within is the value in the span of an assignment, where it stands there once.
func within(at source.Span, value string) source.Span {
	if text := at.Text(); value != "" && strings.Count(text, value) == 1 {
		i := strings.Index(text, value)
		return at.Sub(i, i+len(value))
	}
	return at
}

// configMaps lists the data of ConfigMaps, which become variables wherever they
// are mounted.
func (c *collector) configMaps() {
	for _, set := range objects.Of(c.repo) {
		for _, o := range set.objects {
			if o.Kind.Is("ConfigMap") {
				c.dict(o.Data)
			}
		}
	}
}

func (c *collector) dict(d yamlfile.Dict) {
	for _, item := range d.Items {
		if item.Name.Known && item.Value.Given() && item.Value.Known {
			c.set(item.Name.Text, item.Value.Text, &item.Value.Joined, item.Value.At)
		}
	}
}

// workflows lists the variables of workflows, and those that their scripts give
// to commands.
func (c *collector) workflows() {
	files := repo.Workflows.Of(c.repo)
	for _, p := range slices.Sorted(maps.Keys(files)) {
		w := workflow.Read(files[p])
		if w == nil {
			continue
		}
		c.dict(w.Env)
		for _, job := range w.Jobs {
			c.dict(job.Env)
			for _, container := range append(slices.Clone(job.Services), job.Container) {
				if container != nil {
					c.dict(container.Env)
				}
			}
			for _, step := range job.Steps {
				c.dict(step.Env)
				if step.Run.Given() && step.Run.Known && mentionsAny(step.Run.Text) {
					c.script(shell.Parse(&step.Run.Joined, shell.Bash))
				}
			}
		}
	}
}

// scripts lists what shell scripts give to the commands that they run.
func (c *collector) scripts() {
	for _, f := range c.repo.Of(repo.Script) {
		if !mentionsAny(string(f.Data())) {
			continue
		}
		dialect, _, ok := shell.Shebang(f.Data())
		if !ok {
			dialect = shell.Bash
		}
		c.script(shell.ParseFile(f, dialect))
	}
}

// makefiles lists what makefiles export to their recipes, and what these give to
// commands.
func (c *collector) makefiles() {
	for _, f := range c.repo.Of(repo.Makefile) {
		if !mentionsAny(string(f.Data())) {
			continue
		}
		for _, line := range Recipes(c.repo, f) {
			trace := (&shell.Runner{}).Run(shell.Parse(line.Text, shell.POSIX), shell.State{Env: line.Env})
			for i := range trace.Commands {
				c.command(&trace.Commands[i])
			}
		}
	}
}

func mentionsAny(text string) bool {
	return slices.ContainsFunc(runtimeVars, func(name string) bool { return strings.Contains(text, name) })
}

func (c *collector) script(s *shell.Script) {
	env := shell.NewEnv(shell.Anything(shell.Reason{Text: "the environment of the script"}))
	trace := (&shell.Runner{}).Run(s, shell.State{Env: env})
	for i := range trace.Commands {
		c.command(&trace.Commands[i])
	}
}
