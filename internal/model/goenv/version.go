package goenv

import (
	"go/version"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// Verdict says how the go command takes the go line of its module.
type Verdict uint8

// The verdicts (cmd/go/internal/toolchain/select.go, modload/modfile.go).
const (
	// Fits: the Go that is there is new enough, or as far as known it is.
	Fits Verdict = iota
	// Switches: it runs a newer Go, which it downloads.
	Switches
	// Refuses: "go.mod requires go >= 1.26 (running go 1.24.9; GOTOOLCHAIN=local)".
	Refuses
	// Unreadable: Go before 1.21 fails to parse go.mod.
	Unreadable
	// Tries: Go before 1.21 builds, and speaks of the go line only when that
	// fails.
	Tries
)

// Demand is what the go line asks of the Go that runs.
type Demand struct {
	Verdict
	Line gomod.Token // the version, or what cannot be read
	File *gomod.File // go.mod or go.work
	// Directive is the statement that Go before 1.21 does not know.
	Directive string
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
	d := Demand{File: r.Module.Mod, Line: r.Module.Mod.Go}
	if r.Work != nil {
		d.File, d.Line = r.Work.File, r.Work.File.Go
	}
	if before21(r.Go.Value) {
		return r.old(d)
	}
	line := fact.Note{At: d.Line.At, Text: "requires go " + d.Line.Text}
	if !d.Line.Valid() || !older(r.Go.Value, d.Line.Text) {
		return fact.Then(r.Go, d)
	}
	toolchain := r.Getenv("GOTOOLCHAIN")
	if !toolchain.Known() {
		return fact.Not[Demand](toolchain.Why...)
	}
	d.Toolchain = toolchain.Value
	switch fixed, kind := readToolchain(toolchain.Value); {
	case kind == badToolchain:
		return fact.Not[Demand](toolchain.Why...)
	case kind == mayRise:
		d.Verdict = Switches
	case kind == fixedToolchain && version.Compare(fixed, "go"+d.Line.Text) >= 0:
	default:
		d.Verdict = Refuses
	}
	proof := fact.Because(line, r.Go, toolchain)
	return fact.Of(d, proof.Confidence, proof.Path...)
}

// old judges a Go before 1.21, which knows no toolchains: it reads go lines
// of two numbers only, and tries those that are newer than itself.
func (r *Run) old(d Demand) fact.Fact[Demand] {
	if r.Work != nil {
		return fact.Not[Demand]()
	}
	at := d.Line.At
	text := "requires go " + d.Line.Text
	switch directive, found := newDirective(d.File); {
	case !d.Line.Valid():
		return fact.Then(r.Go, d)
	case strings.Count(d.Line.Text, ".") > 1 || strings.Trim(d.Line.Text, "0123456789.") != "":
		d.Verdict = Unreadable
	case found:
		d.Verdict, d.Line, d.Directive = Unreadable, directive, directive.Text
		at, text = directive.At, "has a "+directive.Text+" line"
	case older(r.Go.Value, d.Line.Text):
		d.Verdict = Tries
	}
	proof := fact.Because(fact.Note{At: at, Text: text}, r.Go)
	return fact.Of(d, proof.Confidence, proof.Path...)
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
