package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	tus "github.com/eventials/go-tus"
	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const pullHelp = `Pull downloads the finished upload at URL.

The file gets the name that its uploader gave it (without dots in front of it, and
what some systems cannot have in a name is _), in the directory that you are in, or
the one that --output says. It appears when all of it is on disk and has
the digest that the server tells; until then its bytes are in a file beside it
that ends in ".part". Cut connections and restarts of the server are survived.
When pull was stopped, the same command goes on where it stopped; when the file
is there already, it receives nothing. No other file is overwritten without
--force.

Exit codes are those of push: 0 the file is there, 1 failed, 2 wrong usage,
5 gave up for now, 130 interrupted.`

type pullFlags struct {
	access             access
	output, limitRate  string
	force, quiet, json bool
	patience           time.Duration
}

func newPull(u *ui, call call) *cobra.Command {
	var flags pullFlags
	cmd := &cobra.Command{
		Use:                   "pull [flags] URL",
		Short:                 "Download a finished upload",
		Long:                  pullHelp,
		Example:               "  longhaul pull http://127.0.0.1:8080/files/2gzjkhx2ouln3rrbmhtcvlzhgc -o film.mov",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := newPuller(u, flags, args, call)
			if err != nil {
				return err
			}
			defer p.client.Close()
			p.again = "longhaul " + quote(redacted(call.args))
			return p.pull(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&flags.output, "output", "o", "", "where to: a `FILE`, a directory, or - for standard output")
	f.BoolVarP(&flags.force, "force", "f", false, "overwrite a file that is there")
	f.StringVar(&flags.limitRate, "limit-rate", "", "receive at most at this `RATE`, e.g. 10MiB/s (default: no limit)")
	f.DurationVar(&flags.patience, "patience", 15*time.Minute, "keep trying for this long without any progress")
	flags.access.flags(f)
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "show no progress")
	f.BoolVar(&flags.json, "json", false, `print events as JSON, see "longhaul help push"`)
	return cmd
}

// puller downloads one upload.
type puller struct {
	explainer
	ui      *ui
	client  *client.Client
	options client.DownloadOptions
	tally   *tally
}

func newPuller(u *ui, flags pullFlags, args []string, call call) (*puller, error) {
	if len(args) != 1 {
		return nil, &usageError{"pull needs one URL", "longhaul pull URL; push prints the URL of each upload"}
	}
	toStdout := flags.output == standardInput
	switch {
	case flags.patience <= 0:
		return nil, &usageError{fmt.Sprintf("--patience %s", flags.patience), "it is a time above 0, e.g. 90s or 15m"}
	case flags.json && toStdout:
		return nil, &usageError{"--json and --output - at once", "both print to standard output; leave one out"}
	}
	rate, err := parseRate(flags.limitRate)
	if err != nil {
		return nil, err
	}
	c, address, err := connect(args[0], client.Config{Patience: flags.patience, MaxRate: rate}, flags.access, call.getenv)
	if err != nil {
		return nil, err
	}
	u.quiet, u.json = flags.quiet || flags.json, flags.json
	p := &puller{explainer: explainer{endpoint: address}, ui: u, client: c, tally: newTally(1, 0)}
	p.options = client.DownloadOptions{Path: flags.output, Overwrite: flags.force}
	if toStdout {
		p.options.Path, p.options.Writer = "", u.stdout
	}
	return p, nil
}

func (p *puller) pull(ctx context.Context, address string) error {
	name := address
	if p.options.Path != "" {
		name = p.options.Path
	}
	p.ui.open(p.tally)
	v := p.ui.begin(name, p.tally, 0)
	options := p.options
	options.Notify = v.event
	result, err := p.client.Download(ctx, address, options)
	v.end()
	p.ui.close()
	if result.Path != "" {
		name = shortPath(result.Path)
	}
	if err != nil {
		f := p.explainPull(err, name, result)
		p.ui.event(jsonEvent{Event: "failed", jsonPath: pathOf(name), URL: address, Error: f.text, Hint: f.hint, Code: &f.code})
		return f
	}
	p.ui.received(name, result, p.options.Writer != nil)
	return nil
}

// shortPath is path as seen from the working directory, if it is in there.
func shortPath(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return path
}

// explainPull puts the error of a download into words.
func (p *puller) explainPull(err error, name string, result client.DownloadResult) *failure {
	var temporary *client.TemporaryError
	switch {
	case errors.Is(err, context.Canceled):
		f := &failure{code: exitInterrupted, text: "nothing of " + name + " was received", hint: "to go on: " + p.again}
		if result.Offset > 0 {
			f.text = fmt.Sprintf("%s of the %s of %s are here", amount(result.Offset), amount(result.Size), name)
		}
		if p.options.Writer != nil {
			f.hint = "standard output cannot be gone on with; --output FILE can"
		}
		return f
	case errors.Is(err, client.ErrUnfinished):
		return &failure{text: err.Error(), code: exitFailed, hint: "it can be pulled when it has been pushed to its end"}
	case errors.Is(err, client.ErrDamaged):
		return &failure{text: err.Error(), code: exitFailed, hint: "something between here and there damages data; try again, or another way there"}
	case errors.Is(err, fs.ErrExist):
		return &failure{text: name + " is there already, and is another file", code: exitFailed, hint: "--output FILE gives another name, --force overwrites it"}
	case errors.Is(err, client.ErrBusy):
		return &failure{text: name + " is being pulled by another process", code: exitFailed, hint: "wait for it, or stop it"}
	case errors.Is(err, tus.ErrUploadNotFound):
		return &failure{text: p.endpoint.Redacted() + " is not there", code: exitFailed, hint: "it may have expired or been removed, or the URL is not that of an upload"}
	case errors.As(err, &temporary):
		return p.explainTemporary(temporary, name)
	case missing(err):
		return &failure{text: "the directory of " + name + " does not exist", code: exitFailed, hint: "make it, or choose another with --output"}
	case errors.Is(err, fs.ErrPermission):
		return &failure{text: "no permission to write " + name, code: exitFailed, hint: "--output FILE puts it elsewhere"}
	}
	return p.explain(err, name, client.Result{})
}
