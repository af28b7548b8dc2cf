package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/fix"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

// fixFlags are the flags of a fix.
type fixFlags struct {
	runFlags
	diff   bool
	unsafe bool
}

func (a *app) fixCommand() *cobra.Command {
	f := &fixFlags{}
	c := &cobra.Command{
		Use:   "fix [path]",
		Short: "Apply the safe fixes and show what remains",
		Long: `fix applies the preferred fix of each finding, if it is safe, and checks again: what
remains is reported, and the exit code is that of the second check. The edits of a fix
are made all together, also over several files, or not at all. With --diff nothing is
written or checked again, and the exit code is 0, or 2 after an internal error.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeFolders,
		RunE:              func(_ *cobra.Command, args []string) error { return a.fix(f, first(args)) },
	}
	f.register(c)
	c.Flags().BoolVar(&f.diff, "diff", false, "print what would change as a unified diff, and change nothing")
	c.Flags().BoolVar(&f.unsafe, "unsafe", false, "also apply fixes that may change more than the hazard")
	return c
}

func (a *app) fix(f *fixFlags, path string) error {
	options, err := a.engineOptions(&f.runFlags)
	if err != nil {
		return err
	}
	outputs, err := a.outputs(&outputFlags{format: "text"})
	if err != nil {
		return err
	}
	t, err := a.open(path, &f.targetFlags)
	if err != nil {
		return err
	}
	defer t.close()
	result := t.run(options)
	a.sayFailures(result)
	plan := fix.Choose(result.Findings, f.unsafe)
	for _, d := range plan.Dropped {
		a.say("not applied: %s: %s (%s): %s", d.Finding.At, d.Finding.Rule.ID, d.Fix.Title, d.Why)
	}
	if f.diff {
		a.code = exitCode(result, rule.Default)
		return a.print(func(w io.Writer) error { return fix.Diff(w, plan.Changes) })
	}
	if err := fix.Write(t.root, plan.Changes); err != nil {
		return err
	}
	a.sayFixed(plan)
	if err := t.read(a, &f.targetFlags); err != nil {
		return fmt.Errorf("checking again: %w", err)
	}
	result = t.run(options)
	a.sayFailures(result)
	a.code = exitCode(result, rule.Error)
	return a.write(outputs, a.newReport(t, result))
}

func (a *app) sayFixed(p fix.Plan) {
	for _, c := range p.Accepted {
		a.say("fixed: %s: %s (%s)", c.Finding.At, c.Finding.Rule.ID, c.Fix.Title)
	}
	if len(p.Accepted) == 0 {
		a.say("nothing to fix")
		return
	}
	a.say("%s applied in %s", count(len(p.Accepted), "fix", "fixes"), count(len(p.Changes), "file", "files"))
}
