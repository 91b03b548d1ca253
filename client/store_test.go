package client_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// bare is a Store as go-tus has it: a map without a lock.
type bare map[string]string

func (b bare) Get(fingerprint string) (string, bool) { url, ok := b[fingerprint]; return url, ok }
func (b bare) Set(fingerprint, url string)           { b[fingerprint] = url }
func (b bare) Delete(fingerprint string)             { delete(b, fingerprint) }
func (b bare) Close()                                { panic("closed by somebody else") }

func TestStoreOfGoTus(t *testing.T) {
	for _, digests := range []bool{false, true} {
		inFakeTime(t, func(w *world) {
			w.server.Digests = digests
			store := bare{}
			path := w.file("f", 3*size, 1)
			config := client.Config{Store: store, ChunkSize: size}
			w.faults.Plan = []clienttest.Fault{
				{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut},
				{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
			}
			if _, err := w.send(config, client.File(path), client.Options{}); err == nil {
				t.Fatal("not interrupted")
			}
			result, err := w.send(config, client.File(path), client.Options{})
			w.holds(w.read(path), result, err)
			if result.Sent != 2*size {
				t.Errorf("sent %d bytes", result.Sent)
			}
			if again, err := w.send(config, client.File(path), client.Options{}); err != nil || !again.AlreadyThere {
				t.Errorf("the second time: %+v, %v", again, err)
			}
			w.posts(1)
			w.touch(path, time.Hour) // it looks different now: nothing is known of it
			result, err = w.send(config, client.File(path), client.Options{})
			w.holds(w.read(path), result, err)
			w.posts(2)
			if len(store) != 2 {
				t.Errorf("%d entries", len(store))
			}
			if entries, _ := os.ReadDir(w.state); len(entries) != 0 {
				t.Errorf("kept beside the store: %v", entries)
			}
			if _, err := w.send(config, client.File(path), client.Options{Append: true}); err == nil {
				t.Error("left open, though nothing would know it again")
			}
		})
	}
}

func TestStoreForgetsDamagedUploads(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		store := bare{}
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				r.Body = &flipping{ReadCloser: r.Body}
			}
			return false
		})
		_, err := w.send(client.Config{Store: store}, client.File(w.file("f", size, 1)), client.Options{})
		if !errors.Is(err, client.ErrDigestMismatch) || len(store) != 0 {
			t.Errorf("ended with %v and %d entries", err, len(store))
		}
	})
}

func TestManyUploadsShareAStore(t *testing.T) {
	w := overTCP(t)
	store := bare{}
	c := w.client(client.Config{Store: store})
	var all sync.WaitGroup
	for i := range 16 {
		path := w.file("f", 1000, uint64(i))
		all.Go(func() {
			if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(store) != 16 {
		t.Errorf("%d entries", len(store))
	}
}
