package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
	w := &world{T: t, url: strings.Replace(server.URL, "://", "://me:secret@", 1) + "/files/", state: t.TempDir()}
	c := w.client(client.Config{Header: http.Header{"X-Token": {"t"}, "Cookie": {"a=b"}}})
	path := w.file("f", 3, 1)
	if _, err := c.Upload(context.Background(), client.File(path), client.Options{}); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0] != "POST me:secret t" {
		t.Errorf("the endpoint saw %q", seen)
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
	w := &world{T: t}
	_, err = c.Upload(context.Background(), client.File(w.file("f", 3, 1)), client.Options{})
	if err == nil || !strings.Contains(err.Error(), "over https but places the upload at http://") {
		t.Errorf("ended with %v", err)
	}
}

func TestUnknownAuthorityIsFinal(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	w := &world{T: t, url: server.URL, state: t.TempDir()}
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
		w := &world{T: t, url: server.URL, state: t.TempDir()}
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
	w := &world{T: t, server: server, url: web.URL + clienttest.Base, state: t.TempDir()}
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
