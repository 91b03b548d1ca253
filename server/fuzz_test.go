package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// fuzzed is a server to which requests come without a network. It is made anew now
// and then, so that its disk is not full of uploads.
type fuzzed struct {
	*server.Server
	log      syncBuffer
	requests int
}

// renew makes the server, in a directory of its own below dir, when it is time.
func (f *fuzzed) renew(t *testing.T, dir string) {
	if f.requests++; f.requests%100 != 1 {
		return
	}
	if f.Server != nil {
		if err := errors.Join(f.Close(), os.RemoveAll(f.DataDir())); err != nil {
			t.Error(err)
		}
	}
	var err error
	f.Server, err = server.New(server.Config{
		DataDir: filepath.Join(dir, strconv.Itoa(f.requests)), MaxSize: 1 << 10, Durability: "off",
		Log: slog.New(slog.NewTextHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// serve answers the request that raw begins with, or nil if it is none.
func (f *fuzzed) serve(t *testing.T, raw []byte) *http.Response {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := httptest.NewRecorder()
	r.RemoteAddr = "192.0.2.1:4711"
	f.Handler().ServeHTTP(w, r.WithContext(ctx))
	return w.Result()
}

// FuzzRequest has the server answer whatever can be read as a request: it does not
// panic, answers no 5xx, logs no error, and leaves no file that no upload has a
// right to. Where {new}, {half} and the like stand, is the path of a new upload.
func FuzzRequest(f *testing.F) {
	for _, rows := range [][]row{coreRows, creationRows, terminationRows, concatenationRows, checksumRows} {
		for _, c := range rows {
			head, body, _ := strings.Cut(c.request, "\n\n")
			first, headers, _ := strings.Cut(head, "\n")
			f.Add([]byte(first + " HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\n" + strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n\r\n" + body))
		}
	}
	dir, srv := f.TempDir(), new(fuzzed)
	f.Fuzz(func(t *testing.T, raw []byte) {
		srv.renew(t, dir)
		for _, place := range []string{"{new}", "{half}", "{open}", "{done}", "{part}", "{part2}", "{parting}", "{final}"} {
			if bytes.Contains(raw, []byte(place)) {
				kind := ""
				if strings.HasPrefix(place, "{part") {
					kind = "Upload-Concat: partial\r\n"
				}
				created := srv.serve(t, []byte("POST /files/ HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 10\r\n"+kind+"\r\n"))
				raw = bytes.ReplaceAll(raw, []byte(place), []byte(created.Header.Get("Location")))
			}
		}
		if resp := srv.serve(t, raw); resp != nil && resp.StatusCode >= 500 {
			t.Errorf("answered %s", resp.Status)
		}
		if lines := srv.log.lines("level=ERROR"); len(lines) > 0 {
			t.Errorf("logged: %s", lines[0])
		}
		(&running{dir: srv.DataDir()}).stray(t)
	})
}
