//go:build fuse

package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/longhaul-io/longhaul/server/internal/powercut"
	"github.com/longhaul-io/longhaul/server/internal/servertest"
)

const (
	// cutsPerDisk is how often the power fails on one disk before everything is
	// finished, compared, and begun anew on an empty one.
	cutsPerDisk = 8
	// clientsAtOnce upload at the same time.
	clientsAtOnce = 4
	// cycleTimeout is far more than the time between two cuts.
	cycleTimeout = 60 * time.Second
)

// TestPowerCuts lets the power of the real server fail again and again, while
// clients upload and while it recovers from the last time, and holds it to
// everything that it had acknowledged. Package powercut says what a cut leaves.
//
// LONGHAUL_TEST_CUTS is how many cuts there are, LONGHAUL_TEST_SEED repeats what
// the clients meant to do and how the losses fell.
func TestPowerCuts(t *testing.T) {
	cuts := envInt(t, "LONGHAUL_TEST_CUTS", 200)
	seed := envInt(t, "LONGHAUL_TEST_SEED", time.Now().UnixNano())
	b := newBench(t, uint64(seed))
	started := time.Now()
	for b.cuts < cuts {
		b.disk, b.ledger = powercut.New(), newLedger()
		for range min(cutsPerDisk, cuts-b.cuts) {
			b.untilCut()
		}
		b.finish()
	}
	t.Logf("%d cuts in %s", b.cuts, time.Since(started).Round(time.Millisecond))
}

// bench is a server on a disk whose power fails.
type bench struct {
	t    *testing.T
	seed uint64
	dir  string   // the mount point
	args []string // for the server, beyond the usual ones
	cuts int64

	disk    *powercut.Disk
	ledger  *ledger
	server  *servertest.Process // nil when it does not run
	http    *http.Transport     // to this server; nil before the first
	unmount func() error        // nil when nothing is mounted
}

func newBench(t *testing.T, seed uint64) *bench {
	t.Helper()
	b := &bench{t: t, seed: seed, dir: t.TempDir()}
	end, err := powercut.Guard(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.stop()
		if err := end(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("LONGHAUL_TEST_SEED=%d, after %d cuts", int64(seed), b.cuts)
		}
	})
	return b
}

// untilCut runs the server and its clients until the power fails, and puts the
// disk that is left in the place of the one that was.
func (b *bench) untilCut() {
	b.t.Helper()
	rng := rand.New(rand.NewPCG(b.seed, uint64(b.cuts)))
	lossSeed, early := rng.Uint64(), rng.IntN(3) == 0
	if early {
		b.disk.CutAfter(rng.IntN(40)) // while it starts, or soon after
	}
	err := b.start()
	if err == nil {
		err = b.ledger.check(b.newClient(0))
	}
	if err == nil {
		if !early {
			b.disk.CutAfter(rng.IntN(1 << (3 + rng.IntN(7))))
		}
		err = b.upload(rng)
	}
	b.powerOff(err)
	b.disk = b.disk.Survivors(lossSeed)
	b.cuts++
}

// finish goes on with everything until it is whole.
func (b *bench) finish() {
	b.t.Helper()
	err := b.start()
	for _, step := range []func(*client) error{b.ledger.check, b.ledger.complete, b.ledger.completeAssemblies, b.ledger.check} {
		if err == nil {
			err = step(b.newClient(0))
		}
	}
	if err == nil {
		err = errCut
	}
	b.powerOff(err)
}

// start mounts the disk and starts the server there. It returns errCut if it
// does not start because the power fails.
func (b *bench) start() error {
	b.t.Helper()
	var err error
	if b.unmount, err = powercut.Mount(b.disk, b.dir); err != nil {
		return err
	}
	args := append([]string{"--data", filepath.Join(b.dir, "data"), "--listen", "127.0.0.1:0", "--log-level", "warn"}, b.args...)
	b.server, err = servertest.Start(filepath.Join(bin, "longhauld"), "", nil, args...)
	if err != nil && !b.powered() {
		return errCut
	}
	b.http = &http.Transport{ExpectContinueTimeout: cycleTimeout}
	return err
}

func (b *bench) powered() bool {
	select {
	case <-b.disk.Off():
		return false
	default:
		return true
	}
}

// upload has clients upload until the power fails.
func (b *bench) upload(rng *rand.Rand) error {
	ended := make(chan error, clientsAtOnce)
	assemblies := b.ledger.assemblyShares(clientsAtOnce)
	for i, mine := range b.ledger.shares(clientsAtOnce) {
		c := b.newClient(rng.Uint64())
		c.assemblies = assemblies[i]
		go func() {
			defer b.disk.Cut() // if it ends, there is no use in going on
			ended <- c.upload(b.ledger, mine)
		}()
	}
	var late error
	select {
	case <-b.disk.Off():
	case <-time.After(cycleTimeout):
		late = fmt.Errorf("the power did not fail in %s", cycleTimeout)
		b.disk.Cut()
	}
	// Clients that wait for an answer now get none.
	err := errors.Join(late, b.server.Kill())
	for range clientsAtOnce {
		if clientErr := <-ended; !errors.Is(clientErr, errCut) {
			err = errors.Join(err, clientErr)
		}
	}
	if err != nil {
		return err
	}
	return errCut
}

// powerOff ends the server and unmounts the disk. Any err but errCut ends the
// test.
func (b *bench) powerOff(err error) {
	b.t.Helper()
	b.disk.Cut()
	log := ""
	if b.server != nil {
		log = b.server.Log()
	}
	b.stop()
	if !errors.Is(err, errCut) {
		b.t.Fatalf("after %d cuts: %v\nthe server's log:\n%s", b.cuts, err, log)
	}
}

func (b *bench) stop() {
	b.t.Helper()
	if b.http != nil {
		b.http.CloseIdleConnections()
	}
	if b.server != nil {
		if err := b.server.Kill(); err != nil {
			b.t.Error(err)
		}
		b.server = nil
	}
	if b.unmount != nil {
		if err := b.unmount(); err != nil {
			b.t.Error(err)
		}
		b.unmount = nil
	}
}
