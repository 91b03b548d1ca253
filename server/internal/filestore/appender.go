package filestore

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// commitEvery and commitAfter bound what a killed server makes a client send
// again: by bytes on a fast link, by time on a slow one. The time is looked at
// when bytes come, so it does not hold for those that came before a link went
// silent.
const (
	commitEvery = 64 << 20
	commitAfter = 2 * time.Second
)

// appender carries bytes from a request to the end of a data file.
type appender struct {
	upload  *upload
	data    durable.File
	arrived int64     // up to where bytes were read
	started time.Time // when the bytes since the last commit began to arrive
	flow    flow

	// What was written, and will be committed. While a pipeline has blocks to
	// write, these are its goroutine's.
	next    commit
	digests digests
}

func newAppender(u *upload, data durable.File, digests digests) *appender {
	now := time.Now()
	return &appender{
		upload: u, data: data, arrived: u.rec.Offset, started: now, flow: flow{since: now},
		next: u.rec.commit, digests: digests,
	}
}

// sink takes the bytes of a request and has them written in order.
type sink interface {
	// space returns where the next bytes belong. It is never empty.
	space() []byte
	// took says that the first n bytes of the space are there. It returns the
	// error of a write, if one has failed by now.
	took(n int) error
	// flush returns when everything that was taken has been written, or with the
	// error of a write that failed unless took has returned it.
	flush() error
	// release gives up what a flushed sink holds.
	release()
}

// copy is the way of the bytes: source, file, digests. Whatever ends it, end says
// what becomes of what was written before.
func (a *appender) copy(ctx context.Context, src io.Reader) error {
	var to sink = newTrickle(a)
	defer func() { to.release() }()
	for {
		n, end := src.Read(to.space())
		a.arrived += int64(n)
		err := to.took(n)
		if err == nil && end == nil {
			to, err = a.shift(to, n)
		}
		due := a.due()
		if err != nil || end != nil || due {
			err = errors.Join(err, to.flush())
		}
		if err == nil {
			err = end
		}
		if err != nil {
			return a.end(ctx, err)
		}
		if due {
			if err := a.commit(ctx); err != nil {
				return err
			}
		}
	}
}

// shift returns the sink for what follows the n bytes that came last: to, or
// another one after the flow has changed.
func (a *appender) shift(to sink, n int) (sink, error) {
	_, piped := to.(*pipeline)
	fast := a.flow.add(n) && (piped || a.left() >= pipelineFrom)
	if fast == piped || fast && !pipelines.take() {
		return to, nil
	}
	var next sink
	if fast {
		next = newPipeline(a)
	} else {
		next = newTrickle(a)
	}
	err := to.flush()
	to.release()
	return next, err
}

// left returns how many bytes may still come.
func (a *appender) left() int64 {
	if a.upload.rec.Length == nil {
		return math.MaxInt64
	}
	return *a.upload.rec.Length - a.arrived
}

// due reports whether a commit is due on the way. There is none in a chunk with a
// checksum.
func (a *appender) due() bool {
	return a.digests.chunk == nil &&
		(time.Since(a.started) >= commitAfter || a.arrived-a.upload.rec.Offset >= commitEvery)
}

// end commits what was written before why ended it; of a chunk with a checksum
// only all of it.
func (a *appender) end(ctx context.Context, why error) error {
	if why == io.EOF {
		why = nil
	}
	if x := a.digests.chunk; x != nil {
		if why == nil {
			why = x.Verify()
		}
		if why != nil {
			return a.takeBack(why)
		}
	}
	return errors.Join(why, a.commit(ctx))
}

// takeBack cuts off what was written. If a crash comes before, the next write
// does: no commit speaks of it.
func (a *appender) takeBack(why error) error {
	if err := cut(a.data, a.upload.rec.Offset); err != nil {
		return err
	}
	if errors.Is(why, checksum.ErrCutShort) {
		return nil // what was wrong with the body, tusd's handler knows and says
	}
	return why
}

// write writes p at the end and takes it into the digests.
func (a *appender) write(to io.WriterAt, p []byte) error {
	n, err := to.WriteAt(p, a.next.Offset)
	a.digests.update(p[:n])
	a.next.Offset += int64(n)
	return err
}

// commit makes what was written count: first the data, then the record.
func (a *appender) commit(ctx context.Context) error {
	a.started = time.Now()
	a.flow.restart(a.started)
	if a.next.Offset == a.upload.rec.Offset {
		return nil
	}
	if err := a.data.SyncData(); err != nil {
		return err
	}
	a.digests.into(&a.next)
	if err := a.upload.commit(ctx, a.next); err != nil {
		return err
	}
	a.next = a.upload.rec.commit
	return nil
}
