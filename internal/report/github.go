package report

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/sethvargo/go-githubactions"
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
		findings := r.shown()
		worstFirst(findings, o.Prefer)
		var rest []*rule.Finding
		for len(findings) > 0 {
			n := 1
			for n < len(findings) && level(findings[n]) == level(findings[0]) {
				n++
			}
			rest = append(rest, annotate(action, findings[:n])...)
			findings = findings[n:]
		}
		if len(rest) > 0 {
			var log bytes.Buffer
			for _, f := range rest {
				fmt.Fprintln(&log, conciseLine(f))
			}
			StopCommands(&b, o.Token, log.Bytes())
		}
		_, err := w.Write(b.Bytes())
		return err
	}
}

// annotate annotates findings of one level and returns those left out.
func annotate(action *githubactions.Action, findings []*rule.Finding) []*rule.Finding {
	keep := len(findings)
	if keep > maxAnnotations {
		keep = maxAnnotations - 1
	}
	command := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Note: "notice"}[level(findings[0])]
	for _, f := range findings[:keep] {
		action.IssueCommand(&githubactions.Command{Name: command, Message: annotation(f), Properties: annotationPlace(f)})
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
			lines = append(lines, fmt.Sprintf("%d. %s: %s", i+1, visible(n.At.String()), visible(n.Text)))
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

// annotationPlace returns the properties. The runner drops columns where the
// lines differ; they are left out then.
func annotationPlace(f *rule.Finding) githubactions.CommandProperties {
	at := visiblePlace(f.At)
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

// StopCommands writes text that holds words of the repository in such a way that
// a GitHub Actions runner does not look for commands in it: it knows
// "::command::" at the start of a line and "##[command]" anywhere. The token
// must not be known to the repository; empty: a random one.
func StopCommands(b *bytes.Buffer, token string, text []byte) {
	if token == "" {
		token = rand.Text()
	}
	fmt.Fprintf(b, "::stop-commands::%s\n%s", token, text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "::%s::\n", token)
}
