package durable

import "io/fs"

// Unsynced returns a Root over the same files that syncs nothing: what its
// functions do lasts when the operating system comes to it, in any order. Names
// and content are right for as long as the machine runs.
func (r *Root) Unsynced() *Root {
	return r.Through(func(below FS) FS { return unsyncedFS{below} })
}

type unsyncedFS struct{ FS }

func (u unsyncedFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := u.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

func (unsyncedFS) SyncDir(string) error { return nil }

type unsyncedFile struct{ File }

func (unsyncedFile) SyncData() error { return nil }

func (unsyncedFile) StartWriteback(int64, int64) error { return nil }
