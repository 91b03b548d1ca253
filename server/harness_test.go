package server_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// promptly is how long what is done at once may take on a busy machine: less than
// the 8 s after which a stopping server cuts its requests, the 20 s for which
// tusd's handler waits for a lock, and the minute for which a silent client is
// waited for.
const promptly = 7 * time.Second

// running is a server on a real socket.
type running struct {
	t        *testing.T
	addr     string
	endpoint string
	dir      string
	token    string // sent with each request, unless empty
	stop     func() // stops the server as SIGTERM does, and waits for it
}

func start(t *testing.T, cfg server.Config) *running {
	t.Helper()
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	stopped := false
	r := &running{t: t, addr: ln.Addr().String(), endpoint: "http://" + ln.Addr().String() + "/files/", dir: srv.DataDir()}
	r.stop = func() {
		cancel()
		if !stopped {
			stopped = true
			if err := <-done; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}
	}
	t.Cleanup(r.stop)
	return r
}

// answer is an HTTP response with its body.
type answer struct {
	*http.Response
	body string
}

// do sends a request with tus headers. headers are "Name: value" lines.
func (r *running) do(method, url string, body io.Reader, headers ...string) answer {
	r.t.Helper()
	if !strings.Contains(url, "://") {
		url = "http://" + r.addr + url
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{resp, string(text)}
}

// create creates an upload and returns its URL.
func (r *running) create(headers ...string) string {
	r.t.Helper()
	a := r.do("POST", r.endpoint, nil, headers...)
	a.want(r.t, 201)
	return "http://" + r.addr + a.Header.Get("Location")
}

func (r *running) patch(url string, offset int64, body io.Reader, headers ...string) answer {
	r.t.Helper()
	return r.do("PATCH", url, body, append(headers, "Content-Type: application/offset+octet-stream", fmt.Sprintf("Upload-Offset: %d", offset))...)
}

// want checks the status and that headers, given as "Name: value", are there.
func (a answer) want(t *testing.T, status int, headers ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: got %s %q, want %d", a.Request.Method, a.Request.URL.Path, a.Status, a.body, status)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if got := a.Header.Get(name); got != value {
			t.Errorf("%s %s: %s is %q, want %q", a.Request.Method, a.Request.URL.Path, name, got, value)
		}
	}
}

const (
	filenameA = "Upload-Metadata: filename YS5iaW4=" // a.bin
	// The CRC-32C of "hello" and of "helloworld", in base64.
	digestHello      = "Upload-Digest: crc32c=:mnG7TA==:"
	digestHelloworld = "Upload-Digest: crc32c=:Vsu0gA==:"
	digestNothing    = "Upload-Digest: crc32c=:AAAAAA==:"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func offset(t *testing.T, a answer) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(a.Header.Get("Upload-Offset"), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, error %v; want %q", filepath.Base(path), got, err, want)
	}
}
