//go:build fuse

package powercut

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mount mounts d and unmounts it with the test.
func mount(t *testing.T, d *Disk) (dir string, unmount func()) {
	t.Helper()
	dir = t.TempDir()
	stop, err := Mount(d, dir)
	if err != nil {
		t.Fatal(err)
	}
	unmount = func() {
		if stop != nil {
			if err := stop(); err != nil {
				t.Error(err)
			}
			stop = nil
		}
	}
	t.Cleanup(unmount)
	return dir, unmount
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// What a store asks of a filesystem works through the kernel.
func TestMountedFilesystem(t *testing.T) {
	d := New()
	dir, _ := mount(t, d)
	root, err := os.OpenRoot(dir)
	check(t, err)
	defer root.Close()
	check(t, root.Mkdir("sub", 0o700))
	f, err := root.OpenFile("sub/f", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	check(t, err)
	defer f.Close()
	if _, err := root.OpenFile("sub/f", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("O_EXCL on a file that is there: %v", err)
	}
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	_, err = f.WriteAt(content, 0)
	check(t, err, f.Truncate(999_999), root.Link("sub/f", "g"))
	if err := root.Link("sub/f", "g"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("linking over a name: %v", err)
	}
	got, err := root.ReadFile("g")
	check(t, err)
	if !bytes.Equal(got, content[:999_999]) {
		t.Errorf("read %d bytes that are not the ones written", len(got))
	}
	check(t, root.Rename("g", "h"), root.Remove("sub/f"))
	for dir, want := range map[string]int{".": 2, "sub": 0} {
		if entries, err := fs.ReadDir(root.FS(), dir); err != nil || len(entries) != want {
			t.Errorf("%s: %v, %v; want %d entries", dir, entries, err, want)
		}
	}
	var space unix.Statfs_t
	check(t, unix.Statfs(dir, &space))
	if free := space.Bavail * uint64(space.Bsize); free < 1<<30 {
		t.Errorf("%d bytes free", free)
	}
	fd := int(f.Fd())
	check(t, unix.Fallocate(fd, unix.FALLOC_FL_KEEP_SIZE, 0, 1<<20), unix.SyncFileRange(fd, 0, 0, unix.SYNC_FILE_RANGE_WRITE))
	check(t, unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB))
	again, err := root.Open("h")
	check(t, err)
	defer again.Close()
	if err := unix.Flock(int(again.Fd()), unix.LOCK_EX|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("locking a locked file: %v", err)
	}
}

// Each kind of sync arrives as what it is, and nothing else does.
func TestSyncsThroughTheMount(t *testing.T) {
	d := New()
	dir, _ := mount(t, d)
	syncs := map[string]func(f *os.File) error{
		"fsync":           func(f *os.File) error { return f.Sync() },
		"fdatasync":       func(f *os.File) error { return unix.Fdatasync(int(f.Fd())) },
		"sync_file_range": func(f *os.File) error { return unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE) },
		"nothing":         func(f *os.File) error { return nil },
	}
	for name, sync := range syncs {
		f, err := os.Create(filepath.Join(dir, name))
		check(t, err)
		_, err = f.WriteString("data")
		check(t, err, sync(f), f.Close())
	}
	direct := filepath.Join(dir, "direct")
	fd, err := unix.Open(direct, unix.O_WRONLY|unix.O_CREAT|unix.O_DIRECT, 0o600)
	check(t, err)
	_, err = unix.Pwrite(fd, make([]byte, sector), 0)
	check(t, err)
	if _, err := unix.Pwrite(fd, make([]byte, 5), sector); !errors.Is(err, unix.EINVAL) {
		t.Errorf("part of a sector with O_DIRECT: %v", err)
	}
	check(t, unix.Close(fd))
	root, err := os.Open(dir)
	check(t, err, root.Sync(), root.Close())
	d.Cut()
	for name, lasts := range map[string]bool{"fsync": true, "fdatasync": true, "sync_file_range": false, "nothing": false, "direct": false} {
		whole := 0
		for seed := range uint64(seeds) {
			data, err := d.Survivors(seed).ReadFile(name)
			check(t, err)
			if len(data) > 0 {
				whole++
			}
		}
		if (whole == seeds) != lasts {
			t.Errorf("%s: the data survived %d cuts of %d", name, whole, seeds)
		}
	}
}

// After the cut everything fails, and what survived can be mounted again.
func TestMountAfterCut(t *testing.T) {
	d := New()
	dir, unmount := mount(t, d)
	path := filepath.Join(dir, "f")
	f, err := os.Create(path)
	check(t, err)
	_, err = f.WriteString("data")
	root, rootErr := os.Open(dir)
	check(t, err, f.Sync(), rootErr, root.Sync(), root.Close())
	d.Cut()
	if _, err := f.WriteString("more"); !errors.Is(err, syscall.EIO) {
		t.Errorf("writing without power: %v", err)
	}
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("syncing without power: %v", err)
	}
	if _, err := os.ReadFile(path); !errors.Is(err, syscall.EIO) {
		t.Errorf("reading without power: %v", err)
	}
	check(t, f.Close())
	unmount()
	dir, _ = mount(t, d.Survivors(1))
	got, err := os.ReadFile(filepath.Join(dir, "f"))
	if err != nil || string(got) != "data" {
		t.Errorf("after the cut: %q, %v", got, err)
	}
}
