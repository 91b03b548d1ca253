package server_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

// A GET of what is not finished tells how far it is, in words too, as HEAD does.
func TestDownloadOfUnfinished(t *testing.T) {
	r := start(t, server.Config{})
	half, open := r.create("Upload-Length: 10"), r.create("Upload-Defer-Length: 1")
	for _, url := range []string{half, open} {
		r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	}
	for url, words := range map[string]string{half: "5 of 10 bytes are here", open: "5 bytes are here"} {
		a := r.do("GET", url, nil)
		a.want(t, 409, "Upload-Offset: 5", digestHello)
		if want := "ERR_UPLOAD_UNFINISHED: the upload is not finished yet: " + words + "\n"; a.body != want {
			t.Errorf("got %q, want %q", a.body, want)
		}
	}

	part, parting := r.create("Upload-Length: 0", "Upload-Concat: partial"), r.create("Upload-Length: 5", "Upload-Concat: partial")
	pending := r.create("Upload-Concat: final;" + part + " " + parting)
	r.do("GET", pending, nil).want(t, 409, "Upload-Offset: ", "Upload-Digest: ")
}

// A GET neither interrupts the request that sends an upload nor waits for it, and
// says nothing that might not be on disk.
func TestDownloadDisturbsNobody(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", filenameA)
	conn := r.slowly(url, "hello", 10)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 50 {
				r.do("GET", url, nil).want(t, 409, "Upload-Offset: ", "Upload-Digest: ")
			}
		})
	}
	readers.Wait()
	if _, err := io.WriteString(conn, "world"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(skipContinue(conn)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 204 || resp.Header.Get("Upload-Offset") != "10" {
		t.Errorf("the request that was looked at got %s, offset %s", resp.Status, resp.Header.Get("Upload-Offset"))
	}
	if a := r.do("GET", url, nil); a.body != "helloworld" {
		t.Errorf("got %q", a.body)
	}
}

// Many read a finished file at once, each from another byte on.
func TestManyReaders(t *testing.T) {
	const length = 8 << 20
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 8388608")
	r.patch(url, 0, io.LimitReader(zeros{}, length)).want(t, 204)
	first, err := http.Get(url) // and reads nothing yet
	if err != nil {
		t.Fatal(err)
	}
	defer first.Body.Close()
	var readers sync.WaitGroup
	for _, from := range []string{"0", "1", "4194304", "8388607"} {
		readers.Go(func() {
			a := r.do("GET", url, nil, "Range: bytes="+from+"-")
			a.want(t, 206, "Content-Range: bytes "+from+"-8388607/8388608")
		})
	}
	readers.Wait()
	if n, err := io.Copy(io.Discard, first.Body); n != length || err != nil || first.StatusCode != 200 {
		t.Errorf("the first reader got %s, %d bytes, %v", first.Status, n, err)
	}
}

// HEAD says of a finished file what GET does, and of what GET would not answer
// with, nothing.
func TestHeadIsAsGet(t *testing.T) {
	r := start(t, server.Config{})
	file := r.create("Upload-Length: 10", "Upload-Metadata: filename w6QuaHRtbA==,filetype dGV4dC9odG1s")
	empty := r.create("Upload-Length: 0")
	one, two := r.create("Upload-Length: 5", "Upload-Concat: partial"), r.create("Upload-Length: 5", "Upload-Concat: partial")
	r.patch(file, 0, strings.NewReader("helloworld")).want(t, 204)
	for _, url := range []string{one, two} {
		r.patch(url, 0, strings.NewReader("hello")).want(t, 204)
	}
	names := []string{"Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Security-Policy", "Content-Type", "ETag", "Last-Modified", "Repr-Digest", "X-Content-Type-Options"}
	for _, url := range []string{file, empty} {
		get, head := r.do("GET", url, nil), r.do("HEAD", url, nil)
		head.want(t, 200, "Cache-Control: no-store", "Upload-Offset: "+get.Header.Get("Content-Length"))
		for _, name := range names {
			if got, want := head.Header.Get(name), get.Header.Get(name); got != want || want == "" {
				t.Errorf("%s: HEAD has %q, GET %q", name, got, want)
			}
		}
	}

	final := r.create("Upload-Concat: final;" + one + " " + two)
	head := r.do("HEAD", final, nil)
	if get := r.do("GET", final, nil); head.Header.Get("ETag") != get.Header.Get("ETag") || head.Header.Get("Content-Length") != "10" {
		t.Errorf("of a final upload HEAD has ETag %q and Content-Length %q, GET ETag %q", head.Header.Get("ETag"), head.Header.Get("Content-Length"), get.Header.Get("ETag"))
	}

	half, partial := r.create("Upload-Length: 10"), r.create("Upload-Length: 0", "Upload-Concat: partial")
	for _, url := range []string{half, partial} {
		r.do("HEAD", url, nil).want(t, 200, "ETag: ", "Last-Modified: ", "Content-Disposition: ", "Accept-Ranges: ", "Content-Length: ")
	}
}
