package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tus "github.com/eventials/go-tus"

	"github.com/longhaul-io/longhaul/client"
	"github.com/longhaul-io/longhaul/client/clienttest"
)

// elsewhere is an origin that notes which credentials reach it.
func elsewhere(t *testing.T) (url string, leaked *[]string) {
	leaked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "X-Token", "Cookie"} {
			if r.Header.Get(name) != "" {
				*leaked = append(*leaked, r.Method+" "+name)
			}
		}
		w.Header().Set("Tus-Resumable", "1.0.0")
		w.Header().Set("Upload-Offset", "3")
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return server.URL, leaked
}

func TestCredentialsStayAtTheEndpoint(t *testing.T) {
	other, leaked := elsewhere(t)
	var seen []string
	answer := http.StatusCreated
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		seen = append(seen, r.Method+" "+user+":"+password+" "+r.Header.Get("X-Token"))
		w.Header().Set("Location", other+"/upload")
		w.WriteHeader(answer)
	}))
	defer server.Close()
	w := &world{TB: t, url: strings.Replace(server.URL, "://", "://me:secret@", 1) + "/files/", state: t.TempDir()}
	c := w.client(client.Config{Header: http.Header{"X-Token": {"t"}, "Cookie": {"a=b"}}})
	path := w.file("f", 3, 1)
	if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"OPTIONS me:secret t", "POST me:secret t"}; !slices.Equal(seen, want) {
		t.Errorf("the endpoint saw %q", seen)
	}
	records, err := filepath.Glob(filepath.Join(w.state, "*.json"))
	if err != nil || len(records) != 1 || strings.Contains(string(w.read(records[0])), "secret") {
		t.Errorf("the password is kept in %q, %v", records, err)
	}
	for _, answer = range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		_, err := c.Upload(context.Background(), client.File(w.file("g", 3, 1)), client.Options{})
		var wrong *client.NotTusError
		if !errors.As(err, &wrong) || wrong.Location != other+"/upload" {
			t.Errorf("a redirect ended with %v", err)
		}
	}
	if len(*leaked) != 0 {
		t.Errorf("leaked: %q", *leaked)
	}
}

func TestDataMeantForTLSStaysThere(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+r.Host+"/upload")
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	c, err := client.New(server.URL+"/files/", client.Config{HttpClient: server.Client(), NoRecords: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w := &world{TB: t}
	_, err = c.Upload(context.Background(), client.File(w.file("f", 3, 1)), client.Options{})
	if err == nil || !strings.Contains(err.Error(), "over https but places the upload at http://") {
		t.Errorf("ended with %v", err)
	}
}

func TestUnknownAuthorityIsFinal(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	w := &world{TB: t, url: server.URL, state: t.TempDir()}
	_, err := w.push(w.file("f", 3, 1), client.Options{})
	var temporary *client.TemporaryError
	if err == nil || errors.As(err, &temporary) || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("ended with %v", err)
	}
}

func TestWhatAnswersIsNoTusServer(t *testing.T) {
	page := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
		}
	}
	for _, status := range []int{200, 404, 405, 400} {
		server := httptest.NewServer(page(status))
		w := &world{TB: t, url: server.URL, state: t.TempDir()}
		_, err := w.push(w.file("f", 3, 1), client.Options{})
		var wrong *client.NotTusError
		if !errors.As(err, &wrong) || wrong.Status != status || wrong.ContentType != "text/html" {
			t.Errorf("status %d ended with %v", status, err)
		}
		server.Close()
	}
}

func TestTooLargeTellsTheLimit(t *testing.T) {
	server := clienttest.NewServer(t, 1000)
	web := httptest.NewServer(server)
	defer web.Close()
	w := &world{TB: t, server: server, url: web.URL + clienttest.Base, state: t.TempDir()}
	_, err := w.push(w.file("f", 1001, 1), client.Options{})
	var answer *client.ResponseError
	if !errors.As(err, &answer) || answer.MaxSize != 1000 || !errors.Is(err, tus.ErrLargeUpload) {
		t.Errorf("ended with %v", err)
	}
}

func TestServerWithoutDeferredLength(t *testing.T) {
	w := overTCP(t)
	w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("Tus-Resumable", "1.0.0")
		rw.Header().Set("Tus-Extension", "creation,termination")
		if r.Header.Get("Tus-Resumable") != "" && r.Method == http.MethodOptions {
			t.Error("OPTIONS carries Tus-Resumable")
		}
		rw.WriteHeader(map[string]int{"POST": 400, "OPTIONS": 204}[r.Method])
		return true
	})
	_, err := w.push(w.file("f", 3, 1), client.Options{Append: true})
	var unsupported *client.UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Extension != "creation-defer-length" {
		t.Errorf("ended with %v", err)
	}
}

func TestEndlessErrorPageIsNotRead(t *testing.T) {
	w := overTCP(t)
	w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.WriteHeader(http.StatusForbidden)
		for _, err := rw.Write(make([]byte, 1<<20)); err == nil; {
			_, err = rw.Write(make([]byte, 1<<20))
		}
		return true
	})
	_, err := w.push(w.file("f", 3, 1), client.Options{})
	var plain tus.ClientError
	if !errors.As(err, &plain) || len(plain.Body) > 4<<10 {
		t.Errorf("ended with %v and a body of %d bytes", err, len(plain.Body))
	}
}

func TestTokenGoesToTheEndpointOnly(t *testing.T) {
	other, leaked := elsewhere(t)
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		w.Header().Set("Location", other+"/upload")
		w.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	w := &world{TB: t, url: strings.Replace(server.URL, "://", "://me:secret@", 1) + "/files/", state: t.TempDir()}
	tokens := 0
	c := w.client(client.Config{Token: func(context.Context) (string, error) {
		tokens++
		return fmt.Sprint("t", tokens), nil
	}})
	for range 2 {
		if _, err := c.Upload(context.Background(), client.File(w.file("f", 3, 1)), client.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"Bearer t1", "Bearer t2", "Bearer t3"}; !slices.Equal(seen, want) {
		t.Errorf("the endpoint saw %q, want %q", seen, want)
	}
	if len(*leaked) != 0 {
		t.Errorf("leaked: %q", *leaked)
	}
}

func TestFailingTokenEndsTheUpload(t *testing.T) {
	w := overTCP(t)
	failed := errors.New("locked out")
	c := w.client(client.Config{Token: func(context.Context) (string, error) { return "", failed }})
	if _, err := c.Upload(context.Background(), client.File(w.file("f", 3, 1)), client.Options{}); !errors.Is(err, failed) {
		t.Errorf("ended with %v", err)
	}
}

func TestOwnAuthorityAndClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(clienttest.NewServer(t, 0))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	authorities := x509.NewCertPool()
	authorities.AddCert(server.Certificate())
	own := server.TLS.Certificates
	for _, tc := range []struct {
		name string
		tls  *tls.Config
		fits bool
	}{
		{"neither", nil, false},
		{"no certificate", &tls.Config{RootCAs: authorities}, false},
		{"both", &tls.Config{RootCAs: authorities, Certificates: own}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &world{TB: t, url: server.URL + clienttest.Base, state: t.TempDir()}
			c := w.client(client.Config{TLS: tc.tls, Patience: -1})
			_, err := c.Upload(context.Background(), client.File(w.file("f", 3, 1)), client.Options{})
			var temporary *client.TemporaryError
			if (err == nil) != tc.fits || errors.As(err, &temporary) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestProxyFromTheEnvironment(t *testing.T) {
	w := overTCP(t)
	through := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		through++
		if r.URL.Host != "longhaul.test" || r.Header.Get("Proxy-Authorization") == "" {
			t.Errorf("the proxy is asked for %s with %v", r.URL, r.Header)
		}
		w.server.ServeHTTP(rw, r)
	}))
	defer proxy.Close()
	// net/http reads the environment once, so a process of its own pushes.
	cmd := exec.Command(os.Args[0], "-test.run=^TestPushInAProcessOfItsOwn$")
	cmd.Env = append(os.Environ(), "HTTP_PROXY="+strings.Replace(proxy.URL, "://", "://me:secret@", 1),
		pushEndpoint+"=http://longhaul.test/files/", pushFile+"="+w.file("f", 2000, 1), pushState+"="+w.state)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if through == 0 {
		t.Error("nothing went through the proxy")
	}
}

const (
	pushEndpoint = "LONGHAUL_TEST_ENDPOINT"
	pushFile     = "LONGHAUL_TEST_FILE"
	pushState    = "LONGHAUL_TEST_STATE"
)

// TestPushInAProcessOfItsOwn is the other half of tests that set its variables.
func TestPushInAProcessOfItsOwn(t *testing.T) {
	endpoint := os.Getenv(pushEndpoint)
	if endpoint == "" {
		return
	}
	w := &world{TB: t, url: endpoint, state: os.Getenv(pushState)}
	if _, err := w.push(os.Getenv(pushFile), client.Options{}); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsTellWhatTheServerSaid(t *testing.T) {
	w := overTCP(t)
	w.server.Answer(func(rw http.ResponseWriter, r *http.Request) bool {
		rw.Header().Set("X-Request-Id", "host/abc-000042")
		rw.Header().Set("Retry-After", "9")
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		rw.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(rw, "ERR_QUOTA: your\x1b[31m quota is used up\n")
		return true
	})
	_, err := w.push(w.file("f", 3, 1), client.Options{})
	var answer *client.ResponseError
	if !errors.As(err, &answer) {
		t.Fatalf("ended with %v", err)
	}
	got := []any{answer.Method, answer.Status, answer.Code, answer.Message, answer.RequestID, answer.RetryAfter}
	want := []any{"POST", 403, "ERR_QUOTA", "your[31m quota is used up", "host/abc-000042", 9 * time.Second}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
