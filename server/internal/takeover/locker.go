package takeover

import (
	"context"
	"sync"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Locker is a handler.Locker for the requests of one process. A lock that is
// wanted by another request is given up as soon as its holder's body has ended,
// which asking for it sees to. The zero value is ready to use.
type Locker struct {
	mu   sync.Mutex
	held map[string]*lock
}

var _ handler.Locker = (*Locker)(nil)

// NewLock implements handler.Locker.
func (l *Locker) NewLock(id string) (handler.Lock, error) {
	return &lock{locker: l, id: id, released: make(chan struct{})}, nil
}

// TryLock returns a lock that is held, or nil if somebody else holds it. Nobody
// is interrupted.
func (l *Locker) TryLock(id string) handler.Lock {
	k := &lock{locker: l, id: id, released: make(chan struct{})}
	if l.acquire(k) != nil {
		return nil
	}
	return k
}

// acquire makes k the lock of its id, or returns the one that is.
func (l *Locker) acquire(k *lock) (holder *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if holder := l.held[k.id]; holder != nil {
		return holder
	}
	if l.held == nil {
		l.held = make(map[string]*lock)
	}
	l.held[k.id] = k
	return nil
}

type lock struct {
	locker   *Locker
	id       string
	body     *body // of the request that holds it; nil if it has none
	released chan struct{}
}

// Lock implements handler.Lock. ctx is that of a request that came through
// [Middleware]; the callback is not used, since the body can be interrupted at any
// moment.
func (k *lock) Lock(ctx context.Context, _ func()) error {
	k.body, _ = ctx.Value(bodyKey{}).(*body)
	for {
		holder := k.locker.acquire(k)
		if holder == nil {
			return nil
		}
		if holder.body != nil {
			holder.body.interrupt(handler.ErrUploadInterrupted)
		}
		select {
		case <-holder.released:
		case <-ctx.Done():
			return handler.ErrLockTimeout
		}
	}
}

// Unlock implements handler.Lock.
func (k *lock) Unlock() error {
	k.locker.mu.Lock()
	delete(k.locker.held, k.id)
	k.locker.mu.Unlock()
	close(k.released)
	return nil
}
