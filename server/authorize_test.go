package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/longhaul-io/longhaul/server"
)

// bearer lets in who has the token.
func bearer(token string) func(*http.Request) error {
	return func(r *http.Request) error {
		if r.Header.Get("Authorization") != "Bearer "+token {
			return fmt.Errorf("no token: %w", server.ErrUnauthenticated)
		}
		return nil
	}
}

// Whoever is not let in is told so in the way that all errors have, whatever he
// wants, and nothing is done. A browser may ask first, and the page is there.
func TestAuthorize(t *testing.T) {
	const origin = "https://app.example"
	r := start(t, server.Config{Authorize: bearer("secret"), CORSOrigins: []string{origin}})
	r.token = "secret"
	url := r.create("Upload-Length: 10", filenameA)
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	r.token = "wrong"
	for _, where := range []string{url, r.endpoint, strings.TrimSuffix(r.endpoint, "/"), r.endpoint + "none", r.endpoint + "../lock", strings.Replace(url, "files", "%66iles", 1)} {
		for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT", "BREW"} {
			a := r.do(method, where, nil, "Origin: "+origin, "Accept: application/problem+json", "Upload-Length: 5", "Upload-Offset: 5")
			a.want(t, 401, "WWW-Authenticate: Bearer", "Tus-Resumable: 1.0.0", "Access-Control-Allow-Origin: "+origin,
				"Cache-Control: no-store", "Content-Type: application/problem+json", "Upload-Offset: ", "Location: ")
			if id := a.Header.Get("X-Request-Id"); id == "" || method != "HEAD" && !strings.Contains(a.body, `"code":"ERR_UNAUTHENTICATED","request":"`+id) {
				t.Errorf("%s: request id %q, %q", method, id, a.body)
			}
		}
	}
	r.do("OPTIONS", url, nil, "Origin: "+origin, "Access-Control-Request-Method: PATCH").want(t, 204, "Access-Control-Allow-Origin: "+origin)
	for _, open := range []string{"/", "/widget.js", "/livez", "/readyz"} {
		r.do("GET", open, nil).want(t, 200)
	}
	r.token = "secret"
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 5")
}

// The one who is asked sees the method that counts and no body, and his error says
// what the answer is; the words of one that is not ours are for the log.
func TestAuthorizeIsAsked(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	var verdict error
	log := new(syncBuffer)
	r := start(t, server.Config{Log: slog.New(slog.NewTextHandler(log, nil)), Authorize: func(r *http.Request) error {
		mu.Lock()
		defer mu.Unlock()
		if body, err := io.ReadAll(r.Body); len(body) > 0 || err != nil {
			t.Errorf("got the body %q, %v", body, err)
		}
		asked = append(asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/files/"))
		return verdict
	}})
	url := r.create("Upload-Length: 5")
	r.do("PUT", url, strings.NewReader("hello"), "X-HTTP-Method-Override: PATCH", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream").want(t, 204)
	verdict = fmt.Errorf("not yours: %w", server.ErrForbidden)
	r.do("GET", url, nil, "X-HTTP-Method-Override: DELETE").want(t, 403, "WWW-Authenticate: ", "Tus-Resumable: 1.0.0")
	for _, verdict = range []error{errors.New("database secret is down"), handler.NewError("ERR_SECRET", "secret", http.StatusTeapot)} {
		a := r.do("GET", url, nil)
		a.want(t, 500)
		if strings.Contains(a.body, "secret") || len(log.lines("request="+a.Header.Get("X-Request-Id"))) == 0 {
			t.Errorf("the answer is %q, the log has %q", a.body, log.lines(a.Header.Get("X-Request-Id")))
		}
	}
	if len(log.lines("database secret is down")) == 0 {
		t.Error("the log does not say why")
	}
	id := path.Base(url)
	if want := []string{"POST ", "PATCH " + id, "DELETE " + id, "GET " + id, "GET " + id}; !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

// The body of who is not let in is neither wanted nor waited for.
func TestAuthorizeBeforeTheBody(t *testing.T) {
	r := start(t, server.Config{Authorize: bearer("secret")})
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "POST /files/ HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nExpect: 100-continue\r\nUpload-Length: 1000000000\r\nContent-Length: 1000000000\r\nContent-Type: application/offset+octet-stream\r\n\r\n", r.addr)
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 401 ") {
		t.Errorf("got %q, %v; want 401 at once", line, err)
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		t.Errorf("the connection is not closed: %v", err)
	}
}
