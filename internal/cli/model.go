package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/repo"
)

// printers lists what "seaworthy model" prints, a line for each model.
var printers = []func(io.Writer, *repo.Repo) error{printImages, printServices, printGo}

func (a *app) modelCommand() *cobra.Command {
	f := &targetFlags{}
	c := &cobra.Command{
		Use:   "model [path]",
		Short: "Print what seaworthy believes about each build and service, and why",
		Long: `model prints what rules go by: every image with the programs in it, how each is built
and linked, and what the image has for them; every service with its program, limits and
variables; every go command with its Go, module and settings. Below each stand the lines of
the repository that say so. It shows why a rule fires, or what it does not know.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := a.open(first(args), f)
			if err != nil {
				return err
			}
			defer t.close()
			return a.print(func(w io.Writer) error {
				for _, print := range printers {
					if err := print(w, t.repo); err != nil {
						return fmt.Errorf("printing a model: %w", err)
					}
				}
				return nil
			})
		},
	}
	f.register(c)
	return c
}
