package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// spy is a real file system that writes down what changes it, and fails what it
// is told to.
type spy struct {
	FS
	calls []string
	fail  string
}

func (s *spy) call(name string, do func() error) error {
	s.calls = append(s.calls, name)
	if name == s.fail {
		return syscall.EIO
	}
	return do()
}

func (s *spy) Mkdir(name string, perm fs.FileMode) error {
	return s.call("mkdir "+name, func() error { return s.FS.Mkdir(name, perm) })
}

func (s *spy) Link(oldname, newname string) error {
	return s.call("link "+newname, func() error { return s.FS.Link(oldname, newname) })
}

func (s *spy) Remove(name string) error {
	return s.call("remove "+name, func() error { return s.FS.Remove(name) })
}

func (s *spy) SyncDir(name string) error {
	return s.call("sync "+name, func() error { return s.FS.SyncDir(name) })
}

func newRoot(t *testing.T) (*Root, *spy, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	s := &spy{}
	return NewRoot(root).Through(func(below FS) FS { s.FS = below; return s }), s, dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func touch(t *testing.T, r *Root, name string) {
	t.Helper()
	f, err := r.Create(name)
	check(t, err)
	check(t, f.Close())
}

// Each change of a name is followed by a sync of the directory that it is in,
// and the sync's failure is the caller's.
func TestNamesLast(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*Root) error
		want []string
	}{
		{"mkdir", func(r *Root) error { return r.Mkdir("new") }, []string{"mkdir new", "sync ."}},
		{"mkdir below", func(r *Root) error { return r.Mkdir("dir/new") }, []string{"mkdir dir/new", "sync dir"}},
		{"mkdir again", func(r *Root) error { return r.Mkdir("dir") }, []string{"mkdir dir", "sync ."}},
		{"link", func(r *Root) error { return r.Link("file", "dir/new") }, []string{"link dir/new", "sync dir"}},
		{"remove", func(r *Root) error { return r.Remove("dir/file") }, []string{"remove dir/file", "sync dir"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, fail := range append([]string{""}, tt.want...) {
				r, s, dir := newRoot(t)
				check(t, os.Mkdir(filepath.Join(dir, "dir"), 0o700))
				touch(t, r, "file")
				touch(t, r, "dir/file")
				s.fail = fail
				err := tt.do(r)
				if fail == "" && (err != nil || !slices.Equal(s.calls, tt.want)) {
					t.Errorf("calls %q, error %v; want %q", s.calls, err, tt.want)
				}
				if fail != "" && !errors.Is(err, syscall.EIO) {
					t.Errorf("%s failed: error %v", fail, err)
				}
			}
		})
	}
}

func TestFiles(t *testing.T) {
	r, _, dir := newRoot(t)
	f, err := r.Create("file")
	check(t, err)
	if _, err := r.Create("file"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create again: %v, want ErrExist", err)
	}
	_, err = f.WriteAt([]byte("hello world"), 0)
	check(t, err)
	// On this file system it may be refused; it must do no harm.
	_ = f.StartWriteback(0, 11)
	check(t, f.Truncate(5))
	check(t, f.SyncData())
	check(t, f.Close())
	if err := f.SyncData(); err == nil {
		t.Error("SyncData of a closed file: no error")
	}

	f, err = r.OpenWrite("file")
	check(t, err)
	_, err = f.WriteAt([]byte("J"), 0)
	check(t, errors.Join(err, f.SyncData(), f.Close()))
	if got, err := os.ReadFile(filepath.Join(dir, "file")); string(got) != "Jello" {
		t.Errorf("the file holds %q, error %v", got, err)
	}
	info, err := r.Stat("file")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v; want 0600", info.Mode(), err)
	}
	if _, err := r.OpenWrite("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenWrite of no file: %v, want ErrNotExist", err)
	}
}

// A file that cannot be synced says so.
func TestSyncFails(t *testing.T) {
	r, w, err := os.Pipe()
	check(t, err)
	defer r.Close()
	defer w.Close()
	if err := (osFile{w}).SyncData(); err == nil {
		t.Error("SyncData of a pipe: no error")
	}
}

// What is no error, and what is one that can be told apart.
func TestNamesAgain(t *testing.T) {
	r, _, dir := newRoot(t)
	touch(t, r, "file")
	check(t, r.Link("file", "second"))
	if err := r.Link("file", "second"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Link to a name that is taken: %v, want ErrExist", err)
	}
	if err := r.Link("none", "third"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Link from no file: %v, want ErrNotExist", err)
	}
	check(t, r.Remove("file"))
	check(t, r.Remove("file"))
	if names, err := namesIn(r, "."); err != nil || len(names) != 1 || names[0] != "second" {
		t.Errorf("the directory holds %q, error %v; want second", names, err)
	}
	check(t, os.Mkdir(filepath.Join(dir, "full"), 0o700))
	touch(t, r, "full/file")
	if err := r.Remove("full"); err == nil {
		t.Error("a directory with a file in it was removed")
	}
}

func namesIn(r *Root, dir string) (names []string, err error) {
	err = r.Names(dir, func(some []string) error {
		names = append(names, some...)
		return nil
	})
	return names, err
}

// A directory of any size is told whole, some names at a time, until the one who
// is told has enough.
func TestNamesOfMany(t *testing.T) {
	r, _, dir := newRoot(t)
	var want []string
	for i := range 2*namesAtOnce + 1 {
		want = append(want, fmt.Sprintf("%04d", i))
		check(t, os.WriteFile(filepath.Join(dir, want[i]), nil, 0o600))
	}
	got, err := namesIn(r, ".")
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%d names, error %v; want %d", len(got), err, len(want))
	}
	enough, calls := errors.New("enough"), 0
	err = r.Names(".", func(some []string) error {
		if calls++; len(some) > namesAtOnce {
			t.Errorf("%d names at once", len(some))
		}
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("error %v after %d calls, want the caller's own after one", err, calls)
	}
	if _, err := namesIn(r, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v, want ErrNotExist", err)
	}
}

// Nothing reaches out of the root, by name or by link.
func TestConfined(t *testing.T) {
	r, _, dir := newRoot(t)
	outside := filepath.Join(filepath.Dir(dir), "outside")
	check(t, os.WriteFile(outside, []byte("secret"), 0o600))
	check(t, os.Symlink(outside, filepath.Join(dir, "link")))
	check(t, os.Symlink(filepath.Dir(dir), filepath.Join(dir, "up")))
	for _, name := range []string{"../outside", outside, "link", "up/outside", "up/new", "../new"} {
		if f, err := r.Open(name); err == nil {
			f.Close()
			t.Errorf("Open(%q) reaches out", name)
		}
		if f, err := r.OpenWrite(name); err == nil {
			f.Close()
			t.Errorf("OpenWrite(%q) reaches out", name)
		}
		if name == "link" {
			continue
		}
		if f, err := r.Create(name); err == nil {
			f.Close()
			t.Errorf("Create(%q) reaches out", name)
		}
		if r.Mkdir(name) == nil || r.Link("link", name) == nil {
			t.Errorf("Mkdir or Link to %q reaches out", name)
		}
		_ = r.Remove(name)
	}
	if got, err := os.ReadFile(outside); string(got) != "secret" {
		t.Errorf("the file outside holds %q, error %v", got, err)
	}
	if info, err := r.Stat("link"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("Stat follows a link: %v, %v", info, err)
	}
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "c")
	for range 2 {
		check(t, MkdirAll(path))
	}
	for p := path; p != dir; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err != nil || info.Mode() != fs.ModeDir|0o700 {
			t.Errorf("%s is %v, error %v; want a directory for its owner only", p, info, err)
		}
	}
	file := filepath.Join(dir, "file")
	check(t, os.WriteFile(file, nil, 0o600))
	for _, p := range []string{file, filepath.Join(file, "below")} {
		if err := MkdirAll(p); !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("MkdirAll(%s): %v, want ENOTDIR", p, err)
		}
	}
}

func TestLinks(t *testing.T) {
	r, _, _ := newRoot(t)
	touch(t, r, "a")
	for i, name := range []string{"b", "c"} {
		check(t, r.Link("a", name))
		info, err := r.Stat("a")
		check(t, err)
		if got := Links(info); got != i+2 {
			t.Errorf("%d names, want %d", got, i+2)
		}
	}
}
