package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// running is a server on a real socket.
type running struct {
	t        *testing.T
	addr     string
	endpoint string
	dir      string
	stop     func() // stops the server as SIGTERM does, and waits for it
}

func start(t *testing.T, cfg server.Config) *running {
	t.Helper()
	if cfg.DataDir == "" {
		cfg.DataDir = t.TempDir()
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	srv, err := server.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, ln) }()
	stopped := false
	r := &running{t: t, addr: ln.Addr().String(), endpoint: "http://" + ln.Addr().String() + "/files/", dir: srv.DataDir()}
	r.stop = func() {
		cancel()
		if !stopped {
			stopped = true
			if err := <-done; err != nil {
				t.Errorf("Serve: %v", err)
			}
		}
	}
	t.Cleanup(r.stop)
	return r
}

// answer is an HTTP response with its body.
type answer struct {
	*http.Response
	body string
}

// do sends a request with tus headers. headers are "Name: value" lines.
func (r *running) do(method, url string, body io.Reader, headers ...string) answer {
	r.t.Helper()
	if !strings.Contains(url, "://") {
		url = "http://" + r.addr + url
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{resp, string(text)}
}

// create creates an upload and returns its URL.
func (r *running) create(headers ...string) string {
	r.t.Helper()
	a := r.do("POST", r.endpoint, nil, headers...)
	a.want(r.t, 201)
	return a.Header.Get("Location")
}

func (r *running) patch(url string, offset int64, body io.Reader, headers ...string) answer {
	r.t.Helper()
	return r.do("PATCH", url, body, append(headers, "Content-Type: application/offset+octet-stream", fmt.Sprintf("Upload-Offset: %d", offset))...)
}

// want checks the status and that headers, given as "Name: value", are there.
func (a answer) want(t *testing.T, status int, headers ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: got %s %q, want %d", a.Request.Method, a.Request.URL.Path, a.Status, a.body, status)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if got := a.Header.Get(name); got != value {
			t.Errorf("%s %s: %s is %q, want %q", a.Request.Method, a.Request.URL.Path, name, got, value)
		}
	}
}

const (
	filenameA = "Upload-Metadata: filename YS5iaW4=" // a.bin
	// The CRC-32C of "hello" and of "helloworld", in base64.
	digestHello      = "Upload-Digest: crc32c=:mnG7TA==:"
	digestHelloworld = "Upload-Digest: crc32c=:Vsu0gA==:"
	digestNothing    = "Upload-Digest: crc32c=:AAAAAA==:"
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
	r.do("GET", url, nil).want(t, 409, "Upload-Offset: 5", "Tus-Resumable: 1.0.0")
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

// No upload grows past the limit, however its length is or is not declared.
func TestMaxSize(t *testing.T) {
	r := start(t, server.Config{MaxSize: 8})
	r.do("OPTIONS", r.endpoint, nil).want(t, 200, "Tus-Max-Size: 8", "Tus-Version: 1.0.0",
		"Tus-Extension: creation,creation-with-upload,termination,creation-defer-length,expiration")
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
}

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
// read them, while the request goes on.
func (r *running) slowly(url, body string, length int) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	path := strings.TrimPrefix(url, "http://"+r.addr)
	// The server says 100 Continue when it begins to read the body.
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nExpect: 100-continue\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", path, r.addr, length)
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		r.t.Fatalf("got %q, %v; want 100 Continue", line, err)
	}
	if _, err := io.WriteString(conn, body); err != nil {
		r.t.Fatal(err)
	}
	return conn
}

// A second request takes over from one whose connection hangs. What that one
// had sent counts.
func TestTakeOver(t *testing.T) {
	r := start(t, server.Config{})
	url := r.create("Upload-Length: 10", filenameA)
	r.slowly(url, "hello", 10)
	begun := time.Now()
	head := r.do("HEAD", url, nil)
	if took := time.Since(begun); took > 2*time.Second {
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
	if took := time.Since(begun); took > 5*time.Second {
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
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("all %d bytes were read; the download was not under way", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
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

func TestOneProcessPerDataDirectory(t *testing.T) {
	r := start(t, server.Config{})
	_, err := server.New(server.Config{DataDir: r.dir})
	if !errors.Is(err, server.ErrDataDirInUse) || !strings.Contains(err.Error(), r.dir) {
		t.Errorf("second server: %v; want ErrDataDirInUse and the directory's name", err)
	}
	r.stop()
	second, err := server.New(server.Config{DataDir: r.dir})
	if err != nil {
		t.Fatalf("after the first has stopped: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

func TestBasePath(t *testing.T) {
	r := start(t, server.Config{BasePath: "/in/box/"})
	a := r.do("POST", "/in/box/", strings.NewReader("hello"), "Upload-Length: 5", "Content-Type: application/offset+octet-stream")
	a.want(t, 201)
	location := a.Header.Get("Location")
	if !strings.HasPrefix(location, "http://"+r.addr+"/in/box/") {
		t.Errorf("Location is %q", location)
	}
	if got := r.do("GET", location, nil); got.body != "hello" {
		t.Errorf("got %q", got.body)
	}
	r.do("POST", r.endpoint, nil, "Upload-Length: 5").want(t, 404)
	if page := r.do("GET", "/", nil); !strings.Contains(page.body, `content="in/box/"`) {
		t.Errorf("the page does not know its endpoint: %q", page.body)
	}
}

func TestConfigValidate(t *testing.T) {
	err := server.Config{BasePath: "files", MaxSize: -1, ExpireAfter: -1}.Validate()
	for _, want := range []string{"data directory", "base path", "maximum size", "time to expire"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q too", err, want)
		}
	}
	for _, base := range []string{"/", "files/", "/files", "/a//b/", "/a/../b/", "/a b/", "/{id}/", "/a*/", "//"} {
		if err := (server.Config{DataDir: "d", BasePath: base}).Validate(); err == nil {
			t.Errorf("base path %q was accepted", base)
		}
	}
	if err := (server.Config{DataDir: "d"}).Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
}

func offset(t *testing.T, a answer) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(a.Header.Get("Upload-Offset"), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, error %v; want %q", filepath.Base(path), got, err, want)
	}
}
