package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// push is one call of Upload. It belongs to the goroutine of that call; body,
// watch and saver say what they share with it.
type push struct {
	c        *Client
	options  Options
	metadata string
	source   *opened
	size     int64  // of the source when the push began; of a stream, as far as it was read
	ended    bool   // that is all of it
	growth   growth // nil if ended from the beginning
	began    time.Time
	retry    retry

	partial  bool      // it is of a part of the source
	parts    *parts    // that it is made of; nil if it goes as one
	checking *checking // nil unless Config.Checksum asks for it
	whole    *whole    // nil unless Config.SHA256 asks for it
	raw      bool      // no sums are taken: the trail stays empty

	slot   place          // nil without records
	saver  *saver         // nil without records
	keeper keeper         // the saver, or what leads to that of the whole; nil without records
	record *resume.Record // of an earlier push; nil if there is none

	url      *url.URL // of the upload; nil until it is known
	created  time.Time
	open     bool         // the server does not know the length
	trail    *trail.Trail // ends at offset whenever no request is running
	offset   int64        // that the server has acknowledged
	start    int64        // the offset from which this push went on
	furthest int64        // the greatest offset so far
	asked    int64        // bytes that the last request was to carry
	taken    int64        // and those that the network took of them
	lost     int          // requests in a row that came to nothing
	breaks   int          // requests whose connection failed in the middle
	verified bool         // the server's digest at offset was compared
	told     []byte       // SHA-256 of the first offset bytes, as the server tells it; nil if it did not
	sealed   bool         // and it was compared
	adopted  bool         // url, trail and offset belong together
	recorded bool         // the slot has a record of the upload
	acted    bool         // something was created, sent or declared
}

// begin opens everything that end closes.
func (c *Client) begin(source Source, options Options) (p *push, err error) {
	p = &push{c: c, options: options, began: time.Now(), trail: new(trail.Trail)}
	p.retry = retry{patience: c.config.Patience, notify: func(wait time.Duration, err error) {
		p.notify(Event{Kind: Retrying, Wait: wait, Err: err})
	}}
	if p.source, err = source.start(options.Append || options.Finish); err != nil {
		return nil, err
	}
	p.size = p.source.before.Size
	if c.config.SHA256 {
		p.whole = newWhole()
	}
	if err = p.prepare(); err != nil {
		p.source.close()
		return nil, err
	}
	return p, nil
}

func (p *push) prepare() (err error) {
	switch {
	case p.source.stream != nil:
		p.growth = p.source.stream
	case p.options.Follow != nil:
		if p.growth, err = newTail(p.source, p.options); err != nil {
			return err
		}
	}
	p.ended = p.growth == nil
	if p.options.leavesOpen() && (p.c.config.NoRecords || p.c.config.Store != nil || p.source.key == "") {
		return errors.New("leaving an upload open needs a resume record")
	}
	if p.metadata, err = encodeMetadata(describe(p.options.Metadata, p.source.name)); err != nil {
		return err
	}
	return p.remember()
}

// run finds or creates the upload and sends what is missing. An upload that
// vanishes meanwhile, e.g. because it expired, is begun anew once.
func (p *push) run(ctx context.Context) error {
	if err := p.fill(ctx); err != nil {
		return err
	}
	var err error
	if p.checking, err = p.agree(ctx); err != nil {
		return err
	}
	if !p.partial {
		if p.parts, err = p.inParts(ctx); err != nil {
			return err
		}
	}
	if p.parts != nil {
		err = p.parts.send(ctx)
	} else {
		p.raw = p.c.config.NoDigest && p.source.file != nil && p.checking == nil && !p.partial
		err = p.runOne(ctx)
	}
	if err != nil {
		return err
	}
	return p.seal(ctx)
}

func (p *push) runOne(ctx context.Context) error {
	if err := p.find(ctx); err != nil {
		return err
	}
	if err := p.catchUp(ctx); err != nil {
		return err
	}
	err := p.transfer(ctx)
	if errors.Is(err, tus.ErrUploadNotFound) {
		if err := p.replace(ctx, "the server no longer has the upload"); err != nil {
			return err
		}
		err = p.transfer(ctx)
	}
	if err != nil {
		return err
	}
	return p.unmixed(ctx)
}

// fill waits until there is more to send of a source that has not ended, or it has.
func (p *push) fill(ctx context.Context) (err error) {
	if !p.ended {
		if p.keeper != nil && p.adopted {
			p.keeper.put(p.current()) // it may be long until the end
		}
		p.size, p.ended, err = p.growth.wait(ctx, p.offset)
	}
	return err
}

// transfer sends bytes until the server has them all, then declares the length
// where that is still open and wanted. After each failure the server is asked
// how far it came.
func (p *push) transfer(ctx context.Context) error {
	for {
		var err error
		switch {
		case p.offset < p.size:
			err = p.patch(ctx)
		case !p.ended:
			if err := p.fill(ctx); err != nil {
				return err
			}
		case p.open && (p.options.Finish || p.source.stream != nil):
			err = p.finish(ctx)
		default:
			return nil
		}
		if err != nil {
			err = p.recover(ctx, err)
		}
		if err != nil {
			return err
		}
	}
}

func (p *push) finish(ctx context.Context) error {
	if err := p.unmixed(ctx); err != nil {
		return err
	}
	p.asked, p.taken = 0, 0
	r, err := p.c.declareLength(ctx, p.url, p.size)
	if err != nil {
		return err
	}
	p.open = false
	return p.align(ctx, r)
}

// recover waits, and makes the server's state the push's. There is no need to
// wait where smaller requests are the answer.
func (p *push) recover(ctx context.Context, cause error) error {
	before := p.offset
	p.broke(cause)
	if !p.tooLarge(cause) {
		if err := p.retry.wait(ctx, cause); err != nil {
			return err
		}
	}
	r, err := p.ask(ctx)
	if err != nil {
		return err
	}
	if err := p.fits(r); err != nil {
		return err
	}
	p.open = r.length < 0
	if err := p.align(ctx, r); err != nil {
		return err
	}
	p.suspect(cause, p.offset > before)
	return nil
}

// ask is HEAD until it is answered.
func (p *push) ask(ctx context.Context) (r remote, err error) {
	err = p.persist(ctx, func() error {
		r, err = p.c.head(ctx, p.url)
		return err
	})
	return r, err
}

// persist calls try until it succeeds or retry says that it never will.
func (p *push) persist(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			p.retry.contact = true
			return nil
		}
		if err := p.retry.wait(ctx, err); err != nil {
			return err
		}
	}
}

// end closes what begin opened and saves what a later push needs.
func (p *push) end(err error, cancelled bool) (Result, error) {
	defer p.source.close()
	if p.slot != nil {
		p.saver.stop()
		if lost := p.keep(err, cancelled); lost != nil {
			err = errors.Join(err, lost)
		}
		_ = p.slot.Close()
		if !cancelled { // whoever interrupts does not wait
			p.c.tidy()
		}
	}
	result := Result{
		Size: p.size, Offset: p.offset, Sent: max(0, p.offset-p.start), Open: p.open,
		AlreadyThere: err == nil && !p.acted, Verified: p.verified, Elapsed: time.Since(p.began),
	}
	if p.sealed && err == nil {
		result.SHA256 = p.told
	}
	switch {
	case p.parts != nil:
		result.Parts = resume.Addresses(p.parts.records)
	case p.url != nil:
		result.URL = p.url.String()
	}
	if cancelled && err != nil {
		err = interrupted(err, p.offset)
	}
	return result, err
}

// interrupted adds what the caller may want to know to the error of a context.
func interrupted(err error, offset int64) error {
	return fmt.Errorf("interrupted after %d bytes: %w", offset, err)
}

func (p *push) notify(e Event) {
	if p.options.Notify == nil {
		return
	}
	if p.url != nil {
		e.URL = p.url.String()
	}
	if e.Kind != Verifying {
		e.Size = p.size
	}
	if !p.ended {
		e.Size = -1
	}
	if e.Kind != Verifying && e.Kind != Progress {
		e.Offset = p.offset
	}
	e.Stored = p.offset
	p.options.Notify(e)
}
