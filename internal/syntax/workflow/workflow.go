// Package workflow reads GitHub Actions workflows and action definitions.
//
// It follows the workflow syntax of docs.github.com/actions/reference and the
// schema of actions/runner (src/Sdk/DTPipelines/workflow-v1.0.json). A value
// with an expression, ${{ … }}, is not known; Job.Values resolves those that
// only name a literal of the matrix.
package workflow

import (
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// File is a workflow, or the definition of an action, which is read as one
// without jobs.
type File struct {
	Node     *yamlfile.Node
	Name     yamlfile.Value
	Env      yamlfile.Dict
	Defaults Defaults
	Jobs     []*Job
	Action   *Action // of an action.yml
	Problems []source.Problem
}

// Defaults is defaults.run.
type Defaults struct{ Shell, WorkingDirectory yamlfile.Value }

// Job is an entry of jobs.
type Job struct {
	Node      *yamlfile.Node
	ID        yamlfile.Value
	Name      yamlfile.Value
	RunsOn    yamlfile.List
	Needs     yamlfile.List
	If        yamlfile.Value
	Env       yamlfile.Dict
	Defaults  Defaults
	Matrix    Matrix
	Container *Container
	Services  []*Container
	Steps     []*Step
	Uses      yamlfile.Value // a reusable workflow
	With      yamlfile.Dict
}

// Step is a step of a job or of a composite action.
type Step struct {
	Node             *yamlfile.Node
	ID               yamlfile.Value
	Name             yamlfile.Value
	If               yamlfile.Value
	Uses             yamlfile.Value
	With             yamlfile.Dict // 1.20 without quotes has the tag !!float
	Run              yamlfile.Value
	Shell            yamlfile.Value
	WorkingDirectory yamlfile.Value
	Env              yamlfile.Dict
	ContinueOnError  yamlfile.Value
}

// Container is the container of a job, or one of its services.
type Container struct {
	Name    yamlfile.Value // of a service
	Image   yamlfile.Value
	Env     yamlfile.Dict
	Options yamlfile.Value
	Volumes yamlfile.List
}

// Action is what an action.yml defines.
type Action struct {
	Using      yamlfile.Value // composite, docker, node20 …
	Inputs     []Input
	Steps      []*Step        // composite
	Image      yamlfile.Value // docker
	Entrypoint yamlfile.Value
	Args       yamlfile.List
	Env        yamlfile.Dict
}

// Input is an input of an action.
type Input struct{ Name, Default, Required yamlfile.Value }

// RunShell returns the shell that runs a step, as far as the file says.
func (f *File) RunShell(job *Job, step *Step) yamlfile.Value {
	return f.firstOf(job, step.Shell, func(d Defaults) yamlfile.Value { return d.Shell })
}

// Directory returns the working directory of a step, as far as the file says.
func (f *File) Directory(job *Job, step *Step) yamlfile.Value {
	return f.firstOf(job, step.WorkingDirectory, func(d Defaults) yamlfile.Value { return d.WorkingDirectory })
}

func (f *File) firstOf(job *Job, own yamlfile.Value, get func(Defaults) yamlfile.Value) yamlfile.Value {
	if own.Given() {
		return own
	}
	if job != nil {
		if v := get(job.Defaults); v.Given() {
			return v
		}
	}
	return get(f.Defaults)
}

// Read reads the first document of a file. It returns nil if there is none.
func Read(file *yamlfile.File) *File {
	if len(file.Docs) == 0 {
		return nil
	}
	r := &reader{}
	doc := r.Mapping(file.Docs[0].Computed("${{"), "workflow")
	f := &File{
		Node:     doc,
		Name:     doc.Get("name").Scalar(),
		Env:      r.dict(doc.Get("env"), "env"),
		Defaults: defaults(doc),
	}
	if jobs := r.Mapping(doc.Get("jobs"), "jobs"); jobs != nil {
		for _, p := range jobs.Pairs {
			if n := r.Mapping(p.Value, "jobs."+p.Key.Value); n != nil {
				f.Jobs = append(f.Jobs, r.job(p.Key, n))
			}
		}
	}
	if runs := r.Mapping(doc.Get("runs"), "runs"); runs != nil {
		f.Action = r.action(doc, runs)
	}
	f.Problems = r.Problems
	return f
}

type reader struct{ yamlfile.Shapes }

func (r *reader) dict(n *yamlfile.Node, name string) yamlfile.Dict {
	if n.IsScalar() && n.Unknown {
		return yamlfile.Dict{At: n.At, Open: true}
	}
	return r.Mapping(n, name).Dict()
}

func defaults(n *yamlfile.Node) Defaults {
	run := n.Get("defaults", "run")
	return Defaults{run.Get("shell").Scalar(), run.Get("working-directory").Scalar()}
}

func (r *reader) job(key, n *yamlfile.Node) *Job {
	j := &Job{
		Node: n, ID: key.Scalar(), Name: n.Get("name").Scalar(),
		RunsOn: n.Get("runs-on").List(), Needs: n.Get("needs").List(), If: n.Get("if").Scalar(),
		Env: r.dict(n.Get("env"), "env"), Defaults: defaults(n),
		Matrix:    r.matrix(n.Get("strategy", "matrix")),
		Container: r.container(nil, n.Get("container")),
		Steps:     r.steps(n.Get("steps")),
		Uses:      n.Get("uses").Scalar(), With: r.dict(n.Get("with"), "with"),
	}
	if labels := n.Get("runs-on", "labels"); labels != nil {
		j.RunsOn = labels.List()
	}
	if services := r.Mapping(n.Get("services"), "services"); services != nil {
		for _, p := range services.Pairs {
			if c := r.container(p.Key, p.Value); c != nil {
				j.Services = append(j.Services, c)
			}
		}
	}
	return j
}

func (r *reader) container(key, n *yamlfile.Node) *Container {
	if n.IsNull() {
		return nil
	}
	c := &Container{Name: key.Scalar()}
	if n.Kind == yamlfile.Scalar {
		c.Image = n.Scalar()
		return c
	}
	if n = r.Mapping(n, "container"); n == nil {
		return nil
	}
	c.Image = n.Get("image").Scalar()
	c.Env = r.dict(n.Get("env"), "env")
	c.Options = n.Get("options").Scalar()
	c.Volumes = n.Get("volumes").List()
	return c
}

func (r *reader) steps(n *yamlfile.Node) []*Step {
	if n = r.Sequence(n, "steps"); n == nil {
		return nil
	}
	var steps []*Step
	for _, item := range n.Items {
		if item = r.Mapping(item, "step"); item == nil {
			continue
		}
		s := &Step{
			Node: item, ID: item.Get("id").Scalar(), Name: item.Get("name").Scalar(), If: item.Get("if").Scalar(),
			Uses: r.Scalar(item.Get("uses"), "uses"), With: r.dict(item.Get("with"), "with"),
			Run: r.Scalar(item.Get("run"), "run"), Shell: item.Get("shell").Scalar(),
			WorkingDirectory: item.Get("working-directory").Scalar(),
			Env:              r.dict(item.Get("env"), "env"), ContinueOnError: item.Get("continue-on-error").Scalar(),
		}
		if s.Uses.Given() && s.Run.Given() {
			r.Problem(item.Get("run").KeyAt, "a step cannot have both the uses and run keys")
		}
		steps = append(steps, s)
	}
	return steps
}

func (r *reader) action(doc, runs *yamlfile.Node) *Action {
	a := &Action{
		Using: runs.Get("using").Scalar(), Steps: r.steps(runs.Get("steps")),
		Image: runs.Get("image").Scalar(), Entrypoint: runs.Get("entrypoint").Scalar(), Args: runs.Get("args").List(),
		Env: r.dict(runs.Get("env"), "env"),
	}
	if inputs := r.Mapping(doc.Get("inputs"), "inputs"); inputs != nil {
		for _, p := range inputs.Pairs {
			a.Inputs = append(a.Inputs, Input{p.Key.Scalar(), p.Value.Get("default").Scalar(), p.Value.Get("required").Scalar()})
		}
	}
	return a
}
