package durable

import (
	"os"

	"golang.org/x/sys/unix"
)

func (f osFile) SyncData() error {
	return control(f.File, "fdatasync", func(fd int) error { return unix.Fdatasync(fd) })
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
