package powercut

import (
	"io/fs"
	"maps"
	"slices"
	"syscall"
	"time"
)

// sector is what a disk writes wholly or not at all.
const sector = 512

// inode is a file or a directory.
type inode struct {
	ino   uint64
	mode  fs.FileMode // fs.ModeDir and permissions
	mtime time.Time
	links int // names that lead here now

	// Of a file: as programs see it, as it is on disk, and how the one became
	// the other.
	data, synced []byte
	writes       []write

	// Of a directory: likewise.
	names, syncedNames map[string]uint64
	namings            []naming
}

// write is a change of a file: to one sector at most, or a truncation.
type write struct {
	off  int64
	data []byte // nil: truncated, or extended, to off bytes
}

// naming is a change of a directory: name leads to ino, or to nothing if 0. If
// it was renamed in this directory, from is the name that it had.
type naming struct {
	name string
	ino  uint64
	from string
}

func newFile(mode fs.FileMode) *inode {
	return &inode{mode: mode, mtime: time.Now()}
}

func newDir(mode fs.FileMode) *inode {
	return &inode{
		mode: mode | fs.ModeDir, mtime: time.Now(),
		names: make(map[string]uint64), syncedNames: make(map[string]uint64),
	}
}

// write changes data at off. What is behind the end is zeros up to there.
func (n *inode) write(off int64, data []byte) {
	data = slices.Clone(data)
	n.data = overwrite(n.data, off, data)
	n.mtime = time.Now()
	for len(data) > 0 {
		head := min(int64(len(data)), sector-off%sector)
		n.writes = append(n.writes, write{off, data[:head:head]})
		off, data = off+head, data[head:]
	}
}

func (n *inode) truncate(size int64) {
	n.data = resize(n.data, size)
	n.mtime = time.Now()
	n.writes = append(n.writes, write{off: size})
}

// read returns up to size bytes at off.
func (n *inode) read(off int64, size int) []byte {
	if off >= int64(len(n.data)) {
		return nil
	}
	end := min(off+int64(size), int64(len(n.data)))
	return slices.Clone(n.data[off:end])
}

func (n *inode) rename(change naming) {
	n.mtime = time.Now()
	n.namings = append(n.namings, change)
	change.apply(n.names)
}

// fsync makes everything that has happened to n last.
func (n *inode) fsync() {
	if n.mode.IsDir() {
		n.syncedNames, n.namings = maps.Clone(n.names), nil
		return
	}
	for _, w := range n.writes {
		n.synced = w.apply(n.synced)
	}
	n.writes = nil
}

func (w write) apply(data []byte) []byte {
	if w.data == nil {
		return resize(data, w.off)
	}
	return overwrite(data, w.off, w.data)
}

// overwrite puts p into data at off, which grows if it must.
func overwrite(data []byte, off int64, p []byte) []byte {
	if end := off + int64(len(p)); end > int64(len(data)) {
		data = resize(data, end)
	}
	copy(data[off:], p)
	return data
}

// resize cuts data off at size, or fills it up with zeros.
func resize(data []byte, size int64) []byte {
	if old := int64(len(data)); size > old {
		data = slices.Grow(data, int(size-old))[:size]
		clear(data[old:]) // there may be bytes of a longer time
		return data
	}
	return data[:size]
}

func (c naming) apply(names map[string]uint64) {
	delete(names, c.from) // no name is empty
	if c.ino == 0 {
		delete(names, c.name)
	} else {
		names[c.name] = c.ino
	}
}

// stat is what programs see of an inode.
type stat struct {
	ino   uint64
	mode  fs.FileMode
	size  int64
	links int
	mtime time.Time
}

func (n *inode) stat() stat {
	return stat{ino: n.ino, mode: n.mode, size: int64(len(n.data)), links: n.links, mtime: n.mtime}
}

// file returns the file with the number ino.
func (d *Disk) file(ino uint64) (*inode, error) {
	node, ok := d.inodes[ino]
	switch {
	case !ok:
		return nil, syscall.ESTALE
	case node.mode.IsDir():
		return nil, syscall.EISDIR
	}
	return node, nil
}

// dir returns the directory with the number ino.
func (d *Disk) dir(ino uint64) (*inode, error) {
	node, ok := d.inodes[ino]
	switch {
	case !ok:
		return nil, syscall.ESTALE
	case !node.mode.IsDir():
		return nil, syscall.ENOTDIR
	}
	return node, nil
}
