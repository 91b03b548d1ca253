package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const removeHelp = `Rm removes the upload at each URL from its server, finished or not, and what is
remembered of it here. One that is not there any more is no error.

Exit codes: 0 all are gone, 1 failed, 2 wrong usage, 3 some failed.`

func newRemove(u *ui, call call) *cobra.Command {
	var access access
	cmd := &cobra.Command{
		Use:                   "rm [flags] URL...",
		Short:                 "Remove uploads from the server",
		Long:                  removeHelp,
		Example:               "  longhaul rm http://127.0.0.1:8080/files/2gzjkhx2ouln3rrbmhtcvlzhgc",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"rm needs a URL", "push prints the URL of each upload, and so does longhaul ls"}
			}
			records, err := client.Records("")
			if err != nil {
				return (&explainer{}).explain(err, "", client.Result{})
			}
			o := outcome{files: len(args)}
			for _, address := range args {
				if err := remove(cmd.Context(), u, address, access, call, records); err != nil {
					o.codes = append(o.codes, u.fail(err))
					continue
				}
				o.codes = append(o.codes, exitOK)
				u.out("removed %s", clean(redacted([]string{address})[0]))
			}
			if code := o.code(); code != exitOK {
				return exitError(code)
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	access.flags(cmd.Flags())
	return cmd
}

func remove(ctx context.Context, u *ui, address string, access access, call call, records []client.Record) error {
	c, endpoint, err := connect(address, client.Config{}, access, call.getenv)
	if err != nil {
		return err
	}
	defer c.Close()
	x := explainer{endpoint: endpoint, again: "longhaul rm " + quote(redacted([]string{address}))}
	switch err := c.Terminate(ctx, address); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return x.explainRemove(err)
	}
	for _, r := range records {
		if r.URL != address {
			continue
		}
		if err := r.Forget(""); err != nil && !errors.Is(err, client.ErrBusy) {
			return x.explain(err, r.Path, client.Result{})
		}
	}
	return nil
}

func (x *explainer) explainRemove(err error) *failure {
	var answer *client.ResponseError
	if errors.As(err, &answer) && (answer.Status == 404 || answer.Status == 405 || answer.Status == 501) {
		return &failure{text: x.endpoint.Redacted() + ": " + short(err), code: exitFailed,
			hint: "the URL is not that of an upload, or the server removes none"}
	}
	return x.explain(err, x.endpoint.Redacted(), client.Result{})
}
