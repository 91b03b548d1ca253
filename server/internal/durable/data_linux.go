package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncData makes the content and the size of f last, but not its times.
//
//	fdatasync(f)
func SyncData(f *os.File) error {
	return control(f, "fdatasync", func(fd int) error { return unix.Fdatasync(fd) })
}

// StartWriteback asks the kernel to begin writing n bytes of f from off to the
// disk without waiting, so that a later [SyncData] has less left to do. It
// promises nothing; an error means only that the filesystem does not offer it.
//
//	sync_file_range(f, off, n, SYNC_FILE_RANGE_WRITE)
func StartWriteback(f *os.File, off, n int64) error {
	return control(f, "sync_file_range", func(fd int) error {
		return unix.SyncFileRange(fd, off, n, unix.SYNC_FILE_RANGE_WRITE)
	})
}

func control(f *os.File, call string, fn func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var callErr error
	err = conn.Control(func(fd uintptr) {
		for {
			if callErr = fn(int(fd)); callErr != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return os.NewSyscallError(call, callErr)
}
