package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/rule"
)

func (a *app) rulesCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "rules",
		Short: "List the rules",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch format {
			case "table":
				return a.print(a.ruleTable)
			case "json":
				return a.print(a.ruleJSON)
			}
			return fmt.Errorf("--format is table or json, not %q", format)
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table or json")
	complete(c, "format", "table", "json")
	return c
}

func (a *app) ruleTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range a.rules {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
	}
	return table.Flush()
}

// ruleEntry is a rule as "rules --format json" writes it.
type ruleEntry struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Severity string   `json:"severity"`
	Since    string   `json:"since"`
	Tags     []string `json:"tags"`
}

func (a *app) ruleJSON(w io.Writer) error {
	entries := []ruleEntry{}
	for _, r := range a.rules {
		entries = append(entries, ruleEntry{r.ID, r.Title, r.Severity.String(), r.Since, append([]string{}, r.Tags...)})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(entries)
}

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule: what it finds, why it matters, how to mend it",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes the ID of one rule; seaworthy rules lists them")
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return a.ruleIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r := a.findRule(args[0])
			if r == nil {
				return fmt.Errorf("there is no rule %q%s; seaworthy rules lists them", args[0], a.meantRule(args[0]))
			}
			return a.print(func(w io.Writer) error {
				_, err := io.WriteString(w, docs.Page(r.ID))
				return err
			})
		},
	}
}

// meantRule suggests a rule for an ID, or a name without family, that is wrong.
func (a *app) meantRule(id string) string {
	if strings.Contains(id, "/") {
		return nearest.DidYouMean(id, a.ruleIDs())
	}
	var names []string
	for _, r := range a.rules {
		names = append(names, strings.TrimPrefix(r.ID, r.Family()+"/"))
	}
	return nearest.DidYouMean(id, names)
}

// findRule returns the rule with the ID, or the only one with the name.
func (a *app) findRule(id string) *rule.Rule {
	var named []*rule.Rule
	for _, r := range a.rules {
		if r.ID == id {
			return r
		}
		if strings.TrimPrefix(r.ID, r.Family()+"/") == id {
			named = append(named, r)
		}
	}
	if len(named) == 1 {
		return named[0]
	}
	return nil
}

func (a *app) ruleIDs() []string {
	var ids []string
	for _, r := range a.rules {
		ids = append(ids, r.ID)
	}
	return ids
}
