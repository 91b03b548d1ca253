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
	Expired() []string
	// RemoveExpired removes the upload if its time is still up and reports
	// whether it did, and how many bytes it held. The caller holds its lock.
	RemoveExpired(id string) (removed bool, freed int64, err error)
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

// Result says what a sweep has done.
type Result struct {
	Removed int   // uploads
	Freed   int64 // bytes that they held
}

// Run sweeps at once and then every s.Every until ctx is done. It returns after
// the removal that is under way.
func (s *Sweeper) Run(ctx context.Context) {
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	for {
		result, err := s.Sweep(ctx)
		counts := slog.GroupAttrs("", slog.Int("removed", result.Removed), slog.Int64("freed", result.Freed))
		switch {
		case err != nil:
			s.Log.Error("sweeping expired uploads", slog.Any("err", err), counts)
		case result.Removed > 0:
			s.Log.Info("removed expired uploads", counts)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Sweep removes what has expired until ctx is done. An upload that cannot be
// removed does not keep it from the others; the error names each of them.
func (s *Sweeper) Sweep(ctx context.Context) (result Result, err error) {
	for _, id := range s.Store.Expired() {
		if ctx.Err() != nil {
			break
		}
		removed, freed, removeErr := s.remove(id)
		if removeErr != nil {
			err = errors.Join(err, fmt.Errorf("upload %s: %w", id, removeErr))
		}
		if removed {
			result.Removed++
			result.Freed += freed
		}
	}
	return result, err
}

// remove removes the upload unless a request is busy with it: that one has just
// been refused, or is bringing the bytes that let it live on.
func (s *Sweeper) remove(id string) (removed bool, freed int64, err error) {
	lock := s.Locker.TryLock(id)
	if lock == nil {
		return false, 0, nil
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	return s.Store.RemoveExpired(id)
}
