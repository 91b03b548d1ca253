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
	"sync"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

func TestExpiry(t *testing.T) {
	r := start(t, server.Config{ExpireAfter: 50 * time.Millisecond})
	url := r.create("Upload-Length: 10")
	statuses := map[int]bool{}
	for deadline := time.Now().Add(10 * time.Second); ; {
		status := r.do("HEAD", url, nil).StatusCode
		statuses[status] = true
		if status == 404 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("still answered with %v", statuses)
		}
	}
	if !statuses[410] {
		t.Errorf("got %v, want 410 between the expiry and the sweep", statuses)
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("uploads/ still holds %s", left[0].Name())
	}
}

// slowly sends the first bytes of a PATCH and returns when the server has
// read them, while the request goes on. headers are "Name: value" lines.
func (r *running) slowly(url, body string, length int, headers ...string) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	path := strings.TrimPrefix(url, "http://"+r.addr)
	// The server says 100 Continue when it begins to read the body.
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nExpect: 100-continue\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n%s\r\n", path, r.addr, length, lines(headers))
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		r.t.Fatalf("got %q, %v; want 100 Continue", line, err)
	}
	if _, err := io.WriteString(conn, body); err != nil {
		r.t.Fatal(err)
	}
	return conn
}

func lines(headers []string) (text string) {
	for _, h := range headers {
		text += h + "\r\n"
	}
	return text
}

// A second request takes over from one whose connection hangs. What that one
// had sent counts.
func TestTakeOver(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", filenameA)
	r.slowly(url, "hello", 10)
	begun := time.Now()
	head := r.do("HEAD", url, nil)
	if took := time.Since(begun); took > promptly {
		t.Errorf("HEAD took %s", took)
	}
	head.want(t, 200)
	// The bytes may still be on their way through the socket when HEAD asks:
	// what it says is true, and the upload goes on from there.
	held := offset(t, head)
	r.patch(url, int64(held), strings.NewReader("helloworld"[held:])).want(t, 204, "Upload-Offset: 10", digestHelloworld)
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), "helloworld")
}

// Stopping commits what running requests have brought, at once.
func TestStop(t *testing.T) {
	const length = 1 << 20
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir})
	url := r.create(fmt.Sprintf("Upload-Length: %d", length), filenameA)
	conn := r.slowly(url, strings.Repeat("x", length-1), length)
	arrived := r.waitForData(1)

	begun := time.Now()
	r.stop()
	if took := time.Since(begun); took > promptly {
		t.Errorf("stopping took %s", took)
	}
	resp, err := http.ReadResponse(bufio.NewReader(skipContinue(conn)), nil)
	if err != nil {
		t.Fatalf("the running request got no answer: %v", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 503 {
		t.Errorf("the running request got %s, want 503", resp.Status)
	}
	if _, err := net.Dial("tcp", r.addr); err == nil {
		t.Error("still takes connections")
	}
	again := start(t, server.Config{DataDir: dir})
	head := again.do("HEAD", strings.Replace(url, r.addr, again.addr, 1), nil)
	if got := offset(t, head); int64(got) < arrived {
		t.Errorf("offset %d after a restart, but %d bytes had arrived", got, arrived)
	}
}

// A download does not keep the server from stopping: it can be resumed.
func TestStopWhileDownloading(t *testing.T) {
	const length = 64 << 20
	r := start(t, server.Config{})
	url := r.create(fmt.Sprintf("Upload-Length: %d", length), filenameA)
	r.patch(url, 0, io.LimitReader(zeros{}, length)).want(t, 204)
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begun := time.Now()
	r.stop()
	if took := time.Since(begun); took > promptly {
		t.Errorf("stopping took %s", took)
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("all %d bytes were read; the download was not under way", n)
	}
}

// waitForData waits until the only upload has at least n bytes in its file, and
// returns how many.
func (r *running) waitForData(n int64) int64 {
	r.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		files, _ := filepath.Glob(filepath.Join(r.dir, "uploads", "*.data"))
		if len(files) == 1 {
			if info, err := os.Stat(files[0]); err == nil && info.Size() >= n {
				return info.Size()
			}
		}
	}
	r.t.Fatalf("less than %d bytes arrived in 10 s", n)
	return 0
}

// skipContinue returns conn without the rest of its 100 Continue, an empty line.
func skipContinue(conn net.Conn) io.Reader {
	in := bufio.NewReader(conn)
	if next, err := in.Peek(2); err == nil && string(next) == "\r\n" {
		_, _ = in.Discard(2)
	}
	return in
}

// A request takes over at whatever moment of the other one it comes, also
// between its taking the lock and its reading the body.
func TestTakeOverAtAnyMoment(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10")
	path := strings.TrimPrefix(url, "http://"+r.addr)
	for i := range 200 {
		conn, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 10\r\n\r\n", path, r.addr)
		// Up to a millisecond later, a little later each time.
		for begun := time.Now(); time.Since(begun) < time.Duration(i)*5*time.Microsecond; {
		}
		begun := time.Now()
		r.do("HEAD", url, nil).want(t, 200)
		if took := time.Since(begun); took > promptly {
			t.Fatalf("attempt %d: HEAD took %s", i, took)
		}
		conn.Close()
	}
}

// What is told of several requests for one upload holds for all: no 5xx, and
// the upload ends with the right bytes.
func TestManyRequestsForOneUpload(t *testing.T) {
	r := start(t, server.Config{ExpireAfter: time.Second})
	const content = "the quick brown fox jumps over the lazy dog"
	url := r.create(fmt.Sprintf("Upload-Length: %d", len(content)), filenameA)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				head := r.do("HEAD", url, nil)
				head.want(t, 200)
				held := offset(t, head)
				end := min(held+1, len(content))
				switch a := r.patch(url, int64(held), strings.NewReader(content[held:end])); a.StatusCode {
				case 204, 409, 400: // 400: another request took over
				default:
					t.Errorf("PATCH: %s %q", a.Status, a.body)
				}
				if a := r.do("GET", url, nil); a.StatusCode != 200 && a.StatusCode != 409 {
					t.Errorf("GET: %s %q", a.Status, a.body)
				}
			}
		})
	}
	all.Wait()
	wantFile(t, filepath.Join(r.dir, "files", "a.bin"), content)
}
