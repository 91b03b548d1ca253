package protocol

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve runs h behind the middlewares that shape answers, under /files/.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	srv := httptest.NewServer(Answer("/files/")(AccessLog(log)(Recover(log)(h))))
	t.Cleanup(srv.Close)
	return srv
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestFailures(t *testing.T) {
	const masked = "ERR_INTERNAL_SERVER_ERROR: the server could not do this; its log says why\n"
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		body    string
	}{
		"panic": {func(http.ResponseWriter, *http.Request) { panic("open /srv/secret") }, 500, masked},
		"panic after an error": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "ERR_A: b", 400)
			panic("no")
		}, 500, masked},
		"words from inside":     {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "open /srv/secret", 500) }, 500, masked},
		"code and words inside": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, codeInternal+": open /srv/secret", 500) }, 500, masked},
		"no words":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) }, 405, "ERR_METHOD_NOT_ALLOWED: method not allowed\n"},
		"many words":            {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, strings.Repeat("x", 1<<20), 404) }, 404, "ERR_NOT_FOUND: not found\n"},
		"many lines":            {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "ERR_A: b\nc", 404) }, 404, "ERR_A: b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, body := get(t, serve(t, c.handler).URL+"/files/")
			if resp.StatusCode != c.status || body != c.body || resp.Header.Get("Tus-Resumable") != version {
				t.Errorf("got %s %q, Tus-Resumable %q; want %d %q", resp.Status, body, resp.Header.Get("Tus-Resumable"), c.status, c.body)
			}
		})
	}
}

// A panic in the middle of an answer breaks it off: what came is not the whole.
func TestPanicInTheMiddle(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("no")
	})
	resp, err := http.Get(srv.URL + "/files/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v; want an unexpected end", body, err)
	}
}

// Deadlines can be set through the writer, and a file goes out as it is.
func TestWriterIsTransparent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	content := strings.Repeat("x", 1<<20)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 1)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn := http.NewResponseController(w)
		errs <- errors.Join(conn.SetReadDeadline(time.Now().Add(time.Hour)), conn.SetWriteDeadline(time.Now().Add(time.Hour)))
		http.ServeFile(w, r, path)
	})
	if _, body := get(t, srv.URL+"/files/"); body != content {
		t.Errorf("got %d bytes, want %d", len(body), len(content))
	}
	if err := <-errs; err != nil {
		t.Errorf("deadlines: %v", err)
	}
}
