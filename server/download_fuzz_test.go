package server_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// FuzzDownload asks for a finished file with whatever Range and If-Range: each part
// that comes is the one that its Content-Range says, and a validator of another file
// gets all of it.
func FuzzDownload(f *testing.F) {
	const content = "helloworld"
	for _, ranges := range []string{"", "bytes=0-4", "bytes=-3", "bytes=-0", "bytes= - 0,0-1", "bytes=5-", "bytes=10-", "bytes=0-1,4-5", "bytes=0-0,-1", "bytes=9-0", "bytes=,", "lines=1-2", "bytes=18446744073709551616-"} {
		for _, validator := range []string{"", "{tag}", "W/{tag}", "{date}", `"other"`, "Mon, 01 Jan 2001 00:00:00 GMT"} {
			f.Add(ranges, validator)
		}
	}
	srv, err := server.New(server.Config{DataDir: f.TempDir(), Durability: "off", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = srv.Close() })
	ask := func(method, url, body string, headers ...string) *http.Response {
		r, w := httptest.NewRequest(method, url, strings.NewReader(body)), httptest.NewRecorder()
		r.Header.Set("Tus-Resumable", "1.0.0")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		srv.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	created := ask("POST", "/files/", content, "Upload-Length", "10", "Content-Type", "application/offset+octet-stream")
	url := created.Header.Get("Location")
	whole := ask("GET", url, "")
	if whole.StatusCode != http.StatusOK {
		f.Fatalf("created with %s, then got %s", created.Status, whole.Status)
	}
	tag, date := whole.Header.Get("ETag"), whole.Header.Get("Last-Modified")
	f.Fuzz(func(t *testing.T, ranges, validator string) {
		validator = strings.NewReplacer("{tag}", tag, "{date}", date).Replace(validator)
		headers := []string{"Range", ranges, "If-Range", validator}
		if validator == "" {
			headers = headers[:2]
		}
		resp := ask("GET", url, "", headers...)
		body, _ := io.ReadAll(resp.Body)
		switch resp.StatusCode {
		case http.StatusOK:
			if string(body) != content {
				t.Errorf("got %q, want all of the file", body)
			}
		case http.StatusPartialContent:
			wantParts(t, content, resp.Header, body)
			fallthrough
		case http.StatusRequestedRangeNotSatisfiable:
			if at, err := http.ParseTime(validator); validator != "" && !strings.HasPrefix(strings.TrimSpace(validator), tag) &&
				(err != nil || at.UTC().Format(http.TimeFormat) != date) {
				t.Errorf("got %s for a validator of another file", resp.Status)
			}
		default:
			t.Errorf("got %s", resp.Status)
		}
	})
}

// wantParts checks the body of a 206 against what its headers say of it.
func wantParts(t *testing.T, content string, h http.Header, body []byte) {
	t.Helper()
	want := func(ranges string, got []byte) {
		t.Helper()
		var first, last, size int
		if _, err := fmt.Sscanf(ranges, "bytes %d-%d/%d", &first, &last, &size); err != nil || first > last || last >= size || size != len(content) {
			t.Fatalf("got Content-Range %q", ranges)
		}
		if string(got) != content[first:last+1] {
			t.Errorf("got %q for %s", got, ranges)
		}
	}
	mediaType, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if mediaType != "multipart/byteranges" {
		want(h.Get("Content-Range"), body)
		return
	}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(part)
		want(part.Header.Get("Content-Range"), got)
	}
}
