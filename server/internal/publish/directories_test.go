package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

func (b *bed) Mkdir(name string, perm fs.FileMode) error {
	return b.call("mkdir "+name, func() error { return b.FS.Mkdir(name, perm) })
}

// The directories are on disk, from the top, before the file gets its name in
// them, and whichever call fails, doing all of it again ends the same way, after a
// restart where only that can tell what is on disk.
func TestPublishIntoDirectories(t *testing.T) {
	order := []string{
		"mkdir files/x", "sync files", "mkdir files/x/y", "sync files/x",
		"link files/x/y/a.txt", "sync files/x/y", "remove src", "sync .",
	}
	for _, fail := range append([]string{""}, order...) {
		t.Run(fail, func(t *testing.T) {
			b := newBed(t)
			b.put("src", "text")
			b.fail = fail
			err := b.tree.Publish("src", "x/y/a.txt")
			if fail == "" && (err != nil || !slices.Equal(b.calls, order)) {
				t.Errorf("calls %q, error %v; want %q", b.calls, err, order)
			}
			if fail != "" && !errors.Is(err, syscall.EIO) {
				t.Errorf("error %v, want EIO", err)
			}
			b.fail = ""
			if slices.Contains([]string{"sync files", "sync files/x", "sync files/x/y"}, fail) {
				if err := b.tree.Publish("src", "x/y/a.txt"); !errors.Is(err, errUnsure) {
					t.Errorf("after a failed sync: %v, want errUnsure", err)
				}
				b.tree = NewTree(b.tree.root, b.tree.dir)
			}
			for range 2 {
				if err := b.tree.Publish("src", "x/y/a.txt"); err != nil {
					t.Fatalf("again: %v", err)
				}
			}
			b.want(map[string]string{"files/x/y/a.txt": "text"})
		})
	}
}

// Directories that are there are synced by the first file of this process, which
// found them, and by no other.
func TestDirectoriesAreSyncedOnce(t *testing.T) {
	b := newBed(t)
	if err := os.Mkdir(filepath.Join(b.dir, "files", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"mkdir files/x", "sync files", "link files/x/0", "sync files/x", "remove src", "sync ."},
		{"link files/x/1", "sync files/x", "remove src", "sync ."},
	} {
		b.put("src", "")
		name := fmt.Sprintf("x/%c", want[len(want)-4][len("link files/x/")])
		b.calls = nil
		if err := b.tree.Publish("src", name); err != nil || !slices.Equal(b.calls, want) {
			t.Errorf("calls %q, error %v; want %q", b.calls, err, want)
		}
	}
}

// A file, or a link to anywhere, that has the name of a directory is no obstacle,
// and is left alone.
func TestDirectoryTaken(t *testing.T) {
	b := newBed(t)
	b.put("files/x", "file")
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(b.dir, "files", "y")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ wanted, want string }{
		{"x/a.txt", "x (1)/a.txt"},
		{"x/b.txt", "x (1)/b.txt"},
		{"x/a.txt", "x (1)/a (1).txt"},
		{"y/z/a.txt", "y (1)/z/a.txt"},
		{"x (1)", "x (1) (1)"},
	} {
		got, err := b.tree.Free(tt.wanted)
		if err != nil || got != tt.want {
			t.Errorf("Free(%q) = %q, %v; want %q", tt.wanted, got, err, tt.want)
		}
		b.put("src", tt.wanted)
		if err := b.tree.Publish("src", got); err != nil {
			t.Errorf("Publish as %q: %v", got, err)
		}
	}
	if names, err := os.ReadDir(outside); err != nil || len(names) > 0 {
		t.Errorf("outside are %v, error %v", names, err)
	}
}

// Whoever takes the name of a directory between the choice and the link only makes
// the choice anew necessary, at any depth.
func TestDirectoryTakenMeanwhile(t *testing.T) {
	for _, name := range []string{"x", "x/y"} {
		for _, known := range []bool{false, true} {
			t.Run(fmt.Sprint(name, known), func(t *testing.T) {
				b := newBed(t)
				if known {
					b.put("src", "")
					if err := b.tree.Publish("src", "x/y/other.txt"); err != nil {
						t.Fatal(err)
					}
				}
				taken := filepath.Join("files", name)
				if err := errors.Join(os.RemoveAll(filepath.Join(b.dir, taken)), os.MkdirAll(filepath.Dir(filepath.Join(b.dir, taken)), 0o700)); err != nil {
					t.Fatal(err)
				}
				b.put(taken, "file")
				b.put("src", "text")
				if err := b.tree.Publish("src", "x/y/a.txt"); !errors.Is(err, ErrTaken) {
					t.Errorf("Publish: %v, want ErrTaken", err)
				}
				b.want(map[string]string{"src": "text", taken: "file"})
				got, err := b.tree.Free("x/y/a.txt")
				if err == nil {
					err = b.tree.Publish("src", got)
				}
				if err != nil {
					t.Errorf("with a new choice, %q: %v", got, err)
				}
			})
		}
	}
}

// Directories that somebody has moved away are made again, for new files only: one
// that was published before stays away.
func TestDirectoriesMovedAway(t *testing.T) {
	b := newBed(t)
	b.put("src", "text")
	if err := errors.Join(b.tree.Publish("src", "x/y/a.txt"), os.RemoveAll(filepath.Join(b.dir, "files"))); err != nil {
		t.Fatal(err)
	}
	if err := b.tree.Publish("src", "x/y/a.txt"); err != nil {
		t.Errorf("published before, Publish: %v", err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "files")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("files/ is back: %v", err)
	}
	b.put("src", "other")
	if err := b.tree.Publish("src", "x/y/b.txt"); err != nil {
		t.Errorf("Publish: %v", err)
	}
	b.want(map[string]string{"files/x/y/b.txt": "other"})
}

// An empty directory stays, since the next file may be on its way there.
func TestWithdrawLeavesDirectories(t *testing.T) {
	b := newBed(t)
	b.put("src", "text")
	if err := errors.Join(b.tree.Publish("src", "x/y/a.txt"), b.tree.Withdraw("src", "x/y/a.txt")); err != nil {
		t.Fatal(err)
	}
	b.want(map[string]string{})
	b.put("src", "other")
	if err := b.tree.Publish("src", "x/y/b.txt"); err != nil {
		t.Error(err)
	}
}

// Files that come at once make their directories once.
func TestDirectoriesAtOnce(t *testing.T) {
	b := newBed(t)
	m := &mkdirs{FS: b.FS}
	b.tree.root = b.tree.root.Through(func(durable.FS) durable.FS { return m })
	var all sync.WaitGroup
	for i := range 20 {
		src := fmt.Sprintf("src%d", i)
		b.put(src, src)
		all.Go(func() {
			if err := b.tree.Publish(src, fmt.Sprintf("x/%d/%d", i%2, i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(m.names) != 3 {
		t.Errorf("made %q, want three directories", m.names)
	}
}

// mkdirs notes which directories are made.
type mkdirs struct {
	durable.FS
	names []string // guarded by the lock that makeDir holds
}

func (m *mkdirs) Mkdir(name string, perm fs.FileMode) error {
	m.names = append(m.names, name)
	return m.FS.Mkdir(name, perm)
}
