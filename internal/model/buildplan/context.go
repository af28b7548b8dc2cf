package buildplan

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
)

// Context is the folder that a build is given.
type Context struct {
	// Dir is its path in the repository; empty for a folder that is made for
	// the build.
	Dir    string
	Ignore *dockerignore.File
	// Why says how we know; the confidence of what rests on it.
	Why fact.Fact[string]

	repo *repo.Repo
	// files is what a machine has when it builds, folder the place of the
	// context there; nil where that is what the repository has.
	files  *Tree
	folder string
	// built says what others build into the repository. It may be nil.
	built *outside
}

// newContext returns the folder that a call gives to the builder, with the
// .dockerignore in force: the one beside the Dockerfile replaces the one at the
// root of the context (Docker reference, "dockerignore").
func newContext(r *repo.Repo, file *dockerfile.File, call Call) *Context {
	dir := call.Context
	if !dir.Known() && call.files == nil {
		dir = guessContext(r, file)
	}
	if !dir.Known() && call.files == nil {
		return nil
	}
	c := &Context{Dir: dir.Value, Why: dir, repo: r, files: call.files, folder: call.folder, built: outsides.Of(r)}
	ignores := repo.Dockerignores.Of(r)
	c.Ignore = ignores[file.Source.Path+".dockerignore"]
	if c.Ignore == nil {
		if o := c.Lookup(".dockerignore"); o.Kind == FromContext {
			c.Ignore = ignores[o.Path]
		}
	}
	return c
}

// Lookup says what a path of the context is.
func (c *Context) Lookup(p string) Origin {
	budget := maxVisits
	return c.lookup(path.Clean(p), &budget)
}

// lookup is stopped where the budget does not suffice to ask .dockerignore.
func (c *Context) lookup(p string, budget *int) Origin {
	o := c.given(p, budget)
	if *budget -= c.Ignore.Cost(p); *budget < 0 {
		return Origin{}
	}
	if ignored, _ := c.Ignore.Ignores(p); ignored && !o.Dir { // of a folder, some files may be taken back in
		return Origin{Kind: Absent}
	}
	return o
}

// outputs returns the programs that others build to a path of the context or
// below it, by their path from there. They count where a Dockerfile asks for a
// path that is not in the repository; exact is false where what is built there
// is not known.
func (c *Context) outputs(p string) (found map[string]*Binary, exact bool) {
	if c.built == nil || c.Dir == "" {
		return nil, true
	}
	found, exact = map[string]*Binary{}, true
	at := path.Join(c.Dir, p)
	for name := range c.built.programs {
		rest, ok := under(at, name)
		if ignored, _ := c.Ignore.Ignores(path.Join(p, rest)); !ok || ignored {
			continue
		}
		if b := c.built.program(name); b != nil {
			found[rest] = b
		} else {
			exact = false
		}
	}
	return found, exact
}

// given says what is there before .dockerignore is asked.
func (c *Context) given(p string, budget *int) Origin {
	if c.files != nil {
		return c.files.lookup(path.Join(c.folder, p), budget)
	}
	at := path.Join(c.Dir, p)
	switch c.repo.Has(at) {
	case repo.IsFile:
		return Origin{Kind: FromContext, Path: at}
	case repo.IsDir:
		return Origin{Kind: FromContext, Path: at, Dir: true}
	case repo.Absent:
		if at == ".git" || strings.HasPrefix(at, ".git/") {
			return Origin{} // what is checked may be a copy without it
		}
		return Origin{Kind: Absent}
	}
	return Origin{} // left out by .gitignore: who builds may have made it
}

// list adds the names in a folder of the context.
func (c *Context) list(dir string, names map[string]bool, budget *int) (all bool) {
	if c.files != nil {
		return c.files.list(path.Join(c.folder, dir), names, budget)
	}
	found, all := c.repo.Names(path.Join(c.Dir, dir))
	for _, name := range found {
		names[name] = true
	}
	return all
}

// guessContext decides, where nobody is seen to build, between the folder of
// the Dockerfile and those above it: the context is the one that holds all that
// is copied from it and, where it is copied as a whole, what is built. Where
// several do, it is the one with the go.mod of what is built, unless the folder
// of the Dockerfile holds Go files that can be built without one; a folder that
// holds both its Dockerfile and its go.mod is a context of its own.
func guessContext(r *repo.Repo, file *dockerfile.File) fact.Fact[string] {
	dir := path.Dir(file.Source.Path)
	if dir == "." {
		return fact.Of(".", fact.Medium)
	}
	var fit, modules []string
	for d := dir; ; d = path.Dir(d) {
		if fits(r, file, d) {
			fit = append(fit, d)
			if isModule(r, d) {
				modules = append(modules, d)
			}
		}
		if d == "." {
			break
		}
	}
	switch {
	case len(fit) == 1:
		return fact.Of(fit[0], fact.Medium)
	case !copiesAll(file) || !buildsGo(file) || len(modules) == 0:
	case modules[0] == dir, len(modules) == 1 && !hasGoFiles(r, dir):
		return fact.Of(modules[0], fact.Medium)
	}
	return fact.Not[string](fact.Note{At: file.Source.Line(1), Text: "which folder is the build context is not known"})
}

func isModule(r *repo.Repo, dir string) bool {
	return r.Has(path.Join(dir, "go.mod")) == repo.IsFile || r.Has(path.Join(dir, "go.work")) == repo.IsFile
}

// fits reports whether a folder holds all that is copied from the context.
func fits(r *repo.Repo, file *dockerfile.File, dir string) bool {
	for _, ins := range file.Instructions {
		if ins.Copy == nil || ins.Copy.From.Given() {
			continue
		}
		for i := range ins.Copy.Sources {
			src := ins.Copy.Sources[i].Text
			if strings.ContainsAny(src, "$*?[\\\"'") || remote(src) {
				continue
			}
			if r.Has(path.Join(dir, strings.TrimLeft(src, "/"))) == repo.Absent {
				return false
			}
		}
	}
	return !copiesAll(file) || holdsBuilt(r, file, dir)
}

// holdsBuilt reports whether a folder holds the makefile, or the packages, that
// the first commands name which build in the copy of it. What is built after a
// change of folder does not tell.
func holdsBuilt(r *repo.Repo, file *dockerfile.File, dir string) bool {
	for _, ins := range file.Instructions {
		if ins.Cmd != "RUN" || ins.Command == nil || ins.Command.JSON {
			continue
		}
		text := ins.Command.Shell.Text
		switch m := built.FindStringSubmatch(text); {
		case strings.Contains(text, "cd ") || strings.Contains(text, " -C"):
			return true
		case m != nil && m[1] != "":
			return slices.ContainsFunc([]string{"Makefile", "makefile", "GNUmakefile"}, func(name string) bool {
				return r.Has(path.Join(dir, name)) == repo.IsFile
			})
		case m != nil && strings.HasSuffix(m[2], ".go"):
			return r.Has(path.Join(dir, m[2])) == repo.IsFile
		case m != nil && !strings.ContainsAny(m[2], "$*") && !strings.Contains(m[2], "..."):
			return hasGoFiles(r, path.Join(dir, m[2]))
		}
	}
	return true
}

// built finds a call of make, or of the go command with the package that it
// builds at the end.
var built = regexp.MustCompile(`(?m)(?:^|[;&|]\s*|\s)(make)(?:\s|$)|\bgo (?:build|install)\b[^;&|\n]*\s(\.\S*|\S+\.go)\s*(?:$|[;&|\n])`)

func buildsGo(file *dockerfile.File) bool {
	return slices.ContainsFunc(file.Instructions, func(ins *dockerfile.Instruction) bool {
		return ins.Cmd == "RUN" && (strings.Contains(ins.Args.Text, "go ") || strings.Contains(ins.Args.Text, "make"))
	})
}

func hasGoFiles(r *repo.Repo, dir string) bool {
	return slices.ContainsFunc(r.Dir(dir), func(e repo.Entry) bool { return path.Ext(e.Path) == ".go" })
}

// copiesAll reports whether the context as a whole is copied, so that its
// go.mod is the one that is built.
func copiesAll(file *dockerfile.File) bool {
	for _, ins := range file.Instructions {
		if ins.Copy == nil || ins.Copy.From.Given() {
			continue
		}
		for i := range ins.Copy.Sources {
			if src := path.Clean(ins.Copy.Sources[i].Text); src == "." || src == "/" {
				return true
			}
		}
	}
	return false
}

// platformArgs are the platform arguments of a build. The builder runs on what
// it builds for, as on a developer's machine and in most pipelines.
func platformArgs(platform string) map[string]*dockerfile.Variable {
	parts := strings.SplitN(platform+"//", "/", 4)
	args := map[string]*dockerfile.Variable{}
	for _, side := range []string{"BUILD", "TARGET"} {
		for name, value := range map[string]string{"PLATFORM": platform, "OS": parts[0], "ARCH": parts[1], "VARIANT": parts[2]} {
			args[side+name] = &dockerfile.Variable{Text: value, Set: true, Known: true, Overridable: true}
		}
	}
	return args
}

// baseEnv is the environment of the image that a stage starts from. Of a known
// image we know that it sets nothing else that matters to a build.
func (p *Plan) baseEnv(_ *dockerfile.Stage, image dockerfile.Expansion) dockerfile.Lookup {
	if !image.Known {
		return nil
	}
	ref, err := knowledge.ParseRef(image.Text)
	if err != nil {
		return nil
	}
	known := p.repo.Knowledge().Image(ref)
	if !known.Known {
		return nil
	}
	return func(name string) *dockerfile.Variable {
		value, ok := known.Env[name]
		switch {
		case ok:
		case name == "PATH":
			value, ok = known.Path, known.Path != ""
		case name == "GOPATH":
			value, ok = known.GOPATH, known.GOPATH != ""
		case name == "GOTOOLCHAIN":
			value, ok = known.GOTOOLCHAIN, known.GOTOOLCHAIN != ""
		}
		if !ok {
			if strings.HasSuffix(name, "_VERSION") {
				return &dockerfile.Variable{} // GOLANG_VERSION and the like
			}
			return nil
		}
		return &dockerfile.Variable{Text: value, Set: true, Known: true, At: source.Span{}}
	}
}
