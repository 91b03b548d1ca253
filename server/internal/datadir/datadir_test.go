package datadir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func shut(t *testing.T, d *Dir) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMakesTheLayout(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "data")
	for range 2 {
		d := open(t, path)
		if d.Path() != path {
			t.Errorf("Path is %s, want %s", d.Path(), path)
		}
		for _, name := range []string{Uploads, Files} {
			info, err := os.Stat(filepath.Join(path, name))
			if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v, error %v; want a directory for its owner only", name, info, err)
			}
			if entries, err := os.ReadDir(filepath.Join(path, name)); err != nil || len(entries) > 0 {
				t.Errorf("%s holds %v, error %v; want nothing", name, entries, err)
			}
		}
		shut(t, d)
	}
}

func TestOpenARelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	d := open(t, "data")
	defer shut(t, d)
	if !filepath.IsAbs(d.Path()) {
		t.Errorf("Path is %s, want it absolute", d.Path())
	}
}

// One at a time, and the next as soon as the first lets go.
func TestOpenTwice(t *testing.T) {
	path := t.TempDir()
	first := open(t, path)
	if d, err := Open(path); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Fatalf("Open = %v, %v; want ErrInUse and the path", d, err)
	}
	// Being refused takes nothing away from who has it.
	if d, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Fatalf("Open again = %v, %v; want ErrInUse", d, err)
	}
	shut(t, first)
	shut(t, open(t, path))
}

// What is there is opened as it is, what is not is not made.
func TestOpenExisting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	none := func() {
		t.Helper()
		if d, err := OpenExisting(path); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), path) {
			t.Errorf("OpenExisting = %v, %v; want ErrNone and the path", d, err)
		}
	}
	none()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	none()
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	none()
	if entries, err := os.ReadDir(path); err != nil || len(entries) > 0 {
		t.Errorf("the directory holds %v, error %v; want nothing", entries, err)
	}
	d := open(t, path)
	if d, err := OpenExisting(path); !errors.Is(err, ErrInUse) {
		t.Errorf("OpenExisting = %v, %v; want ErrInUse", d, err)
	}
	shut(t, d)
	d, err := OpenExisting(path)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Open(path); !errors.Is(err, ErrInUse) {
		t.Errorf("Open = %v, %v; want ErrInUse", d, err)
	}
	shut(t, d)
}

// What a crash in the middle of the check for links leaves is no obstacle, and
// neither is a lock file that nobody holds.
func TestOpenAfterACrash(t *testing.T) {
	path := t.TempDir()
	shut(t, open(t, path))
	for _, name := range []string{Uploads + "/.probe", Files + "/.probe"} {
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, open(t, path))
	if _, err := os.Stat(filepath.Join(path, "lock")); err != nil {
		t.Error(err)
	}
}

func TestOpenWhatIsNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if d, err := Open(path); !errors.Is(err, syscall.ENOTDIR) || !strings.Contains(err.Error(), path) {
			t.Errorf("Open(%s) = %v, %v; want ENOTDIR and the path", path, d, err)
		}
	}
	for _, name := range []string{Uploads, Files} {
		path := t.TempDir()
		if err := os.WriteFile(filepath.Join(path, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if d, err := Open(path); err == nil {
			t.Errorf("Open = %v with a file called %s", d, name)
		}
		// The lock was given back with the error.
		if err := os.Remove(filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
		shut(t, open(t, path))
	}
}

// noLinks is a filesystem on which link fails.
type noLinks struct {
	durable.FS
	err error
}

func (l noLinks) Link(oldname, newname string) error {
	return &os.LinkError{Op: "linkat", Old: oldname, New: newname, Err: l.err}
}

// A filesystem without hard links is known for one, by each of the errors that
// such filesystems answer with, and other errors are not taken for that.
func TestNoLinks(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{syscall.EPERM, true}, // FAT, exFAT
		{syscall.ENOTSUP, true},
		{syscall.ENOSYS, true},
		{syscall.EXDEV, true}, // files/ is a filesystem of its own
		{syscall.EMLINK, true},
		{syscall.EACCES, false},
		{syscall.EIO, false},
		{syscall.ENOSPC, false},
		{syscall.EROFS, false},
	} {
		t.Run(tt.err.Error(), func(t *testing.T) {
			d := open(t, t.TempDir())
			defer shut(t, d)
			d.Root = d.Through(func(below durable.FS) durable.FS { return noLinks{below, tt.err} })
			if err := d.prepare(); errors.Is(err, ErrNoLinks) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%v; want ErrNoLinks: %v", err, tt.want)
			}
			if _, err := d.Stat(Uploads + "/.probe"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the probe is still there: %v", err)
			}
		})
	}
}
