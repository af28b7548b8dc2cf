package service

import (
	"bytes"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/goseaworthy/seaworthy/internal/fact"
	"github.com/goseaworthy/seaworthy/internal/model/goruntime"
	"github.com/goseaworthy/seaworthy/internal/model/workload"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
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
	switch {
	case s.Kind == workload.Unit && beneath.Valid() && sectionOf(s, beneath):
		edit = lineAfter(beneath, "Environment="+name+"="+value)
	case s.Kind == workload.Unit:
		start := s.Unit.Last("Service", "ExecStart")
		if start == nil {
			return nil
		}
		edit = lineAfter(start.At, "Environment="+name+"="+value)
	case s.Kind == workload.Compose:
		env := s.Compose.Environment
		if len(env.Items) == 0 || env.Open {
			return nil
		}
		last := env.Items[len(env.Items)-1]
		text, ok := composeEntry(last.Name.At, name, value)
		if !ok {
			return nil
		}
		edit = lineAfter(last.Name.At.Cover(last.Value.At), text)
	default:
		return nil
	}
	return []rule.Fix{{Title: "Set " + name + "=" + value, Safe: true, Edits: []source.Edit{edit}}}
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
	p := s.Program.Value.Main
	if p.Dir == "." && p.Module != nil {
		return path.Base(p.Module.Path())
	}
	return path.Base(p.Dir)
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
