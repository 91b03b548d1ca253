package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// Whoever refuses a request, tusd's handler, the router or the store, the answer
// has the same shape.
func TestErrorShape(t *testing.T) {
	r := start(t, server.Config{MaxSize: 10})
	url := r.create("Upload-Length: 5")
	unknown := r.endpoint + strings.Repeat("a", 26)
	text := regexp.MustCompile(`\AERR_[A-Z_]+: [a-z][^\n]*\n\z`)
	for _, c := range []struct {
		method, url string
		status      int
		headers     []string
	}{
		{"HEAD", unknown, 404, nil},
		{"GET", unknown, 404, nil},
		{"PATCH", unknown + "/" + unknown, 404, []string{"Upload-Offset: 0", "Content-Type: application/offset+octet-stream"}},
		{"PUT", url, 405, nil},
		{"BREW", url, 405, nil},
		{"DELETE", r.endpoint, 405, nil},
		{"BREW", strings.TrimSuffix(r.endpoint, "/"), 405, nil},
		{"POST", r.endpoint, 413, []string{"Upload-Length: 11"}},
		{"POST", r.endpoint, 400, []string{"Upload-Length: many"}},
		{"DELETE", url, 412, []string{"Tus-Resumable: 2.0.0"}},
		{"GET", url, 409, nil},
	} {
		t.Run(c.method+" "+strings.TrimPrefix(c.url, "http://"+r.addr), func(t *testing.T) {
			a := r.do(c.method, c.url, nil, c.headers...)
			a.want(t, c.status, "Tus-Resumable: 1.0.0", "Cache-Control: no-store", "X-Content-Type-Options: nosniff", "Content-Type: text/plain; charset=utf-8")
			if c.method == "HEAD" {
				return
			}
			if !text.MatchString(a.body) {
				t.Errorf("got %q, want ERR_CODE: sentence", a.body)
			}
			p := r.do(c.method, c.url, nil, append(c.headers, "Accept: text/html, application/problem+json;q=0.9")...)
			p.want(t, c.status, "Tus-Resumable: 1.0.0", "Content-Type: application/problem+json")
			var problem struct {
				Status                       int
				Title, Detail, Code, Request string
			}
			if err := json.Unmarshal([]byte(p.body), &problem); err != nil {
				t.Fatalf("%v: %q", err, p.body)
			}
			if got := problem.Code + ": " + problem.Detail + "\n"; got != a.body || problem.Status != c.status {
				t.Errorf("the problem is %q with status %d, the text %q", got, problem.Status, a.body)
			}
			if id := p.Header.Get("X-Request-Id"); id == "" || id != problem.Request {
				t.Errorf("the request is %q in the header and %q in the problem", id, problem.Request)
			}
		})
	}
	r.do("GET", unknown, nil, "Accept: application/json;q=0").want(t, 404, "Content-Type: text/plain; charset=utf-8")
}

// A page that is missing is none of tus.
func TestOtherAnswersStayAsTheyAre(t *testing.T) {
	r := start(t, server.Config{})
	r.do("GET", "/nothing", nil).want(t, 404, "Tus-Resumable: ")
	r.do("GET", "/filesystem", nil).want(t, 404, "Tus-Resumable: ")
}

// syncBuffer holds what a server logs.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// lines returns the lines that hold part.
func (b *syncBuffer) lines(part string) (lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for scanner := bufio.NewScanner(bytes.NewReader(b.buf.Bytes())); scanner.Scan(); {
		if strings.Contains(scanner.Text(), part) {
			lines = append(lines, scanner.Text())
		}
	}
	return lines
}

// The id of a request is in its answer and in everything logged about it. One
// that could forge log lines is replaced.
func TestRequestID(t *testing.T) {
	log := new(syncBuffer)
	r := start(t, server.Config{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	r.do("POST", r.endpoint, nil, "Upload-Length: 5", "X-Request-Id: from-the-proxy/1", "Authorization: Bearer secret", filenameA).
		want(t, 201, "X-Request-Id: from-the-proxy/1")
	for _, odd := range []string{"a b", `"`, strings.Repeat("a", 129), "é"} {
		if got := r.do("OPTIONS", r.endpoint, nil, "X-Request-Id: "+odd).Header.Get("X-Request-Id"); got == odd || len(got) != 16 {
			t.Errorf("id %q became %q, want one of the server's", odd, got)
		}
	}
	r.stop()
	created := log.lines("request=from-the-proxy/1")
	for _, message := range []string{`msg="upload created"`, `msg=request method=POST path=/files/ status=201`} {
		if !strings.Contains(strings.Join(created, "\n"), message) {
			t.Errorf("no line %s among those of the request:\n%s", message, strings.Join(created, "\n"))
		}
	}
	for _, line := range log.lines("level=") {
		if !strings.Contains(line, " request=") && !strings.Contains(line, "msg=stopping") && !strings.Contains(line, `msg="data directory opened"`) {
			t.Errorf("no request id: %s", line)
		}
	}
	if leaks := log.lines("secret"); len(leaks) > 0 {
		t.Errorf("logged: %s", leaks[0])
	}
}

// What went wrong inside is in the log, with the id that the answer tells.
func TestInternalErrorIsLogged(t *testing.T) {
	log := new(syncBuffer)
	r := start(t, server.Config{Log: slog.New(slog.NewTextHandler(log, nil))})
	url := r.create("Upload-Length: 10", filenameA)
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	data, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data"))
	if err := os.Truncate(data[0], 2); err != nil {
		t.Fatal(err)
	}
	a := r.patch(url, 5, strings.NewReader("world"))
	a.want(t, 500)
	if want := "ERR_INTERNAL_SERVER_ERROR: the server could not do this; its log says why\n"; a.body != want {
		t.Errorf("got %q, want %q", a.body, want)
	}
	r.stop()
	if lines := log.lines("request=" + a.Header.Get("X-Request-Id")); !strings.Contains(strings.Join(lines, "\n"), "the data file has 2 bytes") {
		t.Errorf("the log does not say why: %q", lines)
	}
}
