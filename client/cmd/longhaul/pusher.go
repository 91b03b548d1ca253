package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
)

// maxJobs is how many files may be on their way at a time.
const maxJobs = 256

// pusher pushes the files of one command, several at a time.
type pusher struct {
	explainer
	ui      *ui
	client  *client.Client
	options client.Options // for all files
	stdin   io.Reader
	jobs    int

	tally *tally
	began time.Time

	mu      sync.Mutex // guards the following
	outcome outcome
	stopped []*failure // of files that were interrupted
	said    map[string]bool
	taken   int  // targets that were begun
	over    bool // a failure that is every file's ends the rest
}

// pushAll pushes what w found. A failure that is the server's ends it; one that
// is the file's does not.
func (p *pusher) pushAll(ctx context.Context, w *walk) error {
	p.began, p.said = time.Now(), map[string]bool{}
	p.outcome.files = len(w.targets) + len(w.problems)
	for _, problem := range w.problems {
		p.failed(problem.path, p.explain(problem.err, problem.path, client.Result{}))
	}
	p.tally = newTally(len(w.targets), sizeOf(w.targets))
	if p.options.Follow != nil {
		if len(w.targets) > maxJobs {
			return &usageError{fmt.Sprintf("%d files at a time", len(w.targets)), fmt.Sprintf("at most %d can be followed", maxJobs)}
		}
		p.tally, p.jobs = newTally(len(w.targets), -1), maxJobs
		stop := context.AfterFunc(ctx, func() { p.ui.say("sending what is there; Ctrl-C again ends at once") })
		defer stop()
	}
	p.ui.open(p.tally)
	p.work(ctx, w.targets)
	p.ui.close()
	p.conclude(w)
	if p.outcome.code() != exitOK {
		return exitError(p.outcome.code())
	}
	return nil
}

// sizeOf is how much there is to send in all, or negative where that is not known.
func sizeOf(targets []target) (sum int64) {
	for _, t := range targets {
		if t.size < 0 {
			return -1
		}
		sum += t.size
	}
	return sum
}

// work pushes the targets in order, so many at a time as there are jobs.
func (p *pusher) work(ctx context.Context, targets []target) {
	var wait sync.WaitGroup
	for range min(p.jobs, len(targets)) {
		wait.Go(func() {
			for i, ok := p.take(ctx, targets); ok; i, ok = p.take(ctx, targets) {
				p.push(ctx, targets[i], i)
			}
		})
	}
	wait.Wait()
	p.outcome.interrupted = ctx.Err() != nil
}

// take is the next target's index, unless nothing more is to be begun.
func (p *pusher) take(ctx context.Context, targets []target) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.taken == len(targets) || ctx.Err() != nil {
		return 0, false
	}
	p.taken++
	return p.taken - 1, true
}

func (p *pusher) push(ctx context.Context, t target, order int) {
	v := p.ui.begin(t.path, p.tally, order)
	result, err := p.upload(ctx, t, v.event)
	if err == nil {
		v.stored(result.Size)
	}
	v.end()
	if ctx.Err() != nil && err != nil {
		p.catchUp(&result)
	}
	p.mu.Lock()
	p.outcome.sent += result.Sent
	p.mu.Unlock()
	if err != nil {
		p.failed(t.path, p.explain(err, t.path, result))
		return
	}
	p.ui.stored(t.path, result)
	p.mu.Lock()
	p.outcome.codes = append(p.outcome.codes, exitOK)
	p.mu.Unlock()
}

func (p *pusher) upload(ctx context.Context, t target, notify func(client.Event)) (client.Result, error) {
	options := p.options
	options.Notify = notify
	options.Append = options.Append || t.open
	options.Metadata = maps.Clone(t.metadata)
	if options.Metadata == nil {
		options.Metadata = tus.Metadata{}
	}
	maps.Copy(options.Metadata, p.options.Metadata)
	if t.path == standardInput {
		return p.client.Upload(ctx, client.Reader("", p.stdin), options)
	}
	if err := readable(t.path); err != nil {
		return client.Result{}, err
	}
	if options.Follow != nil {
		// Ctrl-C is the end of what is followed, and no failure.
		follow := *options.Follow
		follow.Stop = ctx.Done()
		options.Follow, ctx = &follow, context.WithoutCancel(ctx)
	}
	return p.client.Upload(ctx, client.File(t.path), options)
}

// readable turns down what cannot be read before anything is asked of the server.
func readable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// failed tells a failure, the same one only once. Interrupts are told at the end.
func (p *pusher) failed(path string, f *failure) {
	p.mu.Lock()
	p.outcome.codes = append(p.outcome.codes, f.code)
	p.over = p.over || f.everywhere
	silent := p.said[f.text+f.hint]
	p.said[f.text+f.hint] = true
	if f.code == exitInterrupted {
		p.stopped = append(p.stopped, f)
		silent = true
	}
	p.mu.Unlock()
	p.ui.event(jsonEvent{Event: "failed", jsonPath: pathOf(path), Error: f.text, Hint: f.hint, Code: &f.code})
	if !silent {
		p.ui.failure(f)
	}
}

// conclude tells what became of the files together.
func (p *pusher) conclude(w *walk) {
	if w.skipped > 0 && !p.ui.quiet {
		p.ui.say("%s passed over: symbolic links, or no regular files", count(w.skipped, "name"))
	}
	o := &p.outcome
	stored, code := o.stored(), o.code()
	p.ui.event(jsonEvent{Event: "end", Files: &o.files, Stored: &stored, Sent: &o.sent, Code: &code})
	switch {
	case o.interrupted && code == exitInterrupted:
		p.tellInterrupt(stored)
	case o.files > 1 && !p.ui.quiet:
		elapsed := time.Since(p.began)
		p.ui.say("%d of %s stored, %s sent in %s%s", stored, count(o.files, "file"), amount(o.sent), took(elapsed), rate(o.sent, elapsed))
	case o.files == 0 && !p.ui.quiet:
		p.ui.say("no files there")
	}
}

func rate(sent int64, elapsed time.Duration) string {
	if elapsed < time.Second || sent == 0 {
		return ""
	}
	return fmt.Sprintf(", %s/s", amount(int64(float64(sent)/elapsed.Seconds())))
}

// tellInterrupt says what was stored, and how to go on.
func (p *pusher) tellInterrupt(stored int) {
	if p.outcome.files > 1 {
		p.ui.say("stopped: %d of %s stored", stored, count(p.outcome.files, "file"))
	}
	hints := []string{"to go on: " + p.again}
	if len(p.stopped) > 0 && p.outcome.files == 1 {
		hints = nil // it may be standard input
	}
	for _, f := range p.stopped {
		if hints = append(hints, f.hint); f.begun || p.outcome.files == 1 {
			p.ui.say("stopped: %s", clean(f.text))
		}
	}
	for _, hint := range slices.Compact(slices.Sorted(slices.Values(hints))) {
		p.ui.hint(hint)
	}
}

// catchUp asks how far the server came in requests that were interrupted.
func (p *pusher) catchUp(result *client.Result) {
	addresses := result.Parts
	if result.URL != "" {
		addresses = []string{result.URL}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	there := int64(0)
	for _, address := range addresses {
		status, err := p.client.Status(ctx, address)
		if err != nil {
			return
		}
		there += status.Offset
	}
	result.Offset = there
}

// missing reports whether err is about a file that is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
