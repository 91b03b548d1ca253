package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const resumeHelp = `Resume goes on with pushes that were broken off: of each FILE, or with --all of
everything that status shows. What is the only one needs no name.

Uploads that were left open for more get what their files have grown by and stay
open, unless --finish is given. With a URL only what went to that server is meant;
only then is a token sent, and to no other server.

` + exitHelp

func newResume(u *ui, call call) *cobra.Command {
	flags := pushFlags{}
	var all bool
	cmd := &cobra.Command{
		Use:                   "resume [flags] [--all | FILE...] [URL]",
		Short:                 "Go on with what was broken off",
		Long:                  resumeHelp,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			address := ""
			if n := len(args); n > 0 && strings.Contains(args[n-1], "://") {
				address, args = args[n-1], args[:n-1]
			}
			if _, err := flags.config(); err != nil {
				return err
			}
			s, err := newSurvey(address, flags.access, call)
			if err != nil {
				return err
			}
			defer s.close()
			r := resumer{ui: u, survey: s, flags: flags, call: call}
			return r.run(cmd.Context(), args, all)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVarP(&all, "all", "a", false, "everything that is unfinished")
	flags.how(cmd.Flags())
	return cmd
}

// resumer pushes again what was broken off, to one server after the other.
type resumer struct {
	ui     *ui
	survey *survey
	flags  pushFlags
	call   call
}

func (r *resumer) run(ctx context.Context, words []string, all bool) error {
	if all && len(words) > 0 {
		return &usageError{"--all, and names of files", "leave one out"}
	}
	records, err := client.Records("")
	if err != nil {
		return (&explainer{}).explain(err, "", client.Result{})
	}
	records = slices.DeleteFunc(records, func(c client.Record) bool { return c.Finished || c.Path == "" || !r.survey.wants(c) })
	if len(words) > 0 {
		if records, err = named(records, words); err != nil {
			return err
		}
	}
	switch {
	case len(records) == 0:
		r.ui.say("nothing is unfinished here")
		return nil
	case len(records) > 1 && !all && len(words) == 0:
		return &usageError{fmt.Sprintf("%d pushes are unfinished", len(records)), "name the files, or add --all; longhaul status shows them"}
	}
	return r.push(ctx, records)
}

// named finds the records of files.
func named(records []client.Record, words []string) (found []client.Record, err error) {
	for _, word := range words {
		path, err := filepath.Abs(word)
		if err != nil {
			return nil, err
		}
		before := len(found)
		for _, r := range records {
			if r.Path == path {
				found = append(found, r)
			}
		}
		if len(found) == before {
			return nil, &failure{text: "no push of " + word + " is unfinished here", code: exitFailed, hint: "longhaul status shows what is"}
		}
	}
	return found, nil
}

// push goes on with the records, one endpoint after the other.
func (r *resumer) push(ctx context.Context, records []client.Record) error {
	var endpoints []string
	walks := map[string]*walk{}
	for _, record := range records {
		w := walks[record.Endpoint]
		if w == nil {
			w = &walk{}
			walks[record.Endpoint] = w
			endpoints = append(endpoints, record.Endpoint)
		}
		info, err := os.Stat(record.Path)
		if err != nil {
			w.problem(shortPath(record.Path), err)
			continue
		}
		w.target(target{path: shortPath(record.Path), size: info.Size(), metadata: record.Metadata, open: record.Open})
	}
	var whole outcome
	for _, endpoint := range endpoints {
		address, access := r.survey.address(client.Record{Endpoint: endpoint})
		p, err := r.flags.pusher(r.ui, address, access, r.call)
		if err != nil {
			return err
		}
		_ = p.pushAll(ctx, walks[endpoint]) // its outcome says it
		p.client.Close()
		whole.join(p.outcome)
		if ctx.Err() != nil {
			break
		}
	}
	if code := whole.code(); code != exitOK {
		return exitError(code)
	}
	return nil
}
