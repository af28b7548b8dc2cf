package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/baseline"
	"github.com/goseaworthy/seaworthy/internal/engine"
)

// baselineFlags are the flags of the commands about baselines.
type baselineFlags struct {
	runFlags
	file string
}

func (f *baselineFlags) register(c *cobra.Command) {
	f.runFlags.register(c)
	c.Flags().StringVar(&f.file, "baseline", baseline.Name, "the `FILE` that holds the baseline")
}

func (a *app) baselineCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "baseline",
		Short: "Accept the findings of today, so that only new ones count",
		Long: `A baseline is a file that names findings. A check with --baseline FILE leaves them out,
as long as they do not become worse, and says which of them are fixed. Lines may move:
a finding is known by its rule, its file and the text it stands at.`,
		Args: cobra.NoArgs,
	}
	write, prune := &baselineFlags{}, &baselineFlags{}
	writing := &cobra.Command{
		Use:   "write [path]",
		Short: "Write all findings into the baseline",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.writeBaseline(write, first(args)) },
	}
	pruning := &cobra.Command{
		Use:   "prune [path]",
		Short: "Remove from the baseline what is fixed",
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.pruneBaseline(prune, first(args)) },
	}
	write.register(writing)
	prune.register(pruning)
	c.AddCommand(writing, pruning)
	return c
}

// judge runs the rules for a baseline, which must not be made of half a run.
func (a *app) judge(f *runFlags, path string) (*target, engine.Result, error) {
	options, err := a.engineOptions(f)
	if err != nil {
		return nil, engine.Result{}, err
	}
	t, err := a.open(path, &f.targetFlags)
	if err != nil {
		return nil, engine.Result{}, err
	}
	result := t.run(options)
	a.sayFailures(result)
	if len(result.Failures) > 0 {
		t.close()
		return nil, result, errors.New("the baseline is left as it is: a rule failed")
	}
	return t, result, nil
}

func (a *app) writeBaseline(f *baselineFlags, path string) error {
	t, result, err := a.judge(&f.runFlags, path)
	if err != nil {
		return err
	}
	defer t.close()
	b := baseline.Of(result.Findings)
	if err := a.saveBaseline(f.file, b); err != nil {
		return err
	}
	a.say("%s written to %s", count(len(b.Entries), "finding", "findings"), f.file)
	return nil
}

func (a *app) pruneBaseline(f *baselineFlags, path string) error {
	b, err := a.readBaseline(f.file)
	if err != nil {
		return err
	}
	t, result, err := a.judge(&f.runFlags, path)
	if err != nil {
		return err
	}
	defer t.close()
	gone := below(t.under, b.Match(result.Findings, nil))
	if len(gone) == 0 {
		a.say("nothing of %s is fixed", f.file)
		return nil
	}
	if err := a.saveBaseline(f.file, b.Without(gone)); err != nil {
		return err
	}
	for _, e := range gone {
		a.say("removed: %s: %s (%s)", e.Path, e.Rule, e.Message)
	}
	return nil
}

func (a *app) saveBaseline(name string, b *baseline.Baseline) error {
	data, err := b.Bytes()
	if err == nil {
		err = writeFile(a.abs(name), data)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, plainCause(err))
	}
	return nil
}
