package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
)

func (a *app) factsCommand() *cobra.Command {
	f := &targetFlags{resolve: "none"}
	c := &cobra.Command{
		Use:   "facts NAME",
		Short: "Print what seaworthy knows of an image, package, module, Go version or setting",
		Long: `facts prints what the tables say, and where it comes from: what rules go by and a
repository does not tell. What is not listed is unknown, and no rule fires on it. The
tables and images that .seaworthy.toml adds count.`,
		Example: `  seaworthy facts golang:1.25-alpine
  seaworthy facts github.com/mattn/go-sqlite3
  seaworthy facts 1.25
  seaworthy facts panicnil`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := a.open(".", f)
			if err != nil {
				return err
			}
			defer t.close()
			return a.facts(t.repo.Knowledge(), args[0])
		},
	}
	c.Flags().StringVar(&f.config, "config", "", "read this `FILE` instead of .seaworthy.toml at the root")
	return c
}

func (a *app) facts(k *knowledge.Base, name string) error {
	rows := k.Describe(name)
	if len(rows) == 0 {
		return fmt.Errorf("nothing is known of %q (tables of %s)", name, k.Date())
	}
	return a.print(func(w io.Writer) error {
		for _, row := range rows {
			if _, err := fmt.Fprintf(w, "%s: %s\n", row.Table, printable(row.Name)); err != nil {
				return err
			}
			for _, field := range append(row.Fields, [2]string{"source", row.Source}) {
				if _, err := fmt.Fprintf(w, "  %-16s %s\n", field[0], printable(field[1])); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
