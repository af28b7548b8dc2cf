package module

import (
	"fmt"
	"go/version"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/model/goenv"
	"github.com/goseaworthy/seaworthy/internal/model/gorun"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// GoLineNewerThanBuilder reports a go line that the Go of the builder refuses:
// that of the image in which a Dockerfile builds the module, or the one that a
// workflow sets up.
//
// # Why
//
// The go line of go.mod is a minimum. Go 1.21 and later refuses to build a
// module that asks for more, unless GOTOOLCHAIN lets it download a newer Go.
// The official golang images set GOTOOLCHAIN=local since 1.21.1, and
// actions/setup-go does so for the steps behind it since v6: there nothing is
// downloaded and every go command of the module fails.
//
// Go 1.20 and earlier knows go lines of two numbers only. It fails to parse
// `go 1.24.0`, and the directives toolchain, tool, ignore and godebug. A go
// line such as 1.24 it tries to build, with the language it knows.
//
// # Severity
//
//   - error: Go 1.21 or later refuses; Go before 1.21 cannot read go.mod, or is
//     one of the last patches of 1.19 and 1.20, which compile no code for Go 1.22
//   - warning: Go before 1.21 tries a newer go line of two numbers
//
// # Fix
//
// Raise the version of the builder, or lower the go line with
// `go mod edit -go=`. `ENV GOTOOLCHAIN=auto` lets the go command download what
// go.mod asks for, on every build.
//
// # When it is not a problem
//
// Only a go command that works in the folder of that go.mod counts, and only
// one that loads the module: not `go install example.com/tool@v1.2.3`, and not
// the build of something that was cloned. A tag such as golang:1.26 is compared
// by its minor, since it moves on. The rule is silent where the stage installs
// another Go, where GOTOOLCHAIN allows a newer one, and where the version is
// not written in the repository.
//
// # References
//
//   - https://go.dev/doc/toolchain
//   - https://go.dev/ref/mod#go-mod-file-go
//   - cmd/go/internal/toolchain/select.go and cmd/go/internal/gover of Go 1.26
//   - Dockerfile-linux.template of docker-library/golang (GOTOOLCHAIN)
//   - src/main.ts of actions/setup-go v6 (setGoToolchain)
var GoLineNewerThanBuilder = &rule.Rule{
	ID:       "module/go-line-newer-than-builder",
	Title:    "the builder's Go is older than the go line allows",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "image", "ci"},
	Run: func(p *rule.Pass) {
		type key struct {
			at   source.Span
			file *source.File
		}
		found := map[key]bool{}
		for _, certain := range []bool{true, false} {
			for _, r := range gorun.Runs.Of(p.Repo) {
				d := r.Demand()
				if r.Certain != certain || !d.Is(func(d goenv.Demand) bool { return d.Verdict > goenv.Switches }) {
					continue
				}
				if k := (key{d.Value.Chosen, d.Value.File.Source}); !found[k] {
					found[k] = true
					p.Report(goLineFinding(p, r, d))
				}
			}
		}
	},
}

func goLineFinding(p *rule.Pass, r *goenv.Run, d fact.Fact[goenv.Demand]) rule.Finding {
	line, file := d.Value.Line, d.Value.File.Source.Path
	at, running := d.Value.Chosen, goenv.Name(d.Value.Running)
	has := r.Go.Why[len(r.Go.Why)-1].Text
	f := rule.Finding{At: at, Severity: rule.Error}
	last := "fails"
	bad := fmt.Sprintf("go: errors parsing go.mod:\n%s:%d: ", path.Base(file), line.At.Begin().Line)
	switch d.Value.Verdict {
	case goenv.Refuses:
		f.Message = fmt.Sprintf("%s, and GOTOOLCHAIN=%s allows no other, but %s requires go %s", has, d.Value.Toolchain, file, line.Text)
		if d.Value.Toolchain == "go"+running {
			f.Message = fmt.Sprintf("GOTOOLCHAIN=%s allows no other Go, but %s requires go %s", d.Value.Toolchain, file, line.Text)
		}
		f.Result = fmt.Sprintf("go: %s requires go >= %s (running go %s; GOTOOLCHAIN=%s)", path.Base(file), line.Text, running, d.Value.Toolchain)
	case goenv.Unreadable:
		f.Message = fmt.Sprintf("%s, which cannot read go %s in %s", has, line.Text, file)
		f.Result = fmt.Sprintf("%sinvalid go version '%s': must match format 1.23", bad, line.Text)
		if line != d.Value.File.Go {
			f.Message = fmt.Sprintf("%s, which does not know the %s line in %s", has, line.Text, file)
			f.Result = bad + "unknown directive: " + line.Text
		}
	case goenv.Declines:
		f.Message = fmt.Sprintf("%s, which compiles no module with go %s in %s", has, line.Text, file)
		f.Result = fmt.Sprintf("%s: cannot compile Go %s code", r.Module.Path(), line.Text)
	default:
		f.Severity = rule.Warning
		last = "tries what is newer than itself"
		f.Message = fmt.Sprintf("%s, but %s is written for go %s", has, file, line.Text)
	}
	f.Proof = fact.Because(d, notes(r.Arrived), notes(r.Trail), fact.Note{At: r.At, Text: last})
	if !r.Certain {
		f.Confidence = min(f.Confidence, fact.Low)
		f.Severity = min(f.Severity, rule.Warning)
	}
	if line == d.Value.File.Go {
		f.Fixes = raiseImage(p.Repo.Knowledge(), at, line.Text)
	}
	return f
}

// notes makes a premise of what has no doubt in it.
func notes(list []fact.Note) fact.Proof { return fact.Proof{Path: list, Confidence: fact.High} }

// raiseImage offers the tag of the official image that satisfies a go line.
func raiseImage(base *knowledge.Base, at source.Span, line string) []rule.Fix {
	ref, err := knowledge.ParseRef(at.Text())
	if err != nil || ref.Name() != "golang" || ref.Digest != "" {
		return nil
	}
	have, variant, _ := strings.Cut(ref.Tag, "-")
	want := line
	if version.Compare("go"+line, "go1.21") < 0 {
		want = "1.21" // the first that can read it
	}
	if parts := strings.Split(want, "."); strings.Count(have, ".") < 2 && len(parts) > 2 {
		want = parts[0] + "." + parts[1]
	}
	tag := strings.Trim(want+"-"+variant, "-")
	if t := base.GolangTag(tag); t.Existence != knowledge.Exists {
		if tag = t.Alternative; tag == "" {
			return nil
		}
	}
	span := at.File.Span(at.Start+ref.TagAt.Start, at.Start+ref.TagAt.End)
	return []rule.Fix{{Title: "use golang:" + tag, Edits: []source.Edit{{Span: span, New: tag}}}}
}
