//go:build unix

package resume

import (
	"io/fs"
	"os"
	"syscall"
)

// StatOf describes the file that info is about.
func StatOf(info fs.FileInfo) Stat {
	s := Stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.Device, s.Inode, s.Changed = uint64(sys.Dev), uint64(sys.Ino), changed(sys)
	}
	return s
}

// SyncDir puts the names in the directory at path on disk.
func SyncDir(path string) (err error) {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := dir.Close(); err == nil {
			err = closeErr
		}
	}()
	return dir.Sync()
}
