//go:build fuse

package powercut

import (
	"io/fs"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

func (r *requests) Create(_ <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	status := r.change(func(d *Disk) error {
		node, err := d.create(in.NodeId, name, newFile(fs.FileMode(in.Mode).Perm()))
		if err == syscall.EEXIST && in.Flags&unix.O_EXCL == 0 {
			node, err = d.lookup(in.NodeId, name)
		}
		if err == nil {
			fillEntry(&out.EntryOut, node.stat())
		}
		return err
	})
	if status.Ok() {
		status = r.Open(nil, &fuse.OpenIn{InHeader: fuse.InHeader{NodeId: out.NodeId}, Flags: in.Flags}, &out.OpenOut)
	}
	return status
}

func (r *requests) Open(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	if in.Flags&unix.O_DIRECT != 0 {
		out.OpenFlags |= fuse.FOPEN_DIRECT_IO
	}
	open := func(d *Disk) error {
		node, err := d.file(in.NodeId)
		if err == nil && in.Flags&unix.O_TRUNC != 0 {
			node.truncate(0)
		}
		return err
	}
	if in.Flags&unix.O_TRUNC != 0 {
		return r.change(open)
	}
	return r.look(open)
}

func (r *requests) Read(_ <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	var data []byte
	status := r.look(func(d *Disk) error {
		node, err := d.file(in.NodeId)
		if err == nil {
			data = node.read(int64(in.Offset), len(buf))
		}
		return err
	})
	return fuse.ReadResultData(data), status
}

func (r *requests) Write(_ <-chan struct{}, in *fuse.WriteIn, data []byte) (uint32, fuse.Status) {
	if in.Flags&unix.O_DIRECT != 0 && (in.Offset%sector != 0 || len(data)%sector != 0) {
		return 0, fuse.EINVAL
	}
	status := r.change(func(d *Disk) error {
		node, err := d.file(in.NodeId)
		if err == nil {
			node.write(int64(in.Offset), data)
		}
		return err
	})
	return uint32(len(data)), status
}

// Fsync makes a file or a directory last. Fdatasync comes here too: it may leave
// out times, which are not modelled.
func (r *requests) Fsync(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return r.change(func(d *Disk) error {
		node, ok := d.inodes[in.NodeId]
		if !ok {
			return syscall.ESTALE
		}
		node.fsync()
		return nil
	})
}

// Fallocate reserves nothing, as nothing runs out.
func (r *requests) Fallocate(_ <-chan struct{}, in *fuse.FallocateIn) fuse.Status {
	if in.Mode != unix.FALLOC_FL_KEEP_SIZE {
		return fuse.Status(syscall.EOPNOTSUPP)
	}
	return r.change(func(*Disk) error { return nil })
}
