package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// damagedTimeout bounds the deletion of an upload that is not what was sent.
const damagedTimeout = 5 * time.Second

// remember claims the slot and loads the record. A broken one is as good as none.
func (p *push) remember() (err error) {
	if p.c.config.NoRecords || p.source.key == "" {
		return nil
	}
	if p.slot, err = p.place(); errors.Is(err, ErrBusy) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRecords, err)
	}
	p.record, err = p.slot.Load()
	if errors.Is(err, resume.ErrBroken) {
		p.notify(Event{Kind: Notice, Err: fmt.Errorf("beginning anew: %w", err)})
		err = nil
	}
	if err != nil {
		_ = p.slot.Close()
		return fmt.Errorf("%w: %w", ErrRecords, err)
	}
	p.saver = newSaver(p.slot)
	p.keeper = p.saver
	return nil
}

func (p *push) place() (place, error) {
	if p.c.config.Store != nil {
		return p.entry(), nil
	}
	return resume.Open(p.c.config.StateDir, p.c.name(), p.source.key)
}

// current is the record of this moment.
func (p *push) current() *resume.Record {
	if p.parts != nil {
		p.parts.mu.Lock()
		defer p.parts.mu.Unlock()
		return p.currentParts(p.parts.records)
	}
	r := p.recordOf(p.url.String())
	r.Trail, r.Offset, r.Open, r.Finished = p.trail.Clone(), p.offset, p.open, !p.open && p.offset == p.size
	r.Ends = p.source.ends(p.offset)
	return r
}

// currentParts is the record while the parts are sent, whose states are in list.
func (p *push) currentParts(list []resume.Part) *resume.Record {
	r := p.recordOf("")
	r.Trail, r.Parts = new(trail.Trail), slices.Clone(list)
	for _, part := range list {
		r.Offset += part.Offset
	}
	return r
}

// recordOf is what does not change while a push runs.
func (p *push) recordOf(address string) *resume.Record {
	r := &resume.Record{
		Version: resume.Version, Endpoint: p.c.endpoint.String(), URL: address,
		File: p.source.before, Created: p.created.UTC(), Metadata: p.metadata,
	}
	if p.source.file != nil {
		r.Path = p.source.name
	} else {
		r.Name = p.source.name
	}
	return r
}

// keep saves the record at the end of a push that ended with failure, or
// removes it where going on would be wrong. A push that got no further than
// looking leaves the record as it was.
func (p *push) keep(failure error, cancelled bool) error {
	switch {
	case errors.Is(failure, ErrDigestMismatch):
		ctx, cancel := context.WithTimeout(context.Background(), damagedTimeout)
		defer cancel()
		if p.url != nil { // nobody wants it; what cannot be deleted expires
			_ = p.c.terminate(ctx, p.url)
		}
		if p.parts != nil {
			p.terminateParts(ctx, p.parts.records)
		}
		return p.slot.Remove()
	case !p.adopted:
		return nil
	}
	save := p.slot.Save
	switch {
	case cancelled && p.recorded:
		save = p.slot.Note // whoever interrupts does not wait for a disk
	case failure == nil && !p.recorded:
		save = p.slot.SaveLater // all went in one request, and is soon sent again
	}
	if err := save(p.current()); err != nil {
		return fmt.Errorf("the server has %d bytes, but this cannot be remembered: %w", p.offset, err)
	}
	return nil
}

// tidying is when a client last looked whether records can be forgotten.
type tidying struct {
	mu   sync.Mutex
	last time.Time
}

// tidy lets go of old records, now and then.
func (c *Client) tidy() {
	t, now := &c.tidying, time.Now()
	t.mu.Lock()
	due := now.Sub(t.last) > time.Hour
	if due {
		t.last = now
	}
	t.mu.Unlock()
	if due && c.config.Store == nil {
		resume.Prune(c.config.StateDir, now)
	}
}
