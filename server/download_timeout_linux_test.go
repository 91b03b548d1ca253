package server_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// A client that takes nothing of a file for the timeout is given up; one that takes
// a little now and then gets all of it, however long that takes, and may ask again on
// the same connection.
func TestDownloadTimeout(t *testing.T) {
	const timeout = time.Second
	log := new(syncBuffer)
	r := start(t, server.Config{NetworkTimeout: timeout, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	content := strings.Repeat("x", 16<<20) // more than sockets hold
	url := r.create(fmt.Sprintf("Upload-Length: %d", len(content)), filenameA)
	r.patch(url, 0, strings.NewReader(content)).want(t, 204)
	get := func(name string) (net.Conn, *bufio.Reader) {
		t.Helper()
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		// The less it holds, the sooner it tells what it has taken.
		if err := conn.(*net.TCPConn).SetReadBuffer(256 << 10); err != nil {
			t.Fatal(err)
		}
		return conn, ask(t, conn, url, name)
	}

	get("silent")
	ended := func() bool { return len(log.lines("request=silent")) > 0 } // it is logged at its end
	for deadline := time.Now().Add(20 * timeout); !ended(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a client that reads nothing still has its connection")
		}
	}

	conn, in := get("slow")
	const little = 32 << 10
	got := 0
	for begun := time.Now(); time.Since(begun) < 5*timeout; time.Sleep(timeout / 10) {
		n, err := io.CopyN(io.Discard, in, little)
		got += int(n)
		if err != nil {
			t.Fatalf("a slow client got %d bytes in %s: %v", got, time.Since(begun), err)
		}
	}
	if n, err := io.CopyN(io.Discard, in, int64(len(content)-got)); err != nil {
		t.Fatalf("a slow client got %d bytes: %v", got+int(n), err)
	}
	time.Sleep(2 * timeout)
	ask(t, conn, "http://"+r.addr+"/livez", "again")
}

// The file that nobody reads from one stream of HTTP/2 is given up, too, later, and
// the others of its connection go on.
func TestDownloadTimeoutOfStream(t *testing.T) {
	dir := t.TempDir()
	before := start(t, server.Config{DataDir: dir})
	content := strings.Repeat("x", 16<<20) // more than clients take before they are read from
	url := before.create(fmt.Sprintf("Upload-Length: %d", len(content)), filenameA)
	before.patch(url, 0, strings.NewReader(content)).want(t, 204)
	before.stop()

	log := new(syncBuffer)
	r := start(t, server.Config{DataDir: dir, H2C: true, NetworkTimeout: 100 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	c := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	defer c.CloseIdleConnections()
	get := func(path, name string) *http.Response {
		t.Helper()
		req, err := http.NewRequest("GET", "http://"+r.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Request-Id", name)
		resp, err := c.Do(req)
		if err != nil || resp.StatusCode != 200 || resp.ProtoMajor != 2 {
			t.Fatalf("%s: %v, %v", name, resp, err)
		}
		return resp
	}
	resp := get(strings.TrimPrefix(url, "http://"+before.addr), "silent")
	defer resp.Body.Close()
	for deadline := time.Now().Add(time.Minute); len(log.lines("request=silent")) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a stream that nobody reads is still being written to")
		}
		get("/livez", "other").Body.Close()
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("all %d bytes came; the client was not slow", n)
	}
}

// ask sends a GET with the given id and returns what follows the header of the
// answer.
func ask(t *testing.T, conn net.Conn, url, id string) *bufio.Reader {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: %s\r\nX-Request-Id: %s\r\n\r\n", path, host, id)
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %v, %v", id, resp, err)
	}
	return in
}
