package edge

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

// A certificate that is renewed is shown without a restart, and one that cannot
// be used is not.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := servertest.WriteCertificate(t, dir, 1)
	c, err := LoadCertificate(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() int64 {
		t.Helper()
		c.looked = time.Time{} // as if it were long ago
		pair, err := c.Get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if got := shown(); got != 1 {
		t.Errorf("shows %d", got)
	}
	if err := os.WriteFile(certFile, []byte("half a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got != 1 {
		t.Errorf("with a broken file it shows %d", got)
	}
	servertest.WriteCertificate(t, dir, 2)
	if got := shown(); got != 2 {
		t.Errorf("after the renewal it shows %d", got)
	}
	if _, err := LoadCertificate(filepath.Join(dir, "none"), keyFile, nil); err == nil {
		t.Error("a missing file is no error")
	}
}
