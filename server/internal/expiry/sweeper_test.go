package expiry

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/takeover"
)

// stub is a store of uploads that are all expired until they are removed.
type stub struct {
	mu      sync.Mutex // also orders what a test does to the log
	ids     []string
	errs    map[string]error // what removing an id ends with
	revived []string         // ids that got bytes after they were listed
	onTry   func(id string)  // called before each removal
	tried   []string
}

func (s *stub) Expired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}

// RemoveExpired frees ten bytes for each upload.
func (s *stub) RemoveExpired(id string) (removed bool, freed int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, id)
	if s.onTry != nil {
		s.onTry(id)
	}
	if err := s.errs[id]; err != nil || slices.Contains(s.revived, id) {
		return false, 0, err
	}
	s.ids = slices.DeleteFunc(s.ids, func(i string) bool { return i == id })
	return true, 10, nil
}

func newSweeper(s *stub) (*Sweeper, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return &Sweeper{Store: s, Locker: new(takeover.Locker), Every: time.Minute, Log: slog.New(slog.NewTextHandler(log, nil))}, log
}

// An upload that cannot be removed does not keep the others, and one that came
// back to life is not counted.
func TestSweepGoesOn(t *testing.T) {
	broken := errors.New("disk says no")
	s := &stub{ids: []string{"a", "b", "c", "d"}, errs: map[string]error{"b": broken}, revived: []string{"c"}}
	sw, _ := newSweeper(s)
	result, err := sw.Sweep(t.Context())
	if result != (Result{Removed: 2, Freed: 20}) || !errors.Is(err, broken) || !strings.Contains(err.Error(), "upload b") {
		t.Errorf("Sweep = %+v, %v; want 2 and the error of b", result, err)
	}
	if want := []string{"a", "b", "c", "d"}; !slices.Equal(s.tried, want) {
		t.Errorf("tried %q, want %q", s.tried, want)
	}
}

// Each upload is removed under the lock that requests use, which is free again
// afterwards, also after a failure.
func TestSweepLocks(t *testing.T) {
	s := &stub{ids: []string{"a", "b"}, errs: map[string]error{"b": errors.New("broken")}}
	sw, _ := newSweeper(s)
	s.onTry = func(id string) {
		if sw.Locker.TryLock(id) != nil {
			t.Errorf("%s was removed without its lock", id)
		}
	}
	if result, err := sw.Sweep(t.Context()); result.Removed != 1 || err == nil {
		t.Errorf("Sweep = %+v, %v; want 1 and an error", result, err)
	}
	for _, id := range []string{"a", "b"} {
		if sw.Locker.TryLock(id) == nil {
			t.Errorf("the lock of %s is not free again", id)
		}
	}
}

// The end of the context ends the sweep after the removal that is under way.
func TestSweepStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &stub{ids: []string{"a", "b", "c"}, onTry: func(string) { cancel() }}
	sw, _ := newSweeper(s)
	if result, _ := sw.Sweep(ctx); result.Removed != 1 || !slices.Equal(s.tried, []string{"a"}) {
		t.Errorf("%+v, tried %q; want a alone", result, s.tried)
	}
}

// An upload that a request is busy with is left to the next sweep.
func TestSweepLeavesBusyUploads(t *testing.T) {
	s := &stub{ids: []string{"a", "b"}}
	sw, log := newSweeper(s)
	held := sw.Locker.TryLock("a")
	if result, err := sw.Sweep(t.Context()); result.Removed != 1 || err != nil || !slices.Equal(s.tried, []string{"b"}) {
		t.Errorf("Sweep = %+v, %v, tried %q; want b alone", result, err, s.tried)
	}
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	if result, err := sw.Sweep(t.Context()); result.Removed != 1 || err != nil || log.Len() > 0 {
		t.Errorf("then Sweep = %+v, %v, logged %q; want a", result, err, log)
	}
}

// It sweeps at once and then at intervals, says what it did, and goes on after
// errors.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{ids: []string{"a"}}
		sw, log := newSweeper(s)
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() { defer close(stopped); sw.Run(ctx) }()

		for i, tt := range []struct {
			ids    []string
			broken error // of removing b
			want   string
		}{
			{want: `level=INFO msg="removed expired uploads" removed=1 freed=10`},
			{ids: []string{"b"}, broken: errors.New("disk says no"), want: `level=ERROR msg="sweeping expired uploads" err="upload b: disk says no" removed=0 freed=0`},
			{},
			{ids: []string{"b", "c"}, want: "removed=2 freed=20"},
		} {
			if i > 0 {
				s.mu.Lock()
				s.ids, s.errs = tt.ids, map[string]error{"b": tt.broken}
				log.Reset()
				s.mu.Unlock()
				time.Sleep(sw.Every)
			}
			synctest.Wait()
			if got := log.String(); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("sweep %d logged %q, want %q", i, got, tt.want)
			}
		}
		cancel()
		<-stopped
	})
}

func TestInterval(t *testing.T) {
	for _, tt := range []struct{ ttl, want time.Duration }{
		{time.Second, time.Second},
		{time.Minute, 6 * time.Second},
		{30 * 24 * time.Hour, time.Hour},
	} {
		if got := Interval(tt.ttl); got != tt.want {
			t.Errorf("Interval(%v) = %v, want %v", tt.ttl, got, tt.want)
		}
	}
}
