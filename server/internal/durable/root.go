package durable

import (
	"errors"
	"io/fs"
	"os"
	"path"
)

// Root is a directory tree that nothing reaches out of, with changes that last.
// All names are slash-separated and relative to it. It is safe for concurrent
// use.
type Root struct{ disk FS }

// NewRoot returns a Root over root, which stays the caller's to close.
func NewRoot(root *os.Root) *Root { return &Root{osFS{root}} }

// Through returns a Root that reaches the same files through wrap's result, for
// tests that need a disk which fails.
func (r *Root) Through(wrap func(FS) FS) *Root { return &Root{wrap(r.disk)} }

// Open opens the file called name for reading.
func (r *Root) Open(name string) (*os.File, error) { return r.disk.Open(name) }

// OpenWrite opens the existing file called name for reading and writing.
func (r *Root) OpenWrite(name string) (File, error) {
	return r.disk.OpenFile(name, os.O_RDWR, 0)
}

// Stat describes the file called name, not following a final symbolic link.
func (r *Root) Stat(name string) (fs.FileInfo, error) { return r.disk.Lstat(name) }

// Names calls each with the names in the directory called name, some at a time
// and in no order, until it has told all or each returns an error. Names that
// come or go meanwhile may be told or not.
func (r *Root) Names(name string, each func(names []string) error) error {
	return r.disk.Names(name, each)
}

// Create makes the file called name, which must not exist yet, for reading and
// writing. Its entry lasts only after [Root.SyncDir] of its directory, so that
// several files cost one sync.
//
//	openat(name, O_RDWR|O_CREAT|O_EXCL, 0600)
func (r *Root) Create(name string) (File, error) {
	return r.disk.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// Mkdir makes the directory called name and its entry last. It is no error if
// the directory is there already.
//
//	mkdirat(name, 0700); fsync(parent)
func (r *Root) Mkdir(name string) error {
	if err := r.disk.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return r.SyncDir(path.Dir(name))
}

// Link gives the file called oldname a second name that must not exist yet, and
// makes that name last. The error satisfies errors.Is(err, fs.ErrExist) when
// newname is taken.
//
//	linkat(oldname, newname); fsync(parent of newname)
func (r *Root) Link(oldname, newname string) error {
	if err := r.disk.Link(oldname, newname); err != nil {
		return err
	}
	return r.SyncDir(path.Dir(newname))
}

// Remove removes the files called names, all in one directory, in that order, and
// makes that last. A name that does not exist is no error: whoever asks again
// after a lost answer gets the same one.
//
//	for each name: unlinkat(name); then fsync(parent)
func (r *Root) Remove(names ...string) error {
	for _, name := range names {
		if err := r.disk.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return r.SyncDir(path.Dir(names[0]))
}

// SyncDir makes the entries of the directory called name last.
//
//	openat(name, O_RDONLY); fsync; close
func (r *Root) SyncDir(name string) error { return r.disk.SyncDir(name) }
