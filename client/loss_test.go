package client_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

var autoParts = client.Options{Parallel: client.AutoParallel}

// created fails unless so many uploads were created since before.
func (w *world) created(before, want int) {
	w.Helper()
	if got := w.server.Requests(http.MethodPost) - before; got != want {
		w.Errorf("%d uploads were created, want %d", got, want)
	}
}

// Over a link that breaks one upload goes as one, since nothing is known yet; the
// next goes in parts, from another process, too.
func TestAutoPartsOverALinkThatBreaks(t *testing.T) {
	w := overTCP(t)
	proxy := clienttest.NewProxy(t, strings.TrimSuffix(strings.TrimPrefix(w.url, "http://"), clienttest.Base))
	w.url = "http://" + proxy.Addr() + clienttest.Base
	for _, tt := range []struct {
		name    string
		cuts    int
		size    int
		creates int
	}{
		{"nothing is known", 0, 16 * MiB, 1},
		{"two breaks say nothing", 2, 16 * MiB, 1},
		{"three do, later", 3, 16 * MiB, 1},
		{"large", 0, 16 * MiB, 9},
		{"small", 0, 16*MiB - 1, 1},
		{"large, and the link breaks", 4, 16*MiB + 5, 9},
	} {
		proxy.CutAfter(MiB, tt.cuts)
		before, arrived := w.server.Requests(http.MethodPost), w.server.Received()
		path := w.file("f", tt.size, 1)
		result, err := w.send(client.Config{}, client.File(path), autoParts)
		w.holds(w.read(path), result, err)
		w.created(before, tt.creates)
		if got := w.server.Received() - arrived; got != int64(tt.size) {
			t.Errorf("%s: %d bytes of %d arrived", tt.name, got, tt.size)
		}
	}
}

// What was lost is forgotten after a day.
func TestLossIsForgotten(t *testing.T) {
	inFakeTime(t, func(w *world) {
		for _, tt := range []struct {
			name    string
			after   time.Duration
			cuts    int
			creates int
		}{
			{"the first breaks", 0, 3, 1}, {"soon", 23 * time.Hour, 0, 9}, {"later", 2 * time.Hour, 0, 1},
		} {
			time.Sleep(tt.after)
			for range tt.cuts {
				w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB})
			}
			before := w.server.Requests(http.MethodPost)
			path := w.file("f", 16*MiB, 1)
			result, err := w.send(client.Config{}, client.File(path), autoParts)
			w.holds(w.read(path), result, err)
			w.created(before, tt.creates)
			synctest.Wait()
		}
	})
}

// A request without a body that fails says nothing of a link.
func TestLossIsOfBodies(t *testing.T) {
	inFakeTime(t, func(w *world) {
		for range 3 {
			w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPatch, Skip: 3, Kind: clienttest.Refuse})
		}
		data := noise(3*size, 1)
		result, err := w.send(client.Config{ChunkSize: size}, sources["slow reader"](w, data), client.Options{})
		w.holds(data, result, err)
		if left := w.faults.Left(); len(left) > 0 {
			t.Fatalf("%v did not happen", left)
		}
		before := w.server.Requests(http.MethodPost)
		path := w.file("g", 16*MiB, 1)
		result, err = w.send(client.Config{}, client.File(path), autoParts)
		w.holds(w.read(path), result, err)
		w.created(before, 1)
	})
}

// An upload that was begun as one is not begun anew in parts.
func TestAutoPartsGoOnAsTheyWere(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 16*MiB, 1)
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB},
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB},
			{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB},
			{Method: http.MethodHead, Skip: 2, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
		}
		if _, err := w.send(client.Config{}, client.File(path), autoParts); err == nil {
			t.Fatal("not interrupted")
		}
		result, err := w.send(client.Config{}, client.File(path), autoParts)
		w.onlyOne(w.read(path), result, err)
		if result.Sent > 14*MiB {
			t.Errorf("sent %d bytes", result.Sent)
		}
		w.posts(1)
	})
}

// Where parts cannot be joined nobody is told that they were not tried.
func TestAutoPartsAtAServerThatCannotJoin(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodOptions {
				rw.Header().Set("Tus-Extension", "creation")
				rw.WriteHeader(http.StatusNoContent)
			}
			return r.Method == http.MethodOptions
		})
		for _, cuts := range []int{3, 0} {
			for range cuts {
				w.faults.Plan = append(w.faults.Plan, clienttest.Fault{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB})
			}
			data := noise(16*MiB, uint64(cuts))
			var seen events
			result, err := w.send(client.Config{}, client.ReaderAt("", bytes.NewReader(data), 16*MiB), client.Options{Parallel: client.AutoParallel, Notify: seen.add})
			w.holds(data, result, err)
			if notices := seen.of(client.Notice); len(notices) != 0 {
				t.Errorf("told %+v", notices)
			}
		}
		w.posts(2)
	})
}
