package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/longhaul-io/longhaul/client/internal/resume"
	"github.com/longhaul-io/longhaul/client/internal/trail"
)

// join has the server make one upload of the parts, which it holds completely. A
// server that makes another one when the answer was lost and the request comes
// again keeps both: tus has no way to look for the first.
func (s *parts) join(ctx context.Context) error {
	p := s.whole
	n := creation{length: p.size, metadata: p.metadata, concat: "final;" + strings.Join(s.addresses(), " "), sha256: p.whole != nil}
	err := p.persist(ctx, func() (err error) {
		p.url, err = p.c.create(ctx, n)
		return err
	})
	if err != nil {
		return err
	}
	r, err := p.ask(ctx)
	if err != nil {
		return err
	}
	if r.offset != p.size || r.length != p.size {
		return fmt.Errorf("the server joined %d parts of %d bytes to an upload that has %d of %d", len(s.all), p.size, r.offset, r.length)
	}
	if sum := s.sum(); r.told && r.digest != sum {
		return fmt.Errorf("%w: crc32c of the %d bytes that were joined is %08x there and %08x here", ErrDigestMismatch, p.size, r.digest, sum)
	}
	p.offset, p.verified, p.told, p.parts, p.acted = r.offset, r.told, r.sha256, nil, true
	if p.keeper != nil {
		if err := p.keeper.save(p.current()); err != nil {
			return fmt.Errorf("%w: %w", ErrRecords, err)
		}
	}
	p.terminateParts(ctx, s.records)
	return nil
}

// joinAgain asks for the join where an earlier push may have done so and died: a
// server that has joined them has no parts any more to ask for, but may know the
// request. It reports whether that went well; if the server refuses, the parts
// have to show what is missing.
func (s *parts) joinAgain(ctx context.Context) (joined bool, err error) {
	p := s.whole
	if p.record == nil {
		return false, nil
	}
	for i, part := range s.all {
		known := s.records[i]
		if untouched, err := p.source.untouched(known.File); !untouched || err != nil {
			return false, err
		}
		if part.source.sameEnds(known.Ends, known.Offset) != nil {
			return false, nil // the part will say so
		}
		if known.URL == "" || known.Offset != known.Length || known.Trail.Offset() != known.Length {
			return false, nil
		}
		if err := part.recall(); err != nil {
			return false, err
		}
		part.trail = known.Trail.Clone()
	}
	p.offset, p.start = p.size, p.size
	var refused *ResponseError
	if err = s.join(ctx); errors.As(err, &refused) && !refused.retry {
		p.url = nil
		return false, nil
	}
	return err == nil, err
}

// addresses are those of the parts, as paths where the server is the endpoint's:
// it may know itself by another name than its clients do.
func (s *parts) addresses() (list []string) {
	for _, part := range s.all {
		address := part.url.String()
		if sameOrigin(part.url, s.whole.c.endpoint) {
			address = part.url.RequestURI()
		}
		list = append(list, address)
	}
	return list
}

// sum is the CRC-32C of the whole.
func (s *parts) sum() (sum uint32) {
	for _, part := range s.all {
		sum = trail.Combine(sum, part.trail.Sum(), part.size)
	}
	return sum
}

// terminateParts deletes partial uploads that nobody needs any more, so that the
// server does not keep the bytes twice. One that has taken them out of the way
// refuses, and what cannot be deleted expires.
func (p *push) terminateParts(ctx context.Context, list []resume.Part) {
	ctx, cancel := context.WithTimeout(ctx, damagedTimeout)
	defer cancel()
	var running sync.WaitGroup
	for _, part := range list {
		if u, err := url.Parse(part.URL); err == nil && part.URL != "" {
			running.Go(func() { _ = p.c.terminate(ctx, u) })
		}
	}
	running.Wait()
}
