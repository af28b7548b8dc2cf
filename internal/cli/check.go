package cli

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/report"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// checkFlags are the flags of a check.
type checkFlags struct {
	runFlags
	outputFlags
	compareFlags
	failOn     string
	listInputs bool
}

func (f *checkFlags) register(c *cobra.Command) {
	f.runFlags.register(c)
	f.outputFlags.register(c)
	f.compareFlags.register(c)
	c.Flags().StringVar(&f.failOn, "fail-on", "error", "exit with 1 from this severity on: error, warning, note or never")
	c.Flags().BoolVar(&f.listInputs, "list-inputs", false, "print the files that are judged, and as what, and stop")
	complete(c, "fail-on", "error", "warning", "note", "never")
}

func (a *app) checkCommand() *cobra.Command {
	f := &checkFlags{}
	c := &cobra.Command{
		Use:               "check [path]",
		Short:             "Check a repository (what seaworthy does without a command)",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeFolders,
		RunE:              func(_ *cobra.Command, args []string) error { return a.check(f, args) },
	}
	f.register(c)
	return c
}

// check runs the rules over a repository and writes the reports.
func (a *app) check(f *checkFlags, args []string) error {
	failOn, err := levelOf(f.failOn)
	if err != nil {
		return err
	}
	options, err := a.engineOptions(&f.runFlags)
	if err != nil {
		return err
	}
	options.Audit = options.Audit || failOn == rule.Note
	outputs, err := a.outputs(&f.outputFlags)
	if err != nil {
		return err
	}
	t, err := a.open(first(args), &f.targetFlags)
	if err != nil {
		return err
	}
	defer t.close()
	if f.listInputs {
		return a.listInputs(t)
	}
	result := t.run(options)
	change, err := a.compare(t, f, options, &result)
	if err != nil {
		return err
	}
	a.code = exitCode(result, failOn)
	if len(t.inputs()) == 0 && a.code == exitClean {
		a.code = exitNothing
		a.say("nothing to check: no Go module, image, service or workflow file was found")
		outputs = machineOnly(outputs)
	}
	a.sayFailures(result)
	r := a.newReport(t, result)
	r.Base = baseID(f, change)
	tellChange(outputs, change, f.uploaded)
	return a.write(outputs, r)
}

// first returns the path that is named, or the working directory.
func first(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// exitCode tells an error of ours from findings that count, and both from a
// clean run.
func exitCode(result engine.Result, failOn rule.Severity) int {
	if len(result.Failures) > 0 {
		return exitError
	}
	for _, f := range result.Findings {
		if failOn != rule.Default && f.Severity >= failOn && !f.Hidden && !f.Known && f.Suppression == nil {
			return exitFindings
		}
	}
	return exitClean
}

// sayFailures names the rules that broke, each cause once: a model that breaks
// takes all rules with it that use it.
func (a *app) sayFailures(result engine.Result) {
	said := map[repo.Panic]bool{}
	for _, f := range result.Failures {
		if !said[f.Panic] {
			said[f.Panic] = true
			a.say("internal error in %s: %s at %s; the other rules ran (please report it)", f.Rule.ID, f.Cause, f.Where)
		}
	}
}

func (a *app) listInputs(t *target) error {
	return a.print(func(w io.Writer) error {
		for _, in := range t.inputs() {
			line := visibleName(in.Path) + "\t" + string(in.Kind)
			if t.config.Excluded(in.Path) {
				line += "\texcluded"
			}
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
		return nil
	})
}

// visibleName writes a name that holds what no terminal shows as Go would.
func visibleName(name string) string {
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

func (a *app) newReport(t *target, result engine.Result) report.Report {
	name := tool(t.repo.Knowledge())
	name.Resolve = t.resolve
	return report.Report{
		Tool:     name,
		Findings: result.Findings,
		Unjudged: result.Unjudged,
		Rules:    result.Ran,
		Files:    t.repo.Count(),
		Judged:   len(t.repo.Inputs),
		Page:     docs.Page,
	}
}
