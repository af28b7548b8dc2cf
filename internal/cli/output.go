package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/nearest"
	"github.com/goseaworthy/seaworthy/internal/report"
)

// outputFlags say where reports go.
type outputFlags struct {
	format   string
	outputs  []string
	category string
}

func (f *outputFlags) register(c *cobra.Command) {
	var words []string
	for _, f := range report.Formats() {
		words = append(words, cobra.CompletionWithDesc(f.Name, f.Description))
	}
	c.Flags().StringVar(&f.format, "format", "text", "format of the report on stdout: "+strings.Join(formatNames(), ", "))
	c.Flags().StringArrayVar(&f.outputs, "output", nil, "write a report to a file too, as `FORMAT=FILE` (repeatable)")
	c.Flags().StringVar(&f.category, "category", "", "the `NAME` by which code scanning tells the SARIF of several runs on one commit apart")
	complete(c, "format", words...)
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// output is one report to write.
type output struct {
	format  report.Format
	options report.Options
	path    string // absolute; empty: stdout
	name    string // as the user wrote it
}

// outputs returns the reports to write, files first: a reader of stdout who
// leaves early does not take them along.
func (a *app) outputs(f *outputFlags) ([]output, error) {
	color, err := a.useColor()
	if err != nil {
		return nil, err
	}
	options := report.Options{
		Server:     a.env.Getenv("GITHUB_SERVER_URL"),
		Repository: a.env.Getenv("GITHUB_REPOSITORY"),
		Commit:     a.env.Getenv("GITHUB_SHA"),
		Category:   f.category,
	}
	var all []output
	taken := map[string]bool{}
	for _, o := range f.outputs {
		name, file, ok := strings.Cut(o, "=")
		if !ok || file == "" {
			return nil, fmt.Errorf("--output is FORMAT=FILE, as in sarif=seaworthy.sarif, not %q", o)
		}
		format, err := lookup("--output", name)
		if err != nil {
			return nil, err
		}
		path := a.abs(file)
		if taken[path] {
			return nil, fmt.Errorf("--output: two reports go to %s", file)
		}
		taken[path] = true
		all = append(all, output{format, options, path, file})
	}
	format, err := lookup("--format", f.format)
	if err != nil {
		return nil, err
	}
	options.Color = color
	return append(all, output{format: format, options: options}), nil
}

func lookup(flag, name string) (report.Format, error) {
	format, ok := report.Lookup(name)
	if !ok {
		return format, fmt.Errorf("%s: there is no format %q%s; there are %s",
			flag, name, nearest.DidYouMean(name, formatNames()), strings.Join(formatNames(), ", "))
	}
	return format, nil
}

// machineOnly leaves out what people read on stdout: they have been told.
func machineOnly(outputs []output) []output {
	var rest []output
	for _, o := range outputs {
		if o.path != "" || o.format.Name != "text" && o.format.Name != "concise" {
			rest = append(rest, o)
		}
	}
	return rest
}

func (a *app) write(outputs []output, r report.Report) error {
	for _, o := range outputs {
		if o.path == "" && isTerminal(a.env.Stdout) {
			o.options.Elapsed = time.Since(a.start)
		}
		write := o.format.Writer(o.options)
		if o.path == "" {
			if err := a.print(func(w io.Writer) error { return write(w, r) }); err != nil {
				return err
			}
			continue
		}
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			return fmt.Errorf("writing %s: %w", o.name, err)
		}
		if err := writeFile(o.path, b.Bytes()); err != nil {
			return fmt.Errorf("writing %s: %w", o.name, plainCause(err))
		}
	}
	return nil
}

// print writes to stdout. A reader who has gone away is no error.
func (a *app) print(to func(io.Writer) error) error {
	w := bufio.NewWriter(a.env.Stdout)
	err := to(w)
	if err == nil {
		err = w.Flush()
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("writing to stdout: %w", plainCause(err))
	}
	return nil
}

// writeFile replaces a file at once, so that nobody reads half a report. What
// is no regular file, as /dev/stdout or a link, is written to.
func writeFile(path string, data []byte) error {
	mode := fs.FileMode(0o666) // less what the umask takes
	if info, err := os.Lstat(path); err == nil {
		if !info.Mode().IsRegular() {
			return os.WriteFile(path, data, mode)
		}
		mode = info.Mode().Perm()
	}
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".seaworthy-%d.tmp", os.Getpid()))
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// plainCause returns an error of a file without the path, which messages name
// as the user wrote it.
func plainCause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
