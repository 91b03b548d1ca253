package client

import (
	"errors"
	"math/bits"
	"net/http"
	"time"

	"github.com/longhaul-io/longhaul/client/internal/resume"
)

const (
	// smallestRequest is, in bytes, what no proxy refuses: below it a refusal is
	// about something else.
	smallestRequest = 64 << 10
	// largestLimit is the first guess at the limit of a proxy, in bytes.
	largestLimit = 1 << 30
	// lostBytes is how many bytes a request has to lose to be suspected of being
	// too large, and lostRequests how many such requests in a row have to.
	lostBytes    = 256 << 10
	lostRequests = 2
)

// most is how many bytes the next request may carry.
func (p *push) most() int64 {
	most := p.size
	for _, limit := range []int64{p.c.config.ChunkSize, p.c.wayThere().Limit(time.Now())} {
		if limit > 0 {
			most = min(most, limit)
		}
	}
	if p.checking != nil && p.c.config.ChunkSize == 0 {
		most = min(most, checkedMost)
	}
	return most
}

// tooLarge reports whether something on the way refused the size of the request
// that failed with cause, and makes the next ones smaller. The refusal of a tus
// server is about the upload, not about the request.
func (p *push) tooLarge(cause error) bool {
	var answer *ResponseError
	if !errors.As(cause, &answer) || answer.Status != http.StatusRequestEntityTooLarge || answer.fromTus {
		return false
	}
	return p.shrink(p.asked)
}

// suspect counts requests that broke though much of them was on its way, and of
// which nothing arrived: a proxy that takes in the whole request first may not
// have room for it, or the time. After some the next ones are smaller.
func (p *push) suspect(cause error, moved bool) {
	switch status := statusOf(cause); {
	case moved, p.taken < lostBytes:
		p.lost = 0
		return
	case status != 0 && status != http.StatusRequestTimeout && status != http.StatusBadGateway && status != http.StatusGatewayTimeout:
		return
	}
	if p.lost++; p.lost >= lostRequests && p.shrink(p.taken) {
		p.lost = 0
	}
}

// shrink makes requests smaller than n bytes, if that is not too small.
func (p *push) shrink(n int64) bool {
	if n <= smallestRequest {
		return false
	}
	half := int64(1) << (bits.Len64(uint64(n-1)) - 1) // the power of two below n
	most := max(smallestRequest, min(half, largestLimit))
	p.c.learn(func(way *resume.Way, now time.Time) bool {
		if known := way.Limit(now); known > 0 && known <= most {
			return false // another upload knows better
		}
		way.Most, way.Learned = most, now
		return true
	})
	return true
}
