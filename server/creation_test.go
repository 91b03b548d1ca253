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
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// creating begins a creation with a body of length bytes, of which it sends the
// first, and returns when the server holds them.
func (r *running) creating(body string, length int) (net.Conn, *bufio.Reader) {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(conn, "POST /files/ HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Length: %d\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %[2]d\r\n\r\n%s", r.addr, length, body)
	r.waitForData(1)
	return conn, bufio.NewReader(conn)
}

// nothingLeft waits until no upload is left.
func (r *running) nothingLeft(t *testing.T) {
	t.Helper()
	var left []os.DirEntry
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if left, _ = os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) == 0 {
			return
		}
	}
	t.Errorf("uploads/ still holds %s", left[0].Name())
}

// An upload whose creation broke off, so that nobody knows its URL, is removed.
func TestInterruptedCreation(t *testing.T) {
	r := start(t, server.Config{})
	conn, _ := r.creating(strings.Repeat("x", 1<<20), 2<<20)
	conn.Close()
	r.nothingLeft(t)

	conn, in := r.creating(strings.Repeat("x", 1<<20), 2<<20)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 400 || resp.Header.Get("Upload-Digest") != "" {
		t.Errorf("a client that sent half of its body got %s, Upload-Digest %q", resp.Status, resp.Header.Get("Upload-Digest"))
	}
	r.nothingLeft(t)
}

// A creation that the server breaks off, because it stops, is answered with what
// came of it, and goes on from there.
func TestCreationWhileStopping(t *testing.T) {
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir})
	_, in := r.creating(strings.Repeat("x", 1<<20), 2<<20)
	r.stop()
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	got := answer{resp, string(body)}
	if got.StatusCode != 201 || got.body != "" || resp.Header.Get("Upload-Digest") == "" {
		t.Fatalf("got %s %q, want 201 and the digest", got.Status, got.body)
	}
	held := offset(t, got)
	again := start(t, server.Config{DataDir: dir})
	again.do("HEAD", resp.Header.Get("Location"), nil).want(t, 200, fmt.Sprintf("Upload-Offset: %d", held))
	again.patch(resp.Header.Get("Location"), int64(held), strings.NewReader(strings.Repeat("x", 2<<20-held))).want(t, 204)
}
