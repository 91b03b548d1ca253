package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

func TestUpload(t *testing.T) {
	r := start(t, server.Config{ExpireAfter: time.Hour})
	created := r.do("POST", r.endpoint, nil, "Upload-Length: 10", filenameA)
	created.want(t, 201, "Tus-Resumable: 1.0.0", digestNothing)
	url := created.Header.Get("Location")

	first := r.patch(url, 0, strings.NewReader("hello"))
	first.want(t, 204, "Upload-Offset: 5", digestHello)
	for _, a := range []answer{created, first, r.do("HEAD", url, nil)} {
		expires, err := http.ParseTime(a.Header.Get("Upload-Expires"))
		if left := time.Until(expires); err != nil || left < 59*time.Minute || left > time.Hour {
			t.Errorf("%s: Upload-Expires is %q, want in an hour", a.Request.Method, a.Header.Get("Upload-Expires"))
		}
	}
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 5", "Upload-Length: 10", "Upload-Metadata: filename YS5iaW4=", "Cache-Control: no-store", digestHello)
	r.do("GET", url, nil).want(t, 409, "Upload-Offset: 5", "Tus-Resumable: 1.0.0", digestHello)
	r.patch(url, 3, strings.NewReader("lo")).want(t, 409)
	r.patch(url, 5, strings.NewReader("worldtoolong")).want(t, 413)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 5", digestHello)

	last := r.patch(url, 5, strings.NewReader("world"))
	last.want(t, 204, "Upload-Offset: 10", digestHelloworld, "Upload-Expires: ")
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "helloworld")

	r.do("DELETE", url, nil).want(t, 204)
	r.do("HEAD", url, nil).want(t, 404)
	for _, dir := range []string{"files", "uploads"} {
		if left, _ := os.ReadDir(filepath.Join(r.dir, dir)); len(left) > 0 {
			t.Errorf("after DELETE %s/ still holds %s", dir, left[0].Name())
		}
	}
}

func TestCreateWithUpload(t *testing.T) {
	r := start(t, server.Config{})
	r.do("POST", r.endpoint, strings.NewReader("hello"), "Upload-Length: 5", "Content-Type: application/offset+octet-stream", filenameA).
		want(t, 201, "Upload-Offset: 5", digestHello)
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "hello")
}

func TestEmptyFile(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 0", filenameA)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 0", "Upload-Length: 0")
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "")
}

func TestGrowingFile(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Defer-Length: 1", filenameA)
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204, "Upload-Offset: 5")
	r.do("HEAD", url, nil).want(t, 200, "Upload-Defer-Length: 1", "Upload-Length: ")
	r.patch(url, 5, strings.NewReader("world")).want(t, 204, "Upload-Offset: 10")
	r.patch(url, 10, nil, "Upload-Length: 9").want(t, 400)
	r.patch(url, 10, nil, "Upload-Length: 10").want(t, 204, "Upload-Offset: 10")
	r.do("HEAD", url, nil).want(t, 200, "Upload-Length: 10", "Upload-Defer-Length: ")
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "helloworld")
}

func TestEqualNames(t *testing.T) {
	r := start(t, server.Config{})
	for _, content := range []string{"one", "two"} {
		r.patch(r.create("Upload-Length: 3", filenameA), 0, strings.NewReader(content)).want(t, 204)
	}
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "one")
	wantFile(t, filepath.Join(r.dir, "files", "a (1).bin"), "two")
}

// The method that stands in X-HTTP-Method-Override is the method, whatever the
// real one is.
func TestMethodOverride(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 5")
	r.do("POST", url, strings.NewReader("he"), "X-HTTP-Method-Override: PATCH", "Content-Type: application/offset+octet-stream", "Upload-Offset: 0").
		want(t, 204, "Upload-Offset: 2")
	r.do("PUT", url, strings.NewReader("llo"), "X-HTTP-Method-Override: PATCH", "Content-Type: application/offset+octet-stream", "Upload-Offset: 2").
		want(t, 204, "Upload-Offset: 5")
	r.do("GET", url, nil, "X-HTTP-Method-Override: DELETE").want(t, 204)
	r.do("HEAD", url, nil).want(t, 404)
}

// The directory of finished files is made again when somebody has moved it.
func TestFilesDirectoryMovedAway(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 5", filenameA)
	if err := os.Remove(filepath.Join(r.dir, "files")); err != nil {
		t.Fatal(err)
	}
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "hello")
}

// Bytes that the disk has lost are not made up: the upload fails, with an answer
// that says nothing about the inside of the server.
func TestDataLost(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", filenameA)
	r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	data, err := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data"))
	if err != nil || len(data) != 1 {
		t.Fatal(data, err)
	}
	if err := os.Truncate(data[0], 2); err != nil {
		t.Fatal(err)
	}
	for _, lose := range []func(string) error{func(string) error { return nil }, os.Remove} {
		if err := lose(data[0]); err != nil {
			t.Fatal(err)
		}
		a := r.patch(url, 5, strings.NewReader("world"))
		a.want(t, 500)
		if strings.Contains(a.body, r.dir) || strings.Contains(a.body, "uploads") {
			t.Errorf("the answer tells %q", a.body)
		}
	}
}

// The headers of the IETF's draft, which is not offered, do nothing.
func TestNoDraft(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Defer-Length: 1")
	r.patch(url, 0, strings.NewReader("hello"), "Upload-Draft-Interop-Version: 6", "Upload-Complete: ?1").want(t, 204)
	r.do("HEAD", url, nil).want(t, 200, "Upload-Defer-Length: 1")
}

// Nobody but this origin is let in by a browser.
func TestNoCORS(t *testing.T) {
	r := start(t, server.Config{})
	for _, method := range []string{"OPTIONS", "POST"} {
		a := r.do(method, r.endpoint, nil, "Origin: https://evil.example", "Upload-Length: 1")
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s allows %q", method, got)
		}
	}
}
