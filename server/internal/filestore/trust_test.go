package filestore

import (
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
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
	if ids, err := w.store.Expired(w.Context()); err != nil || len(ids) != 1 || ids[0] != w.bystander {
		w.Errorf("Expired = %q, %v; want the other upload", ids, err)
	}
	if removed, err := w.store.RemoveExpired(w.id); removed || err == nil {
		w.Errorf("RemoveExpired = %v, %v", removed, err)
	}
	w.now = epoch
}

// Starting the writeback early is a favour: without it nothing is lost.
func TestWritebackFails(t *testing.T) {
	w := newWorld(t)
	u := w.must(w.store.NewUpload(w.Context(), handler.FileInfo{SizeIsDeferred: true}))
	w.disk.set(noFault)
	w.disk.failing = "start writeback uploads/*.data"
	const size = 2*writebackEvery + 1
	if n, err := u.WriteChunk(w.Context(), 0, io.LimitReader(zeros{}, size)); n != size || err != nil {
		t.Errorf("WriteChunk = %d, %v", n, err)
	}
	if got := strings.Count(strings.Join(w.disk.calls, "\n"), w.disk.failing); got != 2 {
		t.Errorf("%d calls failed, want 2", got)
	}
	w.disk.powerCut(t)
	w.restart()
	if got := w.must(w.store.GetUpload(t.Context(), u.rec.ID)).rec.Offset; got != size {
		t.Errorf("offset %d, want %d", got, size)
	}
}

// A process that was killed may have written a commit without syncing it, which
// then only the page cache holds. The next one syncs each record that it finds,
// and the names, before it says or publishes anything.
func TestRestartSyncsWhatItFinds(t *testing.T) {
	for _, tt := range []struct {
		name    string
		written int
	}{{"unfinished", 2}, {"complete", len(content)}} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.prepared(w.create(handler.FileInfo{Size: int64(len(content))}))
			w.prepared(w.with(func(u *upload) error { return w.write(u, tt.written) }))
			w.restart()
			synced, linked := 0, false
			for _, call := range w.disk.calls {
				switch {
				case call == "sync uploads/*.log":
					synced++
				case strings.HasPrefix(call, "link to "):
					linked = true
				}
				if linked && synced == 0 {
					t.Errorf("published before the record was synced: %q", w.disk.calls)
				}
			}
			// This upload's and the bystander's.
			if synced != 2 || linked != (tt.name == "complete") {
				t.Errorf("%d records synced, linked %v: %q", synced, linked, w.disk.calls)
			}
			for _, dir := range []string{"sync directory uploads", "sync directory files"} {
				if !slices.Contains(w.disk.calls, dir) {
					t.Errorf("no %q in %q", dir, w.disk.calls)
				}
			}
		})
	}
}
