//go:build nginx

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/client/clienttest"
)

// proxies are those whose configuration the README has, in blocks of their
// language.
var proxies = map[string]struct {
	around string // what stands around the block in a whole configuration
	// With buffer in the place of replaced it takes in requests before it passes
	// them on, or as much of them as it can hold.
	replaced, buffer string
	holds            bool // all of it, so that nothing of one that breaks off gets through
	command          func(config, dir string) *exec.Cmd
}{
	"nginx": {
		around: "daemon off;\npid nginx.pid;\nerror_log error.log;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path body;\nproxy_temp_path proxy;\n" +
			"fastcgi_temp_path fastcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n%s\n}\n",
		replaced: "proxy_request_buffering off;", buffer: "proxy_request_buffering on;", holds: true,
		command: func(config, dir string) *exec.Cmd {
			return exec.Command("nginx", "-p", dir, "-e", "error.log", "-c", config)
		},
	},
	"haproxy": {
		around: "%s", replaced: "option forwardfor", buffer: "option forwardfor\n\toption http-buffer-request",
		command: func(config, _ string) *exec.Cmd { return exec.Command("haproxy", "-q", "-f", config) },
	},
	"caddy": {
		around: "{\n\tadmin off\n\tauto_https off\n}\n%s",
		// Called request_buffers SIZE from 2.7 on.
		replaced: "reverse_proxy 127.0.0.1:8080", buffer: "reverse_proxy 127.0.0.1:8080 {\n\t\tbuffer_requests\n\t}", holds: true,
		command: func(config, dir string) *exec.Cmd {
			cmd := exec.Command("caddy", "run", "--adapter", "caddyfile", "--config", config)
			cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
			return cmd
		},
	},
}

// address is where the README's configurations listen.
var address = regexp.MustCompile(`(listen |bind |http://)(80|:80|files.example)\b`)

// through starts the proxy as the README has it before the server, and returns
// where it listens.
func (f *field) through(t *testing.T, name string, buffered bool) string {
	t.Helper()
	p := proxies[name]
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "```"+name+"\n")
	block, _, _ = strings.Cut(block, "```")
	if !found || strings.Count(block, "127.0.0.1:8080") != 1 || !address.MatchString(block) {
		t.Fatalf("the README has no configuration of %s, before 127.0.0.1:8080", name)
	}
	addr := clienttest.FreeAddr(t)
	if buffered {
		if !strings.Contains(block, p.replaced) {
			t.Fatalf("the README's configuration of %s has no %q", name, p.replaced)
		}
		block = strings.Replace(block, p.replaced, p.buffer, 1)
	}
	block = strings.ReplaceAll(block, "127.0.0.1:8080", f.server.Addr)
	block = address.ReplaceAllString(block, "${1}"+addr)
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf(p.around, block)
	if name == "nginx" && os.Geteuid() == 0 {
		text = "user root;\n" + text
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := p.command(config, dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	clienttest.Listens(t, addr, out.String)
	return addr
}

// Uploads go through each proxy with the README's configuration, and also when it
// takes in whole requests first: then what a broken request brought is lost, but
// what the server says is true all the same.
func TestProxies(t *testing.T) {
	for name := range proxies {
		for _, buffered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, buffering %v", name, buffered), func(t *testing.T) {
				f := newField(t)
				f.uploadThrough(t, f.through(t, name, buffered), buffered && proxies[name].holds)
			})
		}
	}
}

// uploadThrough uploads through addr. held says that requests that break off do not
// get through at all.
func (f *field) uploadThrough(t *testing.T, addr string, held bool) {
	ask := func(method, url string, body io.Reader, headers ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+addr+url, body)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range append(headers, "Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream") {
			key, value, _ := strings.Cut(h, ": ")
			req.Header.Set(key, value)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	content := noise(8 << 20)
	created := ask("POST", "/files/", nil, fmt.Sprintf("Upload-Length: %d", len(content)), "Upload-Metadata: filename YS5iaW4=")
	url := created.Header.Get("Location")
	if created.StatusCode != 201 || !strings.HasPrefix(url, "/files/") {
		t.Fatalf("creation: %s, Location %q", created.Status, url)
	}

	// A request that breaks off in the middle, after the server has got 1 MiB.
	ctx, cancel := context.WithCancel(t.Context())
	broken, w := io.Pipe()
	go func() {
		_, _ = w.Write(content[:2<<20])
		if held {
			time.Sleep(200 * time.Millisecond) // nothing to wait for: the server knows nothing of it
		} else {
			f.received(1 << 20)
		}
		cancel()
		w.CloseWithError(context.Canceled)
	}()
	req, _ := http.NewRequestWithContext(ctx, "PATCH", "http://"+addr+url, broken)
	req.ContentLength = int64(len(content))
	req.Header = http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {"0"}, "Content-Type": {"application/offset+octet-stream"}}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		t.Errorf("the broken request was answered with %s", resp.Status)
	}
	offset := 0
	if _, err := fmt.Sscan(ask("HEAD", url, nil).Header.Get("Upload-Offset"), &offset); err != nil {
		t.Fatal(err)
	}
	if held != (offset == 0) {
		t.Errorf("after the broken request the server has %d bytes", offset)
	}

	half := len(content) / 2
	first := ask("PATCH", url, bytes.NewReader(content[offset:half]), fmt.Sprintf("Upload-Offset: %d", offset))
	rest := ask("PATCH", url, io.MultiReader(bytes.NewReader(content[half:])), fmt.Sprintf("Upload-Offset: %d", half)) // in chunks
	if first.StatusCode != 204 || rest.StatusCode != 204 || rest.Header.Get("Upload-Offset") != fmt.Sprint(len(content)) {
		t.Errorf("PATCH: %s, %s", first.Status, rest.Status)
	}
	f.finished("a.bin", content)
	if got, err := io.ReadAll(ask("GET", url, nil).Body); err != nil || !bytes.Equal(got, content) {
		t.Errorf("GET: %d bytes, %v", len(got), err)
	}
	if refused := ask("PATCH", url, strings.NewReader("x"), "Upload-Offset: 0"); refused.StatusCode != 409 || refused.Header.Get("Upload-Offset") != fmt.Sprint(len(content)) {
		t.Errorf("PATCH at another offset: %s", refused.Status)
	}
	if gone := ask("DELETE", url, nil); gone.StatusCode != 204 {
		t.Errorf("DELETE: %s", gone.Status)
	}
}
