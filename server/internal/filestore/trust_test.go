package filestore

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// After a failed sync of a record the disk may hold the commit or not. Nothing
// is said of the upload, in any way, until a restart, which does not find the
// commit in the page cache only; other uploads do not notice.
func TestUntrusted(t *testing.T) {
	for _, then := range []aftermath{restarted, powerCut} {
		t.Run(then.String(), func(t *testing.T) {
			w := newWorld(t)
			w.unfinished(2)
			w.disk.set(fault{w.callNumber("sync uploads/*.log", 7), notApplied, syscall.EIO})
			if err := w.with(func(u *upload) error { return w.write(u, 7) }); err == nil || w.offset != 2 {
				t.Fatalf("told %d, error %v; want 2 and an error", w.offset, err)
			}
			w.disk.set(noFault)
			for range 2 {
				w.refused()
			}
			if then == powerCut {
				w.disk.powerCut(t)
			}
			w.restart()
			if got := w.get().rec.Offset; got != 2 {
				t.Errorf("offset %d, want 2", got)
			}
			w.invariants()
		})
	}
}

// callNumber says which call of a write up to the given offset op is, by doing
// it in a world of its own.
func (w *world) callNumber(op string, to int) int {
	w.Helper()
	other := newWorld(w.T)
	other.unfinished(2)
	other.disk.set(noFault)
	other.prepared(other.with(func(u *upload) error { return other.write(u, to) }))
	for i, call := range other.disk.calls {
		if call == op {
			return i
		}
	}
	w.Fatalf("no %q in %q", op, other.disk.calls)
	return -1
}

// refused checks that nothing is said or done of the upload.
func (w *world) refused() {
	w.Helper()
	_, err := w.store.GetUpload(w.ctx(), w.id)
	w.readable(err, syscall.EIO)
	_, info, err := w.store.Open(w.ctx(), w.id)
	w.readable(err, syscall.EIO)
	if info.Offset != 0 {
		w.Errorf("Open tells offset %d", info.Offset)
	}
	w.now = w.now.Add(1000 * time.Hour)
	if ids := w.store.Expired(); len(ids) != 1 || ids[0] != w.bystander {
		w.Errorf("Expired = %q; want the other upload", ids)
	}
	if removed, _, err := w.store.RemoveExpired(w.id); removed || err == nil {
		w.Errorf("RemoveExpired = %v, %v", removed, err)
	}
	w.now = epoch
}

// A process that was killed may have written a commit without syncing it, which
// then only the page cache holds. The next one syncs the record once, before it
// says or publishes anything of the upload, and the names at its start.
func TestRestartSyncsWhatItFinds(t *testing.T) {
	for name, tt := range map[string]struct {
		written int
		atStart []string // of the calls in question
		ask     func(w *world) error
		then    []string
	}{
		"complete": {written: len(content), atStart: []string{"sync uploads/*.log", "link to files/name.bin"}},
		"asked for": {
			written: 2,
			ask:     func(w *world) error { w.get(); w.get(); return nil },
			then:    []string{"sync uploads/*.log", "open uploads/*.log", "open uploads/*.log"},
		},
		"downloaded": {
			written: 2,
			ask: func(w *world) error {
				if _, _, err := w.store.Open(w.Context(), w.id); !errors.Is(err, ErrUnfinished) {
					return err
				}
				return nil
			},
			then: []string{"sync uploads/*.log", "open uploads/*.log"},
		},
		"swept": {
			written: 2,
			ask: func(w *world) error {
				w.now = w.now.Add(time.Hour)
				_, _, err := w.store.RemoveExpired(w.id)
				return err
			},
			then: []string{"sync uploads/*.log", "open uploads/*.log", "link to uploads/*.removed", "remove uploads/*.log"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.prepared(w.create(handler.FileInfo{Size: int64(len(content))}))
			w.prepared(w.with(func(u *upload) error { return w.write(u, tt.written) }))
			w.restart()
			telling := func(call string) bool {
				return strings.Contains(call, "sync uploads/*.log") || strings.HasPrefix(call, "link to ") || strings.HasPrefix(call, "remove uploads/*.log")
			}
			reading := func(call string) bool { return telling(call) || call == "open uploads/*.log" }
			if got := only(w.disk.calls, telling); !slices.Equal(got, tt.atStart) {
				t.Errorf("at start %q, want %q", got, tt.atStart)
			}
			for _, dir := range []string{"sync directory uploads", "sync directory files"} {
				if !slices.Contains(w.disk.calls, dir) {
					t.Errorf("no %q in %q", dir, w.disk.calls)
				}
			}
			w.disk.set(noFault)
			if tt.ask == nil {
				return
			}
			w.prepared(tt.ask(w))
			if got := only(w.disk.calls, reading); !slices.Equal(got, tt.then) {
				t.Errorf("then %q, want %q", got, tt.then)
			}
		})
	}
}

func only(calls []string, which func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(calls), func(call string) bool { return !which(call) })
}

// A record that a killed process may have left unsynced, and that cannot be
// synced now, is not trusted, however often and by however many it is asked for:
// only the first sync tells that something was lost.
func TestUnsettled(t *testing.T) {
	w := newWorld(t)
	w.unfinished(2)
	w.restart()
	w.disk.set(fault{1, notApplied, syscall.EIO}) // 0 opens the record
	for range 2 {
		w.refused()
		w.disk.set(noFault)
	}
	w.restart()
	w.invariants()
}

// All who ask for an upload at once wait for one sync of its record.
func TestSettleAtOnce(t *testing.T) {
	s, _, id := after(t, 10, func(string, string) {})
	d := &slowSync{started: make(chan struct{}), goOn: make(chan struct{})}
	s.root = s.root.Through(func(below durable.FS) durable.FS { d.FS = below; return d })
	const askers = 10
	errs := make(chan error, askers)
	for range askers {
		go func() {
			_, err := s.GetUpload(context.Background(), id)
			errs <- err
		}()
	}
	select {
	case <-d.started:
	case err := <-errs:
		t.Fatalf("told before the sync: %v", err)
	}
	select {
	case err := <-errs:
		t.Errorf("told during the sync: %v", err)
	case <-time.After(10 * time.Millisecond):
	}
	close(d.goOn)
	for range askers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := d.syncs.Load(); n != 1 {
		t.Errorf("%d syncs, want 1", n)
	}
}

// slowSync is a disk whose first sync takes until goOn is closed.
type slowSync struct {
	durable.FS
	syncs         atomic.Int32
	started, goOn chan struct{}
}

func (d *slowSync) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := d.FS.OpenFile(name, flag, perm)
	return slowSyncFile{f, d}, err
}

type slowSyncFile struct {
	durable.File
	disk *slowSync
}

func (f slowSyncFile) SyncData() error {
	if f.disk.syncs.Add(1) == 1 {
		close(f.disk.started)
	}
	<-f.disk.goOn
	return f.File.SyncData()
}
