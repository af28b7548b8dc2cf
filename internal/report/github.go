package report

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// The limits of a GitHub Actions runner (actions/runner, Runner.Worker): of each
// kind of annotation a step keeps the first ten, of a message 4096 characters.
const (
	maxAnnotations = 10
	maxAnnotation  = 4096
)

// GitHub returns the writer of workflow commands: annotations for the worst
// findings, at most ten of a level, the last of which counts the rest. The
// findings left out follow as concise lines that cannot be read as commands.
func GitHub(o Options) Writer {
	return func(w io.Writer, r Report) error {
		var b bytes.Buffer // go-githubactions panics where a write fails
		action := githubactions.New(githubactions.WithWriter(&b), githubactions.WithGetenv(func(string) string { return "" }))
		findings := annotated(r.shown(), o)
		worstFirst(findings, o.Prefer)
		var rest []*rule.Finding
		for len(findings) > 0 {
			n := 1
			for n < len(findings) && level(findings[n]) == level(findings[0]) {
				n++
			}
			rest = append(rest, annotate(action, findings[:n], o)...)
			findings = findings[n:]
		}
		if _, err := w.Write(b.Bytes()); err != nil || len(rest) == 0 {
			return err
		}
		log := func(w io.Writer, _ Report) error { return writeConcise(w, rest) }
		return StopCommands(o.Token, log)(w, r)
	}
}

// annotate annotates findings of one level and returns those left out.
func annotate(action *githubactions.Action, findings []*rule.Finding, o Options) []*rule.Finding {
	keep := len(findings)
	if keep > maxAnnotations {
		keep = maxAnnotations - 1
	}
	command := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Note: "notice"}[level(findings[0])]
	for _, f := range findings[:keep] {
		action.IssueCommand(&githubactions.Command{Name: command, Message: annotation(f), Properties: annotationPlace(f, placeToAnnotate(f, o))})
	}
	if left := findings[keep:]; len(left) > 0 {
		action.IssueCommand(&githubactions.Command{
			Name:       command,
			Message:    fmt.Sprintf("%s more, in the log and the summary of the job", plural(len(left), level(left[0]).String())),
			Properties: githubactions.CommandProperties{"title": "seaworthy"},
		})
	}
	return findings[keep:]
}

// annotation returns the message: what is wrong, each step on a line of its own,
// what people see.
func annotation(f *rule.Finding) string {
	lines := []string{visible(f.Message)}
	if len(f.Path) > 1 {
		for i, n := range f.Path {
			lines = append(lines, fmt.Sprintf("%d. %s", i+1, noteLine(n)))
		}
	}
	for _, line := range strings.Split(f.Result, "\n") {
		if line != "" {
			lines = append(lines, "you see: "+visible(line))
		}
	}
	if len(f.Fixes) > 0 {
		lines = append(lines, "fix: "+visible(f.Fixes[0].Title))
	}
	return shorten(strings.Join(lines, "\n"), maxAnnotation)
}

// annotated returns the findings to annotate: all, or those that code scanning
// does not show among the changed lines but that rest on one.
func annotated(findings []*rule.Finding, o Options) []*rule.Finding {
	if !o.Uploaded {
		return findings
	}
	return slices.DeleteFunc(findings, func(f *rule.Finding) bool { return !placeToAnnotate(f, o).Valid() })
}

// placeToAnnotate returns where a finding is annotated: at its place, or, beside
// an upload, at the first step of its evidence on a changed line. It returns no
// place where code scanning shows the finding, and where nothing of it is
// changed.
func placeToAnnotate(f *rule.Finding, o Options) source.Span {
	if !o.Uploaded {
		return f.At
	}
	if o.Changed == nil || allChanged(f.At, o.Changed) {
		return source.Span{}
	}
	for _, n := range f.Path {
		if at := visiblePlace(n.At); o.Changed(at.File.Path, at.Begin().Line) {
			return n.At
		}
	}
	return source.Span{}
}

// allChanged reports whether all lines of a place are changed.
func allChanged(at source.Span, changed func(path string, line int) bool) bool {
	at = visiblePlace(at)
	for line := at.Begin().Line; line <= lastLine(at); line++ {
		if !changed(at.File.Path, line) {
			return false
		}
	}
	return true
}

// annotationPlace returns the properties. The runner drops columns where the
// lines differ; they are left out then.
func annotationPlace(f *rule.Finding, at source.Span) githubactions.CommandProperties {
	at = visiblePlace(at)
	begin, end := at.Begin(), at.Finish()
	p := githubactions.CommandProperties{
		"file":  visible(at.File.Path),
		"title": f.Rule.ID + ": " + visible(f.Rule.Title),
		"line":  strconv.Itoa(begin.Line),
	}
	if last := lastLine(at); last > begin.Line {
		p["endLine"] = strconv.Itoa(last)
		return p
	}
	p["col"] = strconv.Itoa(begin.UTF16)
	if end.Line == begin.Line && end.UTF16 > begin.UTF16 {
		p["endColumn"] = strconv.Itoa(end.UTF16)
	}
	return p
}

// StopCommands returns a writer whose text a GitHub Actions runner does not look
// through for commands: it knows "::command::" at the start of a line and
// "##[command]" anywhere, and the text holds words of the repository. The token
// must not be known to the repository; empty: a random one.
func StopCommands(token string, write Writer) Writer {
	return func(w io.Writer, r Report) error {
		if token == "" {
			token = rand.Text()
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "::stop-commands::%s\n", token)
		if err := write(&b, r); err != nil {
			return err
		}
		if !bytes.HasSuffix(b.Bytes(), []byte("\n")) {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "::%s::\n", token)
		_, err := w.Write(b.Bytes())
		return err
	}
}
