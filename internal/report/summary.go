package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// maxSummary is how much of a summary is written, in bytes. GitHub drops a step
// summary of more than 1 MiB (actions/runner, AttachmentSizeLimit) altogether.
const maxSummary = 1<<20 - 16<<10

// Summary returns the writer of Markdown for the summary of a job: the counts
// and a table of the findings, the worst first, each with its evidence in its
// row. It is cut behind a row and says how many are missing.
func Summary(o Options) Writer {
	return func(w io.Writer, r Report) error {
		var b bytes.Buffer
		c := r.Counts()
		fmt.Fprintf(&b, "## seaworthy: %s\n\n", countWords(c))
		fmt.Fprintf(&b, "%d of %s judged · %d hidden · %d suppressed · %d not judged",
			c.Judged, plural(c.Files, "file"), c.Hidden, c.Suppressed, c.Unjudged)
		if r.Base != "" {
			fmt.Fprintf(&b, " · %d known from %s", c.Known, markdown(fmt.Sprintf("%.12s", r.Base)))
		}
		b.WriteByte('\n')
		findings := r.shown()
		worstFirst(findings, o.Prefer)
		if len(findings) > 0 {
			b.WriteString("\n| | Finding | Rule |\n|---|---|---|\n")
		}
		links := linker{o}
		for i, f := range findings {
			row := links.row(f)
			if b.Len()+len(row) > maxSummary {
				fmt.Fprintf(&b, "\n%s not shown: the summary of a job is at most 1 MiB.\n", plural(len(findings)-i, "finding"))
				break
			}
			b.WriteString(row)
		}
		summaryUnjudged(&b, r.Unjudged)
		_, err := w.Write(b.Bytes())
		return err
	}
}

// summaryUnjudged lists what could not be judged, as far as there is room.
func summaryUnjudged(b *bytes.Buffer, unjudged []rule.Unjudged) {
	matters := groupUnjudged(unjudged)
	for i, m := range matters {
		line := "- " + markdown(m.String()) + "\n"
		if i == 0 {
			line = "\nNot judged:\n\n" + line
		}
		if i == maxUnjudged || b.Len()+len(line) > maxSummary {
			fmt.Fprintf(b, "\n%d more not judged, listed by --format json.\n", len(matters)-i)
			return
		}
		b.WriteString(line)
	}
}

// linker makes links to the files of a commit.
type linker struct{ Options }

// row returns the row of a finding. The evidence is shown where there is more
// than the place itself.
func (l linker) row(f *rule.Finding) string {
	cell := l.place(f.At) + "<br>" + markdown(f.Message)
	if len(f.Path) > 1 {
		for i, n := range f.Path {
			cell += fmt.Sprintf("<br>%d. %s", i+1, l.note(n))
		}
	}
	if f.Result != "" {
		cell += "<br>You see: " + markdown(f.Result)
	}
	if len(f.Fixes) > 0 {
		cell += "<br>Fix: " + markdown(f.Fixes[0].Title)
	}
	return fmt.Sprintf("| %s | %s | [%s](%s) |\n", level(f), cell, markdown(f.Rule.ID), pageURL(f.Rule.ID))
}

func (l linker) note(n fact.Note) string { return l.place(n.At) + " " + markdown(n.Text) }

// place returns path:line, linked if it is known to where.
func (l linker) place(at source.Span) string {
	at = visiblePlace(at)
	line, last := at.Begin().Line, lastLine(at)
	name := markdown(fmt.Sprintf("%s:%d", at.File.Path, line))
	if l.Server == "" || l.Repository == "" || l.Commit == "" {
		return name
	}
	url := fmt.Sprintf("%s/%s/blob/%s/%s#L%d", l.Server, l.Repository, l.Commit, relativeURI(at.File.Path), line)
	if last > line {
		url += fmt.Sprintf("-L%d", last)
	}
	return fmt.Sprintf("[%s](%s)", name, html.EscapeString(url))
}

// markdown returns text in which nothing is markup, of Markdown, HTML or a
// table, or becomes a link or a mention: such characters stand as entities,
// which Markdown never takes for structure (CommonMark, 2.5).
func markdown(s string) string {
	var b strings.Builder
	last := ' '
	for _, r := range visible(s) {
		www := r == '.' && (last == 'w' || last == 'W')
		if www || strings.ContainsRune("&<>|`*_[]\\~#!@:\"'$", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}
