package durable

import (
	"errors"
	"math"

	"golang.org/x/sys/unix"
)

// Free returns how many bytes this process can still store. A file system that
// does not tell counts as boundless.
//
//	openat(".", O_RDONLY); fstatfs; close
func (r *Root) Free() (free int64, err error) {
	dir, err := r.disk.Open(".")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	var stat unix.Statfs_t
	err = control(dir, "fstatfs", func(fd int) error { return unix.Fstatfs(fd, &stat) })
	if err != nil || stat.Blocks == 0 {
		return math.MaxInt64, err
	}
	return int64(min(stat.Bavail, math.MaxInt64/uint64(stat.Bsize))) * stat.Bsize, nil
}
