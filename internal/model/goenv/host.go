package goenv

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Variables are those of the go command that rules ask for. Where nothing sets
// them, they are taken as not set.
func Variables() []string {
	return []string{"CGO_ENABLED", "GO111MODULE", "GOCACHE", "GOENV", "GOFLAGS", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMCHECK",
		"GONOSUMDB", "GONOVERIFY", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOVCS", "GOWORK"}
}

// host is a machine with a checkout of the repository, on which commands run
// one after the other.
type host struct {
	repo  *repo.Repo
	place Place
	// at returns the path in the repository of an absolute path; false where
	// the checkout does not reach or is not what the repository holds.
	at      func(abs string) (string, bool)
	arrived []fact.Note

	// releases are the Go that may be first in PATH; one unknown fact where
	// that is not known.
	releases []fact.Fact[knowledge.GoVersion]
	written  settings
	trail    []fact.Note // how the commands are reached
	certain  bool
	vendored bool // a vendor folder may have been made
	edited   bool // go.mod or go.work may have changed
	runs     []*Run
}

// maxRuns bounds the runs of one job, makefile or script.
const maxRuns = 5000

// settings are what go env -w wrote.
type settings map[string]fact.Fact[string]

func (h *host) world() commands.World {
	file := func(abs string) *source.File {
		if p, ok := h.at(abs); ok {
			return h.repo.File(p)
		}
		return nil
	}
	names := func(dir string) ([]string, bool) {
		if p, ok := h.at(dir); ok {
			names, all := h.repo.Names(p)
			return names, all && !h.vendored && !h.edited
		}
		return nil, false
	}
	return commands.World{Ran: h.ran, File: file, Names: names}
}

func (h *host) ran(c commands.Ran) {
	defer func() { h.vendored = h.vendored || vendors(c.Words) }()
	switch name := c.Name(); {
	case IsGo(name) && len(c.Words) > 1:
		h.goCommand(c)
	case installsGo(c.Words, "/usr/local/go") || managesGo(c.Words):
		h.releases = unknownRelease()
	case edits(c.Words):
		h.edited = true
	}
}

func unknownRelease() []fact.Fact[knowledge.GoVersion] {
	return []fact.Fact[knowledge.GoVersion]{{}}
}

// managesGo reports whether a package manager may install Go.
func managesGo(words []shell.Word) bool {
	switch path.Base(words[0].Text) {
	case "apt", "apt-get", "apk", "dnf", "yum", "pacman", "snap", "choco", "port", "conda":
		return slices.ContainsFunc(words[1:], func(w shell.Word) bool {
			return w.Text == "go" || strings.HasPrefix(w.Text, "golang") || strings.HasPrefix(w.Text, "go=")
		})
	}
	return false
}

// edits reports whether a command may change the version or module that later
// ones see: another commit, an edited go.mod.
func edits(words []shell.Word) bool {
	switch name := path.Base(words[0].Text); name {
	case "git":
		return len(words) > 1 && slices.Contains([]string{"checkout", "switch", "reset", "merge", "rebase", "pull", "apply", "am", "stash", "restore"}, words[1].Text)
	case "cat", "grep", "egrep", "echo", "printf", "ls", "test", "[", "[[", "awk", "gawk", "cut", "head", "tail", "diff", "cmp", "sha256sum", "wc", "cd", "dirname", "basename", "jq", "yq":
		return false
	}
	return slices.ContainsFunc(words, func(w shell.Word) bool {
		return strings.Contains(w.Text, "go.mod") || strings.Contains(w.Text, "go.work")
	})
}

// vendors reports whether a command may make a vendor folder.
func vendors(words []shell.Word) bool {
	return slices.ContainsFunc(words[1:], func(w shell.Word) bool {
		return strings.Contains(w.Text, "vendor") && !strings.Contains(w.Text, "-mod")
	})
}

// goCommand takes in a call of the go command, once for every release that may
// run.
func (h *host) goCommand(c commands.Ran) {
	written := h.written
	vars := func(name string) fact.Fact[string] { return written.over(name, variable(c, name)) }
	run := Run{
		Command: gocmd.Parse(goWords(c.Words[1:]), Flags(vars("GOFLAGS"))), Trail: slices.Concat(h.trail, c.Trail), Place: h.place, Vars: vars,
		Certain: h.certain && !c.Conditional && !c.StatusIgnored,
	}
	if run.Verb == "" || len(h.runs) >= maxRuns {
		return
	}
	run.At = c.Words[0].At
	if run.VerbAt.Valid() && run.VerbAt.File == run.At.File {
		run.At = run.At.Cover(run.VerbAt)
	}
	h.locate(&run, c)
	for _, release := range h.releases {
		one := run
		one.Go = release
		h.runs = append(h.runs, &one)
	}
	h.written = written.after(run.Command)
	if run.Verb == "mod edit" || run.Verb == "get" || run.Verb == "mod init" || strings.HasPrefix(run.Verb, "work ") {
		h.edited = true
	}
}

// locate finds the module that a command works in.
func (h *host) locate(run *Run, c commands.Ran) {
	if h.edited || !c.Dir.Known() {
		return
	}
	dir := c.Dir.Text
	if d, set := run.Command.Dir(); set {
		if !d.Known {
			return
		}
		dir = join(dir, d.Text)
	}
	p, ok := h.at(path.Clean(dir))
	if !ok {
		return
	}
	tree := goprogram.Tree.Of(h.repo)
	gowork := run.Getenv("GOWORK")
	switch {
	case gowork.Is(func(v string) bool { return v == "off" }):
	case gowork.Is(func(v string) bool { return v == "" || v == "auto" }):
		run.Work = tree.WorkspaceOf(p)
	default:
		return
	}
	run.Module, run.Arrived = tree.Of(p), h.arrived
	if run.Module != nil {
		run.VendorMissing = !h.vendored && h.repo.Has(path.Join(run.Module.Dir, "vendor")) == repo.Absent
	}
}

func join(dir, p string) string {
	if path.IsAbs(p) {
		return p
	}
	return path.Join(dir, p)
}

func goWords(in []shell.Word) []gocmd.Word {
	out := make([]gocmd.Word, len(in))
	for i, w := range in {
		out[i] = gocmd.Word{Text: w.Prefix(), Known: w.Exact(), Many: w.Many, At: w.At}
	}
	return out
}

// Flags is GOFLAGS as the reader of command lines wants it.
func Flags(f fact.Fact[string]) gocmd.Word {
	w := gocmd.Word{Text: f.Value, Known: f.Known(), Many: !f.Known()}
	if len(f.Why) > 0 {
		w.At = last(f.Why)
	}
	return w
}

// variable is what a command sees of a variable.
func variable(c commands.Ran, name string) fact.Fact[string] {
	v := c.Getenv(name)
	switch {
	case v.Set == shell.No:
		return fact.Of("", fact.Medium)
	case v.Set != shell.Yes || !v.Known():
		return fact.Not[string](noteAt(v.Why.At, name+" is not known: "+v.Why.Text))
	case !v.At.Valid():
		return fact.Of(v.Text, fact.Medium)
	}
	return fact.Of(v.Text, fact.High, noteAt(defined(c, v.At), name+"="+v.Text))
}

// defined returns where make has a text that stands for a reference in a
// recipe: GOSUMDB=off of GO = GOSUMDB=off go.
func defined(c commands.Ran, at source.Span) source.Span {
	for _, u := range c.Uses {
		if u.Ref == at && u.Value.At.Valid() {
			return u.Value.At
		}
	}
	return at
}

// over returns a variable with what go env -w wrote beneath it: an empty
// variable counts as not set (cmd/go/internal/cfg, Getenv).
func (s settings) over(name string, env fact.Fact[string]) fact.Fact[string] {
	if f, ok := s[name]; ok && env.Known() && env.Value == "" {
		return f
	}
	return env
}

// after returns the settings behind a go command.
func (s settings) after(c gocmd.Command) settings {
	write, _ := c.Bool("w")
	unset, _ := c.Bool("u")
	if c.Verb != "env" || !write && !unset {
		return s
	}
	next := settings{}
	for name, f := range s {
		next[name] = f
	}
	for _, arg := range c.Args {
		name, value, _ := strings.Cut(arg.Text, "=")
		switch {
		case unset && arg.Known:
			delete(next, name)
		case arg.Known:
			next[name] = fact.Of(value, fact.High, fact.Note{At: arg.At, Text: "sets " + name + "=" + value + " for later commands"})
		default:
			next[name] = fact.Not[string](fact.Note{At: arg.At, Text: name + " is not known"})
		}
	}
	return next
}

func noteAt(at source.Span, text string) fact.Note { return fact.Note{At: at, Text: text} }

// bareEnv is an environment in which none of the go command's variables is
// set, and nothing else is known.
func bareEnv() *shell.Env {
	env := shell.NewEnv(shell.Anything(shell.Reason{Text: "depends on who runs it"}))
	for _, name := range Variables() {
		env = env.With(name, shell.Var{})
	}
	return env
}

// openEnv is an environment in which any of them may be set otherwise.
func openEnv(env *shell.Env, why shell.Reason) *shell.Env {
	for _, name := range Variables() {
		env = env.With(name, shell.Anything(why))
	}
	return env
}
