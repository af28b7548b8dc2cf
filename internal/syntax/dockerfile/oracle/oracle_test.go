// Package oracle compares package dockerfile with BuildKit's own parser,
// instructions and shell lexer.
//
// The inputs are BuildKit's test files, generated files, and the files below
// the directory that SEAWORTHY_DOCKERFILES names, if it is set.
//
// Known differences, all wanted:
//   - Bytes that are not UTF-8 stay; BuildKit puts U+FFFD in their place in
//     most places. Texts are compared with U+FFFD.
//   - BuildKit's "(did you mean X?)" is left out.
//   - Of --mount, what can be judged without variables is judged at once, while
//     BuildKit waits until it has expanded them; sizes are not checked, nor
//     what --device says.
//   - Expansion gives up where values grow beyond all use or braces nest more
//     than a hundred deep.
package oracle

import (
	"bytes"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/dockerfile"
)

// norm is text as BuildKit has it after decoding it character by character.
func norm(s string) string { return string([]rune(s)) }

// comparison collects the differences for one input.
type comparison struct {
	ours  *dockerfile.File
	diffs []string
}

func (c *comparison) errorf(format string, args ...any) {
	c.diffs = append(c.diffs, fmt.Sprintf(format, args...))
}

func (c *comparison) equal(what string, got, want any) {
	if s, ok := got.(string); ok {
		got, want = norm(s), norm(want.(string))
	}
	if s, ok := got.([]string); ok {
		got, want = norms(s), norms(want.([]string))
	}
	if !reflect.DeepEqual(got, want) {
		c.errorf("%s: got %q, want %q", what, got, want)
	}
}

func norms(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, norm(s))
	}
	return out
}

// compare returns how the two readings of a file differ.
func compare(data []byte) []string {
	c := &comparison{ours: dockerfile.Parse(source.New("Dockerfile", data))}
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		c.expect("the parser's error", c.ours.Problems, err)
		return c.diffs
	}
	c.equal("escape", c.ours.Escape, byte(result.EscapeToken))
	ours := c.ours.Instructions
	problems := slices.DeleteFunc(slices.Clone(c.ours.Problems), func(p source.Problem) bool {
		return p.Text == "dockerfile contains no stages to build"
	})
	for _, node := range result.AST.Children {
		var mine []source.Problem
		mine, problems = take(problems, node)
		cmd, err := instructions.ParseInstructionWithLinter(node, lint())
		if len(ours) == 0 || ours[0].At.Begin().Line > node.EndLine || strings.HasPrefix(fmt.Sprint(err), "unknown instruction") {
			c.expect("unknown instruction "+node.Value, mine, err)
			continue
		}
		ins := ours[0]
		ours = ours[1:]
		c.instruction(ins, node, cmd)
		c.problems(ins, mine, cmd, err)
	}
	for _, ins := range ours {
		c.errorf("BuildKit has no %s at %s", ins.Cmd, ins.At)
	}
	for _, p := range problems {
		c.errorf("BuildKit has no problem at %s: %s", p.At, p.Text)
	}
	c.stages(result.AST)
	return c.diffs
}

// take splits off the problems of a node's lines.
func take(problems []source.Problem, node *parser.Node) (mine, rest []source.Problem) {
	n := 0
	for n < len(problems) && problems[n].At.Begin().Line <= node.EndLine {
		n++
	}
	return problems[:n], problems[n:]
}

// message returns the text of BuildKit's error without its place and guess.
func message(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "dockerfile parse error on line "); ok {
		_, text, _ = strings.Cut(after, ": ")
	}
	if i := strings.LastIndex(text, " (did you mean"); i >= 0 {
		text = text[:i]
	}
	return text
}

// expect wants a problem with the text of err.
func (c *comparison) expect(what string, problems []source.Problem, err error) {
	for _, p := range problems {
		if err != nil && norm(p.Text) == norm(message(err)) {
			return
		}
	}
	c.errorf("%s: got %v, want %v", what, problems, err)
}

// problems compares the errors of an instruction.
func (c *comparison) problems(ins *dockerfile.Instruction, mine []source.Problem, cmd any, err error) {
	if err == nil {
		err = later(ins, cmd, c.ours)
		if err == nil && variableMount(ins) {
			return // ours are about the mounts without variables
		}
	}
	if err != nil {
		c.expect("error of "+ins.Cmd, mine, err)
		return
	}
	for _, p := range mine {
		if p.Text != "no build stage in current context" || ins.Stage != nil || ins.Cmd == "ARG" {
			c.errorf("BuildKit has no problem at %s: %s", p.At, p.Text)
		}
	}
}

// instruction compares what an instruction says.
func (c *comparison) instruction(ins *dockerfile.Instruction, node *parser.Node, cmd any) {
	c.equal("keyword", strings.ToLower(ins.Cmd), strings.ToLower(node.Value))
	c.equal("first line of "+ins.Cmd, ins.Keyword.Begin().Line >= node.StartLine, true)
	if end := ins.At.Finish().Line; end > node.EndLine {
		c.errorf("%s ends in line %d, want %d", ins.Cmd, end, node.EndLine)
	}
	if !strings.HasSuffix(norm(strings.TrimSpace(node.Original)), norm(ins.Args.Text)) {
		c.errorf("arguments of %s: got %q, want the end of %q", ins.Cmd, ins.Args.Text, node.Original)
	}
	c.equal("flags of "+ins.Cmd, flags(ins), append([]string{}, node.Flags...))
	c.heredocs(ins, node.Heredocs)
	if cmd != nil && !isNil(cmd) {
		c.typed(ins, cmd)
	}
}

func flags(ins *dockerfile.Instruction) []string {
	list := []string{}
	for _, f := range ins.Flags {
		text := "--" + f.Name
		if f.HasValue {
			text += "=" + f.Value.Text
		}
		list = append(list, text)
	}
	return list
}

func (c *comparison) heredocs(ins *dockerfile.Instruction, want []parser.Heredoc) {
	c.equal("number of heredocs", len(ins.Heredocs), len(want))
	for i := range min(len(want), len(ins.Heredocs)) {
		h := ins.Heredocs[i]
		c.equal("heredoc name", h.Name, want[i].Name)
		c.equal("heredoc body", h.Body.Text(), want[i].Content)
		c.equal("heredoc expand", h.Expand, want[i].Expand)
		c.equal("heredoc strip", h.Strip, want[i].Chomp)
		text := want[i].Content
		if want[i].Chomp {
			text = parser.ChompHeredocContent(text)
		}
		ours := h.Text()
		c.equal("heredoc content", ours.Text, text)
		if _, err := parser.ParseHeredoc(h.At.Text()); err != nil {
			c.errorf("the span of a heredoc is %q", h.At.Text())
		}
	}
}

// stages compares how the file is divided.
func (c *comparison) stages(ast *parser.Node) {
	stages, meta, err := instructions.Parse(ast, lint())
	if err != nil {
		c.expect("the first error", c.ours.Problems, err)
		return
	}
	c.equal("number of ARG before FROM", len(c.ours.Meta), len(meta))
	c.equal("number of stages", len(c.ours.Stages), len(stages))
	for i, st := range c.ours.Stages {
		if i < len(stages) {
			c.equal("stage name", st.Name, stages[i].Name)
			c.equal("instructions of a stage", len(st.Instructions), len(stages[i].Commands))
		}
	}
	if len(stages) == 0 && len(c.ours.Problems) == 0 {
		c.errorf("a file without stages has no problem")
	}
}

// check runs the comparison and reports the first differences.
func check(t *testing.T, name string, data []byte) bool {
	t.Helper()
	diffs := compare(data)
	for _, d := range diffs[:min(len(diffs), 5)] {
		t.Errorf("%s: %s", name, d)
	}
	if len(diffs) > 0 && len(data) < 400 {
		t.Logf("input: %q", data)
	}
	return len(diffs) == 0
}

// buildkit returns the directory of BuildKit's sources.
func buildkit(t *testing.T) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/moby/buildkit").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "frontend", "dockerfile")
}

func TestBuildKitsFiles(t *testing.T) {
	checkTree(t, buildkit(t), 35)
}

// TestBuildKitsLiterals reads the Dockerfiles in BuildKit's Go tests.
func TestBuildKitsLiterals(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(buildkit(t), "*", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(buildkit(t), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	total, agree := 0, 0
	for _, path := range append(paths, more...) {
		file, err := goparser.ParseFile(token.NewFileSet(), path, nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !strings.Contains(text, "\n") {
				return true
			}
			total++
			if check(t, filepath.Base(path), []byte(text)) {
				agree++
			}
			return true
		})
	}
	t.Logf("%d of %d literals agree", agree, total)
	if total < 700 {
		t.Errorf("%d literals, want at least 700", total)
	}
}

func TestRealFiles(t *testing.T) {
	dir := os.Getenv("SEAWORTHY_DOCKERFILES")
	if dir == "" {
		t.Skip("SEAWORTHY_DOCKERFILES names no directory of Dockerfiles")
	}
	checkTree(t, dir, 1)
}

var fileName = regexp.MustCompile(`(?i)(docker|container)file`)

// checkTree compares every file below dir whose name says Dockerfile, of which
// there are at least atLeast.
func checkTree(t *testing.T, dir string, atLeast int) {
	total, agree := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !fileName.MatchString(d.Name()) || strings.HasSuffix(path, ".go") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		total++
		if check(t, path, data) {
			agree++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d files agree", agree, total)
	if total < atLeast {
		t.Errorf("%d files, want at least %d", total, atLeast)
	}
}

func isNil(v any) bool { return reflect.ValueOf(v).IsNil() }

// lint returns a linter that says nothing: BuildKit needs one for files with
// a check directive.
func lint() *linter.Linter { return linter.New(&linter.Config{SkipAll: true}) }
