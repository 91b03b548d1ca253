package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/tus/tusd/v2/pkg/handler"
)

// lock checks that one holder at a time has the lock of an id, hears of others
// who wait for it, and that these can stop waiting.
func (s Suite) lock(t *testing.T) {
	b := s.bench(t, newHandles)
	if !b.composer.UsesLocker {
		return
	}
	asked := make(chan struct{})
	first := b.newLock("one")
	if err := first.Lock(t.Context(), func() { close(asked) }); err != nil {
		t.Fatalf("Lock: %v", err)
	}
	other := b.newLock("two")
	if err := other.Lock(t.Context(), func() {}); err != nil {
		t.Fatalf("Lock of another id: %v", err)
	}
	b.unlock(other)

	ctx, cancel := context.WithCancel(t.Context())
	gaveUp, second := make(chan struct{}), b.newLock("one")
	var err error
	go func() {
		defer close(gaveUp)
		err = second.Lock(ctx, func() {})
	}()
	b.soon(asked, "asking the holder")
	cancel()
	b.soon(gaveUp, "Lock")
	if !errors.Is(err, handler.ErrLockTimeout) {
		t.Errorf("Lock when its context is done: %v, want ErrLockTimeout", err)
	}

	b.unlock(first)
	third := b.newLock("one")
	if err := third.Lock(t.Context(), func() {}); err != nil {
		t.Errorf("Lock after Unlock: %v", err)
	}
	b.unlock(third)
}

func (b *bench) newLock(id string) handler.Lock {
	b.Helper()
	l, err := b.composer.Locker.NewLock(id)
	if err != nil {
		b.Fatalf("NewLock: %v", err)
	}
	return l
}

func (b *bench) unlock(l handler.Lock) {
	b.Helper()
	if err := l.Unlock(); err != nil {
		b.Fatalf("Unlock: %v", err)
	}
}
