package doctor_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client/clienttest"
	"github.com/longhaul-io/longhaul/client/internal/doctor"
)

// examine returns what is found on the way through a proxy that alter changes,
// to a stock tusd, which allows pages of all origins.
func examine(t *testing.T, secure bool, alter func(proxy *httputil.ReverseProxy, next http.Handler) http.Handler) (findings []doctor.Finding, server *clienttest.Server) {
	t.Helper()
	server = clienttest.NewServer(t, 0)
	behind := httptest.NewServer(server)
	t.Cleanup(behind.Close)
	target, err := url.Parse(behind.URL)
	if err != nil {
		t.Fatal(err)
	}
	// A proxy that waits for the server's leave as long as Go's does would make the
	// search for a limit slow.
	transport := &http.Transport{ExpectContinueTimeout: 20 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	quiet := log.New(io.Discard, "", 0)
	proxy := &httputil.ReverseProxy{Transport: transport, FlushInterval: -1, ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	if secure {
		proxy.ModifyResponse = func(r *http.Response) error {
			r.Header.Set("Location", strings.Replace(r.Header.Get("Location"), "http:", "https:", 1))
			return nil
		}
	}
	var handler http.Handler = proxy
	if alter != nil {
		handler = alter(proxy, handler)
	}
	web := httptest.NewUnstartedServer(handler)
	web.Config.ErrorLog = quiet
	patient := doctor.Patient{}
	if secure {
		web.EnableHTTP2 = true
		web.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(web.Certificate())
		patient.TLS = &tls.Config{RootCAs: roots}
	} else {
		web.Start()
	}
	t.Cleanup(web.Close)
	if patient.Endpoint, err = url.Parse(web.URL + clienttest.Base); err != nil {
		t.Fatal(err)
	}
	err = doctor.Examine(t.Context(), patient, func(f doctor.Finding) { findings = append(findings, f) })
	if err != nil {
		t.Error(err)
	}
	return findings, server
}

// ill returns the findings that are not good.
func ill(findings []doctor.Finding) (some []doctor.Finding) {
	for _, f := range findings {
		if f.Level != doctor.Good {
			some = append(some, f)
		}
	}
	return some
}

func TestNothingHurts(t *testing.T) {
	for name, secure := range map[string]bool{"http": false, "https": true} {
		t.Run(name, func(t *testing.T) {
			findings, server := examine(t, secure, nil)
			for _, f := range ill(findings) {
				t.Errorf("found %q", f.Text)
			}
			if len(findings) < 7 {
				t.Errorf("only %d questions were answered", len(findings))
			}
			if left := server.Stored(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

var hurts = map[string]struct {
	alter func(proxy *httputil.ReverseProxy, next http.Handler) http.Handler
	text  string // of the one thing that is found
	cure  string // one of its lines
}{
	"requests are held back": {func(_ *httputil.ReverseProxy, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength < 1<<30 {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
			}
			next.ServeHTTP(w, r)
		})
	}, "requests are held back on the way", "proxy_request_buffering off;"},

	"a cap that is told at once": {capAt(1<<20, false), "requests may have at most 1.0 MiB", "client_max_body_size 0;"},
	"an odd cap":                 {capAt(123_456_789, false), "requests may have at most 118 MiB", "push --chunk-size 120563KiB, where the proxy cannot be changed"},
	"a cap that is told late":    {capAt(3<<20, true), "a request of 4.0 MiB does not get through", "remove max_size from request_body"},

	"another host in Location": {func(p *httputil.ReverseProxy, next http.Handler) http.Handler {
		p.ModifyResponse = func(r *http.Response) error {
			if l := r.Header.Get("Location"); l != "" {
				u, _ := url.Parse(l)
				u.Host = "backend.internal:8080"
				r.Header.Set("Location", u.String())
			}
			return nil
		}
		return next
	}, "the Location of new uploads is wrong: it leads to another host, backend.internal:8080", "proxy_set_header Host $http_host;"},

	"another scheme in Location": {func(p *httputil.ReverseProxy, next http.Handler) http.Handler {
		p.ModifyResponse = func(r *http.Response) error {
			r.Header.Set("Location", strings.Replace(r.Header.Get("Location"), "http:", "https:", 1))
			return nil
		}
		return next
	}, "the Location of new uploads is wrong: it leads from http to https", "proxy_set_header X-Forwarded-Proto $scheme;"},

	"no ranges": {func(_ *httputil.ReverseProxy, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
			next.ServeHTTP(w, r)
		})
	}, "downloads come as a whole only", "proxy_set_header Range $http_range;"},

	"CORS headers that are lost": {func(p *httputil.ReverseProxy, next http.Handler) http.Handler {
		p.ModifyResponse = func(r *http.Response) error { r.Header.Del("Access-Control-Expose-Headers"); return nil }
		return next
	}, "pages of https://app.example cannot upload: the answers lack Access-Control-Expose-Headers: location", "--cors-origin https://app.example"},

	"CORS headers that come twice": {func(p *httputil.ReverseProxy, next http.Handler) http.Handler {
		p.ModifyResponse = func(r *http.Response) error { r.Header.Add("Access-Control-Allow-Origin", "*"); return nil }
		return next
	}, "pages of other origins may not upload", "--cors-origin https://app.example"},

	"a clock that is wrong": {func(p *httputil.ReverseProxy, next http.Handler) http.Handler {
		p.ModifyResponse = func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			return nil
		}
		return next
	}, "the server's clock is 60 min behind this machine's", "timedatectl set-ntp true"},

	"no PATCH": {func(_ *httputil.ReverseProxy, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			next.ServeHTTP(w, r)
		})
	}, "does not get through", "let OPTIONS, HEAD, POST, PATCH, GET and DELETE through"},

	"another service": {func(*httputil.ReverseProxy, http.Handler) http.Handler { return http.NotFoundHandler() },
		"no tus server answers there: OPTIONS gives 404 without Tus-Version", "it is that of the endpoint, e.g. https://example.org/files/"},

	"a door": {func(*httputil.ReverseProxy, http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	}, "the server lets nobody in without credentials (401)", "--token-file FILE, or http://USER:PASSWORD@HOST/…"},
}

// capAt refuses larger requests: at once, or when they have come.
func capAt(most int64, late bool) func(*httputil.ReverseProxy, http.Handler) http.Handler {
	return func(_ *httputil.ReverseProxy, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if late && r.ContentLength < 1<<30 {
				r.Body = http.MaxBytesReader(w, r.Body, most)
				if body, err := io.ReadAll(r.Body); err == nil {
					r.Body = io.NopCloser(bytes.NewReader(body))
					next.ServeHTTP(w, r)
					return
				}
			}
			if r.ContentLength > most && (!late || r.ContentLength < 1<<30) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestFindsWhatHurts(t *testing.T) {
	for name, tc := range hurts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, server := examine(t, false, tc.alter)
			found := false
			for _, f := range ill(findings) {
				lines := ""
				for _, c := range f.Cures {
					lines += c.Line + "\n"
				}
				if strings.Contains(f.Text, tc.text) && strings.Contains(lines, tc.cure+"\n") {
					found = true
				} else if !strings.Contains(name, "late") && !strings.Contains(name, "PATCH") {
					t.Errorf("found also %q", f.Text)
				}
			}
			if !found {
				t.Errorf("%q was not found with its cure, but %+v", tc.text, findings)
			}
			if left := server.Stored(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestFindsThrottledHTTP2(t *testing.T) {
	findings, _ := examine(t, true, func(_ *httputil.ReverseProxy, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 {
				r.Body = &slow{r.Body}
			}
			next.ServeHTTP(w, r)
		})
	})
	bad := ill(findings)
	if len(bad) != 1 || !strings.HasPrefix(bad[0].Text, "HTTP/2 holds browsers back: ") {
		t.Errorf("found %+v", bad)
	}
}

// slow lets a window of 64 KiB pass each 20 ms.
type slow struct{ io.ReadCloser }

func (s *slow) Read(p []byte) (int, error) {
	time.Sleep(20 * time.Millisecond)
	return s.ReadCloser.Read(p[:min(len(p), 64<<10)])
}

func TestSaysThatNobodyIsThere(t *testing.T) {
	var findings []doctor.Finding
	u := &url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/files/"}
	if err := doctor.Examine(t.Context(), doctor.Patient{Endpoint: u}, func(f doctor.Finding) { findings = append(findings, f) }); err != nil {
		t.Error(err)
	}
	if len(findings) != 1 || findings[0].Level != doctor.Bad || !strings.Contains(findings[0].Text, "cannot be reached") {
		t.Errorf("found %+v", findings)
	}
}

// A token goes to the endpoint only, wherever Location leads.
func TestTokenStaysAtHome(t *testing.T) {
	leaked := make(chan string, 100)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked <- r.Header.Get("Authorization") }))
	defer elsewhere.Close()
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Tus-Resumable", "1.0.0")
		w.Header().Set("Tus-Version", "1.0.0")
		w.Header().Set("Tus-Extension", "creation")
		if r.Method == http.MethodPost {
			w.Header().Set("Location", elsewhere.URL+"/files/1")
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer home.Close()
	u, err := url.Parse(home.URL + "/files/")
	if err != nil {
		t.Fatal(err)
	}
	patient := doctor.Patient{Endpoint: u, Token: func(context.Context) (string, error) { return "secret", nil }}
	var findings []doctor.Finding
	if err := doctor.Examine(t.Context(), patient, func(f doctor.Finding) { findings = append(findings, f) }); err != nil {
		t.Error(err)
	}
	close(leaked)
	asked := 0
	for header := range leaked {
		if asked++; header != "" {
			t.Errorf("another server got %q", header)
		}
	}
	if asked == 0 || len(ill(findings)) == 0 {
		t.Errorf("%d requests elsewhere, found %+v", asked, findings)
	}
}
