package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// No upload grows past the limit, however its length is or is not declared.
func TestMaxSize(t *testing.T) {
	r := start(t, server.Config{MaxSize: 8})
	r.do("OPTIONS", r.endpoint, nil).want(t, 200, "Tus-Max-Size: 8", "Tus-Version: 1.0.0",
		"Tus-Extension: creation,creation-with-upload,termination,concatenation,creation-defer-length,expiration,checksum,checksum-trailer,concatenation-unfinished")
	r.do("POST", r.endpoint, nil, "Upload-Length: 9").want(t, 413, "Tus-Resumable: 1.0.0")
	r.create("Upload-Length: 8")
	for name, body := range map[string]io.Reader{
		"announced": strings.NewReader("123456"),
		"chunked":   io.MultiReader(strings.NewReader("123456")),
	} {
		t.Run(name, func(t *testing.T) {
			url := r.create("Upload-Defer-Length: 1")
			r.patch(url, 0, strings.NewReader("123")).want(t, 204)
			r.patch(url, 3, body).want(t, 413)
			r.patch(url, 3, nil, "Upload-Length: 9").want(t, 413)
		})
	}
	r.do("POST", r.endpoint, strings.NewReader("123456789"), "Upload-Defer-Length: 1", "Content-Type: application/offset+octet-stream").want(t, 413)
	files, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data"))
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() > 8 {
			t.Errorf("%s has %d bytes, error %v", f, info.Size(), err)
		}
	}
}

// Odd ids are unknown uploads, for every method, and nothing else happens.
func TestOddIDs(t *testing.T) {
	r := start(t, server.Config{})
	for _, id := range []string{
		"x", "..%2flock", "%2e%2e/lock", "../lock", "a%00b", strings.Repeat("a", 300), strings.Repeat("a", 26), "%C3%A4", "a/b", "..",
	} {
		for _, method := range []string{"HEAD", "PATCH", "DELETE", "GET"} {
			status := r.raw(method, "/files/"+id)
			if status != 404 && !(method == "GET" && status == 405) {
				t.Errorf("%s /files/%s: %d, want 404", method, id, status)
			}
		}
	}
	entries, _ := os.ReadDir(filepath.Join(r.dir, "uploads"))
	if len(entries) > 0 {
		t.Errorf("uploads/ holds %s", entries[0].Name())
	}
}

// raw sends a request whose path no client library has tidied up.
func (r *running) raw(method, path string) int {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 0\r\n\r\n", method, path, r.addr)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// What the disk cannot hold is refused when it is created, and leaves nothing.
func TestNoRoom(t *testing.T) {
	r := start(t, server.Config{})
	a := r.do("POST", r.endpoint, nil, "Upload-Length: 4611686018427387904") // 4 EiB
	a.want(t, 507, "Tus-Resumable: 1.0.0")
	if strings.Contains(a.body, r.dir) {
		t.Errorf("the answer tells %q", a.body)
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("the refused creation left %s", left[0].Name())
	}
}

// A body that says itself that it is longer than the length that comes with it
// is refused before anything is done.
func TestBodyLongerThanDeclared(t *testing.T) {
	r := start(t, server.Config{})
	r.do("POST", r.endpoint, strings.NewReader("123456"), "Upload-Length: 5", "Content-Type: application/offset+octet-stream").want(t, 413)
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("the refused creation left %s", left[0].Name())
	}
	url := r.create("Upload-Defer-Length: 1")
	r.patch(url, 0, strings.NewReader("123456"), "Upload-Length: 5").want(t, 413)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", "Upload-Defer-Length: 1")
}
