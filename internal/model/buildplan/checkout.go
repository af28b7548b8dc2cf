package buildplan

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/goprogram"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerignore"
)

// Checkout is the root of the repository as it was copied into a stage, from
// where a go command takes the version of the program.
type Checkout struct {
	Copy    *Transfer
	Context *Context
}

// Checkout returns the copy of the repository's root in which g works; ok is
// false where there is none, or its .git is left out.
func (g *GoCommand) Checkout() (Checkout, bool) {
	c := g.Plan.Context
	if c == nil || c.Dir != "." || c.files != nil || g.Dir == "" || g.Stage.Syntax == nil {
		return Checkout{}, false
	}
	for st := g.Stage; st != nil; st = st.Base {
		for i := range st.Transfers {
			t := &st.Transfers[i]
			whole := t.From == nil && t.FromImage == "" && t.Known && path.Clean(strings.TrimLeft(t.Source, "/")) == "." && t.Instruction.Copy != nil
			if _, inside := under(path.Clean(t.Dest), g.Dir); !whole || t.Dest == "" || !inside || len(t.Instruction.Copy.Exclude) > 0 {
				continue
			}
			k := Checkout{Copy: t, Context: c}
			return k, k.keeps()
		}
	}
	return Checkout{}, false
}

// keeps reports whether anything of .git is in the context.
func (k Checkout) keeps() bool {
	ignored, _ := k.Context.Ignore.Ignores(".git")
	if !ignored {
		return true
	}
	return k.Context.Ignore != nil && slices.ContainsFunc(k.Context.Ignore.Patterns, func(p dockerignore.Pattern) bool {
		return p.Invert && (p.Text == ".git" || strings.HasPrefix(p.Text, ".git/"))
	})
}

// Broken returns the line that leaves out a part of .git without which git does
// not take it for a repository: HEAD, objects, refs.
func (k Checkout) Broken() (dockerignore.Pattern, bool) {
	for _, part := range []string{".git/HEAD", ".git/objects/pack", ".git/refs/heads"} {
		if ignored, by := k.Context.Ignore.Ignores(part); ignored {
			return by, true
		}
	}
	return dockerignore.Pattern{}, false
}

// Dirty returns the line that leaves out a file which git knows, so that git
// takes it for removed, and the file.
func (k Checkout) Dirty() (dockerignore.Pattern, string, bool) {
	if k.Context.Ignore == nil {
		return dockerignore.Pattern{}, "", false
	}
	l := leftOut.Of(k.Context.repo).of(k.Context)
	return l.by, l.path, l.path != ""
}

// left is a file that a .dockerignore file leaves out; path is "" for none.
type left struct {
	by   dockerignore.Pattern
	path string
}

// leftOut keeps the first of them for each .dockerignore file: many images
// share one, and it takes all files of the repository.
var leftOut = repo.NewModel(func(*repo.Repo) *leftByFile { return &leftByFile{} })

type leftByFile struct {
	firsts sync.Map // *dockerignore.File → func() left
}

func (l *leftByFile) of(c *Context) left {
	first, _ := l.firsts.LoadOrStore(c.Ignore, sync.OnceValue(func() left { return firstLeft(c.repo, c.Ignore) }))
	return first.(func() left)()
}

// maxMatches bounds the patterns that are compared with paths for one file. It
// takes some seconds.
const maxMatches = 2_000_000

func firstLeft(r *repo.Repo, ignore *dockerignore.File) left {
	if ignored, by := ignore.Ignores(".git/index"); ignored {
		return left{by, ".git/index"}
	}
	matches := 0
	for _, dir := range r.Dirs() {
		for _, e := range r.Dir(dir) {
			if e.Dir || r.Has(e.Path) != repo.IsFile {
				continue
			}
			if matches += ignore.Cost(e.Path); matches > maxMatches {
				return left{}
			}
			if ignored, by := ignore.Ignores(e.Path); ignored {
				return left{by, e.Path}
			}
		}
	}
	return left{}
}

// HasGit says whether git is there when g runs.
func (g *GoCommand) HasGit() fact.Fact[bool] {
	st := g.Stage
	if !st.Image.Known() {
		return fact.Not[bool]()
	}
	for _, in := range st.Installs {
		if (in.Package == "git" || in.Package == "") && g.comesBefore(in.At) {
			if in.Package == "" || in.Maybe {
				return fact.Not[bool]()
			}
			return fact.Of(true, fact.High, fact.Note{At: in.At, Text: "installs git"})
		}
	}
	switch there := st.Image.Value.Tool("git"); {
	case there == knowledge.Yes:
		return fact.Then(st.Image, true)
	case there == knowledge.No && len(st.Opaque) == 0:
		for _, in := range st.Installs {
			if !plain[in.Package] {
				return fact.Not[bool]() // may depend on git
			}
		}
		return fact.Then(st.Image, false)
	}
	return fact.Not[bool]()
}

// Trusts reports whether a command of the stage tells git to trust folders of
// others.
func (st *Stage) Trusts() bool {
	for ; st != nil; st = st.Base {
		for _, c := range st.Commands {
			for _, w := range c.Words {
				if strings.Contains(w.Text, "safe.directory") {
					return true
				}
			}
		}
	}
	return false
}

// Root reports whether the commands of the stage run as root, as far as it is
// known: nobody says otherwise.
func (st *Stage) Root() bool {
	return st.lastUser == nil && (st.Image.Value.DefaultUser == "0" || st.Image.Value.DefaultUser == "root")
}

// ReadsBuildInfo says where the program of a binary asks for its version.
func (b *Binary) ReadsBuildInfo() fact.Fact[bool] {
	l := b.Link()
	if l.Closure == nil {
		return fact.Not[bool]()
	}
	for _, p := range ownPackages(l.Closure) {
		if reads := p.Calls(b.target(), "runtime/debug", "ReadBuildInfo"); len(reads) > 0 {
			way := goprogram.Notes(l.Closure.To(p), "")
			return fact.Of(true, fact.Medium, append(way, fact.Note{At: reads[0].At, Text: "reads the version"})...)
		}
	}
	return fact.Not[bool]()
}
