package image

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/link"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// ship is a program on its way from the go command to the image it runs in.
type ship struct {
	buildplan.Placed
	stage *buildplan.Stage // the image
	link  buildplan.Linked
}

// ships returns the programs of all images that are built to run, each once: at
// the path that is started, if it is at several. An image that starts nothing, and
// that nothing in the repository runs, is none: it carries files to --output or to
// another image.
func ships(r *repo.Repo) []ship {
	var all []ship
	for _, plan := range plans(r) {
		if plan.Target == nil || carrier(r, plan.Target) {
			continue
		}
		at := map[*buildplan.Binary]int{} // where it stands in all, plus 1
		for _, b := range plan.Target.Binaries {
			s := ship{Placed: b, stage: plan.Target, link: b.Binary.Link()}
			switch i := at[b.Binary]; {
			case i == 0:
				all = append(all, s)
				at[b.Binary] = len(all)
			case plan.Target.Starts(s.Path):
				all[i-1] = s
			}
		}
	}
	return all
}

// stages returns the stages of all images that are built.
func stages(r *repo.Repo) []*buildplan.Stage {
	var all []*buildplan.Stage
	for _, plan := range plans(r) {
		all = append(all, plan.Needed()...)
	}
	return all
}

// plans returns the builds of images for Linux.
func plans(r *repo.Repo) []*buildplan.Plan {
	return slices.DeleteFunc(slices.Clone(buildplan.Plans.Of(r)), (*buildplan.Plan).Windows)
}

// commandName is the name of the program that a command runs, "" where it is
// not known.
func commandName(c *buildplan.Command) string {
	if !c.Words[0].Exact() {
		return ""
	}
	return path.Base(c.Words[0].Text)
}

// made is a program that a stage of a build makes.
type made struct {
	*buildplan.Binary
	plan *buildplan.Plan
	name string // the path at which users know it
}

// everyBinary returns the programs that go commands write in stages that are
// built, and those that are built elsewhere and copied into an image.
func everyBinary(r *repo.Repo) []made {
	all := binaries(r)
	seen := map[source.Span]bool{} // GoReleaser runs one line for every platform
	for _, s := range ships(r) {
		if at := s.Binary.Go.At(); s.Binary.Go.Outside && !seen[at] {
			seen[at] = true
			all = append(all, made{s.Binary, s.stage.Plan, s.Path})
		}
	}
	return all
}

// binaries returns the programs that go commands write in stages that are
// built.
func binaries(r *repo.Repo) []made {
	var all []made
	for _, plan := range plans(r) {
		for _, st := range plan.Needed() {
			for _, c := range st.Commands {
				if c.Go == nil {
					continue
				}
				for _, b := range c.Go.Binaries {
					all = append(all, made{b, plan, b.Path})
				}
			}
		}
	}
	return all
}

func carrier(r *repo.Repo, st *buildplan.Stage) bool {
	if _, starts := st.Entry(); starts || st.Last["ENTRYPOINT"] != nil || st.Last["CMD"] != nil {
		return false
	}
	runs := func(s *workload.Service) bool {
		return s.Stage != nil && s.Kind != workload.Image && s.Stage.Syntax == st.Syntax
	}
	return st.Image.Value.Ref.Name() == "scratch" || !slices.ContainsFunc(workload.Services.Of(r), runs)
}

// at is where the program arrives in the image: the source of the last COPY, or
// the go command itself.
func (s ship) at() source.Span {
	if last := s.Why[len(s.Why)-1].At; len(s.Why) > 1 && last.Valid() {
		return last
	}
	return s.Binary.Go.At()
}

// proof is what makes the program the kind of file it is, up to the go command,
// of which says is a predicate, and the copies on the way.
func (s ship) proof(says string) fact.Proof {
	premises := []fact.Premise{s.link, fact.Note{At: s.Binary.Go.At(), Text: says}}
	for _, n := range s.moves() {
		premises = append(premises, n)
	}
	return fact.Because(premises...)
}

// moves are the commands that carried the program between the go command and
// its last place.
func (s ship) moves() []fact.Note {
	if len(s.Why) < 3 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Why[1:len(s.Why)-1]), func(n fact.Note) bool { return !n.At.Valid() })
}

// given reports whether something of the repository that runs the program gives
// it one of the variables, or puts something into one of the folders.
func (s ship) given(r *repo.Repo, variables, folders []string) bool {
	return slices.ContainsFunc(workload.Deployed(r, s.stage, s.Binary.Main.Value), func(service *workload.Service) bool {
		return slices.ContainsFunc(variables, service.Gives) || service.Mounts(folders...)
	})
}

// arrives is the last step.
func (s ship) arrives() fact.Note { return fact.Note{At: s.at(), Text: "the program arrives here"} }

// severity is error for a program that the image starts.
func (s ship) severity() rule.Severity {
	if s.stage.Starts(s.Path) {
		return rule.Default
	}
	return rule.Warning
}

// notFound is what people see when the loader of the program is missing.
func (s ship) notFound() string {
	if e, ok := s.stage.Entry(); ok && e.Shell && s.stage.Starts(s.Path) {
		return "/bin/sh: " + s.Path + ": not found"
	}
	return "exec " + s.Path + ": no such file or directory"
}

// cgoOff is the fix for the build of the program.
func (s ship) cgoOff() []rule.Fix { return cgoOff(s.Binary) }

// cgoOff returns the fix that builds without cgo, where nothing asks for cgo
// and the go command is written out. It is safe when the whole closure is known
// to need no cgo of its own.
func cgoOff(b *buildplan.Binary) []rule.Fix {
	l, call := b.Link(), b.Go.Call
	at, via, c := call.Words[0].At, call.Via, l.Input.Closure
	written := at.Text() == "go" && (len(via) == 0 || via[len(via)-1] == "env")
	if call.Getenv("CGO_ENABLED").At.Valid() || !written || c.Cgo == knowledge.Yes || l.Input.Flags.Race != link.Off {
		return nil
	}
	return []rule.Fix{{
		Title: "set CGO_ENABLED=0 for the build",
		Safe:  l.Closure != nil && l.Closure.Complete() && c.Cgo == knowledge.No && c.Plugin == knowledge.No,
		Edits: []source.Edit{{Span: at.Sub(0, 0), New: "CGO_ENABLED=0 "}},
	}}
}

// except returns a proof without what it says of a place, of which the rule has
// more to say. The confidence stays.
func except(p fact.Premise, at source.Span) fact.Proof {
	proof := p.Proof()
	proof.Path = slices.DeleteFunc(slices.Clone(proof.Path), func(n fact.Note) bool { return n.At == at })
	return proof
}

// dropFlag returns the fix that leaves a flag of the go command out, where it
// is a word of the command line. What it was there for is lost.
func (s ship) dropFlag(name string) []rule.Fix {
	f, _, _ := s.Binary.Go.Flag(name)
	text := f.At.Text()
	if f.FromGOFLAGS || !strings.HasPrefix(text, "-") || strings.ContainsAny(text, " \t\n") || s.Binary.Go.Call.Words[0].At.Text() != "go" {
		return nil
	}
	at := f.At
	rest := at.File.Data()[at.End:]
	if len(rest) > 0 && rest[0] == ' ' {
		at = at.File.Span(at.Start, at.End+1)
	}
	return []rule.Fix{{Title: "leave " + text + " out", Edits: []source.Edit{{Span: at}}}}
}

// older compares versions of glibc; one that is not known is not older, and
// nothing is older than it.
func older(a, b string) bool {
	majorA, minorA, okA := twoNumbers(a)
	majorB, minorB, okB := twoNumbers(b)
	return okA && okB && (majorA < majorB || majorA == majorB && minorA < minorB)
}

func twoNumbers(version string) (major, minor int, ok bool) {
	a, b, _ := strings.Cut(version, ".")
	b, _, _ = strings.Cut(b, ".")
	major, errA := strconv.Atoi(a)
	minor, errB := strconv.Atoi(b)
	return major, minor, errA == nil && errB == nil
}

// libcPath is where an image for amd64 keeps the C library.
func libcPath(st *buildplan.Stage) string {
	switch st.Image.Value.Distro {
	case "debian", "ubuntu":
		return "/lib/x86_64-linux-gnu/libc.so.6"
	}
	if strings.HasPrefix(st.Image.Value.Distro, "distroless") {
		return "/lib/x86_64-linux-gnu/libc.so.6"
	}
	return "/lib64/libc.so.6"
}
