package goenv

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// imageRuns returns the go commands of Dockerfiles.
func imageRuns(r *repo.Repo) []*Run {
	var runs []*Run
	for _, plan := range buildplan.Plans.Of(r) {
		left := map[*buildplan.Stage]stageState{}
		for _, st := range plan.Stages {
			if st.Outside {
				continue // runs of their own
			}
			state := left[st.Base] // that of no stage is empty
			state.otherGo = state.otherGo || bringsGo(st, goroot(st.Image.Value))
			for _, c := range st.Commands {
				if c.Go != nil && len(c.Words) > 1 {
					run := imageRun(r, c, state)
					state.written = state.written.after(run.Command)
					if run.Verb != "" {
						runs = append(runs, run)
					}
				}
				state.vendored = state.vendored || vendors(c.Words)
			}
			left[st] = state
		}
	}
	return runs
}

// stageState is what a stage leaves to those that start from it.
type stageState struct {
	written  settings
	vendored bool
	otherGo  bool // a Go that is not the image's may have been installed
}

func imageRun(r *repo.Repo, c *buildplan.Command, state stageState) *Run {
	g := c.Go
	vars := func(name string) fact.Fact[string] { return state.written.over(name, c.Variable(name)) }
	run := &Run{
		Command: gocmd.Parse(goWords(c.Words[1:]), Flags(vars("GOFLAGS"))),
		At:      g.At(), Trail: c.Trail, Place: Image,
		Certain: !c.Conditional && !c.StatusIgnored,
		Module:  g.Module, Vars: vars, Go: bundled(c, state.otherGo),
	}
	if g.Module != nil {
		run.Arrived = c.Tree.Lookup(g.GoMod).Why
		run.VendorMissing = !state.vendored && c.Tree.Lookup(path.Join(path.Dir(g.GoMod), "vendor")).Kind == buildplan.Absent
	}
	work, known := workspaceIn(r, c)
	if !known || !argumentsThere(c) {
		run.Module = nil
	}
	run.Work = work
	return run
}

// argumentsThere reports whether the files and folders that a command names may
// be there. If not, the build context is not what we take it for.
func argumentsThere(c *buildplan.Command) bool {
	for _, a := range c.Go.Args {
		p := strings.TrimSuffix(strings.TrimSuffix(a.Text, "..."), "/")
		local := strings.HasPrefix(a.Text, "./") || strings.HasPrefix(a.Text, "../") || strings.HasSuffix(a.Text, ".go")
		if a.Known && local && c.Go.Dir != "" && c.Tree.Lookup(join(c.Go.Dir, p)).Kind == buildplan.Absent {
			return false
		}
	}
	return true
}

// workspaceIn returns the workspace that a command of a stage takes.
func workspaceIn(r *repo.Repo, c *buildplan.Command) (w *goprogram.Workspace, known bool) {
	spaces := goprogram.Tree.Of(r).Spaces
	gowork := c.Variable("GOWORK")
	switch {
	case len(spaces) == 0 || gowork.Is(func(v string) bool { return v == "off" }):
		return nil, true
	case !gowork.Is(func(v string) bool { return v == "" || v == "auto" }) || c.Go.Dir == "":
		return nil, false
	}
	for d := c.Go.Dir; ; d = path.Dir(d) {
		switch o := c.Tree.Lookup(path.Join(d, "go.work")); o.Kind {
		case buildplan.Absent:
		case buildplan.FromContext:
			w := goprogram.Tree.Of(r).WorkspaceOf(path.Dir(o.Path))
			return w, w != nil
		default:
			return nil, false
		}
		if d == "/" {
			return nil, true
		}
	}
}

// bundled returns the Go of the image, where nothing in the stage puts another
// one in its place.
func bundled(c *buildplan.Command, otherGo bool) fact.Fact[knowledge.GoVersion] {
	image := c.Stage.Image
	if otherGo || !image.Known() || !image.Value.Go.Known() || !IsGo(c.Words[0].Text) || !firstInPath(c, goroot(image.Value)) {
		return fact.Not[knowledge.GoVersion](image.Why...)
	}
	return chosen(image, image.Value.Go)
}

// goroot returns where the Go of an image is.
func goroot(image knowledge.Image) string {
	if image.GOROOT != "" {
		return image.GOROOT
	}
	return "/usr/local/go"
}

// chosen returns the release that a fact leads to, with what its last note says
// replaced by that.
func chosen(f fact.Fact[knowledge.Image], v knowledge.GoVersion) fact.Fact[knowledge.GoVersion] {
	why := slices.Clone(f.Why)
	why[len(why)-1].Text = last(why).Text() + " has Go " + Name(v)
	return fact.Of(v, f.Confidence, why...)
}

// IsGo reports whether a program is the go command of the PATH, or of the
// usual place: not go1.22.1, which names its release.
func IsGo(name string) bool {
	return name == "go" || name == "xx-go" || name == "/usr/local/go/bin/go"
}

// firstInPath reports whether the go command of the image is the one that is
// found.
func firstInPath(c *buildplan.Command, goroot string) bool {
	list := c.Variable("PATH")
	if list.Value == "" && c.Stage.Image.Value.Path == "" {
		return true // the image has one of its own, which is not known
	}
	for dir := range strings.SplitSeq(list.Value, ":") {
		if dir == goroot+"/bin" {
			return true
		}
		switch c.Tree.Lookup(path.Join(dir, "go")).Kind {
		case buildplan.FromContext, buildplan.Made, buildplan.Output:
			return false
		}
	}
	return false
}

// bringsGo reports whether a stage may install another Go than that of its
// image.
func bringsGo(st *buildplan.Stage, goroot string) bool {
	foreign := func(t buildplan.Transfer) bool {
		if under(goroot, t.Dest) {
			return true
		}
		return (t.From != nil || t.FromImage != "") && (t.Dest == "" || under(t.Dest, goroot))
	}
	golang := func(i buildplan.Install) bool {
		return i.Package == "go" || strings.HasPrefix(i.Package, "go=") || strings.HasPrefix(i.Package, "golang")
	}
	return slices.ContainsFunc(st.Transfers, foreign) || slices.ContainsFunc(st.Installs, golang) ||
		slices.ContainsFunc(st.Commands, func(c *buildplan.Command) bool { return installsGo(c.Words, goroot) })
}

// under reports whether p is dir or below it.
func under(dir, p string) bool {
	return dir == "/" || p == dir || strings.HasPrefix(p, dir+"/")
}

// installsGo reports whether a command may put a Go in the place of another.
func installsGo(words []shell.Word, goroot string) bool {
	switch path.Base(words[0].Text) {
	case "gvm", "goenv", "asdf", "mise", "gobrew", "brew", "nix", "update-alternatives":
		return true
	case "rm", "mv", "cp", "ln", "tar", "unzip", "curl", "wget", "git":
		for _, w := range words[1:] {
			for _, sign := range []string{goroot, "go.dev/dl", "golang.org/dl", "dl.google.com/go", "go1."} {
				if strings.Contains(w.Text, sign) {
					return true
				}
			}
		}
	case "tdnf", "microdnf", "zypper":
		return slices.ContainsFunc(words[1:], func(w shell.Word) bool { return strings.HasPrefix(w.Text, "go") })
	}
	return false
}
