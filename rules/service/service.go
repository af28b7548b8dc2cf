package service

import (
	"bytes"
	"fmt"
	"math"
	"path"
	"strings"

	"golang.org/x/mod/module"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/yamlfile"
)

// assignments returns the values that are given to a variable of the runtime.
func assignments(r *repo.Repo, name string) []*workload.Assignment {
	var all []*workload.Assignment
	for _, a := range workload.Assignments.Of(r) {
		if a.Name == name {
			all = append(all, a)
		}
	}
	return all
}

// replace is the edit that gives a variable another value, where the value
// stands in the file as the process gets it.
func replace(v workload.Variable, text string) ([]source.Edit, bool) {
	if v.Computed || !v.At.Valid() {
		return nil, false
	}
	at := v.At
	if v.Value != nil && v.Value.Whole().Valid() {
		at = v.Value.Whole()
	}
	// The text may stand in quotes, and behind NAME=.
	written := strings.TrimRight(at.Text(), `"'`)
	rest, ok := strings.CutSuffix(written, v.Text)
	if !ok || v.Text == "" || strings.TrimRight(rest, `"'`) != "" && !strings.HasSuffix(strings.TrimRight(rest, `"'`), "=") {
		return nil, false
	}
	return []source.Edit{{Span: at.Sub(len(rest), len(written)), New: text}}, true
}

// lineAfter is the edit that inserts a line behind the one that a span ends on,
// indented like it.
func lineAfter(at source.Span, text string) source.Edit {
	f := at.File
	line := f.Line(at.Finish().Line)
	newline := "\n"
	if rest := f.Data()[line.End:]; bytes.HasPrefix(rest, []byte("\r\n")) {
		newline = "\r\n"
	}
	return source.Edit{Span: f.Span(line.End, line.End), New: newline + indent(line.Text()) + text}
}

func indent(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// addVariable is the fix that gives a service a variable: beneath a setting of a
// unit, or behind the last variable of a Compose service or container.
func addVariable(s *workload.Service, beneath source.Span, name, value string) []rule.Fix {
	var edit source.Edit
	ok := false
	switch s.Kind {
	case workload.Unit:
		edit, ok = unitVariable(s, beneath, name, value)
	case workload.Compose:
		edit, ok = composeVariable(s.Compose.Environment, name, value)
	case workload.Container:
		edit, ok = containerVariable(s.Pack.Node, name, value)
	}
	if !ok {
		return nil
	}
	// In a template the limit is the user's choice, and the number is not.
	safe := !bytes.Contains(edit.File.Data(), []byte("{{"))
	return []rule.Fix{{Title: "Set " + name + "=" + value, Safe: safe, Edits: []source.Edit{edit}}}
}

// unitVariable inserts Environment= below a setting of the unit itself, else
// below ExecStart=.
func unitVariable(s *workload.Service, beneath source.Span, name, value string) (source.Edit, bool) {
	if !sectionOf(s, beneath) {
		start := s.Unit.Last("Service", "ExecStart")
		if start == nil {
			return source.Edit{}, false
		}
		beneath = start.At
	}
	return lineAfter(beneath, "Environment="+name+"="+value), true
}

// composeVariable inserts an entry behind the last one of environment.
func composeVariable(env yamlfile.Dict, name, value string) (source.Edit, bool) {
	if len(env.Items) == 0 || env.Open {
		return source.Edit{}, false
	}
	last := env.Items[len(env.Items)-1]
	text, ok := composeEntry(last.Name.At, name, value)
	return lineAfter(last.Name.At.Cover(last.Value.At), text), ok
}

// containerVariable inserts an entry behind the last one of env, or env in front
// of resources, where these are written on lines of their own.
func containerVariable(container *yamlfile.Node, name, value string) (source.Edit, bool) {
	entry := []string{"- name: " + name, "  value: " + fmt.Sprintf("%q", value)}
	env, resources := container.Get("env"), container.Get("resources")
	switch {
	case env.IsSequence() && env.Style == yamlfile.Block && len(env.Items) > 0 && !env.Open && env.At.File == container.At.File:
		last := env.Items[len(env.Items)-1]
		first := last.At.File.Line(last.At.Begin().Line)
		if !strings.HasPrefix(strings.TrimLeft(first.Text(), " "), "- ") || last.Style != yamlfile.Block {
			return source.Edit{}, false
		}
		margin := "\n" + indent(first.Text())
		end := last.At.File.Line(last.At.Finish().Line).End
		return source.Edit{Span: last.At.File.Span(end, end), New: margin + entry[0] + margin + entry[1]}, true
	case env == nil && resources != nil && !container.Open && resources.KeyAt.File == container.At.File:
		key := resources.KeyAt
		line := key.File.Line(key.Begin().Line)
		margin := indent(line.Text())
		if margin+key.Text() != key.File.Span(line.Start, key.End).Text() {
			return source.Edit{}, false
		}
		text := margin + "env:\n" + margin + "  " + entry[0] + "\n" + margin + "  " + entry[1] + "\n"
		start := aboveComments(line)
		return source.Edit{Span: key.File.Span(start, start), New: text}, true
	}
	return source.Edit{}, false
}

// aboveComments is the start of a line, or of the comments right above it, which
// belong to it.
func aboveComments(line source.Span) int {
	for n := line.Begin().Line - 1; n > 0; n-- {
		above := line.File.Line(n)
		if !strings.HasPrefix(strings.TrimLeft(above.Text(), " "), "#") || indent(above.Text()) != indent(line.Text()) {
			break
		}
		line = above
	}
	return line.Start
}

// composeEntry writes a variable in the form of the one at a place; ok is false
// where that is not on a line of its own.
func composeEntry(at source.Span, name, value string) (string, bool) {
	line := at.File.Line(at.Begin().Line).Text()
	switch text := strings.TrimLeft(line, " "); {
	case strings.HasPrefix(text, "- "+at.Text()):
		return "- " + name + "=" + value, true
	case strings.HasPrefix(text, at.Text()+":"):
		return name + ": " + fmt.Sprintf("%q", value), true
	}
	return "", false
}

// sectionOf reports whether a setting stands in the [Service] section of a
// service's own unit or drop-ins.
func sectionOf(s *workload.Service, at source.Span) bool {
	for _, set := range s.Unit.Settings() {
		if set.Section == "Service" && set.At.Contains(at) {
			return true
		}
	}
	return false
}

// place is the last note of a limit: where it stands.
func place[T any](f fact.Fact[T]) source.Span { return f.Why[len(f.Why)-1].At }

// programName is what a service is called in messages: its program, if that is
// known.
func programName(s *workload.Service) string {
	if !s.Program.Known() {
		return s.Name
	}
	p := s.Program.Value
	name := p.Name()
	if m := p.Main.Module; m != nil && (name == "cmd" || name == "src") {
		if prefix, _, ok := module.SplitPathVersion(m.Path()); ok {
			name = path.Base(prefix)
		}
	}
	return name
}

// limit is the tightest quota of a service, if it has one.
func limit(s *workload.Service) (quota fact.Fact[float64], ok bool) {
	q, parent := s.CPU.Quota, s.CPU.Parent
	if !q.Known() || !parent.Known() {
		return q, false
	}
	if parent.Value < q.Value {
		q = parent
	}
	return q, !math.IsInf(q.Value, 1)
}

// jobSeverity is the severity of what costs only servers: a note for jobs.
func jobSeverity(s *workload.Service, server rule.Severity) rule.Severity {
	if s.OneShot.Is(func(b bool) bool { return b }) {
		return rule.Note
	}
	return server
}

// hasMemoryLimit reports whether a service has a hard memory limit.
func hasMemoryLimit(s *workload.Service) bool {
	return s.Memory.Max.Known() && s.Memory.Max.Value < goruntime.NoLimit && len(s.Memory.Max.Why) > 0
}

func is(b bool) bool  { return b }
func not(b bool) bool { return !b }
