package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/longhaul-io/longhaul/client"
)

const pushHelp = `Push sends each FILE to the tus server at URL, e.g. http://127.0.0.1:8080/files/

It survives cut connections and restarts of the server by itself. When it was
stopped, the same command goes on where it stopped; when everything is there
already, it sends nothing.

A file that grows: with --append the upload stays open, and pushing again sends
only the growth. --finish sends what is missing and completes it.

On standard output there is one line per file, with the URL of its upload at the
end. Everything else goes to standard error.

Exit codes:
  0    everything is stored
  1    failed
  2    wrong usage
  3    some of several files failed
  4    a file changed since or while it was sent; its upload was not completed
  5    gave up for now; the same command goes on
  130  interrupted; the same command goes on`

type pushFlags struct {
	append, finish, quiet bool
	onChange, chunkSize   string
	patience              time.Duration
}

func newPush(u *ui, typed []string) *cobra.Command {
	var flags pushFlags
	cmd := &cobra.Command{
		Use:                   "push [flags] FILE... URL",
		Short:                 "Send files, or what is missing of them",
		Long:                  pushHelp,
		Example:               "  longhaul push film.mov http://127.0.0.1:8080/files/",
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := newPusher(u, flags, args)
			if err != nil {
				return err
			}
			defer p.client.Close()
			p.again = "longhaul " + quote(redacted(typed))
			return p.pushAll(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&flags.append, "append", false, "leave the upload open for more; later pushes send only the growth")
	f.BoolVar(&flags.finish, "finish", false, "send what is missing and complete an upload left open by --append")
	f.StringVar(&flags.onChange, "on-change", "fail", "when a file changed since its unfinished upload began: `fail|restart`")
	f.StringVar(&flags.chunkSize, "chunk-size", "", "send at most this much per request, e.g. 64MiB, where a proxy limits it (default: no limit)")
	f.DurationVar(&flags.patience, "patience", 15*time.Minute, "keep trying for this long without any progress")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "show no progress")
	return cmd
}

// pusher pushes the files of one command.
type pusher struct {
	ui       *ui
	client   *client.Client
	options  client.Options
	files    []string
	endpoint *url.URL
	again    string // the command that goes on
}

func newPusher(u *ui, flags pushFlags, args []string) (*pusher, error) {
	if len(args) < 2 {
		return nil, &usageError{"push needs a file and a URL", "longhaul push FILE... URL, e.g. longhaul push film.mov http://127.0.0.1:8080/files/"}
	}
	last := len(args) - 1
	endpoint, err := parseURL(args[last], args[:last])
	if err != nil {
		return nil, err
	}
	chunk, err := flags.check()
	if err != nil {
		return nil, err
	}
	c, err := client.New(args[last], client.Config{ChunkSize: chunk, Patience: flags.patience})
	if err != nil {
		return nil, &usageError{err.Error(), "the URL is that of a tus server, e.g. http://127.0.0.1:8080/files/"}
	}
	u.quiet = flags.quiet
	options := client.Options{Append: flags.append, Finish: flags.finish, Restart: flags.onChange == "restart"}
	return &pusher{ui: u, client: c, options: options, files: args[:last], endpoint: endpoint}, nil
}

func (f pushFlags) check() (chunk int64, err error) {
	if f.onChange != "fail" && f.onChange != "restart" {
		return 0, &usageError{fmt.Sprintf("--on-change %q", f.onChange), "it is fail or restart"}
	}
	if f.patience <= 0 {
		return 0, &usageError{fmt.Sprintf("--patience %s", f.patience), "it is a time above 0, e.g. 90s or 15m"}
	}
	if f.chunkSize == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(f.chunkSize)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return 0, &usageError{fmt.Sprintf("--chunk-size %q", f.chunkSize), "it is a number of bytes above 0, e.g. 512KiB or 64MiB"}
	}
	return int64(n), nil
}

// parseURL reads the last argument of push; others are those before it.
func parseURL(text string, others []string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return u, nil
	}
	hint := "the last argument is the URL of a tus server, e.g. http://127.0.0.1:8080/files/"
	for _, other := range others {
		if strings.HasPrefix(other, "http://") || strings.HasPrefix(other, "https://") {
			hint = "the URL comes last: longhaul push FILE... " + quote([]string{other})
		}
	}
	if host, _, _ := strings.Cut(text, "/"); strings.Contains(host, ":") && !strings.Contains(text, "://") {
		hint = "did you mean http://" + text + "?"
	}
	return nil, &usageError{fmt.Sprintf("%q is no http or https URL", redacted([]string{text})[0]), hint}
}

// redacted returns words without the passwords of URLs among them.
func redacted(words []string) []string {
	shown := make([]string, len(words))
	for i, word := range words {
		shown[i] = word
		if u, err := url.Parse(word); err == nil && u.User != nil {
			shown[i] = u.Redacted()
		}
	}
	return shown
}

// pushAll pushes one file after the other. A failure that is the server's ends
// it; one that is the file's does not.
func (p *pusher) pushAll(ctx context.Context) error {
	var codes []int
	for _, path := range p.files {
		failed := p.pushOne(ctx, path)
		if failed == nil {
			codes = append(codes, exitOK)
			continue
		}
		p.ui.failure(failed)
		codes = append(codes, failed.code)
		if failed.code == exitInterrupted || failed.everywhere {
			break
		}
	}
	if code := together(codes, len(p.files)); code != exitOK {
		return exitError(code)
	}
	return nil
}

func (p *pusher) pushOne(ctx context.Context, path string) *failure {
	if err := readable(path); err != nil {
		return p.explain(err, path, client.Result{})
	}
	view := p.ui.begin(path)
	options := p.options
	options.Notify = view.event
	result, err := p.client.Upload(ctx, client.File(path), options)
	view.end()
	if ctx.Err() != nil && err != nil {
		p.catchUp(&result)
	}
	if err != nil {
		return p.explain(err, path, result)
	}
	p.ui.stored(path, result)
	return nil
}

// readable turns down what cannot be pushed before anything is shown.
func readable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errDirectory
	case !info.Mode().IsRegular():
		return errNotRegular
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

var (
	errDirectory  = errors.New("is a directory")
	errNotRegular = errors.New("is no regular file")
)

// catchUp asks how far the server came in a request that was interrupted.
func (p *pusher) catchUp(result *client.Result) {
	if result.URL == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if status, err := p.client.Status(ctx, result.URL); err == nil {
		result.Offset = status.Offset
	}
}

// missing reports whether err is about a file that is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
