package module

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gocmd"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GoflagsModMod reports -mod=mod, on the command line or in GOFLAGS, for builds
// and tests in images and workflows, and wherever there is a workspace.
//
// # Why
//
// With -mod=mod the go command mends go.mod and go.sum on the fly: it looks for
// modules that are missing, writes new checksums, and builds something that is
// not what was committed. It ignores the vendor folder. In a workspace it is
// an error.
//
// # Severity
//
//   - error: in a workspace, where the go command refuses it
//   - warning: elsewhere
//
// # Fix
//
// Delete the flag, run go mod tidy, and commit go.mod and go.sum.
//
// # When it is not a problem
//
// Commands that generate code, run or install a tool of another module or tidy up
// may need it: go generate, go run and go install of a package that is not of the
// module, and whatever a make target or script of such a name runs. Modules of tools, tests and
// benchmarks are left out, and commands with -modfile.
//
// # References
//
//   - https://go.dev/ref/mod#build-commands
//   - cmd/go/internal/modload/init.go of Go 1.26 (setDefaultBuildMod)
var GoflagsModMod = &rule.Rule{
	ID:       "module/goflags-mod-mod",
	Title:    "-mod=mod lets a build change go.mod and go.sum",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "environment"},
	Run: func(p *rule.Pass) {
		found := map[source.Span]bool{}
		for _, refused := range []bool{true, false} {
			for _, r := range gorun.Runs.Of(p.Repo) {
				flag, _, _ := r.Flag("mod")
				if mode(r) != "mod" || len(r.Problems) > 0 || found[flag.At] {
					continue
				}
				f, ok := modMod(r, refused)
				if !ok {
					continue
				}
				found[flag.At] = true
				f.At = flag.At
				p.Report(f)
			}
		}
	},
}

func modMod(r *goenv.Run, refused bool) (rule.Finding, bool) {
	flag, _, _ := r.Flag("mod")
	note := fact.Note{At: flag.At, Text: "lets the go command change go.mod and go.sum"}
	if refused {
		if r.Work == nil || !inWorkspaceMode(r) {
			return rule.Finding{}, false
		}
		f := rule.Finding{Severity: rule.Error, Message: "-mod=mod is refused in the workspace of " + r.Work.File.Source.Path}
		f.Result = `go: -mod may only be set to readonly or vendor when in workspace mode, but it is set to "mod"`
		workspace := fact.Note{At: r.Work.File.Source.Line(1), Text: "is the workspace"}
		return atRun(f, fact.Because(workspace, note), r, "fails"), true
	}
	if _, other, _ := r.Flag("modfile"); other || !builds(r) || r.Work != nil || r.Place != goenv.Image && r.Place != goenv.Job {
		return rule.Finding{}, false
	}
	f := rule.Finding{Severity: rule.Warning, Message: "-mod=mod lets go " + r.Verb + " change go.mod and go.sum"}
	if r.Module.VendorInEffect() {
		f.Message += ", and ignore the vendor folder"
	}
	return atRun(f, note, r, "builds what may not be committed"), true
}

// inWorkspaceMode reports whether a command looks at -mod in a workspace.
func inWorkspaceMode(r *goenv.Run) bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet", "list", "generate":
		return !foreign(r)
	}
	return false
}

var upkeep = regexp.MustCompile(`(?i)gen|tidy|tool|mock|dep|update|proto|fmt|lint`)

var aside = []string{"tools", "tool", "hack", "bench", "benchmark", "benchmarks", "test", "tests", "e2e", "examples", "scripts"}

// builds reports whether a command builds or tests the program itself.
func builds(r *goenv.Run) bool {
	if r.Module == nil || !compiles(r) || foreign(r) {
		return false
	}
	if r.Verb == "run" && len(r.Args) > 0 && !strings.HasPrefix(r.Args[0].Text, ".") || tool(r) {
		return false
	}
	if slices.ContainsFunc(r.Trail, func(n fact.Note) bool { return upkeep.MatchString(n.Text) }) || upkeep.MatchString(path.Base(r.At.File.Path)) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(r.Module.Dir, "/"), func(e string) bool { return slices.Contains(aside, strings.TrimLeft(e, "_.")) })
}

// tool reports whether all that a command builds is of other modules, by its
// import path.
func tool(r *goenv.Run) bool {
	return len(r.Args) > 0 && !slices.ContainsFunc(r.Args, func(a gocmd.Word) bool {
		host, _, _ := strings.Cut(a.Text, "/")
		own := strings.HasPrefix(a.Text+"/", r.Module.Path()+"/")
		return own || host == a.Text || strings.HasPrefix(host, ".") || !strings.Contains(host, ".")
	})
}
