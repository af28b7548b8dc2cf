package workload

import (
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/makefile"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// maxTargets bounds how many targets of a makefile are looked at.
const maxTargets = 200

// checkout is where people have the repository.
const checkout = "/checkout"

// Recipes are the lines that the targets of a makefile run, each target asked
// for by itself.
func Recipes(r *repo.Repo, f *source.File) []makefile.Line {
	word := func(s string) shell.Word { return shell.Word{Value: shell.Known(s, f.Line(1))} }
	env := shell.NewEnv(shell.Anything(shell.Reason{Text: "depends on who runs it"}))
	load := func(targets ...shell.Word) *makefile.Makefile {
		return makefile.Load(makefile.Call{
			Dir:  shell.Known(path.Join(checkout, path.Dir(f.Path)), f.Line(1)),
			Env:  env,
			Args: makefile.Args{Files: []shell.Word{word(path.Base(f.Path))}, Targets: targets},
			File: func(p string) *source.File { return r.File(strings.TrimPrefix(path.Clean(p), checkout+"/")) },
			Names: func(dir string) ([]string, bool) {
				return r.Names(path.Clean("." + strings.TrimPrefix(path.Clean(dir), checkout)))
			},
		})
	}
	var all []makefile.Line
	targets := load().Targets()
	for _, target := range targets[:min(len(targets), maxTargets)] {
		all = append(all, load(word(target)).Plan().Lines...)
	}
	return all
}
