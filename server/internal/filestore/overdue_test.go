package filestore

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/datadir"
	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// A record that cannot be read the second time is told of as any other error.
func TestListOverdueUnreadable(t *testing.T) {
	w := newWorld(t)
	w.expired()
	list := func(f fault) (*faultDisk, []Overdue, error) {
		root, err := os.OpenRoot(w.dir)
		w.prepared(err)
		t.Cleanup(func() { root.Close() })
		var disk *faultDisk
		through := durable.NewRoot(root).Through(func(below durable.FS) durable.FS {
			disk = newFaultDisk(t, below, w.dir)
			return disk
		})
		disk.set(f)
		list, err := ListOverdue(&datadir.Dir{Root: through}, w.store.cfg)
		return disk, list, err
	}
	disk, overdue, err := list(noFault)
	if err != nil || len(overdue) != 1 || overdue[0].ID != w.id || overdue[0].Held != 5 {
		t.Fatalf("ListOverdue = %v, %v", overdue, err)
	}
	slices.Reverse(disk.calls)
	last := len(disk.calls) - 1 - slices.Index(disk.calls, "open uploads/*.log")
	if _, overdue, err := list(fault{last, notApplied, syscall.EIO}); !errors.Is(err, syscall.EIO) {
		t.Errorf("ListOverdue = %v, %v", overdue, err)
	}
}
