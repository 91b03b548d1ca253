package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// far is a link on which each request takes a round trip more.
type far struct {
	base http.RoundTripper
	trip time.Duration
}

func (f far) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(f.trip)
	return f.base.RoundTrip(req)
}

// One question in all, and one request per file.
func TestManySmallFilesTakeOneRoundTripEach(t *testing.T) {
	inFakeTime(t, func(w *world) {
		const files, workers = 200, 32
		const trip = 50 * time.Millisecond
		w.faults.Base = far{w.faults.Base, trip}
		c := w.client(client.Config{})
		paths := make(chan string, files)
		for i := range files {
			paths <- w.file("f", 10<<10, uint64(i))
		}
		close(paths)
		began := time.Now()
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for path := range paths {
					result, err := c.Upload(context.Background(), client.File(path), client.Options{})
					if err != nil {
						t.Error(err)
						continue
					}
					w.stored(result.URL, path)
				}
			})
		}
		all.Wait()
		rounds := 1 + (files+workers-1)/workers
		if took, want := time.Since(began), time.Duration(rounds)*trip; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
		w.requests(map[string]int{"OPTIONS": 1, "POST": files, "PATCH": 0, "HEAD": 0})
	})
}

func (w *world) requests(want map[string]int) {
	w.Helper()
	for method, n := range want {
		if got := w.server.Requests(method); got != n {
			w.Errorf("%d × %s, want %d", got, method, n)
		}
	}
}

func TestSmallFileGoesWithItsCreation(t *testing.T) {
	const most = 64 << 10
	for _, tc := range []struct {
		name    string
		size    int
		config  client.Config
		options client.Options
		patches int
	}{
		{"one byte", 1, client.Config{}, client.Options{}, 0},
		{"the most", most, client.Config{}, client.Options{}, 0},
		{"one more", most + 1, client.Config{}, client.Options{}, 1},
		{"growing", 1000, client.Config{}, client.Options{Append: true}, 0},
		{"a chunk", 1000, client.Config{ChunkSize: 1000}, client.Options{}, 0},
		{"more than a chunk", 1001, client.Config{ChunkSize: 1000}, client.Options{}, 2},
	} {
		for _, digests := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, digests=%t", tc.name, digests), func(t *testing.T) {
				w := overTCP(t)
				w.server.Digests = digests
				path := w.file("f", tc.size, 1)
				result, err := w.client(tc.config).Upload(context.Background(), client.File(path), tc.options)
				if err != nil {
					t.Fatal(err)
				}
				w.stored(result.URL, path)
				if result.Sent != int64(tc.size) || result.Verified != digests || result.AlreadyThere {
					t.Errorf("%+v", result)
				}
				w.requests(map[string]int{"POST": 1, "PATCH": tc.patches, "HEAD": 0})
				if again := w.mustPush(path, tc.options); !again.AlreadyThere {
					t.Errorf("the second time: %+v", again)
				}
			})
		}
	}
}

// Servers that do not know the extension, that say they do and ignore the body,
// and that take a part of it.
func TestServersThatDoNotTakeTheWholeBody(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"unknown": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodOptions {
				w.Header().Set("Tus-Extension", "creation")
				w.WriteHeader(http.StatusNoContent)
			}
			return r.Method == http.MethodOptions
		},
		"unanswered": func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodOptions {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
			return r.Method == http.MethodOptions
		},
		"ignored": func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				_, _ = io.Copy(io.Discard, r.Body)
				r.Body, r.ContentLength = http.NoBody, 0
				r.Header.Del("Content-Type")
			}
			return false
		},
		"a part": func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				r.Body = io.NopCloser(io.LimitReader(r.Body, 300))
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := overTCP(t)
			w.server.Answer(answer)
			path := w.file("f", 1000, 1)
			w.stored(w.mustPush(path, client.Options{}).URL, path)
			w.requests(map[string]int{"POST": 1, "PATCH": 1, "HEAD": 0})
		})
	}
}

func TestSmallCreationFails(t *testing.T) {
	for name, fault := range kinds {
		if name == "odd success" || name == "wrong offset" || name == "taken over" {
			continue // no answers to a creation
		}
		fault.Method, fault.After = http.MethodPost, min(fault.After, 400)
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				w.faults.Plan = []clienttest.Fault{fault}
				path := w.file("f", 1000, 1)
				w.stored(w.mustPush(path, client.Options{}).URL, path)
				w.requests(map[string]int{"PATCH": 0})
			})
		})
	}
}
