//go:build fuse

package powercut

import (
	"io/fs"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// requests answers what the kernel asks for from a disk. Node ids are inode
// numbers, and nothing may be cached, so that there is nothing to forget.
type requests struct {
	fuse.RawFileSystem
	disk *Disk

	mu       sync.Mutex
	handle   uint64
	listings map[uint64][]fuse.DirEntry // of open directories, by handle
}

func newRequests(disk *Disk) *requests {
	return &requests{
		RawFileSystem: fuse.NewDefaultRawFileSystem(), disk: disk,
		listings: make(map[uint64][]fuse.DirEntry),
	}
}

// look calls fn while the power is on.
func (r *requests) look(fn func(d *Disk) error) fuse.Status {
	r.disk.mu.Lock()
	defer r.disk.mu.Unlock()
	if !r.disk.powered() {
		return fuse.EIO
	}
	return fuse.ToStatus(fn(r.disk))
}

// change calls fn if the power lasts for one more event.
func (r *requests) change(fn func(d *Disk) error) fuse.Status {
	r.disk.mu.Lock()
	defer r.disk.mu.Unlock()
	if !r.disk.event() {
		return fuse.EIO
	}
	return fuse.ToStatus(fn(r.disk))
}

func fillEntry(out *fuse.EntryOut, s stat) {
	out.NodeId, out.Generation = s.ino, 1
	fillAttr(&out.Attr, s)
}

func fillAttr(out *fuse.Attr, s stat) {
	*out = fuse.Attr{Ino: s.ino, Size: uint64(s.size), Blocks: uint64(s.size+sector-1) / sector, Mode: mode(s.mode), Nlink: uint32(s.links), Blksize: 4096}
	out.SetTimes(&s.mtime, &s.mtime, &s.mtime)
	out.Uid, out.Gid = uint32(unix.Geteuid()), uint32(unix.Getegid())
}

func mode(m fs.FileMode) uint32 {
	if m.IsDir() {
		return unix.S_IFDIR | uint32(m.Perm())
	}
	return unix.S_IFREG | uint32(m.Perm())
}

func (r *requests) Lookup(_ <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	return r.look(func(d *Disk) error {
		node, err := d.lookup(in.NodeId, name)
		if err == nil {
			fillEntry(out, node.stat())
		}
		return err
	})
}

func (r *requests) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	return r.look(func(d *Disk) error {
		node, ok := d.inodes[in.NodeId]
		if !ok {
			return syscall.ESTALE
		}
		fillAttr(&out.Attr, node.stat())
		return nil
	})
}

func (r *requests) SetAttr(_ <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	return r.change(func(d *Disk) error {
		node, ok := d.inodes[in.NodeId]
		if !ok {
			return syscall.ESTALE
		}
		if size, ok := in.GetSize(); ok {
			node.truncate(int64(size))
		}
		if perm, ok := in.GetMode(); ok {
			node.mode = node.mode.Type() | fs.FileMode(perm).Perm()
		}
		fillAttr(&out.Attr, node.stat())
		return nil
	})
}

func (r *requests) Mkdir(_ <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	return r.change(func(d *Disk) error {
		node, err := d.create(in.NodeId, name, newDir(fs.FileMode(in.Mode).Perm()))
		if err == nil {
			fillEntry(out, node.stat())
		}
		return err
	})
}

func (r *requests) Link(_ <-chan struct{}, in *fuse.LinkIn, name string, out *fuse.EntryOut) fuse.Status {
	return r.change(func(d *Disk) error {
		node, err := d.link(in.Oldnodeid, in.NodeId, name)
		if err == nil {
			fillEntry(out, node.stat())
		}
		return err
	})
}

func (r *requests) Unlink(_ <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	return r.change(func(d *Disk) error { return d.unlink(in.NodeId, name) })
}

func (r *requests) Rmdir(_ <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	return r.change(func(d *Disk) error { return d.rmdir(in.NodeId, name) })
}

func (r *requests) Rename(_ <-chan struct{}, in *fuse.RenameIn, oldName, newName string) fuse.Status {
	if in.Flags != 0 {
		return fuse.EINVAL
	}
	return r.change(func(d *Disk) error { return d.rename(in.NodeId, oldName, in.Newdir, newName) })
}

func (r *requests) FsyncDir(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return r.Fsync(nil, in)
}

// OpenDir lists the directory at once: what changes while it is being read is
// seen wholly or not at all.
func (r *requests) OpenDir(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	var entries []fuse.DirEntry
	status := r.look(func(d *Disk) error {
		dir, err := d.dir(in.NodeId)
		if err != nil {
			return err
		}
		for i, name := range dir.sortedNames() {
			node := d.inodes[dir.names[name]]
			entries = append(entries, fuse.DirEntry{Name: name, Ino: node.ino, Mode: mode(node.mode), Off: uint64(i + 1)})
		}
		return nil
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handle++
	out.Fh = r.handle
	r.listings[r.handle] = entries
	return status
}

func (r *requests) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	entries := r.listings[in.Fh]
	for _, entry := range entries[min(in.Offset, uint64(len(entries))):] {
		if !out.AddDirEntry(entry) {
			break
		}
	}
	return fuse.OK
}

func (r *requests) ReleaseDir(in *fuse.ReleaseIn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.listings, in.Fh)
}

func (r *requests) Access(<-chan struct{}, *fuse.AccessIn) fuse.Status { return fuse.OK }

// StatFs reports 64 GiB, half of them free.
func (r *requests) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	const blocks = 64 << 30 / 4096
	*out = fuse.StatfsOut{Blocks: blocks, Bfree: blocks / 2, Bavail: blocks / 2, Files: 1 << 20, Ffree: 1 << 19, Bsize: 4096, Frsize: 4096, NameLen: 255}
	return fuse.OK
}
