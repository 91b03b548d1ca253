// Package publish gives finished files their own names in a directory of their
// own. It is the only package that turns a name from outside into a path.
//
// Publishing neither copies nor overwrites: the file gets a second name by a
// hard link, which fails when the name is taken, and loses its first name only
// after the second one is on disk. Whoever reads the directory sees whole files
// only. See [Tree.Publish] for what a crash leaves.
//
// Directories are made as files need them, and stay when their last file goes:
// the next one may be about to be linked there.
package publish

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// maxRemembered bounds what is remembered of names to save time.
const maxRemembered = 10_000

// ErrTaken means that another file has the name already.
var ErrTaken = errors.New("name is taken")

// errUnsure means that the file has its name but may lose it in a power cut.
var errUnsure = errors.New("its directory failed to sync before; restart the server after mending the disk")

// Tree is the directory of finished files. It is safe for concurrent use.
type Tree struct {
	root *durable.Root
	dir  string

	// unsure says that a link failed and may be there, maybe only for want of a
	// sync. The second sync of a directory succeeds whether or not the first one
	// lost something, so src is not removed on the word of one.
	unsure atomic.Bool

	mu     sync.Mutex
	number map[string]int // the next number to try for a name that was taken

	made made
}

// NewTree returns the tree in the directory dir of root, which is on disk.
func NewTree(root *durable.Root, dir string) *Tree {
	return &Tree{
		root: root, dir: dir,
		number: make(map[string]int),
		made:   made{known: map[string]bool{dir: true}, unsure: make(map[string]bool)},
	}
}

// Free returns name, or "name (1)", "name (2)" …, so that no file has it now, and
// no file has the name of a directory in it. name must come from [Path].
func (t *Tree) Free(name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, err := t.freeDir(path.Dir(name))
	if err != nil {
		return "", err
	}
	name = path.Join(dir, path.Base(name))
	for n := 0; ; n = max(n+1, t.number[name]) {
		candidate := numbered(name, n)
		_, err := t.root.Stat(path.Join(t.dir, candidate))
		if errors.Is(err, fs.ErrNotExist) {
			t.remember(name, n)
			return candidate, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// Publish moves the file src, a path below the root, into the tree as name. It
// returns [ErrTaken] when another file has that name, or one of a directory in it;
// then nothing has changed.
//
// It can be repeated after a crash at any point, with the same arguments: if
// src and name are the same file, only the rest is done, and if src is gone,
// everything was done before.
func (t *Tree) Publish(src, name string) error {
	if _, err := t.root.Stat(src); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	dst := path.Join(t.dir, name)
	err := t.link(src, dst)
	if errors.Is(err, fs.ErrNotExist) {
		// Somebody has moved a directory away.
		t.made.forget()
		err = t.link(src, dst)
	}
	if errors.Is(err, fs.ErrExist) {
		err = t.linkedBefore(src, dst)
	}
	if err != nil {
		return err
	}
	return t.root.Remove(src)
}

// link gives src the name dst, in a directory that is on disk.
func (t *Tree) link(src, dst string) error {
	if err := t.makeDir(path.Dir(dst)); err != nil {
		return err
	}
	err := t.root.Link(src, dst)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return err
	case errors.Is(err, syscall.ENOTDIR):
		t.made.forget()
		return ErrTaken
	}
	if t.maybe(dst) {
		t.unsure.Store(true)
	}
	return err
}

// maybe reports whether name, which was to be made and failed, may have been made.
// Whoever may not look at it, or is led out of the root on the way, could not make
// it either.
func (t *Tree) maybe(name string) bool {
	_, err := t.root.Stat(name)
	var errno syscall.Errno
	switch {
	case err == nil:
		return true
	case !errors.As(err, &errno), errno == syscall.ENOTDIR, errno == syscall.ENAMETOOLONG, errno == syscall.ELOOP:
		return false
	}
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission)
}

// Unsure reports whether the name of a file, or of a directory for one, failed to
// sync, so that only a restart can tell whether it is on disk.
func (t *Tree) Unsure() bool {
	t.made.mu.RLock()
	defer t.made.mu.RUnlock()
	return t.unsure.Load() || len(t.made.unsure) > 0
}

// linkedBefore returns nil if dst is src, linked by an earlier attempt that did
// not get further.
func (t *Tree) linkedBefore(src, dst string) error {
	same, err := t.sameFile(src, dst)
	switch {
	case err != nil:
		return err
	case !same:
		return ErrTaken
	case t.unsure.Load():
		return errUnsure
	}
	return t.root.SyncDir(path.Dir(dst))
}

// Open opens the published file called name for reading. The error satisfies
// errors.Is(err, fs.ErrNotExist) when it is not there.
func (t *Tree) Open(name string) (*os.File, error) {
	f, err := t.root.Open(path.Join(t.dir, name))
	return f, missing(err)
}

// Stat describes the published file called name. Its errors are those of Open.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	info, err := t.root.Stat(path.Join(t.dir, name))
	return info, missing(err)
}

// missing returns err, or that there is no such file if another file has come into
// the place of one of its directories.
func missing(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return errors.Join(fs.ErrNotExist, err)
	}
	return err
}

// Withdraw removes the file that src has been or is being published as, name.
// While src is there, name may still be another file's; then nothing happens.
func (t *Tree) Withdraw(src, name string) error {
	dst := path.Join(t.dir, name)
	same, err := t.sameFile(src, dst)
	switch {
	case err == nil && !same:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return t.root.Remove(dst)
}

func (t *Tree) sameFile(a, b string) (bool, error) {
	infoA, err := t.root.Stat(a)
	if err != nil {
		return false, err
	}
	infoB, err := t.root.Stat(b)
	if err != nil {
		return false, err
	}
	return os.SameFile(infoA, infoB), nil
}

// remember keeps a thousand uploads of one name from asking for a thousand
// names each. It is forgotten when large: it only saves time.
func (t *Tree) remember(name string, n int) {
	if len(t.number) > maxRemembered {
		clear(t.number)
	}
	if n > 0 {
		t.number[name] = n
	}
}
