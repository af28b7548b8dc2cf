package rules

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/fix"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/report"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// lawless runs all rules over a repository and returns which of the laws are
// broken that hold whatever is in it: no rule panics; what is pointed at lies
// inside its file; a finding stands at a step of its evidence; the edits of a
// fix do not overlap; machine formats are well-formed and nothing writes a
// terminal escape. It returns the report in all formats too.
func lawless(fsys fs.FS) (broken []string, out []byte) {
	r, err := repo.Open(fsys, repo.Options{})
	if err != nil {
		return []string{err.Error()}, nil
	}
	result := engine.Run(r, engine.Options{Rules: All(), Audit: true, Now: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)})
	for _, f := range result.Failures {
		broken = append(broken, fmt.Sprintf("%s: %s", f.Rule.ID, f.Error()))
	}
	for i := range result.Findings {
		broken = append(broken, lawlessFinding(&result.Findings[i])...)
	}
	for _, u := range result.Unjudged {
		if u.At.Valid() && !inside(u.At) {
			broken = append(broken, fmt.Sprintf("not judged: %s: %d to %d are outside of %s", u.Text, u.At.Start, u.At.End, u.At.File.Path))
		}
	}
	broken = append(broken, lawlessFixes(result.Findings)...)
	formats, out := lawlessFormats(report.Report{Findings: result.Findings, Unjudged: result.Unjudged, Rules: result.Ran})
	return append(broken, formats...), out
}

func inside(s source.Span) bool {
	return s.File != nil && 0 <= s.Start && s.Start <= s.End && s.End <= len(s.File.Data())
}

func lawlessFinding(f *rule.Finding) (broken []string) {
	complain := func(format string, args ...any) {
		broken = append(broken, fmt.Sprintf("%s: %s: ", f.Rule.ID, f.Message)+fmt.Sprintf(format, args...))
	}
	check := func(what string, s source.Span) {
		if !inside(s) {
			complain("%s (%d to %d) is outside of its file", what, s.Start, s.End)
		}
	}
	check("the place", f.At)
	for i, n := range f.Path {
		check(fmt.Sprintf("step %d", i+1), n.At)
	}
	for _, n := range f.Related {
		check("what is related", n.At)
	}
	if !slices.ContainsFunc(f.Path, func(n fact.Note) bool { return n.At == f.At }) {
		complain("the place is no step of the evidence")
	}
	for _, x := range f.Fixes {
		byFile := map[*source.File][]source.Edit{}
		for _, e := range x.Edits {
			check("an edit of "+x.Title, e.Span)
			byFile[e.File] = append(byFile[e.File], e)
		}
		for file, edits := range byFile {
			if _, err := source.Apply(file, edits); err != nil {
				complain("%v", err)
			}
		}
	}
	return broken
}

// lawlessFixes chooses among the fixes of all findings.
func lawlessFixes(findings []rule.Finding) (broken []string) {
	for _, unsafe := range []bool{false, true} {
		for _, c := range fix.Choose(findings, unsafe).Changes {
			if bytes.Equal(c.New, c.File.Data()) {
				broken = append(broken, "the fixes leave "+c.File.Path+" as it is")
			}
		}
	}
	return broken
}

func lawlessFormats(r report.Report) (broken []string, all []byte) {
	for _, format := range report.Formats() {
		var out bytes.Buffer
		if err := format.Writer(report.Options{Token: "token"})(&out, r); err != nil {
			broken = append(broken, fmt.Sprintf("%s: %v", format.Name, err))
		}
		if err := wellFormed(format.Name, out.Bytes()); err != nil {
			broken = append(broken, fmt.Sprintf("%s is not well-formed: %v", format.Name, err))
		}
		if bytes.ContainsAny(out.Bytes(), "\x00\x1b") {
			broken = append(broken, format.Name+" holds control characters")
		}
		all = append(all, out.Bytes()...)
	}
	return broken, all
}

func wellFormed(format string, data []byte) error {
	switch format {
	case "json", "sarif", "gitlab":
		return json.Unmarshal(data, new(any))
	case "rdjsonl":
		for line := range bytes.Lines(data) {
			if err := json.Unmarshal(line, new(any)); err != nil {
				return err
			}
		}
	case "junit", "checkstyle":
		d := xml.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case "concise":
		for line := range strings.Lines(string(data)) {
			if !strings.HasSuffix(line, "]\n") && !strings.Contains(line, " ") {
				return fmt.Errorf("line %q", line)
			}
		}
	}
	return nil
}
