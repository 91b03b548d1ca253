package server_test

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server"
)

// A sweep is refused where a server works, ends with its context, and goes on when
// it is called again; a list of what it would remove changes nothing.
func TestSweep(t *testing.T) {
	r := start(t, server.Config{})
	cfg := server.Config{DataDir: r.dir, ExpireAfter: time.Nanosecond, Log: slog.New(slog.DiscardHandler)}
	first, second := path.Base(r.create("Upload-Length: 5")), path.Base(r.create("Upload-Length: 5"))
	if _, err := server.Overdue(cfg); !errors.Is(err, server.ErrDataDirInUse) {
		t.Errorf("Overdue under a server: %v, want ErrDataDirInUse", err)
	}
	if _, _, err := server.Sweep(t.Context(), cfg); !errors.Is(err, server.ErrDataDirInUse) {
		t.Errorf("Sweep under a server: %v, want ErrDataDirInUse", err)
	}
	r.stop()
	for range 2 {
		list, err := server.Overdue(cfg)
		if err != nil || len(list) != 2 || list[0].ID != first || list[1].ID != second || list[0].Expired.IsZero() {
			t.Errorf("Overdue = %v, %v; want the two uploads", list, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if removed, _, err := server.Sweep(ended, cfg); removed != 0 || err != nil {
		t.Errorf("Sweep after the end = %d, %v", removed, err)
	}
	if removed, _, err := server.Sweep(t.Context(), cfg); removed != 2 || err != nil {
		t.Errorf("Sweep = %d, %v; want 2", removed, err)
	}
	if _, err := server.Overdue(server.Config{DataDir: t.TempDir()}); !errors.Is(err, server.ErrNoDataDir) {
		t.Errorf("Overdue of nothing: %v, want ErrNoDataDir", err)
	}
}
