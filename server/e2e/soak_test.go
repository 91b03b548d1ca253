//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	soakUploads = 1000
	// soakPatience is far more than what one step takes, also on a busy machine.
	soakPatience = 2 * time.Minute
	// lingering is more than how long the server keeps anything of a request that
	// it has answered. Nothing outside of it shows when that is over.
	lingering = 5 * time.Second
)

// TestSoak has many slow clients at once, whose connections break in all the ways
// there are. Each comes back at once, takes over from what may still be there, and
// goes on. In the end all files are as they were sent, and the server has no
// goroutine, no descriptor and no lock more than before.
//
// LONGHAUL_TEST_SOAK is for how many seconds connections break, after which each
// client finishes. LONGHAUL_TEST_SEED repeats what they send and how they break.
func TestSoak(t *testing.T) {
	lasting := time.Duration(envInt(t, "LONGHAUL_TEST_SOAK", 10)) * time.Second
	seed := envInt(t, "LONGHAUL_TEST_SEED", time.Now().UnixNano())
	t.Logf("LONGHAUL_TEST_SEED=%d", seed)
	idle, f := newField(t), newField(t)
	idle.calm()
	f.calm()
	before := len(f.descriptors())

	var clients []*soaker
	var all, sending sync.WaitGroup
	start, over := make(chan struct{}), make(chan struct{})
	for i := range soakUploads {
		c := newSoaker(f.server.Addr, seed, i)
		clients = append(clients, c)
		sending.Add(1)
		all.Go(func() {
			if err := c.run(sending.Done, start, over); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		})
	}
	sending.Wait()
	f.wait("all clients are connected", func() bool { return len(f.descriptors()) >= before+soakUploads })
	close(start)
	time.AfterFunc(lasting, func() { close(over) })
	all.Wait()
	if t.Failed() {
		return
	}

	// The clients' ends of the half-dead connections are open still: it is the
	// server that has to let go of them.
	f.wait("it has the descriptors of before", func() bool { return len(f.descriptors()) <= before })
	breaks, late := 0, 0
	for _, c := range clients {
		f.finished(c.name, c.content())
		if err := c.unlocked(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		breaks, late = breaks+c.breaks, late+c.late
	}
	f.nothingElse(soakUploads)
	t.Logf("%d uploads, %d requests broken off, %d overtaken", soakUploads, breaks, late)
	if late > breaks/10 {
		t.Errorf("%d of %d requests were overtaken by one that was broken off, want next to none", late, breaks)
	}
	for _, c := range clients {
		c.hangUp()
	}
	f.sameGoroutines(idle)
}

// calm has the server do once what it does once and keeps, and waits until nobody
// is connected to it.
func (f *field) calm() {
	f.t.Helper()
	created, _ := f.ask("POST", f.server.Endpoint, []byte("hello"), "Upload-Length", "5")
	if gone, _ := f.ask("DELETE", "http://"+f.server.Addr+created.Header.Get("Location"), nil); gone.StatusCode != 204 {
		f.t.Fatalf("DELETE: %s", gone.Status)
	}
	f.alone()
}

// alone waits until the server's only socket is the one on which it listens.
func (f *field) alone() {
	f.t.Helper()
	http.DefaultClient.CloseIdleConnections()
	f.wait("nobody is connected", func() bool {
		return strings.Count(strings.Join(f.descriptors(), "\n"), "socket:") == 1
	})
}

// descriptors returns what the server has open.
func (f *field) descriptors() (open []string) {
	f.t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", f.server.PID())
	entries, err := os.ReadDir(dir)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil { // else it was closed meanwhile
			open = append(open, target)
		}
	}
	return open
}

// wait waits until something is so.
func (f *field) wait(what string, so func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(soakPatience); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("after %s it is not so that %s; the server has open: %q", soakPatience, what, f.descriptors())
		}
	}
}

// nothingElse fails the test unless there are n finished files and nothing of
// unfinished ones.
func (f *field) nothingElse(n int) {
	f.t.Helper()
	for pattern, want := range map[string]int{"files/*": n, "uploads/*.log": n, "uploads/*.data": 0} {
		if got, err := filepath.Glob(filepath.Join(f.dir, "data", pattern)); err != nil || len(got) != want {
			f.t.Errorf("%d times %s, %v; want %d", len(got), pattern, err, want)
		}
	}
}

// sameGoroutines ends both servers and fails the test if f's has more goroutines
// than idle's.
func (f *field) sameGoroutines(idle *field) {
	f.t.Helper()
	var stacks [2][]string
	f.alone()
	time.Sleep(lingering)
	for i, one := range []*field{idle, f} {
		text, err := one.server.Stacks()
		if err != nil {
			f.t.Fatal(err)
		}
		stacks[i] = strings.Split(text, "\ngoroutine ")[1:]
	}
	if got, want := len(stacks[1]), len(stacks[0]); want < 2 || got > want {
		f.t.Errorf("%d goroutines, where a server that did nothing has %d", got, want)
	}
}
