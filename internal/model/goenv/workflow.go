package goenv

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// workspace is where the runner checks repositories out. The real path has the
// name of the repository in it, which is not known.
const workspace = "/github/workspace"

// jobRuns returns the go commands of workflows.
func jobRuns(r *repo.Repo) []*Run {
	files := workflows.Of(r)
	names := slices.Sorted(maps.Keys(files))
	perFile := make([][]*Run, len(names))
	repo.Parallel(len(names), func(i int) {
		for _, j := range files[names[i]].Jobs {
			perFile[i] = append(perFile[i], newJob(r, files[names[i]], j).run()...)
		}
	})
	return slices.Concat(perFile...)
}

// The workflows and actions of a repository, by path.
var (
	workflows = repo.NewModel(func(r *repo.Repo) map[string]*workflow.File { return readAll(repo.Workflows.Of(r)) })
	actions   = repo.NewModel(func(r *repo.Repo) map[string]*workflow.File { return readAll(repo.Actions.Of(r)) })
)

func readAll(files map[string]*yamlfile.File) map[string]*workflow.File {
	all := map[string]*workflow.File{}
	for name, file := range files {
		if f := workflow.Read(file); f != nil {
			all[name] = f
		}
	}
	return all
}

// job follows the steps of a job.
type job struct {
	host
	file *workflow.File
	job  *workflow.Job
	env  *shell.Env // of the next step, without its own
	// checkouts are the folders of the workspace that hold a repository.
	checkouts []checkout
	depth     int // of actions within actions
	count     int // steps that ran
}

// checkout is a folder below the workspace.
type checkout struct {
	dir  string
	self bool // holds this repository, at the commit that is tested
}

// maxSteps bounds the steps of a job with those of the actions that it uses,
// which may use each other.
const maxSteps = 2000

// maxAlternatives bounds what a matrix can make of a version.
const maxAlternatives = 30

func newJob(r *repo.Repo, f *workflow.File, j *workflow.Job) *job {
	w := &job{file: f, job: j}
	w.host = host{repo: r, place: Job, releases: unknownRelease()}
	w.host.at = w.inRepo
	w.env = bareEnv()
	for name, value := range map[string]string{
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace,
		"GITHUB_ENV": environmentFile, "GITHUB_PATH": "/github/path", "GITHUB_OUTPUT": "/github/output",
	} {
		w.env = w.env.Export(name, shell.Known(value, source.Span{}))
	}
	w.container()
	w.env = w.with(w.env, f.Env, nil)
	w.env = w.with(w.env, j.Env, nil)
	return w
}

// container takes over what the image of the job brings.
func (w *job) container() {
	c := w.job.Container
	if c == nil {
		return
	}
	ref, err := knowledge.ParseRef(c.Image.Text)
	image := w.repo.Knowledge().Image(ref)
	switch {
	case err != nil || !c.Image.Known || !image.Known:
		w.env = openEnv(w.env, shell.Reason{At: c.Image.At, Text: "depends on the image"})
	case image.Go.Known():
		note := fact.Note{At: c.Image.At, Text: c.Image.Text + " has Go " + Name(image.Go)}
		w.releases = []fact.Fact[knowledge.GoVersion]{fact.Of(image.Go, fact.High, note)}
		if image.GOTOOLCHAIN != "" {
			w.env = w.env.Export("GOTOOLCHAIN", shell.Known(image.GOTOOLCHAIN, source.Span{}))
		}
	}
	w.env = w.with(w.env, c.Env, nil)
}

// inRepo maps a path of the runner to one of the repository.
func (w *job) inRepo(abs string) (string, bool) {
	rel, ok := strings.CutPrefix(abs+"/", workspace+"/")
	if !ok {
		return "", false
	}
	rel = path.Clean(rel)
	best := -1
	for i, c := range w.checkouts {
		if (c.dir == "." || rel == c.dir || strings.HasPrefix(rel, c.dir+"/")) && (best < 0 || len(c.dir) >= len(w.checkouts[best].dir) || w.checkouts[best].dir == ".") {
			best = i
		}
	}
	if best < 0 || !w.checkouts[best].self {
		return "", false
	}
	if dir := w.checkouts[best].dir; dir != "." {
		rel = path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(rel, dir), "/"))
	}
	return rel, true
}

func (w *job) run() []*Run {
	if w.job.If.Is("false") {
		return nil
	}
	tolerated := w.job.Node.Get("continue-on-error").Scalar()
	w.steps(w.job.Steps, nil, !tolerated.Given() || tolerated.Is("false"))
	return w.runs
}

// frame are the inputs of the action whose steps run; nil in the job itself.
type frame map[string][]yamlfile.Value

func (w *job) steps(steps []*workflow.Step, inputs frame, certain bool) {
	for _, s := range steps {
		w.certain = certain
		if w.count++; w.count > maxSteps {
			return
		}
		if !w.mayRun(s) {
			continue
		}
		switch {
		case s.Uses.Given():
			w.uses(s, inputs)
		case s.Run.Given():
			w.script(s, inputs)
		}
	}
}

// mayRun reports whether a step is part of a run that goes well, and notes
// where that is not certain.
func (w *job) mayRun(s *workflow.Step) bool {
	if s.ContinueOnError.Given() && !s.ContinueOnError.Is("false") {
		w.certain = false
	}
	condition := s.If.Text
	if !s.If.Given() {
		return true
	}
	for _, never := range []string{"failure()", "cancelled()"} {
		if strings.Contains(condition, never) && !strings.Contains(condition, "!"+never) {
			return false
		}
	}
	if strings.TrimSpace(condition) == "false" {
		return false
	}
	if strings.Contains(condition, "matrix.") || strings.Contains(condition, "steps.") || strings.Contains(condition, "inputs.") || strings.Contains(condition, "env.") {
		w.certain = false
	}
	return true
}

// with adds variables to an environment.
func (w *job) with(env *shell.Env, d yamlfile.Dict, inputs frame) *shell.Env {
	if d.Open {
		env = openEnv(env, shell.Reason{At: d.At, Text: "the environment is computed"})
	}
	for _, item := range d.Items {
		if !item.Name.Known {
			continue
		}
		v := shell.Unknown(item.Value.At, "is computed")
		if known, ok := w.resolve(item.Value, inputs, env); ok && len(known) == 1 {
			v = shell.Known(known[0].Text, known[0].At)
		}
		env = env.Export(item.Name.Text, v)
	}
	return env
}

var expression = regexp.MustCompile(`^\$\{\{\s*(inputs|env)\.([A-Za-z0-9_-]+)\s*\}\}$`)

// resolve returns what a value can be: itself, the values of the matrix, of an
// input or of a variable that it names.
func (w *job) resolve(v yamlfile.Value, inputs frame, env *shell.Env) ([]yamlfile.Value, bool) {
	if v.Known || !v.Given() {
		return []yamlfile.Value{v}, true
	}
	if m := expression.FindStringSubmatch(v.Text); m != nil {
		if m[1] == "inputs" {
			known, ok := inputs[strings.ToLower(m[2])]
			return known, ok && len(known) > 0
		}
		named := env.Get(m[2])
		if named.Set != shell.Yes || !named.Known() || !named.At.Valid() {
			return nil, false
		}
		out := yamlfile.Value{At: named.At, Known: true, Quoted: true}
		out.AppendAs(named.Text, named.At)
		return []yamlfile.Value{out}, true
	}
	values, ok := w.job.Values(v)
	return values, ok && len(values) <= maxAlternatives
}

// script runs a run step.
func (w *job) script(s *workflow.Step, inputs frame) {
	dialect, ok := w.shell(s)
	if !ok {
		return
	}
	env := w.with(w.env, s.Env, inputs)
	dir := shell.Known(workspace, source.Span{})
	if d := w.file.Directory(w.job, s); d.Given() {
		dir = shell.Unknown(d.At, "the working directory is computed")
		if known, ok := w.resolve(d, inputs, env); ok && len(known) == 1 {
			dir = shell.Known(join(workspace, known[0].Text), d.At)
		}
	}
	text := masked(s.Run)
	world := w.world()
	sets := &exports{mentions: strings.Count(text.Text, "GITHUB_ENV")}
	ran := world.Ran
	world.Ran = func(c commands.Ran) { ran(c); sets.ran(c) }
	world.Shell(&text, dialect, shell.State{Env: env, Dir: dir, Opts: shell.Options{ErrExit: shell.Yes}})
	w.env = sets.apply(w.env, s.Run.At)
	if strings.Contains(text.Text, "GITHUB_PATH") && mayBringGo(text.Text) {
		w.releases = unknownRelease()
	}
}

// mayBringGo reports whether a script that writes to GITHUB_PATH may put
// another Go in front.
func mayBringGo(text string) bool {
	return strings.Contains(text, "/usr/local/go") || strings.Contains(text, "sdk/go") || strings.Contains(text, "GOROOT") || strings.Contains(text, "go1.")
}

// masked returns a script with holes for its expressions.
func masked(v yamlfile.Value) (text source.Joined) {
	rest := 0
	for rest < len(v.Text) {
		start := strings.Index(v.Text[rest:], "${{")
		if start < 0 {
			break
		}
		end := strings.Index(v.Text[rest+start:], "}}")
		if end < 0 {
			break
		}
		start, end = rest+start, rest+start+end+2
		text.AppendPart(&v.Joined, rest, start)
		text.AppendAs(shell.Hole, v.Span(start, end))
		rest = end
	}
	text.AppendPart(&v.Joined, rest, len(v.Text))
	return text
}

// shell returns the language of a run step; false where it is not read.
func (w *job) shell(s *workflow.Step) (shell.Dialect, bool) {
	v := w.file.RunShell(w.job, s)
	if !v.Given() {
		return shell.Bash, !w.windows() || plainLines.MatchString(s.Run.Text)
	}
	words := strings.Fields(v.Text)
	if !v.Known || len(words) == 0 {
		return 0, false
	}
	return shell.DialectOf(words[0])
}

// plainLines matches scripts that mean the same to PowerShell, the default
// shell on Windows.
var plainLines = regexp.MustCompile(`^[\w./:=@+ \n-]*$`)

// windows reports whether the job only runs on Windows.
func (w *job) windows() bool {
	for _, label := range w.job.RunsOn.Items {
		values, ok := w.resolve(label, nil, w.env)
		if ok && len(values) > 0 && !slices.ContainsFunc(values, func(v yamlfile.Value) bool { return !strings.HasPrefix(v.Text, "windows") }) {
			return true
		}
	}
	return false
}
