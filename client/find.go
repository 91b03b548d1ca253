package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// find decides what this push is: the continuation of the recorded upload or a
// new one. The server's state decides, not the record's.
func (p *push) find(ctx context.Context) error {
	if p.record == nil {
		return p.create(ctx)
	}
	if err := p.recall(); err != nil {
		return err
	}
	r, err := p.ask(ctx)
	if errors.Is(err, tus.ErrUploadNotFound) {
		return p.replace(ctx, "the server no longer has the earlier upload")
	}
	if err != nil {
		return err
	}
	err = p.adopt(ctx, r)
	switch changed := errors.Is(err, ErrSourceChanged); {
	case changed && r.complete() && !p.partial: // a part alone is nothing that was stored
		return p.replace(ctx, "the file changed since it was stored")
	case errors.Is(err, ErrLengthFixed) && r.complete():
		return p.replace(ctx, "the earlier upload is finished, and takes no growth")
	case p.options.Restart && (changed || errors.Is(err, ErrLengthFixed)):
		_ = p.c.terminate(ctx, p.url) // what cannot be deleted expires
		return p.replace(ctx, "the earlier upload cannot be continued")
	}
	return err
}

// recall takes over what the record knows before the server is asked.
func (p *push) recall() (err error) {
	p.url, err = url.Parse(p.record.URL)
	p.created, p.open = p.record.Created, p.record.Open
	p.offset, p.start, p.furthest = p.record.Offset, p.record.Offset, p.record.Offset
	p.retry.contact = true
	return err
}

// adopt goes on with the upload of the record if source, options and upload fit
// together.
func (p *push) adopt(ctx context.Context, r remote) error {
	switch {
	case r.length < 0 && !p.options.Append && !p.options.Finish:
		return ErrLeftOpen
	case r.length >= 0 && !p.ended, r.length >= 0 && !r.complete() && p.options.leavesOpen():
		return ErrLengthFixed
	}
	if err := p.fits(r); err != nil {
		return err
	}
	if err := p.prove(ctx, r); err != nil {
		return err
	}
	if p.raw {
		p.trail = new(trail.Trail)
	}
	p.offset, p.start, p.furthest, p.told = r.offset, r.offset, r.offset, r.sha256
	p.open, p.verified, p.adopted, p.recorded = r.length < 0, r.told && !p.raw, true, true
	p.source.grows = p.open
	p.trail.Mark()
	if p.offset < p.size || p.partial { // of parts the others wait for it
		p.notify(Event{Kind: Resumed})
	}
	return nil
}

// fits compares lengths.
func (p *push) fits(r remote) error {
	switch {
	case r.length >= 0 && r.length != p.size:
		return p.source.changed("it has %d bytes, and the upload was declared to have %d", p.size, r.length)
	case r.offset > p.size:
		return p.source.changed("it has %d bytes, and the server already holds %d", p.size, r.offset)
	}
	return nil
}

// replace begins anew and says why.
func (p *push) replace(ctx context.Context, why string) error {
	if p.source.stream != nil && !p.source.stream.whole() {
		return fmt.Errorf("%s: %w", why, ErrCannotRepeat)
	}
	p.notify(Event{Kind: Notice, Err: errors.New(why + "; sending it anew")})
	return p.create(ctx)
}

// create makes a new upload and records it before the bytes of a large source
// are sent; those of a small one go along.
func (p *push) create(ctx context.Context) error {
	n := creation{length: p.size, metadata: p.metadata, sha256: p.whole != nil}
	if p.partial {
		n.concat = "partial"
	}
	if p.options.leavesOpen() || p.options.Follow != nil || !p.ended {
		n.length = -1
	}
	small := p.size > 0 && p.size <= min(smallMost, p.most())
	if small {
		able, err := p.c.abilities(ctx)
		small = err == nil && able.has("creation-with-upload") // else the creation shows what is wrong
	}
	var created *url.URL
	var r remote
	err := p.persist(ctx, func() (err error) {
		if small {
			created, r, err = p.createSmall(ctx, n)
		} else {
			created, err = p.c.create(ctx, n)
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.begun(ctx, created, n.length < 0, r)
}

// begun makes a new upload, of which the server took r, that of the push.
func (p *push) begun(ctx context.Context, created *url.URL, open bool, r remote) error {
	p.url, p.created, p.open = created, time.Now(), open
	p.source.grows = p.open
	p.offset, p.start, p.furthest, p.verified, p.told = 0, 0, 0, false, nil
	p.adopted, p.acted, p.recorded = true, true, false
	if r.offset == 0 {
		p.trail = new(trail.Trail)
	}
	if p.keeper != nil && r.offset < p.size { // else the end of the push saves it
		if err := p.keeper.save(p.current()); err != nil {
			_ = p.c.terminate(ctx, p.url)
			p.url, p.adopted = nil, false
			return fmt.Errorf("%w: %w", ErrRecords, err)
		}
		p.recorded = true
	}
	p.notify(Event{Kind: Started})
	if r.offset == 0 {
		return nil
	}
	return p.align(ctx, r)
}
