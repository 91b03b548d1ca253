package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a server, the way to it, and a place for records.
type world struct {
	testing.TB
	server *clienttest.Server
	faults *clienttest.Faults
	url    string
	state  string

	mu   sync.Mutex
	news int // connections that were made over TCP
}

// inFakeTime runs test in a world in memory, in which waiting costs nothing.
func inFakeTime(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := clienttest.NewServer(t, 0)
		transport, stop := clienttest.Serve(t, server)
		w := &world{TB: t, server: server, faults: &clienttest.Faults{Base: transport}, url: "http://server/files/", state: t.TempDir()}
		defer time.Sleep(time.Minute) // of fake time, in which the server's goroutines end
		defer stop()
		test(w)
	})
}

// overTCP makes a world with real connections and the client's own transport.
func overTCP(t testing.TB) *world {
	t.Helper()
	server := clienttest.NewServer(t, 0)
	w := &world{TB: t, server: server, state: t.TempDir()}
	web := httptest.NewUnstartedServer(server)
	web.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if state == http.StateNew {
			w.news++
		}
	}
	web.Start()
	t.Cleanup(web.Close)
	w.url = web.URL + clienttest.Base
	return w
}

func (w *world) connections() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.news
}

// client makes a client with a state of its own life and death.
func (w *world) client(config client.Config) *client.Client {
	w.Helper()
	config.StateDir = w.state
	if w.faults != nil {
		config.HttpClient = &http.Client{Transport: w.faults}
	}
	c, err := client.New(w.url, config)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(c.Close)
	return c
}

// push uploads with a new client, as a new process would.
func (w *world) push(path string, options client.Options) (client.Result, error) {
	w.Helper()
	c := w.client(client.Config{})
	defer c.Close()
	return c.Upload(context.Background(), client.File(path), options)
}

func (w *world) mustPush(path string, options client.Options) client.Result {
	w.Helper()
	result, err := w.push(path, options)
	if err != nil {
		w.Fatalf("push of %s: %v", filepath.Base(path), err)
	}
	return result
}

// file writes size random bytes, the same for the same seed.
func (w *world) file(name string, size int, seed uint64) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), name)
	w.write(path, noise(size, seed))
	return path
}

func (w *world) write(path string, data []byte) {
	w.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(path string) []byte {
	w.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	return data
}

// grow appends size random bytes to the file at path.
func (w *world) grow(path string, size int, seed uint64) {
	w.Helper()
	w.write(path, append(w.read(path), noise(size, seed)...))
}

// writeAt writes data into the file at path in place.
func (w *world) writeAt(path string, data []byte, offset int64) {
	w.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		w.Fatal(err)
	}
	_, err = f.WriteAt(data, offset)
	if err := errors.Join(err, f.Close()); err != nil {
		w.Fatal(err)
	}
}

// stored fails unless the server holds the file at path under url.
func (w *world) stored(url, path string) {
	w.Helper()
	if got, want := w.read(w.server.PathOf(url)), w.read(path); !bytes.Equal(got, want) {
		w.Errorf("the server has %d bytes that differ from the %d of %s", len(got), len(want), filepath.Base(path))
	}
}

func (w *world) posts(want int) {
	w.Helper()
	if got := w.server.Requests(http.MethodPost); got != want {
		w.Errorf("%d uploads were created, want %d", got, want)
	}
}

func noise(size int, seed uint64) []byte {
	data := make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = source.Read(data)
	return data
}

// events collects what Notify is told.
type events struct {
	mu  sync.Mutex
	all []client.Event
}

func (e *events) add(event client.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

func (e *events) of(kind client.EventKind) []client.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var some []client.Event
	for _, event := range e.all {
		if event.Kind == kind {
			some = append(some, event)
		}
	}
	return some
}

// cancelling calls cancel once after bytes were read, and goes on, or ends if it
// is the last.
type cancelling struct {
	io.ReadCloser
	after  int
	cancel func()
	last   bool
}

func (c *cancelling) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.after > 0 && c.after <= n {
		c.cancel()
		if c.last && err == nil {
			err = io.ErrUnexpectedEOF
		}
	}
	c.after -= n
	return n, err
}

// flipping damages the first byte of each read.
type flipping struct{ io.ReadCloser }

func (f *flipping) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if n > 0 {
		p[0]++
	}
	return n, err
}
