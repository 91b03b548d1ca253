package filestore

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
)

func TestTrouble(t *testing.T) {
	w := newWorld(t)
	want := func(part string) {
		t.Helper()
		got := strings.Join(w.store.Trouble(), "; ")
		if part == "" && got != "" || !strings.Contains(got, part) || strings.Contains(got, w.dir) {
			t.Errorf("trouble %q, want %q", got, part)
		}
	}
	want("")
	w.store.cfg.MinFree = math.MaxInt64
	want("bytes are free")
	w.store.cfg.MinFree = -1
	w.disk.set(fault{0, notApplied, syscall.EIO})
	want("does not tell")
	w.disk.set(noFault)
	want("")
	w.unfinished(2)
	w.disk.failing = "sync uploads/*.log"
	if err := w.with(func(u *upload) error { return w.write(u, 7) }); err == nil {
		t.Fatal("a record failed to sync, and nobody was told")
	}
	w.disk.failing = ""
	want("the record of an upload failed to sync")
	w.restart()
	want("")
	for _, path := range []string{"", "x/name.bin"} {
		w.path = path
		w.complete()
		w.disk.failing = "sync directory files"
		if err := w.with(w.finish); err == nil {
			t.Fatal("a name failed to sync, and nobody was told")
		}
		w.disk.failing = ""
		want("the name of a finished file failed to sync")
		w.restart()
		want("")
	}
}

// A disk that takes no file is found out about, and so is one that does again. It
// is not asked more often than that.
func TestTroubleWriting(t *testing.T) {
	for _, failing := range []string{"create .probe", "write .probe", "sync .probe", "close .probe", "remove .probe", "sync directory ."} {
		t.Run(failing, func(t *testing.T) {
			w := newWorld(t)
			w.store.cfg.MinFree = -1
			w.prepared(os.WriteFile(filepath.Join(w.dir, datadir.Probe), nil, 0o600)) // of one that was killed
			for range 2 {
				if got := w.store.Trouble(); len(got) > 0 {
					t.Fatalf("trouble %q", got)
				}
				w.disk.failing = failing
				w.now = w.now.Add(probeEvery)
				if got := w.store.Trouble(); len(got) != 1 || got[0] != "the disk takes no file" {
					t.Errorf("trouble %q", got)
				}
				w.disk.failing = ""
				w.now = w.now.Add(probeEvery)
			}
			w.disk.set(noFault)
			w.prepared(os.RemoveAll(filepath.Join(w.dir, datadir.Probe)))
			w.store.Trouble()
			w.store.Trouble()
			if got := only(w.disk.calls, func(call string) bool { return call == "create .probe" }); len(got) != 1 {
				t.Errorf("asked twice, the disk was tried %d times", len(got))
			}
		})
	}
}
