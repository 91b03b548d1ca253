// Package e2e runs both programs for real: they are built, started, cut off and
// killed as they would be in the field.
package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client/clienttest"
	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// bin holds the two programs.
var bin string

func TestMain(m *testing.M) {
	if name := os.Getenv(senderVariable); name != "" {
		if err := sendAs(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "longhaul-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	build := exec.Command("go", "build", "-o", dir, "../cmd/longhauld", "../../client/cmd/longhaul")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// envInt returns the number in an environment variable, by which ./test says how
// long a test is.
func envInt(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// field is a server on an address that stays the same over its deaths.
type field struct {
	t      testing.TB
	dir    string   // of the test: files to push, and data/
	flags  []string // of the server, beside --data and --listen
	tusd   string   // the program, where the server is a stock tusd; else longhauld
	server *servertest.Process
}

func newField(t *testing.T) *field {
	f := &field{t: t, dir: t.TempDir()}
	f.run()
	return f
}

// run starts the server, and ends it with the test.
func (f *field) run() {
	f.start("127.0.0.1:0")
	t := f.t
	t.Cleanup(func() {
		if err := f.server.Kill(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", f.server.Log())
		}
	})
}

func (f *field) start(addr string) {
	f.t.Helper()
	program, args := filepath.Join(bin, "longhauld"), append([]string{"--data", "data", "--listen", addr}, f.flags...)
	if f.tusd != "" {
		host, port, _ := strings.Cut(addr, ":")
		program, args = f.tusd, []string{"-upload-dir", "data", "-host", host, "-port", port}
	}
	p, err := servertest.Start(program, f.dir, nil, args...)
	if err != nil {
		f.t.Fatal(err)
	}
	f.server = p
}

// restart kills the server and starts it again on the same address.
func (f *field) restart() {
	f.t.Helper()
	if err := f.server.Kill(); err != nil {
		f.t.Fatal(err)
	}
	f.start(f.server.Addr)
}

// file makes a file of size random bytes and returns its path.
func (f *field) file(name string, size int64) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	f.grow(path, size)
	return path
}

// grow appends size random bytes to the file at path.
func (f *field) grow(path string, size int64) {
	f.t.Helper()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	seed := [32]byte{byte(size), byte(size >> 8), byte(len(path))}
	_, err = io.CopyN(out, rand.NewChaCha8(seed), size)
	if err := errors.Join(err, out.Close()); err != nil {
		f.t.Fatal(err)
	}
}

// longhaul prepares the command line; nothing of this machine's state is used.
func (f *field) longhaul(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(f.t.Context(), filepath.Join(bin, "longhaul"), args...)
	cmd.Dir = f.dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(f.dir, "state"))
	return cmd
}

// push runs longhaul push, which must succeed, and returns what it printed.
func (f *field) push(args ...string) string {
	f.t.Helper()
	out, err := f.longhaul(append([]string{"push"}, args...)...).CombinedOutput()
	if err != nil {
		f.t.Fatalf("longhaul push %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// arrived fails the test unless the only finished file is the one at path.
func (f *field) arrived(path string) {
	f.t.Helper()
	files, err := filepath.Glob(filepath.Join(f.dir, "data", "files", "*"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != filepath.Base(path) {
		f.t.Fatalf("finished files: %q, %v; want %s", files, err, filepath.Base(path))
	}
	if got, want := f.sum(files[0]), f.sum(path); got != want {
		f.t.Fatalf("%s arrived as something else", filepath.Base(path))
	}
	// One upload in all: nothing was begun a second time.
	if records, _ := filepath.Glob(filepath.Join(f.dir, "data", "uploads", "*.log")); len(records) != 1 {
		f.t.Errorf("%d uploads were created, want 1", len(records))
	}
}

func (f *field) sum(path string) [32]byte {
	f.t.Helper()
	in, err := os.Open(path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		f.t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

// received waits until the only upload has at least n bytes on disk.
func (f *field) received(n int64) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		files, _ := filepath.Glob(filepath.Join(f.dir, "data", "uploads", "*.data"))
		if len(files) == 1 {
			if info, err := os.Stat(files[0]); err == nil && info.Size() >= n {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
	f.t.Fatalf("less than %d bytes arrived", n)
}

// published waits until the file called name is among the finished ones.
func (f *field) published(name string) {
	f.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(f.dir, "data", "files", name)); err == nil {
			return
		}
	}
	f.t.Fatalf("%s is not published", name)
}

// link returns an endpoint that reaches the server at rate bytes a second, and
// the proxy in between.
func (f *field) link(rate int64) (endpoint string, proxy *clienttest.Proxy) {
	proxy = clienttest.NewProxy(f.t, f.server.Addr)
	proxy.Limit(rate)
	return "http://" + proxy.Addr() + "/files/", proxy
}

// ask sends a request with tus headers and returns the answer and its body.
func (f *field) ask(method, url string, body []byte, headers ...string) (*http.Response, string) {
	f.t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	if body != nil {
		req.Header.Set("Content-Type", "application/offset+octet-stream")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return resp, string(text)
}

func TestPush(t *testing.T) {
	f := newField(t)
	path := f.file("a ä.bin", 10<<20)
	f.push(path, f.server.Endpoint)
	f.arrived(path)
	if again := f.push(path, f.server.Endpoint); !strings.Contains(again, "already there") {
		t.Errorf("the second push said %q", again)
	}
	f.arrived(path)
}

// The server dies again and again at random moments of one push, which knows
// nothing of it but that its connection breaks.
func TestServerKilledWhilePushing(t *testing.T) {
	kills := int(envInt(t, "LONGHAUL_TEST_KILLS", 20))
	f := newField(t)
	const rate = 16 << 20
	path := f.file("big.bin", int64(kills)*rate/4)
	endpoint, _ := f.link(rate)
	var out bytes.Buffer
	cmd := f.longhaul("push", path, endpoint)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	killed := 0
	for ; killed < kills; killed++ {
		select {
		case err := <-done:
			t.Fatalf("push ended after %d kills: %v\n%s", killed, err, &out)
		case <-time.After(rand.N(400 * time.Millisecond)):
		}
		f.restart()
	}
	if err := <-done; err != nil {
		t.Fatalf("push: %v\n%s", err, &out)
	}
	f.arrived(path)
}

// The client dies at random moments; the same command goes on.
func TestClientKilledWhilePushing(t *testing.T) {
	f := newField(t)
	const rate = 16 << 20
	path := f.file("big.bin", rate)
	endpoint, _ := f.link(rate)
	for i := range 5 {
		cmd := f.longhaul("push", path, endpoint)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		f.received(int64(i+1) << 20)
		if err := errors.Join(cmd.Process.Kill(), ignoreExit(cmd.Wait())); err != nil {
			t.Fatal(err)
		}
	}
	out := f.push(path, endpoint)
	if !strings.Contains(out, "resumed at") {
		t.Errorf("the last push said %q, want it to resume", out)
	}
	f.arrived(path)
}

func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// The link breaks after every few bytes.
func TestLinkCutAgainAndAgain(t *testing.T) {
	f := newField(t)
	path := f.file("big.bin", 8<<20)
	endpoint, proxy := f.link(0)
	proxy.CutAfter(1<<20, 6)
	f.push(path, endpoint)
	f.arrived(path)
}

// A file that grows costs its growth, and a file whose beginning changed costs
// nothing and changes nothing.
func TestGrowingFile(t *testing.T) {
	f := newField(t)
	path := f.file("app.log", 1<<20)
	f.push("--append", path, f.server.Endpoint)
	f.grow(path, 1000)
	if out := f.push("--append", path, f.server.Endpoint); !strings.Contains(out, "1000 B sent now") {
		t.Errorf("after growing by 1000 bytes push said %q", out)
	}

	grown, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(grown)
	changed[500]++
	if err := os.WriteFile(path, append(changed, "more"...), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := f.longhaul("push", "--append", path, f.server.Endpoint).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 4 || !bytes.Contains(out, []byte("error: ")) || !bytes.Contains(out, []byte("hint: ")) {
		t.Errorf("changed prefix: %v\n%s\nwant exit code 4, an error and a hint", err, out)
	}
	f.holds(int64(len(grown)))

	if err := os.WriteFile(path, append(grown, "the end"...), 0o600); err != nil {
		t.Fatal(err)
	}
	f.push("--finish", path, f.server.Endpoint)
	f.arrived(path)
}

// holds fails the test unless the only upload has exactly n bytes.
func (f *field) holds(n int64) {
	f.t.Helper()
	records, _ := filepath.Glob(filepath.Join(f.dir, "data", "uploads", "*.log"))
	if len(records) != 1 {
		f.t.Fatalf("%d uploads, want 1", len(records))
	}
	id := strings.TrimSuffix(filepath.Base(records[0]), ".log")
	req, err := http.NewRequest(http.MethodHead, f.server.Endpoint+id, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	resp.Body.Close()
	if got := resp.Header.Get("Upload-Offset"); got != strconv.FormatInt(n, 10) {
		f.t.Errorf("the server holds %s bytes, want %d", got, n)
	}
}

// SIGTERM in the middle of an upload: the server stops in time and well, and
// the push goes on when it is back.
func TestServerStoppedWhilePushing(t *testing.T) {
	f := newField(t)
	const rate = 16 << 20
	path := f.file("big.bin", rate)
	endpoint, _ := f.link(rate)
	cmd := f.longhaul("push", path, endpoint)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f.received(1 << 20)
	if err := f.server.Stop(); err != nil {
		t.Fatal(err)
	}
	f.start(f.server.Addr)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	f.arrived(path)
}
