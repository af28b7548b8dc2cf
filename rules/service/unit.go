package service

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/units"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/systemd"
)

// most is how many words of one line are looked at by rules that may report each
// of them: a hostile line has half a million.
const most = 200

// few returns the first words of a line.
func few[T any](words []T) []T { return words[:min(len(words), most)] }

// onLine returns a finding whose proof is its own place: note says what systemd
// does there.
func onLine(at source.Span, note, format string, args ...any) rule.Finding {
	return rule.Finding{At: at, Message: fmt.Sprintf(format, args...), Proof: fact.Note{At: at, Text: note}.Proof()}
}

// written returns an assignment for a message, shortened where it is long.
func written(a *systemd.Assignment) string { return a.Key + "=" + short(a.Value.Text) }

// short returns a text for a message. What cannot be seen is written out, such as
// the no-break space that an editor or a web page put there: <U+00A0>.
func short(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	if !strings.ContainsFunc(s, invisible) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if invisible(r) {
			fmt.Fprintf(&b, "<%U>", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func invisible(r rune) bool { return r > unicode.MaxASCII && !unicode.IsPrint(r) }

// fields returns the words of a value that has no quotes.
func fields(v *source.Joined) []*source.Joined {
	var all []*source.Joined
	for from := 0; from < len(v.Text); {
		end := from + len(v.Text[from:])
		if n := strings.IndexAny(v.Text[from:], " \t\r\n"); n >= 0 {
			end = from + n
		}
		if end > from {
			all = append(all, v.Slice(from, end))
		}
		from = end + 1
	}
	return all
}

// lines returns the whole lines on which a place stands, with the newline.
func lines(at source.Span) source.Span {
	data := at.File.Data()
	start, end := at.Start, at.End
	for start > 0 && data[start-1] != '\n' {
		start--
	}
	for end < len(data) && data[end] != '\n' {
		end++
	}
	return at.File.Span(start, end+1)
}

// insertBefore makes text a line in front of the one on which a place starts.
func insertBefore(at source.Span, text string) source.Edit {
	start := lines(at).Start
	return source.Edit{Span: at.File.Span(start, start), New: text + "\n"}
}

// insertAfter makes text a line behind the one on which a place ends.
func insertAfter(at source.Span, text string) source.Edit {
	l := lines(at)
	text += "\n"
	if !strings.HasSuffix(l.Text(), "\n") {
		text = "\n" + strings.TrimSuffix(text, "\n")
	}
	return source.Edit{Span: at.File.Span(l.End, l.End), New: text}
}

// replaceWith is the fix that puts a text in a place.
func replaceWith(at source.Span, text string, safe bool) rule.Fix {
	return rule.Fix{Title: "Write " + text, Safe: safe, Edits: []source.Edit{{Span: at, New: text}}}
}

// accepts reports whether systemd takes all of text as the value of a line.
func accepts(l *units.Line, text string) bool {
	f := source.New(l.File.Source.Path, []byte(text))
	v := &source.Joined{}
	v.Append(f.Whole())
	return l.Scope.Check(l.Section, l.Key, v, f.Whole()).Outcome == systemd.Accepted
}

// said returns what systemd does not like about a value, advice left out.
func said(v systemd.Verdict) (notes []systemd.Note) {
	for _, n := range v.Notes {
		if !n.Advice {
			notes = append(notes, n)
		}
	}
	return notes
}

// judgedUnits returns the units of which no file is filled in before systemd
// reads it.
func judgedUnits(p *rule.Pass) []*systemd.Unit {
	judged := map[*systemd.File]bool{}
	for _, f := range units.Files.Of(p.Repo) {
		judged[f] = true
	}
	var all []*systemd.Unit
	for _, u := range units.All.Of(p.Repo) {
		if !slices.ContainsFunc(u.Dropins, func(f *systemd.File) bool { return !judged[f] }) && (u.Main == nil || judged[u.Main]) {
			all = append(all, u)
		}
	}
	return all
}
