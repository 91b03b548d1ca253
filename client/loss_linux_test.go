package client_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// Packets that get lost break nothing, so that only the kernel knows. It is asked
// also where there is TLS around the connection, and where sendfile writes to it.
func TestAutoPartsWherePacketsGetLost(t *testing.T) {
	for _, tt := range []struct {
		name     string
		permille uint32
		config   client.Config
		secure   bool
		creates  int // by the second upload
	}{
		{"none", 0, client.Config{}, false, 1},
		{"one in twenty", 50, client.Config{}, false, 9},
		{"one in twenty, without digests", 50, client.Config{NoDigest: true}, false, 9},
		{"one in twenty, TLS", 50, client.Config{}, true, 9},
		{"one in twenty, and nothing is kept", 50, client.Config{NoRecords: true}, false, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := clienttest.NewServer(t, 0)
			web := httptest.NewUnstartedServer(server)
			web.Listener.Close()
			web.Listener = clienttest.Lossy(t, tt.permille)
			if tt.secure {
				web.StartTLS()
				tt.config.TLS = &tls.Config{RootCAs: web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
			} else {
				web.Start()
			}
			defer web.Close()
			w := &world{TB: t, server: server, url: web.URL + clienttest.Base, state: t.TempDir()}
			for _, creates := range []int{1, tt.creates} {
				before := server.Requests(http.MethodPost)
				path := w.file("f", 32*MiB, 1)
				result, err := w.send(tt.config, client.File(path), autoParts)
				if err != nil {
					t.Fatal(err)
				}
				w.stored(result.URL, path)
				w.created(before, creates)
			}
			if got := server.Received(); got != 64*MiB {
				t.Errorf("%d bytes arrived", got)
			}
		})
	}
}

// What one upload learns the next one of the same client knows.
func TestLossIsKnownWithinAClient(t *testing.T) {
	l := clienttest.Lossy(t, 50)
	w := listening(t, l)
	c := w.client(client.Config{NoRecords: true})
	for _, creates := range []int{1, 9} {
		before := w.server.Requests(http.MethodPost)
		path := w.file("f", 32*MiB, 1)
		result, err := c.Upload(t.Context(), client.File(path), autoParts)
		if err != nil {
			t.Fatal(err)
		}
		w.stored(result.URL, path)
		w.created(before, creates)
	}
}
