package powercut

import (
	"sync"
)

// rootIno is the inode number of the root directory; it is FUSE's, too.
const rootIno = 1

// Disk is a filesystem in memory that tells what is synced from what is not. It
// is safe for concurrent use.
type Disk struct {
	mu     sync.Mutex
	inodes map[uint64]*inode
	next   uint64 // the next inode number; none is used twice, not even after a cut
	armed  bool
	left   int // events until the power fails, if armed
	off    chan struct{}
}

// New returns an empty disk with the power on.
func New() *Disk {
	d := &Disk{inodes: make(map[uint64]*inode), next: rootIno, off: make(chan struct{})}
	root := d.add(newDir(0o700))
	root.links = 2
	return d
}

// add gives node a number. The caller holds d.mu.
func (d *Disk) add(node *inode) *inode {
	node.ino = d.next
	d.next++
	d.inodes[node.ino] = node
	return node
}

// CutAfter lets the power fail when n more events have happened. An event is a
// change of a file or of a directory, a sync, or a [Disk.Witness]: the moments
// between which a cut makes a difference.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed, d.left = true, n
}

// Cut lets the power fail now, unless it has failed already: from here on
// nothing changes any more, and every request fails.
func (d *Disk) Cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut()
}

func (d *Disk) cut() {
	if d.powered() {
		close(d.off)
	}
}

// Off returns a channel that is closed when the power fails.
func (d *Disk) Off() <-chan struct{} { return d.off }

// Witness calls fn at a moment at which the power is on, and returns true, or
// returns false if it has failed. A test notes in fn what it was promised: a
// cut then comes wholly before or wholly after the note, so that nothing is
// demanded of the disk that was heard of only after the cut. fn must not use d.
func (d *Disk) Witness(fn func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.event() {
		return false
	}
	fn()
	return true
}

// powered reports whether the power is on. The caller holds d.mu.
func (d *Disk) powered() bool {
	select {
	case <-d.off:
		return false
	default:
		return true
	}
}

// event reports whether the power lasts for one more event. The caller holds
// d.mu.
func (d *Disk) event() bool {
	if d.armed {
		if d.left <= 0 {
			d.cut()
		}
		d.left--
	}
	return d.powered()
}
