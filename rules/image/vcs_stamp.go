package image

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/buildplan"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// VCSStamp reports a build that asks git for the version of the program and
// gets an error or the wrong answer.
//
// # Why
//
// go build writes the revision into the program if it finds .git and git. In an
// image both can be there in part:
//
//   - .dockerignore leaves out a part of .git (HEAD, objects or refs), or the
//     copy belongs to another user than the one that builds: git fails, and go
//     with it
//   - .dockerignore leaves out files that git knows: to git they are removed, and
//     the version gets +dirty
//   - -buildvcs=true where git is not installed
//
// # Fix
//
// Leave .git out as a whole, or pass -buildvcs=false and set the version with
// -ldflags -X.
//
// # When it is not a problem
//
// Without git in the stage go stamps nothing and says nothing, unless
// -buildvcs=true. +dirty is reported only for a program that reads its build
// information and gets no version by -ldflags -X. The rule takes the root of
// what is checked for the root of the repository.
//
// # Severity
//
//   - error: when the build fails
//   - warning: for +dirty
//
// # References
//
//   - https://go.dev/doc/go1.18#go-version
//   - cmd/go/internal/load/pkg.go, setBuildInfo
var VCSStamp = &rule.Rule{
	ID:       "image/vcs-stamp",
	Title:    "build gets no version from git, or a wrong one",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"image"},
	Run: func(p *rule.Pass) {
		for _, b := range binaries(p.Repo) {
			mode, known := b.Go.Text("buildvcs")
			if k, ok := b.Go.Checkout(); ok && known && mode != "false" && b.Main.Known() {
				reportStamp(p, b, k, mode == "true")
			}
		}
	},
}

const (
	stampFails = "error obtaining VCS status: exit status 128"
	noGit      = `error obtaining VCS status: exec: "git": executable file not found in $PATH`
)

func reportStamp(p *rule.Pass, b made, k buildplan.Checkout, forced bool) {
	g, git := b.Go, b.Go.HasGit()
	built := fact.Note{At: g.At(), Text: "asks git for the revision"}
	copied := fact.Note{At: k.Copy.At, Text: "brings what is left of .git"}
	f := rule.Finding{At: g.At(), Result: stampFails, Fixes: noStamp(b)}
	switch by, broken := k.Broken(); {
	case git.Is(missing) && forced:
		f.Message = fmt.Sprintf("-buildvcs=true needs git to build %s, but %s has none", b.Path, g.Stage.Image.Value.Ref.Text)
		f.Result, f.Proof = noGit, fact.Because(git, built)
	case !git.Is(present):
		return
	case broken:
		f.Message = fmt.Sprintf("git fails when %s is built: .dockerignore leaves out a part of .git", b.Path)
		f.Proof = fact.Because(fact.Note{At: by.At, Text: "leaves out a part of .git"}, copied, git, built)
	case foreignOwner(b, k):
		f.Message = fmt.Sprintf("git fails when %s is built: the copy belongs to another user", b.Path)
		f.Proof = fact.Because(git, fact.Note{At: k.Copy.Instruction.Copy.Chown.At, Text: "gives .git to another user"}, built)
	default:
		reportDirty(p, b, k, f)
		return
	}
	p.Report(f)
}

// reportDirty reports a version with +dirty.
func reportDirty(p *rule.Pass, b made, k buildplan.Checkout, f rule.Finding) {
	reads := b.ReadsBuildInfo()
	if !reads.Is(present) || setsVersion(b) {
		return
	}
	by, file, dirty := k.Dirty()
	if !dirty {
		return
	}
	f.At, f.Severity, f.Result = by.At, rule.Warning, "vcs.modified=true, and +dirty in the version"
	f.Message = fmt.Sprintf("%s gets a version with +dirty: .dockerignore leaves out %s but not .git", b.Path, file)
	f.Proof = fact.Because(fact.Note{At: by.At, Text: "leaves out " + file + ", which git then takes for removed"},
		fact.Note{At: k.Copy.At, Text: "brings .git"}, b.Go.HasGit(), fact.Note{At: b.Go.At(), Text: "asks git for the revision"}, reads)
	f.Fixes = nil
	p.Report(f)
}

func present(there bool) bool { return there }

// foreignOwner reports whether root builds in a copy that belongs to someone
// else: git refuses it (safe.directory, since git 2.35.2).
func foreignOwner(b made, k buildplan.Checkout) bool {
	chown := &k.Copy.Instruction.Copy.Chown
	owner, _, _ := strings.Cut(chown.Text, ":")
	return chown.Given() && owner != "" && owner != "0" && owner != "root" && !strings.Contains(owner, "$") && b.Go.Stage.Root() && !b.Go.Stage.Trusts()
}

// setsVersion reports whether -ldflags -X sets a variable of the program.
func setsVersion(b made) bool {
	words := b.Link().Input.Flags.LDFlags
	return words.Unknown || slices.ContainsFunc(words.List, func(w string) bool { return strings.HasPrefix(w, "-X") })
}

// noStamp returns the fix that asks for no stamp, where go build is written out.
func noStamp(b made) []rule.Fix {
	at := b.Go.VerbAt
	if _, set, _ := b.Go.Flag("buildvcs"); set || at.Text() != b.Go.Verb {
		return nil
	}
	return []rule.Fix{{Title: "pass -buildvcs=false", Edits: []source.Edit{{Span: at.Sub(at.Len(), at.Len()), New: " -buildvcs=false"}}}}
}
