package buildplan

import (
	"regexp"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// Pin returns the --platform that the stage, or the one it starts from, is
// given.
func (st *Stage) Pin() (fact.Note, bool) {
	for ; st != nil; st = st.Base {
		if w := &st.Syntax.From.From.Platform; w.Given() {
			return fact.Note{At: w.At, Text: "the stage runs on " + w.Text}, true
		}
	}
	return fact.Note{}, false
}

// MayWrap reports whether something was put into the stage that may take the
// place of the go command and set the platform, as tonistiigi/xx:golang did:
// another go in PATH.
func (st *Stage) MayWrap() bool {
	return !st.Tree.Untouched("/usr/local/bin/go") || !st.Tree.Untouched("/go/bin/go")
}

// Declares reports whether an argument is there for the instruction at an index.
func (st *Stage) Declares(index int, name string) bool {
	return st.scope.Before(index).Lookup(name) != nil
}

// Written returns where the value of a variable that g sees is spelled out: in
// the place that sets it, or in the RUN that leads to g.
func (g *GoCommand) Written(name string) (source.Span, bool) {
	v := g.Call.Getenv(name)
	if v.Set != shell.Yes || !v.Known() || v.Text == "" {
		return source.Span{}, false
	}
	if v.At.Valid() && strings.Contains(withDefault.ReplaceAllString(v.At.Text(), ""), v.Text) {
		return v.At, true
	}
	if g.Call.Run == nil || g.Call.Run.Command == nil {
		return source.Span{}, false
	}
	text := &g.Call.Run.Command.Shell
	if i := strings.Index(text.Text, name+"="+v.Text); i >= 0 {
		return text.Span(i, i+len(name)+1+len(v.Text)), true
	}
	return source.Span{}, false
}

// withDefault matches a variable with what it is if it is empty, which does not
// say where the value came from: ${ARCH:-amd64}.
var withDefault = regexp.MustCompile(`\$\{\w+:?[-=?+][^}]*\}?`)

// Windows reports whether the images are for Windows, whose paths, shells and
// users are not modelled: a Dockerfile with a backtick as its escape character,
// an image of Windows, or a folder on a drive.
func (p *Plan) Windows() bool {
	if p.File.Escape == '`' {
		return true
	}
	for _, ins := range p.File.Instructions {
		switch {
		case ins.From != nil && windowsImage.MatchString(ins.From.Image.Text+" "+ins.From.Platform.Text):
			return true
		case ins.Cmd == "WORKDIR" && drive.MatchString(ins.Args.Text):
			return true
		}
	}
	return false
}

// archInName returns the architecture that the name of an image for only one says:
// distroless/static:latest-arm64, arm64v8/alpine.
func archInName(image string) string {
	name := archName.FindString(image)
	switch {
	case strings.HasPrefix(name, "arm64"), name == "aarch64":
		return "arm64"
	case strings.HasPrefix(name, "arm"):
		return "arm"
	case name == "i386":
		return "386"
	}
	return name
}

var archName = regexp.MustCompile(`\b(aarch64|amd64|arm32v[5-7]|arm64(v8)?|armhf|armv[5-7][a-z]*|i386|loong64|mips64(le)?|ppc64le|riscv64|s390x)\b`)

var (
	windowsImage = regexp.MustCompile(`windows|servercore|nanoserver`)
	drive        = regexp.MustCompile(`^["']?[A-Za-z]:`)
)
