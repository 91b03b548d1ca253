package filestore

import (
	"slices"
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
