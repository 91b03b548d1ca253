package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// eachServer runs test against a server that tells digests and one that does not.
func eachServer(t *testing.T, test func(w *world)) {
	for _, digests := range []bool{false, true} {
		t.Run(fmt.Sprintf("digests=%t", digests), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				w.server.Digests = digests
				test(w)
			})
		})
	}
}

// refused fails unless a push ends with want and no byte was sent.
func (w *world) refused(path string, options client.Options, want error) {
	w.Helper()
	before := w.server.Received()
	if result, err := w.push(path, options); !errors.Is(err, want) {
		w.Errorf("push ended with %+v, %v; want %v", result, err, want)
	}
	if sent := w.server.Received() - before; sent != 0 {
		w.Errorf("%d bytes were sent", sent)
	}
}

func (w *world) length(url string) int64 {
	w.Helper()
	status, err := w.client(client.Config{}).Status(context.Background(), url)
	if err != nil {
		w.Fatal(err)
	}
	return status.Length
}

func TestGrowingFileCostsOnlyItsGrowth(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 100_000, 1)
		first := w.mustPush(path, client.Options{Append: true})
		for i, growth := range []int{1, 70_000, 0} {
			w.grow(path, growth, uint64(i)+2)
			result := w.mustPush(path, client.Options{Append: true})
			if result.Sent != int64(growth) || result.AlreadyThere != (growth == 0) || !result.Open {
				t.Errorf("growth by %d: %+v", growth, result)
			}
			w.stored(result.URL, path)
		}
		if got := w.length(first.URL); got != -1 {
			t.Errorf("the length is %d before it was declared", got)
		}
		w.grow(path, 5, 9)
		result := w.mustPush(path, client.Options{Finish: true})
		if got := w.length(first.URL); got != 170_006 || result.Open || result.Sent != 5 {
			t.Errorf("the length is %d after %+v", got, result)
		}
		w.stored(first.URL, path)
		w.posts(1)
		if got := w.server.Received(); got != 170_006 {
			t.Errorf("%d bytes arrived", got)
		}
		if again := w.mustPush(path, client.Options{Finish: true}); !again.AlreadyThere {
			t.Errorf("after the end: %+v", again)
		}
	})
}

func TestFinishAlone(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("answer lost=%t", lost), func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				path := w.file("log", 1000, 1)
				first := w.mustPush(path, client.Options{Append: true})
				if lost {
					w.faults.Plan = []clienttest.Fault{{Method: http.MethodPatch, Kind: clienttest.Lose}}
				}
				result := w.mustPush(path, client.Options{Finish: true})
				if result.URL != first.URL || result.Sent != 0 || result.AlreadyThere || w.length(first.URL) != 1000 {
					t.Errorf("finished with %+v", result)
				}
			})
		})
	}
}

func TestEmptyFileGrowsAndIsFinished(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 0, 1)
		w.mustPush(path, client.Options{Append: true})
		w.grow(path, 10, 1)
		w.stored(w.mustPush(path, client.Options{Finish: true}).URL, path)
		w.posts(1)
	})
}

func TestOpenUploadNeedsAWordOnHowToGoOn(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("log", 1000, 1)
		w.mustPush(path, client.Options{Append: true})
		w.grow(path, 10, 2)
		w.refused(path, client.Options{}, client.ErrLeftOpen)
		w.mustPush(path, client.Options{Append: true})
	})
}

func TestGrowingFileThatDidNotOnlyGrowIsRefused(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("log", 100_000, 1)
		w.mustPush(path, client.Options{Append: true})
		data := w.read(path)
		for _, tc := range []struct {
			name string
			data []byte
		}{
			{"first byte", append([]byte{data[0] + 1}, data[1:]...)},
			{"last byte, and grown", append(append(data[:99_999:99_999], data[99_999]+1), "more"...)},
			{"shrunk", data[:99_999]},
			{"emptied", nil},
		} {
			w.write(path, tc.data)
			w.refused(path, client.Options{Append: true}, client.ErrSourceChanged)
			w.refused(path, client.Options{Finish: true}, client.ErrSourceChanged)
		}
		w.write(path, append(data, "more"...))
		result := w.mustPush(path, client.Options{Finish: true})
		w.stored(result.URL, path)
		w.posts(1)
	})
}

// interrupted leaves an unfinished upload of path behind, of some of its bytes.
func (w *world) interrupted(path string, options client.Options) client.Result {
	w.Helper()
	w.faults.Plan = []clienttest.Fault{
		{Method: http.MethodPatch, Kind: clienttest.Cut, After: 40_960},
		{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
	}
	result, err := w.push(path, options)
	if err == nil || result.URL == "" {
		w.Fatalf("not interrupted: %+v, %v", result, err)
	}
	return result
}

func TestFileChangedSinceAnInterruptedPush(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("f", 100_000, 1)
		old := w.interrupted(path, client.Options{})
		data := w.read(path)
		w.write(path, append(data, 1))
		w.refused(path, client.Options{}, client.ErrSourceChanged)
		w.write(path, append([]byte{data[0] + 1}, data[1:]...))
		w.touch(path, time.Hour)
		w.refused(path, client.Options{}, client.ErrSourceChanged)
		w.refused(path, client.Options{Append: true}, client.ErrLengthFixed)

		result := w.mustPush(path, client.Options{Restart: true})
		w.stored(result.URL, path)
		if _, err := os.Stat(w.server.PathOf(old.URL)); err == nil {
			t.Error("the old upload is still there")
		}
		w.posts(2)
	})
}

// touch moves the file's time of change by d.
func (w *world) touch(path string, d time.Duration) {
	w.Helper()
	at := time.Now().Add(d)
	if err := os.Chtimes(path, at, at); err != nil {
		w.Fatal(err)
	}
}

func TestTouchedFileGoesOn(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 100_000, 1)
		w.interrupted(path, client.Options{})
		w.touch(path, time.Hour)
		result := w.mustPush(path, client.Options{})
		w.stored(result.URL, path)
		w.touch(path, 2*time.Hour)
		if again := w.mustPush(path, client.Options{}); !again.AlreadyThere {
			t.Errorf("the same content under a new time: %+v", again)
		}
		w.posts(1)
	})
}

func TestFileChangedSinceItWasStoredIsANewUpload(t *testing.T) {
	eachServer(t, func(w *world) {
		path := w.file("f", 1000, 1)
		old := w.mustPush(path, client.Options{})
		before := w.read(path)
		w.write(path, noise(1000, 2))
		w.touch(path, time.Hour)
		w.stored(w.mustPush(path, client.Options{}).URL, path)
		w.grow(path, 1, 3)
		w.stored(w.mustPush(path, client.Options{}).URL, path)
		w.posts(3)
		if got := w.read(w.server.PathOf(old.URL)); string(got) != string(before) {
			t.Error("the first upload was touched")
		}
	})
}

func TestStoredFileThatTheServerForgotIsSentAnew(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 1000, 1)
		first := w.mustPush(path, client.Options{})
		for _, suffix := range []string{"", ".info"} {
			if err := os.Remove(w.server.PathOf(first.URL) + suffix); err != nil {
				t.Fatal(err)
			}
		}
		w.stored(w.mustPush(path, client.Options{}).URL, path)
		w.posts(2)
	})
}

func TestFileThatChangesWhileItIsSentIsNeverCompleted(t *testing.T) {
	for name, change := range map[string]func(w *world, path string){
		"written to": func(w *world, path string) { w.write(path, noise(200_000, 2)); w.touch(path, time.Hour) },
		"grown":      func(w *world, path string) { w.grow(path, 1, 2) },
		"shrunk":     func(w *world, path string) { w.write(path, w.read(path)[:150_000]) },
	} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				path := w.file("f", 200_000, 1)
				w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodPatch {
						r.Body = &cancelling{ReadCloser: r.Body, after: 50_000, cancel: func() { change(w, path) }}
					}
					return false
				})
				result, err := w.push(path, client.Options{})
				var changed *client.SourceChangedError
				if !errors.As(err, &changed) || !errors.Is(err, client.ErrSourceChanged) || changed.Path != path {
					t.Fatalf("ended with %v", err)
				}
				if got := len(w.read(w.server.PathOf(result.URL))); got == 200_000 {
					t.Error("the server has a complete upload of a file that never was")
				}
			})
		})
	}
}

func TestGrowthWhileAppendingWaitsForTheNextPush(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("log", 200_000, 1)
		grown := false
		result := w.mustPush(path, client.Options{Append: true, Notify: func(client.Event) {
			if !grown {
				grown = true
				w.grow(path, 10, 2)
			}
		}})
		if result.Offset != 200_000 {
			t.Errorf("stored %d bytes", result.Offset)
		}
		w.stored(w.mustPush(path, client.Options{Finish: true}).URL, path)
	})
}

func TestDigestOfOtherBytes(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 100_000, 1)
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				r.Body = &flipping{ReadCloser: r.Body}
			}
			return false
		})
		if _, err := w.push(path, client.Options{}); !errors.Is(err, client.ErrDigestMismatch) {
			t.Fatalf("ended with %v", err)
		}
		if entries, _ := os.ReadDir(w.state); len(entries) != 0 {
			t.Errorf("a record of damaged bytes stays: %v", entries)
		}
		w.server.Answer(nil)
		w.stored(w.mustPush(path, client.Options{}).URL, path)
	})
}

func TestRecordsThatCannotBeRead(t *testing.T) {
	for _, tc := range []struct {
		name, data string
		fails      bool
	}{
		{"empty", "", false}, {"cut", `{"version":1,"url":"ht`, false}, {"nonsense", `{"version":1}`, false}, {"newer", `{"version":2}`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				path := w.file("f", 1000, 1)
				w.mustPush(path, client.Options{})
				found, err := filepath.Glob(filepath.Join(w.state, "*.json"))
				if err != nil || len(found) != 1 {
					t.Fatalf("records: %v, %v", found, err)
				}
				w.write(found[0], []byte(tc.data))
				var seen events
				result, err := w.push(path, client.Options{Notify: seen.add})
				if tc.fails {
					if err == nil || string(w.read(found[0])) != tc.data {
						t.Errorf("ended with %v; the record is %q", err, w.read(found[0]))
					}
					return
				}
				if err != nil || result.AlreadyThere || len(seen.of(client.Notice)) != 1 {
					t.Errorf("%+v, %v, %+v", result, err, seen.all)
				}
				if again := w.mustPush(path, client.Options{}); !again.AlreadyThere {
					t.Error("the record was not replaced")
				}
			})
		})
	}
}

func TestProvingAKnownFileRereadsAtMostOneStep(t *testing.T) {
	w := overTCP(t)
	w.server.Digests = true
	const step, size = 64 << 20, 200 << 20
	path := filepath.Join(t.TempDir(), "sparse")
	w.write(path, nil)
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			r.Body = &cancelling{ReadCloser: r.Body, after: 150 << 20, cancel: cancel}
		}
		return false
	})
	if _, err := w.client(client.Config{}).Upload(ctx, client.File(path), client.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	w.server.Answer(nil)
	var seen events
	result := w.mustPush(path, client.Options{Notify: seen.add})
	w.stored(result.URL, path)
	verified := seen.of(client.Verifying)
	if len(verified) == 0 || verified[0].Offset <= 2*step-step/2 || !result.Verified || result.Sent > size-128<<20 {
		t.Errorf("reread from about %+v, and sent %d bytes", verified, result.Sent)
	}
}
