package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/knowledge"
	"github.com/goseaworthy/seaworthy/internal/report"
)

// version is the version of this source. It is a constant, because what the go
// command stamps differs between a clone, a tag and an installed module, and a
// report must not.
const version = "v0.1.0-dev"

// tool names this program, and what it goes by, in reports.
func tool(k *knowledge.Base) report.Tool {
	return report.Tool{Name: "seaworthy", Version: version, Knowledge: k.Date()}
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.print(func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "seaworthy %s%s\nknowledge of %s\n%s %s/%s\n",
					version, revision(), knowledge.Default().Date(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
				return err
			})
		},
	}
}

// revision returns the commit that the program was built from, where the go
// command has noted it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = " " + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " (modified)"
		}
	}
	return commit + modified
}
