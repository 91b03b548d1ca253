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
type Root struct{ root *os.Root }

// NewRoot returns a Root over root, which stays the caller's to close.
func NewRoot(root *os.Root) *Root { return &Root{root} }

// Open opens the file called name for reading.
func (r *Root) Open(name string) (*os.File, error) { return r.root.Open(name) }

// OpenWrite opens the existing file called name for reading and writing.
func (r *Root) OpenWrite(name string) (*os.File, error) {
	return r.root.OpenFile(name, os.O_RDWR, 0)
}

// Stat describes the file called name, not following a final symbolic link.
func (r *Root) Stat(name string) (fs.FileInfo, error) { return r.root.Lstat(name) }

// ReadDir lists the directory called name, sorted by file name.
func (r *Root) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(r.root.FS(), name)
}

// Create makes the file called name, which must not exist yet, for reading and
// writing. Its entry lasts only after [Root.SyncDir] of its directory, so that
// several files cost one sync.
//
//	openat(name, O_RDWR|O_CREAT|O_EXCL, 0600)
func (r *Root) Create(name string) (*os.File, error) {
	return r.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// Mkdir makes the directory called name and its entry last. It is no error if
// the directory is there already.
//
//	mkdirat(name, 0700); fsync(parent)
func (r *Root) Mkdir(name string) error {
	if err := r.root.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
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
	if err := r.root.Link(oldname, newname); err != nil {
		return err
	}
	return r.SyncDir(path.Dir(newname))
}

// Remove removes the file called name and makes that last. A name that does not
// exist is no error: whoever asks again after a lost answer gets the same one.
//
//	unlinkat(name); fsync(parent)
func (r *Root) Remove(name string) error {
	if err := r.root.Remove(name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return r.SyncDir(path.Dir(name))
}

// SyncDir makes the entries of the directory called name last.
//
//	openat(name, O_RDONLY); fsync; close
func (r *Root) SyncDir(name string) (err error) {
	dir, err := r.root.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return dir.Sync()
}
