package client

import (
	"io"
	"net"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// rawPiece is how many bytes the kernel is given at a time, so that progress,
// rate and the state of the file are looked at in between.
const rawPiece = 512 << 10

// rawStep is how far apart the places are, in bytes, at which the record is saved:
// farther than with a trail, since that costs more than sending.
const rawStep = 4 * trail.Step

// sendTo hands most bytes of a raw body to c, which lets the kernel copy them
// where it can (sendfile on Linux). It stands in for Read.
func (b *body) sendTo(c *net.TCPConn, most int64) (sent int64, err error) {
	for sent < most && err == nil {
		var n int64
		n, err = b.sendPiece(c, int(min(rawPiece, most-sent)))
		sent += n
	}
	return sent, err
}

func (b *body) sendPiece(c *net.TCPConn, n int) (int64, error) {
	n, err := b.pace(n)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.consumed.Store(b.offset - b.start)
	if b.err != nil {
		return 0, b.err
	}
	if b.err = b.source.check(); b.err != nil {
		return 0, b.err
	}
	// All else reads at offsets of its own, so the file's position is free.
	if _, b.err = b.source.file.Seek(b.offset, io.SeekStart); b.err != nil {
		return 0, b.err
	}
	passed, err := c.ReadFrom(io.LimitReader(b.source.file, int64(n)))
	step := (b.offset+passed)/rawStep > b.offset/rawStep
	b.offset += passed
	b.left -= passed
	if step && b.onStep != nil {
		b.onStep(b.offset, b.trail.Clone())
	}
	if passed == 0 && err == nil {
		b.err = b.source.changed("it ended at byte %d", b.offset)
		err = b.err
	}
	return passed, err
}
