package filestore

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// foldAgain is how long a final upload waits that could not be folded.
const foldAgain = time.Minute

// folds is what there is to fold. It is safe for concurrent use.
type folds struct {
	mu      sync.Mutex
	waiting []*final
	failed  []*final
	current *final
	cancel  context.CancelFunc // of current
	done    chan struct{}      // closed when current is given up
	wake    chan struct{}      // holds an element when something waits
}

func newFolds() *folds { return &folds{wake: make(chan struct{}, 1)} }

// add has f folded, after those that wait.
func (q *folds) add(f ...*final) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, f...)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// begin takes the next one, or returns nil.
func (q *folds) begin(ctx context.Context) (context.Context, *final) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil, nil
	}
	q.current, q.waiting = q.waiting[0], q.waiting[1:]
	ctx, q.cancel = context.WithCancel(ctx)
	q.done = make(chan struct{})
	return ctx, q.current
}

// end ends what begin began. With again, it is tried once more later on.
func (q *folds) end(again bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if again {
		q.failed = append(q.failed, q.current)
	}
	q.cancel()
	close(q.done)
	q.current = nil
}

// retry has those folded that failed.
func (q *folds) retry() {
	q.mu.Lock()
	failed := q.failed
	q.failed = nil
	q.mu.Unlock()
	q.add(failed...)
}

// abandon returns when the final upload called id is not being folded, nor going
// to be.
func (q *folds) abandon(id string) {
	for q.forget(id) {
	}
}

// forget drops the final upload called id, and if it was being folded waits until
// it is not and returns true.
func (q *folds) forget(id string) (waited bool) {
	q.mu.Lock()
	is := func(f *final) bool { return f.id == id }
	q.waiting, q.failed = slices.DeleteFunc(q.waiting, is), slices.DeleteFunc(q.failed, is)
	if q.current == nil || q.current.id != id {
		q.mu.Unlock()
		return false
	}
	q.cancel()
	done := q.done
	q.mu.Unlock()
	<-done
	return true
}

// Fold makes final uploads whose parts are complete into one file each, until ctx
// is done. They can be read meanwhile, and the disk never holds more than their
// bytes and one part, or 1 MiB of parts that are smaller. It is to run once.
func (s *Store) Fold(ctx context.Context) {
	again := time.NewTicker(foldAgain)
	defer again.Stop()
	for {
		s.foldWaiting(ctx)
		select {
		case <-ctx.Done():
			return
		case <-s.folds.wake:
		case <-again.C:
			s.folds.retry()
		}
	}
}

// foldWaiting folds what waits now.
func (s *Store) foldWaiting(ctx context.Context) {
	for ctx.Err() == nil {
		ctx, f := s.folds.begin(ctx)
		if f == nil {
			return
		}
		err := s.fold(ctx, f)
		given := ctx.Err() != nil // up, or the server stops
		if err != nil && !given {
			s.log.ErrorContext(ctx, "final upload not folded", slog.String("id", f.id), slog.Any("err", err))
		}
		s.folds.end(err != nil && !given && !lasting(err))
	}
}

// lasting reports whether folding again would come to the same, until somebody has
// looked at the disk and started the server again.
func lasting(err error) bool {
	return errors.Is(err, errMismatch) || errors.Is(err, errShort) || errors.Is(err, errUntrusted)
}
