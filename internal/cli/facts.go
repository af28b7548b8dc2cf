package cli

import (
	"errors"
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
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("facts takes one name: of an image, package, module, Go version or setting")
			}
			return nil
		},
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
			fields, width := append(row.Fields, [2]string{"source", row.Source}), 0
			for _, field := range fields {
				width = max(width, len(field[0]))
			}
			for _, field := range fields {
				if _, err := fmt.Fprintf(w, "  %-*s  %s\n", width, field[0], printable(field[1])); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
