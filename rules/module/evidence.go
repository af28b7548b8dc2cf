package module

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/gomodule"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/gomod"
)

// because joins notes to a proof of at most the given confidence.
func because(most fact.Confidence, notes ...fact.Note) fact.Proof {
	premises := make([]fact.Premise, 0, len(notes))
	for _, n := range notes {
		if n.At.Valid() {
			premises = append(premises, n)
		}
	}
	p := fact.Because(premises...)
	p.Confidence = min(p.Confidence, most)
	return p
}

// readonly is how sure it is that builds neither write go.mod and go.sum nor
// take another mode than the default: GOFLAGS can change that from outside.
func readonly(r *repo.Repo) fact.Confidence {
	if gomodule.Rewrites.Of(r).At.Valid() {
		return fact.Low
	}
	return fact.Medium
}

// spec is the path and version of a requirement.
func spec(r gomod.Require) source.Span { return r.Path.At.Cover(r.Version.At) }

// line is what a replace line says, without the word replace.
func line(r gomod.Replace) source.Span { return r.Old.At.Cover(r.New.At).Cover(r.NewVersion.At) }

// used is the note about an import.
func used(u gomodule.Use) fact.Note {
	text := "imported here"
	if path.Base(u.At.File.Path) == "go.mod" {
		text = "the packages of this module lie below its path"
	} else if u.Test {
		text = "imported here, by a test"
	}
	return fact.Note{At: u.At, Text: text}
}

// command names the command that fails.
func command(test bool) string {
	if test {
		return "go vet ./... and go test ./..."
	}
	return "go build ./..."
}

// advice is a fix that only a command can do.
func advice(format string, args ...any) []rule.Fix {
	return []rule.Fix{{Title: fmt.Sprintf(format, args...)}}
}

// inFolder says where to run a command.
func inFolder(dir string) string {
	if dir == "." {
		return ""
	}
	return " in " + dir
}

// deleteLine is the edit that removes the lines which a statement takes up. It
// is meant for statements that do not share a line with another.
func deleteLine(at source.Span) source.Edit {
	f, data := at.File, at.File.Data()
	start, end := f.Line(at.Begin().Line).Start, f.Line(at.Finish().Line).End
	for end < len(data) && data[end] != '\n' {
		end++
	}
	return source.Edit{Span: f.Span(start, min(end+1, len(data)))}
}

// statementAt returns the statement that holds a place. There can be very many.
func statementAt(f *gomod.File, at source.Span) source.Span {
	i := sort.Search(len(f.Statements), func(i int) bool { return f.Statements[i].At.End >= at.End })
	if i < len(f.Statements) && f.Statements[i].At.Contains(at) {
		return f.Statements[i].At
	}
	return source.Span{}
}

// alone reports whether a statement has its line to itself, but for blanks and
// a comment.
func alone(at source.Span) bool {
	line := at.File.Line(at.Begin().Line)
	before := at.File.Span(line.Start, at.Start).Text()
	after := strings.TrimSpace(at.File.Span(at.End, line.End).Text())
	return strings.TrimSpace(before) == "" && (after == "" || strings.HasPrefix(after, "//"))
}
