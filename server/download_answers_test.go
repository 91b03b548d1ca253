package server_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// What a request asks of a finished file, and what it gets. See RFC 9110,
// sections 13 and 14.
func TestDownloadConditions(t *testing.T) {
	const content, past, future = "helloworld", "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", filenameA)
	r.patch(url, 0, strings.NewReader(content)).want(t, 204)
	whole := r.do("GET", url, nil)
	whole.want(t, 200, "Accept-Ranges: bytes", "Content-Length: 10")
	etag, modified := whole.Header.Get("ETag"), whole.Header.Get("Last-Modified")
	if !strings.HasPrefix(etag, `"`) || !strings.HasSuffix(etag, `"`) || len(etag) < 3 {
		t.Fatalf("got ETag %s, want a strong one", etag)
	}
	if modified == "" {
		t.Fatal("got no Last-Modified")
	}

	for name, c := range map[string]struct {
		ask    []string
		status int
		body   string // of 200 and 206
		ranges string // Content-Range
	}{
		"first bytes":            {[]string{"Range: bytes=0-4"}, 206, "hello", "bytes 0-4/10"},
		"last bytes":             {[]string{"Range: bytes=-3"}, 206, "rld", "bytes 7-9/10"},
		"end beyond the file":    {[]string{"Range: bytes=5-99"}, 206, "world", "bytes 5-9/10"},
		"more last than all":     {[]string{"Range: bytes=-99"}, 206, content, "bytes 0-9/10"},
		"begin behind the file":  {[]string{"Range: bytes=10-"}, 416, "", "bytes */10"},
		"the last none":          {[]string{"Range: bytes=-0"}, 416, "", "bytes */10"},
		"the last none and some": {[]string{"Range: bytes=-00, 0-4"}, 206, "hello", "bytes 0-4/10"},
		"If-Range, the tag":      {[]string{"Range: bytes=5-", "If-Range: " + etag}, 206, "world", "bytes 5-9/10"},
		"If-Range, another tag":  {[]string{"Range: bytes=5-", `If-Range: "other"`}, 200, content, ""},
		"If-Range, a weak tag":   {[]string{"Range: bytes=5-", "If-Range: W/" + etag}, 200, content, ""},
		"If-Range, the date":     {[]string{"Range: bytes=5-", "If-Range: " + modified}, 206, "world", "bytes 5-9/10"},
		"If-Range, another date": {[]string{"Range: bytes=5-", "If-Range: " + past}, 200, content, ""},
		"If-None-Match, any":     {[]string{"If-None-Match: *"}, 304, "", ""},
		"If-None-Match, another": {[]string{`If-None-Match: "other"`}, 200, content, ""},
		"If-Match, another":      {[]string{`If-Match: "other"`}, 412, "", ""},
		"If-Modified-Since":      {[]string{"If-Modified-Since: " + future}, 304, "", ""},
		"If-Unmodified-Since":    {[]string{"If-Unmodified-Since: " + past}, 412, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.do("GET", url, nil, c.ask...)
			got.want(t, c.status)
			if ranges := got.Header.Get("Content-Range"); ranges != c.ranges {
				t.Errorf("got Content-Range %q, want %q", ranges, c.ranges)
			}
			if c.status < 300 && got.body != c.body {
				t.Errorf("got %q, want %q", got.body, c.body)
			}
		})
	}
}

// Only what cannot run scripts in the server's origin is shown in place, and a
// type that cannot be parsed is none.
func TestDownloadTypes(t *testing.T) {
	r := start(t, server.Config{})
	for said, want := range map[string]struct{ mediaType, kind string }{
		"image/png":                 {"image/png", "inline"},
		"text/plain; charset=utf-8": {"text/plain; charset=utf-8", "inline"},
		"VIDEO/MP4":                 {"video/mp4", "inline"},
		"text/html":                 {"text/html", "attachment"},
		"image/svg+xml":             {"image/svg+xml", "attachment"},
		"application/xhtml+xml":     {"application/xhtml+xml", "attachment"},
		"application/pdf":           {"application/pdf", "attachment"},
		"text/javascript":           {"text/javascript", "attachment"},
		"":                          {"application/octet-stream", "attachment"},
		"no type":                   {"application/octet-stream", "attachment"},
		"image/png\r\nX-Evil: 1":    {"application/octet-stream", "attachment"},
	} {
		t.Run(said, func(t *testing.T) {
			url := r.create("Upload-Length: 0", "Upload-Metadata: filetype "+base64.StdEncoding.EncodeToString([]byte(said)))
			got := r.do("GET", url, nil)
			got.want(t, 200, "Content-Type: "+want.mediaType, "X-Content-Type-Options: nosniff")
			if kind, _, _ := strings.Cut(got.Header.Get("Content-Disposition"), ";"); kind != want.kind {
				t.Errorf("got Content-Disposition %q, want %s", kind, want.kind)
			}
			if evil := got.Header.Get("X-Evil"); evil != "" {
				t.Errorf("got the header X-Evil: %s", evil)
			}
		})
	}
}

// An empty file has no ranges; who asks for one gets all of it.
func TestDownloadRangeOfAnEmptyFile(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 0")
	for _, ranges := range []string{"bytes=-1", "bytes=-0", "bytes=0-", "bytes=0-0"} {
		r.do("GET", url, nil, "Range: "+ranges).want(t, 200, "Content-Range: ", "Content-Length: 0")
	}
}
