package main

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	tus "github.com/eventials/go-tus"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/longhaul-io/longhaul/client"
)

const pushHelp = `Push sends each FILE to the tus server at URL, e.g. http://127.0.0.1:8080/files/

It survives cut connections and restarts of the server by itself. When it was
stopped, the same command goes on where it stopped; when everything is there
already, it sends nothing.

With --recursive a DIR stands for all files below it. The server is told the path
of each, from the name of DIR on, as relativePath beside its filename. Symbolic
links below DIR are passed over unless --follow-symlinks is given.

A FILE of - is standard input, sent as it comes; --meta filename=NAME names it. What
was read of it is gone, so it survives cut connections but not an end of push.

A file that grows: with --append the upload stays open, and pushing again sends
only the growth. --finish sends what is missing and completes it.

With --follow push waits for what a file grows by and sends that, too, as tail -f
would show it, until you press Ctrl-C or nothing came for as long as --idle says.
Then the upload is left open, or completed with --finish.

With --parallel N a file goes in N parts (of 1 MiB at least) over as many
connections, and the server joins them. With --parallel auto a file of 16 MiB or more
goes in 8 parts, if what was sent to that URL in the last 24 hours got lost: one byte
in 200 of a request of 1 MiB or more had to be sent again (8 packets at least; on
Linux), or three connections of an upload broke or stalled. What was begun goes on as it is, so that the first file over a bad
link goes as one. Servers that cannot join parts get files as one.

On standard output there is one line per file, with the URL of its upload at the
end. Everything else goes to standard error.

` + exitHelp + `

` + jsonHelp

const exitHelp = `Exit codes:
  0    everything is stored
  1    failed
  2    wrong usage
  3    some of several files failed
  4    a file changed since or while it was sent; its upload was not completed
  5    gave up for now; the same command goes on
  130  interrupted; the same command goes on`

type pushFlags struct {
	access                      access
	recursive, links            bool
	follow                      bool
	idle                        time.Duration
	append, finish, quiet, json bool
	onChange, checksum, digest  string
	chunkSize, limitRate        string
	meta                        []string
	jobs                        int
	parallel                    string
	noDigest                    bool
	patience                    time.Duration
}

func newPush(u *ui, call call) *cobra.Command {
	var flags pushFlags
	cmd := &cobra.Command{
		Use:   "push [flags] FILE|DIR... URL",
		Short: "Send files, or what is missing of them",
		Long:  pushHelp,
		Example: `  longhaul push film.mov http://127.0.0.1:8080/files/
  longhaul push --recursive rushes/ http://127.0.0.1:8080/files/`,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := newPusher(u, flags, args, call)
			if err != nil {
				return err
			}
			defer p.client.Close()
			w := walk{recursive: flags.recursive, follow: flags.links}
			for _, word := range args[:len(args)-1] {
				w.add(word)
			}
			return p.pushAll(cmd.Context(), &w)
		},
	}
	flags.define(cmd)
	return cmd
}

// define is for push.
func (f *pushFlags) define(cmd *cobra.Command) {
	s := cmd.Flags()
	s.SortFlags = false
	s.BoolVarP(&f.recursive, "recursive", "r", false, "send the files below directories too")
	s.BoolVar(&f.links, "follow-symlinks", false, "with --recursive, send what symbolic links lead to")
	s.BoolVar(&f.append, "append", false, "leave the upload open for more; later pushes send only the growth")
	s.BoolVar(&f.follow, "follow", false, "go on with what files grow by; leaves uploads open, unless with --finish")
	s.DurationVar(&f.idle, "idle", 0, "with --follow, end when nothing came for this long (default: only with Ctrl-C)")
	f.how(s)
	s.StringArrayVarP(&f.meta, "meta", "m", nil, "tell the server more about each file, as `KEY=VALUE`; an empty value takes filename or filetype away; repeatable")
}

// how defines the flags that say how files are sent, not which.
func (f *pushFlags) how(s *pflag.FlagSet) {
	s.BoolVar(&f.finish, "finish", false, "send what is missing and complete an upload left open by --append")
	s.IntVarP(&f.jobs, "jobs", "j", 4, "send this `NUMBER` of files at a time")
	s.StringVar(&f.parallel, "parallel", "1", "send each file in this `NUMBER` of parts at a time, for links that lose packets; auto: 8 of large files where they got lost before")
	s.StringVar(&f.onChange, "on-change", "fail", "when a file changed since its unfinished upload began: `fail|restart`")
	s.StringVar(&f.chunkSize, "chunk-size", "", "send at most this `SIZE` per request, e.g. 64MiB, where a proxy limits it (default: no limit)")
	s.StringVar(&f.checksum, "checksum", "", "let the server check each request before it keeps anything: =`ALGORITHM`, or the best that it knows")
	s.Lookup("checksum").NoOptDefVal = client.AnyChecksum
	s.StringVar(&f.digest, "digest", "", "at the end compare this `ALGORITHM` of the whole, too: sha-256 (CRC-32C is compared anyway, where the server tells it)")
	s.BoolVar(&f.noDigest, "no-digest", false, "take no sums: much less CPU, but nothing is compared at the end")
	s.StringVar(&f.limitRate, "limit-rate", "", "send at most at this `RATE`, all files together, e.g. 10MiB/s (default: no limit)")
	s.DurationVar(&f.patience, "patience", 15*time.Minute, "keep trying for this long without any progress")
	f.access.flags(s)
	s.BoolVarP(&f.quiet, "quiet", "q", false, "show no progress")
	s.BoolVar(&f.json, "json", false, "print events as JSON, see above")
}

func newPusher(u *ui, flags pushFlags, args []string, call call) (*pusher, error) {
	if len(args) < 2 {
		return nil, &usageError{"push needs a file and a URL", "longhaul push FILE... URL, e.g. longhaul push film.mov http://127.0.0.1:8080/files/"}
	}
	last := len(args) - 1
	if _, err := parseURL(args[last], args[:last]); err != nil {
		return nil, err
	}
	if slices.Contains(args[:last], standardInput) && (flags.follow || flags.append && !flags.finish) {
		return nil, &usageError{"standard input with --append or --follow", "what was read of it cannot be read again, so it is sent to its end"}
	}
	metadata, err := parseMetadata(flags.meta)
	if err != nil {
		return nil, err
	}
	p, err := flags.pusher(u, args[last], flags.access, call)
	if err != nil {
		return nil, err
	}
	p.options.Metadata = metadata
	return p, nil
}

// pusher makes the pusher that the flags describe, for the server at address.
func (f *pushFlags) pusher(u *ui, address string, access access, call call) (*pusher, error) {
	config, err := f.config()
	if err != nil {
		return nil, err
	}
	c, endpoint, err := connect(address, config, access, call.getenv)
	if err != nil {
		return nil, err
	}
	u.quiet, u.json = f.quiet || f.json, f.json
	p := &pusher{
		explainer: explainer{endpoint: endpoint, again: "longhaul " + quote(redacted(call.args))},
		ui:        u, client: c, stdin: call.stdin, jobs: f.jobs,
		options: client.Options{Append: f.append || f.follow, Finish: f.finish, Restart: f.onChange == "restart"},
	}
	p.options.Parallel, _ = parseParallel(f.parallel) // config has looked at it
	if f.follow {
		p.options.Follow = &client.Follow{Idle: f.idle}
	}
	return p, nil
}

// config checks the flags and makes what the library needs of them.
func (f *pushFlags) config() (client.Config, error) {
	config := client.Config{Patience: f.patience, Checksum: f.checksum, NoDigest: f.noDigest, SHA256: f.digest != ""}
	switch {
	case f.onChange != "fail" && f.onChange != "restart":
		return config, &usageError{fmt.Sprintf("--on-change %q", f.onChange), "it is fail or restart"}
	case f.patience <= 0:
		return config, &usageError{fmt.Sprintf("--patience %s", f.patience), "it is a time above 0, e.g. 90s or 15m"}
	case f.jobs < 1 || f.jobs > maxJobs:
		return config, &usageError{fmt.Sprintf("--jobs %d", f.jobs), fmt.Sprintf("it is a number from 1 to %d", maxJobs)}
	case !slices.Contains([]string{"", client.AnyChecksum, "sha1", "sha256", "sha512", "md5", "crc32", "crc32c"}, f.checksum):
		return config, &usageError{fmt.Sprintf("--checksum=%s", f.checksum), "it is sha1, sha256, sha512, md5, crc32 or crc32c; without one the best that the server knows is taken"}
	case f.noDigest && f.checksum != "":
		return config, &usageError{"--no-digest and --checksum", "leave one out"}
	case f.digest != "" && f.digest != "sha-256":
		return config, &usageError{fmt.Sprintf("--digest %q", f.digest), "it is sha-256"}
	case f.noDigest && f.digest != "":
		return config, &usageError{"--no-digest and --digest", "leave one out"}
	case f.idle < 0 || f.idle > 0 && !f.follow:
		return config, &usageError{fmt.Sprintf("--idle %s", f.idle), "it is a time above 0, e.g. 30s, and goes with --follow"}
	case f.links && !f.recursive:
		return config, &usageError{"--follow-symlinks without --recursive", "links that are named themselves are followed always"}
	}
	if _, err := parseParallel(f.parallel); err != nil {
		return config, err
	}
	var err error
	if config.ChunkSize, err = parseSize("--chunk-size", f.chunkSize); err != nil {
		return config, err
	}
	config.MaxRate, err = parseRate(f.limitRate)
	return config, err
}

// parseParallel reads a number of parts, or "auto".
func parseParallel(text string) (int, error) {
	if text == "auto" {
		return client.AutoParallel, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxJobs {
		return 0, &usageError{fmt.Sprintf("--parallel %s", text), fmt.Sprintf("it is a number from 1 to %d, or auto", maxJobs)}
	}
	return n, nil
}

// parseRate reads a number of bytes in a second.
func parseRate(text string) (int64, error) {
	return parseSize("--limit-rate", strings.TrimSuffix(text, "/s"))
}

// parseSize reads a number of bytes; nothing is 0.
func parseSize(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return 0, &usageError{fmt.Sprintf("%s %q", flag, text), "it is a number of bytes above 0, e.g. 512KiB or 64MiB"}
	}
	return int64(n), nil
}

// parseMetadata reads KEY=VALUE pairs (tus 1.0.0, Upload-Metadata).
func parseMetadata(pairs []string) (tus.Metadata, error) {
	metadata := tus.Metadata{}
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		odd := strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' })
		if !found || key == "" || odd {
			return nil, &usageError{fmt.Sprintf("--meta %q", pair), "it is KEY=VALUE; keys are ASCII without spaces and commas"}
		}
		metadata[key] = value
	}
	return metadata, nil
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
			hint = "the URL comes last: longhaul push FILE... " + quote(redacted([]string{other}))
		}
	}
	if host, _, _ := strings.Cut(text, "/"); strings.Contains(host, ":") && !strings.Contains(text, "://") {
		hint = "did you mean http://" + text + "?"
	}
	return nil, &usageError{fmt.Sprintf("%q is no http or https URL", redacted([]string{text})[0]), hint}
}
