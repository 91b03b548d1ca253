// Package publish gives finished files their own names in a directory of their
// own. It is the only package that turns a name from outside into a path.
//
// Publishing neither copies nor overwrites: the file gets a second name by a
// hard link, which fails when the name is taken, and loses its first name only
// after the second one is on disk. Whoever reads the directory sees whole files
// only. See [Tree.Publish] for what a crash leaves.
package publish

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"

	"github.com/longhaul-io/longhaul/server/internal/durable"
)

// ErrTaken means that another file has the name already.
var ErrTaken = errors.New("name is taken")

// errUnsure means that the file has its name but may lose it in a power cut.
var errUnsure = errors.New("its directory failed to sync before; restart the server after mending the disk")

// Tree is the directory of finished files. It is safe for concurrent use.
type Tree struct {
	root *durable.Root
	dir  string

	// unsure says that a link failed, maybe only in its sync. The second sync of
	// a directory succeeds whether or not the first one lost something, so src
	// is not removed on the word of one.
	unsure atomic.Bool

	mu     sync.Mutex
	number map[string]int // the next number to try for a name that was taken
}

// NewTree returns the tree in the directory dir of root.
func NewTree(root *durable.Root, dir string) *Tree {
	return &Tree{root: root, dir: dir, number: make(map[string]int)}
}

// Free returns name, or "name (1)", "name (2)" …, so that no file has it now.
// name must come from [Name].
func (t *Tree) Free(name string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
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
// returns [ErrTaken] when another file has that name; then nothing has changed.
//
// It can be repeated after a crash at any point, with the same arguments: if
// src and name are the same file, only the rest is done, and if src is gone,
// everything was done before.
func (t *Tree) Publish(src, name string) error {
	dst := path.Join(t.dir, name)
	err := t.link(src, dst)
	if errors.Is(err, fs.ErrExist) {
		err = t.linkedBefore(src, dst)
	}
	if errors.Is(err, fs.ErrNotExist) {
		switch _, statErr := t.root.Stat(src); {
		case errors.Is(statErr, fs.ErrNotExist):
			return nil
		case statErr != nil:
			return statErr
		}
	}
	if err != nil {
		return err
	}
	return t.root.Remove(src)
}

// link gives src the name dst, in a directory that it makes again if somebody
// has moved it away.
func (t *Tree) link(src, dst string) error {
	err := t.root.Link(src, dst)
	if errors.Is(err, fs.ErrNotExist) {
		if _, missing := t.root.Stat(t.dir); errors.Is(missing, fs.ErrNotExist) {
			err = errors.Join(t.root.Mkdir(t.dir), t.root.Link(src, dst))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		t.unsure.Store(true)
	}
	return err
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
	return t.root.SyncDir(t.dir)
}

// Open opens the published file called name for reading.
func (t *Tree) Open(name string) (*os.File, error) {
	return t.root.Open(path.Join(t.dir, name))
}

// Stat describes the published file called name.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	return t.root.Stat(path.Join(t.dir, name))
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
	if len(t.number) > 10_000 {
		clear(t.number)
	}
	if n > 0 {
		t.number[name] = n
	}
}
