package client

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// expectAbove is the size of a body, in bytes, from which the server is asked
// before it is sent: a refusal then costs nothing, and the question a round trip.
const expectAbove = 1 << 20

// patch sends one request from the server's offset on (tus 1.0.0, PATCH) and
// moves the offset to where the server says that it is.
func (p *push) patch(ctx context.Context) error {
	if err := p.source.check(); err != nil {
		return err
	}
	end := min(p.size, p.offset+p.most())
	b := p.body(p.offset, end, p.trail)
	b.onStep = p.saveTrail()
	header, err := p.exchange(ctx, b, http.MethodPatch, p.url, offsetHeader(b.start), http.StatusNoContent, http.StatusOK)
	var failure error
	if p.trail, failure = b.halt(); failure != nil {
		return failure
	}
	p.asked, p.taken = b.end-b.start, b.consumed.Load()
	if err != nil {
		return err
	}
	answer, err := readRemote(header)
	if err != nil {
		return err
	}
	if answer.offset <= b.start || answer.offset > b.end {
		return answerError(fmt.Sprintf("the server says that it has %d bytes after bytes %d to %d were sent",
			answer.offset, b.start, b.end))
	}
	return p.align(ctx, answer)
}

// exchange sends b and returns the header of the answer. A status that is not
// among accepted is a *ResponseError.
func (p *push) exchange(ctx context.Context, b *body, method string, u *url.URL, header http.Header, accepted ...int) (http.Header, error) {
	w := newWatch(ctx, p, b)
	defer w.stop()
	b.pace = func(n int) (int, error) { return p.c.pacer.wait(w.ctx, n) }
	req, err := p.c.newRequest(w.ctx, method, u, b)
	if err != nil {
		return nil, err
	}
	req.ContentLength = b.end - b.start
	maps.Copy(req.Header, header)
	if p.checking != nil {
		if err := p.checking.sign(req, b); err != nil {
			return nil, err
		}
	}
	if b.end-b.start > expectAbove {
		req.Header.Set("Expect", "100-continue")
	}
	res, err := p.c.do(req)
	if err != nil {
		return nil, networkError(w.ctx, err)
	}
	defer discard(res)
	if !slices.Contains(accepted, res.StatusCode) {
		return res.Header, readError(res)
	}
	return res.Header, nil
}

// align makes r the state of the push: the offset, and a trail that ends there
// and agrees with the server's digest. The transport reads ahead of what the
// server stores, so the trail goes back to the last step before the offset and
// the bytes in between are read again.
func (p *push) align(ctx context.Context, r remote) error {
	if !p.raw {
		p.trail.Rewind(r.offset)
		if err := p.read(ctx, p.trail, r.offset); err != nil {
			return err
		}
		if r.told && r.digest != p.trail.Sum() {
			return p.mismatch(r)
		}
		p.trail.Mark()
	}
	if r.offset > p.furthest {
		p.furthest = r.offset
		p.retry.progress()
	}
	p.offset, p.verified, p.told, p.acted = r.offset, r.told && !p.raw, r.sha256, true
	if p.source.stream != nil {
		p.source.stream.acknowledged(p.offset)
	}
	p.notify(Event{Kind: Progress, Offset: r.offset})
	return nil
}

// saveTrail returns what saves the record with what was sent up to offset.
func (p *push) saveTrail() func(offset int64, longer *trail.Trail) {
	if p.keeper == nil {
		return nil
	}
	base := p.recordOf(p.url.String())
	base.Offset, base.Open = p.offset, p.open
	return func(offset int64, longer *trail.Trail) {
		record := *base
		record.Trail, record.Ends = longer, p.source.ends(offset)
		p.keeper.put(&record)
	}
}
