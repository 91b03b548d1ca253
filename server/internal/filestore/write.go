package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/checksum"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

const (
	// bufferSize: reads of 256 KiB instead of 32 KiB take a quarter of the CPU
	// time away from a large upload.
	bufferSize = 256 << 10
	// writebackEvery is how many bytes are handed to the disk at a time while
	// more arrive, so that the sync of a commit finds little left to do.
	writebackEvery = 8 << 20
	// commitEvery and commitAfter bound what a killed server makes a client
	// send again: by bytes on a fast link, by time on a slow one. The time is
	// looked at when bytes come, so it does not hold for those that came before
	// a link went silent.
	commitEvery = 64 << 20
	commitAfter = 2 * time.Second
)

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// WriteChunk implements handler.Upload: it appends src at offset and returns
// how many bytes of it are on stable storage, also when it returns an error.
// An src that ends early, because its connection broke or another request took
// over, is no error: what came is kept.
//
// With a [checksum.Expectation] in ctx, src counts as a whole or not at all: if it
// ends early, does not have its checksum or cannot be written, n is 0 and the
// upload is what it was. tusd finishes an upload whose offset reaches its length
// even when err is not nil.
func (u *upload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	data, err := u.store.root.OpenWrite(dataPath(u.rec.ID))
	if err != nil {
		return 0, u.store.answer(ctx, "opening the data", u.rec.ID, err)
	}
	defer data.Close()
	defer u.store.unfinished.write(u.rec.ID, data)()
	if u.rec.Length == nil {
		src = &growing{Reader: src, store: u.store}
	}
	a := appender{upload: u, data: data, next: u.rec.commit, flushed: offset, started: time.Now()}
	if a.digests, err = u.rec.digests(); err == nil {
		a.digests.chunk = checksum.From(ctx)
		err = cut(data, offset)
	}
	if err == nil {
		err = a.copy(ctx, src)
	}
	// The last commit counts whatever happened since.
	return u.rec.Offset - offset, u.store.answer(ctx, "writing", u.rec.ID, err)
}

// appender carries bytes from a request to the end of a data file.
type appender struct {
	upload  *upload
	data    durable.File
	next    commit    // what will be committed: all that was written
	digests digests   // of all that was written
	flushed int64     // up to where writeback was started
	started time.Time // when the bytes since the last commit began to arrive
}

// copy is the way of the bytes: source, file, digests. Whatever ends it, end says
// what becomes of what was written before.
func (a *appender) copy(ctx context.Context, src io.Reader) error {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	fill := 0
	for {
		n, readErr := src.Read(buf[fill:])
		fill += n
		if fill == len(buf) || readErr != nil || a.due() {
			if err := a.write(buf[:fill]); err != nil {
				return a.end(ctx, err)
			}
			fill = 0
		}
		if readErr != nil {
			return a.end(ctx, readErr)
		}
		if a.due() {
			if err := a.commit(ctx); err != nil {
				return err
			}
		}
	}
}

// due reports whether a commit is due on the way. There is none in a chunk with a
// checksum.
func (a *appender) due() bool {
	return a.digests.chunk == nil &&
		(time.Since(a.started) >= commitAfter || a.next.Offset-a.upload.rec.Offset >= commitEvery)
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
func (a *appender) write(p []byte) error {
	n, err := a.data.WriteAt(p, a.next.Offset)
	a.digests.update(p[:n])
	a.next.Offset += int64(n)
	if a.next.Offset-a.flushed >= writebackEvery {
		// Only a head start: where it is not to be had, the sync does it all.
		_ = a.data.StartWriteback(a.flushed, a.next.Offset-a.flushed)
		a.flushed = a.next.Offset
	}
	return err
}

// commit makes what was written count: first the data, then the record.
func (a *appender) commit(ctx context.Context) error {
	a.started = time.Now()
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

// cut shortens f to size bytes. It is an error if f is shorter: writing on would
// fill the gap with zeros.
func cut(f durable.File, size int64) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() < size:
		return fmt.Errorf("the data file has %d bytes, its record says %d", info.Size(), size)
	case info.Size() == size:
		return nil
	}
	return f.Truncate(size)
}
