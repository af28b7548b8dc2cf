// Package workload models programs as they are run: by a systemd unit, a
// Compose file, a Kubernetes manifest or chart, or as an image. Of each it says
// which program of the repository it is, what environment it gets, and what its
// CPUs and memory are limited to.
//
// What a repository says about a service is not all: drop-ins, --env flags and
// admission controllers can change it. A limit or variable that stands nowhere is
// therefore known with medium confidence at most.
package workload

import (
	"slices"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/compose"
	"github.com/goseaworthy/seaworthy/internal/syntax/k8s"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// Kind says what runs a service.
type Kind uint8

// The kinds.
const (
	Unit      Kind = iota // a systemd service
	Compose               // a service of a Compose file
	Container             // a container of a Kubernetes pod
	Image                 // an image of the repository, as it is without any of the others
)

// String returns the kind as messages name it.
func (k Kind) String() string {
	return [...]string{"unit", "Compose service", "container", "image"}[k]
}

// Service is a process as something starts it.
type Service struct {
	Kind Kind
	Name string
	// At is where it is started: the command of ExecStart=, the name of a service
	// or container, an ENTRYPOINT.
	At source.Span
	// OneShot says that it runs to its end: a job, not a server.
	OneShot fact.Fact[bool]
	// Program is the program of the repository that it runs.
	Program fact.Fact[*Program]
	// Argv is what is started, as far as it is written; the program first.
	Argv []Word
	// Script is what a shell runs for a unit, nil where there is none.
	Script *Script
	// Runs are the commands that this leads to, through shells and scripts of the
	// repository.
	Runs []commands.Ran

	CPU    CPU
	Memory Memory
	// User is the user it runs as; "" where nobody says.
	User fact.Fact[string]

	// What it was read from: the fields of its Kind are set.
	Unit    *systemd.Unit
	Exec    *systemd.Command // of ExecStart=
	Compose *compose.Service
	Pod     *k8s.Workload
	Pack    *k8s.Container
	// Stage is the final stage of the image, where the repository builds it.
	Stage *buildplan.Stage

	env map[string]fact.Fact[Variable]
	// open are the places where further variables can come from.
	open []fact.Note
	// partial says that another file may well give what this one does not.
	partial bool
}

// Script is a text that a shell runs.
type Script struct {
	Text    *source.Joined
	Dialect shell.Dialect
	Inline  bool // it stands behind sh -c
}

// Word is a word of a command line.
type Word struct {
	Text  string
	Known bool
	At    source.Span
}

// CPU is what the CPUs of a service are limited to. A limit that is not there
// is goruntime.Unlimited. The last note of a fact is where the limit stands.
type CPU struct {
	// Quota is the time per time that it may use, in CPUs, of its own cgroup.
	Quota fact.Fact[float64]
	// Parent is the tightest quota of the cgroups above it.
	Parent fact.Fact[float64]
	// Set is the number of CPUs it may run on, by cpuset or affinity.
	Set fact.Fact[float64]
	// Hidden says that the process cannot find out about its quota.
	Hidden bool
}

// Memory is what the memory of a service is limited to, in bytes. A limit that
// is not there is goruntime.NoLimit. The last note of a fact is where it stands.
type Memory struct {
	Max  fact.Fact[int64] // beyond it the kernel kills
	High fact.Fact[int64] // beyond it the kernel throttles
}

// Variable is a variable of the environment as the process gets it. The zero
// Variable is one that is not set.
type Variable struct {
	Set   bool
	Text  string
	Value *source.Joined // Text traced to the file; nil where it is computed
	At    source.Span
	// Computed says that Text is not what stands in the file but what comes of
	// it: the downward API.
	Computed bool
}

// Getenv returns what the process gets of a variable of the environment. That
// nobody sets it is a fact too, with a note at what is started.
func (s *Service) Getenv(name string) fact.Fact[Variable] {
	if f, ok := s.env[name]; ok {
		return f
	}
	f := fact.Of(Variable{}, fact.Medium, fact.Note{At: s.At, Text: "nothing sets " + name + " for it"})
	if s.partial {
		return f.AtMost(fact.Low)
	}
	return f
}

// Open returns the places from which a service may get variables that we do not
// see: files and secrets that are not in the repository.
func (s *Service) Open() []fact.Note { return s.open }

// setenv gives a variable to the process. Later calls win.
func (s *Service) setenv(name string, v fact.Fact[Variable]) {
	if s.env == nil {
		s.env = map[string]fact.Fact[Variable]{}
	}
	s.env[name] = v
}

// Services is the model of all services, sorted by place.
var Services = repo.NewModel(func(r *repo.Repo) []*Service {
	b := &builder{repo: r, programs: Programs.Of(r), names: newNames(r)}
	b.images()
	b.units()
	b.composes()
	b.manifests()
	slices.SortStableFunc(b.services, func(x, y *Service) int { return x.At.Compare(y.At) })
	return b.services
})

// builder collects the services of a repository.
type builder struct {
	repo     *repo.Repo
	programs *programs
	names    *names
	services []*Service
}

func (b *builder) add(s *Service) { b.services = append(b.services, s) }
