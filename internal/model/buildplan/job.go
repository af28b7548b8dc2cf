package buildplan

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// jobs runs the jobs of workflows, each once for every value of its matrix that
// a Dockerfile or context is named by.
func jobs(r *repo.Repo, spent work) []*machine {
	var machines []*machine
	for _, f := range sorted(repo.Workflows.Of(r)) {
		w := workflow.Read(f)
		if w == nil || !buildsSomething(f.Source) && !strings.Contains(string(f.Source.Data()), "goreleaser") {
			continue
		}
		for _, j := range w.Jobs {
			if len(machines) >= maxMachines {
				break
			}
			k := &job{machine: newMachine(r, spent), file: w, job: j, env: jobEnv(w, j)}
			k.hosted()
			for _, s := range j.Steps {
				k.step(s)
			}
			machines = append(machines, k.machine)
		}
	}
	return machines
}

// job follows the steps of a job.
type job struct {
	*machine
	file *workflow.File
	job  *workflow.Job
	env  *shell.Env
}

// hosted notes what the machine of the job is, where GitHub hosts it and the job
// has no container.
func (k *job) hosted() {
	labels := k.job.RunsOn
	if len(labels.Items) != 1 || !labels.Known() || k.job.Container != nil {
		return
	}
	v := labels.Items[0]
	if image, platform, ok := k.Plan.repo.Knowledge().Runner(v.Text); ok {
		k.runner = fact.Of(image, fact.Medium, fact.Note{At: v.At, Text: image.Why})
		k.host = platform
	}
}

// jobEnv is the environment of the steps of a job. What the runner brings is
// not known, what nobody sets is not set.
func jobEnv(w *workflow.File, j *workflow.Job) *shell.Env {
	env := ownEnv()
	for _, name := range []string{"GITHUB_SHA", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_OWNER",
		"GITHUB_ACTOR", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER",
		"GITHUB_HEAD_REF", "GITHUB_BASE_REF", "GITHUB_TOKEN", "RUNNER_TEMP", "RUNNER_TOOL_CACHE", "DOCKER_METADATA_OUTPUT_VERSION"} {
		env = env.With(name, shell.Anything(shell.Reason{Text: "depends on the run of the workflow"}))
	}
	for name, at := range map[string]string{
		"GITHUB_WORKSPACE": checkout, "GITHUB_ENV": "/github/env", "GITHUB_OUTPUT": "/github/output", "GITHUB_PATH": "/github/path",
		"GITHUB_STEP_SUMMARY": "/github/summary",
	} {
		env = env.Export(name, shell.Known(at, source.Span{}))
	}
	return withEnv(withEnv(env, w.Env), j.Env)
}

func withEnv(env *shell.Env, d yamlfile.Dict) *shell.Env {
	for _, item := range d.Items {
		if item.Name.Known {
			env = env.Export(item.Name.Text, valueOf(item.Value))
		}
	}
	return env
}

// valueOf is a value of a YAML file for the shell: expressions are holes.
func valueOf(v yamlfile.Value) shell.Value {
	out := shell.Known(v.Text, v.At)
	if !v.Known {
		out.Text = expression.ReplaceAllLiteralString(v.Text, shell.Hole)
		if out.Known() {
			out.Text += shell.Hole
		}
		out.Why = shell.Reason{At: v.At, Text: "is computed"}
	}
	return out
}

// expression is one of a workflow, or a template of GoReleaser.
var expression = regexp.MustCompile(`\$\{\{.*?\}\}|\{\{.*?\}\}`)

func (k *job) step(s *workflow.Step) {
	action, _, _ := strings.Cut(s.Uses.Text, "@")
	switch {
	case s.Run.Given():
		k.script(s)
	case action == "actions/checkout":
		k.checkout(s)
	case action == "docker/build-push-action" || action == "redhat-actions/buildah-build" || action == "depot/build-push-action" || action == "useblacksmith/build-push-action":
		k.buildPush(s)
	case strings.HasPrefix(action, "goreleaser/goreleaser-action"):
		k.trail = append(k.trail, fact.Note{At: s.Uses.At, Text: "runs GoReleaser"})
	}
}

// checkout moves the repository to where a step puts it.
func (k *job) checkout(s *workflow.Step) {
	if other, ok := s.With.Get("repository"); ok && other.Value.Text != "${{ github.repository }}" {
		return
	}
	if at, ok := s.With.Get("path"); ok && at.Value.Known {
		k.Tree = k.Tree.add(layer{kind: removed, dest: k.root})
		k.place(path.Join(checkout, at.Value.Text))
	}
}

// script runs a step's commands.
func (k *job) script(s *workflow.Step) {
	dialect, ok := shell.Bash, true
	if v := k.file.RunShell(k.job, s); v.Given() {
		name, _, _ := strings.Cut(v.Text, " ")
		dialect, ok = shell.DialectOf(name)
	}
	if !ok || k.windows() {
		return
	}
	dir := shell.Known(checkout, source.Span{})
	if d := k.file.Directory(k.job, s); d.Given() {
		dir = shell.Unknown(d.At, "the working directory is computed")
		if d.Known {
			dir = shell.Known(join(checkout, d.Text), d.At)
		}
	}
	text := masked(s.Run)
	k.world().Shell(text, dialect, shell.State{Env: withEnv(k.env, s.Env), Dir: dir, Opts: shell.Options{ErrExit: shell.Yes}})
	k.exports(text.Text, s.Run.At)
}

// masked is a script with holes for its expressions.
func masked(v yamlfile.Value) *source.Joined {
	text, rest := &source.Joined{}, 0
	for _, at := range expression.FindAllStringIndex(v.Text, -1) {
		text.AppendPart(&v.Joined, rest, at[0])
		text.AppendAs(shell.Hole, v.Span(at[0], at[1]))
		rest = at[1]
	}
	text.AppendPart(&v.Joined, rest, len(v.Text))
	return text
}

// exported are the variables that a script gives to later steps.
var exported = regexp.MustCompile(`\b([A-Za-z_][A-Za-z0-9_]*)=[^\n]*GITHUB_ENV`)

// exports forgets the variables that a script may set for later steps.
func (k *job) exports(text string, at source.Span) {
	why := shell.Reason{At: at, Text: "an earlier step may set it"}
	found := exported.FindAllStringSubmatch(text, -1)
	for _, m := range found {
		k.env = k.env.With(m[1], shell.Anything(why))
	}
	if len(found) < strings.Count(text, "GITHUB_ENV") {
		k.env = shell.NewEnv(shell.Anything(why))
	}
}

func (k *job) windows() bool {
	return len(k.job.RunsOn.Items) > 0 && !slices.ContainsFunc(k.job.RunsOn.Items, func(v yamlfile.Value) bool { return !strings.HasPrefix(v.Text, "windows") })
}

// input returns an input of an action with its variables of the matrix
// replaced by their n-th value.
func (k *job) input(s *workflow.Step, n int, names ...string) (v yamlfile.Value, known bool) {
	for _, name := range names {
		if item, ok := s.With.Get(name); ok && item.Value.Given() {
			values, ok := k.job.Values(item.Value)
			switch {
			case !ok:
				return item.Value, false
			case len(values) == 1:
				return values[0], true
			case n < len(values):
				return values[n], true
			}
			return item.Value, false
		}
	}
	return yamlfile.Value{}, true
}

// maxMatrix bounds the images that one step builds.
const maxMatrix = 30

// buildPush notes the builds of docker/build-push-action and its like. Its
// default context is the repository itself.
func (k *job) buildPush(s *workflow.Step) {
	n := 1
	for _, name := range []string{"file", "context", "target", "containerfiles", "dockerfiles"} {
		if item, ok := s.With.Get(name); ok {
			if values, ok := k.job.Values(item.Value); ok {
				n = max(n, len(values))
			}
		}
	}
	for i := range min(n, maxMatrix) {
		k.buildOne(s, i)
	}
}

func (k *job) buildOne(s *workflow.Step, n int) {
	context, contextOK := k.input(s, n, "context")
	file, fileOK := k.input(s, n, "file", "containerfiles", "dockerfiles")
	target, targetOK := k.input(s, n, "target")
	call := Call{Target: target.Text, Args: map[string]*dockerfile.Variable{}, At: fact.Note{At: s.Uses.At, Text: "builds the image"}}
	if strings.Contains(context.Text, "{{defaultContext}}") {
		context.Text, contextOK = strings.ReplaceAll(context.Text, "{{defaultContext}}", "."), true
		context.Text = strings.ReplaceAll(context.Text, ":", "/")
	}
	if strings.HasPrefix(context.Text, "${{ github.workspace }}") {
		context.Text, contextOK = "."+strings.TrimPrefix(context.Text, "${{ github.workspace }}"), true
	}
	if !contextOK || !fileOK || !targetOK || remote(context.Text) {
		return
	}
	k.inputs(s, n, &call)
	k.tags(s, n, &call)
	folder := join(checkout, cmp.Or(context.Text, "."))
	at := path.Join(folder, "Dockerfile")
	if file.Text != "" {
		at = join(checkout, strings.TrimSpace(file.Text))
	}
	if o := k.Tree.Lookup(at); o.Kind == FromContext && !o.Dir {
		call.Dockerfile = o.Path
		k.give(&call, folder)
		k.calls = append(k.calls, call)
	}
}

// inputs reads build arguments and platforms.
func (k *job) inputs(s *workflow.Step, n int, call *Call) {
	if v, ok := k.input(s, n, "platforms", "platform"); ok {
		call.Platforms = platforms(strings.Fields(strings.ReplaceAll(v.Text, ",", " ")))
	}
	v, _ := k.input(s, n, "build-args")
	for line := range strings.Lines(v.Text) {
		name, value, given := strings.Cut(strings.TrimSpace(line), "=")
		if !given || strings.Contains(name, "${{") {
			continue
		}
		at := strings.Index(v.Text, line)
		arg := &dockerfile.Variable{Text: value, Set: true, Known: !strings.Contains(value, "${{"), At: v.Span(at, at+len(strings.TrimRight(line, "\r\n")))}
		call.Args[strings.TrimSpace(name)] = arg
	}
}
