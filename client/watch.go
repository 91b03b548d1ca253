package client

import (
	"context"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// answerFactor is how many times longer than for a byte the wait for an answer is.
const answerFactor = 10

// tick is how often a running request is looked at.
const tick = 100 * time.Millisecond

// watch looks at a running PATCH: it reports progress and ends the request with
// ErrStalled when no byte moved for too long.
type watch struct {
	ctx    context.Context // of the request
	cancel context.CancelCauseFunc
	push   *push
	body   *body
	conn   atomic.Pointer[net.Conn]
	last   traffic // of the connection, when it was last looked at
	quit   chan struct{}
	gone   chan struct{}
}

func newWatch(ctx context.Context, p *push, b *body) *watch {
	w := &watch{push: p, body: b, quit: make(chan struct{}), gone: make(chan struct{})}
	ctx, w.cancel = context.WithCancelCause(ctx)
	w.ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { w.conn.Store(&info.Conn) },
	})
	go w.run()
	return w
}

// stop ends the watch and waits for it, so that events come one at a time.
func (w *watch) stop() {
	close(w.quit)
	<-w.gone
	w.cancel(nil)
	w.look()
	if w.last.lossy() {
		w.push.c.lose()
	}
}

// look asks what the connection has sent, as long as there is one.
func (w *watch) look() {
	if c := w.conn.Load(); c != nil && w.body.end-w.body.start >= lossSample {
		if now := trafficOn(*c); now.sent > w.last.sent {
			w.last = now
		}
	}
}

func (w *watch) run() {
	defer close(w.gone)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	moved, last, told := time.Now(), int64(-1), int64(0)
	for {
		select {
		case <-w.quit:
			return
		case now := <-ticker.C:
			w.look()
			received := w.received()
			if received != last {
				moved, last = now, received
			}
			if now.Sub(moved) >= w.patience(received) {
				w.cancel(ErrStalled)
			}
			if received > told {
				told = received
				w.push.notify(Event{Kind: Progress, Offset: w.body.start + received})
			}
		}
	}
}

// patience is how long no byte may move.
func (w *watch) patience(received int64) time.Duration {
	limit := w.push.c.config.StallTimeout
	if received >= w.body.end-w.body.start {
		return answerFactor * limit
	}
	return limit
}

// received estimates how many bytes of the body reached the server's machine:
// those read, less those that still wait in this machine's send queue.
func (w *watch) received() int64 {
	n := w.body.consumed.Load()
	if c := w.conn.Load(); c != nil {
		n -= unsentOn(*c)
	}
	return max(0, n)
}
