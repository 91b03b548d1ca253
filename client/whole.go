package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// whole takes the SHA-256 of a source from its beginning on, whoever reads that.
// What it has it does not take again: bytes that are read once more are the same,
// or the push finds out and fails. A nil whole takes nothing.
type whole struct {
	offset int64 // bytes that it has
	sum    hash.Hash
}

var errUntold = errors.New("the server does not tell the SHA-256 of this upload: it was not compared")

func newWhole() *whole { return &whole{sum: sha256.New()} }

// add takes p, which stands at offset at of the source. After a gap it does
// nothing: what is missing is read later.
func (w *whole) add(p []byte, at int64) {
	if w == nil || at > w.offset || at+int64(len(p)) <= w.offset {
		return
	}
	_, _ = w.sum.Write(p[w.offset-at:])
	w.offset = at + int64(len(p))
}

// catchUp takes what the server holds already, if the server can tell the
// SHA-256 of it: what follows is then taken on its way out.
func (p *push) catchUp(ctx context.Context) error {
	if p.whole == nil || p.told == nil {
		return nil
	}
	return p.reread(ctx, io.Discard, p.whole.offset, p.offset)
}

// seal compares the SHA-256 of the source with that of all that the server holds,
// if Config.SHA256 asks for it.
func (p *push) seal(ctx context.Context) error {
	if p.whole == nil {
		return nil
	}
	if p.told == nil { // not every answer tells it
		r, err := p.ask(ctx)
		if err != nil {
			return err
		}
		p.told = r.sha256
	}
	if p.told == nil {
		p.notify(Event{Kind: Notice, Err: errUntold})
		return nil
	}
	if err := p.catchUp(ctx); err != nil {
		return err
	}
	sum := p.whole.sum.Sum(nil)
	if !bytes.Equal(sum, p.told) {
		if err := p.source.check(); err != nil {
			return err
		}
		return fmt.Errorf("%w: sha-256 of the %d bytes is %x there and %x here", ErrDigestMismatch, p.offset, p.told, sum)
	}
	p.verified, p.sealed = true, true
	return nil
}
