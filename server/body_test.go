package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// A body that is refused is refused at once, also when little or nothing of it
// comes, and its connection is closed. None of it is needed for the answer.
func TestRefusedBody(t *testing.T) {
	r := start(t, server.Config{})
	for name, c := range map[string]struct {
		headers, body string
		status        int
	}{
		"announced too long":        {"Upload-Offset: 0" + octets + "\nContent-Length: 1000000000", "abc", 413},
		"a little too long":         {"Upload-Offset: 0" + octets + "\nContent-Length: 11", "", 413},
		"too long in chunks":        {"Upload-Offset: 0" + octets + "\nTransfer-Encoding: chunked", "b\r\nhelloworld!\r\n", 413},
		"of another type":           {"Upload-Offset: 0\nContent-Length: 10", "", 415},
		"at another offset":         {"Upload-Offset: 3" + octets + "\nContent-Length: 7", "", 409},
		"with another offset, long": {"Upload-Offset: 3" + octets + "\nTransfer-Encoding: chunked", "", 409},
	} {
		t.Run(name, func(t *testing.T) {
			fastest := time.Hour
			for range 5 {
				path := strings.TrimPrefix(r.create("Upload-Length: 10"), "http://"+r.addr)
				begun := time.Now()
				conn, err := net.Dial("tcp", r.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				_ = conn.SetDeadline(begun.Add(20 * time.Second))
				fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\n%s\r\n\r\n%s", path, r.addr, strings.ReplaceAll(c.headers, "\n", "\r\n"), c.body)
				in := bufio.NewReader(conn)
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatal(err)
				}
				fastest = min(fastest, time.Since(begun))
				body, err := io.ReadAll(resp.Body)
				if resp.StatusCode != c.status || err != nil || !strings.HasPrefix(string(body), "ERR_") {
					t.Errorf("got %s %q, %v; want %d", resp.Status, body, err, c.status)
				}
				if _, err := in.ReadByte(); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the connection is not closed: %v", err)
				}
				if closed := time.Since(begun); closed > promptly {
					t.Errorf("the connection was closed after %s", closed)
				}
			}
			if fastest > 100*time.Millisecond {
				t.Errorf("the fastest of 5 answers took %s, want less than 100 ms", fastest)
			}
		})
	}
}

// A client that goes on sending still gets to read why its body was refused.
func TestRefusalArrives(t *testing.T) {
	r := start(t, server.Config{MaxSize: 1 << 20})
	path := strings.TrimPrefix(r.create("Upload-Defer-Length: 1"), "http://"+r.addr)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n", path, r.addr)
	go func() {
		chunk := "10000\r\n" + strings.Repeat("x", 64<<10) + "\r\n"
		for err := error(nil); err == nil; {
			_, err = io.WriteString(conn, chunk)
			time.Sleep(time.Millisecond) // a link, not a memory
		}
	}()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if _, end := in.ReadByte(); end != io.EOF {
		t.Errorf("the connection ended with %v, want the peaceful end that leaves time to read", end)
	}
	if resp.StatusCode != 413 || err != nil || !strings.HasPrefix(string(body), "ERR_MAX_SIZE_EXCEEDED: ") {
		t.Errorf("got %s %q, %v; want 413 and its words", resp.Status, body, err)
	}
}

// An upload does not become complete, nor published, through a body that is too
// long for it, announced or not.
func TestTooLongIsNotPublished(t *testing.T) {
	r := start(t, server.Config{})
	for _, request := range []string{
		"PATCH {new}\nUpload-Offset: 0" + octets + chunked12,
		"PATCH {new}\nUpload-Offset: 0" + octets + "\n\nhelloworld and more",
		"POST /files/\nUpload-Length: 10" + octets + chunked12,
		"PATCH {open}\nUpload-Offset: 5\nUpload-Length: 9" + octets + chunked12,
	} {
		r.hold(t, row{request: request, want: "413"})
	}
	if files, _ := os.ReadDir(filepath.Join(r.dir, "files")); len(files) > 0 {
		t.Errorf("published %s", files[0].Name())
	}
}
