package durable

import (
	"errors"
	"os"
	"syscall"
)

// writebackEvery is how many bytes are handed to the disk at a time while more
// arrive, where they go through the page cache.
const writebackEvery = 8 << 20

// Direct writes large amounts of bytes to a file, around the page cache where
// the file system lets it: that takes half of the processor time, leaves the
// cache to others and the next sync little to do. Elsewhere it writes through
// the page cache and starts the writeback early.
//
// Both ways may be mixed in one file: the kernel sees to it that each sees what
// the other has written.
type Direct struct {
	file    File
	direct  File  // with O_DIRECT; nil where that is not to be had
	flushed int64 // up to where writeback was started
}

// OpenDirect returns a Direct for file, which is open for writing and called
// name, and stays the caller's to sync and to close.
//
//	openat(name, O_WRONLY|O_DIRECT)
func (r *Root) OpenDirect(file File, name string) *Direct {
	d := &Direct{file: file}
	if directFlag == 0 {
		return d
	}
	// A file system without it says EINVAL. Whatever else it says, there is
	// another way.
	if direct, err := r.disk.OpenFile(name, os.O_WRONLY|directFlag, 0); err == nil {
		d.direct = direct
	}
	return d
}

// WriteAt implements io.WriterAt. What p has in whole pages goes around the page
// cache, if p is the memory that [Block.At] gave for off.
//
//	pwrite up to a multiple of 4 KiB; pwrite of whole pages, O_DIRECT; pwrite of the rest
func (d *Direct) WriteAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && err == nil {
		to, size := d.next(off+int64(n), len(p)-n)
		var written int
		written, err = to.WriteAt(p[n:n+size], off+int64(n))
		n += written
		if to == d.direct && (refused(err) || full(err)) {
			err = d.Close()
		}
	}
	if d.direct == nil && off+int64(n)-d.flushed >= writebackEvery {
		// Only a head start: where it is not to be had, the sync does it all.
		_ = d.file.StartWriteback(d.flushed, off+int64(n)-d.flushed)
		d.flushed = off + int64(n)
	}
	return n, err
}

// next returns which way the first of size bytes at off go, and how many of them.
func (d *Direct) next(off int64, size int) (File, int) {
	past := int(off % pageSize)
	switch {
	case d.direct == nil:
		return d.file, size
	case past > 0:
		return d.file, min(pageSize-past, size)
	case size < pageSize:
		return d.file, size
	}
	return d.direct, size &^ (pageSize - 1)
}

// refused reports whether err is how a file system, or a disk with larger
// sectors, says that it does not take such writes. Some do at the first write.
func refused(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EOPNOTSUPP)
}

// full reports whether err says that there is no room for all of it. Around the
// page cache that may mean none of it; through it, what fits is written.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// Close lets go of the way around the page cache, if there is one. What is
// written after that goes through it.
func (d *Direct) Close() error {
	if d.direct == nil {
		return nil
	}
	defer func() { d.direct = nil }()
	return d.direct.Close()
}
