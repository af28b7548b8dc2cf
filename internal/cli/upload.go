package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/goseaworthy/seaworthy/internal/codescan"
	"github.com/goseaworthy/seaworthy/internal/history"
)

// uploadFlags are the flags of an upload. A token is none of them: others see
// the arguments of a process.
type uploadFlags struct {
	api, repository, ref, commit string
	dryRun                       bool
}

func (a *app) uploadCommand() *cobra.Command {
	f := &uploadFlags{}
	c := &cobra.Command{
		Use:   "upload FILE",
		Short: "Upload a SARIF file to GitHub code scanning",
		Long: `upload sends a SARIF file to GitHub code scanning and waits until it is processed. It
is for CI systems other than GitHub Actions, where github/codeql-action/upload-sarif knows
more; use one of the two, as GitHub keeps their results apart.

The token is read from GITHUB_TOKEN or GH_TOKEN. It needs write access to code scanning
alerts (the scope security_events). What the flags do not say is read from the variables
of GitHub Actions or, for the ref and the commit, from what is checked out.`,
		Example: `  seaworthy --output sarif=seaworthy.sarif
  seaworthy upload --repository example/app seaworthy.sarif`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("upload takes the name of one SARIF file")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.upload(f, args[0]) },
	}
	c.Flags().StringVar(&f.api, "api-url", "", "the `URL` of the API; GitHub Enterprise Server: https://HOST/api/v3 (default $GITHUB_API_URL or https://api.github.com)")
	c.Flags().StringVar(&f.repository, "repository", "", "`OWNER/NAME` (default $GITHUB_REPOSITORY)")
	c.Flags().StringVar(&f.ref, "ref", "", "the full `REF`: refs/heads/NAME, refs/tags/NAME or refs/pull/NUMBER/head (default $GITHUB_REF)")
	c.Flags().StringVar(&f.commit, "sha", "", "the full `HASH` of the commit (default $GITHUB_SHA)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "send nothing: see whether GitHub would take the file from this token")
	return c
}

func (a *app) upload(f *uploadFlags, name string) error {
	sarif, err := os.ReadFile(a.abs(name))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, plainCause(err))
	}
	analysis := codescan.Analysis{
		Repository: cmp.Or(f.repository, a.env.Getenv("GITHUB_REPOSITORY")),
		SARIF:      sarif,
	}
	if analysis.Repository == "" {
		return errors.New("upload needs --repository OWNER/NAME")
	}
	if analysis.Ref, analysis.Commit, err = a.subject(f); err != nil {
		return err
	}
	client := codescan.Client{
		API:   cmp.Or(f.api, a.env.Getenv("GITHUB_API_URL"), "https://api.github.com"),
		Token: cmp.Or(a.env.Getenv("GITHUB_TOKEN"), a.env.Getenv("GH_TOKEN")),
		Say:   func(line string) { a.say("%s", line) },
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if f.dryRun {
		return client.Try(ctx, analysis)
	}
	processed, err := client.Upload(ctx, analysis)
	if err != nil {
		return err
	}
	if !processed {
		a.say("GitHub has the upload and has not processed it yet: see the Security tab, Tool status")
		return nil
	}
	a.say("uploaded to %s for %s", analysis.Repository, analysis.Ref)
	return nil
}

// subject returns the ref and the commit that the file is about.
func (a *app) subject(f *uploadFlags) (ref, commit string, err error) {
	head, branch := "", ""
	dir, _, err := findRoot(a.abs("."))
	if err != nil {
		return "", "", plainCause(err)
	}
	if clone, err := history.Open(dir); err == nil {
		if c, name, err := clone.Head(); err == nil {
			head, branch = c.ID(), name
		}
		_ = clone.Close() // nothing was written
	}
	ref, commit = a.env.Getenv("GITHUB_REF"), a.env.Getenv("GITHUB_SHA")
	if ref == "" || commit == "" {
		ref, commit = branch, head
	} else {
		ref, commit = analysed(ref, commit, head)
	}
	ref, commit = cmp.Or(f.ref, ref), cmp.Or(f.commit, commit)
	if ref == "" || commit == "" {
		return "", "", errors.New("no branch is checked out here: upload needs --ref and --sha")
	}
	return ref, commit, nil
}
