// Package cli is the command line: flags, commands, exit codes. It is the only
// place that knows all rules, and the only one that turns errors into what
// people read.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/rules"
)

// Exit codes.
const (
	exitClean    = 0 // nothing found, or only below --fail-on
	exitFindings = 1 // findings at or above --fail-on
	exitError    = 2 // wrong usage or configuration, or an error of ours
	exitNothing  = 3 // there is nothing to check
)

// Env is what the program has from its surroundings.
type Env struct {
	Args           []string // without the name of the program
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dir            string // the working directory; empty: that of the process
	Getenv         func(string) string
}

// Main runs the program and returns its exit code.
func Main(env Env) int { return run(env, rules.All()) }

// run is Main with rules to choose.
func run(env Env, all []*rule.Rule) (code int) {
	a := &app{env: env, code: exitClean, rules: all, start: time.Now()}
	defer func() {
		if v := recover(); v != nil {
			a.say("internal error: %v (please report it)", repo.Recovered(v))
			code = exitError
		}
	}()
	root := a.rootCommand()
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	if err := root.Execute(); err != nil && !errors.Is(err, syscall.EPIPE) {
		a.say("%v", err)
		return exitError
	}
	return a.code
}

// app is one run of the program.
type app struct {
	env   Env
	rules []*rule.Rule // sorted by ID
	code  int
	start time.Time
	dir   string // -C
	color string
}

// say writes one line to stderr.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.env.Stderr, "seaworthy: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// oneLine keeps names from a repository that nobody has looked at from writing
// lines or terminal escapes of their own.
func oneLine(s string) string {
	return printable(strings.ReplaceAll(strings.TrimSpace(s), "\n", "; "))
}

// printable puts a sign in the place of what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

func (a *app) rootCommand() *cobra.Command {
	check := &checkFlags{}
	root := &cobra.Command{
		Use:   "seaworthy [path]",
		Short: "Prove what will break, weaken or slow a Go program once it ships",
		Long: `seaworthy reads a repository, never runs it, and proves across its files what will
break, weaken or slow a Go program once it ships: module files, Dockerfiles, units,
compose files, manifests and workflows together.

It reads the whole repository that holds the path (the folder with .git) and shows
what has evidence below the path.

Exit codes: 0 nothing found, or only below --fail-on; 1 findings; 2 wrong usage or
configuration, or an internal error; 3 nothing to check.`,
		Example: `  seaworthy
  seaworthy --format concise deploy/
  seaworthy --format github --output sarif=seaworthy.sarif
  seaworthy fix --diff`,
		Args:              cobra.MaximumNArgs(1),
		SilenceErrors:     true,
		SilenceUsage:      true,
		ValidArgsFunction: completeFolders,
		RunE: func(c *cobra.Command, args []string) error {
			if meant := a.meantCommand(c, first(args)); meant != "" {
				return fmt.Errorf("%s: no such file or directory (did you mean the command %s?)", args[0], meant)
			}
			return a.check(check, args)
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (see %s --help)", err, c.CommandPath())
	})
	root.PersistentFlags().StringVarP(&a.dir, "directory", "C", "", "run as if started in `DIR`")
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "colour text: auto, always or never")
	complete(root, "color", "auto", "always", "never")
	check.register(root)
	root.AddCommand(
		a.checkCommand(),
		a.fixCommand(),
		a.rulesCommand(),
		a.explainCommand(),
		a.whyCommand(),
		a.modelCommand(),
		a.factsCommand(),
		a.reportCommand(),
		a.baselineCommand(),
		a.uploadCommand(),
		a.versionCommand(),
	)
	return root
}

// meantCommand returns the command that a path which does not exist resembles.
func (a *app) meantCommand(root *cobra.Command, path string) string {
	if _, err := os.Lstat(a.abs(path)); err == nil {
		return ""
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return nearest.Of(path, names)
}

// useColor reports whether text on stdout is to be coloured.
func (a *app) useColor() (bool, error) {
	switch a.color {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return a.env.Getenv("NO_COLOR") == "" && a.env.Getenv("TERM") != "dumb" && isTerminal(a.env.Stdout), nil
	}
	return false, fmt.Errorf("--color is auto, always or never, not %q", a.color)
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// complete offers words for a flag. The only error is a flag that does not
// exist.
func complete(c *cobra.Command, flag string, words ...string) {
	if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

func completeFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
