package client_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
)

func TestUploadsShareOneRate(t *testing.T) {
	for _, tc := range []struct {
		name           string
		uploads, bytes int
		rate           int64
	}{
		{"one", 1, 1 << 20, 100 << 10},
		{"four large", 4, 1 << 20, 100 << 10},
		{"many small", 200, 10 << 10, 1 << 20},
		{"slower than one read", 2, 2000, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				c := w.client(client.Config{MaxRate: tc.rate})
				began := time.Now()
				var all sync.WaitGroup
				for i := range tc.uploads {
					path := w.file("f", tc.bytes, uint64(i))
					all.Go(func() {
						result, err := c.Upload(context.Background(), client.File(path), client.Options{})
						if err != nil {
							t.Error(err)
							return
						}
						w.stored(result.URL, path)
					})
				}
				all.Wait()
				want := time.Duration(float64(tc.uploads*tc.bytes) / float64(tc.rate) * float64(time.Second))
				if took := time.Since(began); took < want*95/100 || took > want*105/100 {
					t.Errorf("took %v, want about %v", took, want)
				}
			})
		})
	}
}

func TestCancelWhileWaitingForTheRate(t *testing.T) {
	inFakeTime(t, func(w *world) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		began := time.Now()
		_, err := w.client(client.Config{MaxRate: 1000}).
			Upload(ctx, client.File(w.file("f", 100_000, 1)), client.Options{})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 10*time.Second {
			t.Errorf("ended after %v with %v", took, err)
		}
	})
}

func TestDownloadsShareTheRate(t *testing.T) {
	for _, rate := range []int64{100, 100 << 10} {
		inFakeTime(t, func(w *world) {
			bytes := 10 * int(rate)
			result := w.mustPush(w.file("f", bytes, 1), client.Options{})
			c := w.client(client.Config{MaxRate: rate})
			began := time.Now()
			var all sync.WaitGroup
			for range 2 {
				all.Go(func() {
					if _, err := c.Download(context.Background(), result.URL, client.DownloadOptions{Writer: io.Discard}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); took < 19*time.Second || took > 21*time.Second {
				t.Errorf("took %v, want about 20 s", took)
			}
		})
	}
}
