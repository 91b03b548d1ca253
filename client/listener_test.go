package client_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// listening makes a world whose server accepts connections by l.
func listening(t testing.TB, l *clienttest.Listener) *world {
	t.Helper()
	server := clienttest.NewServer(t, 0)
	web := &http.Server{Handler: server}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = web.Serve(l)
	}()
	t.Cleanup(func() {
		web.Close()
		<-gone
	})
	return &world{TB: t, server: server, state: t.TempDir(), url: "http://" + l.Addr().String() + clienttest.Base}
}

// Connections that the server's side breaks in the middle of a request are
// survived by each kind of source: one upload, and never a wrong byte.
func TestEveryBreakOfAConnection(t *testing.T) {
	for name, plan := range map[string][]clienttest.Break{
		"cut":           {{Kind: clienttest.Cut, After: 500_000}, {Kind: clienttest.Cut, After: 500_000}},
		"reset":         {{Kind: clienttest.Reset, After: 500_000}, {Kind: clienttest.Reset, After: 500_000}},
		"stalled":       {{Kind: clienttest.Stall, After: 500_000}},
		"answer lost":   {{Kind: clienttest.Lose, After: 1_000_000}},
		"window shrunk": {{Kind: clienttest.Shrink, After: 500_000}},
	} {
		for _, tt := range []struct {
			source   string
			config   client.Config
			parallel int
		}{
			{"file", client.Config{}, 1}, {"file", client.Config{NoDigest: true}, 1}, {"file", client.Config{}, 2},
			{"reader at", client.Config{}, 1}, {"reader at", client.Config{}, 2}, {"reader", client.Config{}, 1},
		} {
			t.Run(fmt.Sprintf("%s/%s in %d, without digests %t", name, tt.source, tt.parallel, tt.config.NoDigest), func(t *testing.T) {
				t.Parallel()
				l := clienttest.Listen(t, plan...)
				w := listening(t, l)
				data := noise(9*size, 1)
				tt.config.StallTimeout = 300 * time.Millisecond
				result, err := w.send(tt.config, sources[tt.source](w, data), client.Options{Parallel: tt.parallel})
				w.holds(data, result, err)
				if left := l.Left(); len(left) != 0 {
					t.Errorf("did not happen: %+v", left)
				}
				if stored := w.server.Stored(t); len(stored) != 1 {
					t.Errorf("the server keeps %d files", len(stored))
				}
			})
		}
	}
}
