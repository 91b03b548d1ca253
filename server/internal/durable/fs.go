package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// FS is the file system under a [Root]: one method for each call that its
// promises are made of, so that a test can fail each of them. It is an [os.Root]
// but for a disk that fails on purpose; see [Root.Through].
type FS interface {
	Open(name string) (*os.File, error)
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	Lstat(name string) (fs.FileInfo, error)
	Names(name string, each func(names []string) error) error
	Mkdir(name string, perm fs.FileMode) error
	Link(oldname, newname string) error
	Remove(name string) error
	SyncDir(name string) error
	Space() (Space, error)
}

// File is an open file whose content can be made to last.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error

	// SyncData makes the content and the size of the file last, but not its
	// times.
	//
	//	fdatasync (F_FULLFSYNC on macOS, fsync elsewhere)
	SyncData() error

	// StartWriteback asks the kernel to begin writing n bytes from off to the
	// disk without waiting, so that a later SyncData has less left to do. It
	// promises nothing; an error means only that the filesystem does not offer
	// it, and outside Linux it does nothing.
	//
	//	sync_file_range(off, n, SYNC_FILE_RANGE_WRITE)
	StartWriteback(off, n int64) error
}

// namesAtOnce bounds what a directory of any size takes of the memory.
const namesAtOnce = 512

type osFS struct{ *os.Root }

func (r osFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := r.Root.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (r osFS) Names(name string, each func(names []string) error) (err error) {
	dir, err := r.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	for {
		names, err := dir.Readdirnames(namesAtOnce)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(names); err != nil {
			return err
		}
	}
}

func (r osFS) SyncDir(name string) (err error) {
	dir, err := r.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	return dir.Sync()
}

// osFile is a [File] on the disk. How it syncs is in data_*.go.
type osFile struct{ *os.File }
