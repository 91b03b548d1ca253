package server_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

const statusMismatch = 460

// Checksums of "hello".
const (
	sha1Hello   = "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00="
	md5Hello    = "md5 XUFAKrxLKna5cZ2REBfFkg=="
	crc32cHello = "crc32c mnG7TA=="
)

func TestChecksum(t *testing.T) {
	r := start(t, server.Config{})
	r.do("OPTIONS", r.endpoint, nil).want(t, 200, "Tus-Checksum-Algorithm: sha1,sha256,md5,crc32c")
	for _, sum := range []string{sha1Hello, "sha256 " + strings.Trim(sha256Hello[len("sha-256="):], ":"), md5Hello, crc32cHello} {
		url := r.create("Upload-Length: 10")
		wrong := r.patch(url, 0, strings.NewReader("hellO"), "Upload-Checksum: "+sum)
		wrong.want(t, statusMismatch, "Upload-Offset: ")
		if !strings.HasPrefix(wrong.body, "ERR_CHECKSUM_MISMATCH: ") {
			t.Errorf("the answer is %q", wrong.body)
		}
		r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", digestNothing)
		r.patch(url, 0, strings.NewReader("hello"), "Upload-Checksum: "+sum).want(t, 204, "Upload-Offset: 5", digestHello)
		r.patch(url, 5, strings.NewReader("world"), "Upload-Checksum: "+sum).want(t, statusMismatch)
		r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 5", digestHello)
		r.patch(url, 5, strings.NewReader("world")).want(t, 204, digestHelloworld)
	}
}

// What can be no checksum is refused before the body is asked for.
func TestChecksumRefused(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 5")
	for value, code := range map[string]string{
		"sha512 AAAA":          "ERR_CHECKSUM_ALGORITHM",
		"SHA1" + sha1Hello[4:]: "ERR_CHECKSUM_ALGORITHM",
		"sha1":                 "ERR_INVALID_CHECKSUM",
		"sha1 AAAA":            "ERR_INVALID_CHECKSUM",
		"sha1 hello":           "ERR_INVALID_CHECKSUM",
		crc32cHello + "=":      "ERR_INVALID_CHECKSUM",
	} {
		for _, method := range []string{"PATCH", "POST"} {
			target := url
			if method == "POST" {
				target = r.endpoint
			}
			a := r.do(method, target, neverAsked{t}, "Expect: 100-continue", "Upload-Checksum: "+value, "Upload-Length: 5",
				"Upload-Offset: 0", "Content-Type: application/offset+octet-stream")
			a.want(t, 400)
			if !strings.HasPrefix(a.body, code+": ") {
				t.Errorf("%s with %q: %q, want %s", method, value, a.body, code)
			}
		}
	}
	r.do("HEAD", url, nil, "Upload-Checksum: nonsense").want(t, 200, "Upload-Offset: 0")
	if left, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*.log")); len(left) != 1 {
		t.Errorf("the refused creations left %q", left)
	}
}

// neverAsked is a body that must not be read.
type neverAsked struct{ t *testing.T }

func (n neverAsked) Read([]byte) (int, error) {
	n.t.Error("the body was asked for")
	return 0, io.EOF
}

// A chunk with a checksum that finishes the upload finishes it, and does not if
// the checksum is wrong, whatever tusd thinks of an offset that reaches the
// length.
func TestChecksumOfTheEnd(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 5", filenameA)
	r.patch(url, 0, strings.NewReader("hellO"), "Upload-Checksum: "+sha1Hello).want(t, statusMismatch)
	if files, _ := filepath.Glob(filepath.Join(r.dir, "files", "*")); len(files) > 0 {
		t.Fatalf("published %q", files)
	}
	r.patch(url, 0, strings.NewReader("hello"), "Upload-Checksum: "+sha1Hello).want(t, 204, "Upload-Offset: 5")
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "hello")
}

func TestChecksumOfACreation(t *testing.T) {
	r := start(t, server.Config{})
	with := []string{"Upload-Length: 5", "Content-Type: application/offset+octet-stream", "Upload-Checksum: " + md5Hello, filenameA}
	r.do("POST", r.endpoint, strings.NewReader("hello"), with...).want(t, 201, "Upload-Offset: 5", digestHello)
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "hello")
	r.do("POST", r.endpoint, strings.NewReader("hellO"), with...).want(t, statusMismatch)
	if files, _ := filepath.Glob(filepath.Join(r.dir, "files", "*")); len(files) != 1 {
		t.Errorf("published %q", files)
	}
}

// A growing upload may be told its length by a request whose bytes are rejected.
func TestChecksumOfAGrowingFile(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Defer-Length: 1", filenameA)
	r.patch(url, 0, strings.NewReader("hellO"), "Upload-Checksum: "+sha1Hello).want(t, statusMismatch)
	r.patch(url, 0, strings.NewReader("hellO"), "Upload-Checksum: "+sha1Hello, "Upload-Length: 5").want(t, statusMismatch)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", digestNothing)
	r.patch(url, 0, strings.NewReader("hello"), "Upload-Checksum: "+sha1Hello).want(t, 204, "Upload-Offset: 5")
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "hello")
}

// A chunk that is more than the upload has room for counts for nothing, also if
// its beginning has the checksum, or all of it.
func TestChecksumOfTooMuch(t *testing.T) {
	r := start(t, server.Config{})
	for _, length := range []string{"3", "4"} {
		url := r.create("Upload-Length: " + length)
		chunked := io.MultiReader(strings.NewReader("hello"))
		r.patch(url, 0, chunked, "Upload-Checksum: "+sha1Hello).want(t, 413)
		r.patch(url, 0, strings.NewReader("hello"), "Upload-Checksum: "+sha1Hello).want(t, 413)
		r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", digestNothing)
	}
	url := r.create("Upload-Length: 5")
	r.patch(url, 0, io.MultiReader(strings.NewReader("hello and more")), "Upload-Checksum: "+sha1Hello).want(t, 413)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", digestNothing)
}

// A chunk whose connection breaks, or that another request takes over, counts for
// nothing, though what came of it has the checksum: that is of the whole.
func TestChecksumCutShort(t *testing.T) {
	r := start(t, server.Config{})
	for name, end := range map[string]func(net io.Closer){
		"broken":     func(conn io.Closer) { conn.Close() },
		"taken over": func(io.Closer) {},
	} {
		t.Run(name, func(t *testing.T) {
			url := r.create("Upload-Length: 10")
			conn := r.slowly(url, "hello", 10, "Upload-Checksum: "+sha1Hello)
			end(conn)
			r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", digestNothing)
			r.patch(url, 0, strings.NewReader("helloworld")).want(t, 204, digestHelloworld)
		})
	}
}

// A stopping server keeps nothing of a chunk with a checksum that is under way.
func TestChecksumAndStop(t *testing.T) {
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir})
	url := r.create("Upload-Length: 1048576")
	r.slowly(url, strings.Repeat("x", 1<<20-1), 1<<20, "Upload-Checksum: "+sha1Hello)
	r.waitForData(1)
	r.stop()
	again := start(t, server.Config{DataDir: dir})
	again.do("HEAD", strings.Replace(url, r.addr, again.addr, 1), nil).want(t, 200, "Upload-Offset: 0", digestNothing)
	if data, _ := filepath.Glob(filepath.Join(dir, "uploads", "*.data")); len(data) != 1 {
		t.Errorf("the data files are %q", data)
	} else {
		wantFile(t, data[0], "")
	}
}

// trailed sends "hello" with the checksum behind it.
func trailed(t *testing.T, c *http.Client, url, trailer string) answer {
	t.Helper()
	req, err := http.NewRequest("PATCH", url, io.MultiReader(strings.NewReader("hello")))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Offset", "0")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	req.Trailer = http.Header{"Upload-Checksum": nil}
	if trailer != "" {
		req.Trailer.Set("Upload-Checksum", trailer)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(text)}
}

// The checksum may come behind the bytes, in HTTP/1.1 and HTTP/2.
func TestChecksumTrailer(t *testing.T) {
	srv, err := server.New(server.Config{DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	for _, major := range []int{1, 2} {
		t.Run(fmt.Sprintf("HTTP/%d", major), func(t *testing.T) {
			ts := httptest.NewUnstartedServer(srv.Handler())
			ts.EnableHTTP2 = major == 2
			ts.StartTLS()
			defer ts.Close()
			c := ts.Client()
			if major == 1 {
				c.Transport.(*http.Transport).TLSClientConfig.NextProtos = nil
				c.Transport.(*http.Transport).TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
			}
			for trailer, status := range map[string]int{
				sha1Hello: 204, md5Hello: 204, crc32cHello: 204, "": 400, "sha512 AAAA": 400, "sha1": 400, "crc32c AAAAAA==": statusMismatch,
			} {
				req, _ := http.NewRequest("POST", ts.URL+"/files/", nil)
				req.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Length": {"10"}}
				created, err := c.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				created.Body.Close()
				a := trailed(t, c, ts.URL+created.Header.Get("Location"), trailer)
				if a.ProtoMajor != major {
					t.Fatalf("the answer came by %s", a.Proto)
				}
				a.want(t, status)
				want := map[bool]string{true: "5", false: "0"}[status == 204]
				head, err := c.Head(ts.URL + created.Header.Get("Location"))
				if err != nil {
					t.Fatal(err)
				}
				head.Body.Close()
				if got := head.Header.Get("Upload-Offset"); got != want {
					t.Errorf("after trailer %q: offset %s, want %s", trailer, got, want)
				}
			}
		})
	}
}
