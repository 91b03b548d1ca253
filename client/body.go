package client

import (
	"errors"
	"hash"
	"io"
	"sync"
	"sync/atomic"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// body is what one PATCH carries: a section of the source that takes the sum of
// each byte on its way out.
//
// net/http reads it in a goroutine that may outlive the request. After halt it
// touches neither the source nor the trail any more.
type body struct {
	source *opened
	start  int64
	end    int64
	whole  *whole // takes the SHA-256; nil if nobody wants it
	// onStep gets a copy of the trail at each of its steps. Of a raw body that is
	// the empty one, and comes at each rawStep.
	onStep func(offset int64, t *trail.Trail)
	pace   func(n int) (int, error)
	sum    hash.Hash // of what went out; nil if nobody wants it
	onEnd  func()    // called when all did, if sum is not nil
	left   int64     // that Read has not been asked for; Read's own

	consumed atomic.Int64 // bytes that the reader has asked to follow up on, so it is done with them

	raw bool // the source is a file, and nobody wants the sum of its bytes

	mu     sync.Mutex // guards the following
	offset int64
	trail  *trail.Trail // ends at offset, unless the body is raw
	err    error        // why the body ended early
}

// body is the source from start to end, whose trail t ends at start.
func (p *push) body(start, end int64, t *trail.Trail) *body {
	return &body{source: p.source, start: start, end: end, left: end - start, raw: p.raw, whole: p.whole, offset: start, trail: t}
}

var errHalted = errors.New("the request is over")

// Read implements io.Reader. The source is looked at before the last bytes and
// at each step go out, so that no upload is completed from a changed source.
func (b *body) Read(p []byte) (int, error) {
	p = p[:min(int64(len(p)), b.left)] // reading on to see the end costs nothing
	allowed, err := b.pace(len(p))
	if err != nil {
		return 0, err
	}
	n, err := b.take(p[:allowed])
	b.left -= int64(n)
	return n, err
}

func (b *body) take(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	offset := b.offset
	b.consumed.Store(offset - b.start)
	if b.err != nil {
		return 0, b.err
	}
	if offset == b.end {
		if b.sum != nil {
			b.onEnd()
		}
		return 0, io.EOF
	}
	n, err := b.source.ReadAt(p, offset)
	if n == 0 && err != nil && err != io.EOF {
		b.err = err
		return 0, err
	}
	step := (offset+int64(n))/trail.Step > offset/trail.Step
	if n == 0 || step || offset+int64(n) == b.end {
		if b.err = b.source.check(); b.err == nil && n == 0 {
			b.err = b.source.changed("it ended at byte %d", offset)
		}
		if b.err != nil {
			return 0, b.err
		}
	}
	b.offset += int64(n)
	if b.raw {
		return n, nil
	}
	_, _ = b.trail.Write(p[:n])
	b.whole.add(p[:n], offset)
	if b.sum != nil {
		_, _ = b.sum.Write(p[:n])
	}
	if step && b.onStep != nil {
		b.onStep(b.offset, b.trail.Clone())
	}
	return n, nil
}

// Close implements io.Closer. It does nothing: the source is used again.
func (b *body) Close() error { return nil }

// halt ends the body and hands back the trail of what was read, which is at
// least what was sent (of a raw body, the trail that it began with), and the
// source's own failure if it had one.
func (b *body) halt() (*trail.Trail, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	failure := b.err
	b.err = errHalted
	return b.trail, failure
}
