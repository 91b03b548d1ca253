package server_test

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server"
)

func TestReady(t *testing.T) {
	r := start(t, server.Config{MinFree: -1})
	a := r.do("GET", "/readyz", nil)
	a.want(t, 200, "Cache-Control: no-store", "Content-Type: text/plain; charset=utf-8")
	if a.body != "ok\n" {
		t.Errorf("/readyz says %q", a.body)
	}
}

// While less is free than should be the server says so, on one line, and takes no
// more uploads; it lives.
func TestNotReady(t *testing.T) {
	log := new(syncBuffer)
	r := start(t, server.Config{MinFree: math.MaxInt64, Log: slog.New(slog.NewTextHandler(log, nil))})
	a := r.do("GET", "/readyz", nil)
	a.want(t, 503)
	if !strings.HasPrefix(a.body, "not ready: ") || strings.Count(a.body, "\n") != 1 || strings.Contains(a.body, r.dir) {
		t.Errorf("/readyz says %q", a.body)
	}
	r.do("GET", "/livez", nil).want(t, 200)
	for accept, want := range map[string]string{
		"*/*":              "ERR_STORAGE_FULL: ",
		"application/json": `"code":"ERR_STORAGE_FULL"`,
	} {
		refused := r.do("POST", r.endpoint, nil, "Upload-Length: 1", "Accept: "+accept)
		refused.want(t, 507)
		if !strings.Contains(refused.body, want) || strings.Contains(refused.body, r.dir) {
			t.Errorf("to %s the answer is %q, want %s in it", accept, refused.body, want)
		}
	}
	if warned, failed := log.lines("level=WARN"), log.lines("level=ERROR"); len(warned) != 2 || len(failed) > 0 {
		t.Errorf("two refusals are logged as %q and %q, want a warning each", warned, failed)
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "uploads")); len(left) > 0 {
		t.Errorf("the refused creations left %s", left[0].Name())
	}
}
