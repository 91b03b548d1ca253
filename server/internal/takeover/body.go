package takeover

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// ErrStopping is the cause with which the context of all requests ends when the
// server stops. Bodies that are being read then end with handler's
// ErrServerShutdown.
//
// It is not that error itself, so that only this package acts on it.
var ErrStopping = errors.New("server is stopping")

// body is a request body that another goroutine can end.
type body struct {
	io.ReadCloser
	conn   *http.ResponseController
	answer http.Header
	reason atomic.Pointer[handler.Error] // why it was interrupted; nil while it was not

	mu   sync.Mutex // held to set the deadline from outside of the request
	over bool       // there is nothing more to read, and the connection is the next request's
}

// Read implements io.Reader. After an interruption its error is the reason.
//
// The deadline that interrupt sets can be set back only by the goroutine that
// reads, before it reads again, so looking twice misses nothing.
func (b *body) Read(p []byte) (int, error) {
	if b.reason.Load() != nil {
		return 0, b.end()
	}
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		b.finish()
		if b.reason.Load() != nil {
			b.answer.Set("Connection", "close") // interrupt may have come too late
		}
	case err != nil && b.reason.Load() != nil:
		err = b.end()
	}
	return n, err
}

// end closes the body, so that net/http does not wait for the rest of it before
// it answers, and returns the reason.
func (b *body) end() error {
	_ = b.conn.SetReadDeadline(time.Now())
	_ = b.ReadCloser.Close()
	return *b.reason.Load()
}

// interrupt ends a Read that is waiting, and all later ones. Only the first
// reason counts, and none does when the body has ended: a deadline would then hit
// net/http, which listens for the client to go, takes this for it, and cancels the
// context of all requests to come on the connection.
func (b *body) interrupt(reason handler.Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return
	}
	if b.reason.CompareAndSwap(nil, &reason) {
		// Where there are no deadlines, the next Read ends instead.
		_ = b.conn.SetReadDeadline(time.Now())
	}
}

// finish says that the body or the request has ended. Whoever has found it holding
// a lock until now may be about to interrupt it.
func (b *body) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}

type bodyKey struct{}

// Middleware makes the bodies of requests interruptible, by [Locker] and by the
// end of their context with [ErrStopping].
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		b := &body{ReadCloser: r.Body, conn: http.NewResponseController(w), answer: w.Header(), over: r.Body == http.NoBody}
		defer b.finish()
		defer context.AfterFunc(ctx, func() {
			if context.Cause(ctx) == ErrStopping {
				b.interrupt(handler.ErrServerShutdown)
			}
		})()
		// A copy: net/http looks at the body of its own request when it ends.
		interruptible := r.WithContext(context.WithValue(ctx, bodyKey{}, b))
		interruptible.Body = b
		next.ServeHTTP(w, interruptible)
	})
}
