package filestore

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// how a call fails.
type how int

const (
	notApplied how = iota // nothing happened
	applied               // all of it happened, and an error is returned
	half                  // half of the bytes were written
)

func (h how) String() string { return [...]string{"not applied", "applied anyway", "half applied"}[h] }

// fault is one call that fails.
type fault struct {
	at  int // its number, from 0; negative means none
	how how
	err syscall.Errno
}

var noFault = fault{at: -1}

// secretDir stands in the errors of a faultDisk. No client may read it.
const secretDir = "/srv/secret"

// faultDisk is a disk on which one call fails, and which knows what a power cut
// would leave of the files in uploads/: their content at the last sync that
// worked. Changes of names last at once; it does not sync for real.
type faultDisk struct {
	below   durable.FS
	dir     string
	fault   fault
	failing string            // all calls of this kind fail
	with    syscall.Errno     // how they do; 0 is EINVAL
	mu      sync.Mutex        // held for calls
	calls   []string          // what was called since the fault was set
	before  func(call string) // sees each call before it is made; nil: nobody does
	synced  map[string][]byte // content of the files in uploads/ as of their last sync
}

func newFaultDisk(t *testing.T, below durable.FS, dir string) *faultDisk {
	t.Helper()
	d := &faultDisk{below: below, dir: dir, fault: noFault, synced: make(map[string][]byte)}
	for _, name := range d.uploads(t) {
		d.sync(name)
	}
	return d
}

func (d *faultDisk) uploads(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.dir, "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, path.Join("uploads", entry.Name()))
	}
	return names
}

// set makes the disk fail as f says from the next call on.
func (d *faultDisk) set(f fault) { d.fault, d.calls = f, nil }

// hit reports whether the call that was to fail has been made.
func (d *faultDisk) hit() bool { return d.fault.at >= 0 && len(d.calls) > d.fault.at }

// powerCut drops what was written and not synced.
func (d *faultDisk) powerCut(t *testing.T) {
	t.Helper()
	for _, name := range d.uploads(t) {
		if got, err := os.ReadFile(filepath.Join(d.dir, name)); err == nil && bytes.Equal(got, d.synced[name]) {
			continue // its time of writing is what it was, too
		}
		if err := os.WriteFile(filepath.Join(d.dir, name), d.synced[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *faultDisk) sync(name string) {
	if path.Dir(name) != "uploads" {
		return
	}
	d.synced[name], _ = os.ReadFile(filepath.Join(d.dir, name))
	synced, _ := os.Stat(filepath.Join(d.dir, name))
	for other := range d.synced {
		// The same file may have two names.
		if info, err := os.Stat(filepath.Join(d.dir, other)); err == nil && os.SameFile(info, synced) {
			d.synced[other] = d.synced[name]
		}
	}
}

// call makes a call, or fails as the fault says if it is its turn.
func (d *faultDisk) call(op, name string, do func() error) error {
	call := op + " " + kind(name)
	d.mu.Lock() // a request may read and write at the same time
	at := len(d.calls)
	d.calls = append(d.calls, call)
	d.mu.Unlock()
	if d.before != nil {
		d.before(call)
	}
	if d.failing == call {
		return cmp.Or(d.with, syscall.EINVAL)
	}
	if at != d.fault.at {
		return do()
	}
	if d.fault.how == applied {
		if err := do(); err != nil {
			return err
		}
	}
	return &fs.PathError{Op: op, Path: path.Join(secretDir, name), Err: d.fault.err}
}

// kind is what a name stands for, the same in each run.
func kind(name string) string {
	if strings.HasPrefix(name, "uploads/") {
		return path.Dir(name) + "/*" + path.Ext(name)
	}
	return name
}

func (d *faultDisk) Open(name string) (f *os.File, err error) {
	err = d.call("open", name, func() error { f, err = d.below.Open(name); return err })
	if err != nil && f != nil {
		err = errors.Join(err, f.Close())
	}
	return f, err
}

func (d *faultDisk) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	op, direct := "open to write", flag&os.O_WRONLY != 0
	switch {
	case flag&os.O_CREATE != 0:
		op = "create"
	case direct:
		op = "open direct"
	}
	var f durable.File
	err := d.call(op, name, func() (err error) { f, err = d.below.OpenFile(name, flag, perm); return err })
	if err != nil {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
		return nil, err
	}
	return faultFile{f, d, name, direct}, nil
}

func (d *faultDisk) Lstat(name string) (info fs.FileInfo, err error) {
	err = d.call("stat", name, func() error { info, err = d.below.Lstat(name); return err })
	return info, err
}

func (d *faultDisk) Mkdir(name string, perm fs.FileMode) error {
	return d.call("mkdir", name, func() error { return d.below.Mkdir(name, perm) })
}

func (d *faultDisk) Link(oldname, newname string) error {
	return d.call("link to", newname, func() error {
		err := d.below.Link(oldname, newname)
		if err == nil && path.Dir(newname) == "uploads" {
			d.synced[newname] = d.synced[oldname]
		}
		return err
	})
}

func (d *faultDisk) Remove(name string) error {
	return d.call("remove", name, func() error { return d.below.Remove(name) })
}

func (d *faultDisk) SyncDir(name string) error {
	return d.call("sync directory", name, func() error { return nil })
}

func (d *faultDisk) Space() (space durable.Space, err error) {
	err = d.call("ask for space", ".", func() error { space, err = d.below.Space(); return err })
	return space, err
}

func (d *faultDisk) Names(name string, each func([]string) error) error {
	return d.call("list", name, func() error { return d.below.Names(name, each) })
}

type faultFile struct {
	durable.File
	disk   *faultDisk
	name   string
	direct bool // around the page cache
}

func (f faultFile) WriteAt(p []byte, off int64) (n int, err error) {
	write := func() error { n, err = f.File.WriteAt(p, off); return err }
	op := "write"
	if f.direct {
		op = "write direct"
	}
	failed := f.disk.call(op, f.name, write)
	if failed != nil && f.disk.fault.how == half {
		p = p[:len(p)/2]
		failed = errors.Join(failed, write())
	}
	return n, failed
}

func (f faultFile) Truncate(size int64) error {
	return f.disk.call("truncate", f.name, func() error { return f.File.Truncate(size) })
}

func (f faultFile) SyncData() error {
	return f.disk.call("sync", f.name, func() error { f.disk.sync(f.name); return nil })
}

func (f faultFile) StartWriteback(off, n int64) error {
	return f.disk.call("start writeback", f.name, func() error { return nil })
}

// Close always closes: no test wants a leak.
func (f faultFile) Close() error {
	return errors.Join(f.File.Close(), f.disk.call("close", f.name, func() error { return nil }))
}
