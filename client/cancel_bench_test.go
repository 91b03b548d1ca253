package client_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
)

// BenchmarkCancel measures how long Upload takes to return once its context ends
// in the middle of a large request.
func BenchmarkCancel(b *testing.B) {
	w := overTCP(b)
	const size = 256 << 20
	path := w.file("f", size, 1)
	var took []time.Duration
	for i := range b.N {
		ctx, cancel := context.WithCancel(context.Background())
		var at time.Time
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				r.Body = &cancelling{ReadCloser: r.Body, after: 1<<20 + i%64<<20, cancel: func() { at = time.Now(); cancel() }}
			}
			return false
		})
		w.state = b.TempDir()
		if _, err := w.client(client.Config{}).Upload(ctx, client.File(path), client.Options{}); err == nil {
			b.Fatal("not cancelled")
		}
		took = append(took, time.Since(at))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
	b.ReportMetric(0, "ns/op")
}
