package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

func (w *world) send(config client.Config, source client.Source, options client.Options) (client.Result, error) {
	w.Helper()
	c := w.client(config)
	defer c.Close()
	return c.Upload(context.Background(), source, options)
}

// holds fails unless the server has data under the URL of an upload that went well.
func (w *world) holds(data []byte, result client.Result, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	if got := w.read(w.server.PathOf(result.URL)); !bytes.Equal(got, data) {
		w.Errorf("the server has %d bytes that differ from the %d that were sent", len(got), len(data))
	}
	if got := w.length(result.URL); !result.Open && got != int64(len(data)) {
		w.Errorf("the upload has the length %d, want %d", got, len(data))
	}
}

func TestReaderAtGoesOnUnderItsName(t *testing.T) {
	eachServer(t, func(w *world) {
		data := noise(3*size, 1)
		source := func(data []byte) client.Source {
			return client.ReaderAt("backup/a.tar", bytes.NewReader(data), int64(len(data)))
		}
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut},
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: http.StatusUnauthorized},
		}
		chunked := client.Config{ChunkSize: size}
		if _, err := w.send(chunked, source(data), client.Options{}); err == nil {
			t.Fatal("not interrupted")
		}
		other := noise(3*size, 2)
		if _, err := w.send(chunked, source(other), client.Options{}); !errors.Is(err, client.ErrSourceChanged) {
			t.Errorf("other bytes of the same name ended with %v", err)
		}
		result, err := w.send(chunked, source(data), client.Options{})
		w.holds(data, result, err)
		if result.Sent != 2*size {
			t.Errorf("sent %d bytes", result.Sent)
		}
		again, err := w.send(chunked, source(data), client.Options{})
		if err != nil || !again.AlreadyThere {
			t.Errorf("the second time: %+v, %v", again, err)
		}
		w.posts(1)
	})
}

func TestReaderAtGrows(t *testing.T) {
	inFakeTime(t, func(w *world) {
		data := noise(3000, 1)
		for _, step := range []struct {
			size    int64
			options client.Options
		}{{1000, client.Options{Append: true}}, {2000, client.Options{Append: true}}, {3000, client.Options{Finish: true}}} {
			result, err := w.send(client.Config{}, client.ReaderAt("log", bytes.NewReader(data), step.size), step.options)
			w.holds(data[:step.size], result, err)
		}
		w.posts(1)
	})
}

func TestNamelessSourcesKeepNoRecord(t *testing.T) {
	w := overTCP(t)
	data := noise(1000, 1)
	for range 2 {
		result, err := w.send(client.Config{}, client.ReaderAt("", bytes.NewReader(data), 1000), client.Options{})
		w.holds(data, result, err)
	}
	w.posts(2)
	for name, source := range map[string]client.Source{
		"nameless":  client.ReaderAt("", bytes.NewReader(data), 1000),
		"reader":    client.Reader("a", bytes.NewReader(data)),
		"none":      {},
		"too short": client.ReaderAt("", bytes.NewReader(data), -1),
	} {
		if _, err := w.send(client.Config{}, source, client.Options{Append: true}); err == nil {
			t.Errorf("%s was left open", name)
		}
	}
	w.posts(2)
}

func TestReaderAtThatEndsEarly(t *testing.T) {
	inFakeTime(t, func(w *world) {
		_, err := w.send(client.Config{}, client.ReaderAt("a", bytes.NewReader(noise(1000, 1)), 1001), client.Options{})
		if !errors.Is(err, client.ErrSourceChanged) {
			t.Errorf("ended with %v", err)
		}
	})
}

// slow yields pieces with a pause before each but the first, and before the end.
type slow struct {
	pieces [][]byte
	pause  time.Duration
	begun  bool
	err    error // at the end; nil means io.EOF
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 || s.begun && len(s.pieces[0]) > 0 && s.pause > 0 {
		time.Sleep(s.pause)
	}
	if len(s.pieces) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) > 0 {
		s.begun = false
		return n, nil
	}
	s.pieces, s.begun = s.pieces[1:], true
	return n, nil
}

func TestReader(t *testing.T) {
	data := noise(3*size, 1)
	small := noise(1000, 2)
	for _, tc := range []struct {
		name   string
		reader func() io.Reader
		want   []byte
	}{
		{"nothing", func() io.Reader { return strings.NewReader("") }, nil},
		{"one byte", func() io.Reader { return strings.NewReader("a") }, []byte("a")},
		{"at once", func() io.Reader { return bytes.NewReader(data) }, data},
		{"byte by byte", func() io.Reader { return iotest.OneByteReader(bytes.NewReader(small)) }, small},
		{"with the end in the last read", func() io.Reader { return iotest.DataErrReader(bytes.NewReader(small)) }, small},
		{"slowly", func() io.Reader {
			return &slow{pieces: [][]byte{data[:size], data[size : 2*size], data[2*size:]}, pause: time.Minute}
		}, data},
		{"nothing, slowly", func() io.Reader { return &slow{pause: time.Hour} }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachServer(t, func(w *world) {
				result, err := w.send(client.Config{}, client.Reader("a.bin", tc.reader()), client.Options{})
				w.holds(tc.want, result, err)
				if result.Size != int64(len(tc.want)) || result.Open {
					t.Errorf("%+v", result)
				}
				w.posts(1)
			})
		})
	}
}

// What an idle source yielded is stored meanwhile.
func TestIdleReaderHoldsNothingBack(t *testing.T) {
	inFakeTime(t, func(w *world) {
		data := noise(1000, 1)
		r, feed := io.Pipe()
		var seen events
		done := make(chan error, 1)
		go func() {
			_, err := w.send(client.Config{}, client.Reader("a", r), client.Options{Notify: seen.add})
			done <- err
		}()
		for end := 100; end <= 1000; end += 100 {
			if _, err := feed.Write(data[end-100 : end]); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			progress := seen.of(client.Progress)
			if len(progress) == 0 || progress[len(progress)-1].Stored != int64(end) {
				t.Fatalf("of %d bytes was stored: %+v", end, progress)
			}
			if got := progress[len(progress)-1].Size; got != -1 {
				t.Errorf("the size is said to be %d", got)
			}
		}
		feed.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestFailingReaderFailsTheUpload(t *testing.T) {
	broken := errors.New("tape is torn")
	for name, pause := range map[string]time.Duration{"at once": 0, "later": time.Minute} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				r := &slow{pieces: [][]byte{noise(size, 1)}, pause: pause, err: broken}
				result, err := w.send(client.Config{}, client.Reader("a", r), client.Options{})
				if !errors.Is(err, broken) {
					t.Fatalf("ended with %v", err)
				}
				if result.URL != "" && w.length(result.URL) != -1 {
					t.Error("a part passes for the whole")
				}
			})
		})
	}
	t.Run("nothing, again and again", func(t *testing.T) {
		inFakeTime(t, func(w *world) {
			_, err := w.send(client.Config{}, client.Reader("a", nothing{}), client.Options{})
			if !errors.Is(err, io.ErrNoProgress) {
				t.Errorf("ended with %v", err)
			}
		})
	})
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// A Read that does not return does not keep Upload; closing ends it.
func TestCancelWhileTheReaderBlocks(t *testing.T) {
	w := overTCP(t)
	for _, before := range []int{0, 1000} {
		r, feed := io.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		stored := make(chan struct{}, 10)
		done := make(chan error, 1)
		go func() {
			_, err := w.client(client.Config{}).Upload(ctx, client.Reader("a", r), client.Options{Notify: func(e client.Event) {
				if e.Stored == int64(before) {
					stored <- struct{}{}
				}
			}})
			done <- err
		}()
		if before > 0 {
			if _, err := feed.Write(noise(before, 1)); err != nil {
				t.Fatal(err)
			}
			<-stored
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if _, err := feed.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the reader is not closed: %v", err)
		}
	}
}

func TestReaderThatTheServerForgot(t *testing.T) {
	const most = 1 << 20 // more than a block of the window
	for name, tc := range map[string]struct {
		skip int
		want error
	}{"from the beginning": {0, nil}, "after some": {1, client.ErrCannotRepeat}} {
		t.Run(name, func(t *testing.T) {
			inFakeTime(t, func(w *world) {
				gone := http.Header{"Tus-Resumable": {"1.0.0"}}
				w.faults.Plan = []clienttest.Fault{{Method: http.MethodPatch, Skip: tc.skip, Kind: clienttest.Answer, Status: http.StatusGone, Header: gone}}
				data := noise(2*most, 1)
				r := &slow{pieces: [][]byte{data[:most], data[most:]}, pause: time.Minute}
				result, err := w.send(client.Config{}, client.Reader("a", r), client.Options{})
				if !errors.Is(err, tc.want) {
					t.Fatalf("ended with %v", err)
				}
				if tc.want != nil {
					w.posts(1)
					return
				}
				w.holds(data, result, err)
			})
		})
	}
}

func TestReaderAtAServerThatLostBytes(t *testing.T) {
	inFakeTime(t, func(w *world) {
		const most = 1 << 20
		r := &slow{pieces: [][]byte{noise(most, 1), noise(most, 2)}, pause: time.Minute}
		w.faults.Plan = []clienttest.Fault{
			{Method: http.MethodPatch, Skip: 1, Kind: clienttest.Cut},
			{Method: http.MethodHead, Kind: clienttest.Answer, Status: 200, Header: http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"10"}, "Upload-Defer-Length": {"1"}}},
		}
		_, err := w.send(client.Config{}, client.Reader("a", r), client.Options{})
		if !errors.Is(err, client.ErrCannotRepeat) {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestReaderNeedsDeferredLengthOnlyIfItIsLong(t *testing.T) {
	inFakeTime(t, func(w *world) {
		w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
			rw.Header().Set("Tus-Resumable", "1.0.0")
			switch {
			case r.Method == http.MethodOptions:
				rw.Header().Set("Tus-Extension", "creation")
				rw.WriteHeader(http.StatusNoContent)
			case r.Header.Get("Upload-Defer-Length") != "":
				rw.WriteHeader(http.StatusBadRequest)
			default:
				return false
			}
			return true
		})
		data := noise(size, 1)
		result, err := w.send(client.Config{}, client.Reader("a", bytes.NewReader(data)), client.Options{})
		w.holds(data, result, err)
		_, err = w.send(client.Config{}, client.Reader("a", &slow{pieces: [][]byte{data}, pause: time.Minute}), client.Options{})
		var unsupported *client.UnsupportedError
		if !errors.As(err, &unsupported) {
			t.Errorf("ended with %v", err)
		}
	})
}

// zeros is a long stream that costs nothing, and counts what was taken of it.
type zeros struct{ left, taken int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	atomic.AddInt64(&z.taken, n)
	return int(n), nil
}

func TestReaderIsNotReadFarAhead(t *testing.T) {
	w := overTCP(t)
	const total, window = 200 << 20, 16 << 20
	source := &zeros{left: total}
	var most, heap int64
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	before := int64(memory.HeapInuse)
	w.server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			most = max(most, atomic.LoadInt64(&source.taken)-w.server.Received())
			runtime.ReadMemStats(&memory)
			heap = max(heap, int64(memory.HeapInuse)-before)
		}
		return false
	})
	result, err := w.send(client.Config{}, client.Reader("a", source), client.Options{})
	if err != nil || result.Offset != total {
		t.Fatalf("%+v, %v", result, err)
	}
	if most > window {
		t.Errorf("%d bytes were read ahead", most)
	}
	if heap > 32<<20 {
		t.Errorf("%d MiB were in memory", heap>>20)
	}
	if got := w.server.Requests(http.MethodPatch); got > 2*total/window+20 {
		t.Errorf("%d requests", got)
	}
}
