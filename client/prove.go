package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// verifyPiece is how many bytes are reread between two events.
const verifyPiece = 16 << 20

// prove shows that the r.offset bytes that the server holds are the first bytes
// of the source, and leaves the push's trail at their end. The error is a
// *SourceChangedError if they are not.
//
// A file to which nothing happened since its trail was recorded is reread from
// the last step on, and at its ends; any other from the beginning.
func (p *push) prove(ctx context.Context, r remote) error {
	untouched, err := p.source.untouched(p.record.File)
	if err != nil {
		return err
	}
	err = p.source.sameEnds(p.record.Ends, r.offset)
	var changed *SourceChangedError
	if err != nil && !(r.told && errors.As(err, &changed)) {
		return err
	}
	if !untouched || changed != nil {
		return p.proveWhole(ctx, r)
	}
	if p.raw {
		return nil
	}
	p.trail = p.record.Trail.Clone()
	p.trail.Rewind(r.offset)
	if err := p.read(ctx, p.trail, r.offset); err != nil {
		return err
	}
	if r.told && r.digest != p.trail.Sum() {
		return p.proveWhole(ctx, r)
	}
	return nil
}

// proveWhole rereads all that the server holds and compares it with the server's
// digest, or with the longest recorded prefix where the server tells none.
func (p *push) proveWhole(ctx context.Context, r remote) error {
	p.trail = new(trail.Trail)
	recorded := p.record.Trail
	checkpoint := recorded.Known(r.offset)
	if err := p.read(ctx, p.trail, checkpoint); err != nil {
		return err
	}
	if sum, _ := recorded.At(checkpoint); !r.told && sum != p.trail.Sum() {
		return p.source.changed("its first %d bytes are not those that were sent", checkpoint)
	}
	if !r.told && checkpoint != r.offset {
		return p.source.changed("it was touched, and of the %d bytes that the server has the last %d cannot be compared", r.offset, r.offset-checkpoint)
	}
	if err := p.read(ctx, p.trail, r.offset); err != nil {
		return err
	}
	if r.told && r.digest != p.trail.Sum() {
		return p.source.changed("its first %d bytes are not those that the server has", r.offset)
	}
	return nil
}

// unmixed shows that what was sent is the source as it is: a file to which
// something happened meanwhile is reread.
func (p *push) unmixed(ctx context.Context) error {
	if p.source.file == nil {
		return nil
	}
	if err := p.source.check(); err != nil {
		return err
	}
	if untouched, err := p.source.untouched(p.source.before); untouched || p.raw || err != nil {
		return err
	}
	now := new(trail.Trail)
	if err := p.read(ctx, now, p.trail.Offset()); err != nil {
		return err
	}
	if now.Sum() != p.trail.Sum() {
		return p.source.changed("it was written to while it was being sent")
	}
	return nil
}

// mismatch says that what arrived is not what was sent, though the source is the
// same.
func (p *push) mismatch(r remote) error {
	if err := p.source.check(); err != nil {
		return err
	}
	return fmt.Errorf("%w: crc32c of the first %d bytes is %08x there and %08x here",
		ErrDigestMismatch, r.offset, r.digest, p.trail.Sum())
}

var rereadBuffers = sync.Pool{New: func() any { b := make([]byte, 1<<20); return &b }}

// read lengthens t to end from the source.
func (p *push) read(ctx context.Context, t *trail.Trail, end int64) error {
	return p.reread(ctx, t, t.Offset(), end)
}

// reread hands the source from start to end to w, and to the SHA-256 of the whole.
func (p *push) reread(ctx context.Context, w io.Writer, start, end int64) error {
	if start >= end {
		return nil
	}
	buffer := rereadBuffers.Get().(*[]byte)
	defer rereadBuffers.Put(buffer)
	for start < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := io.NewSectionReader(p.source, start, min(verifyPiece, end-start))
		n, err := io.CopyBuffer(&rereading{w, p.whole, start}, struct{ io.Reader }{piece}, *buffer)
		if err != nil {
			return err
		}
		if start += n; n < piece.Size() {
			return p.source.changed("it ended at byte %d", start)
		}
		p.notify(Event{Kind: Verifying, Offset: start, Size: end})
	}
	return nil
}

// rereading is where bytes that are reread go.
type rereading struct {
	w      io.Writer
	whole  *whole
	offset int64
}

// Write implements io.Writer.
func (r *rereading) Write(p []byte) (int, error) {
	r.whole.add(p, r.offset)
	r.offset += int64(len(p))
	return r.w.Write(p)
}
