package goenv

import (
	"go/version"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Verdict says how the go command takes the go line of its module.
type Verdict uint8

// The verdicts (cmd/go/internal/toolchain/select.go, modload/modfile.go;
// before Go 1.21 work/exec.go).
const (
	// Fits: the Go that runs is new enough, or as far as known it is.
	Fits Verdict = iota
	// Switches: it runs a newer Go, which it downloads.
	Switches
	// Tries: Go before 1.21 builds, and speaks of the go line only when that
	// fails.
	Tries
	// Declines: "cannot compile Go 1.22 code".
	Declines
	// Unreadable: Go before 1.21 fails to parse go.mod.
	Unreadable
	// Refuses: "go.mod requires go >= 1.26 (running go 1.24.9; GOTOOLCHAIN=local)".
	Refuses
)

// String says what happens, for people.
func (v Verdict) String() string {
	return [...]string{"fits", "switches to a newer Go", "is tried", "is declined", "cannot be read", "is refused"}[v]
}

// Demand is what the go line asks of the Go that runs.
type Demand struct {
	Verdict
	Running knowledge.GoVersion // behind GOTOOLCHAIN
	Line    gomod.Token         // the version, or the directive that cannot be read
	File    *gomod.File         // go.mod or go.work
	// Chosen is where the release that runs is chosen.
	Chosen source.Span
	// Toolchain is GOTOOLCHAIN in effect.
	Toolchain string
}

// Demand compares the go line in effect with the Go that runs. It is unknown
// where one of them is. The proof leads from the go line over the release to
// the setting that forbids another.
func (r *Run) Demand() fact.Fact[Demand] {
	if r.Module == nil || !r.Go.Known() || !r.loadsModule() {
		return fact.Not[Demand]()
	}
	d := Demand{File: r.Module.Mod, Line: r.Module.Mod.Go, Running: r.Go.Value, Chosen: last(r.Go.Why)}
	if r.Work != nil {
		d.File, d.Line = r.Work.File, r.Work.File.Go
	}
	if before21(r.Go.Value) {
		return r.old(d)
	}
	toolchain := r.Getenv("GOTOOLCHAIN")
	fixed, kind := readToolchain(toolchain.Value)
	if !toolchain.Known() || kind == badToolchain {
		return fact.Not[Demand](toolchain.Why...)
	}
	if kind == fixedToolchain && toolchain.Confidence == fact.High {
		d.Running, d.Chosen = exact(fixed), last(toolchain.Why)
	}
	d.Toolchain = toolchain.Value
	switch {
	case !d.Line.Valid() || !older(d.Running, d.Line.Text) || before21(d.Running):
	case kind == mayRise:
		d.Verdict = Switches
	default:
		d.Verdict = Refuses
	}
	line := fact.Note{At: d.Line.At, Text: "requires go " + d.Line.Text}
	proof := fact.Because(line, r.Go, toolchain)
	return fact.Of(d, proof.Confidence, proof.Path...)
}

// exact returns the release that a toolchain is.
func exact(toolchain string) knowledge.GoVersion {
	return knowledge.GoVersion{
		Minor: strings.TrimPrefix(version.Lang(toolchain), "go"),
		Patch: strings.TrimPrefix(toolchain, "go"),
	}
}

func last(why []fact.Note) source.Span { return why[len(why)-1].At }

// old judges a Go before 1.21, which knows no toolchains: it reads go lines
// of two numbers only, and tries those that are newer than itself.
func (r *Run) old(d Demand) fact.Fact[Demand] {
	if r.Work != nil {
		return fact.Not[Demand]()
	}
	text := "requires go " + d.Line.Text
	switch directive, found := newDirective(d.File); {
	case !d.Line.Valid():
		return fact.Then(r.Go, d)
	case strings.Count(d.Line.Text, ".") > 1 || strings.Trim(d.Line.Text, "0123456789.") != "":
		d.Verdict = Unreadable
	case found:
		d.Verdict, d.Line, text = Unreadable, directive, "has a "+directive.Text+" line"
	case !older(knowledge.GoVersion{Minor: r.Go.Value.Minor}, d.Line.Text): // 1.18beta1 is no older than 1.18
	case r.compiles() && declines(r.Go.Value, d.Line.Text):
		d.Verdict = Declines
	default:
		d.Verdict = Tries
	}
	proof := fact.Because(fact.Note{At: d.Line.At, Text: text}, r.Go)
	return fact.Of(d, proof.Confidence, proof.Path...)
}

// declines reports whether a release before 1.21 certainly compiles no module
// with a go line. The last patches of 1.19 and 1.20 know that loops changed
// their meaning with 1.22 (cmd/go/internal/work/exec.go of both, golang/go
// issue 60078); seen in 1.19.13, 1.20.12 and 1.20.14.
func declines(have knowledge.GoVersion, line string) bool {
	return version.Compare("go"+line, "go1.22") >= 0 &&
		(have.Patch == "1.19.13" || have.Patch == "1.20.12" || have.Patch == "1.20.13" || have.Patch == "1.20.14")
}

// compiles reports whether the command compiles packages.
func (r *Run) compiles() bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet":
		return true
	}
	return false
}

// newDirective returns the first directive of go.mod that Go before 1.21 does
// not know.
func newDirective(f *gomod.File) (gomod.Token, bool) {
	i := slices.IndexFunc(f.Statements, func(s gomod.Statement) bool {
		return s.Verb.Text == "toolchain" || s.Verb.Text == "tool" || s.Verb.Text == "ignore" || s.Verb.Text == "godebug"
	})
	if i < 0 {
		return gomod.Token{}, false
	}
	return f.Statements[i].Verb, true
}

// Name is how messages name a release: with its patch where that is fixed.
func Name(v knowledge.GoVersion) string {
	if v.Patch != "" {
		return v.Patch
	}
	return v.Minor
}

func before21(v knowledge.GoVersion) bool { return version.Compare("go"+v.Minor, "go1.21") < 0 }

// older reports whether a release is certainly older than a go line. Of a
// release whose patch is not fixed only the minor counts.
func older(have knowledge.GoVersion, line string) bool {
	if !version.IsValid("go" + line) {
		return false
	}
	if have.Patch != "" {
		return version.IsValid("go"+have.Patch) && version.Compare("go"+have.Patch, "go"+line) < 0
	}
	return version.Compare("go"+have.Minor, version.Lang("go"+line)) < 0
}

type toolchainKind uint8

const (
	badToolchain   toolchainKind = iota
	localToolchain               // what is there, or in PATH
	fixedToolchain
	mayRise // looks for a newer one
)

// readToolchain reads GOTOOLCHAIN (cmd/go/internal/toolchain/select.go,
// Select). Empty is what GOROOT/go.env says: auto.
func readToolchain(value string) (fixed string, kind toolchainKind) {
	name, suffix, plus := strings.Cut(value, "+")
	switch {
	case value == "" || value == "auto":
		return "", mayRise
	case value == "local" || value == "path":
		return "", localToolchain
	case name != "local" && !version.IsValid(name) || version.Lang(name) == name:
		return "", badToolchain
	case plus && suffix == "auto":
		return "", mayRise
	case plus && suffix == "path" || name == "local":
		return "", localToolchain
	case plus:
		return "", badToolchain
	}
	return name, fixedToolchain
}

// loadsModule reports whether the command reads go.mod and acts on it.
func (r *Run) loadsModule() bool {
	switch r.Verb {
	case "build", "install", "run", "test", "vet", "list", "generate", "get", "fix",
		"mod download", "mod graph", "mod tidy", "mod vendor", "mod verify", "mod why":
	default:
		return false
	}
	if len(r.Problems) > 0 {
		return false
	}
	if _, set, _ := r.Flag("modfile"); set {
		return false // another go.mod
	}
	for _, a := range r.Args {
		if strings.Contains(a.Text, "@") && (r.Verb == "install" || r.Verb == "run") {
			return false // another module
		}
	}
	return r.Getenv("GO111MODULE").Is(func(v string) bool { return v != "off" })
}
