package report

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// describeRule returns what GitHub shows about a rule.
func describeRule(rl *rule.Rule, page func(string) string) sarifRule {
	var markdown string
	if page != nil {
		markdown = page(rl.ID)
	}
	full := firstParagraph(markdown)
	if full == "" {
		full = rl.Title
	}
	precision, problem := "high", "warning"
	switch rl.Severity {
	case rule.Error:
		precision, problem = "very-high", "error" // only what a model proves is an error
	case rule.Note:
		precision, problem = "medium", "recommendation"
	}
	return sarifRule{
		ID:                   rl.ID,
		Name:                 ruleName(rl.ID),
		ShortDescription:     sarifMessage{Text: shorten(rl.Title, maxShortText)},
		FullDescription:      sarifMessage{Text: shorten(full, maxShortText)},
		DefaultConfiguration: sarifConfiguration{max(rl.Severity, rule.Note).String()},
		HelpURI:              pageURL(rl.ID),
		Help:                 sarifMessage{Text: full + "\n\n" + pageURL(rl.ID), Markdown: markdown},
		Properties:           sarifRuleProperties{tags(rl), precision, problem},
	}
}

// ruleName returns the ID as one word, as SARIF wants a name to be:
// image/libc-mismatch is ImageLibcMismatch.
func ruleName(id string) string {
	var b strings.Builder
	up := true
	for _, r := range id {
		if r == '/' || r == '-' {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}

// tags returns the tags of a rule with its family first, each once.
func tags(rl *rule.Rule) []string {
	var all []string
	for _, tag := range append([]string{rl.Family()}, rl.Tags...) {
		if !slices.Contains(all, tag) && len(all) < maxTags {
			all = append(all, tag)
		}
	}
	return all
}

// firstParagraph returns the first paragraph of prose of a page, on one line: no
// heading, list, table, code, nor the line of facts below the title, whose
// parts are set off by middle dots.
func firstParagraph(markdown string) string {
	for _, block := range strings.Split(markdown, "\n\n") {
		block = strings.TrimRight(block, " \n")
		if block == "" || strings.ContainsAny(block[:1], "#-*+|>`<\t ") || strings.Contains(block, " · ") {
			continue
		}
		return strings.Join(strings.Fields(block), " ")
	}
	return ""
}

// shorten cuts a text to at most n bytes, at a blank.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := s[:n-len("…")]
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.ToValidUTF8(cut, "") + "…"
}

// location returns a place as people should see it.
func location(at source.Span) sarifLocation {
	return sarifLocation{Physical: sarifPhysicalLocation{artifact(at.File), textRegion(visiblePlace(at))}}
}

func artifact(f *source.File) sarifArtifactLocation {
	return sarifArtifactLocation{URI: relativeURI(f.Path), URIBaseID: "%SRCROOT%"}
}

// relativeURI escapes a path. A colon is escaped too: in the first segment it
// would end a scheme.
func relativeURI(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

// textRegion returns lines and columns. They do not count a byte order mark
// (SARIF 2.1.0, 3.30.2).
func textRegion(at source.Span) sarifRegion {
	begin, end := at.Begin(), at.Finish()
	return sarifRegion{
		StartLine:   begin.Line,
		StartColumn: begin.UTF16 - bomUnits(at.File, begin),
		EndLine:     end.Line,
		EndColumn:   end.UTF16 - bomUnits(at.File, end),
	}
}

var bom = []byte("\ufeff")

// bomUnits returns the code units that a byte order mark adds to a column.
func bomUnits(f *source.File, p source.Position) int {
	if p.Line == 1 && p.Offset >= len(bom) && bytes.HasPrefix(f.Data(), bom) {
		return 1
	}
	return 0
}

// editRegion returns what an edit deletes, in bytes and as text, which must be
// the same: of an edit to a byte order mark there are only bytes.
func editRegion(at source.Span) sarifRegion {
	var region sarifRegion
	if at.Start >= len(bom) || !bytes.HasPrefix(at.File.Data(), bom) {
		region = textRegion(at)
	}
	offset, length := at.Start, at.Len()
	region.ByteOffset, region.ByteLength = &offset, &length
	return region
}

// sarifFixOf returns a fix with its edits by file, in order.
func sarifFixOf(fix rule.Fix) sarifFix {
	out := sarifFix{Description: sarifMessage{Text: unlinked(fix.Title)}}
	edits := slices.Clone(fix.Edits)
	slices.SortStableFunc(edits, func(a, b source.Edit) int { return a.Compare(b.Span) })
	var file *source.File
	for _, e := range edits {
		if e.File != file {
			file = e.File
			out.Changes = append(out.Changes, sarifChange{Artifact: artifact(file)})
		}
		last := &out.Changes[len(out.Changes)-1]
		last.Replacements = append(last.Replacements, sarifReplacement{editRegion(e.Span), sarifContent{e.New}})
	}
	return out
}

// linkedText builds the message of a result together with the related
// locations, which GitHub shows only where the message links to them.
type linkedText struct {
	b       strings.Builder
	related []sarifLocation
}

// finding adds what is wrong, as the first sentence, then the evidence.
func (t *linkedText) finding(f *rule.Finding, further bool) {
	if further {
		t.b.WriteString("\n\nAlso on this line: ")
	}
	t.b.WriteString(unlinked(f.Message) + ".")
	for i, n := range f.Path {
		fmt.Fprintf(&t.b, "\n%d. ", i+1)
		if n.At == f.At {
			t.b.WriteString("here: " + unlinked(n.Text))
		} else {
			t.note(n)
		}
	}
	for _, line := range strings.Split(f.Result, "\n") {
		if line != "" {
			t.b.WriteString("\nYou see: " + unlinked(line))
		}
	}
	for _, n := range f.Related {
		t.b.WriteString("\nSee also ")
		t.note(n)
	}
}

// note adds a note with a link to its place.
func (t *linkedText) note(n fact.Note) {
	name := linkText.Replace(visible(n.At.File.Path))
	if len(t.related) < maxRelated {
		l := location(n.At)
		l.ID = len(t.related) + 1
		l.Message = &sarifMessage{Text: unlinked(n.Text)}
		t.related = append(t.related, l)
		name = fmt.Sprintf("[%s](%d)", name, l.ID)
	}
	t.b.WriteString(name + ": " + unlinked(n.Text))
}

// linkText escapes what would end the text of a link (SARIF 2.1.0, 3.11.6).
var linkText = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`)

// unlinked returns text in which nothing reads as a link.
func unlinked(s string) string { return strings.ReplaceAll(visible(s), "](", "] (") }
