//go:build nginx

package doctor_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/client/clienttest"
	"github.com/longhaul-io/longhaul/client/internal/doctor"
)

// nginx runs the real one before target, with these lines in its location, and
// returns its address.
func nginx(t *testing.T, target string, lines ...string) string {
	t.Helper()
	addr := clienttest.FreeAddr(t)
	dir := t.TempDir()
	config := fmt.Sprintf(`daemon off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
		location / {
			proxy_pass http://%[3]s;
			%[4]s
		}
	}
}
`, dir, addr, target, strings.Join(lines, "\n\t\t\t"))
	if os.Geteuid() == 0 {
		config = "user root;\n" + config
	}
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	clienttest.Listens(t, addr, func() string {
		log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
		return string(log)
	})
	return addr
}

// What the doctor says about an nginx as it comes is what cures it.
func TestCuresNginx(t *testing.T) {
	behind := httptest.NewServer(clienttest.NewServer(t, 0))
	defer behind.Close()
	target := strings.TrimPrefix(behind.URL, "http://")
	examine := func(lines ...string) (bad []doctor.Finding) {
		t.Helper()
		u := &url.URL{Scheme: "http", Host: nginx(t, target, lines...), Path: clienttest.Base}
		if err := doctor.Examine(context.Background(), doctor.Patient{Endpoint: u}, func(f doctor.Finding) {
			if f.Level == doctor.Bad {
				bad = append(bad, f)
			}
		}); err != nil {
			t.Error(err)
		}
		return bad
	}
	bad := examine()
	if len(bad) != 2 || !strings.HasPrefix(bad[0].Text, "requests are held back") || !strings.HasPrefix(bad[1].Text, "requests may have at most 1.0 MiB") {
		t.Fatalf("found %+v", bad)
	}
	var lines []string
	for _, f := range bad {
		for _, c := range f.Cures {
			if c.Where == "nginx" {
				lines = append(lines, c.Line)
			}
		}
	}
	if bad := examine(lines...); len(bad) != 0 {
		t.Errorf("with %q there is still %+v", lines, bad)
	}
}
