package filestore

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

// An upload waits in a small buffer. It gets a larger one when that fills up
// quickly, and gives it back with the commit that waiting brings.
func TestWaitingIsSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		u := w.must(w.store.NewUpload(w.Context(), handler.FileInfo{SizeIsDeferred: true}))
		waits := []time.Duration{0, growWithin, 0, 0, commitAfter, growWithin}
		var asked []int
		src := readerFunc(func(p []byte) (int, error) {
			asked = append(asked, len(p))
			if len(asked) > len(waits) {
				return 0, io.EOF
			}
			time.Sleep(waits[len(asked)-1])
			return min(waitingSize, len(p)), nil
		})
		if n, err := u.WriteChunk(t.Context(), 0, src); n != int64(len(waits)*waitingSize) || err != nil {
			t.Errorf("WriteChunk = %d, %v", n, err)
		}
		const small, large = waitingSize, bufferSize
		if want := []int{small, large, large - small, large - 2*small, large - 3*small, small, small}; !slices.Equal(asked, want) {
			t.Errorf("asked for %d, want %d", asked, want)
		}
	})
}
