package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

func (f osFile) SyncData() error {
	return control(f.File, "fdatasync", func(fd int) error { return unix.Fdatasync(fd) })
}

// WriteAt is os.File's, but tells also how much of p was written before an error,
// as on a disk that has no room for all of it.
func (f osFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = control(f.File, "pwrite", func(fd int) error {
		for n < len(p) {
			written, err := unix.Pwrite(fd, p[n:], off+int64(n))
			if err != nil {
				return err
			}
			n += written
		}
		return nil
	})
	return n, err
}

func (f osFile) StartWriteback(off, n int64) error {
	return control(f.File, "sync_file_range", func(fd int) error {
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
