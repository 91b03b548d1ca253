package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

func TestDownload(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", "Upload-Metadata: filename w6QuaHRtbA==,filetype dGV4dC9odG1s") // ä.html, text/html
	r.patch(url, 0, strings.NewReader("helloworld")).want(t, 204)

	whole := r.do("GET", url, nil)
	whole.want(t, 200, "Content-Type: text/html", "Content-Disposition: attachment; filename*=utf-8''%C3%A4.html",
		"X-Content-Type-Options: nosniff", "Content-Security-Policy: sandbox; default-src 'none'")
	if whole.body != "helloworld" {
		t.Errorf("got %q", whole.body)
	}
	part := r.do("GET", url, nil, "Range: bytes=5-", "If-Range: "+whole.Header.Get("ETag"))
	part.want(t, 206, "Content-Range: bytes 5-9/10")
	if part.body != "world" {
		t.Errorf("got %q", part.body)
	}
	r.do("GET", url, nil, "If-None-Match: "+whole.Header.Get("ETag")).want(t, 304)
	r.do("GET", url, nil, "Range: bytes=10-").want(t, 416)

	if err := os.Rename(filepath.Join(r.dir, "files", "ä.html"), filepath.Join(r.dir, "files", "moved")); err != nil {
		t.Fatal(err)
	}
	r.do("GET", url, nil).want(t, 410, "Tus-Resumable: 1.0.0")
	r.do("HEAD", url, nil).want(t, 200, "Upload-Offset: 10", "ETag: ", "Content-Disposition: ", "Content-Length: ")
}

// A file that got the name of one that was moved away is not the upload's: its
// URL neither shows nor deletes it.
func TestNameGotByAnotherFile(t *testing.T) {
	r := start(t, server.Config{})
	file := filepath.Join(r.dir, "files", "a.bin")
	first := r.create("Upload-Length: 5", filenameA)
	r.patch(first, 0, strings.NewReader("hello")).want(t, 204)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	second := r.create("Upload-Length: 5", filenameA)
	r.patch(second, 0, strings.NewReader("world")).want(t, 204)
	wantFile(t, file, "world")

	r.do("GET", first, nil).want(t, 410)
	r.do("DELETE", first, nil).want(t, 204)
	wantFile(t, file, "world")
	r.do("GET", second, nil).want(t, 200)
}

// What is in the place of a published file and is no file is not opened.
func TestNoFileInPlaceOfFile(t *testing.T) {
	r := start(t, server.Config{})
	file := filepath.Join(r.dir, "files", "a.bin")
	url := r.create("Upload-Length: 0", filenameA)
	published, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, place := range map[string]func() error{
		"named pipe":    func() error { return syscall.Mkfifo(file, 0o600) },
		"symbolic link": func() error { return os.Symlink("/etc/hostname", file) },
		"directory":     func() error { return os.Mkdir(file, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := errors.Join(os.Remove(file), place(), os.Chtimes(file, time.Time{}, published.ModTime())); err != nil {
				t.Fatal(err)
			}
			r.do("GET", url, nil).want(t, 410)
		})
	}
}

// Another spelling of the path is another upload, which there is not.
func TestDownloadByAlias(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 0")
	id := path.Base(url)
	for _, alias := range []string{"a%2f" + id, "..%2f" + id, id + "%2f", "%2f" + id} {
		if status := r.raw("GET", "/files/"+alias); status != 404 {
			t.Errorf("GET /files/%s: %d, want 404", alias, status)
		}
	}
}

// A client that only reads still gets the whole file.
func TestDownloadHalfClosed(t *testing.T) {
	const length = 16 << 20
	r := start(t, server.Config{})
	url := r.create(fmt.Sprintf("Upload-Length: %d", length))
	r.patch(url, 0, io.LimitReader(zeros{}, length)).want(t, 204)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /files/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path.Base(url), r.addr)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); n != length || err != nil {
		t.Errorf("got %d bytes, %v; want %d", n, err, length)
	}
}
