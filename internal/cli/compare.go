package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/baseline"
	"github.com/goseaworthy/seaworthy/internal/config"
	"github.com/goseaworthy/seaworthy/internal/engine"
	"github.com/goseaworthy/seaworthy/internal/history"
	"github.com/goseaworthy/seaworthy/internal/repo"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/source"
)

// compareFlags say what findings are known already.
type compareFlags struct {
	base     string
	baseline string
	uploaded bool
}

func (f *compareFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.base, "base", "", "show only what is new since the commit at which `REV` and what is checked out went apart; \"event\" takes it from the event of GitHub Actions")
	c.Flags().StringVar(&f.baseline, "baseline", "", "show only what is not in this `FILE`, which \"seaworthy baseline write\" writes")
	registerUploaded(c, &f.uploaded)
}

func registerUploaded(c *cobra.Command, uploaded *bool) {
	c.Flags().BoolVar(uploaded, "uploaded", false, "the SARIF goes to code scanning: annotate only what code scanning does not show in the change")
}

// compare marks what is known already: in the baseline, and in the base. It
// returns the change that is under review, where that is known.
func (a *app) compare(t *target, f *checkFlags, o engine.Options, result *engine.Result) (*change, error) {
	if f.baseline != "" {
		if err := a.applyBaseline(t, f.baseline, result.Findings); err != nil {
			return nil, err
		}
	}
	c, err := a.findChange(t, f.base, f.uploaded)
	if err != nil || c == nil || f.base == "" {
		return c, err
	}
	there, err := a.runBase(t, f, o, c)
	if err != nil {
		return nil, fmt.Errorf("--base %s: %w", f.base, err)
	}
	gone := baseline.Of(there.Findings).Match(result.Findings, func(f *rule.Finding) { f.Known = true })
	known := 0
	for _, f := range result.Findings {
		if f.Known && !f.Hidden && f.Suppression == nil {
			known++
		}
	}
	a.say("compared with %.12s: %d known, %d fixed", c.base.ID(), known, len(gone))
	return c, nil
}

// findChange finds where the change under review began: as the user says, or,
// to place annotations, as the event does. The latter may fail: a usual clone in
// CI has one commit only.
func (a *app) findChange(t *target, base string, uploaded bool) (*change, error) {
	c, err := a.openChange(t, base)
	switch {
	case err == nil:
		return c, nil
	case base == "" && uploaded:
		a.say("annotations are left to code scanning: %v", explainBase(err))
		return nil, nil
	case base == "":
		return nil, nil
	case base == fromEvent && errors.Is(err, errNoBase):
		a.say("%v; all findings are shown", err)
		return nil, nil
	}
	return nil, fmt.Errorf("--base %s: %w", base, explainBase(err))
}

// tellChange lets reports know what is under review.
func tellChange(outputs []output, c *change, uploaded bool) {
	for i := range outputs {
		o := &outputs[i].options
		o.Uploaded = uploaded
		if c != nil {
			o.Prefer, o.Changed = c.changedFile, c.changedLine
		}
	}
}

// explainBase adds what helps where a clone is shallow.
func explainBase(err error) error {
	if errors.Is(err, history.ErrNotHere) {
		return fmt.Errorf("%w; fetch it (actions/checkout: fetch-depth: 2 for a pull request, else 0)", err)
	}
	return err
}

// fromEvent is the base that the event of GitHub Actions has.
const fromEvent = "event"

// openChange opens the clone and finds the base in it.
func (a *app) openChange(t *target, revision string) (*change, error) {
	e, err := a.event()
	if err != nil {
		return nil, err
	}
	if e == nil && (revision == "" || revision == fromEvent) {
		return nil, errors.New("this is no run of GitHub Actions: there is no GITHUB_EVENT_PATH")
	}
	clone, err := history.Open(t.root.Name())
	if err != nil {
		return nil, err
	}
	t.clone = clone
	c := &change{repo: t.repo, lines: map[string]map[int]bool{}}
	if revision == "" || revision == fromEvent {
		c.base, err = e.base(clone)
	} else {
		c.base, err = mergeBase(clone, revision)
	}
	if err != nil {
		return nil, err
	}
	c.tree = c.base.Tree()
	return c, nil
}

// runBase judges the files of the base as they would have been judged then: by
// their own configuration, unless the user names one.
func (a *app) runBase(t *target, f *checkFlags, o engine.Options, c *change) (engine.Result, error) {
	options := t.repo.Options()
	options.Committed = true
	o.Config, o.Under = t.config, t.under
	if f.config == "" {
		then, err := configOf(c.tree)
		if err != nil {
			a.say("the configuration of the base is wrong, that of now is used: %v", err)
		} else {
			o.Config = then
		}
	}
	var err error
	if options.Knowledge, err = o.Config.Base(regular{c.tree}); err != nil {
		return engine.Result{}, err
	}
	there, err := repo.Open(c.tree, options)
	if err != nil {
		return engine.Result{}, err
	}
	result := engine.Run(there, o)
	if err := c.tree.Missing(); err != nil {
		return engine.Result{}, fmt.Errorf("%w; a clone that is made with a filter cannot be compared", err)
	}
	a.sayFailures(result)
	return result, nil
}

// configOf reads the configuration at the root of a tree.
func configOf(tree fs.FS) (*config.Config, error) {
	data, err := fs.ReadFile(regular{tree}, config.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return &config.Config{}, nil
	}
	if err != nil {
		return nil, err
	}
	return config.Read(source.New(config.Name, data))
}

// applyBaseline marks what a baseline holds, and says what it holds in vain.
func (a *app) applyBaseline(t *target, name string, findings []rule.Finding) error {
	b, err := a.readBaseline(name)
	if err != nil {
		return err
	}
	gone := below(t.under, b.Match(findings, func(f *rule.Finding) {
		if f.Suppression == nil {
			f.Suppression = &rule.Suppression{Rules: []string{f.Rule.ID}, Reason: "in the baseline"}
		}
	}))
	for i, e := range gone {
		if i == maxSaid {
			a.say("fixed: and %d more", len(gone)-i)
			break
		}
		a.say("fixed: %s: %s (%s)", e.Path, e.Rule, e.Message)
	}
	if len(gone) > 0 {
		a.say("%d fixed in %s: \"seaworthy baseline prune\" removes what is", len(gone), name)
	}
	return nil
}

// maxSaid is how many entries are named one by one.
const maxSaid = 10

// below returns the entries that a run of which only a part is shown has judged.
func below(under string, entries []baseline.Entry) []baseline.Entry {
	var rest []baseline.Entry
	for _, e := range entries {
		if engine.IsUnder(e.Path, under) {
			rest = append(rest, e)
		}
	}
	return rest
}

func (a *app) readBaseline(name string) (*baseline.Baseline, error) {
	data, err := os.ReadFile(a.abs(name))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, plainCause(err))
	}
	b, err := baseline.Read(data)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return b, nil
}

// baseID returns the commit that findings were compared with, for reports.
func baseID(f *checkFlags, c *change) string {
	if c == nil || f.base == "" {
		return ""
	}
	return strings.ToLower(c.base.ID())
}
