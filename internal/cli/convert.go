package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/docs"
	"github.com/goseaworthy/seaworthy/internal/report"
)

func (a *app) reportCommand() *cobra.Command {
	var from string
	var uploaded bool
	f := &outputFlags{}
	c := &cobra.Command{
		Use:   "report --from FILE",
		Short: "Write the report of an earlier run in other formats",
		Long: `report reads what "seaworthy --format json" wrote and writes it in other formats.
It judges nothing and always ends with 0. Run it at the root of the repository: the
source that text shows is read from there, as long as it is unchanged.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if from == "" {
				return errors.New("report needs --from FILE, the JSON of a run (- for stdin)")
			}
			outputs, err := a.outputs(f)
			if err != nil {
				return err
			}
			t, err := a.open(".", &targetFlags{resolve: "none"})
			if err != nil {
				return err
			}
			defer t.close()
			r, err := a.readReport(t, from)
			if err != nil {
				return err
			}
			change, err := a.findChange(t, "", uploaded)
			if err != nil {
				return err
			}
			tellChange(outputs, change, uploaded)
			return a.write(outputs, r)
		},
	}
	f.register(c)
	c.Flags().StringVar(&from, "from", "", "the JSON `FILE` of a run, or - for stdin")
	registerUploaded(c, &uploaded)
	return c
}

// readReport reads a report and finds its sources in a repository.
func (a *app) readReport(t *target, name string) (report.Report, error) {
	in := a.env.Stdin
	if name != "-" {
		f, err := os.Open(a.abs(name))
		if err != nil {
			return report.Report{}, fmt.Errorf("reading %s: %w", name, plainCause(err))
		}
		defer f.Close()
		in = f
	}
	r, err := report.ReadJSON(io.LimitReader(in, maxReport), report.Origin{Rule: a.findRule, File: t.repo.File})
	r.Page = docs.Page
	return r, err
}

// maxReport is how much of a report is read, in bytes.
const maxReport = 1 << 30
