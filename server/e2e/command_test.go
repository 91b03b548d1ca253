package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tree makes a directory with names and sizes of all kinds, and returns the paths
// of its files below f.dir.
func (f *field) tree(name string) (paths []string) {
	f.t.Helper()
	add := func(path string, size int64) {
		path = filepath.Join(name, path)
		if err := os.MkdirAll(filepath.Join(f.dir, filepath.Dir(path)), 0o700); err != nil {
			f.t.Fatal(err)
		}
		f.file(path, size)
		paths = append(paths, path)
	}
	for i := range 40 {
		add(fmt.Sprintf("day %d/clip.bin", i), 10<<10+int64(i))
	}
	add("empty", 0)
	add("one", 1)
	add("large.mov", 12<<20)
	add("🎬👨‍🚀.mov", 70_000)
	add("סרט/תמונה.bin", 3)
	add("\xff\xfe.bin", 2)
	add("new\nline", 4)
	add("it's $(HOME) \"quoted\"", 5)
	add(strings.Repeat("n", 255), 6)
	return paths
}

// stored reads what push --json printed: the URL of each path.
func (f *field) stored(out []byte) map[string]string {
	f.t.Helper()
	urls := map[string]string{}
	for line := range bytes.Lines(out) {
		var event struct {
			Event, Path, URL string
			PathBase64       []byte
		}
		if err := json.Unmarshal(line, &event); err != nil {
			f.t.Fatalf("%q: %v", line, err)
		}
		if event.Event == "stored" {
			urls[event.Path+string(event.PathBase64)] = event.URL
		}
	}
	return urls
}

// A directory goes to the server over a link that is cut, while the server is
// killed, and each file comes back as it was.
func TestTreeThereAndBack(t *testing.T) {
	f := newField(t)
	paths := f.tree("rushes")
	endpoint, proxy := f.link(16 << 20)
	proxy.CutAfter(3<<20, 3)
	push := f.longhaul("push", "-r", "--json", "--jobs", "8", "rushes", endpoint)
	var out, errors bytes.Buffer
	push.Stdout, push.Stderr = &out, &errors
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	f.published("rushes")
	f.restart()
	if err := push.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, errors.Bytes())
	}
	urls := f.stored(out.Bytes())
	if len(urls) != len(paths) {
		t.Fatalf("%d of %d files were stored", len(urls), len(paths))
	}
	for i, path := range paths {
		back := filepath.Join(f.dir, fmt.Sprintf("back%d", i))
		if out, err := f.longhaul("pull", "--output", back, urls[path]).CombinedOutput(); err != nil || bytes.Contains(out, []byte("not verified")) {
			t.Errorf("pull of %q: %v\n%s", path, err, out)
			continue
		}
		if f.sum(back) != f.sum(filepath.Join(f.dir, path)) {
			t.Errorf("%q came back as something else", path)
		}
	}
	again, err := f.longhaul("push", "-r", "--json", "rushes", endpoint).Output()
	if err != nil || bytes.Contains(again, []byte(`"started"`)) {
		t.Errorf("pushed again: %v\n%s", err, again)
	}
}

// What Ctrl-C prints is a command: a shell that is given it goes on.
func TestTheCommandThatGoesOn(t *testing.T) {
	f := newField(t)
	name := "it's \xff a\nfilm.mov"
	path := f.file(name, 12<<20)
	endpoint, proxy := f.link(8 << 20)
	push := f.longhaul("push", "--meta", "note=a b", name, endpoint)
	var errors bytes.Buffer
	push.Stderr = &errors
	if err := push.Start(); err != nil {
		t.Fatal(err)
	}
	f.received(2 << 20)
	if err := push.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := push.Wait(); err == nil || push.ProcessState.ExitCode() != 130 {
		t.Fatalf("%v\n%s", err, errors.Bytes())
	}
	_, command, found := strings.Cut(errors.String(), "hint: to go on: ")
	if !found {
		t.Fatalf("no command was printed:\n%s", errors.Bytes())
	}
	proxy.Limit(0)
	shell := exec.CommandContext(t.Context(), "bash", "-c", command)
	shell.Dir, shell.Env = f.dir, append(push.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("resumed at")) {
		t.Fatalf("%s%v\n%s", command, err, out)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, "data", "files", "*"))
	if err != nil || len(files) != 1 || f.sum(files[0]) != f.sum(path) {
		t.Errorf("finished files: %q, %v", files, err)
	}
}

// Downloads survive the death of either side, again and again.
func TestKilledWhilePulling(t *testing.T) {
	f := newField(t)
	path := f.file("film.mov", 24<<20)
	urls := f.stored([]byte(f.push("--json", path, f.server.Endpoint)))
	slow := f.slowBack(12 << 20)
	address := strings.Replace(urls[path], "http://"+f.server.Addr, slow.URL, 1)
	back := filepath.Join(f.dir, "back.mov")
	for i := range int64(5) {
		pull := f.longhaul("pull", "-o", back, address)
		if err := pull.Start(); err != nil {
			t.Fatal(err)
		}
		f.pulled(back, (4*i+2)<<20)
		f.restart()
		f.pulled(back, (4*i+3)<<20)
		_ = pull.Process.Kill()
		_ = pull.Wait()
	}
	if _, err := os.Stat(back); err == nil {
		t.Error("the file is there before it is whole")
	}
	out, err := f.longhaul("pull", "-o", back, address).CombinedOutput()
	if err != nil || f.sum(back) != f.sum(path) || !bytes.Contains(out, []byte("received now")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// slowBack is a proxy that lets answers pass at rate bytes a second.
func (f *field) slowBack(rate int64) *httptest.Server {
	target := &url.URL{Scheme: "http", Host: f.server.Addr} // also after its deaths
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			r.Body = &slowBody{r.Body, rate}
			return nil
		},
	}
	server := httptest.NewUnstartedServer(proxy)
	server.Config.ErrorLog = proxy.ErrorLog
	server.Start()
	f.t.Cleanup(server.Close)
	return server
}

type slowBody struct {
	io.ReadCloser
	rate int64
}

func (s *slowBody) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	time.Sleep(time.Duration(n) * time.Second / time.Duration(s.rate))
	return n, err
}

// pulled waits until n bytes of what will be at path are here.
func (f *field) pulled(path string, n int64) {
	f.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		parts, _ := filepath.Glob(path + ".*.part")
		if len(parts) == 1 {
			if info, err := os.Stat(parts[0]); err == nil && info.Size() >= n {
				return
			}
		}
	}
	f.t.Fatalf("less than %d bytes came back", n)
}
