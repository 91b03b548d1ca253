package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// bed is a tree on a disk that writes down what changes names, and fails the
// call it is told to.
type bed struct {
	*testing.T
	durable.FS
	dir   string
	tree  *Tree
	calls []string
	fail  string
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{T: t, dir: t.TempDir()}
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	if err := root.Mkdir("files", 0o700); err != nil {
		t.Fatal(err)
	}
	b.tree = NewTree(durable.NewRoot(root).Through(func(below durable.FS) durable.FS { b.FS = below; return b }), "files")
	return b
}

func (b *bed) call(name string, do func() error) error {
	b.calls = append(b.calls, name)
	if name == b.fail {
		return syscall.EIO
	}
	return do()
}

func (b *bed) Link(oldname, newname string) error {
	return b.call("link "+newname, func() error { return b.FS.Link(oldname, newname) })
}

func (b *bed) Remove(name string) error {
	return b.call("remove "+name, func() error { return b.FS.Remove(name) })
}

func (b *bed) SyncDir(name string) error {
	return b.call("sync "+name, func() error { return b.FS.SyncDir(name) })
}

func (b *bed) Lstat(name string) (info fs.FileInfo, err error) {
	if b.fail == "stat "+name {
		return nil, syscall.EIO
	}
	return b.FS.Lstat(name)
}

func (b *bed) put(name, text string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// want checks which files there are, and what is in them.
func (b *bed) want(files map[string]string) {
	b.Helper()
	got := make(map[string]string)
	err := fs.WalkDir(os.DirFS(b.dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(b.dir, path))
		got[path] = string(text)
		return err
	})
	if err != nil || fmt.Sprint(got) != fmt.Sprint(files) {
		b.Errorf("files %q, error %v; want %q", got, err, files)
	}
}

// The new name is on disk before the old one goes, and whichever call fails,
// doing all of it again ends the same way, with one file.
func TestPublishAndAgain(t *testing.T) {
	order := []string{"link files/a.txt", "sync files", "remove src", "sync ."}
	for _, fail := range append([]string{""}, order...) {
		t.Run(fail, func(t *testing.T) {
			b := newBed(t)
			b.put("src", "text")
			b.fail = fail
			err := b.tree.Publish("src", "a.txt")
			if fail == "" && (err != nil || !slices.Equal(b.calls, order)) {
				t.Errorf("calls %q, error %v; want %q", b.calls, err, order)
			}
			if fail != "" && !errors.Is(err, syscall.EIO) {
				t.Errorf("error %v, want EIO", err)
			}
			b.fail = ""
			if fail == "sync files" {
				// Only a restart can tell whether the name is on disk.
				if err := b.tree.Publish("src", "a.txt"); !errors.Is(err, errUnsure) {
					t.Errorf("after a failed sync: %v, want errUnsure", err)
				}
				b.want(map[string]string{"src": "text", "files/a.txt": "text"})
				b.tree = NewTree(b.tree.root, b.tree.dir)
			}
			for range 2 {
				if err := b.tree.Publish("src", "a.txt"); err != nil {
					t.Fatalf("again: %v", err)
				}
			}
			b.want(map[string]string{"files/a.txt": "text"})
		})
	}
}

// A name that is there already may have failed to sync: it is synced before the
// old one goes.
func TestPublishLinkedFile(t *testing.T) {
	b := newBed(t)
	b.put("src", "text")
	if err := b.FS.Link("src", "files/a.txt"); err != nil {
		t.Fatal(err)
	}
	if err := b.tree.Publish("src", "a.txt"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"link files/a.txt", "sync files", "remove src", "sync ."}; !slices.Equal(b.calls, want) {
		t.Errorf("calls %q, want %q", b.calls, want)
	}
	b.want(map[string]string{"files/a.txt": "text"})
}

func TestPublishTaken(t *testing.T) {
	b := newBed(t)
	b.put("src", "text")
	b.put("files/a.txt", "text")
	if err := b.tree.Publish("src", "a.txt"); !errors.Is(err, ErrTaken) {
		t.Errorf("Publish: %v, want ErrTaken", err)
	}
	b.want(map[string]string{"src": "text", "files/a.txt": "text"})
}

// "Does not exist" would mean to callers that the upload does not. A directory
// that somebody has moved away is made again.
func TestPublishErrorsAreNotMissingFiles(t *testing.T) {
	t.Run("disk fails", func(t *testing.T) {
		b := newBed(t)
		b.fail = "stat src"
		if err := b.tree.Publish("src", "a.txt"); !errors.Is(err, syscall.EIO) {
			t.Errorf("Publish: %v, want EIO", err)
		}
	})
	t.Run("no directory", func(t *testing.T) {
		b := newBed(t)
		b.put("src", "text")
		if err := os.Remove(filepath.Join(b.dir, "files")); err != nil {
			t.Fatal(err)
		}
		if err := b.tree.Publish("src", "a.txt"); err != nil {
			t.Errorf("Publish: %v", err)
		}
		b.want(map[string]string{"files/a.txt": "text"})
	})
}

func TestFree(t *testing.T) {
	b := newBed(t)
	for _, want := range []string{"a.txt", "a (1).txt", "a (2).txt"} {
		for range 2 { // asking does not take it
			if got, err := b.tree.Free("a.txt"); err != nil || got != want {
				t.Fatalf("Free = %q, %v; want %q", got, err, want)
			}
		}
		b.put("files/"+want, "")
	}
	// Directories and dangling links have names too.
	if err := errors.Join(os.Mkdir(filepath.Join(b.dir, "files/dir"), 0o700), os.Symlink("nowhere", filepath.Join(b.dir, "files/link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dir", "link"} {
		if got, err := b.tree.Free(name); err != nil || got != name+" (1)" {
			t.Errorf("Free(%q) = %q, %v; want %q", name, got, err, name+" (1)")
		}
	}
	b.fail = "stat files/b.txt"
	if got, err := b.tree.Free("b.txt"); !errors.Is(err, syscall.EIO) {
		t.Errorf("Free = %q, %v; want EIO", got, err)
	}
}

// What is remembered saves time and takes no more than a bounded place.
func TestFreeForgets(t *testing.T) {
	b := newBed(t)
	for i := range 10_002 {
		b.tree.remember(fmt.Sprint(i), 1)
	}
	if n := len(b.tree.number); n > 10_001 {
		t.Errorf("%d names are remembered", n)
	}
}

// Many files of one name at once each get one, and none is lost.
func TestPublishAtOnce(t *testing.T) {
	b := newBed(t)
	b.tree.root = b.tree.root.Through(func(durable.FS) durable.FS { return b.FS })
	const n = 20
	var wg sync.WaitGroup
	for i := range n {
		src := fmt.Sprintf("src%d", i)
		b.put(src, src)
		wg.Go(func() {
			for err := ErrTaken; errors.Is(err, ErrTaken); {
				var name string
				if name, err = b.tree.Free("a.txt"); err == nil {
					err = b.tree.Publish(src, name)
				}
				if err != nil && !errors.Is(err, ErrTaken) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen := make(map[string]bool)
	for i := range n {
		f, err := b.tree.Open(numbered("a.txt", i))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil || seen[string(text)] {
			t.Errorf("%q is there twice, error %v", text, err)
		}
		seen[string(text)] = true
	}
}

func TestWithdraw(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(b *bed)
		want    map[string]string
	}{
		{"published", func(b *bed) { b.put("files/a.txt", "text") }, map[string]string{}},
		{"being published", func(b *bed) { b.put("src", "text"); b.FS.Link("src", "files/a.txt") }, map[string]string{"src": "text"}},
		{"not yet published", func(b *bed) { b.put("src", "text") }, map[string]string{"src": "text"}},
		{"taken by another", func(b *bed) { b.put("src", "text"); b.put("files/a.txt", "text") }, map[string]string{"src": "text", "files/a.txt": "text"}},
		{"gone", func(*bed) {}, map[string]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t)
			tt.prepare(b)
			if err := b.tree.Withdraw("src", "a.txt"); err != nil {
				t.Error(err)
			}
			b.want(tt.want)
		})
	}
	b := newBed(t)
	b.put("files/a.txt", "text")
	b.fail = "stat src"
	if err := b.tree.Withdraw("src", "a.txt"); !errors.Is(err, syscall.EIO) {
		t.Errorf("Withdraw on a failing disk: %v, want EIO", err)
	}
	b.want(map[string]string{"files/a.txt": "text"})
}

// A name that could not be made, and is not there, is no reason to doubt the others.
func TestPublishFailsSurely(t *testing.T) {
	for name, as := range map[string]string{"link files/a.txt": "a.txt", "out of the root": "out/a.txt", "deeper out of the root": "out/x/a.txt"} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t)
			if err := os.Symlink(t.TempDir(), filepath.Join(b.dir, "files", "out")); err != nil {
				t.Fatal(err)
			}
			b.put("src", "text")
			b.fail = name
			if err := b.tree.Publish("src", as); err == nil {
				t.Fatal("it failed, and nobody was told")
			}
			if b.tree.Unsure() {
				t.Error("unsure of what surely is not there")
			}
			b.fail = ""
			if err := b.tree.Publish("src", "b.txt"); err != nil {
				t.Errorf("another name: %v", err)
			}
		})
	}
}
