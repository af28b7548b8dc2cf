package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// errNoSource is why a file of a report that was read back has no text.
var errNoSource = errors.New("the file is not at hand, or has changed since the report was written")

// Bounds of the places of a report that is read back, in bytes: in one file, and
// in all that are not at hand. A report of ours cannot exceed the first.
const (
	maxOffset   = 16 << 20
	maxStandIns = 256 << 20
)

// Origin is where what JSON does not carry comes from.
type Origin struct {
	// Rule returns a rule by its ID, nil for one it does not know.
	Rule func(id string) *rule.Rule
	// File returns a file by its path in the repository, nil if there is none.
	// It may be nil. A file in which the places of the report are not where
	// they were is not used: positions are right all the same, source is not
	// shown.
	File func(path string) *source.File
}

// ReadJSON reads what JSON wrote. Reports written from it are those of the run,
// where the files are at hand; without them, text shows no source, and SARIF
// has no primaryLocationLineHash, which the upload action then computes.
func ReadJSON(r io.Reader, from Origin) (Report, error) {
	var doc jsonReport
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return Report{}, fmt.Errorf("reading a report: %w", err)
	}
	if doc.Schema != schemaID {
		return Report{}, fmt.Errorf("reading a report: its schema is %q, not %q", doc.Schema, schemaID)
	}
	in := &jsonReader{from: from, files: map[string]*source.File{}, rules: map[string]*rule.Rule{}}
	if err := in.open(&doc); err != nil {
		return Report{}, fmt.Errorf("reading a report: %w", err)
	}
	out := Report{Tool: Tool(doc.Tool), Files: doc.Counts.Files, Judged: doc.Counts.Judged, Base: doc.Base, Fingerprints: []string{}}
	for _, id := range doc.Rules {
		out.Rules = append(out.Rules, in.rule(id, rule.Default))
	}
	for i := range doc.Findings {
		f, err := in.finding(&doc.Findings[i])
		if err != nil {
			return Report{}, fmt.Errorf("reading a report: finding %d: %w", i+1, err)
		}
		out.Findings = append(out.Findings, f)
		out.Fingerprints = append(out.Fingerprints, doc.Findings[i].Fingerprint)
	}
	for _, u := range doc.Unjudged {
		out.Unjudged = append(out.Unjudged, rule.Unjudged{At: in.span(u.Location), Text: u.Text, Hint: u.Hint})
	}
	return out, nil
}

type jsonReader struct {
	from  Origin
	files map[string]*source.File
	rules map[string]*rule.Rule
}

// open finds a file for every path that the report names.
func (in *jsonReader) open(doc *jsonReport) error {
	places := map[string][]jsonPosition{}
	for _, l := range doc.locations() {
		if !fs.ValidPath(l.Path) {
			return fmt.Errorf("%q is no path in a repository", l.Path)
		}
		for _, p := range []jsonPosition{l.Start, l.End} {
			if p.Offset < 0 || p.Offset > maxOffset || p.Line < 1 || p.Column < 1 || p.UTF16 < 1 || p.Column > p.Offset+1 {
				return fmt.Errorf("%s: no file has a place like %+v", l.Path, p)
			}
			places[l.Path] = append(places[l.Path], p)
		}
	}
	size := 0
	for path, positions := range places {
		in.files[path] = in.file(path, positions)
		if in.files[path] == nil {
			slices.SortFunc(positions, func(a, b jsonPosition) int { return a.Offset - b.Offset })
			if size += positions[len(positions)-1].Offset; size > maxStandIns {
				return errors.New("too much of what it speaks of is not at hand")
			}
			in.files[path] = standIn(path, positions)
		}
	}
	return nil
}

// locations returns all places of the report.
func (doc *jsonReport) locations() []*jsonLocation {
	var all []*jsonLocation
	add := func(l *jsonLocation) {
		if l != nil {
			all = append(all, l)
		}
	}
	for _, f := range doc.Findings {
		add(f.Location)
		for _, n := range slices.Concat(f.Path, f.Related) {
			add(n.Location)
		}
		for _, fix := range f.Fixes {
			for _, e := range fix.Edits {
				add(e.Location)
			}
		}
		if f.Suppression != nil {
			add(f.Suppression.Location)
		}
	}
	for _, u := range doc.Unjudged {
		add(u.Location)
	}
	return all
}

// file returns the file at path if it is at hand and has the positions.
func (in *jsonReader) file(path string, positions []jsonPosition) *source.File {
	if in.from.File == nil {
		return nil
	}
	if f := in.from.File(path); f != nil && f.Err() == nil && has(f, positions) {
		return f
	}
	return nil
}

// has reports whether the offsets of f are the lines and columns given.
func has(f *source.File, positions []jsonPosition) bool {
	return !slices.ContainsFunc(positions, func(p jsonPosition) bool {
		return jsonPosition(f.Position(p.Offset)) != p
	})
}

// standIn returns a file that cannot be read (Err says so) but in which the
// positions, which are sorted, are where they were: its bytes are blanks, with
// line ends and characters of more than one byte where the positions ask for
// them.
func standIn(path string, positions []jsonPosition) *source.File {
	var b strings.Builder
	line, unit := 1, 1 // where b ends
	for _, p := range positions {
		if p.Line > line {
			start := p.Offset - (p.Column - 1)
			blanks := max(0, start-b.Len()-(p.Line-line))
			b.WriteString(strings.Repeat(" ", blanks))
			b.WriteString(strings.Repeat("\n", min(p.Line-line, max(0, start-b.Len()))))
			line, unit = p.Line, 1
		}
		size, units := p.Offset-b.Len(), p.UTF16-unit
		b.WriteString(filler(size, units))
		unit = p.UTF16
	}
	text := []byte(b.String())
	return source.Lazy(path, func() ([]byte, error) { return text, errNoSource })
}

// filler returns size bytes that are units UTF-16 code units, as far as UTF-8
// allows.
func filler(size, units int) string {
	var b strings.Builder
	for size > 0 {
		extra := size - units // bytes beyond one for each unit
		switch {
		case extra >= 2 && size >= 3:
			b.WriteString("\u2003")
			size, units = size-3, units-1
		case extra == 1 && size >= 2:
			b.WriteString("\u00a0")
			size, units = size-2, units-1
		default:
			b.WriteString(" ")
			size, units = size-1, units-1
		}
	}
	return b.String()
}

func (in *jsonReader) span(l *jsonLocation) source.Span {
	if l == nil {
		return source.Span{}
	}
	return in.files[l.Path].Span(l.Start.Offset, l.End.Offset)
}

// rule returns the rule with the ID. One that nobody knows is as severe as its
// finding.
func (in *jsonReader) rule(id string, s rule.Severity) *rule.Rule {
	if in.rules[id] == nil && in.from.Rule != nil {
		in.rules[id] = in.from.Rule(id)
	}
	if in.rules[id] == nil {
		in.rules[id] = &rule.Rule{ID: id, Title: id, Severity: max(s, rule.Note)}
	}
	return in.rules[id]
}

func (in *jsonReader) finding(j *jsonFinding) (rule.Finding, error) {
	severity, err := rule.ParseSeverity(j.Severity)
	if err != nil {
		return rule.Finding{}, err
	}
	if j.Location == nil {
		return rule.Finding{}, errors.New("it has no location")
	}
	f := rule.Finding{
		At:       in.span(j.Location),
		Message:  j.Message,
		Severity: severity,
		Result:   j.Result,
		Rule:     in.rule(j.Rule, severity),
		Hidden:   !j.Shown && j.Suppression == nil && !j.Known,
		Known:    j.Known,
	}
	if f.Confidence, err = parseConfidence(j.Confidence); err != nil {
		return rule.Finding{}, err
	}
	if f.Path, err = in.notes(j.Path); err != nil {
		return rule.Finding{}, err
	}
	if f.Related, err = in.notes(j.Related); err != nil {
		return rule.Finding{}, err
	}
	for _, fix := range j.Fixes {
		out := rule.Fix{Title: fix.Title, Safe: fix.Safe}
		for _, e := range fix.Edits {
			if e.Location == nil {
				return rule.Finding{}, errors.New("an edit has no location")
			}
			out.Edits = append(out.Edits, source.Edit{Span: in.span(e.Location), New: e.New})
		}
		f.Fixes = append(f.Fixes, out)
	}
	if s := j.Suppression; s != nil {
		f.Suppression = &rule.Suppression{At: in.span(s.Location), Rules: s.Rules, Reason: s.Reason}
	}
	return f, nil
}

func (in *jsonReader) notes(notes []jsonNote) ([]fact.Note, error) {
	var out []fact.Note
	for _, n := range notes {
		if n.Location == nil {
			return nil, errors.New("a step has no location")
		}
		out = append(out, fact.Note{At: in.span(n.Location), Text: n.Text})
	}
	return out, nil
}

func parseConfidence(s string) (fact.Confidence, error) {
	for _, c := range []fact.Confidence{fact.Low, fact.Medium, fact.High} {
		if s == c.String() {
			return c, nil
		}
	}
	return fact.Unknown, fmt.Errorf("%q is not a confidence: high, medium or low", s)
}
