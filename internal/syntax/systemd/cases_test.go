package systemd

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
)

// TestCases replays what systemd was seen to make of lines.
func TestCases(t *testing.T) {
	data, err := os.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line[0] == '#' {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		input, err1 := strconv.Unquote(f[1])
		want, err2 := strconv.Unquote(f[2])
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v %v", line, err1, err2)
		}
		if got := caseResult(f[0], input); got != want {
			t.Errorf("%s %q: %q, want %q", f[0], input, got, want)
		}
	}
}

func caseResult(kind, input string) string {
	switch kind {
	case "value", "count", "problem":
		f := parseUnit(input)
		switch {
		case kind == "problem" && len(f.Problems) == 0:
			return "no problem"
		case kind == "problem" && f.Problems[0].Fatal:
			return "!" + f.Problems[0].Text
		case kind == "problem":
			return f.Problems[0].Text
		}
		assignments := f.Sections[len(f.Sections)-1].Assignments
		if kind == "count" {
			return strconv.Itoa(len(assignments))
		}
		return assignments[len(assignments)-1].Value.Text
	case "argv", "refs":
		input = "ExecStart=" + input
	case "env", "dropped":
		input = "Environment=" + input
	}
	f := parseUnit("[Service]\n" + input)
	return assignmentResult(kind, &f.Sections[0].Assignments[0])
}

func parseUnit(text string) *File { return Parse(source.New("app.service", []byte(text))) }

func assignmentResult(kind string, a *Assignment) string {
	s := Scope{Unit: "app.service"}
	v, text := s.CheckAssignment(a), a.Value.Text
	if bad := map[string]Outcome{"ignored": Ignored, "refused": Refused}[kind]; bad != Unknown {
		if v.Outcome != bad {
			return fmt.Sprintf("outcome %d", v.Outcome)
		}
		return v.Text()
	}
	switch kind {
	case "argv":
		return argv(s, a)
	case "refs":
		var out []string
		cmds, _ := s.Exec(a.Key, a.Value, a.ValueAt)
		for _, w := range cmds[0].Args {
			for _, r := range References(w) {
				out = append(out, r.At.Text())
			}
		}
		return strings.Join(out, "|")
	case "env", "dropped":
		return environment(kind, s, a)
	case "optional":
		e, _ := s.EnvironmentFile(a.Value, a.ValueAt)
		return fmt.Sprint(e.Path.Text, " ", e.Optional)
	}
	if v.Outcome != Accepted {
		return v.Text()
	}
	return amount(kind, a.Key, text)
}

func argv(s Scope, a *Assignment) string {
	cmds, _ := s.Exec(a.Key, a.Value, a.ValueAt)
	if len(cmds) != 1 {
		return fmt.Sprintf("%d commands", len(cmds))
	}
	var out []string
	if cmds[0].Prefixes != "" {
		out = append(out, cmds[0].Prefixes)
	}
	out = append(out, cmds[0].Path.Text)
	if cmds[0].Argv0 != nil {
		out = append(out, "argv0="+cmds[0].Argv0.Text)
	}
	for _, w := range cmds[0].Args {
		out = append(out, w.Text)
	}
	return strings.Join(out, "|")
}

func environment(kind string, s Scope, a *Assignment) string {
	vars, v := s.Environment(a.Value, a.ValueAt)
	var out []string
	if kind == "dropped" {
		for _, n := range v.Notes {
			out = append(out, n.At.Text())
		}
	} else {
		for _, v := range vars {
			out = append(out, v.Name+"="+v.Value.Text)
		}
	}
	return strings.Join(out, "|")
}

func amount(kind, key, text string) string {
	switch kind {
	case "bytes", "tasks":
		read := map[string]func(string) (Amount, error){"bytes": Memory, "tasks": Tasks}[kind]
		m, err := read(text)
		if err != nil {
			return err.Error()
		}
		if m.Relative {
			return fmt.Sprintf("%d/10000", m.Share)
		}
		return strconv.FormatUint(m.Value, 10)
	case "quota":
		q, err := Percent(text)
		return fmt.Sprint(q, errText(err))
	case "usec":
		d, err := Timespan(text)
		return fmt.Sprint(d, errText(err))
	case "cpus":
		if text == "numa" {
			return text
		}
		set, _, err := CPUSet(text)
		if err != nil {
			return err.Error()
		}
		return strconv.Itoa(set.Len())
	case "rlimit":
		soft, hard, err := Rlimit(key, text)
		return fmt.Sprintf("%d:%d%s", soft, hard, errText(err))
	}
	return "no such kind: " + kind
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return " " + err.Error()
}
