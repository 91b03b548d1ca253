package durable

import (
	"errors"
	"io/fs"
	"math"
	"syscall"

	"golang.org/x/sys/unix"
)

func (r osFS) Space() (space Space, err error) {
	dir, err := r.Open(".")
	if err != nil {
		return Space{}, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	var stat unix.Statfs_t
	err = control(dir, "fstatfs", func(fd int) error { return unix.Fstatfs(fd, &stat) })
	if err != nil {
		return Space{}, err
	}
	if stat.Blocks == 0 {
		return Space{Free: math.MaxInt64}, nil
	}
	bytes := func(blocks uint64) int64 {
		return int64(min(blocks, (math.MaxInt64-1)/uint64(stat.Bsize))) * stat.Bsize
	}
	return Space{Free: bytes(stat.Bavail), Total: bytes(stat.Blocks)}, nil
}

// Allocated returns how many bytes of the disk the file that info describes has
// taken, be they within its size or not.
func Allocated(info fs.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
