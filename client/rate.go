package client

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

const (
	// paceEvery is for how long of the limit the bytes may go at once: so short
	// that a link in use does not notice, and many uploads take turns.
	paceEvery = 50 * time.Millisecond
	// paceMost bounds that, in bytes, to what one write carries.
	paceMost = 256 << 10
)

// pacer makes all uploads and downloads of a client share one rate. A nil pacer is no limit.
type pacer struct{ limiter *rate.Limiter }

func newPacer(bytesPerSecond int64) *pacer {
	if bytesPerSecond == 0 {
		return nil
	}
	burst := max(1, min(paceMost, int64(float64(bytesPerSecond)*paceEvery.Seconds())))
	return &pacer{rate.NewLimiter(rate.Limit(bytesPerSecond), int(burst))}
}

// most is how many of n bytes may move at once.
func (p *pacer) most(n int) int {
	if p == nil {
		return n
	}
	return min(n, p.limiter.Burst())
}

// wait returns how many of n bytes may be sent, at least one, as soon as they
// may, or the error of ctx. Who waits is served in turn.
func (p *pacer) wait(ctx context.Context, n int) (int, error) {
	if p == nil || n == 0 {
		return n, nil
	}
	n = min(n, p.limiter.Burst())
	// WaitN would fail at once where the deadline of ctx is too near.
	turn := p.limiter.ReserveN(time.Now(), n)
	timer := time.NewTimer(turn.Delay())
	defer timer.Stop()
	select {
	case <-ctx.Done():
		turn.Cancel()
		return 0, ctx.Err()
	case <-timer.C:
		return n, nil
	}
}
