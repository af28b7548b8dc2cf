package buildplan

import (
	"path"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// koRun is one call of ko, with what it is told.
type koRun struct {
	repo    *repo.Repo
	machine koMachine
	dir     string // where it is called
	env     *shell.Env
	at      fact.Note
	trail   []fact.Note
	options options
	// config is the .ko.yaml in force; open says that it is not known.
	config *koFile
	open   bool
	// files are those of the repository that it is given, or folders of them.
	files     []string
	recursive bool
}

// koVerbs are the commands of ko that make images, and whether they are given
// programs; the others are given files with references.
var koVerbs = map[string]bool{"build": true, "publish": true, "run": true, "resolve": false, "apply": false, "create": false}

// koOptions are the options of ko that take a value (pkg/commands/options).
const koOptions = `jobs j sbom sbom-dir platform image-label image-annotation image-user tags t oci-layout-path tarball image-refs ldflags
	filename f selector l`

// koPackages are the programs that "go run" and "go tool" know ko by.
var koPackages = words("github.com/google/ko github.com/ko-build/ko github.com/google/ko/cmd/ko github.com/google/go-containerregistry/cmd/ko ko")

// koWords returns the words behind ko of a command that calls it. Its name may
// come from a variable KO of the shell or of make, of which uses are those.
func (c *Command) koWords(uses []shell.Use) (rest []shell.Word, ok bool) {
	first := c.Words[0]
	named := func(u shell.Use) bool { return u.Name == "KO" && first.At.Contains(u.Ref) }
	switch {
	case c.name() == "ko", strings.HasSuffix(first.Text, "/ko"), !first.Exact() && (slices.ContainsFunc(first.Uses, named) || slices.ContainsFunc(uses, named)):
		return c.Words[1:], true
	case c.Go != nil && (c.Go.Verb == "run" || c.Go.Verb == "tool"):
		for i, w := range c.Words[1:] {
			if name, _, _ := strings.Cut(w.Text, "@"); koPackages[name] {
				return c.Words[i+2:], true
			}
		}
	}
	return nil, false
}

// ko takes note of the images that a call of ko makes. One with a debugger is
// none that is shipped.
func (m *machine) ko(c *Command, uses []shell.Use) {
	rest, ok := c.koWords(uses)
	for ok && len(rest) > 0 && strings.HasPrefix(rest[0].Text, "-") {
		rest = rest[1:]
	}
	if len(rest) == 0 || !c.Dir.Known() {
		return
	}
	verb := rest[0]
	programs, known := koVerbs[verb.Text]
	if !known {
		return
	}
	rest = rest[1:]
	if end := slices.IndexFunc(rest, func(w shell.Word) bool { return w.Text == "--" }); end >= 0 {
		rest = rest[:end] // what follows is for kubectl
	}
	at := c.Words[0].At
	if verb.At.File == at.File {
		at = at.Cover(verb.At)
	}
	k := &koRun{
		repo: m.Plan.repo, machine: m.koMachine(), dir: path.Clean(c.Dir.Text), env: c.Env, trail: c.Trail,
		at: fact.Note{At: at, Text: "makes the image"}, options: getopt(rest, words(koOptions)),
	}
	if k.options.has("debug") || !at.Valid() {
		return
	}
	k.configure(m.Tree)
	if programs {
		m.kos = append(m.kos, k.images(maxKoImages-len(m.kos))...)
		return
	}
	m.koRuns = append(m.koRuns, k)
	k.takes()
}

// takes notes the files and folders that a call is given.
func (k *koRun) takes() {
	k.recursive = k.options.has("R", "recursive")
	for _, o := range k.options.list {
		if o.name != "f" && o.name != "filename" {
			continue
		}
		for name := range strings.SplitSeq(o.value.Text, ",") {
			if origin := k.machine.files.Lookup(join(k.dir, name)); origin.Kind == FromContext {
				k.files = append(k.files, origin.Path)
			}
		}
	}
}

// images are those of the programs that a call names: without any, that of the
// folder. There are at most so many.
func (k *koRun) images(most int) []*koImage {
	args := k.options.operands
	if len(args) == 0 {
		args = []shell.Word{fixed(".", k.at.At)}
	}
	var images []*koImage
	for _, w := range args {
		if !w.Exact() || len(images) >= most {
			continue
		}
		at := k.at.At
		if w.At.Valid() {
			at = w.At
		}
		if in, ok := k.image(k.program(w.Text), at); ok {
			images = append(images, in)
		}
	}
	return images
}

// program returns the program that an argument names, by its folder or its
// import path, or nil.
func (k *koRun) program(arg string) *goprogram.Package {
	name := strings.TrimPrefix(arg, koScheme)
	if name != "." && name != ".." && !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") {
		return koPrograms.Of(k.repo)[name]
	}
	return k.in(join(k.dir, name))
}

// in returns the program in a folder of the machine, or nil.
func (k *koRun) in(dir string) *goprogram.Package {
	o := k.machine.files.Lookup(dir)
	if o.Kind != FromContext || !o.Dir {
		return nil
	}
	p := goprogram.Packages.Of(k.repo).In(o.Path)
	if p == nil || p.Module == nil || p.Name(goprogram.Linux) != "main" {
		return nil
	}
	return p
}

// koPrograms are the programs of the repository by their import paths; nil where
// two have the same.
var koPrograms = repo.NewModel(func(r *repo.Repo) map[string]*goprogram.Package {
	programs := map[string]*goprogram.Package{}
	for _, p := range goprogram.Packages.Of(r).Mains() {
		if _, two := programs[p.Path]; two || p.Module == nil {
			programs[p.Path] = nil
		} else {
			programs[p.Path] = p
		}
	}
	return programs
})

// KoProgram returns the program of the repository that a reference to an image
// of ko means, or nil.
func KoProgram(r *repo.Repo, importPath string) *goprogram.Package {
	return koPrograms.Of(r)[importPath]
}

// configure finds the .ko.yaml in force: the one that KO_CONFIG_PATH names, or
// that of the folder in which ko is called (pkg/commands/options/build.go,
// LoadConfig). Now are the files at this moment: some scripts write it.
func (k *koRun) configure(now *Tree) {
	given := k.env.Getenv("KO_CONFIG_PATH")
	switch {
	case given.Set == shell.No || given.Set == shell.Yes && given.Text == "":
		k.configIn(k.dir, now)
	case given.Set == shell.Yes && given.Known():
		at := join(k.dir, given.Text)
		if k.machine.files.Lookup(at).Dir {
			at = path.Join(at, ".ko.yaml")
		}
		if k.open = true; k.read(at, now) {
			k.open = false
		}
	default:
		k.open = true
	}
}

func (k *koRun) configIn(dir string, now *Tree) {
	for _, name := range []string{".ko.yaml", ".ko.yml"} {
		if at := path.Join(dir, name); k.read(at, now) {
			return
		} else if k.machine.files.Lookup(at).Kind != Absent || now.Lookup(at).Kind == Made {
			k.open = true
			return
		}
	}
}

// read reads a configuration, if one is there that nothing has written.
func (k *koRun) read(at string, now *Tree) bool {
	o := k.machine.files.Lookup(at)
	if o.Kind != FromContext || o.Dir || now.Lookup(at).Kind == Made {
		return false
	}
	k.config = koFiles.Of(k.repo).at(k.repo, o.Path)
	return k.config != nil
}
