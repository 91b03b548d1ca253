package filestore

import (
	"slices"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/tus/tusd/v2/pkg/handler"
)

// Bytes that arrive slowly are committed as they do, not when there are enough
// of them.
func TestSlowSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.prepared(w.create(handler.FileInfo{Size: int64(len(content))}))
		var offsets []int64
		ctx := WithObserver(t.Context(), func(info Info) { offsets = append(offsets, info.Offset) })
		u := w.must(w.store.GetUpload(ctx, w.id))
		if n, err := u.WriteChunk(ctx, 0, slowly(content)); n != int64(len(content)) || err != nil {
			t.Fatalf("WriteChunk = %d, %v", n, err)
		}
		if want := []int64{0, 3, 6, 9, 10}; !slices.Equal(offsets, want) {
			t.Errorf("commits at %v, want %v", offsets, want)
		}
	})
}

// What fits on a full disk is kept.
func TestFullInTheMiddle(t *testing.T) {
	w := newWorld(t)
	w.unfinished(2)
	w.disk.set(fault{w.callNumber("write uploads/*.data", 8), half, syscall.ENOSPC})
	err := w.with(func(u *upload) error { return w.write(u, 8) })
	w.readable(err, syscall.ENOSPC)
	if w.offset != 5 {
		t.Errorf("offset %d, want 5: half of the 6 bytes fitted", w.offset)
	}
	w.disk.set(noFault)
	w.disk.powerCut(t)
	w.restart()
	w.invariants()
}
