package goprogram

import (
	"path"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// Embed is a pattern of a //go:embed line that names one file or folder.
type Embed struct {
	Pattern string // without all:, clean
	At      source.Span
}

// Embeds returns the patterns without wildcards in a build for t. It reads the
// whole of each file that imports embed.
func (p *Package) Embeds(t Target) []Embed {
	var found []Embed
	for _, f := range p.Files {
		imports := false
		for _, imp := range f.Imports {
			imports = imports || imp.Path == "embed"
		}
		file := p.File(f)
		if !imports || f.Test || !f.Match(t) || file == nil {
			continue
		}
		for n := 1; n <= file.Lines(); n++ {
			found = append(found, embedsOf(file.Line(n))...)
		}
	}
	return found
}

// embedsOf reads a line. Patterns are separated by blanks and may be quoted
// (cmd/go/internal/load, go/build, parseGoEmbed).
func embedsOf(line source.Span) []Embed {
	text := line.Text()
	rest, ok := strings.CutPrefix(text, "//go:embed ")
	if !ok {
		return nil
	}
	var found []Embed
	at := len(text) - len(rest)
	for _, word := range strings.Fields(rest) {
		start := at + strings.Index(text[at:], word)
		at = start + len(word)
		if unquoted, err := strconv.Unquote(word); err == nil {
			word = unquoted
		}
		word = strings.TrimPrefix(word, "all:")
		if strings.ContainsAny(word, "*?[\\\"`") {
			continue
		}
		found = append(found, Embed{Pattern: path.Clean(word), At: line.Sub(start, at)})
	}
	return found
}
