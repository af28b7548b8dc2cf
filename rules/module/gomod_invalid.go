package module

import (
	"bytes"
	"fmt"
	"go/version"
	"regexp"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// GomodInvalid reports a go.mod file that the go command refuses, once, at the
// first line that it refuses.
//
// # Why
//
// The go.mod of a main module is read strictly: an unknown word, a version of
// Go that is none ("1.21.x", "go1.21", "1.26.1rc1"), a module path that cannot
// be imported, a byte order mark, or a marker that a merge left, and no command
// works in the module. Of a dependency only what matters is read, so that a
// library with such a file may seem to work for others.
//
// # Fix
//
// Mend the line. "go mod edit -fmt" prints all complaints.
//
// # When it is not a problem
//
// A file whose go line names a newer release than seaworthy knows may use words
// that it does not know. A file without any statement is a way to keep a folder
// out of the module around it. Templates of go.mod files are not judged.
//
// # References
//
// https://go.dev/ref/mod#go-mod-file, golang.org/x/mod/modfile
var GomodInvalid = &rule.Rule{
	ID:       "module/gomod-invalid",
	Title:    "go.mod is not valid",
	Severity: rule.Error,
	Since:    "v0.1.0",
	Tags:     []string{"module", "go.mod"},
	Run: func(p *rule.Pass) {
		for _, m := range gomodule.Modules.Of(p.Repo) {
			if problem, ok := invalid(p.Repo, m.Mod); ok {
				p.Report(refused(problem, "go: errors parsing go.mod:\n", m.Mod, len(m.Mod.Problems)-1))
			}
		}
	},
}

// placeholder is what templates of go.mod files hold.
var placeholder = regexp.MustCompile(`\{\{|<%|\$\{|%\{`)

// invalid returns the first reason to refuse a go.mod file.
func invalid(r *repo.Repo, f *gomod.File) (source.Problem, bool) {
	switch {
	case gomodule.TooNew(r, f), len(f.Statements) == 0:
		return source.Problem{}, false
	case len(f.Problems) > 0:
		return f.Problems[0], !placeholder.Match(f.Source.Data())
	case !f.Module.Valid():
		return source.Problem{At: f.Statements[0].At, Text: "missing module declaration"}, true
	}
	if err := module.CheckImportPath(f.Module.Text); err != nil || f.Module.Text == "go" || f.Module.Text == "toolchain" {
		return source.Problem{At: f.Module.At, Text: fmt.Sprintf("invalid module path %q", f.Module.Text)}, true
	}
	if f.Go.Valid() && !version.IsValid("go"+f.Go.Text) {
		return source.Problem{At: f.Go.At, Text: fmt.Sprintf("%s is no version of Go: only 1.N has release candidates", f.Go.Text)}, true
	}
	return source.Problem{}, false
}

// refused is the finding about a go.mod or go.work file.
func refused(problem source.Problem, intro string, f *gomod.File, more int) rule.Finding {
	at := problem.At
	if at.Len() == 0 {
		at = f.Source.Line(at.Begin().Line)
	}
	message := fmt.Sprintf("%s is refused: %s", f.Source.Path, problem.Text)
	if more > 0 {
		message += fmt.Sprintf(", and %d more lines", more)
	}
	return rule.Finding{
		At: at, Message: message,
		Proof:  fact.Note{At: at, Text: "the go command refuses this"}.Proof(),
		Result: fmt.Sprintf("%s%s:%d: %s", intro, f.Source.Path, at.Begin().Line, problem.Text),
		Fixes:  withoutBOM(f.Source),
	}
}

// withoutBOM removes a byte order mark.
func withoutBOM(f *source.File) []rule.Fix {
	const bom = "\xef\xbb\xbf"
	if !bytes.HasPrefix(f.Data(), []byte(bom)) {
		return nil
	}
	return []rule.Fix{{Title: "remove the byte order mark", Safe: true, Edits: []source.Edit{{Span: f.Span(0, len(bom))}}}}
}

// judged are the modules whose go.mod the go command reads, and reads as we do.
func judged(r *repo.Repo) []*gomodule.Module {
	var sound []*gomodule.Module
	for _, m := range gomodule.Modules.Of(r) {
		if gomodule.Sound(r, m.Mod) && !strings.Contains(m.Dir, "{{") {
			sound = append(sound, m)
		}
	}
	return sound
}
