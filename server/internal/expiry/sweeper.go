// Package expiry removes unfinished uploads whose time is up.
package expiry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Store is what a [Sweeper] sweeps.
type Store interface {
	// Expired returns the ids of the uploads whose time is up.
	Expired(ctx context.Context) ([]string, error)
	// RemoveExpired removes the upload if its time is still up and reports
	// whether it did. The caller holds its lock.
	RemoveExpired(id string) (bool, error)
}

// Locker is the locker that requests use.
type Locker interface {
	// TryLock returns a lock that is held, or nil if a request holds it.
	TryLock(id string) handler.Lock
}

// Sweeper removes expired uploads from a store, now and then.
type Sweeper struct {
	Store  Store
	Locker Locker
	Every  time.Duration
	Log    *slog.Logger
}

// Interval returns how often to sweep uploads that live for ttl: often enough
// that they take little longer to go, seldom enough to cost nothing.
func Interval(ttl time.Duration) time.Duration {
	return min(max(ttl/10, time.Second), time.Hour)
}

// Run sweeps at once and then every s.Every until ctx is done. It returns after
// the removal that is under way.
func (s *Sweeper) Run(ctx context.Context) {
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for {
		switch removed, err := s.sweep(ctx); {
		case err != nil && ctx.Err() == nil:
			s.Log.Error("sweeping expired uploads", slog.Any("err", err), slog.Int("removed", removed))
		case removed > 0:
			s.Log.Info("removed expired uploads", slog.Int("removed", removed))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweep removes what has expired. An upload that cannot be removed does not
// keep it from the others.
func (s *Sweeper) sweep(ctx context.Context) (removed int, err error) {
	ids, err := s.Store.Expired(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if ctx.Err() != nil {
			break
		}
		done, removeErr := s.remove(id)
		if removeErr != nil {
			err = errors.Join(err, fmt.Errorf("upload %s: %w", id, removeErr))
		}
		if done {
			removed++
		}
	}
	return removed, err
}

// remove removes the upload unless a request is busy with it: that one has just
// been refused, or is bringing the bytes that let it live on.
func (s *Sweeper) remove(id string) (done bool, err error) {
	lock := s.Locker.TryLock(id)
	if lock == nil {
		return false, nil
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return s.Store.RemoveExpired(id)
}
