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

// A client that takes nothing of a file for the timeout is given up; one that is
// slow gets all of it, however long that takes, and may ask again on the same
// connection.
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
		return conn, ask(t, conn, url, name)
	}

	get("silent")
	ended := func() bool { return len(log.lines("request=silent")) > 0 } // it is logged at its end
	for deadline := time.Now().Add(time.Minute); !ended(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a client that reads nothing still has its connection")
		}
	}

	conn, in := get("slow")
	begun, got := time.Now(), 0
	for got < len(content) {
		time.Sleep(10 * time.Millisecond)
		n, err := io.CopyN(io.Discard, in, min(64<<10, int64(len(content)-got)))
		if err != nil {
			t.Fatalf("a slow client got %d bytes in %s: %v", got, time.Since(begun), err)
		}
		got += int(n)
	}
	if took := time.Since(begun); took < 2*timeout {
		t.Fatalf("it took %s, which is not slow", took)
	}
	time.Sleep(2 * timeout)
	ask(t, conn, "http://"+r.addr+"/livez", "again")
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
