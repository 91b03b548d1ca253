//go:build fuse

package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/powercut"
)

// Without durability a cut takes back what was acknowledged: the switch reaches
// the disk, and the check of the ledger finds what is lost.
func TestDurabilityOff(t *testing.T) {
	b := newBench(t, 1)
	b.args = []string{"--durability", "off"}
	b.disk, b.ledger = powercut.New(), newLedger()
	if err := b.start(); err != nil {
		t.Fatal(err)
	}
	c := b.newClient(0)
	for range 20 {
		if _, err := c.begin(b.ledger); err != nil {
			t.Fatal(err)
		}
	}
	server := b.server
	b.powerOff(errCut)
	if log := server.Log(); !strings.Contains(log, "durability is off") {
		t.Errorf("the log says %q, want a warning", log)
	}
	b.disk = b.disk.Survivors(1)
	if err := b.start(); err != nil {
		t.Fatal(err)
	}
	if err := b.ledger.check(b.newClient(0)); err == nil || errors.Is(err, errCut) {
		t.Errorf("all of 20 uploads survived (%v); want some lost", err)
	}
}
