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

func TestTouchedFileOfWhichNothingIsKnownIsRefused(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 100_000, 1)
		w.interrupted(path, client.Options{})
		w.touch(path, time.Hour)
		w.refused(path, client.Options{}, client.ErrSourceChanged)
	})
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

// Against a server that tells no digest, what was acknowledged is known, and what
// it got of a request that broke is not: a touched file is then refused.
func TestOnlyKnownBytesAreProof(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after int64 // how much of the second request reaches the server
		fits  bool
	}{
		{"all that it has was acknowledged", 0, true},
		{"it has more than it acknowledged", 4096, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				path := w.file("f", 100_000, 1)
				w.faults.Plan = []clienttest.Fault{
					{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut, After: tt.after},
					{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
				}
				c := w.client(client.Config{ChunkSize: 40_000})
				if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err == nil {
					t.Fatal("not interrupted")
				}
				data := w.read(path)
				w.write(path, append([]byte{data[0] + 1}, data[1:]...))
				w.touch(path, time.Hour)
				w.refused(path, client.Options{}, client.ErrSourceChanged)
				w.write(path, data)
				w.touch(path, 2*time.Hour)
				if !tt.fits {
					w.refused(path, client.Options{}, client.ErrSourceChanged)
					return
				}
				w.stored(w.mustPush(path, client.Options{}).URL, path)
				w.posts(1)
			})
		})
	}
}

// A time that was set back hides no change of what is sent already.
func TestChangeUnderTheSameTime(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Digests = true
		path := w.file("f", 100_000, 1)
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut, After: 4096},
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
		}
		c := w.client(client.Config{ChunkSize: 40_000})
		if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err == nil {
			t.Fatal("not interrupted")
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		w.writeAt(path, []byte("other bytes"), 0)
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		w.refused(path, client.Options{}, client.ErrSourceChanged)
	})
}

// A growing file may grow while it is sent, and nothing else.
func TestGrowingFileRewrittenWhileItIsSent(t *testing.T) {
	for name, change := range map[string]func(w *world, path string){
		"grown":               func(w *world, path string) { w.writeAt(path, noise(1000, 9), 200_000) },
		"rewritten":           func(w *world, path string) { w.writeAt(path, noise(200_000, 2), 0) },
		"rewritten and grown": func(w *world, path string) { w.writeAt(path, noise(300_000, 2), 0) },
	} {
		for _, options := range []client.Options{{Append: true}, {Finish: true}} {
			t.Run(fmt.Sprintf("%s, finish %v", name, options.Finish), func(t *testing.T) {
				inFakeTime(t, func(w *world) {
					path := w.file("f", 100_000, 1)
					w.mustPush(path, client.Options{Append: true})
					w.grow(path, 100_000, 3)
					w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
						if r.Method == http.MethodPatch && r.Header.Get("Upload-Offset") == "100000" {
							r.Body = &cancelling{ReadCloser: r.Body, after: 50_000, cancel: func() {
								change(w, path)
								w.touch(path, time.Hour)
							}}
						}
						return false
					})
					_, err := w.push(path, options)
					if name == "grown" && err != nil || name != "grown" && !errors.Is(err, client.ErrSourceChanged) {
						t.Errorf("ended with %v", err)
					}
				})
			})
		}
	}
}

// Finish without an open upload is a push like any other: growing is a change.
func TestFinishOfNothingNoticesGrowth(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 200_000, 1)
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				r.Body = &cancelling{ReadCloser: r.Body, after: 50_000, cancel: func() { w.writeAt(path, noise(1000, 2), 200_000); w.touch(path, time.Hour) }}
			}
			return false
		})
		if _, err := w.push(path, client.Options{Finish: true}); !errors.Is(err, client.ErrSourceChanged) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestChangeAfterTheLastByteIsNoticed(t *testing.T) {
	inFakeTime(t, func(w *world) {
		path := w.file("f", 200_000, 1)
		w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				r.Body = &cancelling{ReadCloser: r.Body, after: 200_000, cancel: func() { w.touch(path, time.Hour) }}
			}
			return false
		})
		if _, err := w.push(path, client.Options{}); !errors.Is(err, client.ErrSourceChanged) {
			t.Errorf("ended with %v", err)
		}
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
		if records, _ := filepath.Glob(filepath.Join(w.state, "*.json")); len(records) != 0 {
			t.Errorf("a record of damaged bytes stays: %v", records)
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
