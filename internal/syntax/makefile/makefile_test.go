package makefile

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goseaworthy/seaworthy/internal/source"
	"github.com/goseaworthy/seaworthy/internal/syntax/shell"
)

// follow evaluates what a call of make runs, through the calls of make in its
// recipes, as a model does.
func follow(call Call, depth int) (commands []shell.Command, unknown []shell.Reason) {
	plan := Load(call).Plan()
	unknown = plan.Unknown
	for _, line := range plan.Lines {
		dialect, ok := shell.DialectOf(line.Shell.Text)
		if !ok {
			unknown = append(unknown, shell.Reason{Text: "the shell of the recipe is not known"})
			continue
		}
		r := shell.Runner{File: call.File}
		trace := r.Run(shell.Parse(line.Text, dialect), shell.State{Env: line.Env, Dir: line.Dir})
		if trace.Stop.Text != "" {
			unknown = append(unknown, trace.Stop)
		}
		for _, c := range trace.Commands {
			c.Conditional = c.Conditional || line.Conditional
			if inner, ok := CallOf(&c, call.File); ok && depth < 8 {
				inner.Exists, inner.Names = call.Exists, call.Names
				more, why := follow(inner, depth+1)
				for i := range more {
					more[i].Conditional = more[i].Conditional || c.Conditional
				}
				commands, unknown = append(commands, more...), append(unknown, why...)
				continue
			}
			commands = append(commands, c)
		}
	}
	return commands, unknown
}

// onDisk returns files of a directory.
func onDisk(dir string) (func(string) *source.File, func(string) shell.Answer) {
	file := func(path string) *source.File {
		data, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(path, dir) || filepath.Base(path) == "probe" {
			return nil
		}
		return source.New(path, data)
	}
	exists := func(path string) shell.Answer {
		if _, err := os.Stat(path); err != nil {
			return shell.No
		}
		return shell.Yes
	}
	return file, exists
}

// namesOnDisk lists a folder, but for what the tests write while make runs.
func namesOnDisk(dir string) (names []string, all bool) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != "log" {
			names = append(names, e.Name())
		}
	}
	return names, err == nil || os.IsNotExist(err)
}

func wordsOf(args ...string) []shell.Word {
	words := []shell.Word{{Value: shell.Value{Text: "make"}}}
	for _, a := range args {
		words = append(words, shell.Word{Value: shell.Value{Text: a}})
	}
	return words
}

// TestEnvironmentOfRecipes replays measured rows, and measures them again
// where make is installed.
func TestEnvironmentOfRecipes(t *testing.T) {
	table, err := os.Open("testdata/environment.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	_, err = exec.LookPath("make")
	live := err == nil
	if !live {
		t.Log("make is not installed: the rows are replayed, not measured again")
	}
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		row := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(row[0], "#") {
			continue
		}
		t.Run(row[0], func(t *testing.T) {
			dir := t.TempDir()
			text := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(row[1]) + "\n"
			write(t, dir, "Makefile", text)
			env := shell.NewEnv(shell.Var{})
			if row[3] != "-" {
				env = env.Export("CGO_ENABLED", shell.Value{Text: row[3]})
			}
			file, exists := onDisk(dir)
			commands, unknown := follow(Call{Dir: shell.Value{Text: dir}, Env: env, Args: ParseArgs(wordsOf(strings.Fields(row[2])...)), File: file, Exists: exists}, 0)
			if len(unknown) > 0 || len(commands) != 1 || !commands[0].Words[0].Is("probe") {
				t.Fatalf("%d commands, unknown: %v", len(commands), unknown)
			}
			v := commands[0].Getenv("CGO_ENABLED")
			got := v.Text
			if v.Set == shell.No {
				got = "-"
			}
			if got != row[4] || v.Set == shell.Maybe {
				t.Errorf("CGO_ENABLED is %q, want %q\n%s", got, row[4], text)
			}
			if live {
				if real := measure(t, dir, strings.Fields(row[2]), row[3]); real != row[4] {
					t.Errorf("make gives %q, the table says %q", real, row[4])
				}
			}
		})
	}
}

func measure(t *testing.T, dir string, args []string, value string) string {
	t.Helper()
	write(t, dir, "probe", "#!/bin/sh\nprintf '%s' \"${CGO_ENABLED--}\" >'"+dir+"/out'\n")
	cmd := exec.Command("make", args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
	if value != "-" {
		cmd.Env = append(cmd.Env, "CGO_ENABLED="+value)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make: %v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func describe(c shell.Command) string {
	var b strings.Builder
	for _, w := range c.Words {
		fmt.Fprintf(&b, "%s ", strings.ReplaceAll(w.Text, shell.Hole, "◌"))
	}
	return b.String()
}

// TestErrorNotReached compares with make that an $(error) in a branch that may
// not be taken hides nothing.
func TestErrorNotReached(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "Makefile", "V = a\nifeq ($(shell command -v no-such-tool),here)\n  $(error stop)\nendif\nall: ; @echo $(V)\n")
	file, exists := onDisk(dir)
	plan := Load(Call{Dir: shell.Value{Text: dir}, Env: shell.NewEnv(shell.Var{}), Args: ParseArgs(wordsOf("all")), File: file, Exists: exists}).Plan()
	if len(plan.Lines) != 1 || plan.Lines[0].Text.Text != "echo a" || len(plan.Unknown) > 0 {
		t.Errorf("%+v, not known: %v", plan.Lines, plan.Unknown)
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	out, err := exec.Command("make", "-s", "-C", dir, "all").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "a" {
		t.Errorf("make: %s %v", got, err)
	}
}
