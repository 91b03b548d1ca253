package durable

import (
	"io/fs"
	"slices"
	"testing"
)

// unsyncable is a file that must not be synced.
type unsyncable struct {
	File
	*testing.T
}

func (f unsyncable) SyncData() error {
	f.Error("the file was synced")
	return nil
}

func (f unsyncable) StartWriteback(int64, int64) error {
	f.Error("writeback was started")
	return nil
}

type unsyncableFS struct {
	FS
	*testing.T
}

func (u unsyncableFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := u.FS.OpenFile(name, flag, perm)
	return unsyncable{f, u.T}, err
}

func TestUnsynced(t *testing.T) {
	r, s, _ := newRoot(t)
	s.FS = unsyncableFS{s.FS, t}
	r = r.Unsynced()
	check(t, r.Mkdir("dir"))
	f, err := r.Create("file")
	check(t, err)
	_, err = f.WriteAt([]byte("hello"), 0)
	check(t, err)
	check(t, f.StartWriteback(0, 5))
	check(t, f.SyncData())
	check(t, f.Close())
	check(t, r.Link("file", "dir/second"))
	check(t, r.Remove("file"))
	check(t, r.SyncDir("."))
	if want := []string{"mkdir dir", "link dir/second", "remove file"}; !slices.Equal(s.calls, want) {
		t.Errorf("calls %q, want %q", s.calls, want)
	}
}
