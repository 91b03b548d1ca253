package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

var raw = client.Config{NoDigest: true}

func TestRawFileArrives(t *testing.T) {
	for _, tc := range []struct {
		name string
		size int
		base client.Config
	}{
		{"nothing", 0, client.Config{}},
		{"small", 1000, client.Config{}},
		{"odd", 3*MiB + 1, client.Config{}},
		{"chunks", 3*MiB + 1, client.Config{ChunkSize: MiB - 1}},
		{"limited rate", MiB, client.Config{MaxRate: 16 * MiB}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := overTCP(t)
			path := w.file("f", tc.size, 1)
			tc.base.NoDigest = true
			result, err := w.send(tc.base, client.File(path), client.Options{})
			w.holds(w.read(path), result, err)
			if result.Sent != int64(tc.size) || result.Verified {
				t.Errorf("%+v", result)
			}
			if again, err := w.send(tc.base, client.File(path), client.Options{}); err != nil || !again.AlreadyThere {
				t.Errorf("the second time: %+v, %v", again, err)
			}
		})
	}
}

func TestRawFileOverTLS(t *testing.T) {
	server := clienttest.NewServer(t, 0)
	web := httptest.NewTLSServer(server)
	defer web.Close()
	w := &world{TB: t, server: server, url: web.URL + clienttest.Base, state: t.TempDir()}
	path := w.file("f", 3*MiB+1, 1)
	config := client.Config{NoDigest: true, TLS: web.Client().Transport.(*http.Transport).TLSClientConfig}
	result, err := w.send(config, client.File(path), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.stored(result.URL, path)
}

// The link breaks again and again.
func TestRawFileOverABadLink(t *testing.T) {
	w := overTCP(t)
	proxy := clienttest.NewProxy(t, strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), clienttest.Base))
	proxy.CutAfter(MiB+1, 5)
	w.url = "http://" + proxy.Addr() + clienttest.Base
	path := w.file("f", 8*MiB, 1)
	result, err := w.send(raw, client.File(path), client.Options{})
	w.holds(w.read(path), result, err)
	w.posts(1)
}

// rawInterrupted leaves an unfinished upload of some bytes of path behind.
func (w *world) rawInterrupted(path string) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			r.Body = &cancelling{ReadCloser: r.Body, after: MiB, cancel: cancel, last: true}
		}
		return false
	})
	if _, err := w.client(raw).Upload(ctx, client.File(path), client.Options{}); !errors.Is(err, context.Canceled) {
		w.Fatalf("not interrupted: %v", err)
	}
	w.server.Answer(nil)
}

func TestRawFileGoesOn(t *testing.T) {
	for _, tc := range []struct {
		name    string
		digests bool
		touch   func(w *world, path string)
		want    error
	}{
		{"untouched", false, func(*world, string) {}, nil},
		{"untouched, digests", true, func(*world, string) {}, nil},
		{"touched", false, func(w *world, path string) { w.touch(path, time.Hour) }, client.ErrSourceChanged},
		{"touched, digests", true, func(w *world, path string) { w.touch(path, time.Hour) }, nil},
		{"changed, digests", true, func(w *world, path string) { w.writeAt(path, []byte("x"), 17); w.touch(path, time.Hour) }, client.ErrSourceChanged},
		{"grown", true, func(w *world, path string) { w.grow(path, 1, 9) }, client.ErrSourceChanged},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := overTCP(t)
			w.server.Digests = tc.digests
			path := w.file("f", 8*MiB, 1)
			w.rawInterrupted(path)
			tc.touch(w, path)
			result, err := w.send(raw, client.File(path), client.Options{})
			if !errors.Is(err, tc.want) {
				t.Fatalf("ended with %v", err)
			}
			if tc.want == nil {
				w.holds(w.read(path), result, err)
				if result.Sent > 7*MiB {
					t.Errorf("sent %d bytes", result.Sent)
				}
			}
			w.posts(1)
		})
	}
}

// Either way of sending goes on with what the other began.
func TestRawAndSummedPushesFollowEachOther(t *testing.T) {
	w := overTCP(t)
	w.server.Digests = true
	path := w.file("f", 8*MiB, 1)
	w.rawInterrupted(path)
	result := w.mustPush(path, client.Options{})
	w.holds(w.read(path), result, nil)
	if !result.Verified {
		t.Error("not verified")
	}
	if again, err := w.send(raw, client.File(path), client.Options{}); err != nil || !again.AlreadyThere {
		t.Errorf("%+v, %v", again, err)
	}
	w.posts(1)
}

func TestRawFileThatChangesWhileItIsSent(t *testing.T) {
	for name, change := range map[string]func(w *world, path string){
		"written to": func(w *world, path string) { w.writeAt(path, []byte("x"), 0); w.touch(path, time.Hour) },
		"shrunk":     func(w *world, path string) { w.write(path, w.read(path)[:32*MiB]) },
	} {
		t.Run(name, func(t *testing.T) {
			w := overTCP(t)
			path := w.file("f", 64*MiB, 1)
			w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPatch {
					r.Body = &cancelling{ReadCloser: r.Body, after: MiB, cancel: func() { change(w, path) }}
				}
				return false
			})
			result, err := w.send(raw, client.File(path), client.Options{})
			if !errors.Is(err, client.ErrSourceChanged) {
				t.Fatalf("ended with %v", err)
			}
			if status, err := w.client(raw).Status(context.Background(), result.URL); err != nil || status.Offset == status.Length {
				t.Errorf("the server has %+v, %v", status, err)
			}
		})
	}
}
