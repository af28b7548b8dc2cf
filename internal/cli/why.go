package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/report"
	"github.com/goseaworthy/seaworthy/internal/rule"
	"github.com/goseaworthy/seaworthy/internal/symptom"
)

func (a *app) whyCommand() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "why TEXT",
		Short: "Find what in the repository leads to an error that you see",
		Long: `why takes the text of an error, or a log that ends with one, and shows the findings
that lead to it, of any severity and confidence, also those that an ignore silences. It
names the rules that know the text and find nothing here. Without an argument, or for
"-", it reads the text from standard input.

Exit codes: 0 a finding explains the text; 1 none does; 2 wrong usage or configuration, or
an internal error.`,
		Example: `  seaworthy why "exec /relay: no such file or directory"
  docker logs relay 2>&1 | seaworthy why`,
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := a.seen(args)
			if err != nil {
				return err
			}
			return a.why(f, text)
		},
	}
	f.targetFlags.register(c)
	f.profile = "audit"
	return c
}

// seen returns the text that is to be explained.
func (a *app) seen(args []string) (string, error) {
	text := strings.Join(args, " ")
	if len(args) == 0 && !isTerminal(a.env.Stdin) || len(args) == 1 && args[0] == "-" {
		const most = 64 << 20 // of a log, in bytes
		data, err := io.ReadAll(io.LimitReader(a.env.Stdin, most))
		if err != nil {
			return "", fmt.Errorf("reading standard input: %w", err)
		}
		text = string(data)
	}
	if strings.TrimSpace(text) == "" {
		return "", errors.New("why takes the text of an error, as an argument or from standard input")
	}
	return text, nil
}

func (a *app) why(f *runFlags, seen string) error {
	color, err := a.useColor()
	if err != nil {
		return err
	}
	options, err := a.engineOptions(f)
	if err != nil {
		return err
	}
	t, err := a.open(".", &f.targetFlags)
	if err != nil {
		return err
	}
	defer t.close()
	result := t.run(options)
	a.sayFailures(result)
	text := symptom.Read(seen)
	r := a.newReport(t, result)
	r.Findings = explaining(text, result.Findings)
	silent := a.silentRules(text, r.Findings)
	a.code = exitClean
	if len(r.Findings) == 0 {
		a.code = exitFindings
	}
	return a.print(func(w io.Writer) error {
		if len(r.Findings) == 0 && len(silent) == 0 {
			_, err := fmt.Fprintln(w, "No rule knows this text. What else is found: seaworthy --profile audit")
			return err
		}
		if err := report.Text(report.Options{Color: color})(w, r); err != nil || len(silent) == 0 {
			return err
		}
		return writeSilent(w, silent)
	})
}

// explaining returns the findings of which a text is the result: those with the
// names that stand in it or, if there are none, those with other names.
func explaining(text symptom.Text, findings []rule.Finding) []rule.Finding {
	var named, alike []rule.Finding
	for _, f := range findings {
		f.Suppression, f.Known, f.Hidden = nil, false, false
		switch {
		case text.Says(f.Result):
			named = append(named, f)
		case slices.ContainsFunc(symptom.Patterns(f.Result), text.Shows):
			alike = append(alike, f)
		}
	}
	if len(named) > 0 {
		return named
	}
	return alike
}

// silentRules returns the rules that find what leads to a text, and have not
// found it here.
func (a *app) silentRules(text symptom.Text, found []rule.Finding) []*rule.Rule {
	var silent []*rule.Rule
	for _, r := range a.rules {
		finds := slices.ContainsFunc(found, func(f rule.Finding) bool { return f.Rule == r })
		if !finds && slices.ContainsFunc(symptom.Patterns(docs.Seen(r.ID)), text.Shows) {
			silent = append(silent, r)
		}
	}
	return silent
}

func writeSilent(w io.Writer, silent []*rule.Rule) error {
	fmt.Fprintln(w, "\nThese rules know the text and find nothing that leads to it:")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range silent {
		fmt.Fprintf(table, "  %s\t%s\n", r.ID, r.Title)
	}
	return table.Flush()
}
