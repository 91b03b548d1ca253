package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

var fourParts = client.Options{Parallel: 4}

// onlyOne fails unless the server holds data as one upload and nothing else.
func (w *world) onlyOne(data []byte, result client.Result, err error) {
	w.Helper()
	w.holds(data, result, err)
	if stored := w.server.Stored(w); len(stored) != 1 {
		w.Errorf("the server keeps %d files", len(stored))
	}
}

func TestPartsAreJoined(t *testing.T) {
	for _, tc := range []struct {
		name     string
		size     int
		parallel int
		uploads  int // created: the parts and the whole
	}{
		{"four", 8*MiB + 3, 4, 5},
		{"a small one goes as one", 2*MiB - 1, 4, 1},
		{"one connection", 8 * MiB, 1, 1},
		{"as many as are large enough", 3 * MiB, 16, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachServer(t, func(w *world) {
				path := w.file("f.bin", tc.size, 1)
				var seen events
				options := client.Options{Parallel: tc.parallel, Notify: seen.add}
				result, err := w.send(client.Config{}, client.File(path), options)
				w.onlyOne(w.read(path), result, err)
				w.posts(tc.uploads)
				if result.Sent != int64(tc.size) || result.Verified != w.server.Digests || result.AlreadyThere {
					t.Errorf("%+v", result)
				}
				if got := w.server.Received(); got != int64(tc.size) {
					t.Errorf("%d bytes arrived", got)
				}
				progress := seen.of(client.Progress)
				if last := progress[len(progress)-1]; last.Stored != int64(tc.size) || last.Size != int64(tc.size) {
					t.Errorf("at last %+v", last)
				}
				if started := seen.of(client.Started); len(started) != 1 {
					t.Errorf("told %d times that it began", len(started))
				}
				again, err := w.send(client.Config{}, client.File(path), options)
				if err != nil || !again.AlreadyThere || again.URL != result.URL {
					t.Errorf("the second time: %+v, %v", again, err)
				}
			})
		})
	}
}

func TestPartsSurviveEveryFault(t *testing.T) {
	for _, phase := range []struct {
		name   string
		method string
		skip   int
		kinds  []string
	}{
		{"create a part", http.MethodPost, 2, []string{"refused", "502", "423", "429"}},
		{"send a part", http.MethodPatch, 1, []string{"refused", "answer lost", "502", "423", "cut at once", "cut in it", "stalled", "wrong offset"}},
		{"join", http.MethodPost, 4, []string{"refused", "502", "423", "429"}},
		{"look at the whole", http.MethodHead, 0, []string{"refused", "answer lost", "502", "odd success"}},
		{"delete a part", http.MethodDelete, 0, []string{"answer lost"}},
	} {
		for _, kind := range phase.kinds {
			for _, source := range []string{"file", "reader at"} { // of streams TestStreamsGoAsOne
				t.Run(phase.name+"/"+kind+"/"+source, func(t *testing.T) {
					eachServer(t, func(w *world) {
						fault := kinds[kind]
						fault.Method, fault.Skip = phase.method, phase.skip
						w.faults.Plan = []clienttest.Fault{fault}
						data := noise(8*MiB, 1)
						result, err := w.send(client.Config{}, sources[source](w, data), fourParts)
						w.onlyOne(data, result, err)
						w.posts(5)
						if got := w.server.Received(); fault.Kind != clienttest.Cut && fault.Kind != clienttest.Stall && got != 8*MiB {
							t.Errorf("%d bytes arrived", got)
						}
						if left := w.faults.Left(); len(left) != 0 {
							t.Errorf("did not happen: %+v", left)
						}
					})
				})
			}
		}
	}
}

// What of a stream is to come nobody knows, so that it goes as one.
func TestStreamsGoAsOne(t *testing.T) {
	for _, source := range []string{"reader", "slow reader"} {
		inFakeTime(t, func(w *world) {
			data := noise(3*size, 1)
			result, err := w.send(client.Config{}, sources[source](w, data), client.Options{Parallel: 2})
			w.onlyOne(data, result, err)
			w.posts(1)
		})
	}
}

// An upload that is given up is deleted. Whatever becomes of that request, the new
// one goes on.
func TestGivingUpSurvivesEveryFault(t *testing.T) {
	for _, kind := range []string{"refused", "answer lost", "502", "423", "429", "odd success"} {
		for _, source := range []string{"file", "reader at"} {
			for _, options := range []client.Options{{Restart: true}, {Restart: true, Parallel: 4}} {
				t.Run(fmt.Sprintf("%s/%s/in %d", kind, source, options.Parallel), func(t *testing.T) {
					inFakeTime(t, func(w *world) {
						w.server.Digests = true
						old, data := noise(8*MiB, 1), noise(8*MiB, 2)
						w.faults.Plan = []clienttest.Fault{
							{Method: http.MethodPatch, Kind: clienttest.Cut, After: MiB},
							{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
						}
						path := w.file("f", 0, 1)
						open := func(data []byte) client.Source {
							if source == "file" {
								w.write(path, data)
								return client.File(path)
							}
							return sources[source](w, data)
						}
						if _, err := w.send(client.Config{}, open(old), client.Options{Parallel: options.Parallel}); err == nil {
							t.Fatal("not interrupted")
						}
						if _, err := w.send(client.Config{}, open(data), client.Options{}); !errors.Is(err, client.ErrSourceChanged) {
							t.Fatalf("another source ended with %v", err)
						}
						fault := kinds[kind]
						fault.Method = http.MethodDelete
						w.faults.Plan = []clienttest.Fault{fault}
						result, err := w.send(client.Config{}, open(data), options)
						w.holds(data, result, err)
						if left := w.faults.Left(); len(left) != 0 {
							t.Errorf("did not happen: %+v", left)
						}
					})
				})
			}
		}
	}
}

// partsInterrupted ends a push of path in parts after some bytes of each.
func (w *world) partsInterrupted(path string) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var enough atomic.Int32
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			r.Body = &cancelling{ReadCloser: r.Body, after: MiB, last: true, cancel: func() {
				if enough.Add(1) == 4 {
					cancel()
				}
				<-ctx.Done() // none is complete before the others have begun
			}}
		}
		return false
	})
	result, err := w.client(client.Config{}).Upload(ctx, client.File(path), fourParts)
	if !errors.Is(err, context.Canceled) || result.URL != "" {
		w.Fatalf("not interrupted: %+v, %v", result, err)
	}
	if len(result.Parts) != 4 {
		w.Errorf("interrupted in parts %q", result.Parts)
	}
	w.server.Answer(nil)
	time.Sleep(time.Minute) // in which the server notices
	w.recorded(result.Parts)
}

func (w *world) recorded(parts []string) {
	w.Helper()
	records, err := client.Records(w.state)
	if err != nil || len(records) != 1 || !slices.Equal(records[0].Parts, parts) || records[0].URL != "" || records[0].Finished {
		w.Errorf("remembered %+v, %v", records, err)
	}
}

func TestPartsGoOn(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("f", 16*MiB, 1)
		w.partsInterrupted(path)
		// How many are wanted now does not matter.
		var seen events
		result, err := w.send(client.Config{}, client.File(path), client.Options{Notify: seen.add})
		w.onlyOne(w.read(path), result, err)
		w.posts(5)
		if result.Sent > 12*MiB {
			t.Errorf("sent %d bytes of %d", result.Sent, 16*MiB)
		}
		there := 16*MiB - result.Sent
		if resumed := seen.of(client.Resumed); len(resumed) != 1 || resumed[0].Offset != there || resumed[0].Stored < there || len(seen.of(client.Started)) != 0 {
			t.Errorf("told %+v, want that it goes on at %d", resumed, there)
		}
	})
}

func TestPartsOfAChangedFile(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 16*MiB, 1)
		w.partsInterrupted(path)
		for name, change := range map[string]func(){
			"written to": func() {
				w.writeAt(path, []byte("xx"), 1)
				w.writeAt(path, []byte("xx"), 4*MiB)
				w.writeAt(path, []byte("x"), 8*MiB)
				w.writeAt(path, []byte("x"), 12*MiB)
				w.touch(path, time.Hour)
			},
			"grown": func() { w.grow(path, 1, 3) },
		} {
			change()
			if _, err := w.send(client.Config{}, client.File(path), fourParts); !errors.Is(err, client.ErrSourceChanged) {
				t.Errorf("%s: ended with %v", name, err)
			}
		}
		w.posts(4)
		result, err := w.send(client.Config{}, client.File(path), client.Options{Parallel: 4, Restart: true})
		w.onlyOne(w.read(path), result, err)
	})
}

// A change in one part is noticed each time, also when the others have gone on
// since and their records know the file as it is now.
func TestChangeInOnePart(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 16*MiB, 1)
		w.partsInterrupted(path)
		w.writeAt(path, []byte("xx"), 1)
		w.touch(path, time.Hour)
		for range 3 {
			if _, err := w.send(client.Config{}, client.File(path), fourParts); !errors.Is(err, client.ErrSourceChanged) {
				t.Errorf("ended with %v", err)
			}
		}
		result, err := w.send(client.Config{}, client.File(path), client.Options{Parallel: 4, Restart: true})
		w.onlyOne(w.read(path), result, err)
	})
}

// The answer to the join is lost and the client dies. A server that knows the
// request again, and has no parts any more, gives the same answer.
func TestJoinIsAskedForAgain(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 8*MiB, 1)
		data := w.read(path)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var lists []string
		joined := false
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if list := r.Header.Get("Upload-Concat"); r.Method == http.MethodPost && list != "partial" {
				lists = append(lists, list)
				if !joined {
					joined = true
					cancel()
					panic(http.ErrAbortHandler)
				}
				rw.Header().Set("Location", "/files/whole")
				rw.WriteHeader(http.StatusCreated)
				return true
			}
			if joined && r.URL.Path == "/files/whole" {
				rw.Header().Set("Upload-Offset", "8388608")
				rw.Header().Set("Upload-Length", "8388608")
				rw.WriteHeader(http.StatusOK)
				return true
			}
			if joined && r.Method == http.MethodHead {
				rw.Header().Set("Tus-Resumable", "1.0.0")
				rw.WriteHeader(http.StatusNotFound)
				return true
			}
			return false
		})
		if _, err := w.client(client.Config{}).Upload(ctx, client.File(path), fourParts); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		result, err := w.send(client.Config{}, client.File(path), fourParts)
		if err != nil || result.Sent != 0 || result.Offset != int64(len(data)) {
			t.Errorf("%+v, %v", result, err)
		}
		if got := w.server.Received(); got != int64(len(data)) {
			t.Errorf("%d bytes arrived", got)
		}
		if len(lists) != 2 || lists[0] != lists[1] {
			t.Errorf("asked to join %q", lists)
		}
	})
}

func TestJoinOfOtherBytes(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 4*MiB, 1)
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
			if list := r.Header.Get("Upload-Concat"); r.Method == http.MethodPost && list != "" && list != "partial" {
				ids := bytes.Split([]byte(list[len("final;"):]), []byte(" "))
				ids[0], ids[1] = ids[1], ids[0]
				r.Header.Set("Upload-Concat", "final;"+string(bytes.Join(ids, []byte(" "))))
			}
			return false
		})
		if _, err := w.send(client.Config{}, client.File(path), fourParts); !errors.Is(err, client.ErrDigestMismatch) {
			t.Fatalf("ended with %v", err)
		}
		if stored := w.server.Stored(w); len(stored) != 0 {
			t.Errorf("the server keeps %d files", len(stored))
		}
		w.server.Answer(nil)
		result, err := w.send(client.Config{}, client.File(path), fourParts)
		w.onlyOne(w.read(path), result, err)
	})
}

func TestServerThatCannotJoin(t *testing.T) {
	w := overTCP(t)
	w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodOptions {
			rw.Header().Set("Tus-Extension", "creation")
			rw.WriteHeader(http.StatusNoContent)
		}
		return r.Method == http.MethodOptions
	})
	path := w.file("f", 8*MiB, 1)
	var seen events
	result, err := w.send(client.Config{}, client.File(path), client.Options{Parallel: 4, Notify: seen.add})
	w.onlyOne(w.read(path), result, err)
	var unsupported *client.UnsupportedError
	if notices := seen.of(client.Notice); len(notices) != 1 || !errors.As(notices[0].Err, &unsupported) {
		t.Errorf("told %+v", notices)
	}
	w.posts(1)
}

func TestPartsOfAReaderAt(t *testing.T) {
	w := overTCP(t)
	data := noise(8*MiB, 1)
	result, err := w.send(client.Config{ChunkSize: MiB}, client.ReaderAt("", bytes.NewReader(data), int64(len(data))), fourParts)
	w.onlyOne(data, result, err)
	w.posts(5)
}
