package goenv

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/model/commands"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/goreleaser"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
	"github.com/goseaworthy/seaworthy/internal/syntax/workflow"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// goreleaser runs a step that runs GoReleaser.
func (w *job) goreleaser(s *workflow.Step) {
	arguments, given := s.With.Get("args")
	words := strings.Fields(arguments.Value.Text)
	if given && (len(words) == 0 || words[0] != "release" && words[0] != "build" && words[0] != "r") {
		return
	}
	folder := workspace
	if dir, ok := s.With.Get("workdir"); ok {
		if !dir.Value.Known {
			return
		}
		folder = join(workspace, dir.Value.Text)
	}
	p, ok := w.inRepo(path.Clean(folder))
	if !ok {
		return
	}
	if f := w.repo.File(configOf(w.repo, p, words)); f != nil {
		w.trail = append(w.trail, noteAt(s.Uses.At, "runs GoReleaser"))
		w.release(f.Path, path.Clean(folder), w.with(w.env, s.Env, nil))
		w.trail = nil
	}
}

// configOf returns the path of the configuration that GoReleaser reads
// (cmd/config.go, loadConfig).
func configOf(r *repo.Repo, dir string, words []string) string {
	for i, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if name != "-f" && name != "--config" {
			continue
		}
		if !ok && i+1 < len(words) {
			value = words[i+1]
		}
		return path.Join(dir, value)
	}
	for _, name := range []string{".config/goreleaser.yml", ".config/goreleaser.yaml", ".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"} {
		if r.Has(path.Join(dir, name)) == repo.IsFile {
			return path.Join(dir, name)
		}
	}
	return ""
}

// release runs the hooks and builds of a configuration in a folder.
func (h *host) release(config, folder string, env *shell.Env) {
	file := repo.GoReleasers.Of(h.repo)[config]
	if file == nil {
		return
	}
	c := goreleaser.Read(file)
	if c == nil {
		return
	}
	env = assigned(env, c.Env)
	for _, hook := range c.Before {
		h.hook(hook, folder, env)
	}
	if c.Proxy.Given() && !c.Proxy.Is("false") {
		return // builds the published module, elsewhere
	}
	for _, b := range c.Builds {
		h.build(b, folder, env)
	}
}

func (h *host) hook(k goreleaser.Hook, folder string, env *shell.Env) {
	if !k.Command.Known {
		return
	}
	dir := shell.Known(folder, source.Span{})
	if k.Dir.Given() {
		dir = shell.Unknown(k.Dir.At, "the folder is computed")
		if k.Dir.Known {
			dir = shell.Known(path.Join(folder, k.Dir.Text), k.Dir.At)
		}
	}
	h.world().Shell(&k.Command.Joined, shell.POSIX, shell.State{Env: assigned(env, k.Env), Dir: dir, Opts: shell.Options{ErrExit: shell.Yes}})
}

// build runs one entry of builds.
func (h *host) build(b *goreleaser.Build, folder string, env *shell.Env) {
	own := func(v yamlfile.Value, otherwise string) bool { return v.Given() && !v.Is(otherwise) }
	if !b.ByGo() || own(b.Tool, "go") || own(b.Dir, ".") && !b.Dir.Known {
		return
	}
	at := b.At.File.Line(b.At.Begin().Line)
	at = at.File.Span(b.At.Start, min(b.At.End, at.End))
	for _, v := range []yamlfile.Value{b.Main, b.Binary, b.ID} {
		if v.Given() {
			at = v.At
			break
		}
	}
	verb := "build"
	if b.Command.Given() {
		verb = b.Command.Text
	}
	words := []shell.Word{{Value: shell.Known("go", at)}, {Value: shell.Known(verb, at)}}
	for _, flag := range b.Flags.Items {
		words = append(words, word(flag))
	}
	main := shell.Word{Value: shell.Known(".", at)}
	if b.Main.Given() {
		main = word(b.Main)
	}
	c := shell.Command{Words: append(words, main), Env: assigned(env, b.Env), Dir: shell.Known(path.Join(folder, b.Dir.Text), at), At: at}
	h.goCommand(commands.Ran{Command: c})
}

func word(v yamlfile.Value) shell.Word {
	if !v.Known {
		return shell.Word{Value: shell.Unknown(v.At, "is a template")}
	}
	return shell.Word{Value: shell.Known(v.Text, v.At)}
}

// assigned adds the variables of a configuration.
func assigned(env *shell.Env, d yamlfile.Dict) *shell.Env {
	for _, item := range d.Items {
		switch {
		case !item.Name.Known:
		case item.Value.Known:
			env = env.Export(item.Name.Text, shell.Known(item.Value.Text, item.Value.At))
		default:
			env = env.Export(item.Name.Text, shell.Unknown(item.Value.At, "is a template"))
		}
	}
	return env
}

// looseRuns returns the go commands of files that nobody is seen to call: those
// of GoReleaser, of the default targets of makefiles, of scripts. reached are
// the places at which commands are listed already.
func looseRuns(r *repo.Repo, reached map[source.Span]bool) []*Run {
	var runs []*Run
	add := func(h *host) {
		for _, run := range h.runs {
			if !reached[run.At] {
				runs = append(runs, run)
			}
		}
	}
	for _, config := range slices.Sorted(maps.Keys(repo.GoReleasers.Of(r))) {
		h := newHost(r, Release)
		h.release(config, path.Join(checkoutDir, goreleaser.Root(config)), bareEnv())
		add(h)
	}
	for _, f := range r.Of(repo.Makefile) {
		h := newHost(r, Recipe)
		name := shell.Word{Value: shell.Known("make", f.Line(1))}
		file := shell.Word{Value: shell.Known(path.Base(f.Path), f.Line(1))}
		flag := shell.Word{Value: shell.Known("-f", f.Line(1))}
		h.world().Exec([]shell.Word{name, flag, file}, shell.State{Env: bareEnv(), Dir: shell.Known(path.Join(checkoutDir, path.Dir(f.Path)), source.Span{})})
		for _, run := range h.runs {
			run.Trail = run.Trail[min(1, len(run.Trail)):] // our own call of make
		}
		add(h)
	}
	for _, f := range r.Of(repo.Script) {
		if dialect, _, ok := shell.Shebang(f.Data()); ok && f.Err() == nil {
			h := newHost(r, Script)
			text := &source.Joined{}
			text.Append(f.Span(0, len(f.Data())))
			h.world().Shell(text, dialect, shell.State{Env: bareEnv(), Dir: shell.Unknown(source.Span{}, "depends on where the script is started")})
			add(h)
		}
	}
	return runs
}

// checkoutDir is where people have the repository.
const checkoutDir = "/checkout"

func newHost(r *repo.Repo, place Place) *host {
	h := &host{repo: r, place: place, releases: unknownRelease(), certain: true}
	h.at = func(abs string) (string, bool) {
		rel, ok := strings.CutPrefix(abs+"/", checkoutDir+"/")
		return path.Clean("./" + rel), ok
	}
	return h
}
